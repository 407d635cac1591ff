"""What a part of a batch holds, and what a whole batch holds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fer_core.batch import schema
from fer_core.batch.folder import OutFolder


@dataclass
class Counts:
    """What a part holds, and what a batch holds.

    Attributes:
        photos: with a row, whatever it says.
        faces: found.
        failed: photos that could not be read.
        without_face: photos in which no face was found.
        answers: how often each network gave each label.
        unsure: how often each network was unsure.
    """

    photos: int = 0
    faces: int = 0
    failed: int = 0
    without_face: int = 0
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    unsure: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Sequence[schema.Row]) -> None:
        """Count the rows of one photo."""
        first = rows[0]
        self.photos += 1
        self.failed += bool(first["error"])
        self.without_face += not first["error"] and "face" not in first
        self.faces += len({row["face"] for row in rows if "face" in row})
        for row in rows:
            if "model" in row:
                self.answers.setdefault(row["model"], Counter())[row["label"]] += 1
                self.unsure[row["model"]] += row["unsure"]

    def join(self, other: "Counts") -> None:
        """Add what another part holds."""
        for name in ("photos", "faces", "failed", "without_face"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for model, counts in other.answers.items():
            self.answers.setdefault(model, Counter()).update(counts)
        self.unsure.update(other.unsure)

    def to_json(self) -> dict[str, Any]:
        return {
            "photos": self.photos,
            "faces": self.faces,
            "failed": self.failed,
            "without_face": self.without_face,
            "answers": {model: dict(counts) for model, counts in self.answers.items()},
            "unsure": dict(self.unsure),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Counts":
        answers = {model: Counter(counts) for model, counts in values["answers"].items()}
        return cls(**{**values, "answers": answers, "unsure": Counter(values["unsure"])})


def of_parts(folder: OutFolder, names: Iterable[str]) -> Counts:
    """What some parts hold together, from their metadata.

    Raises:
        BatchError: one of them is damaged.
    """
    total = Counts()
    for name in names:
        with folder.open(name) as stream:
            total.join(Counts.from_json(schema.counts(stream)))
    return total
