"""settings.json says what Python goes by, and files are written when they have changed, and only then."""

import json
import os

import cv2
import numpy as np
import onnx
import pytest
from bright_square import SIDE, write_detector
from brightness import write_network

from fer_core import predictors
from fer_core.browser import export, site
from fer_core.browser.site import SiteError
from fer_core.errors import PredictorError
from fer_core.photos import faces, wording
from fer_core.photos.detection import search
from fer_core.photos.detection.detectors import YuNet, borrowed
from fer_core.predictors import checksums, eight_bits, half_precision
from fer_core.predictors.onnx_runtime import open_session


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    detector = write_detector(tmp_path / "detector.onnx")
    monkeypatch.setattr(export, "yunet_path", lambda: detector)
    calibration = {"temperature": 1.3, "threshold": 0.4}
    write_network(tmp_path / "models" / "house", calibration=calibration)
    write_network(tmp_path / "models" / "other", size=12)
    return tmp_path / "models"


def exported(folder):
    export.export(folder)
    return json.loads((folder / export.SETTINGS).read_text(encoding="utf-8"))


@pytest.mark.usefixtures("models")
def test_each_network_stands_there_as_python_reads_it(tmp_path):
    settings = exported(tmp_path / "web")
    assert [row["name"] for row in settings["networks"]] == ["house", "other"]
    for row in settings["networks"]:
        info = predictors.info(row["name"])
        assert row["classes"] == list(info.classes)
        assert (row["temperature"], row["threshold"]) == (info.temperature, info.threshold)
        assert (row["input_size"], row["channels"]) == (info.input_size, info.channels)
        session = open_session(tmp_path / "web" / row["file"])
        crops = np.full((2, info.input_size, info.input_size, info.channels), 120, np.uint8)
        (answer,) = session.run([row["output"]], {row["input"]: crops})
        assert np.allclose(answer, predictors.load(row["name"]).predict(crops), atol=1e-5)


@pytest.mark.usefixtures("models")
def test_the_search_goes_by_pythons_numbers(tmp_path):
    settings = exported(tmp_path / "web")
    assert settings["search"]["surroundings"] == search.RULES.surroundings
    assert settings["crop"]["side"] == faces.CROP_SIDE
    assert settings["min_score"] == faces.MIN_SCORE
    assert settings["detector"]["strategy"]["turns"] == list(YuNet.strategy.turns)
    assert settings["words"]["notice_line"] == wording.LIVE_NOTICE_LINE


@pytest.mark.usefixtures("models")
def test_the_detector_takes_pictures_of_any_size(tmp_path):
    settings = exported(tmp_path / "web")
    session = open_session(tmp_path / "web" / settings["detector"]["file"])
    picture = np.zeros((1, 3, 352, 320), np.float32)
    picture[:, :, 64 : 64 + SIDE, 64 : 64 + SIDE] = 230
    (scores,) = session.run(["cls_32"], {session.get_inputs()[0].name: picture})
    assert scores.shape == (1, 11 * 10, 1)
    assert scores.max() > 0.9


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_yunet_with_free_sides_sees_what_opencv_sees(astronaut, tmp_path):
    settings = exported(tmp_path / "web")
    session = open_session(tmp_path / "web" / settings["detector"]["file"])
    blue_first = cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR).transpose(2, 0, 1)[None].astype(np.float32)
    outputs = [output.name for output in session.get_outputs()]
    found = dict(zip(outputs, session.run(outputs, {"input": blue_first}), strict=True))
    score = max(np.sqrt(found[f"cls_{stride}"] * found[f"obj_{stride}"]).max() for stride in (8, 16, 32))
    with borrowed("yunet") as detector:
        assert score == pytest.approx(max(one.score for one in detector(astronaut, 0.5)), abs=1e-4)


@pytest.mark.usefixtures("models")
def test_without_a_detector_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "yunet_path", lambda: None)
    assert export.export(tmp_path / "web") == [wording.LIVE["no_detector"]]
    assert json.loads((tmp_path / "web" / export.SETTINGS).read_text(encoding="utf-8"))["detector"]["file"] is None


def test_only_what_has_changed_is_written_again(models, tmp_path):
    export.export(tmp_path / "web")
    for path in (tmp_path / "web").rglob("*.*"):
        os.utime(path, (1, 1))
    write_network(models / "third", size=12, crowd=True)
    (models / "other" / "model.onnx").write_bytes((models / "third" / "model.onnx").read_bytes())
    export.export(tmp_path / "web")
    untouched = {path.name for path in (tmp_path / "web").rglob("*.*") if path.stat().st_mtime == 1}
    assert untouched == {"house.onnx", "yunet.onnx"}


