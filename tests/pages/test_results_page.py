"""The Results page as Streamlit runs it, and once in a real browser."""

import json
from pathlib import Path

import pytest
from brightness import write_network
from contrast import LOW_CONTRAST
from paths import ROOT
from streamlit.testing.v1 import AppTest

from benchmarks.screenshots import CHROMIUM, FLAGS, serving, settle
from fer_core.evaluation import results
from fer_core.labels import SEVEN

TIMEOUT = 120
MILLISECONDS = 120_000
CARD = "# Brightness\n\nReads how bright a face is.\n\n## Measured\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"
EVALUATION = {"model": "x", "data": "fer2013", "labels": "fer2013", "n": 10, "tta": None}
EVALUATION |= {"recall": dict.fromkeys(SEVEN, 0.5), "intervals": {"accuracy": [0.6, 0.8]}}


@pytest.fixture
def environment(tmp_path):
    folder = write_network(tmp_path / "models" / "house")
    rows = [
        EVALUATION | {"split": "private_test", "accuracy": 0.7},
        EVALUATION | {"split": "public_test", "accuracy": 0.68},
    ]
    (folder / "metrics.json").write_text(json.dumps({"evaluations": rows}), encoding="utf-8")
    (folder / "architecture.json").write_text('{"parameters": 4500}', encoding="utf-8")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return {
        "FER_MODELS": str(tmp_path / "models"),
        "FER_RUNS": str(tmp_path / "runs"),
        "FER_YUNET": str(tmp_path / "none.onnx"),
        "DEEPFACE_HOME": str(tmp_path),
        "FER_PUBLIC": "0",
    }


