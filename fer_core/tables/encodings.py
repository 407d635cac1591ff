"""Bytes of a text file to text, whichever program and system wrote it.

charset-normalizer alone does not serve here: it needs long texts, and takes the ten letters of 'Jörg.jpg' for Chinese.
So what is certain is tried first (byte order marks, UTF-8, UTF-16), then Western letters are told by how they stand
among ASCII ones, and only other scripts are left to it.
"""

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from fer_core.labels import canonical

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
"""Byte order marks; UTF-32's little-endian one begins with UTF-16's."""

WESTERN = ("cp1252", "mac_roman", "cp850")
"""Windows, Excel on a Mac, and Excel's 'CSV (MS-DOS)'; the first of equals counts."""

ZIP_NAMES = ("cp437", "cp850", "cp1252", "mac_roman")
"""What programs that write zip files use for Western names."""

BY_SCRIPT = (
    ("cp1251", re.compile("[А-ЯЁ]?[а-яё]+")),
    ("koi8_r", re.compile("[А-ЯЁ]?[а-яё]+")),
    ("cp866", re.compile("[А-ЯЁ]?[а-яё]+")),
    ("cp932", re.compile("[\u3040-\u30ff\u4e00-\u9fff]+")),
    ("cp1256", re.compile("[\u0620-\u06d2]+")),
)
"""An encoding holds where every foreign word is one: Cyrillic with capitals at the beginning only, Japanese, Arabic."""

OTHER_SCRIPTS = (
    "cp932",
    "gb18030",
    "big5",
    "cp949",
    "cp1251",
    "koi8_r",
    "cp866",
    "cp1256",
    "cp1253",
    "cp1255",
    "cp874",
)
"""Offered to charset-normalizer: those without Latin letters of their own."""

FREQUENT_LETTERS = frozenset("äöüßÄÖÜéèçñ")
USUAL_LETTERS = frozenset("êëÉÈÊàâáãåÀÂÁÅÇÑóòôõÓíìîïÍúùûÚøØæÆœŒ")
TYPOGRAPHY = frozenset("–—‘’“”„…€°·«»™©®§×")
FOREIGN_WORD = re.compile(r"[^\x00-\x7f]+")
LONG_RUN = re.compile(rb"[\x80-\xff]{3,}")
LOOKED_AT = 20_000
"""Bytes with foreign letters that are judged."""


class Decoded(NamedTuple):
    """Text, and the encoding it was in as people call it."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """The text of a file; never fails, since the last resort reads any byte.

    Args:
        data: the whole file.
    """
    for mark, codec, name in MARKS:
        if data.startswith(mark):
            return Decoded(data.decode(codec, errors="replace"), name)
    if unmarked := _utf_16_without_mark(data):
        return Decoded(data.decode(unmarked, errors="replace"), "UTF-16")
    try:
        return Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        codec = guess(_foreign_lines(data))
        return Decoded(data.decode(codec, errors="replace"), codec.replace("_", "-"))


def of_names(raw: bytes) -> str:
    """The encoding of names of files in an archive that does not say it.

    Args:
        raw: those that hold foreign letters, with line ends between.
    """
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return guess(raw[:LOOKED_AT], ZIP_NAMES)
    return "utf-8"


def guess(sample: bytes, western: Sequence[str] = WESTERN) -> str:
    """The most likely encoding of bytes that are no UTF-8.

    Args:
        sample: lines or names that hold foreign letters.
        western: the encodings tried for Western text, the first of equals counts.
    """
    readable = [codec for codec in western if _readable(sample, codec)]
    if readable and not LONG_RUN.search(sample):
        best = max(readable, key=lambda codec: _western_letters(sample, codec))
        if _western_letters(sample, best) > 0:
            return best
    if known := next((codec for codec in OTHER_SCRIPTS if _names_expressions(sample, codec)), None):
        return known
    if script := next((codec for codec, word in BY_SCRIPT if _all_words(sample, codec, word)), None):
        return script
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=list(OTHER_SCRIPTS), enable_fallback=False).best()
    return found.encoding if found else next(iter(readable), "latin-1")


def _names_expressions(sample: bytes, codec: str) -> bool:
    """Whether a foreign word is that of an expression: the surest sign in a short table of labels."""
    return _readable(sample, codec) and any(
        canonical(word) for word in re.findall(r"\w+", sample.decode(codec)) if not word.isascii()
    )


def _all_words(sample: bytes, codec: str, word: re.Pattern[str]) -> bool:
    return _readable(sample, codec) and all(map(word.fullmatch, FOREIGN_WORD.findall(sample.decode(codec))))


def _utf_16_without_mark(data: bytes) -> str | None:
    """ASCII letters in UTF-16 leave every second byte zero."""
    start = data[:200]
    if len(start) < 4 or 0 not in start:
        return None
    even, odd = start[0::2], start[1::2]
    if odd.count(0) > 0.7 * len(odd) and 0 not in even:
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > 0.7 * len(even) and 0 not in odd else None


def _foreign_lines(data: bytes) -> bytes:
    """The lines that tell something, as far as they are needed."""
    lines, size = [], 0
    for line in data.splitlines():
        if not line.isascii():
            lines.append(line[:2000])
            size += len(lines[-1])
        if size > LOOKED_AT:
            break
    return b"\n".join(lines)


def _readable(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _western_letters(sample: bytes, codec: str) -> int:
    """Usual foreign letters within words, and signs between them, less all that is unusual."""
    text = f" {sample.decode(codec, errors='replace')} "
    places = [place for place, char in enumerate(text) if ord(char) > 127]
    return sum(_usual(text[place], text[place - 1] + text[place + 1]) for place in places)


def _usual(char: str, neighbours: str) -> int:
    in_word = any(near.isalpha() for near in neighbours)
    if char in TYPOGRAPHY:
        return 1 if char == "’" or not all(near.isalpha() for near in neighbours) else -1
    if not char.isalpha():
        return -2
    if char in FREQUENT_LETTERS and in_word:
        return 2
    return 1 if char in USUAL_LETTERS and in_word else -1
