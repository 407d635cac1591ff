"""`fer video`: the perceived expressions in videos, over time."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import typer

from fer_core import extras, text
from fer_core.cli import progress
from fer_core.cli.options import Detector, MinScore, RayWorkers
from fer_core.cli.output import FAILED, STOPPED, Answer, answering
from fer_core.errors import BatchError, PredictorError, VideoError
from fer_core.photos.files import expanded
from fer_core.predictors import load
from fer_core.predictors.networks import DEFAULT
from fer_core.video import annotate, formats, records
from fer_core.video.analysis import RATE, VideoReading
from fer_core.video.timeline import Timeline

app = typer.Typer()

WRITERS: Mapping[str, Callable[[list[records.Record]], str | bytes]] = MappingProxyType(
    {"table": records.to_table, "json": text.to_json, "csv": records.to_csv, "parquet": records.to_parquet}
)


def rate(value: float) -> float:
    """Frames per second above 0 and up to 120."""
    if not 0 < value <= 120:
        raise typer.BadParameter(f"came {value:g}; expected a number above 0, up to 120")
    return value


@app.command(rich_help_panel="Photos")
@answering
def video(
    paths: Annotated[list[str], typer.Argument(metavar="FILE...", help="Videos, or folders of videos.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="The network that answers.")] = DEFAULT,
    fps: Annotated[
        float, typer.Option(metavar="N", help="Frames that are read per second, at most.", callback=rate)
    ] = RATE,
    annotated: Annotated[
        Path | None,
        typer.Option(
            "--annotate", metavar="OUT", help="Write an MP4 with boxes and answers; of several videos a folder of them."
        ),
    ] = None,
    format: Annotated[
        Literal["table", "json", "csv", "parquet"], typer.Option(help="How the answer is written.")
    ] = "table",
    min_score: MinScore = 0.7,
    detector: Detector = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="local: one video after the other. ray: a Ray cluster (RAY_ADDRESS), a video per worker."),
    ] = "local",
    workers: RayWorkers = None,
) -> Answer:
    """Say which expression people would see in each face of a video, over time.

    Ctrl-C stops, and shows what was found so far.

    Examples:
      fer video clip.mp4

      fer video clip.mp4 --annotate clip_faces.mp4

      fer video holiday/ --format csv > faces.csv

      fer video clip.mov --format parquet > faces.parquet

      fer video archive/ --engine ray --format parquet > faces.parquet
    """
    extras.need("av")
    if format == "parquet" and sys.stdout.isatty():
        raise VideoError(
            "Parquet is no text to show here. Write it to a file: fer video FILE --format parquet > faces.parquet"
        )
    videos = [found for path in expanded(paths) for found in videos_at(path)]
    targets = _targets(annotated, videos)
    network = load(model)
    if engine == "ray":
        found, code = _on_a_cluster(videos, targets, (model, fps, min_score, detector), workers)
        return Answer(WRITERS[format](found), code)
    found, code = [], 0
    for source, target in zip(videos, targets, strict=True):
        reading = VideoReading(source, network, rate=fps, min_score=min_score, detector=detector)
        entry, code_of_one = _record(source, reading, target)
        found.append(entry)
        code = max(code, code_of_one)
        if code_of_one == STOPPED:
            print("Stopped. What was found so far follows.", file=sys.stderr)
            break
    return Answer(WRITERS[format](found), code)


def videos_at(path: Path) -> list[Path]:
    """The videos of a folder by name, or the path itself.

    Raises:
        VideoError: the folder holds none.
    """
    if not path.is_dir():
        return [path]
    found = [
        entry for entry in sorted(path.iterdir()) if formats.is_video(entry.name) and not entry.name.startswith(".")
    ]
    if not found:
        raise VideoError(
            f"The folder {path} holds no video that can be read; expected files that end in "
            f"{', '.join(sorted(formats.SUFFIXES - formats.ALSO_PICTURES))}."
        )
    return found


def _targets(annotated: Path | None, videos: list[Path]) -> list[Path | None]:
    """Where each annotated video goes."""
    if annotated is None:
        return [None] * len(videos)
    if len(videos) == 1 and not annotated.is_dir():
        return [annotated]
    if annotated.suffix and not annotated.is_dir():
        raise VideoError(
            f"There are {len(videos)} videos, and {annotated} is one file. Name a folder after --annotate."
        )
    names = [f"{source.stem}_annotated.mp4" for source in videos]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise VideoError(
            f"Several videos would be written as {twice[0]}. Give videos with different names, or one after the other."
        )
    annotated.mkdir(parents=True, exist_ok=True)
    return [annotated / name for name in names]


def _record(source: Path, reading: VideoReading, target: Path | None) -> tuple[records.Record, int]:
    """What was found in one video, and the exit code of it."""
    try:
        code = _watched(reading, f"seconds of {source.name}", reading)
        timeline = reading.timeline()
        if target and code == 0:
            code = _drawn(source, timeline, target)
        return records.record(str(source), timeline), code
    except (VideoError, PredictorError) as error:
        return records.failure(str(source), error), FAILED


def _on_a_cluster(
    videos: list[Path], targets: list[Path | None], asked: tuple[str, float, float, str | None], workers: int | None
) -> tuple[list[records.Record], int]:
    """What the workers of a Ray cluster found, in the order of the videos, and the exit code."""
    from fer_core.batch import ray_video

    found: dict[int, records.Record] = {}
    code = 0
    try:
        with progress.shown("videos") as report:
            for number, entry in ray_video.read(videos, targets, ray_video.Asked(*asked), workers):
                found[number] = entry
                code = max(code, FAILED if entry["error"] else 0)
                report(len(found), len(videos))
    except BatchError as error:
        print(f"{error} {len(found)} of {len(videos)} videos were read.", file=sys.stderr)
        code = FAILED
    except KeyboardInterrupt:
        print(f"Stopped after {len(found)} of {len(videos)} videos.", file=sys.stderr)
        code = STOPPED
    return [found[number] for number in sorted(found)], code


def _drawn(source: Path, timeline: Timeline, target: Path) -> int:
    written = annotate.to_file(source, timeline, target)
    return _watched(written, f"seconds of {target.name}", None, timeline.seconds)


def _watched(steps: Iterable[float], words: str, reading: VideoReading | None, total: float | None = None) -> int:
    """Goes through the steps with a bar on the terminal; Ctrl-C ends them."""
    try:
        with progress.shown(words) as report:
            for done in steps:
                whole = reading.length if reading else total
                report(round(done), max(1, round(whole)) if whole else None)
    except KeyboardInterrupt:
        return STOPPED
    return 0
