"""What the builder shows is what the recipe says, and the recipe is one that training takes."""

import tomllib

import pytest
from faulty_data import picture, write, write_faulty
from paths import ROOT

from fer_core.auditing.findings import audit, write_exclusions
from fer_core.datasets import open_dataset
from fer_core.errors import DatasetError, RecipeError
from fer_core.recipes import schema, subsets

HOUSE = ROOT / "training" / "recipes" / "house.toml"


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def dataset(tmp_path):
    return open_dataset(write_faulty(tmp_path / "data"))


@pytest.fixture
def other(tmp_path):
    for number in range(6):
        write(tmp_path / "other" / "Happiness" / f"{number}.png", picture(200 + number))
    for number in range(3):
        write(tmp_path / "other" / "anger" / f"{number}.png", picture(300 + number))
    return open_dataset(tmp_path / "other")


def after(given):
    return subsets.total(given)["after"]


def test_everything_is_kept_when_nothing_is_asked(dataset):
    asked = subsets.section(dataset)
    (given,) = subsets.shares(asked, dataset)
    assert given.after["happy"] == given.before["happy"] == dataset.counts()["train"]["happy"]
    assert given.left_out == {}
    assert (asked.select, asked.report, asked.targets) == ("test", "test", ("labels",))
    assert asked.selection == "held_out"


def test_dropped_classes_caps_and_copies_are_counted(dataset):
    found = audit(dataset)
    asked = subsets.section(dataset, classes=["happy"], cap=4)
    (given,) = subsets.shares(asked, dataset, identities=[found.reading.same])
    assert given.after == {"happy": 4}
    assert given.left_out["exact copies of test images"] == 1
    assert given.left_out["of other classes"] == given.before["sad"]
    assert given.left_out["above the cap"] == given.before["happy"] - 1 - 4


def test_findings_count_the_same_before_and_after_they_are_written(dataset, tmp_path):
    found = audit(dataset)
    path = tmp_path / "exclude.csv"
    write_exclusions(found, ["blank", "dark"], path)
    rows = [*found.rows("blank"), *found.rows("dark")]
    (shown,) = subsets.shares(subsets.section(dataset), dataset, findings=rows)
    (written,) = subsets.shares(subsets.section(dataset, exclude=[path]), dataset)
    assert shown.after == written.after
    assert shown.left_out == {"findings of the audit": 2}
    assert written.left_out == {"listed in exclude.csv": 2}


def test_joined_datasets_meet_by_name(dataset, other):
    asked = subsets.section(dataset, joined=[other], cap=5)
    given = subsets.shares(asked, dataset, [other])
    assert asked.join[0].dataset == "folder"
    assert asked.join[0].train == "all"
    assert after(given) == {"angry": 3, "happy": 10, "sad": 5}


def test_the_text_says_the_section(dataset, other):
    asked = subsets.section(dataset, classes=["happy", "sad"], cap=1000, exclude=["a.csv"], joined=[other])
    read = schema.Data.model_validate(tomllib.loads(subsets.to_toml(asked))["data"])
    assert read == asked


def test_a_path_with_quotes_and_backslashes_survives(dataset):
    asked = subsets.section(dataset).model_copy(update={"path": 'C:\\data\\"new"\nü'})
    assert tomllib.loads(subsets.to_toml(asked))["data"]["path"] == asked.path


def test_a_recipe_takes_the_section_and_keeps_the_rest(dataset, tmp_path):
    asked = subsets.section(dataset, cap=7)
    text = subsets.into_recipe(HOUSE.read_text(encoding="utf-8"), asked, "small")
    path = tmp_path / "small.toml"
    subsets.write(path, text)
    made, base = schema.load(path), schema.load(HOUSE)
    assert (made.name, made.data) == ("small", asked)
    assert made.augmentation == base.augmentation
    assert made.training == base.training


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "there.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(DatasetError, match="is there already"):
        subsets.write(path, "yours")
    assert path.read_text(encoding="utf-8") == "mine"


def test_what_is_no_subset_is_a_sentence(dataset):
    with pytest.raises(RecipeError, match="no expression is called joyful"):
        subsets.section(dataset, classes=["joyful"])
    with pytest.raises(RecipeError, match="do not go together"):
        subsets.into_recipe("title = 1", subsets.section(dataset), "small")


@pytest.mark.parametrize(("given", "safe"), [("no disgust", "no_disgust"), ("../../etc", "etc"), ("..", "subset")])
def test_names_become_file_names(given, safe):
    assert subsets.file_name(given) == safe


@pytest.mark.tensorflow
def test_the_trainer_takes_the_very_images_that_were_shown(dataset, other):
    from training.data import batches

    asked = subsets.section(dataset, classes=["happy", "sad"], cap=5, joined=[other])
    asked = asked.model_copy(update={"selection": "official"})
    given = subsets.shares(asked, dataset, [other], identities=[audit(one).reading.same for one in (dataset, other)])
    splits = batches.load(asked)
    counts = splits.train.targets["labels"].distributions.sum(axis=0).astype(int).tolist()
    assert counts == [after(given)[name] for name in asked.classes]
