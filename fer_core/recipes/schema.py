"""The schema of a training recipe, read from TOML. Unknown keys are refused.

A recipe says everything that decides the result of a training; the trainer saves it, resolved, with the run.
Order of precedence: the defaults here, the recipe's file, flags `--section.key value`.
"""

import csv
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fer_core.errors import RecipeError
from fer_core.labels import EIGHT
from fer_core.recipes.augmentation import Augmentation

TargetName = Literal["fer2013", "ferplus", "labels"]


class Section(BaseModel):
    """A table of the recipe: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Join(Section):
    """A further dataset whose training images are joined; labels meet by their canonical names.

    `targets`: the heads that learn its labels; all of them where nothing is said. 'ferplus' learns a label as if
    its whole crowd agreed.
    `select`: its split that helps to select the best epoch, by the mean recall of its expressions.
    `share`: of the images of an epoch that are drawn from it, with replacement; without it all are shown once.
    `class_power`: how far the draw evens out the expressions: 0 not, 1 each as often as any other.
    `dark_weight`: how many times as often each image of the darkest third is drawn, by the lightness of the cheeks.
    `label_weights`: what an image counts by its expression, 1 where none is said; less for doubtful labels.
    `label_smoothing`: of its labels, where these are less sure than those of the first dataset; the recipe's own comes
    on top.
    """

    dataset: str
    path: str
    train: str = "train"
    select: str | None = None
    targets: tuple[TargetName, ...] = ()
    share: float | None = Field(default=None, gt=0, lt=1)
    class_power: float = Field(default=0.0, ge=0, le=1)
    dark_weight: float = Field(default=1.0, ge=1)
    label_weights: dict[str, float] = {}
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)

    @field_validator("label_weights")
    @classmethod
    def _known(cls, weights: dict[str, float]) -> dict[str, float]:
        if wrong := [name for name, weight in weights.items() if name not in EIGHT or weight < 0]:
            raise ValueError(f"label_weights {', '.join(wrong)}: expected expressions and weights of 0 or more")
        return weights


class Data(Section):
    """Which images, and which split plays which part.

    `targets`: what the network learns from them, one head per target; the first is the one that selects. 'fer2013' and
    'ferplus' are those of FER2013; 'labels' is the own label of any dataset.
    `selection`: 'official' selects on the split `select`; 'held_out' on a share of `train` that is then not trained on;
    'part_of_test' on a share of `report`, a fault that some originals have and that the card then names.
    `classes` and `cap` (images per class) cut the training; the selecting split loses the left-out classes too.
    """

    dataset: str = "fer2013"
    path: str = "datasets/fer2013"
    train: str = "train"
    select: str = "public_test"
    report: str = "private_test"
    targets: tuple[TargetName, ...] = ("fer2013",)
    classes: tuple[str, ...] = ()
    cap: int | None = Field(default=None, gt=0)
    join: tuple[Join, ...] = ()
    selection: Literal["official", "held_out", "part_of_test"] = "official"
    held_out: float = Field(default=0.2, gt=0, lt=1, description="share that 'held_out' and 'part_of_test' take")
    leave_out_copies: bool = True
    exclude: tuple[str, ...] = ()
    limit: int | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _own_splits(cls, given: Any) -> Any:  # noqa: ANN401
        """The official splits are FER2013's; other datasets that are split have validation and test."""
        others = isinstance(given, dict) and given.get("dataset", "fer2013") not in ("fer2013", "ferplus")
        return {"select": "val", "report": "test"} | given if others else given

    @field_validator("classes")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in EIGHT]:
            raise ValueError(f"no expression is called {', '.join(unknown)}; expected some of {', '.join(EIGHT)}")
        return tuple(name for name in EIGHT if name in names)

    @model_validator(mode="after")
    def _taught(self) -> "Data":
        for join in self.join:
            if unknown := [name for name in join.targets if name not in self.targets]:
                expected = ", ".join(self.targets)
                raise ValueError(
                    f"[[data.join]] targets {', '.join(unknown)}: expected some of [data] targets, {expected}"
                )
        return self

    @property
    def faults(self) -> tuple[str, ...]:
        """Departures from an honest split, as sentences for the card."""
        if self.selection != "part_of_test":
            return ()
        return (f"selected on {self.held_out:.0%} of the reporting split '{self.report}', as the original did",)


class Stage(Section):
    """A part of the training at one image size.

    `released`: how many layers of a pretrained part train, from the top; 0 is none of them.
    `share`: of the training images; the same ones in every epoch of the stage.
    `learning_rate`: the stage's own peak, in place of the optimizer's.
    """

    size: int = Field(gt=15)
    epochs: int = Field(gt=0)
    released: int | Literal["all"] = "all"
    share: float = Field(default=1.0, gt=0, le=1)
    learning_rate: float | None = Field(default=None, gt=0)

    @property
    def phase(self) -> tuple[int | str, float | None]:
        """Stages in turn that agree in this share one optimizer and one course of the learning rate."""
        return self.released, self.learning_rate


