from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from fer_core.errors import PhotoError, PredictorError
from fer_core.labels import SEVEN
from fer_core.photos import analysis as analysis_module
from fer_core.photos import faces, images
from fer_core.photos.analysis import analyse, decide
from fer_core.photos.faces import Face
from fer_core.predictors.base import Predictor, PredictorInfo

FACES = [Face((10, 10, 60, 60), 0.9), Face((80, 20, 30, 40), 0.8)]


def make_info(name="made", **changes):
    given = {"classes": SEVEN, "input_size": 48, "channels": 1} | changes
    return PredictorInfo(name=name, title="made up", origin="a test", licence="none", source="", **given)


@dataclass
class Scripted:
    """A predictor that says the same of every face and remembers what it was shown."""

    info: PredictorInfo
    row: tuple[float, ...] = (0.5, 0.3, 0.2, 0, 0, 0, 0)
    batches: list[np.ndarray] = field(default_factory=list)

    @property
    def name(self):
        return self.info.name

    @property
    def classes(self):
        return self.info.classes

    @property
    def input_size(self):
        return self.info.input_size

    def predict(self, crops):
        self.batches.append(crops)
        return np.tile(np.float32(self.row), (len(crops), 1))


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)


@pytest.fixture
def searches(monkeypatch):
    """Stands in for the detector: two faces, and a list of how it was asked."""
    asked = []

    def find(_, *, min_score, detector):
        asked.append((min_score, detector))
        return FACES

    monkeypatch.setattr(analysis_module.faces, "find", find)
    return asked


def crops_of(count):
    return np.zeros((count, 48, 48, 1), np.uint8)


def test_the_stand_in_is_a_predictor():
    assert isinstance(Scripted(make_info()), Predictor)


class TestDecide:
    def test_plain_probabilities_when_the_temperature_is_one(self):
        row = [0.1, 0.05, 0.05, 0.6, 0.1, 0.05, 0.05]
        [prediction] = decide(make_info(), [row], crops_of(1))

        assert prediction.label == "happy"
        assert prediction.confidence == pytest.approx(0.6)
        assert list(prediction.probabilities) == list(SEVEN)
        assert list(prediction.probabilities.values()) == pytest.approx(row)

    def test_temperature_spreads_the_probabilities(self):
        [prediction] = decide(make_info(temperature=2.0), [[0.64, 0.32, 0.04, 0, 0, 0, 0]], crops_of(1))

        roots = np.sqrt([0.64, 0.32, 0.04])
        assert prediction.confidence == pytest.approx(0.8 / roots.sum())
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-12)
        assert prediction.probabilities["neutral"] == pytest.approx(0)

    @pytest.mark.parametrize(("threshold", "unsure"), [(0.5, False), (0.50001, True), (0.0, False), (1.0, True)])
    def test_unsure_is_strictly_below_the_threshold(self, threshold, unsure):
        [prediction] = decide(make_info(threshold=threshold), [[0.5, 0.25, 0.25, 0, 0, 0, 0]], crops_of(1))

        assert prediction.unsure is unsure

    def test_the_threshold_is_held_against_calibrated_confidence(self):
        info = make_info(temperature=3.0, threshold=0.8)
        [prediction] = decide(info, [[0.9, 0.1, 0, 0, 0, 0, 0]], crops_of(1))

        assert prediction.confidence < 0.8
        assert prediction.unsure

    def test_runner_up_is_the_second(self):
        [prediction] = decide(make_info(), [[0.1, 0, 0.3, 0, 0.4, 0.2, 0]], crops_of(1))

        assert (prediction.label, prediction.runner_up) == ("sad", "fear")

    def test_runner_up_of_a_certain_answer_is_another_expression(self):
        [prediction] = decide(make_info(), [[1, 0, 0, 0, 0, 0, 0]], crops_of(1))

        assert prediction.confidence == pytest.approx(1)
        assert prediction.runner_up != prediction.label

    def test_each_answer_keeps_its_crop(self):
        crops = np.arange(2, dtype=np.uint8).reshape(2, 1, 1, 1) * np.ones((1, 48, 48, 1), np.uint8)
        predictions = decide(make_info(), np.eye(7)[:2], crops)

        assert [int(prediction.crop.max()) for prediction in predictions] == [0, 1]
        assert [prediction.label for prediction in predictions] == ["angry", "disgust"]

    def test_no_face_no_answer(self):
        assert decide(make_info(), np.empty((0, 7)), crops_of(0)) == []

    @pytest.mark.parametrize("rows", [np.ones((1, 8)) / 8, np.ones((2, 7)) / 7, np.full((1, 7), np.nan)])
    def test_what_does_not_fit_the_classes_is_refused(self, rows):
        with pytest.raises(PredictorError, match=r"made gave .* expected"):
            decide(make_info(), rows, crops_of(1))


