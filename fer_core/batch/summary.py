"""What a batch found, by label, folder and time, straight from its Parquet files by DuckDB.

One pass counts the answers by network, label, folder and month. These counts are kept beside the parts, so that later
summaries read only parts that are new. Sample faces are asked for by themselves.
"""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core import extras
from fer_core.batch import counts, plan, schema
from fer_core.batch.counts import Counts
from fer_core.batch.folder import LocalFolder, OutFolder, filesystem, is_address, out_folder
from fer_core.errors import BatchError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLED_PARTS = 40
"""Parts, spread over the batch, from which sample faces are drawn."""

ROLLUP = "_counts.parquet"
"""Counts of the parts that were read once, kept beside them: a part never changes. `fer batch` writes it at its end."""
KEPT = 100
"""Slow photos, and failed ones, that it keeps."""

CUBE = """
SELECT model, label, folder, date_trunc('month', taken) AS month, unsure, count(*) AS faces,
       sum(confidence) AS confidence
FROM {source} WHERE label IS NOT NULL GROUP BY ALL
"""

JOINED = """
CREATE TEMP TABLE cube AS
SELECT model, label, folder, month, unsure, sum(faces)::BIGINT AS faces, sum(confidence) AS confidence
FROM ({sources}) GROUP BY ALL
"""

AS_KEPT = "CREATE TEMP TABLE cube AS {sources}"

SHARES = """
SELECT model, label, sum(faces)::BIGINT AS faces, sum(faces) / sum(sum(faces)) OVER (PARTITION BY model) AS share,
       coalesce(sum(faces) FILTER (unsure), 0) / sum(faces) AS unsure, sum(confidence) / sum(faces) AS confidence
FROM cube GROUP BY model, label ORDER BY model, faces DESC, label
"""

BY_GROUP = """
WITH groups AS (
    SELECT model, {group} AS "group", label, sum(faces) AS n, coalesce(sum(faces) FILTER (unsure), 0) AS doubted
    FROM cube WHERE {group} IS NOT NULL GROUP BY ALL)
SELECT model, "group", sum(n)::BIGINT AS faces, arg_max(label, n) AS most, max(n) / sum(n) AS share,
       sum(doubted) / sum(n) AS unsure
FROM groups GROUP BY model, "group" ORDER BY {order}, model LIMIT {limit}
"""

SLOWEST = """
SELECT photo, milliseconds, photo_width AS width, photo_height AS height, face
FROM {source} WHERE milliseconds IS NOT NULL ORDER BY milliseconds DESC LIMIT {rows}
"""

FAILED = "SELECT photo, error FROM {source} WHERE error IS NOT NULL LIMIT {limit}"

SAMPLES = """
SELECT label, min_by({{'photo': photo, 'face': face, 'x': x, 'y': y, 'width': width, 'height': height,
                      'confidence': confidence, 'unsure': unsure}}, hash(photo, face), {each}) AS faces
FROM {source} WHERE model = ? AND label IS NOT NULL GROUP BY label ORDER BY label
"""

Table = list[dict[str, Any]]


@dataclass(frozen=True)
class Summary:
    """What a batch found.

    Attributes:
        counts: photos, faces and failures.
        done: the batch has read all its photos.
        shares: model, label, faces, share, unsure share, mean confidence.
        folders: model, group, faces, most frequent label and its share, unsure share; the largest folders first.
        months: the same by the month in which a photo was taken, in their order.
        slowest: photo, milliseconds, width, height, faces.
        failed: photo and error, the first of them.
    """

    counts: Counts
    done: bool
    shares: Table
    folders: Table
    months: Table
    slowest: Table
    failed: Table

    def to_json(self) -> dict[str, Any]:
        return {
            "photos": self.counts.photos,
            "faces": self.counts.faces,
            "photos_without_a_face": self.counts.without_face,
            "photos_that_could_not_be_read": self.counts.failed,
            "done": self.done,
            **{name: getattr(self, name) for name in ("shares", "folders", "months", "slowest", "failed")},
        }


