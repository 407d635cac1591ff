"""The process as the Space has it, and the detector that the Hub put into its cache while it was built."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from paths import ROOT

SHARED_YUNET = ROOT.parent / "shared" / "models" / "face_detection_yunet_2023mar.onnx"
CODE = """
import json, os, sys
from space import process
process.prepare()
from fer_core.photos import faces
from fer_core.predictors import downloads
print(json.dumps([str(downloads.yunet_path()), faces.detector_name(), "gradio" in sys.modules]))
"""


def after_prepare(tmp_path, content):
    """What a Space finds whose build put `content` where `preload_from_hub` puts the detector."""
    hub = tmp_path / "hub" / "models--opencv--face_detection_yunet"
    (hub / "refs").mkdir(parents=True)
    (hub / "refs" / "main").write_text("abc", encoding="utf-8")
    (hub / "snapshots" / "abc").mkdir(parents=True)
    file = hub / "snapshots" / "abc" / "face_detection_yunet_2023mar.onnx"
    file.write_bytes(content)
    environment = {name: value for name, value in os.environ.items() if name != "FER_YUNET"}
    environment |= {
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "XDG_CACHE_HOME": str(tmp_path / "empty"),
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, env=environment, capture_output=True, check=True)
    return file, json.loads(done.stdout)


@pytest.mark.shared
def test_the_preloaded_detector_serves(tmp_path):
    if not SHARED_YUNET.is_file():
        pytest.skip(f"needs {SHARED_YUNET}")
    file, found = after_prepare(tmp_path, SHARED_YUNET.read_bytes())
    assert found == [str(file), "yunet", False]


def test_another_file_does_not(tmp_path):
    _, found = after_prepare(tmp_path, b"another file")
    assert found == ["None", "haar", False]


def test_front_matter_names_what_the_code_needs():
    from fer_core.predictors import downloads
    from space import process

    front = yaml.safe_load((ROOT / "space" / "README.md").read_text(encoding="utf-8").split("---")[1])
    pins = (ROOT / "space" / "requirements.txt").read_text(encoding="utf-8")
    assert front["sdk"] == "gradio"
    assert f"\ngradio=={front['sdk_version']}\n" in pins
    assert front["python_version"] == "3.11"
    assert front["app_file"] == "app.py"
    assert front["license"] == "mit"
    assert len(front["short_description"]) <= 60
    assert front["preload_from_hub"] == [f"{process.DETECTOR_REPOSITORY} {downloads.YUNET_FILE}"]
    assert front["models"] == [process.DETECTOR_REPOSITORY]


def test_every_pin_is_exact():
    lines = (ROOT / "space" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].split(";")[0].strip() for line in lines if line.split("#")[0].strip()]
    assert pins
    assert all("==" in pin for pin in pins)
