"""The Datasets page as Streamlit runs it, and once in a real browser."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from contrast import LOW_CONTRAST
from faulty_data import write_faulty
from paths import ROOT
from streamlit.testing.v1 import AppTest

from benchmarks.screenshots import CHROMIUM, FLAGS, serving, settle
from fer_core.datasets import catalogue, open_dataset
from fer_core.datasets.store import recent_paths

TIMEOUT = 180
MILLISECONDS = 180_000
SECTIONS = ("Counts", "Images", "Averages", "Light and sharpness", "Votes", "Map", "Augmentation", "Audit", "Subset")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A cache folder and a network of its own."""
    from tiny_networks import write_network

    write_network(tmp_path / "models" / "house")
    values = {
        "FER_CACHE": str(tmp_path / "cache"),
        "FER_MODELS": str(tmp_path / "models"),
        "FER_YUNET": str(tmp_path / "none.onnx"),
        "FER_PUBLIC": "0",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def folder(tmp_path):
    return write_faulty(tmp_path / "faulty")


@pytest.fixture
def page(environment):  # noqa: ARG001
    return opened()


def opened(tab=None):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    app.switch_page("pages/4_Datasets.py")
    if tab:
        app.session_state["datasets"] = tab
    return app.run()


@pytest.fixture
def local(environment):  # noqa: ARG001
    return opened("Your data")


def widget(app, kind, name):
    return next(one for one in getattr(app, kind) if one.key and f"{one.key}:".startswith(f"{name}:"))


def look_at(app, path):
    return widget(app, "text_input", "dataset_path").set_value(str(path)).run()


def view(app, name):
    app = widget(app, "segmented_control", "section").set_value(name).run()
    assert not app.exception
    return app


def said(app):
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def test_it_is_useful_with_nothing_local(page):
    assert not page.exception
    told = said(page)
    for entry in catalogue.entries():
        assert f"#### {entry.title.replace('_', chr(92) + '_').replace('+', chr(92) + '+').replace('-', '-')}" in told
        assert entry.link in told
    assert "Misprints" in said(page)
    assert not page.text_input


def test_it_asks_for_a_path_and_says_what_it_takes(local):
    assert "fer2013.csv" in local.info[0].value
    assert "leaves this computer" in local.info[0].value


def test_in_public_there_is_no_path_field(environment, monkeypatch):  # noqa: ARG001
    monkeypatch.setenv("FER_PUBLIC", "1")
    app = opened("Your data")
    assert not app.exception
    assert not app.text_input
    assert "on your own computer" in app.info[0].value


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "There is nothing at"),
        ("empty", "holds no image"),
        ("other.csv", "other.csv"),
        ("evil.zip", "../"),
    ],
)
def test_what_is_no_dataset_is_a_sentence(local, tmp_path, name, sentence):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../happy/escaped.png", b"x")
    app = look_at(local, tmp_path / name)
    assert not app.exception
    assert len(app.error) == 1
    assert sentence in app.error[0].value.replace("\\", "")
    assert recent_paths.read() == []


def test_a_path_is_opened_counted_and_remembered(local, folder):
    app = look_at(local, folder)
    dataset = open_dataset(folder)
    assert f"{len(dataset):,} images of 2 classes" in said(app)
    table = app.dataframe[0].value
    assert table.loc["train", "happy"] == dataset.counts()["train"]["happy"]
    assert recent_paths.read() == [str(folder)]
    again = opened("Your data")
    assert widget(again, "text_input", "dataset_path").value == str(folder)
    assert f"{len(dataset):,} images" in said(again)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_view_paints_without_a_trace(local, folder, name):
    app = view(look_at(local, folder), name)
    assert not app.error


def test_the_audit_shows_findings_as_counts_pictures_and_csv(local, folder):
    app = view(look_at(local, folder), "Audit")
    app = widget(app, "button", "audit").click().run()
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Groups of exact copies"] == "3"
    tests = open_dataset(folder).counts()["test"]
    assert shown["test also in train"] == f"1 of {sum(tests.values())}"
    assert "exact copies that carry different labels" in said(app)  # the page opens on these
    app = widget(app, "pills", "finding").set_value("leaks").run()
    assert "training images of which a test or validation split holds an exact copy" in said(app)
    training = sum(open_dataset(folder).counts()["train"].values())
    assert f"of {training} training images" in said(app)
    app = widget(app, "pills", "finding").set_value("dark").run()
    assert "brightness below 30" in said(app)
    assert any("dark.png" in caption.value.replace("\\", "") for caption in app.caption)
    labels = [button.label for button in app.get("download_button")]
    assert {"Download CSV", "Download exclusion file"} <= set(labels)


def test_suspects_come_from_a_file_of_probabilities(local, folder, tmp_path):
    app = view(look_at(local, folder), "Audit")
    app = widget(app, "button", "audit").click().run()
    dataset = open_dataset(folder)
    lines = [f"{row},{1 - label},{label}" for row, label in enumerate(dataset.labels.tolist())]
    lines[0] = f"0,{dataset.labels[0]},{1 - dataset.labels[0]}"
    path = tmp_path / "probabilities.csv"
    path.write_text("\n".join(["row,happy,sad", *lines]), encoding="utf-8")
    app = widget(app, "text_input", "probabilities").set_value(str(path)).run()
    app = widget(app, "button", "suspects").click().run()
    assert not app.exception
    options = widget(app, "pills", "finding").options
    assert any("Label suspects 1" in str(option) for option in options)


def test_a_subset_shows_its_balance_and_its_section(local, folder):
    app = view(look_at(local, folder), "Subset")
    app = widget(app, "pills", "kept").set_value(["happy"]).run()
    app = widget(app, "toggle", "capped").set_value(True).run()
    app = widget(app, "number_input", "cap").set_value(3).run()
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["Training images"] == "3"
    assert 'classes = ["happy"]\ncap = 3' in app.code[0].value
    app = widget(app, "selectbox", "base").set_value("house").run()
    assert 'name = "subset"' in app.code[0].value


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser(environment, folder, scheme):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    expect = playwright.expect
    expect.set_options(timeout=MILLISECONDS)
    with serving(**environment) as address, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{address}/Datasets")
        expect(page.get_by_role("heading", name="Misprints")).to_be_visible()
        settle(page)
        seen = page.evaluate(LOW_CONTRAST)
        assert (seen["read"] > 30, seen["low"]) == (True, {})
        page.get_by_role("tab", name="Your data").click()
        field = page.get_by_label("Path of a dataset on this computer")
        field.fill(str(folder))
        field.press("Enter")
        expect(page.get_by_text("images of 2 classes")).to_be_visible()
        page.get_by_role("radio", name="Images").click()
        expect(page.get_by_alt_text("train/happy/dark.png, happy")).to_be_visible()
        page.get_by_role("radio", name="Audit").click()
        page.get_by_role("button", name="Look at every image").click()
        expect(page.get_by_text("Groups of exact copies")).to_be_visible()
        settle(page)
        seen = page.evaluate(LOW_CONTRAST)
        assert (seen["read"] > 30, seen["low"]) == (True, {})
        browser.close()
