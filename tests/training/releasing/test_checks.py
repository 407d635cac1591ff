"""The files of a released network are held against each other. The network here is a copy of models/cnn_48."""

import json
import shutil

import pytest
from paths import ROOT

from fer_core.errors import RunError
from fer_core.predictors import networks
from training.releasing import checks, exports

RELEASED = sorted(path.name for path in (ROOT / "models").iterdir() if (path / "model.onnx").is_file())


@pytest.fixture
def folder(tmp_path):
    """Without its Keras file, so that nothing needs TensorFlow."""
    place = tmp_path / "cnn_48"
    shutil.copytree(ROOT / "models" / "cnn_48", place)
    (place / "model.keras").unlink()
    return place


def change(path, **values):
    content = json.loads(path.read_text(encoding="utf-8")) | values
    path.write_text(json.dumps(content), encoding="utf-8")


def refused(folder):
    with pytest.raises(RunError, match="do not fit together") as told:
        checks.check(folder)
    return str(told.value)


@pytest.mark.parametrize("name", RELEASED)
def test_the_card_of_every_released_network_has_the_figures_of_its_metrics(name):
    assert list(checks._card(ROOT / "models" / name)) == []


def test_a_network_that_fits(folder):
    checks.check(folder)


def test_a_card_of_other_figures(folder):
    card = folder / "README.md"
    row = networks.read_json(folder / "metrics.json")["evaluations"][0]
    share = f"{100 * row['accuracy']:.1f} %"
    card.write_text(card.read_text(encoding="utf-8").replace(share, "99.0 %"), encoding="utf-8")

    told = refused(folder)

    assert share in told
    assert "99.0 %" in told


def test_a_card_that_leaves_a_figure_out(folder):
    card = folder / "README.md"
    lines = card.read_text(encoding="utf-8").splitlines()
    heading = next(place for place, line in enumerate(lines) if "macro F1" in line)
    del lines[heading + 2]
    card.write_text("\n".join(lines), encoding="utf-8")

    assert "the card alone nothing" in refused(folder)


def test_classes_that_are_no_expressions(folder):
    classes = networks.read_json(folder / "config.json")["classes"]
    change(folder / "config.json", classes=["hungry", *classes[1:]])

    assert "hungry, which is no expression" in refused(folder)


def test_crops_of_another_size(folder):
    change(folder / "config.json", channels=3)

    assert "architecture.json of [48, 48, 1]" in refused(folder)


@pytest.mark.tensorflow
def test_weights_of_another_training(tmp_path):
    folder = tmp_path / "cnn_48"
    shutil.copytree(ROOT / "models" / "cnn_48", folder)
    checks.check(folder)
    import keras

    model = keras.saving.load_model(folder / "model.keras")
    model.layers[-1].bias.assign_add([1, 0, 0, 0, 0, 0, 0])
    model.save(folder / "model.keras")

    assert "answer 'probabilities'" in refused(folder)


def test_exports_run_in_their_order_on_the_folder(monkeypatch, capsys, folder):
    ran = []
    monkeypatch.setattr(exports, "EXPORTS", {"one": lambda place: ran.append(("one", place)), "two": ran.append})

    exports.make(folder)

    assert ran == [("one", folder), folder]
    assert capsys.readouterr().out == "one ...\ntwo ...\n"
