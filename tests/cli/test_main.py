"""The command line on real photos, with a real detector and a small real network (tests/brightness.py)."""

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
from brightness import STEP, write_fer2013, write_network
from paths import ROOT, SAMPLES

from fer_core.cli import main as cli
from fer_core.errors import PredictorError
from fer_core.labels import SEVEN
from fer_core.photos import faces


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Our own models; no detector file, so that the built-in one serves."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "none.onnx"))
    write_network(tmp_path / "models" / "house")
    write_network(tmp_path / "models" / "second", size=16)


@pytest.fixture
def run(capsys):
    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.fixture
def refused(capsys):
    """Arguments that argparse stops."""

    def command(*arguments):
        with pytest.raises(SystemExit) as stop:
            cli.main([str(argument) for argument in arguments])
        assert stop.value.code == 2
        return capsys.readouterr().err

    return command


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


class TestPredict:
    def test_json_of_a_portrait(self, run):
        code, out, _ = run("predict", SAMPLES / "grace_hopper.jpg", "--format", "json")

        [photo] = json.loads(out)
        [face] = photo["faces"]
        [prediction] = face["predictions"]
        assert code == 0
        assert list(photo) == ["path", "error", "faces"]
        assert (photo["path"], photo["error"]) == (str(SAMPLES / "grace_hopper.jpg"), None)
        assert list(face) == ["box", "score", "predictions"]
        assert list(prediction) == ["model", "label", "confidence", "unsure", "probabilities"]
        assert prediction["model"] == "house"
        assert list(prediction["probabilities"]) == list(SEVEN)
        assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-9)
        assert prediction["confidence"] == prediction["probabilities"][prediction["label"]]
        x, y, width, height = face["box"]
        assert 0 < x < x + width < 512
        assert 0 < y < y + height < 606
        assert 0.7 <= face["score"] <= 1

    def test_models_in_the_order_asked_and_once_each(self, run):
        options = ("--model", "second", "--model", "house", "--model", "second", "--format", "json")
        _, out, _ = run("predict", SAMPLES / "astronaut.jpg", *options)

        [face] = json.loads(out)[0]["faces"]
        assert [prediction["model"] for prediction in face["predictions"]] == ["second", "house"]

    def test_a_folder_goes_by_name_and_a_broken_photo_stops_nothing(self, run, folder):
        code, out, _ = run("predict", folder, "--format", "json")

        photos = json.loads(out)
        assert code == 2
        assert [Path(photo["path"]).name for photo in photos] == ["a é.jpg", "b grace.JPG", "broken.png"]
        assert [len(photo["faces"]) for photo in photos] == [1, 1, 0]
        assert [bool(photo["error"]) for photo in photos] == [False, False, True]
        assert photos[2]["error"].endswith(".")

    def test_what_is_not_there(self, run, tmp_path):
        code, out, _ = run("predict", tmp_path / "nowhere.jpg", SAMPLES / "astronaut.jpg", "--format", "json")

        missing, found = json.loads(out)
        assert code == 2
        assert "There is no file" in missing["error"]
        assert found["error"] is None

    def test_a_folder_without_photos(self, run, tmp_path):
        code, out, _ = run("predict", tmp_path / "models", "--format", "json")

        assert code == 2
        assert "holds no photo" in json.loads(out)[0]["error"]

    def test_a_file_over_the_limit_is_not_read_whole(self, run, tmp_path):
        with (tmp_path / "large.jpg").open("wb") as stream:
            stream.truncate(10**12)

        code, out, _ = run("predict", tmp_path / "large.jpg", "--format", "json")

        assert code == 2
        assert "25 MB" in json.loads(out)[0]["error"]

    def test_a_name_that_no_disk_takes(self, run):
        code, out, _ = run("predict", "x" * 5000, "--format", "json")

        assert code == 2
        assert "cannot be opened" in json.loads(out)[0]["error"]

    def test_no_face_is_no_error(self, run, tmp_path):
        cv2.imwrite(str(tmp_path / "gray.png"), np.full((200, 200, 3), 90, np.uint8))

        code, out, _ = run("predict", tmp_path / "gray.png", "--format", "json")

        assert (code, json.loads(out)) == (0, [{"path": str(tmp_path / "gray.png"), "error": None, "faces": []}])

    def test_a_face_crop_is_taken_whole(self, run, tmp_path):
        cv2.imwrite(str(tmp_path / "crop.png"), np.full((48, 48), 3 * STEP, np.uint8))

        _, out, _ = run("predict", tmp_path / "crop.png", "--face-crop", "--format", "json")

        [face] = json.loads(out)[0]["faces"]
        assert face["box"] == [0, 0, 48, 48]
        assert face["predictions"][0]["label"] == SEVEN[3]
        assert face["predictions"][0]["confidence"] > 0.99

    def test_the_score_reaches_the_search(self, run, monkeypatch):
        asked = []
        monkeypatch.setattr(faces, "find", lambda _, *, min_score, detector: asked.append((min_score, detector)) or [])
        _, out, _ = run("predict", SAMPLES / "astronaut.jpg", "--min-score", "0.9", "--format", "json")

        assert json.loads(out)[0]["faces"] == []
        assert asked == [(0.9, None)]

    def test_csv(self, run, folder):
        code, out, _ = run("predict", folder, "--model", "house", "--model", "second", "--format", "csv")

        lines = list(csv.DictReader(io.StringIO(out)))
        assert code == 2
        assert [line["model"] for line in lines] == ["house", "second", "house", "second", ""]
        assert float(lines[0]["happy"]) <= 1

    def test_table(self, run, folder):
        code, out, _ = run("predict", folder)

        assert code == 2
        lines = out.splitlines()
        assert len(lines) == 4
        assert lines[0].startswith("photo ")
        assert "broken.png" in lines[3]

    def test_a_detector_that_is_not_here(self, run):
        code, out, err = run("predict", SAMPLES / "astronaut.jpg", "--detector", "yunet")

        assert (code, out) == (2, "")
        assert "FER_YUNET" in err

    def test_an_unknown_model_lists_those_that_are(self, run):
        code, out, err = run("predict", SAMPLES / "astronaut.jpg", "--model", "hous")

        assert (code, out) == (2, "")
        assert all(name in err for name in ("hous", "house", "second", "deepface", "mini_xception"))

    def test_a_model_that_cannot_run_says_why(self, run, tmp_path):
        (tmp_path / "models" / "second" / "model.onnx").unlink()

        code, out, err = run("predict", SAMPLES / "astronaut.jpg", "--model", "second")

        assert (code, out) == (2, "")
        assert "model.onnx" in err
        assert "Traceback" not in err


