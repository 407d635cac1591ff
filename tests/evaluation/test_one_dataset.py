"""What scan opens, evaluate, audit, Compare, subset and training open: the same images, splits, kind and strictness."""

import json

import numpy as np
import pytest
import small_datasets as make
from brightness import STEP, write_network
from paths import SHARED

from fer_core.auditing.findings import audit
from fer_core.cli import main as cli
from fer_core.compare import testsets
from fer_core.datasets import open_dataset
from fer_core.datasets.tabular.pixel_table import NOT_PIXELS
from fer_core.recipes import subsets
from fer_core.recipes.schema import Data

CASE = SHARED / "cases" / "datasets" / "msambare"
COUNTS = {"train": 56, "public_test": 56, "private_test": 56, "test": 112, "all": 168}


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    write_network(tmp_path / "models" / "house")


@pytest.fixture
def folders(tmp_path):
    """FER2013 as Kaggle's folders: eight images of each class in each official split, told by the file names alone."""
    for number, (word, folder) in enumerate((("Training", "train"), ("PublicTest", "test"), ("PrivateTest", "test"))):
        for label, name in enumerate(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")):
            for image in range(8):
                file = tmp_path / "msambare" / folder / name / f"{word}_{1000 * number + image}.png"
                make.picture(file, label * STEP, 48, 48)
    return tmp_path / "msambare"


def evaluated(capsys, path, *options):
    code = cli.main(["evaluate", "--model", "house", "--data", str(path), "--format", "json", *options])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    return json.loads(printed.out)


def check_counts(capsys, path):
    data = open_dataset(path)
    assert (data.kind, len(data), data.problem_count) == ("fer2013", 168, 0)
    assert {split: sum(column.values()) for split, column in data.counts().items()} == {
        split: COUNTS[split] for split in data.split_names
    }
    for split, count in COUNTS.items():
        assert len(testsets.from_split(data, split)) == count
        result = evaluated(capsys, path, "--split", split)
        assert (result["n"], result["labels"]) == (count, "fer2013"), split
        assert "left_out" not in result


def test_fer2013_as_folders_is_the_same_to_all(folders, capsys):
    check_counts(capsys, folders)
    assert evaluated(capsys, folders, "--split", "all")["accuracy"] == 1
    asked = subsets.section(open_dataset(folders))
    assert (asked.dataset, asked.select, asked.report) == ("fer2013", "public_test", "private_test")
    assert asked.targets == ("fer2013",)


@pytest.mark.shared
@pytest.mark.skipif(not CASE.is_dir(), reason="../shared is not here")
def test_the_case_itself(capsys):
    check_counts(capsys, CASE)


@pytest.mark.shared
@pytest.mark.tensorflow
@pytest.mark.skipif(not CASE.is_dir(), reason="../shared is not here")
def test_training_takes_the_case_itself():
    check_training(CASE, ("fer2013",))


@pytest.mark.tensorflow
@pytest.mark.parametrize("targets", [("fer2013",), ("labels",)])
def test_training_takes_it_too(folders, targets):
    check_training(folders, targets)


def check_training(folders, targets):
    from training.data import batches

    section = Data(dataset="fer2013", path=str(folders), targets=targets, leave_out_copies=False)
    splits = batches.load(section)
    assert (len(splits.train), len(splits.select)) == (56, 56)
    assert splits.train.targets[targets[0]].distributions.sum(axis=0).tolist() == [8] * 7


@pytest.fixture
def damaged(tmp_path):
    """Twelve good rows, and one whose pixels are cut short."""
    rows = [(label, label * STEP, usage) for usage in ("Training", "PublicTest", "PrivateTest") for label in range(4)]
    path = make.pixel_rows(tmp_path / "fer2013.csv", *rows)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("3,1 2 3,PrivateTest\n")
    return path


def test_a_damaged_row_is_counted_by_all_and_fatal_to_none(damaged, capsys):
    data = open_dataset(damaged)
    assert (len(data), dict(data.problem_counts)) == (12, {NOT_PIXELS: 1})
    result = evaluated(capsys, damaged, "--split", "private_test")
    assert (result["n"], result["accuracy"], result["left_out"]) == (4, 1, {NOT_PIXELS: 1})
    assert cli.main(["evaluate", "--data", str(damaged)]) == 0
    assert f"left out: {NOT_PIXELS}" in capsys.readouterr().out
    assert audit(data).to_json()["images"] == 12
    assert len(testsets.from_split(data, "private_test")) == 4
    assert cli.main(["datasets", "subset", str(damaged), "--format", "json"]) == 0
    assert sum(json.loads(capsys.readouterr().out)["before"].values()) == 4


@pytest.mark.tensorflow
def test_a_damaged_row_does_not_stop_training(damaged):
    from training.data import batches

    assert len(batches.load(Data(path=str(damaged), leave_out_copies=False)).train) == 4


@pytest.fixture
def spoiled(tmp_path):
    """Class folders with one image whose header is whole and whose inside is not."""
    folders = (("train", "happy"), ("train", "sad"), ("val", "happy"), ("test", "sad"), ("test", "happy"))
    for place, (split, word) in enumerate(folders):
        for number in range(4):
            make.picture(tmp_path / "set" / split / word / f"{number}.png", 40 * place + 10 * number, 48, 48)
    for split in ("train", "test"):
        whole = (tmp_path / "set" / split / "sad" / "1.png").read_bytes()
        (tmp_path / "set" / split / "sad" / "1.png").write_bytes(whole[:40])
    return tmp_path / "set"


def test_an_image_that_is_damaged_inside_is_counted(spoiled, capsys):
    result = evaluated(capsys, spoiled, "--split", "test")
    assert result["n"] == 7
    assert list(result["left_out"].values()) == [1]


@pytest.mark.tensorflow
@pytest.mark.parametrize("copies", [True, False])
def test_an_image_that_is_damaged_inside_does_not_stop_training(spoiled, copies, capsys):
    from training.data import batches

    section = Data(
        dataset="any", path=str(spoiled), select="test", report="val", targets=("labels",), leave_out_copies=copies
    )
    splits = batches.load(section)
    assert len(splits.select) == 7
    rows, images = splits.train.pool.read(np.arange(len(splits.train)), 48)
    assert len(rows) == len(images) == len(splits.train)
    labels = splits.train.targets["labels"].distributions[rows].argmax(axis=1)
    assert np.bincount(labels, minlength=7)[[3, 4]].tolist() == ([4, 3] if copies else [5, 3])
    if not copies:
        assert "1.png is left out, another image stands in for it." in capsys.readouterr().out


@pytest.mark.parametrize("options", [("--labels", "ferplus"), ("--labels", "fer2013")])
def test_labels_that_the_dataset_does_not_have_are_refused_in_a_sentence(spoiled, options, capsys):
    assert cli.main(["evaluate", "--data", str(spoiled), "--split", "test", *options]) == 2
    assert ("FER+ needs" in (said := capsys.readouterr().err)) or "Leave --labels out" in said


def test_views_are_averaged_on_every_dataset(spoiled, capsys):
    result = evaluated(capsys, spoiled, "--split", "test", "--tta", "flip")
    assert (result["tta"], result["n"]) == ("flip", 7)


def test_all_means_every_image_of_any_dataset(tmp_path, capsys):
    make.ck_plus(tmp_path / "ck")
    assert evaluated(capsys, tmp_path / "ck", "--split", "all")["n"] == 2
