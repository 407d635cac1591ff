"""Makes the baselines ready, once, when asked: `fer setup --baselines` (part of `make baselines`).

Tries once to fetch DeepFace's weights, converts the mini-Xception to ONNX, and says what it did. Nothing else in this
package downloads or converts anything.
"""

from http.client import HTTPException

import numpy as np

from fer_core.errors import PredictorError
from fer_core.predictors.baselines import deepface_baseline, mini_xception
from fer_core.predictors.downloads import read_address, write_whole
from fer_core.predictors.keras_runtime import open_model
from fer_core.predictors.onnx_runtime import open_session

MAX_BYTES = 20_000_000
"""DeepFace's file has about 6 MB; what is far larger is something else, and is not read to its end."""


def fetch_deepface(timeout: float = 5.0) -> str:
    """Fetch DeepFace's weights unless they are there; one try, given up after `timeout` seconds without an answer."""
    target = deepface_baseline.weights_path()
    if target.is_file():
        return f"DeepFace's weights are there already: {target}."
    address, other = deepface_baseline.ADDRESSES
    try:
        content = read_address(address, timeout, MAX_BYTES)
        open_session(content)
        write_whole(target, content)
    except (OSError, ValueError, HTTPException, PredictorError) as error:
        return (
            f"DeepFace's weights could not be fetched: {error}. Download {address} or {other} and put it at {target}."
        )
    return f"Fetched DeepFace's weights ({len(content) / 1e6:.1f} MB) to {target}."


def convert_mini_xception() -> str:
    """Write the mini-Xception as ONNX into the user's cache, so that it starts without TensorFlow."""
    source, target = mini_xception.weights_path(), mini_xception.converted_path()
    if source is None:
        return f"mini-Xception: {mini_xception.availability().reason}"
    if target.is_file():
        return f"The mini-Xception is converted already: {target}."
    try:
        model = open_model(source)
    except PredictorError as error:
        return f"The mini-Xception could not be converted: {error}"
    model.predict_on_batch(np.zeros((1, *model.input_shape[1:]), np.float32))  # Keras exports only what was called once
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"part-{target.name}")
    model.export(part, format="onnx", verbose=False)
    part.replace(target)
    return f"Converted the mini-Xception to {target}."


if __name__ == "__main__":
    print(fetch_deepface())
    print(convert_mini_xception())
