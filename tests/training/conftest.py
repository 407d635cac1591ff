"""A training small enough for a test: dark and bright images, a few filters, two sizes."""

import numpy as np
import pytest

from fer_core.cli.main import main
from fer_core.recipes import schema

RECIPE = """
name = "tiny"
title = "Tiny"
architecture = "house"
options = {widths = [4, 8], depths = [1, 1], dropout = 0.1}

[data]
path = "PATH"
targets = ["fer2013", "ferplus"]

[augmentation]
flip = 0.5
brightness = 0.05

[optimizer]
learning_rate = 3e-2
schedule = "one_cycle"
averaging = 0.8

[regularization]
label_smoothing = 0.05
mixup = 0.2
mixup_share = 0.5

[training]
batch = 16
precision = "float32"
stages = [{size = 24, epochs = 2}, {size = 32, epochs = 2}]
"""
VOTES = {3: "1,9,0,0,0,0,0,0,0,0", 4: "1,0,0,9,0,0,0,0,0,0"}


def write_data(folder):
    """fer2013.csv with noisy bright 'happy' and dark 'sad' images, and FER+ votes that agree."""
    generator = np.random.default_rng(0)
    lines = ["emotion,pixels,Usage"]
    votes = ["Usage,name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"]
    for usage, count in (("Training", 64), ("PublicTest", 24), ("PrivateTest", 24)):
        for row in range(count):
            emotion = 3 if row % 2 else 4
            pixels = generator.normal(190 if row % 2 else 60, 20, 48 * 48).clip(0, 255).astype(np.uint8)
            lines.append(f"{emotion},{' '.join(map(str, pixels))},{usage}")
            votes.append(f"{usage},x.png,{VOTES[emotion]}")
    copied = lines[-1].replace("PrivateTest", "Training")  # a test image that also stands in training
    lines.append(copied)
    votes.append(votes[-1])
    folder.mkdir()
    (folder / "fer2013.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "fer2013new.csv").write_text("\n".join(votes) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def recipe_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    write_data(folder / "data")
    path = folder / "tiny.toml"
    path.write_text(RECIPE.replace("PATH", (folder / "data").as_posix()), encoding="utf-8")
    return path


@pytest.fixture
def recipe(recipe_file):
    return schema.load(recipe_file)


@pytest.fixture(scope="session")
def trained(recipe_file, tmp_path_factory):
    """The run folder of the whole recipe, with event files: trained once, read by the tests of every command."""

    run = tmp_path_factory.mktemp("runs") / "whole"
    assert main(["train", str(recipe_file), "--run", str(run), "--tensorboard"]) == 0
    return run


LIGHT = (
    *("--options", "{widths = [4], depths = [1]}"),
    *("--data.targets", '["fer2013"]'),
    *("--training.stages", "[{size = 24, epochs = 1}]"),
)
"""Flags for a training whose network does not matter: TensorFlow builds its graph in a fifth of the time."""


@pytest.fixture(scope="session")
def light():
    return LIGHT
