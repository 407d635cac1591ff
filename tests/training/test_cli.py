"""Flags of the recipe among the options of `fer train` and its neighbours."""

import subprocess
import sys

import pytest
import typer
from paths import ROOT

from fer_core.recipes.schema import Recipe
from training import cli


def test_the_keys_are_the_recipes():
    assert set(Recipe.model_fields) == cli.RECIPE_KEYS


@pytest.mark.parametrize(
    ("given", "own", "flags"),
    [
        ("house.toml --training.seed 2", "house.toml", "--training.seed 2"),
        ("--training.seed 2 house.toml --run a", "house.toml --run a", "--training.seed 2"),
        ("house.toml --training.seed=2 --title=b", "house.toml", "--training.seed 2 --title b"),
        ("house.toml --optimizer {averaging=0.9}", "house.toml", "--optimizer {averaging=0.9}"),
        ("house.toml --data.path --odd", "house.toml", "--data.path --odd"),
        ("-- --training.seed", "-- --training.seed", ""),
        ("house.toml --seed 2", "house.toml --seed 2", ""),
    ],
)
def test_flags_of_the_recipe_are_told_apart(given, own, flags):
    assert cli.split(given.split()) == (own.split(), flags.split())


def test_a_flag_without_its_value():
    with pytest.raises(typer.BadParameter, match="needs a value"):
        cli.split(["house.toml", "--training.seed"])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a b --run c --shares 1 3", "a b --run c --shares 1 --shares 3"),
        ("--shares 1 3 a b --run c", "--shares 1 --shares 3 a b --run c"),
        ("a b --shares 0.5 .5 1e-3 --run 7", "a b --shares 0.5 --shares .5 --shares 1e-3 --run 7"),
        ("a 5 --run c", "a 5 --run c"),
        ("a --shares 1 b 3", "a --shares 1 b 3"),
        ("a --shares 1 --shares 3", "a --shares 1 --shares 3"),
    ],
)
def test_shares_are_several_numbers_after_one_word(given, wanted):
    assert cli.repeated(given.split(), "--shares") == wanted.split()


def test_help_loads_no_framework():
    names = ("train", "release", "calibrate", "export", "soup", "ablation", "out-of-sample")
    script = (
        f"import sys; from fer_core.cli.main import main; codes = {{main([name, '--help']) for name in {names}}};"
        "print(codes, set(sys.modules) & {'keras', 'tensorflow', 'numpy'}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stderr == "{0} set()\n"
