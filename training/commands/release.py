"""Turn a finished run into a model that users have: export, calibrate, evaluate, write the card.

    fer release RUN [--name NAME] [--models DIR] [--crowd-share S] [--lift NAME=FACTOR]
    fer release models/NAME --again

Fills models/NAME/ with model.keras, model.onnx, architecture.json, config.json, history.csv, metrics.json and
README.md, and with what training/releasing/exports.py adds. Then training/releasing/checks.py holds all of them
against each other. Every figure is measured with the exported ONNX file, through the predictor that serves users: the
selecting split for calibration, the reporting split for the card, with and without the images that also stand in
training. A network whose files would weigh more than 25 MB becomes one ONNX file of half precision alone.
"""

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core import protocols
from fer_core.cli import progress
from fer_core.datasets import Dataset, adapters, identity
from fer_core.datasets.adapters import class_folders
from fer_core.datasets.identity import Identity
from fer_core.datasets.votes import FERPLUS, top_votes
from fer_core.errors import RunError
from fer_core.evaluation import metrics, scored_images, scoring
from fer_core.evaluation.scored_images import Examples
from fer_core.labels import EIGHT, SEVEN
from fer_core.predictors import checksums, keras_runtime, onnx_runtime
from fer_core.predictors.onnx_runtime import OnnxPredictor
from fer_core.protocols import Protocol
from fer_core.recipes import selection
from fer_core.recipes.schema import Data, Join, Recipe
from training import lineage, sharpness
from training.commands import calibrate
from training.commands.export import export, write_json
from training.data import batches, targets
from training.releasing import checks, exports, photo_measures
from training.releasing.card import write_card
from training.serving import final_size, read_config, serving_model

Rows = NDArray[np.float64]
Images = NDArray[np.uint8]
Heads = dict[str, Rows]

MOST_COMPARED = 100_000
"""Images of a dataset that are read to look for copies where training did not look for them."""

NO_COPIES = "without the images that also stand in the official training set"


class Chosen(NamedTuple):
    """Rows of a dataset and the name of their split."""

    split: str
    rows: NDArray[np.intp]


def release(
    run: Path, name: str, models: Path, crowd_share: float = 0.0, factors: Mapping[str, float] | None = None
) -> None:
    """Everything from a run folder to models/NAME/, which stays as it was until all of it is made and checked.

    Raises:
        FerError: the run is not finished or is damaged, its data is not there, or the disk is full.
    """
    with staging(models / name) as staged:
        fill(staged, run, crowd_share, factors)


def measure_again(folder: Path) -> None:
    """Fit the confidence of a released network and measure it anew; its weights stay as they are.

    For when faces are found or cut in another way than on the day of its release.

    Raises:
        FerError: the folder is no released network, its data is not there, or the disk is full.
    """
    config = read_config(folder)
    recipe = Recipe.model_validate(config["recipe"])
    if not (folder / onnx_runtime.WEIGHTS).is_file() or not (folder / "metrics.json").is_file():
        raise RunError(f"{folder} is no released network: expected {onnx_runtime.WEIGHTS} and metrics.json in it.")
    try:
        shares = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["crowd_shares"]
    except (ValueError, LookupError, TypeError):
        raise RunError(f"{folder / 'metrics.json'} is damaged. Put it back from a copy.") from None
    with staging(folder) as staged:
        shutil.copytree(folder, staged)
        predictor = onnx_runtime.from_folder(staged)
        write_json(staged / "metrics.json", measure(predictor, recipe, shares))
        write_card(staged)
        checks.check(staged)


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Where the new files of a network are made; they take the place of the old ones when all went well."""
    staged = folder.parent / f".releasing-{folder.name}" / folder.name
    shutil.rmtree(staged.parent, ignore_errors=True)  # of a release that was killed
    try:
        yield staged
        take_over(staged, folder)
    except OSError as error:
        raise RunError(
            f"{folder} cannot be written ({error.strerror or error}). Make room or check its rights, and release again."
        ) from error
    finally:
        shutil.rmtree(staged.parent, ignore_errors=True)


def take_over(staged: Path, folder: Path) -> None:
    """Put the files of a release in the place of an earlier one's; the checksums, which vouch for them, come last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (checksums.FILE, onnx_runtime.WEIGHTS, keras_runtime.WEIGHTS):
        (folder / name).unlink(missing_ok=True)
    for path in sorted(staged.iterdir(), key=lambda path: path.name == checksums.FILE):
        path.replace(folder / path.name)


