"""What a release measures with the exported ONNX file, through the predictor that serves users: metrics.json.

The selecting split gives the calibration, the reporting split the figures of the card, with and without the images
that also stand in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core import protocols
from fer_core.cli import progress
from fer_core.datasets import Dataset, adapters, identity
from fer_core.datasets.adapters import class_folders
from fer_core.datasets.identity import Identity
from fer_core.datasets.votes import FERPLUS, top_votes
from fer_core.evaluation import metrics, scored_images, scoring
from fer_core.evaluation.scored_images import Examples
from fer_core.labels import EIGHT, SEVEN
from fer_core.predictors.onnx_runtime import OnnxPredictor
from fer_core.protocols import Protocol
from fer_core.recipes import selection
from fer_core.recipes.schema import Data, Join, Recipe
from training.commands import calibrate
from training.data import batches
from training.releasing import photo_measures

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
