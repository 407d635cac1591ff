"""Which images a training sees, and that chance comes only from seed, epoch and batch."""

import dataclasses

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from fer_core.datasets import identity, open_dataset
from fer_core.errors import DatasetError, RecipeError
from fer_core.labels import SEVEN
from fer_core.recipes import selection
from fer_core.recipes.schema import Data, Regularization
from training.data import batches as data
from training.data.targets import Target

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
    dataset = open_dataset(section.path)
    cut = selection.cut(dataset, section, identity.of(dataset))
    assert not {0, 5} & set(cut.train.tolist())
    assert cut.left_out["listed in blank.csv"] == 2


def test_a_batch_depends_on_seed_epoch_and_number_alone(recipe):
    part = data.load(recipe.data).train
    first, again, later = (data.Batches(part, recipe, epoch=epoch, size=24) for epoch in (0, 0, 1))
    _ = first[0]
    assert np.array_equal(first[2][0], again[2][0])
    assert not np.array_equal(first[2][0], later[2][0])
    assert len(first) == 4
    images, labels = first[2]
    assert images.shape == (16, 24, 24, 1)
    assert labels["fer2013"].shape == (16, 7)
    assert labels["ferplus"].shape == (16, 8)


def test_a_batch_has_weights_where_they_differ(recipe):
    weighing = recipe.model_copy(update={"regularization": Regularization(class_weights=1.0)})
    part = data.load(recipe.data).train
    empty = dataclasses.replace(part.targets["ferplus"], weights=np.arange(len(part), dtype=np.float32) % 2)
    part = dataclasses.replace(part, targets=part.targets | {"ferplus": empty})
    batches = data.Batches(part, weighing, epoch=0, size=24)
    _, _, weights = batches[0]
    assert weights["ferplus"] == pytest.approx(batches.targets["ferplus"].weights[batches.order[:16]])
    assert set(np.unique(batches.targets["ferplus"].weights > 0)) == {False, True}
    assert weights["fer2013"] == pytest.approx(batches.targets["fer2013"].weights[batches.order[:16]])


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


def test_a_held_out_share_selects_and_is_not_trained_on(recipe):
    section = recipe.data.model_copy(update={"selection": "held_out", "held_out": 0.25, "leave_out_copies": False})
    dataset = open_dataset(section.path)
    cut = selection.cut(dataset, section)
    assert (len(cut.train), len(cut.select), cut.left_out) == (49, 16, {"held out": 16})
    assert set(cut.train.tolist()) | set(cut.select.tolist()) == set(dataset.rows("train").tolist())


def test_selecting_on_a_part_of_the_test_is_a_fault_with_a_name(recipe):
    section = recipe.data.model_copy(update={"selection": "part_of_test", "held_out": 0.25})
    dataset = open_dataset(section.path)
    cut = selection.cut(dataset, section)
    assert set(cut.select.tolist()) < set(dataset.rows("private_test").tolist())
    assert len(cut.select) == 6
    assert "selected on 25% of the reporting split" in section.faults[0]
    assert recipe.data.faults == ()


def test_a_subset_of_classes_is_capped_and_counted(recipe):
    update = {"classes": ("happy",), "cap": 10, "targets": ("labels",)}
    section = type(recipe.data).model_validate(recipe.data.model_dump() | update)
    splits = data.load(section)
    assert len(splits.train) == 10
    assert splits.left_out == {"exact copies of test images": 1, "of other classes": 32, "above the cap": 22}
    assert splits.train.targets["labels"].distributions.tolist() == [[1.0]] * 10
    assert len(splits.select) == 12


def test_the_crowd_cannot_be_cut_to_a_subset(recipe):
    section = recipe.data.model_copy(update={"classes": ("happy",)})
    with pytest.raises(RecipeError, match="hard labels"):
        data.load(section)


@pytest.fixture
def folder(tmp_path):
    """Class folders in another naming: four bright 'surprised' and two dark 'anger' pictures of 20x20, in colour."""
    for split, number in (("train", 4), ("val", 2), ("test", 2)):
        for name, level in (("surprised", 200), ("anger", 40)):
            place = tmp_path / "faces" / split / name
            place.mkdir(parents=True)
            for row in range(number):
                cv2.imwrite(str(place / f"{row}.png"), np.full((20, 20, 3), level + row, np.uint8))
    return tmp_path / "faces"


def test_a_folder_of_images_is_read_batch_by_batch(folder, recipe):
    section = Data(dataset="any", path=str(folder), select="val", report="test", targets=("labels",))
    splits = data.load(section, channels=3)
    assert splits.left_out == {"exact copies of test images": 4}
    assert len(splits.train) == 4
    images = splits.train.pool.take(np.array([0, 3]), 16)
    assert images.shape == (2, 16, 16, 3)
    labels = splits.train.targets["labels"].distributions.argmax(1)
    bright = splits.train.images(16).mean(axis=(1, 2, 3)) > 100
    assert [SEVEN[label] for label in labels[bright]] == ["surprise", "surprise"]
    assert [SEVEN[label] for label in labels[~bright]] == ["angry", "angry"]
    recipe = recipe.model_copy(update={"training": recipe.training.model_copy(update={"batch": 2})})
    assert data.Batches(splits.train, recipe, epoch=0, size=16)[0][0].shape == (2, 16, 16, 3)


