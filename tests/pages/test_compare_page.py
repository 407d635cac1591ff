"""The Compare page, run by Streamlit itself: from uploads to a report, and what is wrong in sentences."""

import io
import json
import os
import subprocess
import sys
import zipfile

import cv2
import numpy as np
import pytest
import streamlit as st
from brightness import write_fer2013, write_network
from paths import ROOT
from streamlit.testing.v1 import AppTest

from fer_core.datasets.store import recent_paths
from fer_core.labels import SEVEN
from ui.compare.sources import READY

PAGE = "pages/3_Compare.py"
TABS = ("Confusion", "Recall", "Confidence", "Kinds of faces", "Whole photo", "Pictures", "Robustness", "Download")
NO_FACE = cv2.imencode(".png", np.full((120, 160, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    write_network(tmp_path / "models" / "house", calibration={"threshold": 0.0})
    write_network(tmp_path / "models" / "other", classes=SEVEN[::-1], calibration={"threshold": 0.3})
    for name, value in {
        "FER_MODELS": "models",
        "FER_YUNET": "none.onnx",
        "DEEPFACE_HOME": ".",
        "FER_TESTSETS": "sets",
        "FER_CACHE": "cache",
    }.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.delenv("FER_PUBLIC", raising=False)


def opened():
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).switch_page(PAGE).run()


def widget(app, kind, name):
    return next(one for one in getattr(app, kind) if (one.key or "").startswith(f"{name}:"))


def said(app):
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def choose(app, *names):
    return app.pills(key="compared").set_value(list(names)).run()


def give(app, *files):
    for name, data in files:
        widget(app, "file_uploader", "testset").upload(name, data)
    return app.run()


def sample(name):
    return (ROOT / "samples" / name).read_bytes()


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_png", ".png").replace("_jpg", ".jpg"), data)
    return stream.getvalue()


@pytest.fixture
def report():
    """The report of three photos given in all ways, with a copy, a stranger in the CSV, and no face in one."""
    app = opened()
    give(
        app,
        ("Anna_happy.jpg", sample("astronaut.jpg")),
        ("copy.jpg", sample("astronaut.jpg")),
        ("set.zip", zipped(neutral__hopper_jpg=sample("grace_hopper.jpg"), sad__wall_png=NO_FACE)),
        ("labels.csv", b"file,label\nnowhere.jpg,sad\n"),
        ("broken.zip", b"PK nothing"),
    )
    choose(app, "house", "other")
    return press(app, "Compare")


def test_the_empty_page_says_what_to_give():
    app = opened()
    assert not app.exception
    assert "Drop labelled photos above" in said(app)
    assert not any(button.label == "Compare" for button in app.button)


def test_photos_zip_and_csv_give_a_report_and_faults_a_sentence_each(report):
    assert not report.exception
    assert [heading.value for heading in report.header] == ["3 labelled photos"]
    told = said(report)
    for sentence in (
        "'copy.jpg' is an exact copy of 'Anna\\_happy.jpg' and was left out.",
        "names 'nowhere.jpg', which is not among the photos given.",
        "'broken.zip' was left out.",
        "No face was found in 'sad/wall.png'",
        "Only 3 photos",
    ):
        assert sentence in told
    table = report.table[0].value
    assert list(table["model"]) == [r"Brightness \(house\)", r"Brightness \(other\)"]
    assert list(table["no face"]) == ["1 of 3", "1 of 3"]


def test_models_that_answer_alike_have_no_chart_of_differences(report):
    assert "no difference to show" not in said(report)
    next(box for box in report.selectbox if box.label == "Second").set_value("house").run()
    assert "no difference to show" in said(report)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_without_a_trace(report, tab):
    report.session_state["compare_tabs"] = tab
    report.run()
    assert not report.exception
    assert not report.error


def test_robustness_is_measured_when_asked(report):
    report.session_state["compare_tabs"] = "Robustness"
    press(report.run(), "Measure")
    assert not report.exception
    assert "2 faces. Each face was found on the clean photo" in said(report)
    assert len(report.dataframe[-1].value) == 2 * 8


def test_a_change_is_told_beside_the_old_report(report):
    choose(report, "house")
    assert "have changed since this report" in said(report)
    press(report, "Compare")
    assert "have changed since this report" not in said(report)
    assert list(report.table[0].value["model"]) == ["Brightness"]


def test_forget_all_forgets(report):
    press(report, "Forget all")
    assert not report.header
    assert "Drop labelled photos above" in said(report)


def test_a_set_is_kept_only_when_asked(report, tmp_path):
    report.session_state["compare_tabs"] = "Download"
    report.run()
    assert not (tmp_path / "sets").exists()
    widget(report, "text_input", "keep_name").set_value("ours").run()
    press(report, "Keep this test set")
    assert sorted(path.parent.name for path in (tmp_path / "sets").rglob("*.*")) == ["happy", "neutral", "sad"]


def test_the_samples_need_no_file():
    app = opened()
    next(one for one in app.segmented_control if one.label == "Test set").set_value("Samples").run()
    press(choose(app, "house"), "Compare")
    assert [heading.value for heading in app.header] == ["Samples"]


def test_a_local_split_is_compared_without_a_detector(tmp_path):
    write_fer2013(tmp_path / "fer", [(number % 7, number % 7 * 40, "PrivateTest") for number in range(21)])
    app = opened()
    next(one for one in app.segmented_control if one.label == "Test set").set_value("A dataset on this computer").run()
    widget(app, "text_input", "path").set_value(str(tmp_path / "nothing")).run()
    assert "There is nothing at" in said(app)
    widget(app, "text_input", "path").set_value(str(tmp_path / "fer")).run()
    press(choose(app, "house"), "Compare")
    assert not app.exception
    assert "100.0 % (84.5 to 100.0)" in list(app.table[0].value["accuracy"])


def pick(app, way):
    return next(one for one in app.segmented_control if one.label == "Test set").set_value(way).run()


@pytest.fixture
def measured(tmp_path):
    """A FER2013 of 21 images in which everything is labelled happy, and the house network's figures on it."""
    st.cache_resource.clear()  # no dataset of another test is open
    write_fer2013(tmp_path / "fer", [(3, number % 7 * 40, "PrivateTest") for number in range(21)])
    done = subprocess.run(
        [sys.executable, "-m", "fer_core", "evaluate", "--data", str(tmp_path / "fer"), "--format", "json"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    path = tmp_path / "models" / "house" / "metrics.json"
    kept = json.loads(path.read_text(encoding="utf-8")) | {"evaluations": [json.loads(done.stdout)]}
    path.write_text(json.dumps(kept | {"evaluations": [kept["evaluations"][0] | {"data": "fer2013"}]}), "utf-8")
    return tmp_path / "fer"


def test_matrices_of_our_networks_stand_there_without_a_run(measured):
    app = pick(opened(), READY)
    assert not app.exception
    assert "14 % of 21 images right" in said(app)
    assert len(app.get("plotly_chart")) == 1
    assert "To see these images" in said(app)
    assert app.selectbox(key="ready_cell").options[0] == "happy, read as angry: 3"
    assert not any(button.label == "Compare" for button in app.button)
    del measured


def test_the_images_behind_a_cell_are_those_that_the_matrix_counts(measured):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).switch_page("pages/4_Datasets.py")
    app.session_state["datasets"] = "Your data"
    widget(app.run(), "text_input", "dataset_path").set_value(str(measured)).run()
    app = pick(app.switch_page(PAGE).run(), READY)
    app.selectbox(key="ready_cell").set_value(("happy", "sad")).run()
    app.button(key="ready_show").click().run()
    assert not app.exception
    assert sum("happy, row" in caption.value for caption in app.caption) == 3
    assert not any("This copy of FER2013 gives" in warning.value for warning in app.warning)


def test_the_dataset_opened_on_the_datasets_page_is_offered(measured):
    recent_paths.add(str(measured))
    app = pick(opened(), "A dataset on this computer")
    assert widget(app, "text_input", "path").value == str(measured)
    assert app.query_params["path"] == str(measured)
    press(choose(app, "house"), "Compare")
    assert not app.exception


def test_a_link_opens_only_a_dataset_that_was_opened_here_before(measured):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).switch_page(PAGE)
    app.query_params["from"] = "A dataset on this computer"
    app.query_params["path"] = str(measured)
    assert widget(app.run(), "text_input", "path").value == ""
    assert "It was never opened on this computer" in said(app)


def test_strangers_see_no_path_and_keep_nothing(monkeypatch):
    monkeypatch.setenv("FER_PUBLIC", "1")
    app = opened()
    ways = next(one for one in app.segmented_control if one.label == "Test set").options
    assert ways == ["Your photos", "Samples", READY]
    give(app, ("happy.jpg", sample("astronaut.jpg")))
    press(choose(app, "house"), "Compare")
    app.session_state["compare_tabs"] = "Download"
    app.run()
    assert not app.text_input
    assert "Keep this test set" not in said(app)
