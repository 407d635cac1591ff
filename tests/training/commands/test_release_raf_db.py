"""A network trained on another dataset than FER2013 says so everywhere: what chose it, and what it is reported on."""

import json

import cv2
import numpy as np
import pytest

from fer_core import predictors
from fer_core.cli import main as cli
from fer_core.cli.main import main
from fer_core.evaluation import results
from space import publish
from ui.home import mistakes, overview
from ui.shared.loaders import Listed

pytestmark = pytest.mark.tensorflow

RECIPE = """
name = "tiny_raf"
title = "Tiny, RAF-DB"
architecture = "house"
options = {widths = [4, 8], depths = [1, 1]}

[data]
dataset = "raf_db"
path = "PATH"
select = "test"
report = "test"
targets = ["labels"]
selection = "held_out"
held_out = 0.25

[optimizer]
learning_rate = 3e-2

[training]
batch = 16
precision = "float32"
stages = [{size = 24, epochs = 2}]
"""


def write_raf_db(root):
    """Kaggle's layout: noisy bright 'happy' (4) and dark 'sad' (5) faces; one test image stands in training, too."""
    generator = np.random.default_rng(0)
    for split, count in (("train", 64), ("test", 24)):
        for number in range(count):
            code, level = ((4, 190), (5, 60))[number % 2]
            folder = root / "DATASET" / split / str(code)
            folder.mkdir(parents=True, exist_ok=True)
            pixels = generator.normal(level, 20, (32, 32)).clip(0, 255).astype(np.uint8)
            cv2.imwrite(str(folder / f"{split}_{number:05d}_aligned.png"), pixels)
    copied = root / "DATASET" / "test" / "4" / "test_00000_aligned.png"
    (root / "DATASET" / "train" / "4" / "train_00099_aligned.png").write_bytes(copied.read_bytes())
    return root


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_raf_db(tmp_path_factory.mktemp("raf") / "RAF")


@pytest.fixture(scope="module")
def released(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    recipe = folder / "tiny.toml"
    recipe.write_text(RECIPE.replace("PATH", data.as_posix()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_MODELS", "set by the release")
        patch.setenv("FER_CACHE", str(folder / "cache"))
        assert main(["train", str(recipe), "--run", str(folder / "run")]) == 0
        assert main(["release", str(folder / "run"), "--models", str(folder / "models")]) == 0
    return folder / "models" / "tiny_raf"


@pytest.fixture(autouse=True)
def served(released, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(released.parent))
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


def shown(released):
    """Everything that people read of the network, by place."""
    (row,) = [row for row in results.table(local=False) if row.method == "tiny_raf" and "copies" not in row.tested_on][
        :1
    ]
    weakest = mistakes.weakest().get("tiny_raf", "")
    listed = Listed(predictors.info("tiny_raf"), predictors.availability("tiny_raf"))
    return {
        "card": (released / "README.md").read_text(encoding="utf-8"),
        "hub": json.dumps(publish._card_data(released, "me/tiny").to_dict()),
        "results": str(row),
        "home": f"{overview._row(listed, listed.info.title, weakest)} {overview._note(listed)}",
    }


def test_nothing_says_public_test_or_fer2013(released):
    for place, words in shown(released).items():
        assert "public" not in words.lower(), place
        assert "private" not in words.lower(), place
        assert "fer2013" not in words.lower(), place


def test_each_place_says_what_chose_and_what_reports(released):
    said = shown(released)
    chosen = "held-out 25 % of the training images"
    assert f"Selected and calibrated on the {chosen}, reported on the test split of RAF-DB." in said["card"]
    assert "fitted to the top answers on the held-out share of the training images" in said["card"]
    assert chosen in said["results"]
    assert "RAF-DB test split, 24 images" in said["home"]
    hub = json.loads(said["hub"])["model-index"][0]["results"]
    assert {(one["dataset"]["type"], one["dataset"]["name"]) for one in hub} == {("raf_db", "RAF-DB")}
    assert {one["dataset"]["split"] for one in hub} == {"test", "held_out"}


def test_evaluate_gives_the_figures_of_the_card_to_the_last_digit(released, data, capsys):
    written = json.loads((released / "metrics.json").read_text(encoding="utf-8"))["evaluations"]
    (row,) = [row for row in written if (row["split"], row["tta"]) == ("test", None) and "subset" not in row]
    command = ["evaluate", "--model", "tiny_raf", "--data", str(data), "--split", "test", "--format", "json"]
    assert cli.main(command) == 0
    assert json.loads(capsys.readouterr().out) == row


def test_copies_of_test_images_are_told_apart(released):
    written = json.loads((released / "metrics.json").read_text(encoding="utf-8"))["evaluations"]
    assert [row["n"] for row in written if row["split"] == "test" and row["tta"] is None] == [24, 23]
