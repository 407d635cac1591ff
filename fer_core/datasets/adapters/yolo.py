"""Faces in YOLO's form, as AffectNet goes around on Kaggle and as Roboflow exports.

    FOLDER/data.yaml                    names: [Anger, Contempt, ...]      what the numbers mean
    FOLDER/train/images/ffhq_1.png      or FOLDER/images/train/ffhq_1.png
    FOLDER/train/labels/ffhq_1.txt      or FOLDER/labels/train/ffhq_1.txt

Each line of a label file is a face: number of the expression, then middle, width and height of its box as shares of the
picture's sides. A face is what its box cuts out. Splits are told by the folders.
"""

import re
from collections.abc import Mapping

from fer_core.datasets import headers, label_names
from fer_core.datasets.base import Problems
from fer_core.datasets.files import NOT_A_LINE, OUTSIDE_SCHEME, Entry, Translation, split_in
from fer_core.datasets.listing import Listing

KIND = "yolo"
NO_FILE = "an image without a label file"
NO_FACE = "an image whose label file names no face"
NO_EXPRESSION = "a class of the data file that is no expression"
WHOLE = 0.97
"""A box of this share of both sides is the whole picture."""

FLOW = re.compile(r"^names\s*:\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^names\s*:\s*\n((?:[ \t]*(?:-|\d+\s*:)[^\n]*\n?)+)", re.MULTILINE)
MAPPING = re.compile(r"^names\s*:\s*\{(.*?)\}", re.MULTILINE | re.DOTALL)

Box = tuple[int, int, int, int]


def recognises(listing: Listing) -> bool:
    return bool(listing.images) and _data_file(listing) is not None and any(map(_label_file, listing.images))


def translate(listing: Listing, problems: Problems) -> Translation:
    """One row per face, in the order of the file names."""
    file = _data_file(listing)
    names = names_of(listing.text(file)) if file else {}
    codes = {number: label_names.of_folder(word) for number, word in names.items()}
    for number, label in codes.items():
        if label is None:
            problems.add(f"{file}: {number}, {label_names.no_expression(names[number])}", NO_EXPRESSION)
    there = set(listing.labels)
    entries = []
    for name in listing.images:
        labels = _label_file(name)
        if labels not in there:
            problems.add(name, NO_FILE)
            continue
        entries += _faces(listing, name, labels or "", codes, problems)
    words = ", ".join(f"{number} {word}" for number, word in names.items())
    return Translation(entries, None, (f"{file} says what the numbers mean: {words}.",))


def names_of(text: str) -> dict[int, str]:
    """The classes in a data file: a list in brackets, a list with a dash per line, or numbers with names."""
    if found := MAPPING.search(text):
        return _numbered(found[1].split(","))
    if found := FLOW.search(text):
        return dict(enumerate(_plain(word) for word in found[1].split(",") if _plain(word)))
    if found := BLOCK.search(text):
        lines = found[1].strip().splitlines()
        if lines[0].strip().startswith("-"):
            return dict(enumerate(_plain(line.strip().removeprefix("-")) for line in lines))
        return _numbered(lines)
    return {}


def _numbered(pairs: list[str]) -> dict[int, str]:
    split = [pair.partition(":") for pair in pairs]
    return {int(number): _plain(word) for number, _, word in split if number.strip().isdecimal()}


def _plain(word: str) -> str:
    return word.partition(" #")[0].strip().strip("'\"").strip()


def _data_file(listing: Listing) -> str | None:
    """The outermost YAML file that names classes."""
    files = sorted((name for name in listing.labels if name.lower().endswith((".yaml", ".yml"))), key=_depth)
    return next((name for name in files if names_of(listing.text(name))), None)


def _depth(name: str) -> tuple[int, str]:
    return name.count("/"), name


def _label_file(image: str) -> str | None:
    """Where the labels of an image lie: 'labels' in place of the innermost folder 'images'."""
    folders = image.split("/")[:-1]
    if "images" not in folders:
        return None
    place = len(folders) - 1 - folders[::-1].index("images")
    folders[place] = "labels"
    return "/".join([*folders, image.rpartition("/")[2].rpartition(".")[0] + ".txt"])


def _faces(
    listing: Listing, name: str, labels: str, codes: Mapping[int, str | None], problems: Problems
) -> list[Entry]:
    faces = []
    for number, line in enumerate(listing.text(labels).splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            code, box = int(float(words[0])), tuple(map(float, words[1:5]))
        except ValueError:
            problems.add(f"{labels}, line {number}", NOT_A_LINE)
            continue
        label = codes.get(code)
        if label is None:
            problems.add(f"{labels}, line {number} (came {code})", OUTSIDE_SCHEME)
        else:
            faces.append(Entry(name, label, split_in(name.split("/")[:-1]), box=_box(listing, name, box)))
    if not faces:
        problems.add(name, NO_FACE)
    return faces


def _box(listing: Listing, name: str, shares: tuple[float, ...]) -> Box | None:
    """Top, left, bottom, right in pixels; None where it is the whole picture, or where the line has no box."""
    if len(shares) < 4 or min(shares[2:]) >= WHOLE:
        return None
    height, width = headers.sizes(listing.root, [name])[0].tolist()
    x, y, wide, high = shares
    left, top = (x - wide / 2) * width, (y - high / 2) * height
    return round(top), round(left), round(top + high * height), round(left + wide * width)
