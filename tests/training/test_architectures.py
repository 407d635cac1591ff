"""Every registered network: builds, predicts, survives saving, keeps its published size, refuses what it cannot be."""

import inspect
import math

import h5py
import keras
import numpy as np
import pytest
from paths import ROOT, SHARED

from fer_core.errors import RecipeError
from fer_core.recipes import schema
from training import architectures
from training.architectures import (
    ARCHITECTURES,
    faceres_finetune,
    mobilenet_v2,
    parts,
    pretrained,
    resnet18,
    resnet50,
    vgg16,
)

RECIPES = sorted((ROOT / "training" / "recipes").glob("*.toml"))

pytestmark = pytest.mark.tensorflow

NAMES = sorted(ARCHITECTURES)
DENSE = {"widths": (4, 4, 6, 6), "units": (5, 6)}
RESIDUAL = {"weights": "none", "widths": (2, 3), "depths": (1, 2), "input_size": 32}
TINY = {
    "house": {"widths": (4, 8), "depths": (1, 1), "input_size": 24},
    "simple_deep_cnn": DENSE | {"stem": 3, "input_size": 16},
    "simple_cnn_64": {"widths": (4, 4, 3), "input_size": 22},
    "simple_cnn_70": {"widths": (3, 4, 5), "units": 6, "input_size": 18},
    "four_conv_cnn": DENSE | {"input_size": 16},
    "res_emote_net": {"stem": (3, 4, 5), "width": 8, "reduction": 2, "units": (5, 6), "input_size": 16},
    "cnn_48": {"widths": (3, 4, 4, 4), "units": (5, 6), "input_size": 46},
    "cnn_100": {"widths": (3, 4), "units": (5,), "input_size": 20},
    "vgg16": {"weights": "none", "widths": (3, 4), "depths": (1, 2), "input_size": 16},
    "resnet50": RESIDUAL,
    "mobilenet_v2": {"weights": "none", "width": 0.05, "input_size": 32},
    "resnet18": RESIDUAL,
    "deepface_architecture": {"widths": (3, 4, 5), "units": (6, 7), "input_size": 45},
    "faceres_finetune": {"backbone": "none", "stem": 3, "widths": (4, 5), "halving": (2,), "input_size": 32},
}
PUBLISHED = [(name, count) for name, row in ARCHITECTURES.items() for count in row.published]


def tiny(name, **changed):
    return ARCHITECTURES[name].build(**{"classes": {"fer2013": 7, "ferplus": 8}, "channels": 1} | TINY[name] | changed)


def faces(model, count=2):
    return np.random.default_rng(0).integers(0, 256, (count, *model.input_shape[1:]), np.uint8)


def close(outputs, others):
    return all(np.allclose(outputs[head], others[head], atol=1e-5) for head in outputs)


@pytest.mark.parametrize("name", NAMES)
def test_a_tiny_version_predicts_and_is_the_same_after_saving(name, tmp_path):
    model = tiny(name)
    crops = faces(model)
    outputs = model.predict_on_batch(crops)
    assert {head: outputs[head].shape for head in ("fer2013", "ferplus")} == {"fer2013": (2, 7), "ferplus": (2, 8)}
    assert np.allclose(outputs["ferplus"].sum(1), 1, atol=1e-5)
    assert outputs["features"].shape == (2, model.output["features"].shape[-1])
    assert all(array.dtype == np.float32 for array in outputs.values())
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert close(again.predict_on_batch(crops), outputs)


@pytest.mark.parametrize("name", NAMES)
def test_colour_goes_in_where_it_is_asked_for(name):
    assert tiny(name, channels=3).input_shape[-1] == 3


@pytest.mark.parametrize("name", NAMES)
def test_no_1x1_convolution_has_a_stride(name):
    """TensorFlow 2.20 and 2.21 corrupt the heap when they train one."""
    strided = [
        layer.name
        for layer in tiny(name)._flatten_layers()
        if type(layer) is keras.layers.Conv2D and layer.kernel_size == (1, 1) and layer.strides != (1, 1)
    ]
    assert strided == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"classes": {}}, "at least one head"),
        ({"classes": {"fer2013": 1}}, "at least 2 classes"),
        ({"channels": 2}, "gray"),
        ({"input_size": 8}, "at least"),
    ],
    ids=["no head", "one class", "channels", "too small"],
)
def test_what_cannot_be_is_refused_before_it_is_built(name, changed, said):
    with pytest.raises(ValueError, match=said):
        tiny(name, **changed)


