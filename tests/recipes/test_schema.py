"""Recipes: what they say, what flags change, and which mistakes get a sentence."""

import pytest
from paths import ROOT

from fer_core.errors import RecipeError
from fer_core.recipes import schema

RECIPES = sorted((ROOT / "training" / "recipes").glob("*.toml"))


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text('name = "small"\ntitle = "Small"\narchitecture = "house"\n[training]\nseed = 3\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_of_the_project_loads_under_its_own_name(path):
    assert schema.load(path).name == path.stem


def test_flags_stand_above_the_file_and_the_file_above_the_defaults(small):
    recipe = schema.load(small, ["--training.batch", "64", "--data.path", "/where/it/is"])
    assert (recipe.training.seed, recipe.training.batch, recipe.data.path) == (3, 64, "/where/it/is")
    assert schema.load(small).training.batch == 128


def test_a_flag_may_hold_a_list(small):
    recipe = schema.load(small, ["--training.stages", "[{size = 32, epochs = 2}, {size = 48, epochs = 1}]"])
    assert [(stage.size, stage.epochs) for stage in recipe.training.stages] == [(32, 2), (48, 1)]
    assert recipe.training.epochs == 3


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--training.bach", "64"], "training.bach"),
        (["--training.batch", "0"], "training.batch"),
        (["--optimizer.name", "sgdx"], "optimizer.name"),
        (["--training.batch"], "pairs of --key value"),
        (["training.batch", "64"], "pairs of --key value"),
        (["--name.first", "x"], "not a section"),
        (["--data.targets", '["fer2014"]'], "data.targets"),
    ],
)
def test_a_wrong_flag_is_answered_with_its_name(small, flags, said):
    with pytest.raises(RecipeError, match=said):
        schema.load(small, flags)


def test_a_missing_recipe_and_one_that_is_no_toml_are_sentences(tmp_path):
    with pytest.raises(RecipeError, match="There is no recipe"):
        schema.load(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(RecipeError, match="not TOML"):
        schema.load(tmp_path / "broken.toml")


def test_exclusions_give_each_row_its_reason(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("row,reason\n3,blank\n17,not a face\n", encoding="utf-8")
    assert schema.read_exclusions(path) == {3: "blank", 17: "not a face"}
    path.write_text("line,why\n3,blank\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="columns row and reason"):
        schema.read_exclusions(path)