class Results:
    """The rows of a batch. Keep it to ask again: what was counted stays in memory."""

    def __init__(self, given: str) -> None:
        """Find the parts.

        Args:
            given: the folder of the batch, or its address.

        Raises:
            BatchError: there is no batch, or it has another schema.
            MissingPackageError: DuckDB is not installed.
        """
        extras.need("duckdb")
        self._folder = _folder(given)
        self._parts = sorted(name for name in self._folder.names() if name.startswith(plan.PART))
        if not self._parts:
            raise BatchError(
                f"{given} holds no results of `fer batch` yet. Check the folder, or wait for the first part."
            )
        known = plan.known(self._folder)
        self.done = bool(known and known.done)

    def summary(self, limit: int = 20) -> Summary:
        """Everything at a glance, at most `limit` rows of each table but the shares."""
        total = self.counts
        return Summary(
            counts=total,
            done=self.done,
            shares=self.ask(SHARES),
            folders=self.ask(BY_GROUP.format(group="folder", order='faces DESC, "group"', limit=limit)),
            months=self.ask(BY_GROUP.format(group="month", order='"group"', limit=10 * limit)),
            slowest=self.slowest(limit),
            failed=self._rollup.failed[:limit],
        )

    def keep(self) -> None:
        """Count what is not counted yet, and keep it beside the parts."""
        _ = self._rollup

    def slowest(self, limit: int = 20) -> Table:
        """The photos that took longest to decode and search, at most KEPT."""
        return self._rollup.slowest[:limit]

    def samples(self, model: str, each: int = 6) -> dict[str, Table]:
        """A few faces per label, drawn by chance from some parts, always the same ones.

        Returns:
            By label: photo, face, x, y, width, height, confidence, unsure.
        """
        step = max(1, len(self._parts) // SAMPLED_PARTS)
        rows = self.ask(SAMPLES.format(source=self._source(self._parts[::step]), each=each), model)
        return {row["label"]: row["faces"] for row in rows}

    @property
    def counts(self) -> Counts:
        """Photos, faces and failures."""
        return self._rollup.counts

    def ask(self, query: str, *values: object) -> Table:
        """Rows of a query, once `counts` was asked for also over the table `cube`."""
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @cached_property
    def _connection(self) -> "DuckDBPyConnection":
        import duckdb

        connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
        if is_address(self._folder.name):
            connection.register_filesystem(filesystem(self._folder.name)[0])
        return connection

    @cached_property
    def _rollup(self) -> "_Rollup":
        """Counts of all parts: those that were counted before, and the new ones."""
        known = _Rollup.read(self._folder, self._parts)
        new = [name for name in self._parts if name not in known.parts]
        with self._told():
            sources = [f"SELECT * FROM {self._source([ROLLUP])}"] if known.parts else []
            sources += [CUBE.format(source=self._source(new))] if new else []
            whole = JOINED if new else AS_KEPT
            self._connection.execute(whole.format(sources=" UNION ALL ".join(sources)))
            if new:
                rows = self.ask(SLOWEST.format(source=self._source(new), rows=20 * KEPT))
                failed = self.ask(FAILED.format(source=self._source(new), limit=KEPT))
                known = known.joined(new, counts.of_parts(self._folder, new), _by_photo(rows), failed)
                known.write(self._folder, self._connection.sql("SELECT * FROM cube").to_arrow_table())
        return known

    @contextmanager
    def _told(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            raise BatchError(
                f"The results in {self._folder.name} cannot be read ({str(error).splitlines()[0]}). "
                "Remove the damaged part and give `fer batch` again with --resume."
            ) from error

    def _source(self, parts: Sequence[str]) -> str:
        files = ", ".join("'" + f"{self._folder.name}/{name}".replace("'", "''") + "'" for name in parts)
        return f"read_parquet([{files}])"


@dataclass(frozen=True)
class _Rollup:
    """Counts of some parts, as they are kept beside them."""

    parts: frozenset[str]
    counts: Counts
    slowest: Table
    failed: Table

    @classmethod
    def read(cls, folder: OutFolder, there: Sequence[str]) -> "_Rollup":
        """What was counted before; nothing where that is damaged, or a part of it is gone."""
        import pyarrow
        import pyarrow.parquet

        nothing = cls(frozenset(), Counts(), [], [])
        try:
            with folder.open(ROLLUP) as stream:
                metadata = pyarrow.parquet.read_metadata(stream).metadata or {}
            values = json.loads(metadata[schema.COUNTS_KEY.encode()])
            counted = Counts.from_json(values["counts"])
            found = cls(frozenset(values["parts"]), counted, values["slowest"], values["failed"])
        except (FileNotFoundError, KeyError, TypeError, ValueError, pyarrow.ArrowException):
            return nothing
        return found if found.parts <= set(there) else nothing

    def joined(self, parts: Sequence[str], news: Counts, slowest: Table, failed: Table) -> "_Rollup":
        """With further parts."""
        news.join(self.counts)
        slow = sorted([*self.slowest, *slowest], key=lambda row: (-row["milliseconds"], row["photo"]))
        return _Rollup(self.parts | set(parts), news, slow[:KEPT], [*self.failed, *failed][:KEPT])

    def write(self, folder: OutFolder, cube: Any) -> None:  # noqa: ANN401
        """Keep it; a folder that cannot be written is counted again next time."""
        import pyarrow
        import pyarrow.parquet

        values = {
            "parts": sorted(self.parts),
            "counts": self.counts.to_json(),
            "slowest": self.slowest,
            "failed": self.failed,
        }
        stream = io.BytesIO()
        pyarrow.parquet.write_table(
            cube.replace_schema_metadata({schema.COUNTS_KEY: json.dumps(values)}), stream, compression="zstd"
        )
        with suppress(BatchError):
            folder.write(ROLLUP, stream.getvalue())


def _by_photo(rows: Table) -> Table:
    """One row per photo, in their order, with its number of faces."""
    faces: dict[str, set[int]] = {}
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        faces.setdefault(row["photo"], set()).update([row["face"]] if row["face"] else [])
        first.setdefault(row["photo"], row)
    names = ("photo", "milliseconds", "width", "height")
    return [
        {**{name: row[name] for name in names}, "faces": len(faces[photo])} for photo, row in list(first.items())[:KEPT]
    ]


def _folder(given: str) -> OutFolder:
    """The folder of a batch; none is made.

    Raises:
        BatchError: it is not there.
    """
    if not is_address(given):
        path = Path(given).expanduser()
        if not path.is_dir():
            raise BatchError(f"There is no folder {given}; expected one that `fer batch` wrote. Check the path.")
        return LocalFolder(path)
    return out_folder(given)