class Optimizer(Section):
    """AdamW (arXiv 1711.05101) or Adam; the learning rate is constant, one cycle (arXiv 1708.07120), or cut to
    `plateau_factor` whenever the selecting loss has not fallen for `plateau_patience` epochs.
    """

    name: Literal["adamw", "adam"] = "adamw"
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.0, ge=0)
    schedule: Literal["one_cycle", "constant", "plateau"] = "constant"
    warm_up: float = Field(default=0.25, ge=0, le=1, description="share of the steps in which the rate rises")
    plateau_factor: float = Field(default=0.2, gt=0, lt=1)
    plateau_patience: int = Field(default=3, gt=0)
    averaging: float = Field(default=0.0, ge=0, lt=1, description="momentum of the moving average of weights; 0 is off")
    averaging_power: float = Field(
        default=10, ge=1, description="until then the newest weights count power / (updates + power); 1: the mean"
    )


class Regularization(Section):
    """What keeps the network from learning the images by heart, besides augmentation."""

    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    mixup: float = Field(default=0.0, ge=0, description="alpha of the Beta distribution (arXiv 1710.09412); 0 is off")
    mixup_share: float = Field(default=1.0, ge=0, le=1, description="share of the batches that are mixed")
    class_weights: float = Field(
        default=0.0, ge=0, le=1, description="1: every class weighs alike; less: that power of it; 0 is off"
    )


class Distillation(Section):
    """Learning from the answers of trained networks besides the labels (arXiv 1503.02531).

    `teachers`: run folders; their heads are averaged with equal weight, each over the image and its mirror image.
    `share`: of what each head learns; the labels keep the rest. Joined datasets are learnt by their labels alone.
    """

    teachers: tuple[str, ...] = ()
    share: float = Field(default=0.5, gt=0, lt=1)


class Training(Section):
    """The course of the training.

    `precision`: 'auto' takes mixed_bfloat16 where a GPU or the processor multiplies in it, else float32; a run keeps
    the one that it began with.
    """

    batch: int = Field(default=128, gt=0)
    stages: tuple[Stage, ...] = (Stage(size=48, epochs=30),)
    seed: int = 1
    precision: Literal["auto", "float32", "mixed_bfloat16"] = "auto"
    epoch_images: int | None = Field(
        default=None, gt=0, description="images of an epoch, in turn out of all; None: every image once"
    )
    keep: Literal["best", "last"] = Field(
        default="best", description="the epoch whose weights a run keeps: the best on the selecting images, or the last"
    )
    early_stopping: int = Field(default=0, ge=0, description="epochs without a lower selecting loss; 0 is off")
    deterministic: bool = False
    tensorboard: bool = False
    start_from: str | None = Field(
        default=None, description="run folder, or models/NAME, whose weights this training begins with"
    )

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)


class Recipe(Section):
    """A whole training."""

    name: str
    title: str = Field(description="one short name for every list")
    about: str = Field(default="", description="where the network is from, in a few words beside the title")
    architecture: str
    options: dict[str, Any] = {}
    channels: Literal[1, 3] = 1
    licence: str = "MIT (weights); the training images are research data"
    source: str = ""
    remark: str = Field(default="", description="a sentence for the card")
    data: Data = Data()
    augmentation: Augmentation = Augmentation()
    optimizer: Optimizer = Optimizer()
    regularization: Regularization = Regularization()
    distillation: Distillation = Distillation()
    training: Training = Training()


def load(path: Path | str, overrides: Iterable[str] = ()) -> Recipe:
    """The recipe of a TOML file with flags applied.

    Args:
        path: the file.
        overrides: flags and values in turn: ['--training.seed', '2', ...]; a value is read as TOML, else as text.

    Raises:
        RecipeError: no such file, not TOML, an unknown key, or a value out of range.
    """
    file = Path(path)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RecipeError(f"There is no recipe at {file}. Recipes lie in training/recipes/*.toml.") from error
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{file} is not TOML: {error}.") from error
    for name, value in _pairs(list(overrides)):
        _put(table, name, value)
    try:
        return Recipe.model_validate(table)
    except ValidationError as error:
        raise RecipeError(f"{file.name}: {_sentence(error)}") from error


def read_exclusions(path: Path) -> dict[int, str]:
    """Rows to leave out and the reason of each, from a CSV with the columns row and reason.

    Raises:
        RecipeError: the file is missing or has other columns.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            return {int(row["row"]): row["reason"] for row in csv.DictReader(stream)}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"{path}: expected an exclusion file, a CSV with the columns row and reason.") from error


def _pairs(flags: list[str]) -> Iterable[tuple[str, str]]:
    names, values = flags[::2], flags[1::2]
    if len(names) != len(values) or not all(name.startswith("--") for name in names):
        raise RecipeError(f"Expected pairs of --key value, came: {' '.join(flags)}.")
    return [(name.removeprefix("--"), value) for name, value in zip(names, values, strict=True)]


def _put(table: dict[str, Any], name: str, text: str) -> None:
    *sections, key = name.split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise RecipeError(f"--{name}: {section} is a value, not a section.")
    try:
        table[key] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[key] = text


def _sentence(error: ValidationError) -> str:
    faults = [(".".join(map(str, fault["loc"])), fault["msg"], fault["input"]) for fault in error.errors()]
    return "; ".join(f"{place}: {message} (came {value!r})" for place, message, value in faults) + "."
