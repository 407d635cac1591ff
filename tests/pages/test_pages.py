"""What people see on every page, and on Home, run by Streamlit itself without a browser."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from brightness import write_network
from opened_page import opened, said, texts
from paths import ROOT
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from fer_core import predictors
from fer_core.labels import SEVEN
from fer_core.photos.samples import SAMPLES

PAGES = sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))
PREDICT = "pages/2_Predict.py"


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


@pytest.mark.parametrize("page", [None, *PAGES])
def test_every_page_paints_without_a_trace(page):
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert len(app.title) + len(app.header) >= 1


@pytest.mark.parametrize("page", [None, *PAGES])
def test_every_page_links_to_all_that_exist(page):
    linked = {link.page for link in opened(page).sidebar.get("page_link")}
    assert linked == {"", *(Path(path).stem.split("_", 1)[1] for path in PAGES)}


def test_pages_are_thin():
    for path in (ROOT / "app.py", *(ROOT / page for page in PAGES)):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


def test_home_lists_every_model_with_its_accuracy_and_the_reason():
    app = opened()
    table = next(one.value for one in app.table if "accuracy" in one.value.columns)
    names = table["model"]
    known_names = [name for name in predictors.names() if ":" not in name]
    assert len(names) == len(known_names)
    assert all(f"- `{name}`: " in said(app) for name in known_names)
    known = [float(cell.split()[0]) for cell in table["accuracy"] if "%" in cell]
    assert names.iloc[0].startswith(f"**{predictors.info('house').title}")
    assert known[1:] == sorted(known[1:], reverse=True)
    assert dict(zip(names, table["accuracy"], strict=True))["**DeepFace**"] == "57.4 %"
    runs = dict(zip(names, ~table["what it is"].str.contains("does not run here"), strict=True))
    assert runs[names.iloc[0]]
    assert not runs["**DeepFace**"]
    assert "its weights are not here" in said(app)


def test_home_says_what_to_do_without_our_network(models):
    (models / "house" / "model.onnx").unlink()
    (warned,) = [warning.value for warning in opened().warning if "cannot run here yet" in warning.value]
    assert "`fer train`" in warned
    assert "into `models/` with `fer release`" in warned


def test_home_gives_a_source_for_every_statement():
    backgrounds = [table for table in opened().table if "source" in table.value.columns]
    assert len(backgrounds) == 4
    assert any("2.9 billion USD" in cell for table in backgrounds for cell in table.value["what is said"])
    assert all(table.value["source"].str.len().min() > 0 for table in backgrounds)


def test_home_shows_a_face_and_its_answer_at_once():
    app = opened()
    assert any(text.startswith("### ") for text in texts(app))
    assert {button.label for button in app.button} >= {*(sample.title for sample in SAMPLES), "Upload your photo"}


def test_another_example_is_one_click_away():
    app = opened()
    button = next(button for button in app.button if button.label == "Group")
    button.click().run()
    assert not app.exception
    assert app.session_state["example"] == "group.jpg"
    assert set(app.session_state["examples"]) == {"astronaut.jpg", "group.jpg"}


def test_home_says_which_expressions_each_model_finds_least(models):
    row = {"model": "x", "data": "fer2013", "labels": "fer2013", "split": "private_test", "n": 10, "accuracy": 0.5}
    row |= {"tta": None, "recall": {"happy": 0.9, "fear": 0.2, "sad": 0.4, "disgust": None}}
    (models / "house" / "metrics.json").write_text(json.dumps({"evaluations": [row]}), encoding="utf-8")
    table = next(one.value for one in opened().table if "accuracy" in one.value.columns)
    assert table["model"].iloc[0].startswith(f"**{predictors.info('house').title}")
    assert table["finds least"].iloc[0] == "fear 20 %, sad 40 %"


def test_home_shows_free_pictures_that_a_model_gets_wrong():
    app = opened()
    app.toggle(key="mistakes").set_value(True).run()
    assert not app.exception
    assert "Only the free sample pictures" in said(app)
    told = [caption.value.replace("\\", "") for caption in app.caption]
    said_wrong = [one for one in told if "Brightness (other):" in one]
    assert any("unsure" in one for one in said_wrong)  # this network is never sure enough


def test_presenter_mode_shows_the_next_sample_and_no_sidebar():
    app = opened()
    next(button for button in app.button if button.label == "Presenter mode").click().run()
    assert app.query_params["present"] == "1"
    assert not app.header
    assert "[data-testid=stSidebar]" in "".join(one.proto.body for one in app.get("html"))
    step = next(button for button in app.button if button.label == "Next")
    assert step.proto.shortcut == "right"
    step.click().run()
    assert app.session_state["example"] == SAMPLES[1].file
    next(button for button in app.button if button.label == "End").click().run()
    assert app.header[0].value == "Which expression does this face show?"


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://192.168.1.4:8501/Predict", True),
        ("http://localhost:8501/Predict", False),
        ("http://127.0.0.1:8501/", False),
        ("https://fer.example.org/Predict", False),
        ("", False),
    ],
)
def test_the_camera_says_why_it_does_not_open_on_plain_http(url, refused, monkeypatch):
    monkeypatch.setattr(ContextProxy, "url", property(lambda _: url))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).switch_page(PREDICT)
    app.session_state["camera_on"] = True
    app.run()
    assert any("through https" in warning.value for warning in app.warning) == refused
    assert bool(app.get("camera_input")) != refused


def test_strangers_learn_nothing_of_the_disk(monkeypatch, models):
    monkeypatch.setenv("FER_PUBLIC", "1")
    for page in (None, PREDICT):
        app = opened(page)
        assert str(models.parent) not in said(app)
        assert not app.text_input


PAINT = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
assert not app.exception and app.header[0].value
app.switch_page("pages/2_Predict.py").run()
assert not app.exception and app.header[0].value
print("@" + " ".join({name.partition(".")[0] for name in sys.modules}))
"""


def test_painting_the_pages_loads_no_framework():
    done = subprocess.run([sys.executable, "-c", PAINT], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].removeprefix("@").split())
    assert "streamlit" in loaded
    assert not loaded & {"tensorflow", "keras", "tf_keras", "deepface", "torch"}


ANSWER = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).switch_page("pages/2_Predict.py").run()
app.button(key="sample:astronaut.jpg").click().run()
assert not app.exception
assert any(element.value.startswith("### ") for element in app.markdown), [element.value for element in app.markdown]
assert any("| milliseconds |" in element.value for element in app.markdown)
print("@" + " ".join({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_first_answer_waits_for_no_library_of_tables():
    done = subprocess.run([sys.executable, "-c", ANSWER], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].removeprefix("@").split())
    assert "streamlit" in loaded
    assert "pandas" not in loaded


def test_a_server_that_stops_while_the_network_still_loads_is_not_aborted():
    code = f"""
from streamlit.testing.v1 import AppTest
AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=300).switch_page("pages/3_Compare.py").run().run()
"""
    environment = os.environ | {"FER_MODELS": str(ROOT / "models"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
