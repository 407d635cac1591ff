"""A comparison from photos to numbers: the way of serving, nothing dropped, figures by a second way."""

import csv
import io

import cv2
import numpy as np
import pytest
from brightness import write_fer2013, write_network
from odd_inputs import encoded
from PIL import Image
from tiny_networks import write_broken_network

from fer_core import predictors
from fer_core.compare import scores, tables, testsets
from fer_core.compare.robustness import Faces, Sweep
from fer_core.compare.run import ComparisonRun, run_to_end
from fer_core.datasets import open_dataset
from fer_core.errors import DatasetError, PredictorError
from fer_core.evaluation import scored_images, scoring
from fer_core.labels import SEVEN
from fer_core.photos.analysis import analyse
from fer_core.predictors import onnx_runtime
from fer_core.reports import comparison
from fer_core.text import to_csv

NO_FACE = cv2.imencode(".png", np.full((120, 160, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch, no_yunet):  # noqa: ARG001
    write_network(tmp_path / "models" / "house", calibration={"temperature": 1.3, "threshold": 0.7})
    write_network(tmp_path / "models" / "other", classes=SEVEN[::-1], calibration={"threshold": 0.2})
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))


def loaded(*names):
    return [predictors.load(name) for name in names or ("house", "other")]


def jpeg(image):
    return encoded(Image.fromarray(image), "JPEG", quality=92)


@pytest.fixture
def photos(astronaut, hopper, two_faces):
    given = testsets.from_files(
        [
            ("happy.jpg", jpeg(astronaut)),
            ("neutral.jpg", jpeg(hopper)),
            ("sad_both.jpg", jpeg(two_faces)),
            ("fear.png", NO_FACE),
            ("angry.jpg", b"no photo at all"),
            ("group.jpg", jpeg(two_faces[::2, ::2])),
        ]
    )
    return testsets.labelled(given, "Made photos")


@pytest.fixture
def report(photos):
    return scores.report(run_to_end(ComparisonRun(photos, loaded())))


@pytest.fixture
def fer(tmp_path):
    random = np.random.default_rng(4)
    rows = [
        (int(label), int(np.clip(label * 40 + random.normal(0, 35), 0, 255)), "PrivateTest")
        for label in random.integers(0, 7, 300)
    ]
    return write_fer2013(tmp_path / "fer", rows)


def test_answers_are_those_of_serving(photos, report):
    given = report.comparison
    assert given.names == ("happy.jpg", "neutral.jpg", "sad_both.jpg", "fear.png")
    for row, name in enumerate(given.names[:3]):
        face = analyse(photos.read(photos.names.index(name)), loaded()).faces[0]
        for model, answer in enumerate(face.predictions):
            expected = [answer.probabilities[label] for label in given.classes]
            assert given.probabilities[model, row] == pytest.approx(expected, abs=1e-6)


def test_a_photo_without_a_face_is_wrong_and_not_dropped(report):
    house = report.scores[0]
    assert (house.count, house.found) == (4, 3)
    assert house.confusion.sum() == 4
    assert house.confusion[SEVEN.index("fear"), -1] == 1
    assert house.recall["fear"] == 0
    assert house.accuracy == pytest.approx(np.trace(house.confusion[:, :-1]) / 4)
    assert report.comparison.found.tolist() == [True, True, True, False]


def test_everything_odd_is_told_and_the_rest_goes_on(report):
    told = "\n".join(report.comparison.notes)
    assert "'group.jpg' names no expression" in told
    assert "'angry.jpg' was left out. This file is not an image" in told
    assert "No face was found in 'fear.png': counted as not found, and as wrong for every model." in told
    assert "More than one face was found in 'sad_both.jpg': the largest was read." in told


@pytest.mark.parametrize("already_face", [False, True])
def test_a_broken_network_ends_the_run_and_is_not_the_photos_fault(photos, hopper, tmp_path, already_face):
    if already_face:
        photos = testsets.LabelledSet("", ("a.png",), np.zeros(1, np.int64), SEVEN, lambda _: hopper, already_face=True)
    broken = onnx_runtime.from_folder(write_broken_network(tmp_path / "ill"))
    with pytest.raises(PredictorError, match="ill answered with something that is no number"):
        run_to_end(ComparisonRun(photos, [broken]))


