"""Mutated tables, logs and archives: each must give a right answer or a sentence, never a trace.

    python -m benchmarks.attack.tables [--count 2000] [--seed 0] [--slowest 10]

The files are made here, a whole one of each kind. Most are damaged: bytes flipped, cut, doubled, moved, numbers made
huge. A part is only disguised, by encoding and line ends: these must give what the whole file gives. Prints how many
were read and how many were told, every exception that is no FerError and every wrong answer with the seed that makes
its file again, and the slowest files. Exit code 1 where there was an exception or a wrong answer.
"""

import argparse
import gzip
import io
import json
import random
import struct
import sys
import tarfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.contenders import peak_megabytes
from fer_core.compare import testsets
from fer_core.datasets import archives
from fer_core.errors import FerError
from fer_core.runs import uploads
from fer_core.runs.uploads import File
from fer_core.tables import FILE, LABEL, read
from fer_core.tables.encodings import decode
from fer_core.text import percent

PIECES = (
    *(b"", b",", b";", b"\t", b'"', b"\n", b"\r", b"\0", b"nan", b"inf", b"1e999", b"-1", b"9" * 400, b"{", b"}", b"["),
    *(b"]", b"epoch", b"Epoch 3/5", b"loss", b"val_", b"%", b"'", b"\\", b"../", b"/", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(
        "ö".encode("cp1252"),
        "ö".encode(),
        "写".encode("cp932"),
        b"0,33",
        b"1.234,5",
        b"tensor(",
        b")",
        b"=cmd|x",
        b"sep=;",
    ),
)
"""What is put into files."""

WHOLE = -1
"""The seed of files without damage, which must be read."""
DISGUISED = 0.2
LARGEST = 400_000
"""Bytes of a file; doubling again and again would go on for ever."""


class Case(NamedTuple):
    """A file, and what reads it."""

    kind: str
    name: str
    data: bytes


class Outcome(NamedTuple):
    """What came of a file: 'read', 'told' or the trace of an exception."""

    case: Case
    seed: int
    word: str
    seconds: float


def originals() -> Iterator[Case]:
    """A whole file of each kind."""
    yield from (Case("log", name, data) for name, data in _logs().items())
    yield from (Case("table", name, data) for name, data in _tables().items())
    yield from (Case("archive", name, data) for name, data in _archives().items())


def mutated(case: Case, chance: random.Random) -> Case:
    """The file with one to four damages."""
    data = bytearray(case.data)
    for _ in range(chance.randint(1, 4)):
        chance.choice(DAMAGES)(data, chance)
        del data[LARGEST:]
    return case._replace(data=bytes(data))


def disguised(case: Case, chance: random.Random) -> Case:
    """The same text in another encoding, with other line ends and empty lines around."""
    text = decode(case.data).text.replace("\n", chance.choice(("\n", "\r\n", "\r", "\n\n")))
    text += chance.choice(("", "\n", "\r\n\r\n"))
    return case._replace(data=text.encode(chance.choice(("utf-8", "utf-8-sig", "utf-16", "utf-32"))))


def tried(case: Case, seed: int, expected: object = None) -> Outcome:
    """Read one file as the pages and the command line do; `expected`: what must come out, where that is known."""
    begin = time.perf_counter()
    try:
        found = READERS[case.kind](case)
        word = "read" if expected is None or found == expected else f"wrong: {found}\nexpected: {expected}"
    except FerError as error:
        word = "told" if str(error).strip() else "an empty sentence"
    except Exception:
        word = traceback.format_exc()
    return Outcome(case, seed, word, time.perf_counter() - begin)


def attack(count: int, seed: int) -> list[Outcome]:
    """So many files, each made by its own seed."""
    whole = list(originals())
    outcomes = [tried(case, WHOLE) for case in whole]
    texts = [(case, READERS[case.kind](case)) for case in whole if case.kind != "archive" and b"\0" not in case.data]
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        if chance.random() < DISGUISED:
            case, expected = chance.choice(texts)
            outcomes.append(tried(disguised(case, chance), number, expected))
        else:
            outcomes.append(tried(mutated(chance.choice(whole), chance), number))
    return outcomes


def report(outcomes: Sequence[Outcome], slowest: int) -> str:
    """Counts, the slowest, and every trace."""
    words = Counter("broken" if broken(one) else one.word for one in outcomes)
    lines = [f"{len(outcomes):,} files: " + ", ".join(f"{count:,} {word}" for word, count in words.most_common())]
    lines += [f"  {kind}: {_of_kind(outcomes, kind)}" for kind in dict.fromkeys(one.case.kind for one in outcomes)]
    memory = peak_megabytes()
    lines += [f"Memory at its highest: {memory:,.0f} MB. Slowest:"]
    order = sorted(outcomes, key=lambda one: -one.seconds)[:slowest]
    lines += [f"  {one.seconds:6.2f} s  {one.case.kind} {one.case.name}, seed {one.seed}" for one in order]
    lines += [f"\n{one.case.kind} {one.case.name}, seed {one.seed}:\n{one.word}" for one in outcomes if broken(one)]
    return "\n".join(lines)


def broken(outcome: Outcome) -> bool:
    """Whether it is neither read nor told, or a whole file that is not read."""
    return outcome.word not in (("read",) if outcome.seed == WHOLE else ("read", "told"))


def _of_kind(outcomes: Sequence[Outcome], kind: str) -> str:
    words = [one.word for one in outcomes if one.case.kind == kind]
    return f"{len(words):,}, of them {percent(words.count('read') / len(words))} read"


def _read_log(case: Case) -> object:
    """As the Training page does: the history must be one that can be drawn. Gives its values."""
    from fer_core.runs import curves, tables

    found = uploads.read([File(case.name, case.data)])
    for run, history in found.runs:
        column = curves.monitor(history, "val_accuracy")
        curves.best(history, column)
        tables.epochs([(run, history)])
        assert history.told
        assert len(history.epochs) == len(set(history.epochs.tolist()))
    if found.errors:
        raise FerError(found.errors[0])
    return [
        (history.title, repr({name: values.tolist() for name, values in history.columns.items()}))
        for _, history in found.runs
    ]


def _read_table(case: Case) -> object:
    """As the Compare page does with labels, and as a dataset does. Gives the labels."""
    photos = testsets.from_files((f"{name}.jpg", name.encode()) for name in ("anna", "bob", "Jörg"))
    table = read(case.name, case.data)
    rows = list(table.rows())
    assert all(len(row.cells) == len(table.heading) for row in rows)
    assert table.assumed(FILE, LABEL)
    if table.place(FILE) is None:
        return [row.cells for row in rows]
    given = testsets.with_csv(photos, case.data)
    testsets.all_notes(given)
    return [(photo.name, photo.label) for photo in given.photos]


def _read_archive(case: Case) -> object:
    entries = list(archives.entries(case.data, archives.Limits(entries=500, total_bytes=100_000_000), case.name))
    assert len({name for name, _ in entries}) == len(entries)
    assert not any(name.startswith("/") or ".." in name.split("/") for name, _ in entries)
    return entries


READERS: Mapping[str, Callable[[Case], object]] = {"log": _read_log, "table": _read_table, "archive": _read_archive}


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(data) + 1)
    del data[place : place + chance.choice((1, 1, 3, 40, 4000))]