@pytest.fixture
def page(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    return app.switch_page("pages/6_Results.py").run()


def widget(app, kind, name):
    return next(one for one in getattr(app, kind) if (one.key or "").startswith(f"{name}:"))


def table(app):
    return app.dataframe[0].value


def on(app, tab):
    app.session_state["results_tab"] = tab
    return app.run()


def chart(app):
    (one,) = app.get("plotly_chart")
    return json.loads(one.proto.spec)


def test_one_row_per_method_sorted_by_accuracy_under_one_protocol(page):
    assert not page.exception
    shown = table(page)
    assert shown["method"].is_unique
    assert shown.iloc[0][["method", "accuracy %", "95 %", "tested on"]].tolist() == [
        "Brightness",
        70.0,
        "60.0 to 80.0",
        "private test",
    ]
    ranked = shown["accuracy %"].dropna().tolist()
    assert ranked == sorted(ranked, reverse=True)
    assert (shown["under another protocol"].str.len() > 0).tolist() == shown["accuracy %"].isna().tolist()
    page.segmented_control(key="protocol").set_value("averaged").run()
    assert "Brightness" not in set(table(page)["method"].head(3))


def test_a_method_opens_to_all_its_figures(page):
    assert len(page.dataframe) == 1
    page.selectbox(key="method").set_value("Brightness").run()
    shown = page.dataframe[1].value
    assert sorted(shown["tested on"]) == ["private test", "public test"]
    for column in ("trust", "test-time augmentation", "model chosen on", "extra data", "source"):
        assert (shown[column].str.len() > 0).all()


def test_a_paper_has_a_link(page):
    shown = table(page).set_index("method")
    assert shown.loc["ResEmoteNet", "paper"] == "https://arxiv.org/abs/2409.10545"


def test_a_disputed_figure_is_marked_in_words_in_colour_and_by_shape(page):
    row = table(page).set_index("method").loc["ResEmoteNet"]
    assert row["trust"] == "✕ disputed"
    assert "background-color: rgba(213, 94, 0" in page.dataframe[0].proto.arrow_data.styler.styles
    assert {"✕ Published, disputed": "x"}.items() <= {
        trace["name"]: trace["marker"]["symbol"] for trace in chart(page)["data"]
    }.items()


def test_the_table_can_be_narrowed_down(page):
    page.pills(key="data").set_value("RAF-DB").run()
    assert "RAF-DB: one view per image" in page.subheader[0].value
    widget(page, "pills", "trust").set_value(["disputed"]).run()
    assert list(table(page)["method"]) == ["ResEmoteNet"]
    widget(page, "pills", "groups").set_value([results.OURS]).run()
    assert any("No figure is left" in info.value for info in page.info)
    assert not page.dataframe


def test_milliseconds_are_measured_on_request(page):
    widget(page, "segmented_control", "along").set_value("milliseconds").run()
    assert any("Nothing is measured yet" in caption.value for caption in page.caption)
    assert not page.get("plotly_chart")
    next(button for button in page.button if button.label.startswith("Measure on")).click().run()
    assert not page.exception
    own = table(page).set_index("method").loc["Brightness", "ms per face"]
    assert own > 0
    assert [trace["x"] for trace in chart(page)["data"] if "Our networks" in trace["name"]] == [[own]]


def test_the_matrix_says_how_to_fill_its_empty_cells(page):
    on(page, "Across datasets")
    assert [note["text"] for note in chart(page)["layout"]["annotations"]][:6] == ["70", *"–––––"]
    assert any("runs/evaluations/" in text.value for text in page.markdown)


def test_recall_is_shown_class_by_class(page):
    on(page, "Class by class")
    assert [note["text"] for note in chart(page)["layout"]["annotations"]][:8] == ["50"] * 7 + ["–"]


def test_the_card_is_rendered_below_the_title_of_the_page(page):
    on(page, "Cards")
    (card,) = [text.value for text in page.markdown if "Reads how bright" in text.value]
    assert card.startswith("### Brightness")
    assert "#### Measured" in card


def test_only_the_open_tab_is_run(page):
    assert len(page.get("plotly_chart")) == 1
    on(page, "Cards")
    assert not page.get("plotly_chart")
    assert not page.dataframe


def test_without_a_network_of_ours_the_others_stay(page, environment, monkeypatch):
    monkeypatch.setenv("FER_MODELS", f"{environment['FER_MODELS']}/none")
    page.run()
    assert "Brightness" not in set(table(page)["method"])
    for tab in ("Across datasets", "Class by class"):
        on(page, tab)
        assert "mini-Xception" in json.dumps(chart(page))
    on(page, "Cards")
    assert any("has a card yet" in info.value for info in page.info)


def test_strangers_see_no_evaluations_of_this_computer(page, environment, monkeypatch):
    folder = Path(environment["FER_RUNS"]) / "evaluations"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(EVALUATION | {"model": "secret", "split": "test", "accuracy": 0.5}))
    assert "secret" in set(table(page.run())["method"])
    monkeypatch.setenv("FER_PUBLIC", "1")
    assert "secret" not in set(table(page.run())["method"])
    on(page, "Across datasets")
    assert not page.expander


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}")
def test_a_browser_shows_plot_table_and_card(environment):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    expect = sync_api.expect
    expect.set_options(timeout=MILLISECONDS)
    with serving(**environment) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{address}/Results")
        plot = page.locator(".js-plotly-plot")
        expect(plot.get_by_text("ResEmoteNet", exact=True)).to_be_visible()
        expect(page.get_by_text("One point per method")).to_be_visible()
        settle(page)
        assert page.evaluate(LOW_CONTRAST)["low"] == {}
        page.get_by_role("button", name="Filter").click()
        page.get_by_role("button", name="disputed").click()
        page.keyboard.press("Escape")
        expect(plot.get_by_text("ResEmoteNet", exact=True)).to_have_count(0)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download all figures").click()
        assert "disputed" not in Path(waiting.value.path()).read_text(encoding="utf-8")
        page.get_by_role("tab", name="Cards").click()
        expect(page.get_by_role("heading", name="Brightness")).to_be_visible()
        settle(page)
        browser.close()
