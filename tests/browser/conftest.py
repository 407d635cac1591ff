"""Folders with the live engine as a file server serves them."""

import onnx
import pytest
from bright_square import write_detector
from brightness import write_network
from browsers import CHROMIUM
from onnx import numpy_helper

from fer_core.browser import export, runtime, site
from fer_core.labels import SEVEN
from fer_core.predictors import checksums, eight_bits


@pytest.fixture(scope="session")
def web_runtime():
    """ONNX Runtime Web, where it was fetched."""
    if not runtime.files():
        pytest.skip("needs ONNX Runtime Web: `python -m fer_core.browser.runtime` fetches it")


@pytest.fixture(scope="session")
def real_browser():
    if not CHROMIUM.is_file():
        pytest.skip(f"needs {CHROMIUM}")


@pytest.fixture(scope="session")
def bright_site(web_runtime, real_browser, tmp_path_factory):  # noqa: ARG001
    """The page with two networks that tell brightness apart, and a detector that finds bright squares.

    The second network has a file in 8 bits, too, which gives each brightness the expression of the opposite one: so a
    test sees which file answered.
    """
    folder = tmp_path_factory.mktemp("bright")
    write_network(folder / "models" / "house", calibration={"threshold": 0.3})
    write_network(folder / "models" / "other", classes=SEVEN[::-1], calibration={"threshold": 1.01})
    opposite = onnx.load(folder / "models" / "other" / "model.onnx")
    centers = next(one for one in opposite.graph.initializer if one.name == "probabilities_centers")
    centers.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(centers)[:, ::-1].copy(), centers.name))
    onnx.save(opposite, folder / "models" / "other" / eight_bits.FILE)
    checksums.write(folder / "models" / "other", [eight_bits.FILE])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_MODELS", str(folder / "models"))
        detector = write_detector(folder / "detector.onnx")
        patch.setattr(export, "yunet_path", lambda: detector)
        assert site.build(folder / "web") == []
    return folder / "web"