def _put(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(data) + 1)
    data[place:place] = chance.choice(PIECES)


def _double(data: bytearray, chance: random.Random) -> None:
    begin = chance.randrange(len(data) + 1)
    piece = bytes(data[begin : begin + chance.choice((1, 20, 400, 20_000))])
    data[begin:begin] = piece * chance.choice((1, 2, 50))


def _move(data: bytearray, chance: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    chance.shuffle(lines)
    data[:] = b"\n".join(lines)


def _huge(data: bytearray, chance: random.Random) -> None:
    """Four bytes become a number that claims far too much."""
    if len(data) > 4:
        place = chance.randrange(len(data) - 4)
        data[place : place + 4] = struct.pack("<I", chance.choice((0xFFFFFFFF, 0x7FFFFFFF, 60_000, 1 << 30)))


def _encode(data: bytearray, chance: random.Random) -> None:
    text = bytes(data).decode("utf-8", "replace")
    data[:] = text.encode(chance.choice(("utf-16", "utf-16-le", "cp1252", "mac_roman", "utf-32")), "replace")


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _cut, _put, _double, _move, _huge, _encode)


def _logs() -> dict[str, bytes]:
    epochs = range(6)
    keras = {name: [1 / (2 + epoch) for epoch in epochs] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    rows = [{"epoch": epoch} | {name: values[epoch] for name, values in keras.items()} for epoch in epochs]
    csv = ",".join(rows[0]) + "\n" + "".join(",".join(map(str, row.values())) + "\n" for row in rows)
    state = [{"epoch": epoch + 1.0, "loss": 1.0, "step": epoch} for epoch in epochs]
    state += [{"epoch": epoch + 1.0, "eval_loss": 1.0, "eval_accuracy": 0.5} for epoch in epochs]
    engine = [{"lr": 0.1, "loss": 1.0, "epoch": epoch, "iter": 9, "step": 9 * epoch} for epoch in epochs]
    engine += [{"accuracy/top1": 50.0, "step": epoch} for epoch in epochs]
    printed = "".join(f"Epoch {n}/6\n9/9 [==] - 1s 9ms/step - loss: 1.5 - val_loss: 1.25\n" for n in range(1, 7))
    loops = "".join(f"Epoch {n}: train loss {1 / n:.3f} val acc: {n * 10}%\n" for n in range(1, 7))
    chart = '"Step","a - val_acc","a - val_acc__MIN","b - val_acc"\n' + '"0","0.5","0.5",""\n"1","","","0.5"\n'
    return {
        "history.csv": csv.encode(),
        "german.csv": csv.replace(",", ";").replace(".", ",").encode("utf-16"),
        "metrics.csv": b"epoch,step,lr,train_loss_epoch,val_acc\n,0,0.1,,\n0,9,,1.5,\n0,9,,,0.5\n1,19,,1.0,0.6\n",
        "fastai.csv": b"epoch,train_loss,valid_loss,accuracy,time\n0,2,2,0.5,00:18\n1,1,1,0.6,00:18\n",
        "results.csv": b" epoch, time, train/loss, metrics/accuracy_top1, val/loss\n1,9,2,0.5,2\n2,18,1,0.6,1\n",
        "summary.csv": b"epoch,train_loss,eval_loss,eval_top1\n0,2,2,50\n1,1,1,60\n",
        "wandb.csv": chart.encode(),
        "run-val-tag-epoch_loss.csv": b"Wall time,Step,Value\n9.5,0,1.5\n19.5,1,1.0\n",
        "history.json": json.dumps({"history": keras, "epoch": list(epochs)}).encode(),
        "rows.json": json.dumps(rows).encode(),
        "frequency.json": json.dumps(keras | {"val_loss": [1.0, 0.5, 0.25]}).encode(),
        "trainer_state.json": json.dumps({"log_history": state}).encode(),
        "scalars.json": "\n".join(map(json.dumps, engine)).encode(),
        "dict.txt": str(keras).encode(),
        "keras.txt": printed.encode(),
        "train.log": loops.encode(),
        "events.out.tfevents.1": _events(),
    }


def _events() -> bytes:
    from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]
    from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c  # type: ignore[import-untyped]
    from tensorboard.util.tensor_util import make_tensor_proto  # type: ignore[import-untyped]

    messages = [Event(wall_time=1.0, file_version="brain.Event:2")]
    for step in range(6):
        plain = Summary.Value(tag="epoch", simple_value=step)
        tensor = Summary.Value(tag="val_loss", tensor=make_tensor_proto(1.0 / (1 + step), dtype="float32"))
        messages.append(Event(wall_time=2.0 + step, step=10 * step, summary=Summary(value=[plain, tensor])))
    records = []
    for message in messages:
        content = message.SerializeToString()
        length = struct.pack("<Q", len(content))
        records += [
            length,
            struct.pack("<I", masked_crc32c(length)),
            content,
            struct.pack("<I", masked_crc32c(content)),
        ]
    return b"".join(records)


