"""A real training, small: it learns, writes what pages read, stops, and goes on where it stopped."""

import csv
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from paths import ROOT

from fer_core.cli.main import main
from fer_core.errors import RecipeError, RunError
from fer_core.recipes.schema import Training
from training import architectures, devices, serving, trainer
from training.architectures import house
from training.commands import train
from training.data import batches

pytestmark = pytest.mark.tensorflow


def history(run):
    with (run / "history.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_writes_a_row_an_epoch_in_the_columns_that_pages_read(trained):
    rows = history(trained)
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["size"] for row in rows] == ["24", "24", "32", "32"]
    assert {"accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds", "images_per_second"} <= set(
        rows[0]
    )


def test_it_learns_bright_from_dark(trained):
    assert float(history(trained)[-1]["val_accuracy"]) > 0.9


def test_the_resolved_recipe_is_saved_with_the_run(trained):
    config = json.loads((trained / "config.json").read_text(encoding="utf-8"))
    assert config["recipe"]["training"]["batch"] == 16
    assert config["recipe"]["regularization"]["class_weights"] == 0
    assert config["left_out"] == {"exact copies of test images": 1}


def test_a_stopped_training_ends_where_an_unbroken_one_does(trained, recipe, tmp_path, monkeypatch):
    splits = batches.load(recipe.data)
    keras.utils.set_random_seed(recipe.training.seed)
    training = trainer.Trainer(recipe, tmp_path, splits)
    fit = training.fit_epoch

    def stop_in_the_second_epoch():
        training.interrupt.asked = training.epoch == 1
        return fit()

    monkeypatch.setattr(training, "fit_epoch", stop_in_the_second_epoch)
    training.run_epochs()
    assert len(history(tmp_path)) == 1
    trainer.Trainer(recipe, tmp_path, splits).run_epochs()
    assert len(history(tmp_path)) == 4
    whole, parts = (float(history(run)[-1]["val_loss"]) for run in (trained, tmp_path))
    assert parts == pytest.approx(whole, abs=0.02)


def test_a_run_folder_belongs_to_one_recipe(trained, recipe_file, capsys):
    assert main(["train", str(recipe_file), "--run", str(trained), "--training.seed", "2"]) == 2
    assert "begun with another recipe (differs in training)" in capsys.readouterr().err


def test_a_mistake_is_a_sentence_and_exit_code_2(recipe_file, capsys):
    assert main(["train", str(recipe_file), "--data.path", "/nowhere"]) == 2
    assert "The dataset 'fer2013' is not at /nowhere" in capsys.readouterr().err


def test_the_house_network_has_its_heads_for_any_size():
    model = house.build({"fer2013": 7, "ferplus": 8}, input_size=None, widths=(4, 8), depths=(1, 1))
    for size in (16, 40):
        outputs = model.predict_on_batch(np.zeros((2, size, size, 1), np.uint8))
        assert {name: output.shape for name, output in outputs.items()} == {
            "fer2013": (2, 7),
            "ferplus": (2, 8),
            "features": (2, 8),
        }
        assert np.allclose(outputs["fer2013"].sum(1), 1, atol=1e-5)


def test_the_house_network_is_as_small_as_promised():
    assert house.build({"fer2013": 7, "ferplus": 8}).count_params() < 5_000_000


@pytest.mark.parametrize("arguments", [{"widths": (4, 8), "depths": (1,)}, {"classes": {}}], ids=["lengths", "no head"])
def test_a_network_that_cannot_be_is_refused_before_it_is_built(arguments):
    with pytest.raises(ValueError, match=r"stages|head"):
        house.build(**{"classes": {"fer2013": 7}} | arguments)


def test_an_unknown_architecture_names_the_known_ones():
    with pytest.raises(RecipeError, match="house"):
        architectures.get("hose")


def test_a_folder_that_is_no_run_says_so(tmp_path):
    with pytest.raises(RunError, match="no run folder"):
        serving.serving_model(tmp_path)


def run(recipe_file, folder, *flags):
    assert main(["train", str(recipe_file), "--run", str(folder), *flags]) == 0
    return history(folder)


def test_early_stopping_ends_the_run_and_resuming_adds_nothing(recipe_file, light, tmp_path):
    flags = ("--training.early_stopping", "1", "--optimizer.learning_rate", "1e-12", "--optimizer.schedule", "constant")
    flags = (*light, *flags, "--training.stages", "[{size = 24, epochs = 9}]")
    stopped = run(recipe_file, tmp_path, *flags)
    assert 2 <= len(stopped) < 9
    assert run(recipe_file, tmp_path, *flags) == stopped


def test_a_plateau_cuts_the_rate(recipe_file, light, tmp_path):
    flags = (
        *light,
        "--optimizer.schedule",
        "plateau",
        "--optimizer.plateau_patience",
        "1",
        "--optimizer.learning_rate",
        "1e-12",
    )
    rows = run(recipe_file, tmp_path, *flags, "--training.stages", "[{size = 24, epochs = 4}]")
    rates = [float(row["learning_rate"]) for row in rows]
    assert rates[0] == pytest.approx(1e-12)
    assert rates[-1] < 0.3e-12


TWO_STAGES = """[{size = 32, epochs = 1, released = 0, share = 0.5},
    {size = 32, epochs = 1, released = 2, learning_rate = 1e-4}]"""
SMALL_VGG = "{weights = 'none', widths = [4, 4, 4, 4, 4], depths = [1, 1, 1, 1, 2]}"


