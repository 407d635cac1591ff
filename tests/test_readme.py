"""What README and the guides show in Python runs, and prints what they say."""

import contextlib
import io
import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from paths import ROOT

PAGES = ("README.md", "docs/index.md", "docs/guides/predict.md")
MOST_WORDS = 700


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), flags=re.S | re.M)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("no_yunet")
def test_the_python_on_a_page_prints_what_the_page_says(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FER_MODELS", raising=False)
    assert blocks(page)
    for code in blocks(page):
        said = [line.removeprefix("# ") for line in code.splitlines() if line.startswith("# ")]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, page, "exec"), {})
        assert printed.getvalue().splitlines() == said


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MOST_WORDS


def test_every_make_target_that_readme_shows_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    assert set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text, flags=re.M)) != set()
    assert {one or other for one, other in re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text, flags=re.M)} <= set(
        made
    )


def test_the_page_of_licences_has_a_row_for_every_package_that_users_get():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(?:pip install |\[)([a-z-]+)\]?` \| (.*) \|$", page, flags=re.M))
    extras = {name: needs for name, needs in project["optional-dependencies"].items() if name not in ("all", "dev")}
    for name, needs in {"fer-lab": project["dependencies"], **extras}.items():
        packages = {Requirement(need).name for need in needs} - {project["name"]}
        assert set(re.findall(r"([\w-]+) \([A-Z]", rows[name])) == packages, name


def test_readme_quotes_the_figures_of_the_house_network():
    measured = json.loads((ROOT / "models" / "house" / "metrics.json").read_text(encoding="utf-8"))
    photos = measured["photos"][0]
    share = {name: f"{row['share']:.0%}".replace("%", " %") for name, row in photos["recall"].items()}
    thirds = [f"{row['recall']['neutral']['share']:.0%}".replace("%", " %") for row in photos["tone"]["thirds"]]
    tested = [row for row in measured["evaluations"] if row["split"] == "private_test"]
    own, crowd = (next(row for row in tested if row["labels"] == one)["accuracy"] for one in ("fer2013", "ferplus"))
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for sentence in (
        f"finds {share['happy']} of the smiles, {share['neutral']} of the neutral faces",
        f"and {share['surprise']} of the surprised ones",
        f"in darker light: {thirds[0]} against {thirds[-1]}.",
        f"| `house` | {100 * own:.1f} % (FER+ {100 * crowd:.1f} %) |",
    ):
        assert sentence in text
