import json
from typing import get_args

import numpy as np
import pytest
from brightness import STEP, write_fer2013, write_network

from fer_core import predictors
from fer_core.datasets import open_dataset
from fer_core.datasets.votes import top_votes
from fer_core.errors import DatasetError
from fer_core.evaluation import metrics, scored_images, scoring
from fer_core.labels import EIGHT, SEVEN
from fer_core.photos import faces
from fer_core.photos.analysis import analyse
from fer_core.predictors.calibration import apply_temperature

CALIBRATION = {"split": "public_test", "temperature": 2.5, "threshold": 0.5, "coverage": 0.9}
#        neutral happy surprise sad anger disgust fear contempt unknown NF
VOTES = {
    "angry": (1, 0, 0, 2, 7, 0, 0, 0, 0, 0),
    "neutral": (6, 0, 0, 4, 0, 0, 0, 0, 0, 0),
    "contempt": (4, 0, 0, 0, 0, 0, 0, 6, 0, 0),
    "two on top": (5, 5, 0, 0, 0, 0, 0, 0, 0, 0),
    "unknown on top": (3, 0, 0, 0, 0, 0, 0, 0, 7, 0),
    "unknown shares the top": (5, 0, 0, 0, 0, 0, 0, 0, 5, 0),
    "no face on top": (0, 1, 0, 0, 0, 0, 0, 0, 0, 9),
    "no face shares the top": (0, 5, 0, 0, 0, 0, 0, 0, 0, 5),
    "nobody voted": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))


@pytest.fixture
def network(tmp_path):
    def make(**settings):
        folder = write_network(tmp_path / "models" / "house", **{"calibration": CALIBRATION} | settings)
        return predictors.load(folder.name)

    return make


def data_of(tmp_path, rows, votes=None):
    return open_dataset(write_fer2013(tmp_path / "data", rows, votes))


def run(predictor, data, labels="fer2013", **settings):
    given = scored_images.examples(data, "private_test", labels)
    return scoring.answer(predictor, given, data="made", split="private_test", **settings).evaluation


class TestTopVotes:
    @pytest.mark.parametrize("label", ["angry", "neutral", "contempt"])
    def test_most_votes_win(self, label):
        assert top_votes(np.array([VOTES[label]])).tolist() == [EIGHT.index(label)]

    @pytest.mark.parametrize("case", [name for name in VOTES if name not in EIGHT])
    def test_no_clear_expression_is_left_out(self, case):
        assert top_votes(np.array([VOTES[case]])).tolist() == [-1]

    def test_a_tie_below_the_top_does_not_matter(self):
        assert top_votes(np.array([(4, 2, 2, 0, 0, 0, 0, 0, 2, 0)])).tolist() == [EIGHT.index("neutral")]


class TestExamples:
    def test_a_split_in_file_order(self, tmp_path):
        data = data_of(tmp_path, [(0, 10, "Training"), (3, 20, "PrivateTest"), (1, 30, "PrivateTest")])

        given = scored_images.examples(data, "private_test")

        assert given.targets.tolist() == [3, 1]
        assert given.dataset.pixels[:, 0, 0].tolist() == [20, 30]
        assert given.classes == SEVEN

    def test_limit_counts_images_that_have_a_label(self, tmp_path):
        rows = [(0, brightness, "PrivateTest") for brightness in range(4)]
        votes = [VOTES["two on top"], VOTES["angry"], VOTES["neutral"], VOTES["contempt"]]

        given = scored_images.examples(data_of(tmp_path, rows, votes), "private_test", "ferplus", limit=2)

        drawn = given.dataset.pixels[:, 0, 0].tolist()
        assert (len(drawn), 0 in drawn) == (2, False)
        assert [given.classes[target] for target in given.targets] == [
            {1: "angry", 2: "neutral", 3: "contempt"}[shade] for shade in drawn
        ]
        again = scored_images.examples(given.dataset, "private_test", limit=2)
        assert again.dataset.pixels[:, 0, 0].tolist() == drawn

    def test_votes_that_are_not_there(self, tmp_path):
        with pytest.raises(DatasetError, match=r"fer2013new\.csv"):
            scored_images.examples(data_of(tmp_path, [(0, 0, "PrivateTest")]), "private_test", "ferplus")

    def test_nothing_left(self, tmp_path):
        data = data_of(tmp_path, [(0, 0, "PrivateTest")], [VOTES["two on top"]])

        with pytest.raises(DatasetError, match=r"No image .* majority"):
            scored_images.examples(data, "private_test", "ferplus")


