"""A part of a dataset, or of several joined, as the data section of a training recipe, with the balance it gives.

The balance is computed as the trainer cuts its images: copies of test images, excluded rows, classes, then the cap.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from fer_core.datasets.base import ALL, Dataset, ImageTable
from fer_core.errors import DatasetError, RecipeError
from fer_core.labels import EIGHT, SEVEN
from fer_core.recipes import selection
from fer_core.recipes.schema import Data, Join, Recipe, read_exclusions

Counts = dict[str, int]
Rows = NDArray[np.intp]

OTHER_KIND = "any"
"""Told by its layout when the trainer opens it."""
COPIES = "exact copies of test images"
FINDINGS = "findings of the audit"


@dataclass(frozen=True)
class Share:
    """What one dataset gives to a subset: images by class before and after, and why the others are left out."""

    title: str
    before: Counts
    after: Counts
    left_out: Mapping[str, int]


def section(
    dataset: Dataset,
    *,
    classes: Sequence[str] = (),
    cap: int | None = None,
    exclude: Iterable[Path | str] = (),
    joined: Sequence[Dataset] = (),
    leave_out_copies: bool = True,
) -> Data:
    """The data section that asks for it.

    Args:
        dataset: the first; its splits select and report.
        classes: canonical names to keep; empty for all.
        cap: most training images a class, of each dataset.
        exclude: exclusion files, for the first dataset's rows.
        joined: further datasets, whose training images are added.
        leave_out_copies: exact copies of test images stay out of training.

    Raises:
        RecipeError: a name or number that no recipe takes.
    """
    names = dataset.split_names
    own = _is_plain_fer2013(dataset) and not joined
    alone = len(names) == 1
    try:
        return Data(
            dataset=_kind(dataset),
            path=_path(dataset),
            train=_train(dataset),
            select=_first(names, "public_test", "val", "test") or names[0],
            report=_first(names, "private_test", "test", "val") or names[0],
            targets=("fer2013",) if own else ("labels",),
            classes=tuple(classes),
            cap=cap,
            join=tuple(Join(dataset=_kind(one), path=_path(one), train=_train(one)) for one in joined),
            selection="official" if _first(names, "public_test", "val") else "held_out",
            leave_out_copies=leave_out_copies and not alone,
            exclude=tuple(str(Path(file).resolve()) for file in exclude),
        )
    except ValidationError as error:
        raise RecipeError(f"This subset is none: {error.errors()[0]['msg']}.") from error


def shares(
    asked: Data,
    dataset: Dataset,
    joined: Sequence[Dataset] = (),
    identity: NDArray[np.int64] | None = None,
    findings: Iterable[int] = (),
) -> list[Share]:
    """What each dataset gives, as the trainer will cut it; a held-out share is not taken off.

    Args:
        asked: the section.
        dataset: the opened first dataset.
        joined: the opened others, in the section's order.
        identity: (n,) the same number for the same pixels, to see which copies of test images go; None: they stay.
        findings: rows of the first dataset that an exclusion file will name, once it is written.

    Raises:
        DatasetError: a split has no image.
        RecipeError: an exclusion file cannot be read.
    """
    wanted = asked.classes or tuple(label for label in EIGHT if label in {*SEVEN, *dataset.classes})
    rows = dataset.rows(asked.train)
    before = _counts(dataset.labels[rows], dataset.classes)
    left_out: dict[str, int] = {}
    if asked.leave_out_copies and identity is not None:
        rows = _without(rows, _copies(rows, dataset, asked, identity), COPIES, left_out)
    for file in asked.exclude:
        listed = np.isin(dataset.file_rows[rows], list(read_exclusions(Path(file))))
        rows = _without(rows, listed, f"listed in {Path(file).name}", left_out)
    rows = _without(rows, np.isin(rows, list(findings)), FINDINGS, left_out)
    own = _share(dataset, rows, wanted, asked.cap)
    others = [
        _share(one, one.rows(part.train), wanted, asked.cap) for one, part in zip(joined, asked.join, strict=True)
    ]
    return [Share(own.title, before, own.after, _counted({**left_out, **own.left_out})), *others]


def total(given: Sequence[Share]) -> dict[str, Counts]:
    """Images by class before and after, all datasets together."""
    names = [label for label in EIGHT if any(label in share.before for share in given)]
    return {
        "before": {label: sum(share.before.get(label, 0) for share in given) for label in names},
        "after": {label: sum(share.after.get(label, 0) for share in given) for label in names},
    }


def file_name(name: str) -> str:
    """A name that is safe as a file's: letters, digits, - and _."""
    return re.sub(r"[^\w-]+", "_", name).strip("_") or "subset"


