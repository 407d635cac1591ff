"""What is known of the FER datasets without having one: sizes, access, class counts, misprints, with sources."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fer_core import settings
from fer_core.datasets.balance import Counts, total_variation
from fer_core.datasets.schemes import WRITTEN
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT

FACTS = settings.FACTS / "datasets"
AS_PRINTED = "test_as_printed"
"""A column of a paper that is wrong; it is shown as that and enters no comparison."""


@dataclass(frozen=True)
class Entry:
    """A dataset of the catalogue.

    Attributes:
        key: as open_dataset and the adapters call it.
        title: as papers call it.
        images: what the dataset holds; sequences for CK+.
        classes: number of expressions; 0 where it has none (DISFA has action units).
        channels: 1 gray, 3 colour.
        size: pixels, as text.
        taken: posed or in the wild.
        access: how to get it.
        licence: its terms, as far as our sources state them.
        link: address of its authors' page.
        notes: splits and labels.
        source: where these figures are from.
    """

    key: str
    title: str
    images: int
    classes: int
    channels: int
    size: str
    taken: str
    access: str
    licence: str
    link: str
    notes: str
    source: str

    @property
    def order(self) -> tuple[str, ...]:
        """Its expressions in its own order; empty where it has none."""
        return tuple(WRITTEN.get(self.key, {}).values())


@dataclass(frozen=True)
class ClassCounts:
    """A column of class counts.

    Attributes:
        dataset: its title; variants as 'AffectNet-7' have their own.
        split: as printed or counted.
        counts: images by expression, in the order of labels.EIGHT.
        others: images under labels that are no expression.
        source: where the numbers are from.
        misprint: the column is known to be wrong.
    """

    dataset: str
    split: str
    counts: Counts
    others: Counts
    source: str
    misprint: bool

    @property
    def title(self) -> str:
        return f"{self.dataset} {self.split}"

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Misprint:
    """What stands somewhere, and what is right."""

    dataset: str
    where: str
    printed: str
    right: str
    source: str


@cache
def entries() -> tuple[Entry, ...]:
    """All datasets, those with adapters first."""
    return tuple(
        Entry(
            key=row["key"],
            title=row["dataset"],
            images=int(row["images"]),
            classes=int(row["classes"]),
            channels=int(row["channels"]),
            size=row["size_px"],
            taken=row["kind"],
            access=row["access"],
            licence=row["licence"],
            link=row["link"],
            notes=row["notes"],
            source=row["source"],
        )
        for row in _table("datasets")
    )


def how_to_get(key: str) -> str:
    """A sentence on a dataset's access."""
    known = {one.key: one for one in entries()}
    if key not in known:
        return "Check the path."
    return f"How to get it: {known[key].access} ({known[key].licence}), {known[key].link}."


def entry(key: str) -> Entry:
    """One dataset.

    Raises:
        DatasetError: the catalogue does not know it.
    """
    found = next((one for one in entries() if one.key == key), None)
    if found is None:
        raise DatasetError(f"The catalogue has no dataset '{key}'; it has {', '.join(one.key for one in entries())}.")
    return found


@cache
def class_counts() -> tuple[ClassCounts, ...]:
    """Every column of class counts that was counted or printed, misprints among them and marked."""
    columns: dict[tuple[str, str], dict[str, int]] = {}
    sources: dict[tuple[str, str], str] = {}
    for row in _table("class_counts"):
        place = (row["dataset"], row["split"])
        columns.setdefault(place, {})[row["expression"]] = int(row["images"])
        sources[place] = row["source"]
    return tuple(
        ClassCounts(
            *place,
            counts={label: column[label] for label in EIGHT if label in column},
            others={label: count for label, count in column.items() if label not in EIGHT},
            source=sources[place],
            misprint=place[1] == AS_PRINTED,
        )
        for place, column in columns.items()
    )


def counts_of(dataset: str) -> dict[str, ClassCounts]:
    """The columns of one dataset by split, without misprints; empty when none is known."""
    return {one.split: one for one in class_counts() if one.dataset == dataset and not one.misprint}


def drift() -> dict[str, float]:
    """How far each test split's shares lie from its training split's: total variation, 0 to 1, by 'dataset split'."""
    found = {}
    for dataset in dict.fromkeys(one.dataset for one in class_counts()):
        splits = counts_of(dataset)
        for split, column in splits.items():
            if "train" in splits and split != "train":
                found[f"{dataset} {split}"] = total_variation(splits["train"].counts, column.counts)
    return found


@cache
def misprints() -> tuple[Misprint, ...]:
    return tuple(Misprint(**row) for row in _table("misprints"))


def permuted() -> Mapping[str, tuple[int, str]]:
    """FER2013's test column as printed: under each expression the number, and the expression whose number it is."""
    right = {count: label for label, count in counts_of("FER2013")["private_test"].counts.items()}
    printed = next(one for one in class_counts() if one.misprint)
    return {label: (count, right[count]) for label, count in printed.counts.items()}


def _table(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
