"""`fer datasets` as a person runs it."""

import json
import tomllib

import pytest
import small_datasets as make
from paths import ROOT

SHARED = ROOT.parent / "shared" / "datasets" / "fer2013"


@pytest.fixture
def run(run):
    return lambda *arguments: run("datasets", *arguments)


def test_scan_as_json(run, tmp_path):
    root = make.class_folders(tmp_path / "data")
    make.text(root / "train" / "angry" / "broken.png", "x")
    code, out, _ = run("scan", root, "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert told["dataset"] == "folder"
    assert told["splits"] == {
        "train": {"angry": 1, "happy": 2, "neutral": 0},
        "val": {"angry": 0, "happy": 0, "neutral": 1},
        "test": {"angry": 0, "happy": 1, "neutral": 0},
    }
    assert [problem["place"] for problem in told["problems"]] == ["train/angry/broken.png"]
    assert (told["images"], told["problem_count"], told["sizes"]) == (5, 1, {"10x12": 5})


def test_scan_as_a_table(run, tmp_path):
    root = make.class_folders(tmp_path / "data")
    make.text(root / "train" / "angry" / "broken\x1b[2J.png", "x")
    code, out, _ = run("scan", root)
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert ["happy", "2", "0", "1", "3"] in lines
    assert ["images", "3", "1", "1", "5"] in lines
    assert "\x1b" not in out
    assert "left out or doubtful: 1" in out


def test_scan_of_a_file_with_another_kind(run, tmp_path):
    path = make.pixel_rows(tmp_path / "rows.csv", (7, 1, "Training"))
    assert json.loads(run("scan", path, "--kind", "ck_plus", "--format", "json")[1])["splits"]["train"]["contempt"] == 1
    code, out, err = run("scan", path)
    assert (code, out) == (2, "")
    assert "has a class of 0 to 6" in err


def test_a_missing_path_is_one_sentence(run, tmp_path):
    code, out, err = run("scan", tmp_path / "missing")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_the_list_needs_no_dataset(run):
    code, out, _ = run("list")
    assert code == 0
    assert all(name in out for name in ("FER2013", "FER+", "RAF-DB", "AffectNet", "ExpW", "CK+", "DISFA", "RaFD"))
    told = json.loads(run("list", "--format", "json")[1])
    assert {"datasets", "counts", "misprints"} == set(told)
    assert told["datasets"][0]["order"][0] == "angry"


def test_audit_counts_and_writes_exclusions(run, tmp_path):
    rows = [(0, 10, "Training"), (3, 10, "PrivateTest"), (3, 90, "Training"), (3, 90, "Training")]
    path = make.pixel_rows(tmp_path / "fer2013.csv", *rows)
    target = tmp_path / "exclude.csv"
    code, out, err = run("audit", path, "--format", "json", "--write", target, "--only", "leaks")
    told = json.loads(out)
    assert code == 0
    assert (told["exact_groups"], told["conflicting_groups"], told["leaks"]["private_test"]) == (2, 1, 1)
    assert target.read_text(encoding="utf-8").splitlines()[1].startswith("0,")
    assert "1 images in" in err
    assert "exact_groups" in run("audit", path)[1]


def test_a_subset_keeps_classes_caps_them_and_becomes_a_data_section(run, tmp_path):
    rows = [(3, shade, "Training") for shade in range(5)] + [(0, 9, "Training"), (0, 50, "Training")]
    rows += [(1, 70, "Training"), (3, 80, "PublicTest"), (0, 9, "PrivateTest")]
    path = make.pixel_rows(tmp_path / "fer2013.csv", *rows)
    arguments = ("subset", path, "--drop", "disgust", "--cap", "3")
    told = json.loads(run(*arguments, "--format", "json")[1])
    assert (told["after"]["happy"], told["after"]["angry"]) == (3, 1)
    assert "disgust" not in told["data"]["classes"]
    assert told["left_out"]["fer2013.csv"]["exact copies of test images"] == 1
    assert json.loads(run(*arguments, "--keep-copies", "--format", "json")[1])["after"]["angry"] == 2
    code, out, err = run(*arguments, "--format", "toml", "--write", tmp_path / "section.toml")
    assert (code, err) == (0, f"written: {tmp_path / 'section.toml'}\n")
    assert tomllib.loads(out)["data"]["cap"] == 3
    assert run(*arguments, "--write", tmp_path / "section.toml")[0] == 2
    assert "happy" in run(*arguments)[1]


def test_a_subset_goes_into_a_recipe(run, tmp_path):
    path = make.class_folders(tmp_path / "data")
    recipe = min((ROOT / "training" / "recipes").glob("*.toml"))
    code, out, _ = run(
        "subset", path, "--classes", "Anger,happiness", "--recipe", recipe, "--name", "two", "--format", "toml"
    )
    made = tomllib.loads(out)
    assert (code, made["name"], made["data"]["classes"]) == (0, "two", ["angry", "happy"])
    assert run("subset", path, "--recipe", tmp_path / "missing.toml")[0] == 2


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
def test_the_real_file_has_every_count_of_the_facts(run, monkeypatch):
    monkeypatch.delenv("FER_CACHE")
    from fer_core.datasets import catalogue

    told = json.loads(run("scan", SHARED / "fer2013.csv.gz", "--format", "json")[1])
    facts = catalogue.counts_of("FER2013")
    assert told["splits"] == {split: dict(column.counts) for split, column in facts.items()}
    assert told["problems"] == []
