"""What a visitor reads: checked as words, with everything from outside escaped."""

import base64
import re

import numpy as np
import pytest

from fer_core.photos import wording
from fer_core.photos.analysis import Analysis, FaceAnalysis, Prediction
from fer_core.photos.faces import Face
from fer_core.photos.records import failure, record, to_csv

CROP = np.full((8, 8, 1), 100, np.uint8)


@pytest.fixture(scope="module")
def answers():
    from space import answers

    return answers


def prediction(model="house", label="happy", confidence=0.8, unsure=False):
    runner_up = "sad" if label == "happy" else "happy"
    shares = {label: confidence, runner_up: 1 - confidence}
    return Prediction(model, label, confidence, unsure, runner_up, shares, CROP)


def analysis(*faces, detector="yunet"):
    photo = np.full((60, 80, 3), 90, np.uint8)
    found = tuple(FaceAnalysis(Face((10, 10, 20, 20), 0.9), predictions) for predictions in faces)
    return Analysis(photo, found, detector, {})


def text(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_each_face_has_its_number_and_a_card_a_model(answers):
    html = answers.of_photo(analysis((prediction(), prediction("second")), (prediction(),)))
    words = text(html)
    assert "2 faces. Faces are found by YuNet." in words
    assert words.index("Face 1") < words.index("Face 2")
    assert html.count("<article") == 3
    assert "happy 80 % house" in words
    assert html.count("data:image/jpeg;base64,") == 4


def test_unsure_names_both_candidates(answers):
    assert text(answers.verdict(prediction(confidence=0.4, unsure=True))) == "Unsure: happy 40 %, or sad 60 % house"


@pytest.mark.parametrize(("share", "shown"), [(0.9991, "> 99 %"), (0.996, "> 99 %"), (0.004, "< 1 %"), (0.5, "50 %")])
def test_a_share_is_written_as_on_every_surface(answers, share, shown):
    html = answers.of_photo(analysis((prediction(confidence=share),)))
    assert f"happy {shown} house" in text(html).replace("&gt;", ">").replace("&lt;", "<")
    assert "100" not in text(html)


def test_disagreement_is_said(answers):
    agreed = answers.of_photo(analysis((prediction(), prediction("second"))))
    differing = answers.of_photo(analysis((prediction(), prediction("second", "angry"))))
    assert "disagree" not in agreed
    assert "The models disagree about this face." in differing


def test_no_face_says_what_to_do(answers):
    words = text(answers.of_photo(analysis()))
    assert "No face was found" in words
    assert wording.NO_FACE_ADVICE in words


@pytest.mark.parametrize(("detector", "words"), wording.DETECTORS.items())
def test_the_detector_is_named(answers, detector, words):
    assert words in answers.of_photo(analysis((prediction(),), detector=detector))


def test_an_error_is_escaped(answers):
    assert "<script>" not in answers.of_error("<script>")


def test_a_batch_is_a_row_a_face_and_model_and_the_same_as_csv(answers):
    records = [
        record("<b>.jpg", analysis((prediction(), prediction("second", unsure=True)))),
        record("wall.png", analysis()),
        failure("broken.jpg", "This file is damaged."),
    ]
    html = answers.of_batch(records)
    assert html.count("<tr>") == 5
    assert "<b>" not in html
    assert "3 photos, 1 of them not readable" in html
    assert "no face found" in html
    assert "happy (unsure)" in text(html)
    content = base64.b64decode(re.search(r"data:text/csv;base64,([^']*)'", html).group(1)).decode("utf-8-sig")
    assert content == to_csv(records)
