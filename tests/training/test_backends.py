"""The same training on other backends of Keras than TensorFlow, each in a process of its own."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest
from paths import ROOT

pytestmark = pytest.mark.tensorflow

BACKENDS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed"),
    )
    for name in ("jax", "torch")
]
ANSWERS = """
import sys, pathlib, keras, numpy as np
from training.serving import heads_model
assert keras.backend.backend() == sys.argv[3], keras.backend.backend()
crops = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 1), np.uint8)
answers = heads_model(pathlib.Path(sys.argv[1])).predict(crops, verbose=0)
np.savez(sys.argv[2], **answers)
"""


def run(backend, *command):
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_training_on_another_backend_learns_resumes_and_its_weights_load_on_tensorflow(
    backend, recipe_file, tmp_path
):
    folder = tmp_path / "run"
    one_size = ("--training.stages", "[{size = 32, epochs = 4}]")
    train = ("-m", "fer_core", "train", recipe_file, "--run", folder, *one_size)
    run(backend, *train)
    accuracies = [line.split(",") for line in (folder / "history.csv").read_text(encoding="utf-8").splitlines()]
    assert len(accuracies) == 5
    assert float(accuracies[-1][accuracies[0].index("val_accuracy")]) > 0.9
    assert "Going on after epoch 4 of 4" in run(backend, *train)
    for name in (backend, "tensorflow"):
        run(name, "-c", ANSWERS, folder, tmp_path / f"{name}.npz", name)
    with np.load(tmp_path / f"{backend}.npz") as own, np.load(tmp_path / "tensorflow.npz") as other:
        assert set(own.files) == set(other.files) == {"fer2013", "ferplus"}
        for head in own.files:
            np.testing.assert_allclose(own[head], other[head], atol=1e-4)
