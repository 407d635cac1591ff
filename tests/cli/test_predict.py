"""`fer predict` on real photos, with a real detector and a small real network."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from brightness import STEP
from paths import ROOT, SAMPLES

from fer_core.labels import SEVEN
from fer_core.photos import faces


@pytest.fixture
def folder(tmp_path):
    """Two portraits, a broken photo, and what is no photo by its name."""
    place = tmp_path / "photos"
    place.mkdir()
    shutil.copy(SAMPLES / "grace_hopper.jpg", place / "b grace.JPG")
    shutil.copy(SAMPLES / "astronaut.jpg", place / "a é.jpg")
    (place / "broken.png").write_bytes(b"\x89PNG but no more")
    (place / "notes.txt").write_text("no photo")
    (place / "._a.jpg").write_bytes(b"what macOS leaves behind")
    (place / "folder.jpg").mkdir()
    return place


def test_json_of_a_portrait(run):
    code, out, _ = run("predict", SAMPLES / "grace_hopper.jpg", "--format", "json")

    [photo] = json.loads(out)
    [face] = photo["faces"]
    [prediction] = face["predictions"]
    assert code == 0
    assert list(photo) == ["path", "error", "faces"]
    assert (photo["path"], photo["error"]) == (str(SAMPLES / "grace_hopper.jpg"), None)
    assert list(face) == ["box", "score", "predictions", "unclipped_box"]
    assert list(prediction) == ["model", "label", "confidence", "unsure", "probabilities", "reason"]
    assert prediction["model"] == "house"
    assert list(prediction["probabilities"]) == list(SEVEN)
    assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-9)
    assert prediction["confidence"] == prediction["probabilities"][prediction["label"]]
    x, y, width, height = face["box"]
    assert 0 < x < x + width < 512
    assert 0 < y < y + height < 606
    assert 0.7 <= face["score"] <= 1


def test_models_in_the_order_asked_and_once_each(run):
    options = ("--model", "second", "--model", "house", "--model", "second", "--format", "json")
    _, out, _ = run("predict", SAMPLES / "astronaut.jpg", *options)

    [face] = json.loads(out)[0]["faces"]
    assert [prediction["model"] for prediction in face["predictions"]] == ["second", "house"]


def test_a_folder_goes_by_name_and_a_broken_photo_stops_nothing(run, folder):
    code, out, _ = run("predict", folder, "--format", "json")

    photos = json.loads(out)
    assert code == 2
    assert [Path(photo["path"]).name for photo in photos] == ["a é.jpg", "b grace.JPG", "broken.png"]
    assert [len(photo["faces"]) for photo in photos] == [1, 1, 0]
    assert [bool(photo["error"]) for photo in photos] == [False, False, True]
    assert photos[2]["error"].endswith(".")


def test_what_is_not_there(run, tmp_path):
    code, out, _ = run("predict", tmp_path / "nowhere.jpg", SAMPLES / "astronaut.jpg", "--format", "json")

    missing, found = json.loads(out)
    assert code == 2
    assert "There is no file" in missing["error"]
    assert found["error"] is None


def test_a_folder_without_photos(run, tmp_path):
    code, out, _ = run("predict", tmp_path / "models", "--format", "json")

    assert code == 2
    assert "holds no photo" in json.loads(out)[0]["error"]


def test_a_file_over_the_limit_is_not_read_whole(run, tmp_path):
    with (tmp_path / "large.jpg").open("wb") as stream:
        stream.truncate(10**12)

    code, out, _ = run("predict", tmp_path / "large.jpg", "--format", "json")

    assert code == 2
    assert "25 MB" in json.loads(out)[0]["error"]


def test_a_name_that_no_disk_takes(run):
    code, out, _ = run("predict", "x" * 5000, "--format", "json")

    assert code == 2
    assert "cannot be opened" in json.loads(out)[0]["error"]


def test_no_face_is_no_error(run, tmp_path):
    cv2.imwrite(str(tmp_path / "gray.png"), np.full((200, 200, 3), 90, np.uint8))

    code, out, _ = run("predict", tmp_path / "gray.png", "--format", "json")

    assert (code, json.loads(out)) == (0, [{"path": str(tmp_path / "gray.png"), "error": None, "faces": []}])


def test_a_face_crop_is_taken_whole(run, tmp_path):
    cv2.imwrite(str(tmp_path / "crop.png"), np.full((48, 48), 3 * STEP, np.uint8))

    _, out, _ = run("predict", tmp_path / "crop.png", "--face-crop", "--format", "json")

    [face] = json.loads(out)[0]["faces"]
    assert face["box"] == [0, 0, 48, 48]
    assert face["predictions"][0]["label"] == SEVEN[3]
    assert face["predictions"][0]["confidence"] > 0.99


def test_the_score_reaches_the_search(run, monkeypatch):
    asked = []
    monkeypatch.setattr(faces, "find", lambda _, *, min_score, detector: asked.append((min_score, detector)) or [])
    _, out, _ = run("predict", SAMPLES / "astronaut.jpg", "--min-score", "0.9", "--format", "json")

    assert json.loads(out)[0]["faces"] == []
    assert asked == [(0.9, None)]


def test_csv(run, folder):
    code, out, _ = run("predict", folder, "--model", "house", "--model", "second", "--format", "csv")

    lines = list(csv.DictReader(io.StringIO(out)))
    assert code == 2
    assert [line["model"] for line in lines] == ["house", "second", "house", "second", ""]
    assert float(lines[0]["happy"]) <= 1


def test_table(run, folder):
    code, out, _ = run("predict", folder)

    assert code == 2
    lines = out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("photo ")
    assert "broken.png" in lines[3]


def test_a_detector_that_is_not_here(run):
    code, out, err = run("predict", SAMPLES / "astronaut.jpg", "--detector", "yunet")

    assert (code, out) == (2, "")
    assert "FER_YUNET" in err


def test_an_unknown_model_lists_those_that_are(run):
    code, out, err = run("predict", SAMPLES / "astronaut.jpg", "--model", "hous")

    assert (code, out) == (2, "")
    assert all(name in err for name in ("hous", "house", "second", "deepface", "mini_xception"))


def test_a_model_that_cannot_run_says_why(run, tmp_path):
    (tmp_path / "models" / "second" / "model.onnx").unlink()

    code, out, err = run("predict", SAMPLES / "astronaut.jpg", "--model", "second")

    assert (code, out) == (2, "")
    assert "model.onnx" in err
    assert "Traceback" not in err


def test_a_process_of_its_own_imports_nothing_heavy():
    """Cold start is what a script waits for: no TensorFlow, pandas, SciPy or scikit-learn on the way of a photo."""
    script = (
        "import sys; from fer_core.cli.main import main; code = main(sys.argv[1:]);"
        "heavy = {'tensorflow', 'keras', 'deepface', 'pandas', 'scipy', 'sklearn', 'plotly', 'streamlit'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, "predict", str(SAMPLES / "astronaut.jpg"), "--format", "json"]

    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)

    assert len(json.loads(done.stdout)[0]["faces"]) == 1
    assert done.stderr.decode().split() == ["[]"]


def test_any_file_name_is_printed_on_any_terminal(tmp_path):
    name = tmp_path / os.fsdecode(b"\xff caf\xc3\xa9.jpg")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "fer_core", "predict", name, "--format", "json"]

    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env=environment)

    assert done.returncode == 2
    [photo] = json.loads(done.stdout.decode("utf-8"))
    assert photo["path"] == str(name)
    assert b"Traceback" not in done.stderr


def test_a_pattern_that_the_shell_left_is_expanded(run, folder):
    code, out, _ = run("predict", folder / "*.jpg", folder / "*.png", "--format", "json")

    assert code == 2
    assert [Path(photo["path"]).name for photo in json.loads(out)] == ["a é.jpg", "folder.jpg", "broken.png"]


def test_a_file_that_looks_like_a_pattern_is_itself(run, folder):
    shutil.copy(SAMPLES / "astronaut.jpg", folder / "a [1].jpg")

    _, out, _ = run("predict", folder / "a [1].jpg", folder / "*.bmp", "--format", "json")

    assert [Path(photo["path"]).name for photo in json.loads(out)] == ["a [1].jpg", "*.bmp"]
    assert [bool(photo["error"]) for photo in json.loads(out)] == [False, True]