def fill(folder: Path, run: Path, crowd_share: float, factors: Mapping[str, float] | None) -> None:
    """A new folder, called as the network, with all that a release holds."""
    config = read_config(run)
    recipe = Recipe.model_validate(config["recipe"])
    export(made(run, recipe, crowd_share, factors), folder)
    past = lineage.before(run)
    write_history(past, run, folder / "history.csv")
    continued = {"epochs_before": len(past.lines), "began_with": past.runs, "taught_by": taught_by(recipe)}
    continued |= {"class_factors": dict(factors)} if factors else {}
    write_json(folder / "config.json", describe(config, recipe, folder.name, crowd_share) | continued)
    shares = calibrate.table(run, factors)
    write_json(folder / "metrics.json", measure(onnx_runtime.from_folder(folder), recipe, shares))
    write_card(folder)
    exports.make(folder)
    checks.check(folder)


def made(run: Path, recipe: Recipe, crowd_share: float, factors: Mapping[str, float] | None) -> keras.Model:
    """The network as it is served; with joined photos its confidence depends on the face (sharpness.py)."""
    model = serving_model(run, crowd_share, factors)
    selecting = batches.load(recipe.data, recipe.channels)
    if not selecting.joined:
        return model
    parts = [selecting.select, *selecting.joined.values()]
    answers = [model.predict(part.images(final_size(recipe)), batch_size=256, verbose=0) for part in parts]
    labels = [part.targets[recipe.data.targets[0]].distributions.argmax(1) for part in parts]
    features, probabilities = (
        np.concatenate([answer[name] for answer in answers]).astype(np.float64)
        for name in ("features", "probabilities")
    )
    return sharpness.sharpen(model, *sharpness.fit(features, probabilities, np.concatenate(labels)))


def taught_by(recipe: Recipe) -> dict[str, list[str]]:
    """The recipe's teachers by name, each with the runs that it began with and itself."""
    teachers = [Path(teacher) for teacher in recipe.distillation.teachers]
    return {lineage.run_name(one): lineage.up_to(one).runs for one in teachers}


def write_history(past: lineage.Past, run: Path, target: Path) -> None:
    """Write the histories of runs that continue each other as one."""
    heading, own = lineage.history(run)
    lines = [heading, *(f"{epoch},{row}" for epoch, row in enumerate([*past.lines, *own]))]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def describe(config: dict[str, Any], recipe: Recipe, name: str, crowd_share: float) -> dict[str, Any]:
    """config.json of a model: what it is, then how it was made."""
    return {
        "name": name,
        "title": recipe.title,
        "about": recipe.about,
        "classes": list(targets.classes(recipe.data)[recipe.data.targets[0]]),
        "input_size": final_size(recipe),
        "channels": recipe.channels,
        "origin": origin(recipe),
        "licence": recipe.licence,
        "source": recipe.source,
        "crowd_share": crowd_share,
        **config,
    }


def origin(recipe: Recipe) -> str:
    names = [adapters.title(recipe.data.dataset), *(adapters.title(joined.dataset) for joined in recipe.data.join)]
    if recipe.data.targets == ("labels",):
        return f"trained by this project on the training images of {' and '.join(names)}"
    labels, joined = " + ".join(recipe.data.targets), "".join(f" and on {name}" for name in names[1:])
    return f"trained by this project on {labels} labels of {names[0]}'s training images{joined}"