@pytest.mark.parametrize("name", [name for name in NAMES if not ARCHITECTURES[name].grows])
def test_a_network_of_one_size_says_so(name):
    with pytest.raises(ValueError, match="one image size"):
        tiny(name, input_size=None)


@pytest.mark.parametrize("name", [name for name in NAMES if ARCHITECTURES[name].grows])
def test_a_growing_network_takes_two_sizes(name):
    model = tiny(name, input_size=None)
    for size in (32, 40):
        assert model.predict_on_batch(np.zeros((1, size, size, 1), np.uint8))["fer2013"].shape == (1, 7)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("four_conv_cnn", {"widths": (4, 4)}),
        ("simple_deep_cnn", {"kernels": (3,)}),
        ("simple_cnn_70", {"dropouts": (0.1,)}),
        ("res_emote_net", {"reduction": 9}),
        ("vgg16", {"depths": (1,)}),
        ("vgg16", {"top": "crown"}),
        ("resnet50", {"depths": (1,)}),
        ("resnet18", {"depths": (1,)}),
        ("mobilenet_v2", {"width": 0}),
        ("deepface_architecture", {"widths": (3, 4)}),
        ("faceres_finetune", {"halving": (3,)}),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(name, changed):
    with pytest.raises(ValueError, match="came"):
        tiny(name, **changed)


@pytest.mark.parametrize(("name", "published"), PUBLISHED, ids=[f"{name}-{row.parameters}" for name, row in PUBLISHED])
def test_it_has_the_published_number_of_parameters(name, published):
    row = ARCHITECTURES[name]
    sizes = {"input_size": row.input_size, "channels": row.channels}
    model = row.build({"fer2013": published.classes}, **sizes | dict(published.options))
    assert model.count_params() == published.parameters
    if published.trainable:
        architectures.release(model, name, published.released)
        assert sum(math.prod(weight.shape) for weight in model.trainable_weights) == published.trainable


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "mobilenet_v2", "resnet18", "faceres_finetune"])
def test_a_frozen_network_trains_its_classifier_only(name):
    model = tiny(name)
    architectures.release(model, name, 0)
    assert {weight.path for weight in model.trainable_weights} == {
        f"{head}/{part}" for head in ("fer2013", "ferplus") for part in ("kernel", "bias")
    }
    architectures.release(model, name, "all")
    assert len(model.trainable_weights) > 4


def test_gray_is_what_equal_colours_are():
    model, colour = tiny("vgg16"), tiny("vgg16", channels=3)
    colour.set_weights(model.get_weights())
    gray = faces(model)
    assert close(colour.predict_on_batch(gray.repeat(3, -1)), model.predict_on_batch(gray))


def test_caffe_input_is_blue_green_red_without_the_mean():
    crops = keras.Input((2, 2, 3), dtype="uint8")
    made = keras.Model(crops, parts.caffe_input(crops)).predict_on_batch(np.full((1, 2, 2, 3), [10, 20, 30], np.uint8))
    assert made[0, 0, 0].tolist() == pytest.approx([30 - 103.939, 20 - 116.779, 10 - 123.68], abs=1e-4)


def test_resnet50_is_the_function_of_keras_applications_for_the_same_weights():
    theirs = keras.applications.ResNet50(include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg")
    ours = resnet50.build({"fer2013": 7}, input_size=32, weights="none")
    arrays = {layer.name: layer.get_weights() for layer in theirs.layers if layer.weights}
    pretrained.put(ours, arrays, "keras.applications")
    crops = faces(ours)
    expected = theirs.predict_on_batch(crops[..., ::-1] - np.float32([103.939, 116.779, 123.68]))
    assert np.allclose(ours.predict_on_batch(crops)["features"], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_names_a_network_its_options_and_sizes_fit(path):
    recipe = schema.load(path)
    row = ARCHITECTURES[recipe.architecture]
    assert set(recipe.options) <= set(inspect.signature(row.build).parameters)
    assert row.grows or len({stage.size for stage in recipe.training.stages}) == 1


def write_old_h5(model, path):
    """The layout in which Keras publishes weights of its applications."""
    with h5py.File(path, "w") as stored:
        kept = [layer for layer in model.layers if layer.name not in ("fer2013", "ferplus")]
        stored.attrs["layer_names"] = [layer.name.encode() for layer in kept]
        for layer in kept:
            group = stored.create_group(layer.name)
            arrays = {f"{layer.name}/{row}:0": array for row, array in enumerate(layer.get_weights())}
            group.attrs["weight_names"] = [name.encode() for name in arrays]
            for name, array in arrays.items():
                group[name] = array


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "mobilenet_v2"])
def test_a_file_of_keras_weights_gives_the_features_it_was_saved_with(name, tmp_path):
    model = tiny(name)
    write_old_h5(model, tmp_path / "weights.h5")
    loaded = tiny(name, weights=str(tmp_path / "weights.h5"))
    crops = faces(model)
    assert close(
        {"features": loaded.predict_on_batch(crops)["features"]},
        {"features": model.predict_on_batch(crops)["features"]},
    )


