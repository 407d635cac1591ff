"""A training that is killed at twenty random moments, and started again each time, ends as one that was left alone.

Here a kill is an exception that nobody catches, so that one process is enough; `benchmarks.training.resume --kills 20`
kills processes.
"""

import csv
import random

import pytest

from fer_core.recipes import schema
from training import checkpoints, run_folder
from training.callbacks import Progress
from training.commands import train

pytestmark = [
    pytest.mark.tensorflow,
    # TensorFlow says that the input pipeline is compiled all the same.
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`"),
]

KILLS = 20
AT_MOST = 12
"""Moments until the next kill; an epoch has ten: each batch, and before and after each of the three files."""


class KilledError(BaseException):
    pass


class Killer:
    """Counts moments down, and ends the training when none is left."""

    left = None

    def moment(self):
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                raise KilledError

    def around(self, work):
        def watched(*arguments, **options):
            self.moment()
            result = work(*arguments, **options)
            self.moment()
            return result

        return watched


@pytest.fixture
def killer(monkeypatch):
    import tensorflow

    killer = Killer()
    for place, name in ((checkpoints, "save"), (checkpoints, "save_weights"), (run_folder, "write_history")):
        monkeypatch.setattr(place, name, killer.around(getattr(place, name)))
    monkeypatch.setattr(Progress, "on_train_batch_end", killer.around(Progress.on_train_batch_end))
    tensorflow.config.run_functions_eagerly(True)  # each start would compile anew
    yield killer
    tensorflow.config.run_functions_eagerly(False)


def rows(run):
    with (run / "history.csv").open(encoding="utf-8", newline="") as stream:
        return [
            {name: float(value) for name, value in row.items() if name not in ("seconds", "images_per_second")}
            for row in csv.DictReader(stream)
        ]


def test_killed_at_twenty_random_moments(recipe_file, tmp_path, killer):
    stages = "[{size = 24, epochs = 6}, {size = 32, epochs = 6}]"
    recipe = schema.load(recipe_file, ["--training.stages", stages])
    assert train.train(recipe, tmp_path / "alone")
    chance, kills = random.Random(0), 0
    while kills < KILLS:
        killer.left = chance.randint(1, AT_MOST)
        with pytest.raises(KilledError):
            train.train(recipe, tmp_path / "killed")
        kills += 1
    killer.left = None
    assert train.train(recipe, tmp_path / "killed")
    alone, killed = rows(tmp_path / "alone"), rows(tmp_path / "killed")
    assert [row["epoch"] for row in killed] == list(range(12))
    assert killed[-1]["val_accuracy"] == pytest.approx(alone[-1]["val_accuracy"], abs=0.01)
    for one, other in zip(alone, killed, strict=True):
        assert other == pytest.approx(one, abs=0.02)
