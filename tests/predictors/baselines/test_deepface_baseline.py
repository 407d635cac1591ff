import json
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from tiny_networks import random_crops

from benchmarks.standin import furnish
from fer_core import predictors
from fer_core.errors import PredictorError
from fer_core.predictors.baselines import deepface_baseline

needs_deepface = pytest.mark.skipif(
    any(not deepface_baseline.importlib.util.find_spec(package) for package in deepface_baseline.PACKAGES),
    reason="deepface is not installed",
)


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def furnished_home(empty_home):
    furnish(empty_home)
    return empty_home


@needs_deepface
def test_without_weights_it_says_which_file_from_where_to_where(empty_home):
    state = predictors.availability("deepface")
    assert not state.ready
    for part in (*deepface_baseline.ADDRESSES, str(empty_home / ".deepface" / "weights"), deepface_baseline.FETCH):
        assert part in state.reason


@needs_deepface
@pytest.mark.usefixtures("empty_home")
@pytest.mark.parametrize("load", [deepface_baseline.load, lambda: predictors.load("deepface")])
def test_without_weights_loading_is_refused_before_deepface_could_download(load, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("went to the network"))
    with pytest.raises(PredictorError, match="its weights are not here"):
        load()


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install deepface werkzeug" in predictors.availability("deepface").reason


@needs_deepface
@pytest.mark.usefixtures("furnished_home")
def test_it_answers_and_leaves_the_process_as_it_was(capsys):
    environment, filters = dict(os.environ), list(warnings.filters)
    network = predictors.load("deepface")
    for count in (0, 1, 3):
        rows = network.predict(random_crops(count, 224, 3))
        assert rows.shape == (count, 7)
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert dict(os.environ) == environment
    assert warnings.filters == filters
    assert capsys.readouterr().out == ""


ANALYZE = """
import json, sys
import numpy as np
from deepface import DeepFace
crops = np.load(sys.argv[1])
rows = [DeepFace.analyze(crop[:, :, ::-1], actions=["emotion"], detector_backend="skip")[0] for crop in crops]
print(json.dumps([{label: float(value) for label, value in row["emotion"].items()} for row in rows]))
"""


@needs_deepface
@pytest.mark.usefixtures("furnished_home")
def test_the_answers_are_those_of_deepface_analyze(tmp_path):
    """In colour, so that a mix-up of RGB and BGR shows; DeepFace's front door in a process of its own."""
    crops = random_crops(3, 224, 3)
    crops[..., 0] //= 4
    np.save(tmp_path / "crops.npy", crops)
    done = subprocess.run(
        [sys.executable, "-c", ANALYZE, tmp_path / "crops.npy"],
        env={**os.environ, "DEEPFACE_BACKEND_ENGINE": "onnx"},
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(done.stdout.splitlines()[-1])
    network = predictors.load("deepface")
    ours = network.predict(crops)
    for row, percentages in zip(ours, theirs, strict=True):
        assert dict(zip(network.classes, 100 * row.astype(float), strict=True)) == pytest.approx(percentages, abs=1e-3)


@needs_deepface
def test_a_damaged_weight_file_is_refused(furnished_home, monkeypatch):
    modeling = pytest.importorskip("deepface.modules.modeling")
    monkeypatch.setattr(modeling, "cached_models", {"facial_attribute": {}}, raising=False)
    path = furnished_home / ".deepface" / "weights" / deepface_baseline.WEIGHTS
    path.write_text("<html>not found</html>")
    with pytest.raises(PredictorError, match="DeepFace cannot start"):
        predictors.load("deepface")


@needs_deepface
@pytest.mark.usefixtures("furnished_home")
def test_another_engine_in_the_same_process_is_refused(monkeypatch):
    backend_utils = pytest.importorskip("deepface.commons.backend_utils")
    monkeypatch.setattr(backend_utils, "_backend_engine", "tensorflow")
    with pytest.raises(PredictorError, match="already runs on its tensorflow engine"):
        predictors.load("deepface")