def _tables() -> dict[str, bytes]:
    return {
        "labels.csv": b"file,label\nanna.jpg,happy\nphotos/bob.jpg,sad\nJ\xc3\xb6rg.jpg,Angst\n",
        "german.csv": "Datei;Ausdruck;Güte\nanna.jpg;fröhlich;0,5\nJörg;Wut;1,5\n".encode("cp1252"),
        "excel.csv": "sep=;\nimage;emotion\nC:\\x\\anna.jpg;3\nbob;0\n".encode("utf-16"),
        "pixels.csv": b"emotion,pixels,Usage\n" + b"".join(b"3," + b"10 " * 40 + b",Training\n" for _ in range(9)),
        "headless.csv": b"anna.jpg,happy\nbob.jpg,sad\n",
        "quoted.tsv": b'"file name"\t"class"\n"a, b"\t"fear"\n"bob"\t"sad"\n',
    }


def _archives() -> dict[str, bytes]:
    files = {
        "train/happy/1.png": b"x" * 300,
        "train\\sad\\2.png": bytes(3000),
        "J\u00f6rg.txt": b"y",
        "__MACOSX/._1": b"z",
    }
    plain, packed, tar = io.BytesIO(), io.BytesIO(), io.BytesIO()
    for stream, method in ((plain, zipfile.ZIP_STORED), (packed, zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    with tarfile.open(fileobj=tar, mode="w") as archive_of_tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive_of_tar.addfile(info, io.BytesIO(content))
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("inner.zip", packed.getvalue())
        archive.writestr("inner.tar.gz", gzip.compress(tar.getvalue()))
    return {
        "stored.zip": plain.getvalue(),
        "packed.zip": packed.getvalue(),
        "nested.zip": nested.getvalue(),
        "plain.tar": tar.getvalue(),
        "packed.tar.gz": gzip.compress(tar.getvalue()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutated tables, logs and archives.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slowest", type=int, default=10)
    options = parser.parse_args()
    outcomes = attack(options.count, options.seed)
    print(report(outcomes, options.slowest))
    return int(any(broken(one) for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