def test_a_network_that_went_goes(models, tmp_path):
    export.export(tmp_path / "web")
    (models / "other" / "model.onnx").unlink()
    settings = exported(tmp_path / "web")
    assert [row["name"] for row in settings["networks"]] == ["house"]
    assert [path.name for path in (tmp_path / "web" / "networks").iterdir()] == ["house.onnx"]


def test_the_frames_of_a_film_get_the_file_in_8_bits(models, tmp_path):
    light = models / "house" / eight_bits.FILE
    light.write_bytes(b"light")
    checksums.write(models / "house", ["model.onnx", light.name])
    settings = exported(tmp_path / "web")
    assert [row["film"] for row in settings["networks"]] == ["networks/house.int8.onnx", None]
    assert (tmp_path / "web" / "networks" / "house.int8.onnx").read_bytes() == b"light"


@pytest.mark.parametrize("sums", [None, "", "no sums\n", "0" * 64 + "  model_int8.onnx\n", "\xff"])
def test_a_file_in_8_bits_that_nothing_vouches_for_is_left_out(sums, models, tmp_path):
    light = models / "other" / eight_bits.FILE
    light.write_bytes(b"light")
    checksums.write(models / "other", ["model.onnx", light.name])
    assert exported(tmp_path / "web")["networks"][1]["film"] == "networks/other.int8.onnx"
    light.write_bytes(b"of another network")
    if sums is not None:
        (models / "other" / checksums.FILE).write_text(sums, encoding="latin-1")
    assert any("model_int8.onnx is not the file that was released" in said for said in export.export(tmp_path / "web"))
    assert json.loads((tmp_path / "web" / export.SETTINGS).read_text(encoding="utf-8"))["networks"][1]["film"] is None
    assert not (tmp_path / "web" / "networks" / "other.int8.onnx").exists()


def heavy_network(path, scale=1.0):
    """A dense layer of 64 x 7 crop-dependent weights, large enough to be halved."""
    weights = np.random.default_rng(0).standard_normal((1024, 7)).astype(np.float32) * scale
    helper = onnx.helper
    nodes = [
        helper.make_node("Cast", ["crops"], ["real"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Flatten", ["real"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    crops = helper.make_tensor_value_info("crops", onnx.TensorProto.UINT8, ["n", 32, 32, 1])
    answer = helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, ["n", 7])
    stored = [onnx.numpy_helper.from_array(weights, "weights")]
    graph = helper.make_graph(nodes, "heavy", [crops], [answer], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def test_half_precision_is_half_the_bytes_and_nearly_the_same_answer(tmp_path):
    full = heavy_network(tmp_path / "full.onnx", scale=1e-4)
    half_precision.halve(full, tmp_path / "half.onnx")
    assert (tmp_path / "half.onnx").stat().st_size < 0.6 * full.stat().st_size
    half_precision.check_alike(full, tmp_path / "half.onnx", 32, 1)


def test_a_network_that_does_not_bear_it_is_refused(tmp_path):
    full = heavy_network(tmp_path / "full.onnx", scale=1e5)
    half_precision.halve(full, tmp_path / "half.onnx")
    with pytest.raises(PredictorError, match="half precision"):
        half_precision.check_alike(full, tmp_path / "half.onnx", 32, 1)


@pytest.mark.usefixtures("models")
def test_a_network_too_heavy_for_a_browser_stays_out(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "HEAVIEST", 10)
    left_out = export.export(tmp_path / "web")
    assert len(left_out) == 2
    assert "house is too heavy" in left_out[0]
    assert list((tmp_path / "web" / "networks").iterdir()) == []


@pytest.mark.usefixtures("models")
def test_the_folder_of_the_page_lists_every_file(tmp_path):
    site.build(tmp_path / "web")
    listed = json.loads((tmp_path / "web" / site.LISTING).read_text(encoding="utf-8"))
    there = {path.relative_to(tmp_path / "web").as_posix() for path in (tmp_path / "web").rglob("*") if path.is_file()}
    assert set(listed) == there - {site.LISTING}
    assert {"index.html", "engine/worker.js", "settings.json", "yunet.onnx", "networks/house.onnx"} <= set(listed)


@pytest.mark.usefixtures("models")
def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(SiteError, match="no live page"):
        site.build(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
