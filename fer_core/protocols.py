"""Which images choose a network, and which its figures are measured on: a property of the data, said in words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

ALL = "all"
"""The split of a dataset that has none; asked for, it means every image of any dataset."""

HELD_OUT = "held_out"
"""Stands for a share of the training images that is kept aside to select and calibrate on."""

WORDS = {
    HELD_OUT: "held-out share of the training images",
    "train": "training split",
    "val": "validation split",
    "test": "test split",
    ALL: "whole set",
}

TRAIN = ("train", ALL)
SELECT = ("public_test", "val")
REPORT = ("private_test", "test", "val", ALL)
"""Names of splits by their part, the first that a dataset has. FER2013: public test selects, private test reports."""


class Parts(NamedTuple):
    """The split of a dataset for each part. `select` is None where a share of `train` must be held out for it."""

    train: str
    select: str | None
    report: str


@dataclass(frozen=True)
class Protocol:
    """How the figures of a released network came about; metrics.json keeps it beside them.

    Attributes:
        dataset: title of the dataset that selects and reports, as 'RAF-DB'.
        selected_on: the images that chose the epoch, in words, as 'public test'.
        calibrated_on: the images that temperature and threshold were fitted on, in words.
        report: the split that the headline figure is of.
        chosen: splits that chose anything; figures on them are too good.
    """

    dataset: str
    selected_on: str
    calibrated_on: str
    report: str
    chosen: tuple[str, ...]

    @property
    def reported_on(self) -> str:
        return in_words(self.report)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"chosen": list(self.chosen)}


FIRST = Protocol("FER2013", "public test", "public test", "private_test", ("public_test",))
"""Networks released before metrics.json said it; all of them are FER2013's."""


def parts(split_names: Sequence[str]) -> Parts:
    """The part that each split plays, told by the names of the splits.

    A split never selects and reports at once: where there is no second one, a share of the training images selects.
    """
    report = _first(split_names, REPORT) or split_names[-1]
    select = _first([name for name in split_names if name != report], SELECT)
    return Parts(_first(split_names, TRAIN) or split_names[0], select, report)


def of(metrics: Mapping[str, Any]) -> Protocol:
    """The protocol in a network's metrics.json."""
    said = metrics.get("protocol")
    return Protocol(**said | {"chosen": tuple(said["chosen"])}) if said else FIRST


def in_words(split: str) -> str:
    """A split in a sentence, after 'the': 'private test', 'test split'."""
    return WORDS.get(split, split.replace("_", " "))


def _first(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in names), None)
