"""The page 'Which files can I open?', made from the tables that the readers themselves use.

    python -m fer_core.reports.readable_files [FILE]         writes docs/reference/files.md

A test holds the page to this module: run the command after a change of a table.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from fer_core import settings
from fer_core.datasets import adapters, archives
from fer_core.datasets.adapters import ADAPTERS
from fer_core.labels import EIGHT, WORDS
from fer_core.photos import formats
from fer_core.runs import logs
from fer_core.runs.dialects import DIALECTS
from fer_core.tables import LABEL, LARGE, PERSON, PIXELS, SMALL, SPLIT, columns
from fer_core.video import formats as video_formats

PAGE = settings.CHECKOUT / "docs" / "reference" / "files.md"
SHOWN_HEADINGS = 16
SHOWN_WORDS = 3
LANGUAGES = ("English", "German", "French", "Spanish", "Persian", "Arabic", "Hindi", "Vietnamese", "Chinese")


def page() -> str:
    """The whole page as Markdown."""
    parts = [*_photos(), *_videos(), *_tables(), *_labels(), *_datasets(), *_archives(), *_logs()]
    return "\n".join(["# Which files can I open?", "", *INTRODUCTION, *parts]).rstrip() + "\n"


INTRODUCTION = (
    "This page is made from the tables that the readers use:",
    "`python -m fer_core.reports.readable_files` writes it anew.",
    "",
    "A file that cannot be read has a sentence that says what it is and what to do. It never stops the others.",
    "",
)


VIDEOS = """## Videos

`fer video` and the Video tab of Predict read these. Phone videos are turned upright, and frames may come at any rate.
The picture may be stored as H.264, HEVC (H.265), VP8, VP9, AV1 or otherwise. Sound is passed over.
"""

TABLES = """## Tables

One reader serves labels for photos, datasets in CSV and training logs. It finds out by itself:

- the encoding: UTF-8 with or without a mark, UTF-16, that of Windows (cp1252) or of a Mac, and others;
- what separates the cells: comma, semicolon, tab, bar or spaces, also a first line `sep=;`;
- whether numbers have a decimal comma; they may also be quoted, in brackets, or percent;
- a heading that stands again in the middle, and damaged rows: these are left out and listed;
- which column is what, by its heading, whatever its capitals and spaces.

One line on the page and in the JSON says what was assumed.
"""

LABELS = """## Labels

An expression may be written in any of these ways, in any capitals. Typing mistakes are not guessed: the answer asks
'did you mean'. A number means nothing without the dataset that it belongs to.
"""

PHOTO_NAMES = """
A label finds its photo by name as you mean it. `photos/anna.jpg`, `C:\\Users\\x\\anna.jpg`, `ANNA.JPG` and `anna` all
mean `anna.jpg` where there is only one. Where there are several, the folders decide. A doubt that is left is told, and
no label is guessed.
"""


def _photos() -> Iterator[str]:
    yield from ("## Photos", "", "Predict, Compare and datasets read the same formats.", "")
    yield from _table(
        ("Format", "File names end in", "To know"),
        [(one.name, ", ".join(one.suffixes), one.note) for one in formats.READ],
    )
    yield from ("These are not read. The answer says what they are and what to do.", "")
    kinds = [(kind, ", ".join(suffixes)) for kind, suffixes in formats.NOT_READ.items()]
    yield from _table(("What it is", "File names end in"), kinds)


def _videos() -> Iterator[str]:
    yield VIDEOS
    rows = [(one.name, ", ".join(one.suffixes)) for one in video_formats.READ]
    yield from _table(("Format", "File names end in"), rows)
    most = f"{video_formats.PUBLIC_SECONDS:.0f} seconds and {video_formats.PUBLIC_BYTES // 10**6} MB"
    yield f"In public mode (`FER_PUBLIC=1`) a video may have {most}. Elsewhere any length is read."
    yield ""


def _tables() -> Iterator[str]:
    yield TABLES
    yield from _table(
        ("Column", "Headings that are known"),
        [(field.name, _some(field.headings)) for field in (columns.FILE, LABEL, SPLIT, PERSON, PIXELS)],
    )
    yield (
        f"Limits: {SMALL.bytes // 10**6} MB and {SMALL.rows:,} rows for a file that is uploaded; {LARGE.rows:,} rows "
        "for one on your own disk."
    )
    yield ""


def _labels() -> Iterator[str]:
    yield LABELS
    for language in LANGUAGES:
        words = [f"{label}: {', '.join(_written(WORDS[label][language]))}" for label in EIGHT]
        yield f"- **{language}**: {'; '.join(words)}"
    yield PHOTO_NAMES


def _datasets() -> Iterator[str]:
    yield from ("## Datasets", "")
    for adapter in ADAPTERS:
        read = adapter.translate or adapter.read_table
        yield from (f"### {adapters.title(adapter.kind)}", "", *(_layout(sys.modules[read.__module__]) if read else []))


def _archives() -> Iterator[str]:
    limits = archives.DATASET
    yield from (
        *("## Archives", ""),
        f"A dataset or a set of photos may lie in an archive: {', '.join(archives.READ)}.",
        "An archive inside an archive is opened, too. Names from Windows, macOS and Linux are understood.",
        f"At most {limits.entries:,} files and {limits.total_bytes // 10**9} GB come out of one on your own disk.",
        "",
    )


def _logs() -> Iterator[str]:
    yield from ("## Training logs", "", "The Training page and `fer log` tell by themselves who wrote a log.", "")
    yield from _table(("Written by", "Usual file"), [(dialect.name, f"`{dialect.example}`") for dialect in DIALECTS])
    for dialect in DIALECTS:
        yield from (f"### {dialect.name}", "", *_layout(sys.modules[dialect.read.__module__]))
    yield from (
        f"Limits: {logs.MAX_BYTES // 10**6} MB per file. Pickles and NumPy files are refused: opening one can run a",
        "program hidden in it. The answer has a line of Python that turns one of your own into JSON.",
    )


def _layout(module: ModuleType) -> list[str]:
    """The docstring of a module, its examples as a code block."""
    lines: list[str] = []
    for block in (module.__doc__ or "").strip().split("\n\n"):
        if block.startswith("    ") and lines[-2:] == ["```", ""]:  # examples that an empty line divides
            lines[-2:] = [*_unindented(block), *lines[-2:]]
        elif block.startswith("    "):
            lines += ["```text", *_unindented(block), "```", ""]
        else:
            lines += [block, ""]
    return lines


def _unindented(block: str) -> list[str]:
    return [line[4:] for line in block.splitlines()]


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    yield from (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
    yield ""


def _some(headings: Sequence[str]) -> str:
    return ", ".join(headings[:SHOWN_HEADINGS]) + (" and others" if len(headings) > SHOWN_HEADINGS else "")


def _written(words: str) -> list[str]:
    return [word.replace("_", " ") for word in words.split()[:SHOWN_WORDS]]


def main(arguments: Sequence[str]) -> None:
    target = Path(arguments[0]) if arguments else PAGE
    target.write_text(page(), encoding="utf-8")
    print(f"Wrote {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
