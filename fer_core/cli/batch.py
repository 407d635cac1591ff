"""`fer batch`: photos by the thousand and the million, as Parquet files."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from fer_core import text
from fer_core.batch import run as batches
from fer_core.batch.counts import Counts
from fer_core.cli.options import Detector, count, share
from fer_core.cli.output import FAILED, Answer, answering
from fer_core.cli.progress import Rate

app = typer.Typer()


@app.command(rich_help_panel="Photos")
@answering
def batch(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Folders, patterns, lists of photos (CSV or text), zip and tar archives, WebDataset shards, Parquet "
            "files with pictures, or addresses (s3://, gs://, hf://).",
        ),
    ] = None,
    out: Annotated[str, typer.Option(metavar="DIR", help="A new folder for the results, or an address.")] = "",
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="The network that answers. Give it again for a second one.")
    ] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="local: this computer. ray: a Ray cluster (RAY_ADDRESS).")
    ] = "local",
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Threads, or Ray workers. Default: one per core.", callback=count)
    ] = None,
    gpus: Annotated[
        float, typer.Option(metavar="S", help="Share of a GPU for each Ray worker, 0 to 1.", callback=share)
    ] = 0.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a batch that was stopped.")] = False,
    face_crop: Annotated[bool, typer.Option("--face-crop", help="Each photo is one face already.")] = False,
    min_score: Annotated[
        float | None,
        typer.Option(metavar="S", help="Drop faces found with a lower score, 0 to 1. Default: 0.7.", callback=share),
    ] = None,
    detector: Detector = None,
) -> Answer:
    """Read many photos and write the answers as Parquet files, on one computer or many.

    Each row is one face and model. A photo without a face, or one that cannot be read, has a row that says so.
    A batch that was stopped at any moment goes on with --resume: every photo counts once. The exit code is 2 when a
    photo could not be read.

    Examples:
      fer batch photos/ --out results

      fer batch shards/*.tar --out results --model house --model cnn_48

      fer batch --out results --resume
    """
    if not out:
        raise typer.BadParameter("missing; expected a folder for the results, as --out results", param_hint="--out")
    request = batches.Request(
        tuple(inputs or ()),
        out,
        tuple(model or ()),
        engine,
        workers,
        gpus,
        resume,
        min_score,
        detector,
        face_crop or None,
    )
    with _stopped_by_signal(), _Shown(out) as shown:
        outcome = batches.run(request, shown)
    return Answer(_told(out, outcome), FAILED if outcome.counts.failed or outcome.plan.left_out else 0)


class _Shown(batches.Watcher):
    """How a batch goes on, on stderr."""

    def __init__(self, out: str) -> None:
        self._out = out
        self._rate = Rate("photos")
        self._counts = Counts()

    def __enter__(self) -> "_Shown":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._rate.close()
        if isinstance(error, KeyboardInterrupt):
            print(
                f"Stopped after {self._counts.photos:,} photos. What is written is whole. "
                f"Go on with: fer batch --out {self._out} --resume",
                file=sys.stderr,
            )

    def listed(self, photos: int) -> None:
        self._rate.say(f"{photos:,} photos listed")

    def left_out(self, model: str, reason: str) -> None:  # noqa: ARG002  (the reason names it)
        print(f"{text.printable(reason)} The other networks go on without it.", file=sys.stderr)

    def begins(self, entries: int, before: Counts) -> None:
        self._counts = before
        self._rate.begin(before.photos, entries)

    def read(self, news: Counts) -> None:
        self._counts.join(news)
        failed = f"{self._counts.failed:,} could not be read" if self._counts.failed else "no errors"
        self._rate.report(self._counts.photos, failed)


@contextmanager
def _stopped_by_signal() -> Iterator[None]:
    """SIGTERM, as Slurm and Kubernetes send it, stops like Ctrl-C."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before: Callable[..., object] | int | None = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _told(out: str, outcome: batches.Outcome) -> str:
    """What a batch holds, for reading in a terminal."""
    counts = outcome.counts
    lines = [
        ("photos", f"{counts.photos:,}"),
        ("faces", f"{counts.faces:,}"),
        ("photos without a face", f"{counts.without_face:,}"),
        ("photos that could not be read", f"{counts.failed:,}"),
        *((f"passed over: {kind}", f"{number:,}") for kind, number in outcome.plan.passed_over.items()),
    ]
    for model, answers in counts.answers.items():
        faces = sum(answers.values())
        shares = [(f"{model}: {label}", text.percent_to_a_tenth(n / faces)) for label, n in answers.most_common()]
        lines += [*shares, (f"{model}: unsure", text.percent_to_a_tenth(counts.unsure[model] / faces))]
    return f"{text.printable(out)}\n{text.text_table(('', ''), lines)}"
