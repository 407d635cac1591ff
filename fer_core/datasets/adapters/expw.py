"""ExpW, Expression in the Wild (arXiv 1609.06426): 91,793 faces in photos from the web.

    FOLDER/image/origin/angry_actor_104.jpg      whole photos, several faces in some
    FOLDER/label/label.lst                       angry_actor_104.jpg 0 28 113 226 141 22.9362 5

Columns of label.lst: image, face, top, left, right, bottom of its box, confidence of the box, label (0 angry, 1
disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral). A face is what its box cuts out; there is no official split.
"""

from fer_core.datasets.base import Problems
from fer_core.datasets.files import BY_NAME, MISSING, NOT_A_LINE, OUTSIDE_SCHEME, Entry, Translation, numbered
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import EXPW
from fer_core.labels import SEVEN

KIND = "expw"
LIST = "label.lst"
COLUMNS = 8
NO_BOX = "a box without an area"


def recognises(listing: Listing) -> bool:
    return listing.find(LIST) is not None


def translate(listing: Listing, problems: Problems) -> Translation:
    """One row per face, in the order of the file names."""
    labels = listing.find(LIST)
    if labels is None:
        return Translation(numbered(listing.images, EXPW, problems), SEVEN)
    files = {name.rpartition("/")[2]: name for name in listing.images}
    entries = []
    for number, line in enumerate(listing.text(labels).splitlines(), start=1):
        found = _face(line.split(), files) if line.strip() else ""
        if isinstance(found, Entry):
            entries.append(found)
        elif found:
            problems.add(f"{labels}, line {number}", found)
    return Translation(sorted(entries, key=BY_NAME), SEVEN)


def _face(words: list[str], files: dict[str, str]) -> Entry | str:
    """The face of a line, or what is wrong with it."""
    if len(words) != COLUMNS:
        return NOT_A_LINE
    try:
        top, left, right, bottom, label = (int(words[place]) for place in (2, 3, 4, 5, 7))
    except ValueError:
        return NOT_A_LINE
    if label not in EXPW:
        return OUTSIDE_SCHEME
    if words[0] not in files:
        return MISSING
    if bottom <= max(top, 0) or right <= max(left, 0):
        return NO_BOX
    return Entry(files[words[0]], EXPW[label], box=(top, left, bottom, right))
