"""Which images a training sees, and that chance comes only from seed, epoch and batch."""

import numpy as np
import pytest

from fer_core.datasets import fer2013
from fer_core.recipes import Data
from training import data
from training.targets import Target

pytestmark = pytest.mark.tensorflow


def test_copies_of_test_images_are_left_out_and_counted(recipe):
    splits = data.load(recipe.data)
    assert len(splits.train) == 64
    assert splits.left_out == {"exact copies of test images": 1}
    kept = data.load(recipe.data.model_copy(update={"leave_out_copies": False}))
    assert len(kept.train) == 65


def test_listed_rows_are_left_out(recipe, tmp_path):
    listed = tmp_path / "blank.csv"
    listed.write_text("row,reason\n0,blank\n5,blank\n", encoding="utf-8")
    section: Data = recipe.data.model_copy(update={"exclude": (str(listed),)})
    rows, left_out = data.training_rows(fer2013.load(section.path), section)
    assert not {0, 5} & set(rows.tolist())
    assert left_out["listed in blank.csv"] == 2


def test_a_batch_depends_on_seed_epoch_and_number_alone(recipe):
    part = data.load(recipe.data).train
    first, again, later = (data.Batches(part, recipe, epoch=epoch, size=24) for epoch in (0, 0, 1))
    _ = first[0]
    assert np.array_equal(first[2][0], again[2][0])
    assert not np.array_equal(first[2][0], later[2][0])
    assert len(first) == 4
    images, labels, weights = first[2]
    assert images.shape == (16, 24, 24, 1)
    assert labels["fer2013"].shape == (16, 7)
    assert labels["ferplus"].shape == (16, 8)
    assert weights["ferplus"].tolist() == [1] * 16


def test_an_epoch_shows_every_image_once(recipe):
    batches = data.Batches(data.load(recipe.data).train, recipe, epoch=3, size=24)
    assert sorted(batches.order.tolist()) == list(range(64))


def test_mixup_mixes_images_and_labels_alike():
    images = np.stack([np.full((8, 8, 1), value, np.uint8) for value in (0, 200)])
    label = Target(np.eye(2, dtype=np.float32), np.array([1, 0], np.float32))
    mixed, labels = data.mix(images, {"a": label}, 1.0, np.random.default_rng(3))
    share = mixed[1, 0, 0, 0] / 200
    assert 0 < share < 1
    assert labels["a"].distributions[1].tolist() == pytest.approx([1 - share, share], abs=0.01)
    assert labels["a"].weights.tolist() == [0, 0]