def measure(predictor: OnnxPredictor, recipe: Recipe, shares: list[dict[str, float]]) -> dict[str, Any]:
    """metrics.json: the protocol, calibration and evaluations; each image is read once per view.

    Args:
        predictor: the exported file.
        recipe: says what it is measured on.
        shares: what each share of the FER+ head does (calibrate.table).
    """
    section = recipe.data
    data = batches.first_source(section, recipe.channels).dataset
    same = identity.of(data) if section.leave_out_copies or len(data) <= MOST_COMPARED else None
    chosen = calibrates(data, section, selection.cut(data, section, same if section.leave_out_copies else None))
    heads, given = read(predictor, scored_images.labelled(data.take(chosen.rows), answers=predictor.classes))
    joined = [other for other in section.join if other.select]
    rated = [read_joined(predictor, section, other, str(other.select)) for other in joined]
    fitted = fit(heads, given, predictor, chosen.split, rated)
    scorer = Scorer(predictor, recipe, scored_images.short_name(data), fitted)
    rows = [scorer.score(heads, own_labels(given), chosen.split, "none")]
    for tta in scoring.TTA:
        rows += scorer.report(data, same, tta)
    reported = [read_joined(predictor, section, other) for other in joined]
    rows += [scorer.score(*one.labelled, one.split, "none", data=one.name) for one in (*rated, *reported)]
    measured = {
        "protocol": protocol_of(data, section, chosen.split, joined).to_json(),
        "calibration": fitted,
        "crowd_shares": shares,
        "evaluations": rows,
    }
    if not joined:
        return measured
    name = scored_images.short_name(data)
    honest = [
        {"data": name, "split": part.split, **scorer.confidence(*read(predictor, _examples(data, part, predictor)))}
        for part in (chosen, Chosen(section.report, data.rows(section.report)))
    ]
    honest += [
        {"data": one.name, "split": one.split, **scorer.confidence(one.heads, one.given)} for one in (*rated, *reported)
    ]
    photos = [
        {"data": one.name, "split": one.split}
        | photo_measures.recalls(answers := scorer.answers(one.heads, one.given))
        | {"tone": photo_measures.by_tone(answers, one.given.dataset)}
        for one in reported
    ]
    return measured | {"confidence": honest, "photos": photos}


def _examples(data: Dataset, part: Chosen, predictor: OnnxPredictor) -> Examples:
    return scored_images.labelled(data.take(part.rows), answers=predictor.classes)


class Rated(NamedTuple):
    """A split of a joined dataset as the network reads it."""

    name: str
    split: str
    heads: Heads
    given: Examples

    @property
    def labelled(self) -> tuple[Heads, "Labels"]:
        return self.heads, own_labels(self.given)


def read_joined(predictor: OnnxPredictor, section: Data, other: Join, split: str | None = None) -> Rated:
    """A split of a joined dataset, by default the one that its own protocol reports."""
    data = batches.joined_source(section, other).dataset
    part = Chosen(split or data.parts.report, data.rows(split or data.parts.report))
    return Rated(other.dataset, part.split, *read(predictor, _examples(data, part, predictor)))


def calibrates(data: Dataset, section: Data, cut: selection.Cut) -> Chosen:
    """What temperature and threshold are fitted on: the dataset's own selecting split, whatever chose the epoch.

    Where the dataset has none, it is what chose the epoch.
    """
    own = data.parts.select
    if own and own != section.report:
        return Chosen(own, data.rows(own))
    if section.selection == "held_out":
        return Chosen(protocols.HELD_OUT, cut.select)
    return Chosen(section.report if section.selection == "part_of_test" else section.select, cut.select)


def protocol_of(data: Dataset, section: Data, calibrated: str, joined: Sequence[Join] = ()) -> Protocol:
    """How the figures came about, for card, results and Hub."""
    share = f"{100 * section.held_out:g} %"
    report = protocols.in_words(section.report)
    selected = {
        "official": protocols.in_words(section.select),
        "held_out": f"held-out {share} of the training images",
        "part_of_test": f"{share} taken from the {report}",
    }[section.selection]
    chose = {"official": section.select, "held_out": protocols.HELD_OUT, "part_of_test": section.report}
    also = "".join(f" and the {protocols.in_words(str(other.select))} of {other.dataset}" for other in joined)
    return Protocol(
        dataset=data.path.name if data.kind == class_folders.KIND else adapters.title(data.kind),
        selected_on=selected + also,
        calibrated_on=(selected if calibrated == chose[section.selection] else protocols.in_words(calibrated)) + also,
        report=section.report,
        chosen=tuple(dict.fromkeys((chose[section.selection], calibrated, *(str(other.select) for other in joined)))),
    )


def fit(
    heads: Heads, given: Examples, predictor: OnnxPredictor, split: str, also: Sequence[Rated] = ()
) -> dict[str, Any]:
    """The calibration part of metrics.json; `also` are further splits that it is fitted on with the first."""
    parts = [(heads, given), *((one.heads, one.given) for one in also)]
    plain = [scoring.align(answers["probabilities"], predictor.classes, SEVEN) for answers, _ in parts]
    labels = [selection.translate(one.targets, one.classes, SEVEN) for _, one in parts]
    if also:
        names = " and ".join([split, *(f"{one.name} {one.split}" for one in also)])
        fitted = calibrate.calibration_of_parts(plain, labels, names)
    else:
        own = scoring.align(heads["probabilities"], predictor.classes, given.classes)
        fitted = calibrate.calibration(own, given.targets, split)
    if voted := crowd_labels(heads, given):
        known = voted.targets >= 0
        fitted["crowd_temperature"] = metrics.fit_confidence(heads["crowd"][known], voted.targets[known])
    return fitted


