"""The tab of a batch on the Results page."""

import shutil

import pytest
from batches import picture
from brightness import write_network
from paths import ROOT, SAMPLES
from streamlit.testing.v1 import AppTest

from fer_core.batch.run import Request, run

TIMEOUT = 120


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A finished batch: a face, four pictures without a face, a broken one."""
    for name in ("FER_MODELS", "FER_CACHE", "FER_RUNS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "none.onnx"))
    monkeypatch.setenv("FER_PUBLIC", "0")
    write_network(tmp_path / "FER_MODELS" / "house")
    (tmp_path / "photos").mkdir()
    for number in range(4):
        (tmp_path / "photos" / f"{number}.png").write_bytes(picture(number))
    (tmp_path / "photos" / "broken.png").write_bytes(b"no photo")
    shutil.copy(SAMPLES / "astronaut.jpg", tmp_path / "photos")
    run(Request((str(tmp_path / "photos"),), str(tmp_path / "out")))
    return tmp_path / "out"


def opened(path=None):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    app.switch_page("pages/6_Results.py").run()
    app.session_state["results_tab"] = "Your batch"
    app.run()
    if path is not None:
        field = next(one for one in app.text_input if one.key.startswith("batch_folder"))
        field.set_value(str(path)).run()
    assert not app.exception
    return app


def test_counts_shares_and_failures(folder):
    app = opened(folder)
    assert [metric.value for metric in app.metric] == ["6", "1", "4", "1"]
    assert app.dataframe[0].value["faces"].tolist() == [1]
    failed = next(table.value for table in app.dataframe if "error" in table.value)
    assert failed["photo"].str.endswith("broken.png").tolist() == [True]


def test_sample_faces_are_cut_from_the_photos(folder):
    app = opened(folder)
    next(one for one in app.toggle if one.key.startswith("batch_samples")).set_value(True).run()
    assert not app.exception
    assert len(app.image) == 1


def test_a_folder_without_a_batch(folder):
    assert "no results" in opened(folder.parent).error[0].value
    assert "no folder" in opened(folder / "nowhere").error[0].value


@pytest.mark.usefixtures("folder")
def test_strangers_have_no_field(monkeypatch):
    monkeypatch.setenv("FER_PUBLIC", "1")
    app = opened()
    assert not app.text_input
    assert "shows no files of its own" in app.info[0].value