@pytest.mark.usefixtures("searches")
class TestAnalyse:
    def test_faces_by_models(self, photo):
        first = Scripted(make_info("first"))
        second = Scripted(make_info("second"), row=(0, 0, 0, 1, 0, 0, 0))

        result = analyse(photo, [first, second])

        assert [face.face for face in result.faces] == FACES
        assert [[p.model for p in face.predictions] for face in result.faces] == [["first", "second"]] * 2
        assert [p.label for p in result.faces[0].predictions] == ["angry", "happy"]
        assert all(face.disagree for face in result.faces)

    def test_models_of_one_mind_do_not_disagree(self, photo):
        result = analyse(photo, [Scripted(make_info("first")), Scripted(make_info("second"))])

        assert not any(face.disagree for face in result.faces)

    def test_one_detection_and_one_batch_a_model(self, photo, searches):
        models = [Scripted(make_info(name)) for name in "abc"]

        analyse(photo, models, min_score=0.4, detector="haar")

        assert searches == [(0.4, "haar")]
        assert [[len(batch) for batch in model.batches] for model in models] == [[2]] * 3

    def test_crops_are_cut_once_a_size_and_shared(self, photo):
        small, same, large = (Scripted(make_info(str(size), input_size=size)) for size in (48, 48, 64))
        colour = Scripted(make_info("colour", channels=3))

        result = analyse(photo, [small, same, large, colour])

        assert same.batches[0] is small.batches[0]
        assert large.batches[0].shape == (2, 64, 64, 1)
        assert colour.batches[0].shape == (2, 48, 48, 3)
        assert np.array_equal(result.faces[1].predictions[2].crop, large.batches[0][1])

    def test_no_face_is_an_answer_without_expression(self, photo, monkeypatch):
        monkeypatch.setattr(analysis_module.faces, "find", lambda *_, **__: [])
        model = Scripted(make_info())

        result = analyse(photo, [model], detector="yunet")

        assert result.faces == ()
        assert result.detector == "yunet"
        assert model.batches == []

    def test_faces_without_models(self, photo):
        assert [face.predictions for face in analyse(photo, []).faces] == [(), ()]

    def test_a_face_crop_is_not_searched(self, searches):
        crop = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
        model = Scripted(make_info())

        result = analyse(np.dstack([crop] * 3), [model], already_face=True)

        assert searches == []
        assert result.detector == "none"
        assert result.faces[0].face.box == (0, 0, 48, 48)
        assert np.array_equal(model.batches[0][0, :, :, 0], crop)

    def test_every_stage_is_timed(self, photo):
        result = analyse(photo, [Scripted(make_info("first")), Scripted(make_info("second", input_size=64))])

        assert list(result.milliseconds) == ["decode", "detect", "crop", "predict:first", "predict:second"]
        assert all(duration >= 0 for duration in result.milliseconds.values())

    def test_bytes_and_pixels_give_the_same(self, photo):
        import cv2

        data = cv2.imencode(".png", photo[:, :, ::-1])[1].tobytes()

        assert np.array_equal(analyse(data, [Scripted(make_info())]).photo, photo)

    @pytest.mark.parametrize("shape", [(90, 120), (90, 120, 4), (1, 90, 120, 3)])
    def test_pixels_of_another_shape_are_refused(self, shape):
        with pytest.raises(PhotoError, match="expected uint8"):
            analyse(np.zeros(shape, np.uint8), [])

    def test_pixels_of_another_type_are_refused(self):
        with pytest.raises(PhotoError, match="float64"):
            analyse(np.zeros((90, 120, 3)), [])

    def test_bytes_that_are_no_photo_are_refused(self):
        with pytest.raises(PhotoError):
            analyse(b"no photo", [])