def read(predictor: OnnxPredictor, given: Examples, tta: str = "none") -> tuple[Heads, Examples]:
    """Plain probabilities of each head, averaged over the views, and the examples that could be read."""
    names: list[str] = []

    def both(crops: Images) -> NDArray[np.float32]:
        heads = predictor.heads(crops)
        heads["probabilities"] = heads["probabilities"] / heads["probabilities"].sum(axis=1, keepdims=True)
        names[:] = heads
        return np.hstack(list(heads.values()))

    with progress.shown(f"images, views: {tta}") as report:
        rows, given = scoring.answered(both, predictor, given, tta, report)
    return dict(zip(names, np.split(rows, [len(predictor.classes)], axis=1), strict=False)), given


class Labels(NamedTuple):
    """One way of labelling the examples. `targets`: -1 where an image has no label under it."""

    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    name: str
    crowd: bool = False


def own_labels(given: Examples) -> Labels:
    return Labels(given.targets, given.classes, given.labels)


def crowd_labels(heads: Heads, given: Examples) -> Labels | None:
    """FER+'s majority, for a network with a head that learned it."""
    votes = given.dataset.votes
    return Labels(top_votes(votes), EIGHT, FERPLUS, crowd=True) if "crowd" in heads and votes is not None else None


@dataclass(frozen=True)
class Scorer:
    """What every evaluation of a release shares."""

    predictor: OnnxPredictor
    recipe: Recipe
    data: str
    fitted: dict[str, Any]

    def report(self, data: Dataset, same: Identity | None, tta: str) -> list[dict[str, Any]]:
        """The reporting split under one way of viewing: own labels, then FER+'s; all images, then those without copies.

        Args:
            data: as opened.
            same: to look for copies; None leaves that out.
            tta: a key of scoring.TTA.
        """
        section = self.recipe.data
        given = scored_images.labelled(data.take(data.rows(section.report)), answers=self.predictor.classes)
        heads, given = read(self.predictor, given, tta)
        kinds = [own_labels(given), crowd_labels(heads, given)]
        alone = None
        if same is not None and section.report != data.parts.train:
            rows = np.flatnonzero(np.isin(data.file_rows, given.dataset.file_rows))
            alone = scored_images.uncopied(data, same, rows, section.report)
        subsets = (None,) if alone is None or alone.all() else (None, alone)
        return [
            self.score(heads, labels, section.report, tta, subset) for labels in kinds if labels for subset in subsets
        ]

    def answers(self, heads: Heads, given: Examples) -> photo_measures.Answers:
        """Calibrated answers of the head that answers users."""
        temperature = self.fitted["temperature"]
        rows = scoring.calibrated(heads["probabilities"], temperature, self.predictor.classes, given.classes)
        return photo_measures.Answers(rows, given.targets, given.classes)

    def confidence(self, heads: Heads, given: Examples) -> dict[str, Any]:
        return photo_measures.confidence(self.answers(heads, given), self.fitted["threshold"])

    def score(
        self,
        heads: Heads,
        labels: Labels,
        split: str,
        tta: str,
        subset: NDArray[np.bool_] | None = None,
        data: str | None = None,
    ) -> dict[str, Any]:
        """One row of metrics.json; images without a label, or outside the subset, are left out."""
        kept = (labels.targets >= 0) if subset is None else (labels.targets >= 0) & subset
        plain = heads["crowd" if labels.crowd else "probabilities"][kept]
        temperature = self.fitted["crowd_temperature" if labels.crowd else "temperature"]
        scored = scoring.score(
            scoring.calibrated(plain, temperature, EIGHT if labels.crowd else self.predictor.classes, labels.classes),
            labels.targets[kept],
            labels.classes,
            model=self.recipe.name,
            data=data or self.data,
            split=split,
            labels=labels.name,
            tta=None if tta == "none" else tta,
            head="crowd" if labels.crowd else "classes",
        )
        return scored.to_json() | ({} if subset is None else {"subset": NO_COPIES})


def factors_of(given: Sequence[str]) -> dict[str, float]:
    """Factors by expression, from words as 'surprise=1.2'.

    Raises:
        RunError: a word is none of that form.
    """
    try:
        return {name: float(factor) for name, factor in (word.split("=") for word in given)}
    except ValueError as error:
        raise RunError(f"--lift came as {' '.join(given)}; expected words such as surprise=1.2.") from error