def test_joined_datasets_meet_by_the_names_of_their_labels(folder, recipe):
    joined = [{"dataset": "any", "path": str(folder)}]
    update = {"targets": ["labels"], "join": joined, "leave_out_copies": False}
    section = Data.model_validate(recipe.data.model_dump() | update)
    splits = data.load(section)
    assert len(splits.train) == 65 + 8
    labels = splits.train.targets["labels"].distributions.argmax(1)
    assert sorted({SEVEN[label] for label in labels[65:]}) == ["angry", "surprise"]
    assert splits.train.pool.take(np.array([0, 70, 1]), 24).shape == (3, 24, 24, 1)


def test_a_joined_dataset_teaches_every_head_and_is_drawn_in_its_share(folder, recipe):
    joined = [
        {
            "dataset": "any",
            "path": str(folder),
            "share": 0.25,
            "class_power": 1.0,
            "select": "val",
            "label_smoothing": 0.1,
            "label_weights": {"angry": 0.5},
        }
    ]
    section = Data.model_validate(recipe.data.model_dump() | {"join": joined})
    splits = data.load(section)
    own = len(splits.train) - len(splits.train.draws[0].chances)
    for head in ("fer2013", "ferplus"):
        target = splits.train.targets[head].take(np.arange(own, len(splits.train)))
        angry = target.distributions.argmax(1) == 0
        assert angry.any()
        assert not angry.all()
        assert target.weights[angry] == pytest.approx(0.5)
        assert target.weights[~angry] == pytest.approx(1.0)
        assert target.distributions.max() < 0.95
    assert len(splits.joined["any"]) > 0
    training = recipe.training.model_copy(update={"epoch_images": 40})
    drawing = recipe.model_copy(update={"data": section, "training": training})
    epochs = [data.order(splits.train, drawing, epoch) for epoch in range(4)]
    assert [len(rows) for rows in epochs] == [40] * 4
    assert [(rows >= own).sum() for rows in epochs] == [10] * 4
    in_turn = np.concatenate([rows[rows < own] for rows in epochs])
    assert np.bincount(in_turn, minlength=own).min() >= len(in_turn) // own
    assert np.bincount(in_turn).max() <= len(in_turn) // own + 1


def test_a_joined_dataset_teaches_the_heads_that_the_recipe_names(folder, recipe):
    joined = {"dataset": "any", "path": str(folder), "targets": ["fer2013"]}
    part = data.load(Data.model_validate(recipe.data.model_dump() | {"join": [joined]})).train
    alone = data.load(recipe.data).train
    assert (part.targets["fer2013"].weights[len(alone) :] == 1).all()
    assert (part.targets["ferplus"].weights[len(alone) :] == 0).all()
    assert (part.targets["ferplus"].weights[: len(alone)] == alone.targets["ferplus"].weights).all()
    with pytest.raises(ValidationError, match=r"join.*targets labels: expected some of .* fer2013, ferplus"):
        Data.model_validate(recipe.data.model_dump() | {"join": [joined | {"targets": ["labels"]}]})


def test_dark_faces_are_drawn_more_often(folder, recipe):
    joined = [{"dataset": "any", "path": str(folder), "share": 0.25, "dark_weight": 3.0}]
    section = Data.model_validate(recipe.data.model_dump() | {"join": joined})
    part = data.load(section).train
    (draw,) = part.draws
    bright = part.images(16)[draw.first :].mean(axis=(1, 2, 3)) > 100
    assert 0 < bright.sum() < len(bright)
    assert draw.chances.sum() == pytest.approx(1)
    assert draw.chances[~bright].max() == pytest.approx(3 * draw.chances[bright].min())
    with pytest.raises(ValidationError, match="dark_weight"):
        Data.model_validate(section.model_dump() | {"join": [joined[0] | {"dark_weight": 0.5}]})


def test_a_share_of_the_images_is_the_same_in_every_epoch(recipe):
    part = data.load(recipe.data).train
    first, second = (data.Batches(part, recipe, epoch=epoch, size=24, share=0.5) for epoch in (0, 1))
    assert len(first.order) == 32
    assert set(first.order.tolist()) == set(second.order.tolist())
    assert first.order.tolist() != second.order.tolist()


def test_the_cap_comes_before_the_share_that_is_held_out(recipe):
    update = {"cap": 20, "targets": ("labels",), "selection": "held_out", "held_out": 0.25}
    splits = data.load(type(recipe.data).model_validate(recipe.data.model_dump() | update))
    assert (len(splits.train), len(splits.select)) == (30, 10)
    assert splits.left_out["held out"] == 10


@pytest.mark.parametrize("name", ["raf_db", "affectnet"])
def test_a_dataset_that_is_not_at_hand_says_how_to_get_it(name, tmp_path):
    section = Data(dataset=name, path=str(tmp_path / "none"), targets=("labels",))
    with pytest.raises(DatasetError, match=rf"'{name}' is not at .*none\. How to get it: .+ Then say --data\.path"):
        data.load(section)


def test_the_crowds_votes_belong_to_fer2013_alone(folder):
    section = Data(dataset="any", path=str(folder), select="val", report="test", targets=("ferplus",))
    with pytest.raises(RecipeError, match=r"needs FER.+s votes"):
        data.load(section)


def test_copies_of_test_images_stay_out_of_joined_datasets_too(recipe):
    joined = [{"dataset": "fer2013", "path": recipe.data.path}, {"dataset": "any", "path": recipe.data.path}]
    section = Data.model_validate(recipe.data.model_dump() | {"targets": ["labels"], "join": joined})
    splits = data.load(section)
    assert len(splits.train) == 3 * 64
    assert splits.left_out["exact copies of test images in any"] == 1
