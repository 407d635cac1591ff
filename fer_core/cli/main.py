"""The command line: predict on photos, list the models, score them on labelled images, look into datasets.

    fer predict PATH... [--model NAME]... [--format table|json|csv] [--face-crop]
    fer models [--format table|json]
    fer evaluate --model NAME --data PATH --split private_test|test|val|all [--labels fer2013|ferplus]
    fer datasets list | scan PATH | audit PATH | subset PATH      (fer_core.cli.datasets)

Only the result goes to stdout; what libraries print goes to stderr. Exit code 0 when all went well; 2 when an argument
was wrong, a model cannot run or a photo cannot be read.
"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from fer_core import text
from fer_core.errors import FerError, PhotoError
from fer_core.photos import records as reports
from fer_core.photos.analysis import analyse
from fer_core.photos.images import MAX_BYTES
from fer_core.predictors import availability, info, load, names
from fer_core.predictors.base import Predictor

PHOTO_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif", ".mpo")
)
"""What counts as a photo inside a folder; a file named on the command line is tried whatever its suffix."""
_SUFFIXES = ", ".join(sorted(PHOTO_SUFFIXES))

DEFAULT_MODEL = "house"
FAILED = 2

# The same as in evaluation, which is imported only to evaluate; a test holds them together.
SPLITS = ("train", "public_test", "private_test")
OTHER_SPLITS = ("test", "val", "all")
LABELS = ("fer2013", "ferplus")
TTA = ("none", "flip", "flip_crops")


class Answer(NamedTuple):
    """What goes to stdout, and the exit code."""

    text: str
    code: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; None takes the process's own.

    Returns:
        The exit code.
    """
    _speak_utf8()
    options = _parser().parse_args(arguments)
    try:
        with _only_the_result():
            answer: Answer = options.command(options)
    except FerError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    return _print(answer)


def predict(options: argparse.Namespace) -> Answer:
    """Perceived expressions in photos."""
    predictors = [load(name) for name in dict.fromkeys(options.model or [DEFAULT_MODEL])]
    records = [_read(path, predictors, options) for given in options.paths for path in _photos(Path(given))]
    write = {"table": reports.to_table, "json": text.to_json, "csv": reports.to_csv}[options.format]
    return Answer(write(records), FAILED if any(record["error"] for record in records) else 0)


def models(options: argparse.Namespace) -> Answer:
    """All predictors, and whether they can run now."""
    states = {name: (info(name), availability(name)) for name in names()}
    if options.format == "json":
        return Answer(text.to_json([asdict(about) | asdict(state) for about, state in states.values()]))
    heading = ("model", "runs now", "accuracy", "MB", "what it is")
    table = text.text_table(
        heading,
        [
            (
                name,
                "yes" if state.ready else "no",
                text.percent_to_a_tenth(about.accuracy),
                f"{about.megabytes or ''}",
                about.title,
            )
            for name, (about, state) in states.items()
        ],
    )
    reasons = [f"{name}: {text.printable(state.reason)}" for name, (_, state) in states.items() if not state.ready]
    return Answer("\n".join([table, *([""] if reasons else []), *reasons]))


def evaluate(options: argparse.Namespace) -> Answer:
    """Accuracy and calibration of a model on a split of FER2013, or of another data set."""
    from fer_core.datasets.adapters import fer2013
    from fer_core.evaluation import dataset_scoring, scoring

    predictor = load(options.model)
    if options.split in OTHER_SPLITS:
        result = dataset_scoring.evaluate(predictor, options.data, options.split, options.limit).to_json()
        return Answer(text.to_json(result) if options.format == "json" else reports.evaluation_table(result))
    given = scoring.examples(fer2013.load(options.data), options.split, options.labels, options.limit)
    result = scoring.evaluate(
        predictor, given, data=options.data, split=options.split, labels=options.labels, tta=options.tta
    ).to_json()
    return Answer(text.to_json(result) if options.format == "json" else reports.evaluation_table(result))


def _read(path: Path, predictors: Sequence[Predictor], options: argparse.Namespace) -> reports.Record:
    try:
        analysis = analyse(
            _bytes(path),
            predictors,
            min_score=options.min_score,
            already_face=options.face_crop,
            detector=options.detector,
        )
    except PhotoError as error:
        return reports.failure(str(path), error)
    return reports.record(str(path), analysis)


def _photos(path: Path) -> list[Path]:
    """The photos of a folder by name, or the path itself."""
    try:
        entries = sorted(path.iterdir()) if path.is_dir() else []
    except OSError:
        entries = []
    return [entry for entry in entries if _is_photo(entry)] or [path]


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in PHOTO_SUFFIXES and path.name[0] != "." and path.is_file()


def _bytes(path: Path) -> bytes:
    """The content of a photo file, as far as one byte over the limit."""
    try:
        if path.is_dir():
            raise PhotoError(
                f"The folder {path} holds no photo that can be read; expected files that end in {_SUFFIXES}."
            )
        if not path.is_file():
            raise PhotoError(f"There is no file {path}; expected a photo or a folder of photos. Check the path.")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PhotoError(f"The file {path} cannot be opened ({error.strerror}). Check its name and rights.") from error


def _parser() -> argparse.ArgumentParser:
    from fer_core.cli import datasets as datasets_cli  # which takes Answer from here

    parser = argparse.ArgumentParser(
        prog="python -m fer_core", description="Perceived facial expressions: photos in, calibrated answers out."
    )
    commands = parser.add_subparsers(required=True, metavar="predict | models | evaluate | datasets")
    _add_predict(commands.add_parser("predict", help="read the faces of photos"))
    _add_models(commands.add_parser("models", help="list the models, and whether they can run"))
    _add_evaluate(commands.add_parser("evaluate", help="score a model on FER2013 or another data set"))
    datasets_cli.add(commands.add_parser("datasets", help="look into datasets: list, scan, audit, subset"))
    return parser


def _add_predict(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=predict)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a photo, or a folder of photos")
    parser.add_argument("--model", action="append", metavar="NAME", help="may be given again; default: house")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    parser.add_argument("--face-crop", action="store_true", help="each photo is one face already: search none")
    parser.add_argument("--min-score", type=share, default=0.7, metavar="S", help="drop detections below, 0 to 1")
    parser.add_argument("--detector", choices=("yunet", "haar"), help="default: yunet when its file is there")


def _add_models(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=models)
    parser.add_argument("--format", choices=("table", "json"), default="table")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=evaluate)
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help="default: house")
    parser.add_argument("--data", required=True, metavar="PATH", help="fer2013.csv, or another data set")
    parser.add_argument("--split", choices=SPLITS + OTHER_SPLITS, default="private_test")
    parser.add_argument("--labels", choices=LABELS, default="fer2013")
    parser.add_argument("--tta", choices=TTA, default="none", help="test-time augmentation")
    parser.add_argument("--limit", type=count, metavar="N", help="only the first N images")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"came {text}; expected a number from 0 to 1")
    return value


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"came {text}; expected a whole number from 1 on")
    return value


def _speak_utf8() -> None:
    """Any file name can be printed on any system; what UTF-8 cannot hold is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@contextlib.contextmanager
def _only_the_result() -> Iterator[None]:
    """Send what Python or C libraries print meanwhile to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _print(answer: Answer) -> int:
    try:
        print(answer.text, flush=True)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answer.code