def test_weights_of_another_network_are_refused(tmp_path):
    write_old_h5(tiny("vgg16", widths=(2, 2)), tmp_path / "weights.h5")
    with pytest.raises(RecipeError, match="does not fit 'vgg16' at layer 'block1_conv1'"):
        tiny("vgg16", weights=str(tmp_path / "weights.h5"))
    (tmp_path / "text.h5").write_text("no weights", encoding="utf-8")
    with pytest.raises(RecipeError, match="not an HDF5 file"):
        tiny("vgg16", weights=str(tmp_path / "text.h5"))


@pytest.mark.parametrize(
    ("build", "file"),
    [
        (vgg16.build, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        (resnet50.build, "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        (mobilenet_v2.build, "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"),
    ],
)
def test_missing_imagenet_weights_say_which_file_to_put_where(build, file, monkeypatch, tmp_path):
    monkeypatch.setattr(pretrained, "cache", lambda: tmp_path)
    with pytest.raises(RecipeError, match=r"https://storage\.googleapis\.com") as raised:
        build({"fer2013": 7})
    assert str(tmp_path / file) in str(raised.value)
    assert "--options.weights none" in str(raised.value)


def test_resnet18_and_faceres_say_which_file_to_put_where(tmp_path):
    with pytest.raises(RecipeError, match=r"Put resnet18_imagenet\.npz there"):
        resnet18.build({"fer2013": 7}, weights=str(tmp_path / "none.npz"))
    with pytest.raises(RecipeError, match=r"Put faceres_mobilenet_notop\.keras there"):
        faceres_finetune.build({"fer2013": 7}, backbone=str(tmp_path / "none.keras"))


def test_resnet18_takes_torchvisions_arrays(tmp_path):
    model = tiny("resnet18")
    state = {}
    for layer in model.layers:
        torch_name = layer.name.replace("_bn", ".bn").replace("_conv", ".conv").replace("_downsample_", ".downsample.")
        torch_name = torch_name.replace("layer1_", "layer1.").replace("layer2_", "layer2.")
        arrays = [array + 0.5 for array in layer.get_weights()]
        if isinstance(layer, keras.layers.Conv2D):
            state[f"{torch_name}.weight"] = arrays[0].transpose(3, 2, 0, 1)
        elif isinstance(layer, keras.layers.BatchNormalization):
            state |= {f"{torch_name}.{part}": array for part, array in zip(resnet18.NORM, arrays, strict=True)}
    assert {"layer2.0.downsample.0.weight", "layer2.0.bn1.running_var", "bn1.weight"} <= set(state)
    np.savez(tmp_path / "resnet18.npz", **state)
    loaded = tiny("resnet18", weights=str(tmp_path / "resnet18.npz"))
    for name in ("conv1", "layer2_0_downsample_0", "layer2_1_bn2"):
        pairs = zip(loaded.get_layer(name).get_weights(), model.get_layer(name).get_weights(), strict=True)
        assert all(np.allclose(ours, own + 0.5) for ours, own in pairs)


@pytest.mark.shared
def test_faceres_carries_the_weights_of_its_backbone():
    path = SHARED / "models" / "faceres_mobilenet_notop.keras"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    model = faceres_finetune.build({"fer2013": 7}, input_size=224, backbone=str(path))
    stored = keras.models.load_model(path, compile=False)
    crops = faces(model, 1)
    expected = stored.predict_on_batch(crops.astype(np.float32))
    assert np.allclose(model.predict_on_batch(crops)["features"], expected, atol=1e-3)
    assert model.count_params() == stored.count_params() + 1024 * 7 + 7


def test_a_network_without_pretrained_part_cannot_be_released():
    network = tiny("simple_deep_cnn")
    with pytest.raises(RecipeError, match="'simple_deep_cnn' has no pretrained part"):
        architectures.release(network, "simple_deep_cnn", 1)


def test_two_files_with_one_name_are_a_sentence():
    row = architectures.get("house")
    with pytest.raises(RecipeError, match="Two files of training/architectures have a network 'house'"):
        architectures._by_name([row, row])