class TestEvaluate:
    def test_right_and_wrong_answers_are_counted(self, tmp_path, network):
        brightness = [0, STEP, STEP, 3 * STEP]  # read as angry, disgust, disgust, happy
        rows = [(emotion, value, "PrivateTest") for emotion, value in zip([0, 1, 2, 3], brightness, strict=True)]

        result = run(network(), data_of(tmp_path, rows))

        assert (result.n, result.accuracy, result.head, result.tta) == (4, 0.75, "classes", None)
        assert result.recall == {
            "angry": 1, "disgust": 1, "fear": 0, "happy": 1, "sad": None, "surprise": None, "neutral": None,
        }  # fmt: skip
        assert result.balanced_accuracy == 0.75
        assert np.array(result.confusion)[2, 1] == 1

    def test_ece_is_of_the_calibrated_confidence(self, tmp_path, network):
        rows = [(emotion, 20 + 17 * emotion, "PrivateTest") for emotion in range(7)]
        predictor, data = network(), data_of(tmp_path, rows)
        plain = predictor.predict(scoring.crops(data.pixels, predictor))

        result = run(predictor, data)

        assert result.ece == pytest.approx(metrics.ece(apply_temperature(plain, 2.5), data.labels))
        assert result.ece != pytest.approx(metrics.ece(plain, data.labels), abs=1e-3)

    def test_flip_averages_both_views(self, network):
        predictor = network(size=48)
        image = np.zeros((1, 48, 48), np.uint8)
        image[:, :, :24] = 80

        def left_pixel(crops):
            return crops[:, 0, 0, :].astype(np.float32)

        assert scoring.read(left_pixel, predictor, image).tolist() == [[80]]
        assert scoring.read(left_pixel, predictor, image, "flip").tolist() == [[40]]

    def test_the_result_says_how_the_images_were_viewed(self, tmp_path, network):
        assert run(network(), data_of(tmp_path, [(0, 0, "PrivateTest")]), tta="flip").tta == "flip"

    def test_seven_classes_under_crowd_labels_never_answer_contempt(self, tmp_path, network):
        rows = [(0, 0, "PrivateTest"), (0, 6 * STEP, "PrivateTest")]
        data = data_of(tmp_path, rows, [VOTES["angry"], VOTES["contempt"]])

        result = run(network(), data, "ferplus")

        assert result.head == "classes"
        assert (result.recall["angry"], result.recall["contempt"]) == (1, 0)
        assert list(result.recall) == list(EIGHT)
        assert np.array(result.confusion)[:, EIGHT.index("contempt")].sum() == 0

    def test_a_crowd_head_answers_under_crowd_labels_only(self, tmp_path, network):
        predictor = network(crowd=True, crowd_offset=-STEP)  # the crowd head sees contempt at 6 steps
        data = data_of(tmp_path, [(6, 6 * STEP, "PrivateTest")], [VOTES["contempt"]])

        crowd, own = run(predictor, data, "ferplus"), run(predictor, data)

        assert (crowd.head, crowd.recall["contempt"]) == ("crowd", 1)
        assert (own.head, own.recall["neutral"]) == ("classes", 1)

    def test_more_images_than_a_batch(self, tmp_path, network, monkeypatch):
        monkeypatch.setattr(scoring, "BATCH", 4)
        rows = [(value % 7, value % 7 * STEP, "PrivateTest") for value in range(11)]

        assert run(network(), data_of(tmp_path, rows)).accuracy == 1

    def test_images_take_the_way_of_a_face_crop_in_serving(self, network):
        predictor = network(size=24)
        images = np.random.default_rng(5).integers(0, 256, (6, 48, 48), np.uint8)

        plain = scoring.read(predictor.predict, predictor, images)
        served = [analyse(np.dstack([image] * 3), [predictor], already_face=True) for image in images]

        expected = [list(result.faces[0].predictions[0].probabilities.values()) for result in served]
        assert apply_temperature(plain, 2.5) == pytest.approx(np.array(expected), abs=1e-6)
        assert np.array_equal(scoring.crops(images, predictor)[3], served[3].faces[0].predictions[0].crop)

    def test_a_crop_of_its_own_size_comes_through_untouched(self):
        image = np.random.default_rng(5).integers(0, 256, (48, 48), np.uint8)
        photo = np.dstack([image] * 3)

        assert np.array_equal(faces.crop(photo, [faces.whole(photo)], 48, 1)[0, :, :, 0], image)

    def test_the_registry_quotes_what_was_measured_without_augmentation(self, tmp_path, network):
        predictor = network()
        data = data_of(tmp_path, [(0, 0, "PrivateTest"), (1, 0, "PrivateTest")])
        flipped = {**run(predictor, data, tta="flip").to_json(), "accuracy": 0.99}
        measured = {"calibration": CALIBRATION, "evaluations": [flipped, run(predictor, data).to_json()]}
        (tmp_path / "models" / "house" / "metrics.json").write_text(json.dumps(measured), encoding="utf-8")

        assert predictors.info("house").accuracy == 0.5


