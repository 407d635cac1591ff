"""What a batch found, by label, folder and time, straight from its Parquet files by DuckDB.

One pass counts the answers by network, label, folder and month. Everything else is made from these counts, but for the
slowest photos, the failed ones and the sample faces, which are asked for by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core import extras
from fer_core.batch import plan, schema
from fer_core.batch.folder import LocalFolder, OutFolder, filesystem, is_address, out_folder
from fer_core.batch.worker import Counts
from fer_core.errors import BatchError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLED_PARTS = 40
"""Parts, spread over the batch, from which sample faces are drawn."""

CUBE = """
CREATE TEMP TABLE cube AS
SELECT model, label, folder, date_trunc('month', taken) AS month, unsure, count(*) AS faces,
       sum(confidence) AS confidence
FROM found WHERE label IS NOT NULL GROUP BY ALL
"""

SHARES = """
SELECT model, label, sum(faces)::BIGINT AS faces, sum(faces) / sum(sum(faces)) OVER (PARTITION BY model) AS share,
       coalesce(sum(faces) FILTER (unsure), 0) / sum(faces) AS unsure, sum(confidence) / sum(faces) AS confidence
FROM cube GROUP BY model, label ORDER BY model, faces DESC
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
SELECT photo, max(milliseconds) AS milliseconds, max(photo_width) AS width, max(photo_height) AS height,
       count(DISTINCT face) AS faces
FROM found SEMI JOIN (SELECT photo, milliseconds FROM found WHERE milliseconds IS NOT NULL
                      ORDER BY milliseconds DESC LIMIT {rows}) AS slow USING (photo)
GROUP BY photo ORDER BY milliseconds DESC LIMIT {limit}
"""

FAILED = "SELECT photo, error FROM found WHERE error IS NOT NULL LIMIT {limit}"

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
        counts = self.counts
        return {
            "photos": counts.photos,
            "faces": counts.faces,
            "photos_without_a_face": counts.without_face,
            "photos_that_could_not_be_read": counts.failed,
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
        return Summary(
            counts=self.counts,
            done=self.done,
            shares=self.ask(SHARES),
            folders=self.ask(BY_GROUP.format(group="folder", order='faces DESC, "group"', limit=limit)),
            months=self.ask(BY_GROUP.format(group="month", order='"group"', limit=10 * limit)),
            slowest=self.slowest(limit),
            failed=self.ask(FAILED.format(limit=limit)),
        )

    def slowest(self, limit: int = 20) -> Table:
        """The photos that took longest to decode and search."""
        return self.ask(SLOWEST.format(rows=50 * limit, limit=limit))

    def samples(self, model: str, each: int = 6) -> dict[str, Table]:
        """A few faces per label, drawn by chance from some parts, always the same ones.

        Returns:
            By label: photo, face, x, y, width, height, confidence, unsure.
        """
        step = max(1, len(self._parts) // SAMPLED_PARTS)
        rows = self.ask(SAMPLES.format(source=self._source(self._parts[::step]), each=each), model)
        return {row["label"]: row["faces"] for row in rows}

    @cached_property
    def counts(self) -> Counts:
        """Photos, faces and failures, from the metadata of the parts."""
        total = Counts()
        for name in self._parts:
            with self._folder.open(name) as stream:
                total.join(Counts.from_json(schema.counts(stream)))
        return total

    def ask(self, query: str, *values: object) -> Table:
        """Rows of a query over the tables `found` (all rows) and `cube` (counts)."""
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @cached_property
    def _connection(self) -> "DuckDBPyConnection":
        import duckdb

        connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
        if is_address(self._folder.name):
            connection.register_filesystem(filesystem(self._folder.name)[0])
        try:
            connection.execute(f"CREATE TEMP VIEW found AS SELECT * FROM {self._source(self._parts)}")
            connection.execute(CUBE)
        except duckdb.Error as error:
            raise BatchError(
                f"The results in {self._folder.name} cannot be read ({str(error).splitlines()[0]}). "
                "Remove the damaged part and give `fer batch` again with --resume."
            ) from error
        return connection

    def _source(self, parts: Sequence[str]) -> str:
        files = ", ".join("'" + f"{self._folder.name}/{name}".replace("'", "''") + "'" for name in parts)
        return f"read_parquet([{files}])"


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