class TestModels:
    def test_json_says_what_runs_and_what_to_do(self, run, tmp_path):
        (tmp_path / "models" / "second" / "model.onnx").unlink()

        code, out, _ = run("models", "--format", "json")

        rows = {row["name"]: row for row in json.loads(out)}
        assert code == 0
        assert next(iter(rows)) == "house"
        assert rows["house"]["ready"] is True
        assert rows["house"]["classes"] == list(SEVEN)
        assert rows["second"]["ready"] is False
        assert "export" in rows["second"]["reason"]

    def test_table(self, run, tmp_path):
        (tmp_path / "models" / "second" / "model.onnx").unlink()

        _, out, _ = run("models")

        words = {line.split()[0]: line.split()[1] for line in out.splitlines() if line and ":" not in line.split()[0]}
        assert (words["house"], words["second"]) == ("yes", "no")
        assert "\nsecond: " in out


class TestEvaluate:
    KEYS = (
        "model",
        "data",
        "split",
        "labels",
        "n",
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "recall",
        "ece",
        "tta",
    )

    @pytest.fixture
    def data(self, tmp_path):
        rows = [(label, label * STEP, usage) for usage in ("PublicTest", "PrivateTest") for label in range(4)]
        votes = [(9, 0, 0, 0, 1, 0, 0, 0, 0, 0)] * 7 + [(0, 0, 0, 0, 0, 0, 0, 0, 0, 10)]
        return write_fer2013(tmp_path / "data", [*rows[:-1], (0, 3 * STEP, "PrivateTest")], votes)

    def test_json(self, run, data):
        options = ("--data", data, "--split", "private_test", "--format", "json")
        code, out, _ = run("evaluate", "--model", "house", *options)

        result = json.loads(out)
        assert code == 0
        assert tuple(result)[:11] == self.KEYS
        assert (result["model"], result["data"], result["n"], result["tta"]) == ("house", str(data), 4, None)
        assert (result["accuracy"], result["recall"]["angry"], result["recall"]["neutral"]) == (0.75, 0.5, None)
        assert result["intervals"]["accuracy"][0] < 0.75 < result["intervals"]["accuracy"][1]

    def test_limit(self, run, data):
        _, out, _ = run("evaluate", "--model", "house", "--data", data, "--limit", "3", "--format", "json")

        assert (json.loads(out)["n"], json.loads(out)["accuracy"]) == (3, 1.0)

    def test_crowd_labels(self, run, data):
        _, out, _ = run("evaluate", "--model", "house", "--data", data, "--labels", "ferplus", "--format", "json")

        result = json.loads(out)
        assert (result["labels"], result["head"], result["n"], result["accuracy"]) == ("ferplus", "classes", 3, 0)

    def test_table(self, run, data):
        code, out, _ = run("evaluate", "--model", "house", "--data", data, "--tta", "flip")

        lines = dict(
            line.split(maxsplit=1) for line in out.splitlines() if line and not line.startswith(("recall", " "))
        )
        assert code == 0
        assert (lines["tta"], lines["accuracy"].split()[0]) == ("flip", "75.0%")
        assert "recall of angry" in out

    def test_data_that_is_not_there(self, run, tmp_path):
        code, out, err = run("evaluate", "--model", "house", "--data", tmp_path / "nowhere")

        assert (code, out) == (2, "")
        assert "FER2013 was not found" in err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "required"),
        (["guess"], "invalid choice"),
        (["predict"], "PATH"),
        (["predict", "a.jpg", "--min-score", "2"], "0 to 1"),
        (["predict", "a.jpg", "--min-score", "nan"], "0 to 1"),
        (["predict", "a.jpg", "--detector", "mtcnn"], "haar"),
        (["predict", "a.jpg", "--format", "xml"], "json"),
        (["evaluate"], "--data"),
        (["evaluate", "--data", "x", "--split", "exam"], "private_test"),
        (["evaluate", "--data", "x", "--limit", "0"], "from 1 on"),
        (["evaluate", "--data", "x", "--limit", "many"], "many"),
    ],
)
def test_mistakes_in_arguments_are_told(refused, arguments, hint):
    assert hint in refused(*arguments)


def test_chatter_of_libraries_does_not_reach_stdout(monkeypatch, capfd):
    def noisy(_):
        print("from Python")
        os.write(1, b"from C\n")
        return cli.Answer("the result")

    monkeypatch.setattr(cli, "models", noisy)

    assert cli.main(["models"]) == 0
    printed = capfd.readouterr()
    assert printed.out == "the result\n"
    assert "from Python" in printed.err
    assert "from C" in printed.err


def test_stdout_comes_back_after_an_error(monkeypatch, capfd):
    def failing(_):
        raise PredictorError("It cannot run here.")

    monkeypatch.setattr(cli, "models", failing)

    assert cli.main(["models"]) == 2
    os.write(1, b"still here")
    assert capfd.readouterr() == ("still here", "It cannot run here.\n")


def test_ctrl_c_leaves_no_trace(monkeypatch, capfd):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "models", interrupted)

    assert cli.main(["models"]) == 130
    assert capfd.readouterr().out == ""


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


def test_a_reader_that_has_seen_enough_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        command = [sys.executable, "-m", "fer_core", "models"]
        done = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    finally:
        os.close(write_end)

    assert (done.returncode, done.stderr) == (0, b"")
