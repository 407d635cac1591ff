import subprocess
import sys

import cv2
import numpy as np
import onnxruntime
import pytest
from paths import ROOT

from benchmarks import latency
from benchmarks.contenders import CONTENDERS, REFERENCE, milliseconds
from benchmarks.standin import furnish, random_weights, write_onnx
from fer_core.predictors.baselines import deepface_baseline

FIGURES = {"cold": 1.0, "peak": 200.0, "face": 2.0, "bytes 12MP": 60.0, "bytes:12MP-bust": 60.0}
RIVAL = {"cold": 2.0, "peak": 400.0, "face": 4.0, "bytes 12MP": 240.0, "bytes:12MP-bust": 180.0}


def test_the_stand_in_has_the_size_of_the_network_it_stands_for():
    count = sum(kernel.size + bias.size for kernel, bias in random_weights())
    assert count == deepface_baseline.info().parameters == 1_485_831


def test_the_stand_in_computes_what_its_layers_say(tmp_path):
    """Against the same layers written with OpenCV's and NumPy's own filters."""
    weights = random_weights()
    write_onnx(tmp_path / "standin.onnx", weights)
    image = np.random.default_rng(0).random((48, 48, 1), np.float32)
    session = onnxruntime.InferenceSession(tmp_path / "standin.onnx", providers=["CPUExecutionProvider"])
    answer = session.run(None, {"image": image[np.newaxis]})[0][0]
    maps = image
    for number, (kernel, _) in enumerate(weights[:5]):
        maps = np.maximum(convolve(maps, kernel), 0)
        if number in (0, 2, 4):
            maps = pool(maps, 5, np.max) if number == 0 else pool(maps, 3, np.mean)
    vector = maps.ravel()
    for kernel, _ in weights[5:7]:
        vector = np.maximum(vector @ kernel, 0)
    logits = vector @ weights[7][0]
    np.testing.assert_allclose(answer, np.exp(logits) / np.exp(logits).sum(), atol=1e-4)


def convolve(maps, kernel):
    """'valid', by OpenCV's correlation of each input map with each slice of the kernel."""
    edge = kernel.shape[0] // 2
    sums = [
        sum(cv2.filter2D(maps[..., i], -1, kernel[:, :, i, o]) for i in range(maps.shape[-1]))
        for o in range(kernel.shape[-1])
    ]
    return np.stack(sums, axis=-1)[edge:-edge, edge:-edge]


def pool(maps, size, reduce):
    windows = np.lib.stride_tricks.sliding_window_view(maps, (size, size), axis=(0, 1))[::2, ::2]
    return reduce(windows, axis=(-2, -1))


def test_real_weights_are_used_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path / "theirs"))
    real = deepface_baseline.weights_path()
    real.parent.mkdir(parents=True)
    real.write_bytes(b"real weights")
    assert furnish(tmp_path / "ours") == ["facial_expression_model_weights.h5"]
    copied = tmp_path / "ours" / ".deepface" / "weights" / real.name
    assert copied.read_bytes() == b"real weights"


def test_medians_over_rounds_and_means_over_framings():
    rounds = [{"cold": turn, "bytes:12MP-bust": turn * 10, "bytes:12MP-portrait": turn * 30} for turn in (1, 9, 2)]
    expected = {"cold": 2, "bytes:12MP-bust": 20, "bytes:12MP-portrait": 60, "bytes 12MP": 40}
    assert latency.median_figures(rounds) == expected


def test_the_table_and_its_ratios():
    results = {"house": FIGURES, REFERENCE: RIVAL}
    columns = ["cold", "bytes 12MP", "face", "peak"]
    rows = latency.table(results, columns).splitlines()
    assert rows[0] == "| | cold start, s | bytes 12MP | face, ms | peak, MB |"
    assert rows[2] == "| house, ONNX Runtime | 1.00 | 60 | 2.0 | 200 |"
    ratios = latency.table(results, columns, ratio=True).splitlines()
    assert ratios[2:] == [
        "| house, ONNX Runtime | 0.50 | 0.25 | 0.50 | 0.50 |",
        "| DeepFace.analyze, ONNX engine | 1.00 | 1.00 | 1.00 | 1.00 |",
    ]


@pytest.mark.parametrize(("photo", "word"), [(60.0, "met"), (100.0, "MISSED")])
def test_targets_are_judged_where_both_sides_were_measured(photo, word):
    lines = latency.verdicts({"house": {**FIGURES, "bytes:12MP-bust": photo}, REFERENCE: RIVAL})
    assert len(lines) == 3
    assert lines[0].startswith("- house, bytes:12MP-bust: 0.")
    assert lines[0].endswith(word)
    assert lines[2] == "- house, peak: 200.00, at most 300.00 wanted: met"


def test_photos_have_the_sizes_they_are_named_after(tmp_path):
    photos = latency.make_photos(tmp_path, ["640px", "3MP"])
    assert [path.stem for path in photos] == [
        f"{size}-{framing}" for size in ("640px", "3MP") for framing in latency.FRAMINGS
    ]
    for path in photos:
        height, width = cv2.imread(str(path)).shape[:2]
        assert height * width == pytest.approx(latency.SIZES[path.stem.split("-")[0]], rel=0.01)


def test_one_process_gives_every_figure(tmp_path, monkeypatch):
    from tiny_networks import write_network

    write_network(tmp_path / "models" / "house")
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    house = next(contender for contender in CONTENDERS if contender.name == "house")
    photos = [path for path in latency.make_photos(tmp_path, ["640px"]) if path.stem == "640px-bust"]
    figures = latency.run(house, tmp_path / "home", photos, repeats=1)
    photo = {f"{kind}:640px-bust" for kind in ("bytes", "processor", "decoded")}
    assert set(figures) == {"cold", "cold processor", "face", "peak"} | photo
    assert min(figures.values()) > 0


def test_a_process_that_fails_is_not_passed_over(tmp_path):
    house = next(contender for contender in CONTENDERS if contender.name == "house")
    with pytest.raises(SystemExit, match=r"house, ONNX Runtime failed:[\s\S]*(missing.jpg|no model)"):
        latency.run(house, tmp_path, [tmp_path / "missing.jpg"], repeats=1)


def test_a_step_is_run_once_more_than_it_counts():
    calls, clock = [], [0.0]

    def step():
        clock[0] += 0.03 if calls else 7
        calls.append(1)

    assert milliseconds(step, 3, clock=lambda: clock[0]) == pytest.approx(30)
    assert len(calls) == 4


PEAK = """
from benchmarks.contenders import peak_megabytes
import numpy
before = peak_megabytes()
filled = numpy.ones(300_000_000, numpy.uint8)
print(peak_megabytes() - before)
"""


def test_peak_memory_is_in_megabytes():
    done = subprocess.run([sys.executable, "-c", PEAK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 290 < float(done.stdout) < 310


def test_contenders_are_told_apart_and_say_what_they_need():
    assert len({contender.name for contender in CONTENDERS}) == len(CONTENDERS)
    assert next(row for row in CONTENDERS if row.name == "house").missing() == []


@pytest.mark.parametrize(("load", "warnings"), [(0.1, 0), (3.0, 1)])
def test_figures_from_a_busy_computer_carry_a_warning(monkeypatch, load, warnings):
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    monkeypatch.setattr("os.getloadavg", lambda: (load, load, load), raising=False)
    assert len(latency.busy()) == warnings


def test_without_the_detector_there_is_no_comparison(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "nothing"))
    with pytest.raises(SystemExit, match="same detector"):
        latency.check()
