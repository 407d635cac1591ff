"""What is wrong with a dataset: copies, leaks, conflicts, images that show nothing, and marks of generated images.

    found = audit(open_dataset(path))
    found.to_json()                                   counts
    found.rows("dark")                                row numbers of a kind, to be looked at
    write_exclusions(found, ["leaks", "blank"], Path("exclude.csv"))

An exclusion file (CSV: row, reason) names rows as the dataset's own file does, and training leaves them out.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.auditing import copies, quality
from fer_core.auditing.quality import LIMITS
from fer_core.auditing.reading import Reading, read
from fer_core.datasets.base import Dataset, Progress
from fer_core.errors import DatasetError
from fer_core.labels import FERPLUS_VOTES
from fer_core.text import harmless

Rows = NDArray[np.intp]


class Kind(NamedTuple):
    """A kind of finding: its title, and what it says of an image."""

    title: str
    meaning: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "leaks": Kind("Leaks", "training images of which a test or validation split holds an exact copy"),
        "near_leaks": Kind("Near leaks", "training images of which a test or validation split holds a near copy"),
        "conflicts": Kind("Conflicting labels", "exact copies that carry different labels"),
        "exact_copies": Kind("Exact copies", "the same pixels as an earlier image of the same split"),
        "near_copies": Kind("Near copies", "nearly the same as an earlier image of the same split"),
        "blank": Kind("Blank", f"{quality.BLANK.words}: one gray level, or nearly"),
        "dark": Kind("Dark", LIMITS["dark"].words),
        "blurred": Kind("Blurred", f"{LIMITS['blurred'].words} (variance of the Laplacian over that of the image)"),
        "low_information": Kind("Low information", f"{LIMITS['low_information'].words}: drawings, texts, placeholders"),
        "not_a_face": Kind("Not a face", "FER+'s annotators gave 'not a face' more votes than anything else"),
        "unreadable": Kind("Unreadable", "the file is damaged or no picture"),
        "generated": Kind("Generated", "the file carries a mark of a generator (a claim, not a proof)"),
        "suspects": Kind("Label suspects", "networks that never saw the image are sure of another label"),
    }
)


@dataclass(frozen=True, eq=False)
class Audit:
    """The findings of one dataset; `suspects`: row and reason, from fer_core.auditing.suspects."""

    dataset: Dataset
    reading: Reading
    suspects: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def exact(self) -> list[Rows]:
        """Groups of exact copies."""
        return copies.exact_groups(self.reading.identity)

    @cached_property
    def near(self) -> list[Rows]:
        """Groups that near copies connect, exact copies of each included."""
        return copies.joined(self.reading.pairs, self.exact, len(self.dataset))

    @cached_property
    def conflicting(self) -> list[Rows]:
        """Groups of exact copies with more than one label."""
        labels = self.dataset.labels
        return [group for group in self.exact if len(set(labels[group].tolist())) > 1]

    @cached_property
    def train(self) -> int:
        """Place of the training split; -1 where nothing can leak."""
        names = self.dataset.split_names
        return names.index("train") if "train" in names and len(names) > 1 else -1

    @cached_property
    def findings(self) -> Mapping[str, Mapping[int, str]]:
        """Rows and their reasons by kind, each kind in the order to look at it; kinds without any are left out."""
        found = {
            "leaks": self._leaks(self.exact, "an exact copy of it"),
            "near_leaks": self._near_leaks(),
            "conflicts": {int(row): self._labels(group) for group in self.conflicting for row in group},
            "exact_copies": self._later(self.exact, "exact copy of"),
            "near_copies": self._later(self.near, "near copy of", but=self.exact),
            "blank": dict.fromkeys(self._readable(quality.blank(self.reading.quality)), "blank"),
            **{kind: self._beyond(kind) for kind in LIMITS},
            "not_a_face": self._not_a_face(),
            "unreadable": dict.fromkeys(np.flatnonzero(self.reading.unreadable).tolist(), "cannot be read"),
            "generated": self.reading.marks,
            "suspects": self.suspects,
        }
        return {kind: rows for kind, rows in found.items() if rows}

    def rows(self, kind: str) -> list[int]:
        return list(self.findings.get(kind, ()))

    def groups(self, kind: str) -> list[Rows]:
        """For kinds about copies: whole groups, to be looked at side by side."""
        if kind in ("leaks", "exact_copies"):
            wanted = self.findings.get(kind, {})
            return [group for group in self.exact if any(int(row) in wanted for row in group)]
        if kind in ("near_leaks", "near_copies"):
            wanted = self.findings.get(kind, {})
            return [group for group in self.near if any(int(row) in wanted for row in group)]
        return self.conflicting if kind == "conflicts" else []

    def to_json(self) -> dict[str, Any]:
        """Counts; `leaks` and `near_leaks` count the images of each other split with a copy in training."""
        counts = {kind: len(self.rows(kind)) for kind in KINDS if kind not in ("leaks", "near_leaks", "conflicts")}
        return {
            "dataset": self.dataset.kind,
            "path": str(self.dataset.path),
            "images": len(self.dataset),
            "exact_groups": len(self.exact),
            "conflicting_groups": len(self.conflicting),
            "leaks": self._leaked(self._in_train()),
            "near_groups": len(self.near) if self.reading.compared else None,
            "near_leaks": self._leaked(self._near_train()) if self.reading.compared else None,
            "train_images_that_leak": len(self.rows("leaks")),
            **counts,
            "methods": methods(self),
        }

    def _leaks(self, groups: Sequence[Rows], words: str) -> dict[int, str]:
        names, splits = self.dataset.split_names, self.dataset.splits
        found: dict[int, str] = {}
        for group in groups if self.train >= 0 else ():
            other = [row for row in group.tolist() if splits[row] != self.train]
            for row in group.tolist() if other else ():
                if splits[row] == self.train:
                    place = f"{names[splits[other[0]]]} holds {words}: {self.dataset.name_of(other[0])}"
                    found[row] = place
        return found

    def _near_leaks(self) -> dict[int, str]:
        """Only direct near copies, not those that a chain of them connects."""
        exact = set(self._leaks(self.exact, ""))
        direct = self._leaks(self._direct(), "a near copy of it")
        return {row: reason for row, reason in direct.items() if row not in exact}

    def _direct(self) -> list[Rows]:
        """Each near pair as a group of its own, with the exact copies of both."""
        exact = {int(group[0]): group for group in self.exact}
        pairs = self.reading.pairs
        ends = zip(pairs["first"].tolist(), pairs["second"].tolist(), strict=True)
        alone = {row: np.array([row], np.intp) for row in np.unique([pairs["first"], pairs["second"]]).tolist()}
        return [np.concatenate([exact.get(row, alone[row]) for row in pair]) for pair in ends]

    def _later(self, groups: Sequence[Rows], words: str, but: Sequence[Rows] = ()) -> dict[int, str]:
        """All but the first of each split in each group."""
        known = set(self._later(but, "")) if but else set()
        found: dict[int, str] = {}
        for group in groups:
            first: dict[int, int] = {}
            for row in group.tolist():
                kept = first.setdefault(int(self.dataset.splits[row]), row)
                if row != kept and row not in known:
                    found[row] = f"{words} {self.dataset.name_of(kept)}"
        return found

    def _labels(self, group: Rows) -> str:
        names = [self.dataset.classes[label] for label in self.dataset.labels[group].tolist()]
        return f"copies labelled {', '.join(dict.fromkeys(names))}"

    def _beyond(self, kind: str) -> dict[int, str]:
        limit, values = LIMITS[kind], self.reading.quality.measure(LIMITS[kind].measure)
        rows = self._readable(quality.beyond(self.reading.quality, kind))
        return {row: f"{limit.measure} {values[row]:.2f}" for row in rows}

    def _readable(self, rows: Rows) -> list[int]:
        return [row for row in rows.tolist() if not self.reading.unreadable[row]]

    def _not_a_face(self) -> dict[int, str]:
        votes = self.dataset.votes
        if votes is None:
            return {}
        column = FERPLUS_VOTES.index("NF")
        others = np.delete(votes, column, axis=1).max(axis=1)
        rows = np.flatnonzero(votes[:, column] > others)
        rows = rows[np.argsort(-votes[rows, column], kind="stable")]
        return {row: f"{votes[row, column]} of {votes[row].sum()} votes for 'not a face'" for row in rows.tolist()}

    def _in_train(self) -> NDArray[np.int64]:
        """Identities of the training images."""
        return np.asarray(self.reading.identity[self.dataset.splits == self.train])

    def _near_train(self) -> NDArray[np.int64]:
        """Identities of the images with a near copy in training, without those that stand there themselves."""
        identity, pairs = self.reading.identity, self.reading.pairs
        inside = np.isin(identity, self._in_train())
        first, second = pairs["first"], pairs["second"]
        near = np.concatenate([first[inside[second]], second[inside[first]]])
        return np.asarray(identity[near[~inside[near]]])

    def _leaked(self, identities: NDArray[np.int64]) -> dict[str, int]:
        if self.train < 0:
            return {}
        among = np.isin(self.reading.identity, identities)
        return {
            name: int((among & (self.dataset.splits == place)).sum())
            for place, name in reversed(list(enumerate(self.dataset.split_names)))
            if place != self.train
        }


def audit(dataset: Dataset, progress: Progress | None = None, suspects: Mapping[int, str] | None = None) -> Audit:
    """Look for everything in KINDS.

    Args:
        dataset: an opened one.
        progress: called with what is done and the total; what it raises ends the audit.
        suspects: rows and reasons of fer_core.auditing.suspects, if there are any.
    """
    return Audit(dataset, read(dataset, progress), suspects or {})


def methods(found: Audit) -> dict[str, str]:
    """How each kind was told, in words."""
    near = (
        f"Pearson correlation of 16x16 gray thumbnails at least {copies.SAME}, or {copies.MIRRORED} with one mirrored"
        if found.reading.compared
        else f"not looked for: more than {copies.MOST:,} different images"
    )
    told = {"exact_groups": "the same pixels at the same size", "near_groups": near}
    return told | {kind: KINDS[kind].meaning for kind in ("blank", *LIMITS, "not_a_face")}


def to_csv(found: Audit, kinds: Iterable[str]) -> str:
    """The findings of some kinds as an exclusion file: row and reason, and what tells the image.

    Raises:
        DatasetError: a kind does not exist.
    """
    kinds = list(kinds)
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise DatasetError(f"There is no finding '{', '.join(unknown)}'; expected some of {', '.join(KINDS)}.")
    reasons: dict[int, list[str]] = {}
    for kind in kinds:
        for row, reason in found.findings.get(kind, {}).items():
            reasons.setdefault(row, []).append(f"{kind}: {reason}")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("row", "reason", "split", "label", "name"))
    writer.writerows(_cells(found.dataset, row, "; ".join(reasons[row])) for row in sorted(reasons))
    return stream.getvalue()


def write_exclusions(found: Audit, kinds: Iterable[str], path: Path) -> int:
    """Write the findings of some kinds for training to leave out; gives the number of images.

    Raises:
        DatasetError: a kind does not exist, or the file cannot be written.
    """
    text = to_csv(found, kinds)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error.strerror}). Give another place.") from error
    return text.count("\n") - 1


def _cells(dataset: Dataset, row: int, reason: str) -> tuple[object, ...]:
    split, label = dataset.split_names[dataset.splits[row]], dataset.classes[dataset.labels[row]]
    return int(dataset.file_rows[row]), reason, split, label, harmless(dataset.name_of(row))
