"""A part of a dataset, or of several joined, as the data section of a training recipe, with the balance it gives.

The balance is computed as the trainer cuts its images: copies of test images, excluded rows, classes, then the cap.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from numpy.typing import NDArray
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from fer_core.datasets.base import Dataset
from fer_core.datasets.identity import Identity
from fer_core.errors import DatasetError, RecipeError
from fer_core.labels import EIGHT, SEVEN
from fer_core.recipes import selection
from fer_core.recipes.schema import Data, Join, Recipe

Counts = dict[str, int]
Rows = NDArray[np.intp]


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
        cap: most training images per class, of each dataset.
        exclude: exclusion files, for the first dataset's rows.
        joined: further datasets, whose training images are added.
        leave_out_copies: exact copies of test images stay out of training.

    Raises:
        RecipeError: a name or number that no recipe takes.
    """
    parts, alone = dataset.parts, len(dataset.split_names) == 1
    own = dataset.kind == "fer2013" and not joined
    try:
        return Data(
            dataset=dataset.kind,
            path=_path(dataset),
            train=parts.train,
            select=parts.select or parts.report,
            report=parts.report,
            targets=("fer2013",) if own else ("labels",),
            classes=tuple(classes) or _beyond_seven([dataset, *joined]),
            cap=cap,
            join=tuple(Join(dataset=one.kind, path=_path(one), train=one.parts.train) for one in joined),
            selection="official" if parts.select else "held_out",
            leave_out_copies=leave_out_copies and not alone,
            exclude=tuple(str(Path(file).resolve()) for file in exclude),
        )
    except ValidationError as error:
        raise RecipeError(f"This subset is none: {error.errors()[0]['msg']}.") from error


def shares(
    asked: Data,
    dataset: Dataset,
    joined: Sequence[Dataset] = (),
    identities: Sequence[Identity] = (),
    findings: Iterable[int] = (),
) -> list[Share]:
    """What each dataset gives, cut as the trainer cuts it; a held-out share is not taken off.

    Args:
        asked: the section.
        dataset: the opened first dataset.
        joined: the opened others, in the section's order.
        identities: of the first dataset, then of the joined ones as far as they are known, to see which copies of test
            images go; without, they are not counted.
        findings: rows of the first dataset that an exclusion file will name, once it is written.

    Raises:
        DatasetError: a split has no image.
        RecipeError: an exclusion file cannot be read.
    """
    known = list(identities) if asked.leave_out_copies else []
    cut = selection.cut(dataset, asked, known[0] if known else None, findings)
    given = [_share(dataset, asked.train, cut.drawn, cut.left_out, asked)]
    for place, (one, part) in enumerate(zip(joined, asked.join, strict=True), start=1):
        copied = selection.copies_of_tests(known[place], known[0], cut.tests) if place < len(known) else None
        given.append(_share(one, part.train, *selection.cut_joined(one, asked, part, copied), asked))
    return given


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
    return tomlkit.dumps({"data": _table(asked)})


def into_recipe(text: str, asked: Data, name: str) -> str:
    """A recipe's text with this data section in place of its own, under another name. All else stays, comments too.

    Raises:
        RecipeError: the text is no recipe, or does not go with this section.
    """
    try:
        made = tomlkit.parse(text)
        made["name"] = name
        made["data"] = _table(asked)
        Recipe.model_validate(made.unwrap())
    except (TOMLKitError, ValidationError) as error:
        raise RecipeError(f"The recipe and this subset do not go together: {error}") from error
    return tomlkit.dumps(made)


def _table(asked: Data) -> dict[str, Any]:
    """What a recipe has to say of the section: where the images are, and what is not at its default."""
    always = {key: getattr(asked, key) for key in ("dataset", "path", "train", "select", "report")}
    others = asked.model_dump(mode="json", exclude_defaults=True, exclude={"join"})
    joined = [other.model_dump(mode="json", exclude_defaults=True) | {"train": other.train} for other in asked.join]
    return always | others | ({"join": joined} if joined else {})


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


def _share(dataset: Dataset, train: str, rows: Rows, left_out: Mapping[str, int], asked: Data) -> Share:
    names = selection.classes(asked)
    labels = selection.translate(dataset.labels, dataset.classes, names)
    before = _counts(dataset.labels[dataset.rows(train)], dataset.classes)
    told = {reason: count for reason, count in left_out.items() if count and reason != selection.HELD_OUT}
    present = {name: count for name, count in _counts(labels[rows], names).items() if count or name in dataset.classes}
    return Share(dataset.path.name, before, present, told)


def _counts(labels: NDArray[np.int64], names: tuple[str, ...]) -> Counts:
    return dict(zip(names, np.bincount(labels, minlength=len(names)).tolist(), strict=True))


def _beyond_seven(given: Sequence[Dataset]) -> tuple[str, ...]:
    """All classes of the datasets, where they are more than a recipe takes unasked; else none."""
    present = {label for dataset in given for label in dataset.classes}
    return tuple(label for label in EIGHT if label in present) if present - set(SEVEN) else ()


def _path(dataset: Dataset) -> str:
    return str(dataset.path.expanduser().resolve())
