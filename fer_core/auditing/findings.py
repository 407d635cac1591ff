"""What is wrong with a dataset: copies, leaks, conflicts, images that show nothing, and marks of generated images.

    found = audit(open_dataset(path))
    found.to_json()                                   counts
    found.rows("dark")                                row numbers of a kind, to be looked at
    write_exclusions(found, ["leaks", "blank"], Path("exclude.csv"))

Each kind of finding is one file in `kinds/`. An exclusion file (CSV: row, reason) names rows as the dataset's own file
does, and training leaves them out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core import extras, text
from fer_core.auditing import copies
from fer_core.auditing.kind import Kind, Rows
from fer_core.auditing.reading import Reading, read
from fer_core.datasets.base import Dataset, Progress
from fer_core.errors import DatasetError


def kinds() -> Mapping[str, Kind]:
    """Every kind of finding by name; they are imported here, because they read an Audit."""
    from fer_core.auditing.kinds import KINDS

    return KINDS


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
        found = {name: kind.find(self) for name, kind in kinds().items()}
        return {name: rows for name, rows in found.items() if rows}

    @cached_property
    def split_sizes(self) -> Mapping[str, int]:
        """Images of each split."""
        counts = np.bincount(self.dataset.splits, minlength=len(self.dataset.split_names))
        return dict(zip(self.dataset.split_names, counts.tolist(), strict=True))

    def total(self, kind: str) -> int:
        """The number of images that could be such a finding: what its count is a part of."""
        return self.split_sizes["train"] if kinds()[kind].in_training and self.train >= 0 else len(self.dataset)

    def telling_groups(self, kind: str) -> list[Rows]:
        """As `groups`, the most telling first: copies with different labels, then large groups; blank images last."""
        labels, blank = self.dataset.labels, self.findings.get("blank", {})
        return sorted(
            self.groups(kind),
            key=lambda group: (int(group[0]) in blank, -len(set(labels[group].tolist())), -len(group)),
        )

    def rows(self, kind: str) -> list[int]:
        return list(self.findings.get(kind, ()))

    def groups(self, kind: str) -> list[Rows]:
        """For kinds about copies: whole groups, to be looked at side by side."""
        return kinds()[kind].groups(self)

    def groups_with(self, kind: str, groups: Sequence[Rows]) -> list[Rows]:
        """Those of the groups in which an image is a finding of that kind."""
        wanted = self.findings.get(kind, {})
        return [group for group in groups if any(int(row) in wanted for row in group)]

    def to_json(self) -> dict[str, Any]:
        """Counts; `leaks` and `near_leaks` count the images of each other split with a copy in training."""
        counts = {name: len(self.rows(name)) for name, kind in kinds().items() if kind.counted}
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

    def leaking(self, groups: Sequence[Rows], words: str) -> dict[int, str]:
        """Training images that share a group with an image of another split."""
        names, splits = self.dataset.split_names, self.dataset.splits
        found: dict[int, str] = {}
        for group in groups if self.train >= 0 else ():
            other = [row for row in group.tolist() if splits[row] != self.train]
            for row in group.tolist() if other else ():
                if splits[row] == self.train:
                    found[row] = f"{names[splits[other[0]]]} holds {words}: {self.dataset.name_of(other[0])}"
        return found

    def later(self, groups: Sequence[Rows], words: str) -> dict[int, str]:
        """All but the first of each split in each group."""
        found: dict[int, str] = {}
        for group in groups:
            first: dict[int, int] = {}
            for row in group.tolist():
                kept = first.setdefault(int(self.dataset.splits[row]), row)
                if row != kept:
                    found[row] = f"{words} {self.dataset.name_of(kept)}"
        return found

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
    """Look for every kind of finding.

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
    )
    if not found.reading.compared:
        near = f"not looked for: more than {copies.MOST:,} different images. {extras.advice('faiss')}"
    elif not found.reading.all_compared:
        near += "; each image compared with its neighbours by faiss, because there are many"
    told = {"exact_groups": "the same pixels at the same size", "near_groups": near}
    return told | {name: kind.meaning for name, kind in kinds().items() if kind.method}


def to_csv(found: Audit, wanted: Iterable[str]) -> str:
    """The findings of some kinds as an exclusion file: row and reason, and what tells the image.

    Raises:
        DatasetError: a kind does not exist.
    """
    names = list(wanted)
    if unknown := [name for name in names if name not in kinds()]:
        raise DatasetError(f"There is no finding '{', '.join(unknown)}'; expected some of {', '.join(kinds())}.")
    reasons: dict[int, list[str]] = {}
    for name in names:
        for row, reason in found.findings.get(name, {}).items():
            reasons.setdefault(row, []).append(f"{name}: {reason}")
    cells = [_cells(found.dataset, row, "; ".join(reasons[row])) for row in sorted(reasons)]
    return text.to_csv(cells, ("row", "reason", "split", "label", "name"))


def write_exclusions(found: Audit, wanted: Iterable[str], path: Path) -> int:
    """Write the findings of some kinds for training to leave out; gives the number of images.

    Raises:
        DatasetError: a kind does not exist, or the file cannot be written.
    """
    written = to_csv(found, wanted)
    try:
        path.write_text(written, encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error.strerror}). Give another place.") from error
    return written.count("\n") - 1


def _cells(dataset: Dataset, row: int, reason: str) -> dict[str, object]:
    return {
        "row": int(dataset.file_rows[row]),
        "reason": reason,
        "split": dataset.split_names[dataset.splits[row]],
        "label": dataset.classes[dataset.labels[row]],
        "name": dataset.name_of(row),
    }
