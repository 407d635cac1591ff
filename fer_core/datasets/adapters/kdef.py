"""KDEF (Lundqvist, Flykt and Öhman, 1998): 4,900 posed photos of 70 people from five sides; the file's name tells all.

    FOLDER/AF01/AF01ANS.JPG    A: session (A or B); F01: the person (F or M); AN: angry, also AF (afraid), DI, HA, NE,
                               SA, SU; S: straight, also HL, HR (half left, right), FL, FR (full)

There is no official split. It goes by person: every fifth person, in the order of their codes, is of the test split.
"""

import re

from fer_core.datasets.base import Problems
from fer_core.datasets.files import OTHER_NAME, Entry, Translation, split_by_person
from fer_core.datasets.listing import Listing
from fer_core.datasets.schemes import KDEF
from fer_core.labels import SEVEN

KIND = "kdef"
FILE = re.compile(r"(?:^|/)[AB]([FM]\d{2})(AF|AN|DI|HA|NE|SA|SU)(S|HL|HR|FL|FR)\.\w+$", re.IGNORECASE)
LOOKED_AT = 50


def recognises(listing: Listing) -> bool:
    some = listing.images[:: max(1, len(listing.images) // LOOKED_AT)]
    return bool(some) and all(map(FILE.search, some))


def translate(listing: Listing, problems: Problems) -> Translation:
    """The images, in the order of their names."""
    entries = []
    for name in listing.images:
        if found := FILE.search(name):
            entries.append(Entry(name, KDEF[found[2].upper()], group=found[1].upper()))
        else:
            problems.add(name, OTHER_NAME.format("KDEF", "AF01ANS.JPG"))
    return Translation(split_by_person(entries), SEVEN)
