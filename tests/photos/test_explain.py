"""Heat maps: of networks whose right map is known by hand, and against Keras' own gradients."""

import json
import shutil
import warnings

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fer_core.errors import PredictorError
from fer_core.labels import SEVEN
from fer_core.photos import explain
from fer_core.predictors.keras_runtime import import_keras
from fer_core.predictors.two_parts import TwoParts

SIZE = 16
HAPPY, SAD = SEVEN.index("happy"), SEVEN.index("sad")


def write_folder(folder, nodes, weights):
    """A network folder: gray crops become float `maps` (n, 1, s, s); `nodes` make `probabilities` of them."""
    first = [
        helper.make_node("Cast", ["crops"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["maps"], perm=[0, 3, 1, 2]),
    ]
    graph = helper.make_graph(
        [*first, *nodes],
        "made",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", SIZE, SIZE, 1])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 7])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    folder.mkdir(parents=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    write_config(folder)


def write_config(folder):
    config = {"name": folder.name, "title": "Bright and dark", "classes": SEVEN, "input_size": SIZE, "channels": 1}
    config |= {"origin": "a test", "licence": "MIT", "source": "none"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def bright_and_dark(happy, sad):
    """Weights (7, 2) of a classifier of brightness and darkness."""
    kernel = np.zeros((2, 7), np.float32)
    kernel[0, HAPPY], kernel[1, SAD] = happy, sad
    return kernel


BOTH = [
    helper.make_node("AveragePool", ["maps"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("Conv", ["pooled", "signs", "offsets"], ["last"]),
]
"""Two maps of 8x8 places: brightness and darkness."""
SIGNS = {"signs": np.float32([1 / 255, -1 / 255]).reshape(2, 1, 1, 1), "offsets": np.float32([0, 1])}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """`house` ends in pooling and a linear layer, `dense` in a hidden layer; `points` and `around` have odd maps."""
    folder = tmp_path_factory.mktemp("models")
    ends = [
        helper.make_node("MatMul", ["features", "kernel"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    pooling = [
        helper.make_node("GlobalAveragePool", ["last"], ["means"]),
        helper.make_node("Flatten", ["means"], ["features"]),
    ]
    write_folder(folder / "house", [*BOTH, *pooling, *ends], {**SIGNS, "kernel": bright_and_dark(50, 50)})
    hidden = [
        helper.make_node("Flatten", ["last"], ["flat"]),
        helper.make_node("MatMul", ["flat", "hidden kernel"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["features"]),
    ]
    upper = np.zeros((2, 8, 8, 2), np.float32)
    upper[0, :4, :, 0] = upper[1, :4, :, 1] = 0.1
    weights = {**SIGNS, "hidden kernel": upper.reshape(-1, 2), "kernel": bright_and_dark(3, 3)}
    write_folder(folder / "dense", [*BOTH, *hidden, *ends], weights)
    points = [
        helper.make_node("GlobalAveragePool", ["maps"], ["means"]),
        helper.make_node("Flatten", ["means"], ["features"]),
    ]
    write_folder(folder / "points", [*points, *ends], {"kernel": bright_and_dark(0.1, 0.1)[:1]})
    around = [
        helper.make_node("Flatten", ["maps"], ["flat"]),
        helper.make_node("Flatten", ["last"], ["seen"]),
        helper.make_node("Concat", ["flat", "seen"], ["all"], axis=1),
        helper.make_node("MatMul", ["all", "kernel"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    write_folder(folder / "around", [*BOTH, *around], {**SIGNS, "kernel": np.ones((SIZE**2 + 128, 7), np.float32)})
    return folder


@pytest.fixture(autouse=True)
def use_models(models, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(models))


@pytest.fixture
def bright_left():
    crop = np.zeros((SIZE, SIZE, 1), np.uint8)
    crop[:, : SIZE // 2] = 255
    return crop


@pytest.mark.parametrize("name", ["house", "house:keras", "dense"])
def test_the_map_shows_where_the_evidence_is(name, bright_left):
    for label, warm, cold in (("happy", slice(0, 6), slice(10, 16)), ("sad", slice(10, 16), slice(0, 6))):
        heat = explain.grad_cam(name, bright_left, label)
        assert heat.shape == (SIZE, SIZE)
        assert heat.dtype == np.float32
        assert (heat.min(), heat.max()) == (0, 1)
        assert heat[:, warm].min() > 0.9
        assert heat[:, cold].max() < 0.1


def test_by_default_the_answer_is_explained(bright_left):
    crop = bright_left.copy()
    crop[:, : SIZE * 3 // 4] = 255
    assert np.array_equal(explain.grad_cam("house", crop), explain.grad_cam("house", crop, "happy"))


def test_a_certain_answer_is_still_explained():
    """Its probability is 1 in float32, and the plain gradient of it 0."""
    crop = np.full((SIZE, SIZE, 1), 255, np.uint8)
    assert explain.grad_cam("house", crop).min() > 0.99


def test_nothing_speaks_for_an_expression(bright_left):
    assert not explain.grad_cam("house", bright_left, "fear").any()


def test_after_pooling_and_a_linear_layer_it_is_the_class_activation_map():
    """CAM of the class, less the other classes' by their share of the rest; kept where it is above 0."""
    crop = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 1), np.uint8)
    last = crop[..., 0].astype(float).reshape(8, 2, 8, 2).mean(axis=(1, 3)) / 255
    maps = np.stack([last, 1 - last])
    kernel = bright_and_dark(50, 50).astype(float)
    logits = maps.mean(axis=(1, 2)) @ kernel
    shares = np.exp(logits - logits.max())
    shares[HAPPY] = 0
    weights = kernel[:, HAPPY] - kernel @ (shares / shares.sum())
    expected = np.maximum(np.tensordot(weights, maps, axes=1), 0).astype(np.float32)
    expected = cv2.resize(expected, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(explain.grad_cam("house", crop, "happy"), expected / expected.max(), atol=2e-3)


@pytest.mark.parametrize(
    ("name", "shape", "label", "reason"),
    [
        ("house", (SIZE, SIZE, 1), "contempt", "does not know 'contempt'"),
        ("house", (48, 48, 1), None, "expects uint8"),
        ("deepface", (224, 224, 3), None, "deepface cannot be explained"),
        ("../models/house", (SIZE, SIZE, 1), None, "cannot be explained"),
    ],
)
def test_what_cannot_be_explained_is_said(name, shape, label, reason):
    with pytest.raises(PredictorError, match=reason):
        explain.grad_cam(name, np.zeros(shape, np.uint8), label)


def test_a_network_without_a_last_map_is_explained_by_the_map_it_has(bright_left):
    """Its only map is the crop itself."""
    heat = explain.grad_cam("points", bright_left, "happy")
    assert heat[:, :6].min() == 1
    assert not heat[:, 10:].any()


def test_the_map_is_one_that_all_of_the_answer_passes():
    """The last convolution sees the crop, and so does the classifier: the crop alone is passed by everything."""
    assert TwoParts(explain._folder("around") / "model.onnx", (SIZE, SIZE, 1)).cut == "maps"


def test_a_network_trained_anew_is_opened_anew(models, tmp_path, monkeypatch, bright_left):
    folder = shutil.copytree(models, tmp_path / "models") / "house"
    monkeypatch.setenv("FER_MODELS", str(folder.parent))
    assert explain.grad_cam("house", bright_left).any()
    (folder / "model.onnx").write_bytes(b"damaged since")
    with pytest.raises(PredictorError, match="export the network again"):
        explain.grad_cam("house", bright_left)


def test_only_networks_of_our_own_can_be_explained(models):
    assert explain.can_explain("house")
    assert explain.can_explain("house:keras")
    assert not explain.can_explain("mini_xception")
    (models / "other").mkdir()
    assert not explain.can_explain("other")
    (models / "other").rmdir()


def keras_heat(model, crop, chosen):
    """Grad-CAM by Keras' gradients: log odds of a class, on the last layer with more than one place."""
    import tensorflow

    keras = import_keras()
    layer = next(one for one in reversed(model.layers) if is_map(one))
    both = keras.Model(model.input, [layer.output, model.output["probabilities"]])
    with tensorflow.GradientTape() as tape:
        maps, probabilities = both(crop[np.newaxis], training=False)
        tape.watch(maps)
        others = tensorflow.reduce_sum(probabilities[0]) - probabilities[0, chosen]
        score = tensorflow.math.log(probabilities[0, chosen]) - tensorflow.math.log(others)
    gradients = tape.gradient(score, maps)[0].numpy()
    heat = np.maximum((maps[0].numpy() * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)
    heat = cv2.resize(heat, crop.shape[:2], interpolation=cv2.INTER_LINEAR)
    return heat / max(heat.max(), 1e-9)


def is_map(layer):
    shape = layer.output.shape if not isinstance(layer.output, dict | list) else ()
    return len(shape) == 4 and min(shape[1:3]) > 1


def keras_network(ending):
    keras = import_keras()
    layers = keras.layers
    keras.utils.set_random_seed(3)
    crops = keras.Input((SIZE, SIZE, 1), dtype="uint8", name="crops")
    x = layers.Rescaling(1 / 127.5, -1)(crops)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(12, 3, padding="same", activation="relu")(x)
    if ending == "pooling":
        x = layers.GlobalAveragePooling2D()(x)
    else:
        x = layers.Dense(16, activation="relu")(layers.Flatten()(layers.MaxPooling2D(2)(x)))
    x = layers.Activation("linear", name="features")(x)
    first = layers.Dense(7, "softmax")(x)
    second = layers.Dense(8, "softmax")(x)[:, :7]
    answer = first * 0.8 + second / keras.ops.sum(second, axis=-1, keepdims=True) * 0.2
    return keras.Model(crops, {"probabilities": layers.Activation("linear", name="probabilities")(answer)})


@pytest.mark.tensorflow
# Keras 3.15 turns its weights into arrays in a way NumPy 2.4 announces the end of
@pytest.mark.parametrize(("ending", "tolerance"), [("pooling", 1e-3), ("dense", 0.03)])
def test_it_is_what_keras_gradients_give(ending, tolerance, tmp_path, monkeypatch):
    """To rounding where the end is linear; a step may cross the bend of a ReLU in a hidden layer."""
    model = keras_network(ending)
    folder = tmp_path / "models" / "house"
    folder.mkdir(parents=True)
    write_config(folder)
    crops = np.random.default_rng(0).integers(0, 256, (6, SIZE, SIZE, 1), np.uint8)
    model(crops)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras 3.15 asks NumPy for np.object while exporting
        model.export(folder / "model.onnx", format="onnx", verbose=False)
    monkeypatch.setenv("FER_MODELS", str(folder.parent))
    told = 0
    for crop in crops:
        for chosen, label in enumerate(SEVEN):
            expected = keras_heat(model, crop, chosen)
            np.testing.assert_allclose(explain.grad_cam("house", crop, label), expected, atol=tolerance)
            told += expected.any()
    assert told > len(crops)
