"""JAFFE (Lyons et al., 1998): 213 posed expressions of ten women; the file's name tells person and expression.

    FOLDER/KA.AN1.39.tiff      KA: the person; AN: angry, also DI, FE, HA, NE, SA, SU

There is no official split. It goes by person: every fifth person, in the order of their codes, is of the test split.
"""

import re

from fer_core.datasets.base import Problems
from fer_core.datasets.files import OTHER_NAME, Entry, Translation, split_by_person
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import JAFFE
from fer_core.labels import SEVEN

KIND = "jaffe"
FILE = re.compile(r"(?:^|/)([A-Z]{2})[.-](AN|DI|FE|HA|NE|SA|SU)\d*[.-]\d+\.\w+$")
LOOKED_AT = 50


def recognises(listing: Listing) -> bool:
    some = listing.images[:: max(1, len(listing.images) // LOOKED_AT)]
    return bool(some) and all(map(FILE.search, some))


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images, in the order of their names."""
    entries = []
    for name in listing.images:
        if found := FILE.search(name):
            entries.append(Entry(name, JAFFE[found[2]], group=found[1]))
        else:
            problems.add(name, OTHER_NAME.format("JAFFE", "KA.AN1.39.tiff"))
    return Translation(split_by_person(entries), SEVEN)
