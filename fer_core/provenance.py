"""Marks that say a picture was generated or edited by a model: as its maker left them in the file, if they did.

C2PA manifests (c2pa.org, JUMBF boxes in JPEG, PNG, WebP), IPTC's digital source type in XMP (cv.iptc.org/newscodes),
and the text chunks and EXIF comments of known generators. A mark is a claim, not a proof; most generated pictures on
the web have lost theirs, so no mark means nothing.
"""

import re
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


def marks(data: bytes) -> tuple[str, ...]:
    """What the bytes of a picture file claim of its origin, as short phrases; empty for most."""
    found = [words for name, words in SOURCE_TYPES.items() if re.search(rb"digitalsourcetype/" + name, data)]
    if b"jumb" in data and (b"c2pa" in data or b"C2PA" in data):
        found.append("C2PA: a manifest of its origin")
    found += [words for pattern, words in TEXTS if re.search(pattern, data)]
    return tuple(dict.fromkeys(found))


def marks_of(path: Path) -> tuple[str, ...]:
    """As `marks`, of a file; one that cannot be read has none."""
    try:
        with path.open("rb") as stream:
            return marks(stream.read(LONGEST))
    except OSError:
        return ()
