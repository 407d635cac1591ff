"""The plan of a batch: every photo in its order, cut into parts, and what was asked; all of it in the output folder.

    _manifest.json        what was asked, the networks, what was passed over, and whether the batch is done
    _plan.parquet         every photo, in order
    part-00000012.parquet the rows of the twelfth part; it appears when the part is whole
    _summary.json         counts at the end

Names that begin with _ are passed over by pandas.read_parquet and by DuckDB's part-*.parquet.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from fer_core.batch import schema
from fer_core.batch.folder import OutFolder
from fer_core.batch.listing import MANIFEST, WHOLE, Entry, Listing
from fer_core.errors import BatchError

PLAN = "_plan.parquet"
SUMMARY = "_summary.json"
PART, SUFFIX = "part-", ".parquet"

FEWEST, MOST = 64, 4096
"""Photos in a part. What is stopped loses the parts it is at; too many files make reading slow."""
PARTS = 1000
GROUP = 4096
"""Entries that are written or read at a time."""


@dataclass(frozen=True)
class Asked:
    """What decides the rows of a batch. A batch that goes on must be asked for the same.

    Attributes:
        inputs: as given.
        models: names of the networks, in order.
        min_score: as in `analyse`.
        detector: 'yunet' or 'haar'.
        face_crop: each photo is one face already.
    """

    inputs: tuple[str, ...]
    models: tuple[str, ...]
    min_score: float = 0.7
    detector: str = "haar"
    face_crop: bool = False


@dataclass(frozen=True)
class Plan:
    """A planned batch.

    Attributes:
        asked: what was asked for.
        entries: of the plan: photos, and archives that count only when they are read.
        part: photos in a part.
        passed_over: what is no photo, by kind.
        left_out: networks that were asked for and cannot run, with the reason.
        done: everything has been read.
    """

    asked: Asked
    entries: int
    part: int
    passed_over: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    done: bool = False

    def to_json(self) -> bytes:
        values = {"schema": schema.VERSION, **asdict(self)}
        return json.dumps(values, indent=2, ensure_ascii=False).encode()


class Chunk(NamedTuple):
    """The entries of one part: `size` of them from `first` on."""

    number: int
    first: int
    size: int

    @property
    def name(self) -> str:
        return f"{PART}{self.number:08d}{SUFFIX}"


def known(folder: OutFolder) -> Plan | None:
    """The plan of a folder, or None where none was finished.

    Raises:
        BatchError: the manifest is damaged, or of a later version.
    """
    content = folder.read(MANIFEST)
    if content is None:
        return None
    try:
        values: dict[str, Any] = json.loads(content)
        version = values.pop("schema")
        asked: dict[str, Any] = values.pop("asked")
        asked |= {name: tuple(asked[name]) for name in ("inputs", "models")}
        plan = Plan(Asked(**asked), **values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BatchError(f"{folder.name}/{MANIFEST} is damaged ({error}). Give another --out.") from error
    if version != schema.VERSION:
        raise BatchError(
            f"{folder.name} holds a batch of schema {version}; this version of fer writes {schema.VERSION}. "
            "Give another --out."
        )
    return plan


def make(
    folder: OutFolder, asked: Asked, left_out: Mapping[str, str], progress: Callable[[int], None] | None = None
) -> Plan:
    """List every photo and write the plan.

    Raises:
        BatchError: an input is not there, there is no photo, or the folder cannot be written.
    """
    listing = Listing(asked.inputs)
    with tempfile.TemporaryFile() as stream:
        count = _write(listing.entries(), stream, progress)
        if not count:
            raise BatchError(
                f"There is no photo in {', '.join(asked.inputs)}{_others(listing)}. Expected pictures, or lists, "
                "archives or Parquet files with pictures."
            )
        stream.seek(0)
        folder.write(PLAN, stream.read())
    part = min(MOST, max(FEWEST, count // PARTS // FEWEST * FEWEST))
    plan = Plan(asked, count, part, dict(listing.passed_over), dict(left_out))
    folder.write(MANIFEST, plan.to_json())
    return plan


def chunks(folder: OutFolder, plan: Plan) -> list[Chunk]:
    """Every part of a plan. An archive of unknown content is a part by itself."""
    found: list[Chunk] = []
    first = count = 0
    for place, kind in enumerate(_kinds(folder)):
        if count and (kind == WHOLE or count == plan.part):
            found.append(Chunk(len(found), first, count))
            first, count = place, 0
        count += 1
        if kind == WHOLE:
            found.append(Chunk(len(found), place, 1))
            first, count = place + 1, 0
    return [*found, Chunk(len(found), first, count)] if count else found


def entries(folder: OutFolder, chunk: Chunk) -> list[Entry]:
    """The entries of one part."""
    import pyarrow.parquet

    found: list[Entry] = []
    with folder.open(PLAN) as stream, pyarrow.parquet.ParquetFile(stream) as opened:
        first, last = chunk.first // GROUP, (chunk.first + chunk.size - 1) // GROUP
        for group in range(first, last + 1):
            table = opened.read_row_group(group)
            start = max(0, chunk.first - group * GROUP)
            stop = min(len(table), chunk.first + chunk.size - group * GROUP)
            columns = [table[name][start:stop].to_pylist() for name in Entry._fields]
            found += map(Entry, *columns)
    return found


def _write(found: Iterator[Entry], stream: Any, progress: Callable[[int], None] | None) -> int:  # noqa: ANN401
    import pyarrow
    import pyarrow.parquet

    words = pyarrow.string()
    types = dict.fromkeys(Entry._fields, words) | {"place": pyarrow.int64()}
    shape = pyarrow.schema(list(types.items()))
    count = 0
    with pyarrow.parquet.ParquetWriter(stream, shape, compression="zstd") as writer:
        while some := list(islice(found, GROUP)):
            table = pyarrow.table(dict(zip(Entry._fields, map(list, zip(*some, strict=True)), strict=True)), shape)
            writer.write_table(table, row_group_size=GROUP)
            count += len(some)
            if progress:
                progress(count)
    return count


def _kinds(folder: OutFolder) -> Iterator[str]:
    import pyarrow.parquet

    with folder.open(PLAN) as stream, pyarrow.parquet.ParquetFile(stream) as opened:
        for group in range(opened.num_row_groups):
            yield from opened.read_row_group(group, ["kind"])["kind"].to_pylist()


def _others(listing: Listing) -> str:
    most = listing.passed_over.most_common(3)
    return f" ({', '.join(f'{count:,} x {kind}' for kind, count in most)})" if most else ""


def differs(plan: Plan, asked: Asked) -> Sequence[str]:
    """What is asked for now and was not when the batch began."""
    before, now = asdict(plan.asked), asdict(asked)
    return [f"{name} {_shown(before[name])}, now {_shown(now[name])}" for name in now if before[name] != now[name]]


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
