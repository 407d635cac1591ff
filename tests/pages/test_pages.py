"""What people see on every page, and on Home, run by Streamlit itself without a browser."""

import subprocess
import sys
from pathlib import Path

import pytest
from brightness import write_network
from opened_page import opened, said, texts
from paths import ROOT

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
    names = table["name in commands"]
    assert sorted(names) == sorted(f"`{name}`" for name in predictors.names() if ":" not in name)
    known = [float(cell.split()[0]) for cell in table["accuracy"] if "%" in cell]
    assert names.iloc[0] == "`house`"
    assert known[1:] == sorted(known[1:], reverse=True)
    assert dict(zip(names, table["accuracy"], strict=True))["`deepface`"] == "57.4 %"
    assert dict(zip(names, table["runs here"], strict=True))["`house`"] == "yes"
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
