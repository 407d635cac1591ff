"""Networks in 8-bit integers: smaller, nearly the same answers; a network without large convolutions stays as it is."""

import numpy as np
from brightness import write_network
from paths import ROOT, SAMPLES

from fer_core.photos import faces, images
from fer_core.predictors import eight_bits
from fer_core.predictors.onnx_runtime import INPUT, open_session


def answers(path, crops):
    return open_session(path).run(["probabilities"], {INPUT: crops})[0]


def sample_crops():
    """Faces of the samples, each brighter and darker: uint8 (n, 48, 48, 1)."""
    found = []
    for path in sorted(SAMPLES.glob("*.jpg")):
        pixels = images.decode(path.read_bytes())
        found += list(faces.crop(pixels, faces.find(pixels, detector="haar"), 48, 1))
    crops = np.stack(found)
    return np.concatenate([(crops * factor).clip(0, 255).astype(np.uint8) for factor in (0.5, 0.75, 1, 1.25)])


def test_a_network_in_eight_bits_is_smaller_and_reads_faces_as_before(tmp_path):
    source, crops = ROOT / "models" / "house" / "model.onnx", sample_crops()
    count = eight_bits.quantize(source, tmp_path / eight_bits.FILE, crops)
    full, light = (answers(path, crops) for path in (source, tmp_path / eight_bits.FILE))
    assert count == 18  # every 3x3 convolution but the one that sees pixels
    assert (tmp_path / eight_bits.FILE).stat().st_size < 0.3 * source.stat().st_size
    assert np.abs(light.sum(1) - 1).max() < 1e-3
    assert (full.argmax(1) == light.argmax(1)).mean() >= 0.9
    assert 0 < np.abs(full - light).max(1).mean() < 0.05


def test_a_network_without_large_convolutions_gets_no_file(tmp_path):
    source = write_network(tmp_path / "plain") / "model.onnx"
    crops = np.zeros((3, 8, 8, 1), np.uint8)
    assert eight_bits.quantize(source, tmp_path / eight_bits.FILE, crops) == 0
    assert not (tmp_path / eight_bits.FILE).exists()
