"""What a logged column is: 'Loss/train', 'val_acc@1' and 'eval_top1' brought to one set of names."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

TRAIN, VALIDATION, TEST = "", "val_", "test_"

SIDES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("train", "training", "trn", "tr", "fit"), TRAIN),
        **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev", "holdout"), VALIDATION),
        **dict.fromkeys(("test", "testing"), TEST),
    }
)
"""How loggers name the split of a measure, wherever in the heading."""

ACCURACIES = (
    "accuracy acc categorical_accuracy sparse_categorical_accuracy binary_accuracy accuracy_score multiclass_accuracy "
    "top1 top_1 top1_acc acc_top1 accuracy_top1 top1_accuracy top_1_accuracy accuracy_top_1 acc1 acc_1 acc@1 accuracy1 "
    "prec1 prec@1 precision@1 genauigkeit exactitude precisión دقت"
)
LOSSES = (
    "loss ce ce_loss celoss cross_entropy crossentropy cross_entropy_loss crossentropyloss nll nll_loss total_loss "
    "losses loss_total criterion cost cls_loss loss_cls verlust perte pérdida"
)
RATES = "lr learning_rate learningrate lr_pg0 pg0 lr_adam lr_adamw lr_sgd lr_rmsprop lr_0 lr0 base_lr param_groups_0_lr"
TIMES = "seconds epoch_time epoch_seconds time_per_epoch seconds_per_epoch epoch_duration"
NAMES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(ACCURACIES.split(), "accuracy"),
        **dict.fromkeys(LOSSES.split(), "loss"),
        **dict.fromkeys(RATES.split(), "learning_rate"),
        **dict.fromkeys(TIMES.split(), "seconds"),
    }
)

MEANS = frozenset(("epoch", "avg", "average", "mean", "running", "metrics", "metric", "performance"))
"""Words that say no more than that the value is one for the epoch."""
PER_STEP = frozenset(("step", "steps", "batch", "batches", "iter", "iteration"))
PERCENT = frozenset(("%", "pct", "percent", "percentage"))

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
BREAKS = re.compile(r"[\s/.\-_()\[\]:|]+")
LONGEST = 200
FOLLOW_ACCURACY = (
    *("accuracy", "loss", "error_rate", "f1", "f1_score", "f1_macro", "macro_f1", "precision", "precision_score"),
    *("recall", "recall_score", "auc", "roc_auc", "kappa", "cohen_kappa_score", "mcc", "matthews_correlation"),
    *("balanced_accuracy", "top_5_accuracy", "accuracy_top5"),
)
"""Measures that are of the split that a log without sides means."""


class Named(NamedTuple):
    """A heading taken apart.

    Attributes:
        name: ours: accuracy, val_loss, learning_rate; other measures keep their own words.
        side: TRAIN, VALIDATION or TEST, or None where the heading does not say.
        per_step: the value belongs to a batch.
        percent: the heading says so.
        plain: the heading has no words beside side and measure; such a column goes before others of its name.
    """

    name: str
    side: str | None
    per_step: bool
    percent: bool
    plain: bool


@lru_cache(maxsize=4096)
def take_apart(heading: str) -> Named:
    """Side and measure of a heading."""
    words = _words(heading)
    sides = [place for place, word in enumerate(words) if word in SIDES]
    side = SIDES[words[sides[0]]] if sides and len(words) > 1 else None
    rest = [word for place, word in enumerate(words) if side is None or place != sides[0]]
    percent = any(word in PERCENT for word in rest)
    per_step = any(word in PER_STEP for word in rest)
    own = [word for word in rest if word not in PERCENT and word not in PER_STEP]
    bare = [word for word in own if word not in MEANS]
    if "_".join(own) in NAMES or not bare:
        bare = own
    measure = NAMES.get("_".join(bare), "_".join(rest))
    return Named(f"{side or ''}{measure}", side, per_step, percent, len(bare) == len(rest))


def our_names(headings: Sequence[str], unsided: str = "") -> dict[str, str]:
    """Our name for each heading; each name once, the others keep what is written.

    A value for the epoch goes before one for a batch, a short heading before a long one, the first before the last.

    Args:
        headings: as logged.
        unsided: the side of measures whose heading names none: TRAIN as Keras means it, VALIDATION as fastai does.
    """
    parts = {heading: take_apart(heading) for heading in headings}
    tests_serve = not any(part.side == VALIDATION for part in parts.values())
    order = sorted(headings, key=lambda heading: (parts[heading].per_step, not parts[heading].plain))
    taken: dict[str, str] = {}
    for heading in order:
        name = _sided(parts[heading], unsided, tests_serve=tests_serve)
        if name in taken.values():
            name = heading
        taken[heading] = name
    return {heading: taken[heading] for heading in headings}


def unsided_are_validation(headings: Sequence[str]) -> bool:
    """Whether measures without a side are the validation's: both losses name theirs, or training has its own."""
    parts = [take_apart(heading) for heading in headings]
    named = {part.name for part in parts if part.side is not None}
    explicit_training = {part.name for part in parts if part.side == TRAIN}
    validation = {part.name.removeprefix(part.side) for part in parts if part.side in (VALIDATION, TEST)}
    without = [part.name for part in parts if part.side is None and part.name in ("accuracy", "loss")]
    return any(
        name in explicit_training or (name == "accuracy" and "loss" in named and "loss" in validation)
        for name in without
        if name not in validation
    )


def _sided(part: Named, unsided: str, *, tests_serve: bool) -> str:
    if part.side is None and part.name in FOLLOW_ACCURACY:
        return unsided + part.name
    if part.side == TEST and tests_serve:
        return VALIDATION + part.name.removeprefix(TEST)
    return part.name


def _words(heading: str) -> list[str]:
    spaced = heading[:LONGEST].replace("%", " % ")
    return [word for part in BREAKS.split(spaced) for word in CAMEL.sub(" ", part).lower().split() if word]
