"""A face from one frame of a film to the next: a small picture around where it was, in place of the whole frame."""

from dataclasses import replace

from fer_core.photos.detection.detectors import Detector
from fer_core.photos.detection.face import Face
from fer_core.photos.detection.search import RULES, Search
from fer_core.photos.images import Photo


class Following(Search):
    """Looks for faces in a frame of a film, whose frame before is known. As `Finder` in browser/engine/search.js."""

    def __init__(self, frame: Photo, detector: Detector, min_score: float, size: int) -> None:
        """Nothing is looked at yet.

        Args:
            frame: of a film.
            detector: finds faces in a picture.
            min_score: detections below this score are left out.
            size: in pixels at which a followed face is looked at.
        """
        super().__init__(frame, detector, min_score)
        self._strategy = replace(detector.strategy, face=min(size, detector.strategy.face))
        self._turned = RULES.most_turned  # in a film a slanted face stands upright soon

    def follow(self, face: Face) -> Face | None:
        """The face that was `face` in the frame before; None when it is gone."""
        found = self._seen_at(face, face.roll)
        levelled = self._levelled(found, face.roll) if found else None
        return levelled if levelled and levelled.score >= self._min_score else None

    def upright(self, known: list[Face]) -> list[Face]:
        """Upright faces beside those known. The first view that shows one is the last."""
        for longest, roll in self._strategy.searches:
            found = self._faces([self._whole(longest, roll)], known) if roll == 0 else []
            if found:
                return found
        return []
