"""Sentences of the card that are made from the course of a training."""

import shutil

import pytest
from paths import ROOT

from training.releasing import card

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("models/*/README.md")))
def test_the_cards_that_lie_here_are_made_by_this_code(name, tmp_path):
    network = shutil.copytree(ROOT / "models" / name, tmp_path / name)
    (network / "README.md").unlink()
    card.write_card(network)
    assert (network / "README.md").read_bytes() == (ROOT / "models" / name / "README.md").read_bytes()


def epochs(*accuracies, size="48"):
    return [{"val_accuracy": str(value), "accuracy": "0.65", "size": size} for value in accuracies]


def test_the_card_says_what_the_last_epochs_brought():
    said = card.course([*epochs(0.2, size="32"), *epochs(0.5, 0.61, 0.62, 0.63, 0.64)])
    assert (
        said == "Training accuracy, on augmented images, was 65.0 % in the end; the last 3 epochs brought +3.0 points."
    )


def test_epochs_of_smaller_images_are_not_compared():
    said = card.course([*epochs(0.2, 0.3, size="32"), *epochs(0.5, 0.6, 0.7)])
    assert said == "Training accuracy, on augmented images, was 65.0 % in the end."


def test_teachers_are_named_with_their_share_and_trained_first():
    config = {
        "name": "house",
        "crowd_share": 0.1,
        "began_with": ["first"],
        "taught_by": {"first": ["first"], "other": ["zero", "other"]},
        "recipe": {"name": "second", "distillation": {"share": 0.4}},
    }
    assert " first and other taught it: their averaged answers are 40.0 % of what each head learnt" in card.taught(
        config
    )
    commands = [part.split("/")[-1] for part in card.again(config).split("`") if part.startswith("fer train")]
    assert commands == ["first.toml", "zero.toml", "other.toml", "second.toml"]
    assert card.taught({"recipe": {}}) == ""


def test_a_file_that_stands_alone_says_why(tmp_path):
    (tmp_path / "model.onnx").write_bytes(bytes(1_200_000))
    assert (
        card.files(tmp_path) == "model.onnx 1.2 MB: weights in half precision, alone because the whole is above 25 MB"
    )
    (tmp_path / "model.keras").write_bytes(bytes(1_300_000))
    assert card.files(tmp_path) == "model.onnx 1.2 MB, model.keras 1.3 MB"