def test_whole_photos_are_read_as_face_crops(photos, report):
    photo = analyse(photos.read(0), loaded(), already_face=True).faces[0]
    expected = [photo.predictions[1].probabilities[label] for label in SEVEN]
    assert report.comparison.whole[1, 0] == pytest.approx(expected, abs=1e-6)
    assert report.comparison.whole.shape == (2, 4, 7)
    assert report.scores[0].whole.count == 4
    assert run_to_end(ComparisonRun(photos, loaded("house"), whole=False)).whole is None


def test_conditions_are_known_where_a_face_is(report):
    sizes = report.comparison.conditions["size"]
    assert np.isfinite(sizes[:3]).all()
    assert np.isnan(sizes[3])
    counted = {g.condition: 0 for g in report.groups}
    for group in report.groups:
        counted[group.condition] += group.count
    assert counted["size"] == counted["brightness"] == counted["sharpness"] == 3


def test_a_stopped_run_has_its_report(photos):
    run = ComparisonRun(photos, loaded("house"))
    run.step()
    run.step()
    given = run.result()
    assert not run.finished
    assert 1 <= len(given) <= 2  # one of the five cannot be read
    assert given.title.endswith(": 2 of 5, stopped")
    assert any("Stopped after 2 of 5" in note for note in given.notes)


def test_photos_are_taken_in_random_order_and_reported_in_theirs(photos):
    run = ComparisonRun(photos, loaded("house"))
    assert run._order != sorted(run._order)
    given = run_to_end(run)
    assert list(given.names) == [name for name in photos.names if name in given.names]


def test_nothing_read_is_said_in_a_sentence():
    given = testsets.labelled(testsets.from_files([("happy.jpg", b"x"), ("sad.jpg", b"y")]), "")
    with pytest.raises(DatasetError, match=r"None of the 2 photos could be read\. 'happy.jpg' was left out"):
        run_to_end(ComparisonRun(given, loaded("house")))


def test_only_photos_without_a_face():
    given = testsets.labelled(testsets.from_files([("happy.png", NO_FACE)]), "")
    report = scores.report(run_to_end(ComparisonRun(given, loaded())))
    assert (report.scores[0].accuracy, report.scores[0].ece, report.scores[0].curve) == (0, None, [])
    assert scores.failures(report.comparison) == [0]
    assert comparison.html(report, pictures=True).count("no face found") > 0


def test_figures_of_a_split_are_those_of_evaluate(fer):
    report = scores.report(run_to_end(ComparisonRun(testsets.from_split(open_dataset(fer), "private_test"), loaded())))
    examples = scored_images.examples(open_dataset(fer), "private_test")
    for predictor, own in zip(loaded(), report.scores, strict=True):
        plain = scoring.answer(predictor, examples, data="", split="private_test").evaluation
        assert 0 < plain.accuracy < 1
        for name in ("accuracy", "balanced_accuracy", "macro_f1", "ece"):
            assert getattr(own, name) == pytest.approx(getattr(plain, name), abs=1e-12), name
        assert own.recall == plain.recall
        assert own.intervals == plain.intervals
    assert report.comparison.whole is None
    assert report.comparison.detector == "none"


def test_a_folder_of_photos_is_searched_for_faces(tmp_path, hopper):
    for label, picture in (("neutral", jpeg(hopper)), ("sad", NO_FACE)):
        (tmp_path / "set" / label).mkdir(parents=True)
        (tmp_path / "set" / label / "1.jpg").write_bytes(picture)
    given = testsets.from_split(open_dataset(tmp_path / "set"), "all", already_face=False)
    found = run_to_end(ComparisonRun(given, loaded("house")))
    assert [found.classes[target] for target in found.targets] == ["neutral", "sad"]
    assert found.found.tolist() == [True, False]
    assert found.detector == "haar"