def test_two_stages_train_the_top_first_and_then_the_released_layers(recipe_file, tmp_path, monkeypatch):
    seen = []
    fit = trainer.Trainer.fit_epoch

    def watch(training):
        before = {layer.name: layer.get_weights() for layer in training.model.layers}
        logs = fit(training)
        changed = {
            layer.name
            for layer in training.model.layers
            if any((a != b).any() for a, b in zip(before[layer.name], layer.get_weights(), strict=True))
        }
        seen.append(changed)
        return logs

    monkeypatch.setattr(trainer.Trainer, "fit_epoch", watch)
    flags = ("--architecture", "vgg16", "--options", SMALL_VGG, "--data.targets", '["fer2013"]')
    rows = run(recipe_file, tmp_path, *flags, "--training.stages", TWO_STAGES)
    assert seen == [{"fer2013"}, {"fer2013", "block5_conv1", "block5_conv2"}]
    assert len(rows) == 2


def test_weights_none_trains_a_pretrained_network_from_scratch(recipe_file, tmp_path, capsys):
    flags = [
        "--architecture",
        "vgg16",
        "--data.targets",
        '["fer2013"]',
        "--training.stages",
        "[{size = 32, epochs = 1}]",
    ]
    flags += ["--options", "{weights = '/nowhere.h5', widths = [4, 4], depths = [1, 1]}", "--run", str(tmp_path)]
    assert main(["train", str(recipe_file), *flags]) == 2
    assert "are not at /nowhere.h5" in capsys.readouterr().err
    assert not (tmp_path / "config.json").exists()
    assert main(["train", str(recipe_file), *flags, "--weights", "none"]) == 0
    assert main(["train", str(recipe_file), "--weights", "none", "--run", str(tmp_path / "b")]) == 2
    assert "always trained from scratch" in capsys.readouterr().err


def test_options_that_fit_no_network_are_a_sentence(recipe_file, tmp_path, capsys):
    for options in ("{widths = [4], depths = [1, 1]}", "{colour = 3}"):
        assert main(["train", str(recipe_file), "--options", options, "--run", str(tmp_path)]) == 2
        assert "'house' cannot be built with" in capsys.readouterr().err


def test_a_deterministic_run_repeats_its_first_losses_to_the_last_bit(recipe_file, light, tmp_path):
    flags = (*light, "--training.batch", "4", "--training.stages", "[{size = 24, epochs = 2}]")
    code = "from fer_core.cli.main import main; import sys; sys.exit(main(['train', *sys.argv[1:]]))"
    losses = []
    for name in ("first", "second"):
        folder = tmp_path / name
        command = [sys.executable, "-c", code, str(recipe_file), "--run", str(folder), "--deterministic", *flags]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        losses.append(json.loads((folder / "first_losses.json").read_text(encoding="utf-8")))
    assert losses[0] == losses[1]
    assert len(losses[0]) == 20


def test_tensorboard_gets_every_epoch(trained):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(trained / "tensorboard")).Reload()
    tags = events.Tags()
    assert "val_accuracy" in [*tags["scalars"], *tags["tensors"]]
    steps = [event.step for event in events.Tensors("val_accuracy")]
    assert steps == [int(row["epoch"]) for row in history(trained)]


DISTRIBUTED = """
import sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fer_core.cli.main import main
from training import devices
with devices.all_devices():
    assert tf.distribute.get_strategy().num_replicas_in_sync == 2
sys.exit(main(['train', *sys.argv[1:]]))
"""


def test_two_devices_share_the_batches_and_learn_the_same(trained, recipe_file, tmp_path):
    command = [sys.executable, "-c", DISTRIBUTED, str(recipe_file), "--run", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    shared, alone = history(tmp_path), history(trained)
    assert len(shared) == len(alone)
    assert float(shared[-1]["val_accuracy"]) > 0.9
    assert float(shared[0]["loss"]) == pytest.approx(float(alone[0]["loss"]), rel=0.15)


PROCESSORS = {"fpu avx2 avx512f": "float32", "fpu avx512f avx512_bf16": "mixed_bfloat16"}


@pytest.fixture(params=PROCESSORS)
def processor(request, tmp_path, monkeypatch):
    """A machine whose processor says what it can; gives the precision that it trains fastest in."""
    monkeypatch.setattr(devices, "CPU", tmp_path / "cpuinfo")
    devices.CPU.write_text(f"processor : 0\nflags : {request.param}\n", encoding="utf-8")
    return PROCESSORS[request.param]


def test_the_default_takes_the_fastest_precision_and_a_run_keeps_it(processor, recipe, tmp_path, monkeypatch):
    asked = recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": "auto"})})
    settled = train.with_precision(asked, tmp_path)
    assert settled.training.precision == processor
    splits = batches.load(recipe.data)
    train.write_config(settled, tmp_path, splits)
    other = {"float32": "mixed_bfloat16", "mixed_bfloat16": "float32"}[processor]
    monkeypatch.setattr(devices, "fastest_precision", lambda: other)
    assert train.with_precision(asked, tmp_path) == settled


def test_bfloat16_that_is_asked_for_by_name_is_done_and_said_to_be_slow(processor, capsys):
    policy = keras.mixed_precision.global_policy()
    try:
        devices.prepare(Training(precision="mixed_bfloat16"))
        assert keras.mixed_precision.global_policy().name == "mixed_bfloat16"
    finally:
        keras.mixed_precision.set_global_policy(policy)
    said = capsys.readouterr().out
    assert ("slower than float32 here" in said) is (processor == "float32")
    assert "stop" not in said