def enlarged_jpeg(picture, width):
    height = round(len(picture) * width / picture.shape[1])
    large = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def test_a_large_jpeg_is_decoded_reduced_and_its_faces_stand_in_its_own_pixels(hopper):
    predictor = Scripted(make_info())
    data = enlarged_jpeg(hopper, 3000)
    result = analyse(data, [predictor], detector="haar")
    assert result.divisor == 4
    assert result.photo.shape == (879, 750, 3)
    whole = analyse(images.decode(data), [predictor], detector="haar")
    reduced_face, face = result.faces[0].face, whole.faces[0].face
    assert len(result.faces) == len(whole.faces) == 1
    assert np.allclose(reduced_face.box, face.box, atol=0.03 * face.box[2])
    assert abs(reduced_face.roll - face.roll) < 6  # the cascades find eyes behind glasses to within a few pixels


def test_a_small_face_in_a_large_jpeg_is_cut_from_all_its_pixels(hopper):
    canvas = np.full((2000, 3000, 3), 128, np.uint8)
    canvas[700:1000, 1400:1656] = cv2.resize(hopper, (256, 300), interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", canvas[:, :, ::-1])[1].tobytes()
    found = analyse(data, [Scripted(make_info())], detector="haar", min_score=0.5)
    assert found.divisor == 1
    assert found.photo.shape == canvas.shape
    assert len(found.faces) == 1
    x, y, width, height = found.faces[0].face.box
    assert 1400 < x < x + width < 1656
    assert 700 < y < y + height < 1000


def test_a_reduced_photo_gives_the_same_crop(hopper):
    data = enlarged_jpeg(hopper, 3000)
    reduced, divisor = images.decode_reduced(data, 1280)
    face = Face((250, 110, 180, 240), 1.0, 5.0)
    full = faces.crop(images.decode(data), [faces.scaled(face, 3000 / 512)], 48, 1).astype(int)
    assert divisor == 2
    assert np.abs(faces.crop(reduced, [faces.scaled(face, 1500 / 512)], 48, 1) - full).mean() < 2


@pytest.fixture
def half_seen(monkeypatch):
    """One face of which the picture shows half."""
    monkeypatch.setattr(analysis_module.faces, "find", lambda *_, **__: [Face((-30, 10, 60, 60), 0.9)])


@pytest.mark.usefixtures("half_seen")
def test_of_half_a_face_no_answer_is_sure_and_the_reason_is_told(photo):
    sure, model = Scripted(make_info("sure"), row=(0, 0, 0, 1, 0, 0, 0)), Scripted(make_info("other"))
    (face,) = analyse(photo, [sure, model]).faces
    for prediction in face.predictions:
        assert prediction.unsure
        assert prediction.reason == "only half of the face is in the picture"
    assert face.predictions[0].confidence == pytest.approx(1)


def test_a_photo_that_is_one_face_crop_is_not_judged():
    crop = np.full((12, 12, 3), 90, np.uint8)
    small = np.kron(crop, np.ones((2, 2, 1), np.uint8))
    (face,) = analyse(small, [Scripted(make_info(), row=(0, 0, 0, 1, 0, 0, 0))], already_face=True).faces
    assert (face.predictions[0].unsure, face.predictions[0].reason) == (False, "")


def test_a_sure_answer_has_no_reason(photo, monkeypatch):
    """A small face explains a doubt, and makes none."""
    monkeypatch.setattr(analysis_module.faces, "find", lambda *_, **__: [Face((20, 20, 25, 30), 0.9)])
    sure, unsure = Scripted(make_info("a"), row=(0, 0, 0, 1, 0, 0, 0)), Scripted(make_info("b", threshold=0.9))
    (face,) = analyse(photo, [sure, unsure]).faces
    assert [one.unsure for one in face.predictions] == [False, True]
    assert [one.reason for one in face.predictions] == ["", "the face is only 30 pixels high"]