def test_mcnemar_counts_the_photos_of_the_tables(report):
    right = scores.right(report.comparison)
    test = report.pairs[0].test
    assert (test.only_first, test.only_second) == ((right[0] & ~right[1]).sum(), (right[1] & ~right[0]).sum())
    said = scores.answers(report.comparison)
    assert set(scores.disagreements(report.comparison)) == set(np.flatnonzero(said[0] != said[1]).tolist())
    assert set(scores.failures(report.comparison)) == set(np.flatnonzero(~right.any(axis=0)).tolist())


def test_unsure_gains_what_the_curve_says(fer):
    given = run_to_end(ComparisonRun(testsets.from_split(open_dataset(fer), "private_test"), loaded("house")))
    own = scores.scores(given, 0)
    confidence = given.probabilities[0].max(axis=1)
    inside = confidence >= own.threshold
    assert 0 < inside.mean() < 1
    assert own.answered == pytest.approx(inside.mean())
    assert own.answered_accuracy == pytest.approx(
        (given.probabilities[0].argmax(axis=1) == given.targets)[inside].mean()
    )


def test_csv_cells_are_harmless_and_complete(photos):
    evil = testsets.LabelledSet("", ("=1+1.jpg", *photos.names[1:]), photos.targets, photos.classes, photos.read)
    report = scores.report(run_to_end(ComparisonRun(evil, loaded())))
    rows = list(csv.DictReader(io.StringIO(to_csv(tables.photos(report)))))
    assert rows[0]["photo"] == "'=1+1.jpg"
    assert [row["label"] for row in rows] == ["happy", "neutral", "sad", "fear"]
    assert rows[3]["house: answer"] == "no face found"
    assert sum(float(rows[0][f"other: {label}"]) for label in SEVEN) == pytest.approx(1, abs=1e-5)
    figures = list(csv.DictReader(io.StringIO(to_csv(tables.figures(report)))))
    found = {(row["model"], row["figure"], row["of"]): row["value"] for row in figures}
    assert float(found["house", "accuracy", ""]) == pytest.approx(report.scores[0].accuracy)
    assert found["house", "recall", "disgust"] == ""


def test_html_loads_nothing_and_escapes_names(photos):
    evil = "<img src=x onerror=alert(1)>.jpg"
    given = testsets.LabelledSet("</script><b>", (evil, *photos.names[1:]), photos.targets, photos.classes, photos.read)
    report = scores.report(run_to_end(ComparisonRun(given, loaded())))
    text = comparison.html(report, pictures=True)
    assert text.count("default-src 'none'") == 1
    assert evil not in text
    assert "&lt;img src=x onerror=alert(1)&gt;.jpg" in text
    assert "</script><b>" not in text
    own = text[: text.index("<script>")] + text[text.index("<body>") :]
    assert "http://" not in own.replace("http://www.w3.org", "")
    assert 'src="http' not in text
    assert "data:image/jpeg" in text
    assert "data:image/jpeg" not in comparison.html(report)
    assert all(name in text for name in ("right when sure", "macro F1", "calibration error (ECE)", "ms per face"))


def test_robustness_at_step_zero_is_the_clean_accuracy_and_stops_midway(fer):
    chosen = testsets.from_split(open_dataset(fer), "private_test")
    pictures = [chosen.read(row) for row in range(len(chosen))]
    faces = Faces("", pictures, [None] * len(chosen), chosen.targets, chosen.classes)
    sweep = Sweep(faces, loaded("house"), ["darkness", "blur"])
    while not sweep.finished:
        sweep.step()
    curves = sweep.result()
    given = run_to_end(ComparisonRun(chosen, loaded("house")))
    clean = scores.scores(given, 0).accuracy
    assert [curves.share("house", name)[0][0] for name in curves.corruptions] == [clean, clean]
    dark = [value for value, _, _ in curves.share("house", "darkness")]
    assert len(dark) == 6
    assert dark[5] < dark[0]  # this network reads brightness
    assert curves.share("house", "blur")[5][0] == clean  # even pictures stay what they are
    half = Sweep(faces, loaded("house"), ["darkness", "blur"])
    for _ in range(5):  # two batches a step: clean, step 1 and half of step 2
        half.step()
    assert [len(half.result().share("house", name)) for name in ("darkness", "blur")] == [2, 1]
    assert len(curves.rows()) == 2