def to_toml(asked: Data) -> str:
    """The section as text, without what stands at its default."""
    values = asked.model_dump(mode="json", exclude_defaults=True, exclude={"join"})
    always = {key: getattr(asked, key) for key in ("dataset", "path", "train", "select", "report")}
    lines = ["[data]", *(f"{key} = {_value(value)}" for key, value in {**always, **values}.items())]
    for other in asked.join:
        lines += ["", "[[data.join]]", *(f"{key} = {_value(value)}" for key, value in other.model_dump().items())]
    return "\n".join(lines) + "\n"


def into_recipe(text: str, asked: Data, name: str) -> str:
    """A recipe's text with this data section in place of its own, under another name.

    Raises:
        RecipeError: the text is no recipe, or does not go with this section.
    """
    kept = re.sub(r"(?ms)^\[{1,2}data(?:\.\w+)*\]{1,2}.*?(?=^\[|\Z)", "", text)
    kept = re.sub(r"(?m)^name\s*=.*$", lambda _: f"name = {_value(name)}", kept, count=1)
    made = f"{kept.rstrip()}\n\n{to_toml(asked)}"
    try:
        Recipe.model_validate(tomllib.loads(made))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise RecipeError(f"The recipe and this subset do not go together: {error}") from error
    return made


def write(path: Path, text: str) -> None:
    """Write a recipe or a section; nothing is overwritten.

    Raises:
        DatasetError: a file is there already, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise DatasetError(f"{path} is there already. Give another name.") from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error.strerror}). Give another place.") from error


def _share(dataset: Dataset, rows: Rows, wanted: tuple[str, ...], most: int | None) -> Share:
    """The rows cut to the wanted classes, then to the cap."""
    labels = selection.translate(dataset.labels, dataset.classes, wanted)
    left_out: dict[str, int] = {}
    before = _counts(dataset.labels[rows], dataset.classes)
    rows = _without(rows, labels[rows] < 0, "of other classes", left_out)
    if most:
        kept = selection.cap(rows, labels, most)
        left_out["above the cap"] = len(rows) - len(kept)
        rows = kept
    return Share(dataset.path.name, before, _counts(labels[rows], wanted), _counted(left_out))


def _counted(reasons: Mapping[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in reasons.items() if count}


def _copies(rows: Rows, dataset: Dataset, asked: Data, identity: NDArray[np.int64]) -> NDArray[np.bool_]:
    tests = [dataset.rows(name) for name in {asked.select, asked.report} - {asked.train}]
    return np.isin(identity[rows], identity[np.concatenate(tests)]) if tests else np.zeros(len(rows), np.bool_)


def _without(rows: Rows, which: NDArray[np.bool_], reason: str, left_out: dict[str, int]) -> Rows:
    left_out[reason] = int(which.sum())
    return rows[~which]


def _counts(labels: NDArray[np.int64], names: tuple[str, ...]) -> Counts:
    return dict(zip(names, np.bincount(labels, minlength=len(names)).tolist(), strict=True))


def _is_plain_fer2013(dataset: Dataset) -> bool:
    return dataset.kind == "fer2013" and isinstance(dataset, ImageTable)


def _kind(dataset: Dataset) -> str:
    """The trainer reads 'fer2013' from its CSV only."""
    return OTHER_KIND if dataset.kind == "fer2013" and not _is_plain_fer2013(dataset) else dataset.kind


def _path(dataset: Dataset) -> str:
    return str(dataset.path.expanduser().resolve())


def _train(dataset: Dataset) -> str:
    return _first(dataset.split_names, "train", ALL) or dataset.split_names[0]


def _first(names: Sequence[str], *wanted: str) -> str | None:
    return next((name for name in wanted if name in names), None)


def _value(value: object) -> str:
    """A TOML value: JSON's strings, numbers, booleans and arrays of them are TOML's too."""
    return json.dumps(value, ensure_ascii=False)