class TestViews:
    def test_none_is_the_image_itself(self):
        images = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)

        assert [np.array_equal(view(images), images) for view in scoring.TTA["none"]] == [True]

    def test_flip_mirrors_left_and_right(self):
        images = np.array([[[1, 2], [3, 4]]], np.uint8)

        assert [view(images).tolist() for view in scoring.TTA["flip"]] == [[[[1, 2], [3, 4]]], [[[2, 1], [4, 3]]]]

    def test_flip_crops_are_the_image_and_five_windows_each_also_mirrored(self):
        images = np.arange(24 * 24, dtype=np.uint16).reshape(1, 24, 24)

        views = [view(images) for view in scoring.TTA["flip_crops"]]

        assert [view.shape[1:] for view in views] == [(24, 24), *[(22, 22)] * 5] * 2
        assert [int(view[0, 0, 0]) for view in views[1:6]] == [0, 2, 48, 50, 25]
        assert all(
            np.array_equal(view[:, :, ::-1], mirrored) for view, mirrored in zip(views[:6], views[6:], strict=True)
        )


class TestAlign:
    def test_columns_go_by_name(self):
        aligned = scoring.align([[0.7, 0.2, 0.1]], ("happy", "sad", "angry"), ("angry", "happy", "sad"))

        assert aligned[0] == pytest.approx([0.1, 0.7, 0.2])

    def test_an_unknown_class_gets_nothing(self):
        assert scoring.align([[0.4, 0.6]], ("sad", "happy"), ("sad", "contempt", "happy"))[0].tolist() == [
            0.4,
            0,
            0.6,
        ]

    def test_an_unwanted_class_is_dropped_and_the_rest_renormalised(self):
        aligned = scoring.align([[0.3, 0.2, 0.5], [0, 0, 1]], ("sad", "happy", "contempt"), ("sad", "happy"))

        assert aligned == pytest.approx(np.array([[0.6, 0.4], [0.5, 0.5]]))


def test_the_command_line_offers_what_there_is():
    from fer_core.cli.evaluate import Labels, Split, Views

    assert get_args(Split) == scored_images.SPLITS
    assert (get_args(Labels), get_args(Views)) == (tuple(scored_images.SCHEMES), tuple(scoring.TTA))
