"""Marks that say a picture was generated or edited by a model: as its maker left them in the file, if they did.

C2PA manifests (c2pa.org, JUMBF boxes in JPEG, PNG, WebP), IPTC's digital source type in XMP (cv.iptc.org/newscodes),
and the text chunks and EXIF comments of known generators. A mark is a claim, not a proof; most generated pictures on
the web have lost theirs, so no mark means nothing.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

SOURCE_TYPES = {
    b"trainedAlgorithmicMedia": "IPTC: made by a trained model",
    b"compositeWithTrainedAlgorithmicMedia": "IPTC: composed with output of a trained model",
    b"algorithmicMedia": "IPTC: made by an algorithm",
}
"""Values of Iptc4xmpExt:DigitalSourceType, as the last part of their address."""

TEXTS = (
    (rb"parameters\x00[^\x00]*?Steps: \d+", "generator's text: parameters of Stable Diffusion"),
    (rb"Negative prompt: |Steps: \d+, Sampler: ", "generator's text: parameters of Stable Diffusion"),
    (rb"(?:workflow|prompt)\x00\s*\{[^\x00]*?class_type", "generator's text: a ComfyUI graph"),
    (rb"invokeai_metadata|sd-metadata\x00", "generator's text: InvokeAI"),
    (rb"(?:Software|Title)\x00(?:NovelAI|AI generated image)", "generator's text: NovelAI"),
    (rb"(?:Software|CreatorTool)[^A-Za-z]{1,12}(?:DALL|Midjourney|Adobe Firefly)", "generator's name as software"),
)
LONGEST = 25_000_000
LONGEST_TEXT = 1_000_000
"""Of one unpacked chunk."""
PNG = b"\x89PNG\r\n\x1a\n"


def marks(data: bytes) -> tuple[str, ...]:
    """What the bytes of a picture file claim of its origin, as short phrases; empty for most."""
    found = [words for name, words in SOURCE_TYPES.items() if re.search(rb"digitalsourcetype/" + name, data)]
    if b"jumb" in data and (b"c2pa" in data or b"C2PA" in data):
        found.append("C2PA: a manifest of its origin")
    plain = data + b"".join(_packed(data))
    wide = data.replace(b"\0", b"")  # EXIF comments are UTF-16
    found += [words for pattern, words in TEXTS if re.search(pattern, plain) or re.search(pattern, wide)]
    return tuple(dict.fromkeys(found))


def marks_of(path: Path) -> tuple[str, ...]:
    """As `marks`, of a file; one that cannot be read has none."""
    try:
        with path.open("rb") as stream:
            return marks(stream.read(LONGEST))
    except OSError:
        return ()


def _packed(data: bytes) -> Iterator[bytes]:
    """The compressed texts of a PNG file, each after its key and a zero byte."""
    place = len(PNG) if data.startswith(PNG) else len(data)
    while place + 8 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        body = data[place + 8 : place + 8 + length]
        if kind in (b"zTXt", b"iTXt"):
            key, _, rest = body.partition(b"\0")
            yield b"\0" + key + b"\0" + _unpacked(rest, kind)
        place += 12 + length


def _unpacked(rest: bytes, kind: bytes) -> bytes:
    """The text of a zTXt chunk, or of an iTXt chunk after its flags, language and translated key."""
    if kind == b"iTXt":
        if rest[:1] != b"\1":
            return b""
        rest = b"".join(rest[2:].split(b"\0", 2)[2:])
    else:
        rest = rest[1:]
    try:
        return zlib.decompressobj().decompress(rest, LONGEST_TEXT)
    except zlib.error:
        return b""
