"""Right answers by how a face stands in its picture: size, light, sharpness, skin tone, tilt and turn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.compare import conditions
from fer_core.compare.conditions import CONDITIONS
from fer_core.datasets import Dataset
from fer_core.datasets.photo_faces import PhotoFiles, face
from fer_core.evaluation.metrics import counted_share
from fer_core.evaluation.scoring import Answered
from fer_core.photos import faces

Group = dict[str, Any]

FEWEST = 30
"""No recall is claimed for a smaller group."""


def of(answered: Answered) -> dict[str, list[Group]]:
    """Accuracy and recall in each group of each condition, of an evaluation's own answers."""
    given = answered.given
    right = answered.probabilities.argmax(axis=1) == given.targets
    return by_condition(right, given.targets, given.classes, look(given.dataset))


def look(dataset: Dataset) -> list[dict[str, float]]:
    """The conditions of each image: those of its face in the photo, or those of a picture that is a face crop."""
    return [_look(dataset, row) for row in range(len(dataset))]


def by_condition(
    right: NDArray[np.bool_], targets: NDArray[np.int64], classes: Sequence[str], seen: Sequence[dict[str, float]]
) -> dict[str, list[Group]]:
    """Accuracy and recall in each group of each condition.

    Args:
        right: (n,), the answer is the label.
        targets: (n,), indices into classes.
        classes: expressions.
        seen: the conditions of each image, as `look` gives them.

    Returns:
        By the name of the condition: its groups with their count, the range of the condition, accuracy and recall,
        each share with its 95 % interval. A recall of fewer than FEWEST images is left out.
    """
    found = {}
    for name in CONDITIONS:
        values = np.array([one[name] for one in seen])
        groups = conditions.groups(name, values)
        if groups:
            found[name] = [_group(title, inside, values, right, targets, classes) for title, inside in groups]
    return found


def _group(
    title: str,
    inside: NDArray[np.bool_],
    values: NDArray[np.float64],
    right: NDArray[np.bool_],
    targets: NDArray[np.int64],
    classes: Sequence[str],
) -> Group:
    of_class = {name: inside & (targets == place) for place, name in enumerate(classes)}
    return {
        "group": title,
        "n": int(inside.sum()),
        "range": [float(values[inside].min()), float(values[inside].max())],
        "accuracy": counted_share(right[inside]),
        "recall": {name: counted_share(right[some]) for name, some in of_class.items() if some.sum() >= FEWEST},
    }


def _look(dataset: Dataset, row: int) -> dict[str, float]:
    picture = dataset.image(row)
    if isinstance(dataset, PhotoFiles):
        return conditions.measure(face(dataset.faces[row]), picture, in_photo=True)
    return conditions.measure(faces.whole(picture), picture, in_photo=False)
