"""What a column is for, told by the headings that people and programs use."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fer_core.labels import canonical


@dataclass(frozen=True)
class Field:
    """Something that a table may tell.

    Attributes:
        name: ours, for sentences.
        headings: in their plain form; where a table has several, the first of these counts.
    """

    name: str
    headings: tuple[str, ...]


FILE = Field(
    "file",
    (
        *("file", "filename", "filepath", "imagename", "imagefile", "imagefilename", "imagepath", "imgpath", "imgname"),
        *("imgfile", "photoname", "photopath", "photofile", "picturename", "subdirectoryfilepath", "relativepath"),
        *("path", "pth", "image", "img", "photo", "picture", "pic", "fname", "imageid", "imgid", "photoid", "frame"),
        *("images", "files", "filenames", "photos", "paths", "datei", "dateiname", "bild", "bildname", "fichier"),
        *(
            "archivo",
            "nomdufichier",
            "imagen",
            "foto",
            "文件",
            "文件名",
            "图片",
            "ảnh",
            "tệp",
            "पथ",
            "تصویر",
            "فایل",
            "صورة",
        ),
        *("id", "name"),
    ),
)
LABEL = Field(
    "label",
    (
        *(
            "emotion",
            "expression",
            "facialexpression",
            "label",
            "labels",
            "emotionlabel",
            "expressionlabel",
            "emotions",
        ),
        *("classname", "labelname", "class", "classes", "category", "target", "groundtruth", "gt", "annotation", "tag"),
        *("emo", "expr", "exp", "classlabel", "classid", "labelid", "emotionid", "emotionclass", "emotionname"),
        *("mood", "emotions"),
        *("perceivedexpression", "majority", "answer", "y", "ausdruck", "gesichtsausdruck", "klasse", "gefühl"),
        *(
            "émotion",
            "classe",
            "étiquette",
            "emoción",
            "expresión",
            "etiqueta",
            "clase",
            "标签",
            "表情",
            "情绪",
            "类别",
        ),
        *("类别", "cảmxúc", "nhãn", "भावना", "احساس", "برچسب", "حالت", "تسمية", "عاطفة"),
    ),
)
SPLIT = Field("split", ("usage", "split", "set", "subset", "datasplit", "partition", "phase", "part", "fold", "mode"))
PIXELS = Field("pixels", ("pixels", "pixel", "pixelvalues", "imagepixels", "pixelstring"))
PERSON = Field(
    "person",
    ("person", "personid", "subject", "subjectid", "identity", "identityid", "participant", "participantid", "actor"),
)
FIELDS = (FILE, LABEL, SPLIT, PIXELS, PERSON)

LOOKS_LIKE_A_FILE = re.compile(r"[^\d\W].*\.[A-Za-z]\w{1,4}|\d.*\.[A-Za-z]{2,4}\d?")


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """A heading as it is looked up: small letters, nothing between the words."""
    composed = unicodedata.normalize("NFC", heading).casefold()
    return re.sub(r"[\W_]+", "", composed) if composed.isascii() else re.sub(r"[\s_\-./:()]+", "", composed)


def place(heading: Sequence[str], field: Field) -> int | None:
    """The column of a field, or None when no heading names it."""
    known = {plain(name): number for number, name in reversed(list(enumerate(heading)))}
    return next((known[name] for name in field.headings if name in known), None)


def names_any(heading: Sequence[str]) -> bool:
    """Whether one of the cells is a heading that is known here."""
    known = {name for field in FIELDS for name in field.headings}
    return any(plain(cell) in known for cell in heading)


def by_content(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names for the columns of a table without a heading: the first with file names, the first with expressions."""
    width = len(rows[0])
    below = [[row[place].strip() for row in rows if place < len(row)] for place in range(width)]
    names = [f"column {place + 1}" for place in range(width)]
    for field, fits in ((FILE, LOOKS_LIKE_A_FILE.fullmatch), (LABEL, canonical)):
        place = next((place for place, cells in enumerate(below) if all(fits(cell) for cell in cells if cell)), None)
        if place is not None and any(below[place]):
            names[place] = field.name
    return tuple(names)
