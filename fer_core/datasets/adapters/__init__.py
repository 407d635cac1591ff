"""The datasets that can be read: one file of this folder and one row of ADAPTERS each.

Folders named by words, and images beside a CSV of words, are read already, as the kind 'folder'. To add another one:

1. Write `adapters/NAME.py`. Its docstring shows the layout on the disk. For images in files it has
   `recognises(listing) -> bool` and `translate(listing, problems) -> Translation`; for a table with the pixels inside,
   `recognises_table(path) -> bool` and `read_table(path, progress) -> ImageTable`. It only translates: it says which
   file has which label, split, person and face box, and adds to `problems` whatever it leaves out. Copy

   - `jaffe.py` where the name of a file tells its expression;
   - `raf_db.py` where a CSV with usual headings does, also by numbers of its own: `translate` is then one call of
     `class_folders.labelled(listing, problems)`;
   - `wild_faces.py` where a CSV says more: persons, votes, boxes.

   `listing.images` are the names of the images, `listing.text(name)` is the content of a list beside them. Each image
   becomes an `Entry(name, label, split)`. A split is train, val, test, public_test or private_test; `files.split_of`
   turns other words ('Training', 'validation') into these. Without a split leave it out; the split is then 'all'.
   `labels.canonical` turns words ('Happiness') into expressions, and others into None.
2. Add a row to ADAPTERS. The first row that recognises what lies at a path reads it, so what is told by a rare mark
   comes before what many folders have.
   With these two the whole app opens it.
3. For a dataset that others have, too: add a row to `fer_core/facts/datasets/datasets.csv` (what is known of it; its
   `key` is the kind), one to WRITTEN in `datasets/schemes.py` with its expressions, one to LAYOUTS in
   `tests/datasets/test_adapters.py`, and a tiny copy of the layout in `tests/helpers/small_datasets.py`.

Words that everybody may use for an expression go into WORDS in `fer_core/labels.py`. Words or numbers of this dataset
alone stand in `datasets/schemes.py`. `Translation`, `Entry` and the usual problems (`OTHER_NAME`, `MISSING`,
`NOT_A_LINE`) stand in `datasets/files.py`. Which split
selects and which reports follows from the names of the splits. scan, audit, evaluate, Compare, training, pages and
cards take the dataset from here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fer_core.datasets.adapters import (
    affectnet,
    ck_plus,
    class_folders,
    expw,
    fer2013,
    ferplus,
    jaffe,
    kdef,
    raf_db,
    wild_faces,
    yolo,
)
from fer_core.datasets.base import ImageTable, Problems, Progress
from fer_core.datasets.files import Translation
from fer_core.datasets.listing import Listing


def never(_given: object) -> bool:
    """For datasets that are read only when their kind is named."""
    return False


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A dataset that can be read.

    Attributes:
        kind: its name on the command line, in recipes and in the catalogue.
        title: as people write it.
        compared: a column of the results page, also while nothing was measured on it.
        pictures: what its pictures are, for the cards of networks trained on them; '' where nobody can know.
        recognises_table: whether a file or folder is its table.
        holds_table: the same, when the user says that it is of this kind.
        read_table: reads the table; None where it has none.
        recognises: whether the files of a folder are its images.
        translate: labels them; None where it has no images in files.
    """

    kind: str
    title: str
    compared: bool = False
    pictures: str = ""
    recognises_table: Callable[[Path], bool] = never
    holds_table: Callable[[Path], bool] = never
    read_table: Callable[[Path, Progress | None], ImageTable] | None = None
    recognises: Callable[[Listing], bool] = never
    translate: Callable[[Listing, Problems], Translation] | None = None


ADAPTERS = (
    Adapter(
        kind=raf_db.KIND,
        compared=True,
        title="RAF-DB",
        pictures="faces from the web, each labelled by about forty people",
        recognises=raf_db.recognises,
        translate=raf_db.translate,
    ),
    Adapter(
        kind=affectnet.KIND,
        compared=True,
        title="AffectNet",
        pictures="faces found by web search with the words of emotions, labelled by experts",
        recognises=affectnet.recognises,
        translate=affectnet.translate,
    ),
    Adapter(
        kind=expw.KIND,
        compared=True,
        title="ExpW",
        pictures="faces in photos from the web",
        recognises=expw.recognises,
        translate=expw.translate,
    ),
    Adapter(
        kind=wild_faces.KIND,
        title="wild_faces",
        pictures="press photos and film stills, each labelled by one student",
        recognises=wild_faces.recognises,
        translate=wild_faces.translate,
    ),
    Adapter(
        kind=ck_plus.KIND,
        compared=True,
        title="CK+",
        pictures="expressions posed in a laboratory by 123 people",
        recognises_table=ck_plus.recognises_table,
        read_table=ck_plus.read_table,
        recognises=ck_plus.recognises,
        translate=ck_plus.translate,
    ),
    Adapter(
        kind=fer2013.KIND,
        compared=True,
        title="FER2013",
        pictures="pictures found by web search with the words of seven emotions, mostly frontal, often posed",
        recognises_table=fer2013.recognises_table,
        read_table=fer2013.read_table,
        recognises=fer2013.recognises,
        translate=fer2013.translate,
    ),
    Adapter(
        kind=fer2013.FERPLUS,
        compared=True,
        title="FER+",
        pictures="FER2013's pictures, labelled again by ten people each",
        holds_table=fer2013.recognises_table,
        read_table=fer2013.read_ferplus,
        recognises=ferplus.recognises,
        translate=ferplus.translate,
    ),
    Adapter(
        kind=jaffe.KIND,
        title="JAFFE",
        pictures="expressions posed in a laboratory by ten women",
        recognises=jaffe.recognises,
        translate=jaffe.translate,
    ),
    Adapter(
        kind=kdef.KIND,
        title="KDEF",
        pictures="expressions posed in a laboratory by 70 people",
        recognises=kdef.recognises,
        translate=kdef.translate,
    ),
    Adapter(
        kind=yolo.KIND,
        title="faces in YOLO's form",
        recognises=yolo.recognises,
        translate=yolo.translate,
    ),
    Adapter(
        kind=class_folders.KIND,
        title="a folder of class folders",
        recognises=class_folders.recognises,
        translate=class_folders.translate,
    ),
)

BY_KIND: Mapping[str, Adapter] = MappingProxyType({adapter.kind: adapter for adapter in ADAPTERS})
KINDS = tuple(BY_KIND)


def title(kind: str) -> str:
    """How people write a kind; a kind that is not known stays as it is."""
    return BY_KIND[kind].title if kind in BY_KIND else kind
