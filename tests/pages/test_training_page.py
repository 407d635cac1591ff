"""The Training page as Streamlit runs it, and once in a real browser."""

import json
import os
import pickle
from pathlib import Path

import pytest
from contrast import LOW_CONTRAST
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_logs import CSV_LOG, TRAIN_EVENTS, VALIDATION_EVENTS

from benchmarks.screenshots import CHROMIUM, FLAGS, serving, settle
from fer_core.figures.runs import READING
from fer_core.runs import folders

TIMEOUT = 120
MILLISECONDS = 120_000
PLAN = {"recipe": {"training": {"stages": [{"epochs": 6}]}}}
LAYER = {"type": "Conv2D", "output_shape": [8, 8, 2], "parameters": 1500, "multiply_adds": 2_000_000}


def write_run(folder, log=CSV_LOG):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(PLAN), encoding="utf-8")
    (folder / "history.csv").write_text(log, encoding="utf-8")


@pytest.fixture
def home(tmp_path):
    """models/house with a history and an architecture, and runs/going in progress."""
    write_run(tmp_path / "models" / "house")
    layers = [LAYER | {"name": name, "inputs": []} for name in ("stem_conv", "stem_norm", "answers")]
    built = {"parameters": 4500, "multiply_adds": 6_000_000, "layers": layers}
    (tmp_path / "models" / "house" / "architecture.json").write_text(json.dumps(built), encoding="utf-8")
    write_run(tmp_path / "runs" / "going")
    return tmp_path


@pytest.fixture
def environment(home):
    return {"FER_MODELS": str(home / "models"), "FER_RUNS": str(home / "runs"), "FER_PUBLIC": "0"}


@pytest.fixture
def page(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return opened()


def opened():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    return app.switch_page("pages/5_Training.py").run()


def widget(app, kind, name):
    return next(one for one in getattr(app, kind) if (one.key or "").startswith(f"{name}:"))


def choose(app, *keys):
    """Exactly these runs, whatever group each is in."""
    groups = [one for one in app.pills if one.key.startswith("runs ")]
    listed = {run.key: run.group for run in folders.listed(local=True)}
    for pills in groups:
        pills.set_value([key for key in keys if listed[key] == pills.label])
    return app.run()


def give(app, *files):
    for name, data in files:
        widget(app, "file_uploader", "logs").upload(name, data)
    return app.run()


def charts(app):
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def titles(app):
    return [chart["layout"]["title"]["text"] for chart in charts(app)]


def summary(app):
    return app.dataframe[0].value.set_index("run")


def test_the_first_network_stands_there_with_four_figures(page):
    assert not page.exception
    assert titles(page) == [
        "Accuracy, by epoch",
        "Loss, by epoch",
        "Train-validation gap, accuracy, by epoch",
        "Learning rate, by epoch",
    ]
    assert summary(page).loc["house", "best"] == 0.5
    assert any(READING in caption.value for caption in page.caption)


def test_runs_are_laid_over_each_other(page):
    choose(page, "models/house", "runs/going", "projects/project_d_fourconv_fer2013")
    assert list(summary(page).index) == ["house", "runs/going", "Project D: four-conv CNN, FER2013"]
    names = {trace["name"] for trace in charts(page)[0]["data"]}
    assert names == set(summary(page).index)


def legend(app):
    return "".join(one.proto.body for one in app.get("html"))


def test_one_legend_names_every_run_and_its_dataset(page):
    choose(page, "models/house", "projects/project_d_fourconv_fer2013")
    assert "house" in legend(page)
    assert "Project D: four-conv CNN, FER2013<" in legend(page)
    assert all(chart["layout"]["showlegend"] is False for chart in charts(page))


def test_curves_of_different_datasets_come_with_a_word(page):
    choose(page, "projects/project_d_fourconv_fer2013", "projects/project_a_resemotenet_rafdb")
    (warned,) = [warning.value for warning in page.warning if "different datasets" in warning.value]
    assert "FER2013, RAF" in warned
    choose(page, "projects/project_d_fourconv_fer2013")
    assert not any("different datasets" in warning.value for warning in page.warning)


def test_the_address_opens_the_trainings_it_names(page):  # noqa: ARG001
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT).switch_page("pages/5_Training.py")
    app.query_params["run"] = ["projects/project_d_fourconv_fer2013", "models/nobody"]
    app.run()
    assert list(summary(app).index) == ["Project D: four-conv CNN, FER2013"]


def test_two_networks_stand_side_by_side(page, home):
    write_run(home / "models" / "other")
    built = (home / "models" / "house" / "architecture.json").read_text(encoding="utf-8")
    (home / "models" / "other" / "architecture.json").write_text(built, encoding="utf-8")
    page.session_state["training"] = "Architecture"
    page.run()
    page.selectbox(key="beside").set_value("other").run()
    assert not page.exception
    assert len(page.get("graphviz_chart")) == 2
    assert sum("**4,500** parameters, **6 M** multiply-adds" in one.value for one in page.markdown) == 2


def test_a_run_in_progress_is_followed_until_it_ends(page, home):
    choose(page, "runs/going")
    assert any("in progress, 4 of 6 epochs" in info.value for info in page.info)
    log = home / "runs" / "going" / "history.csv"
    log.write_text(CSV_LOG + "4,0.7,1.0,0.55,1.3,0.0005\n", encoding="utf-8")
    os.utime(log, (log.stat().st_mtime + 9,) * 2)
    page.run()
    assert any("in progress, 5 of 6 epochs" in info.value for info in page.info)
    assert summary(page).loc["runs/going", "best"] == 0.55


def test_a_run_without_an_epoch_says_so_and_the_others_are_drawn(page, home):
    (home / "runs" / "going" / "history.csv").unlink()
    choose(page.run(), "runs/going", "models/house")
    assert any("its first epoch is not over" in warning.value for warning in page.warning)
    assert list(summary(page).index) == ["house"]


def test_a_project_log_keeps_its_gap(page):
    choose(page, "projects/project_a_resemotenet_rafdb")
    accuracy = charts(page)[0]["data"][0]
    assert None in accuracy["y"]
    assert "14 of 45 epochs were logged" in list(summary(page)["state"])


def test_by_time_what_has_no_times_is_named(page):
    choose(page, "models/house", "projects/project_d_fourconv_fer2013")
    widget(page, "segmented_control", "axis").set_value("Time").run()
    assert any("has no times in its log" in warning.value for warning in page.warning)
    assert titles(page)[0] == "Accuracy, by minutes"
    assert list(summary(page).index) == ["Project D: four-conv CNN, FER2013"]


def test_the_controls_do_what_they_say(page):
    raw_and_smoothed = len(charts(page)[0]["data"])
    widget(page, "slider", "smoothing").set_value(0.0).run()
    assert len(charts(page)[0]["data"]) == raw_and_smoothed - 2
    widget(page, "toggle", "log_loss").set_value(True).run()
    assert charts(page)[1]["layout"]["yaxis"]["type"] == "log"
    widget(page, "selectbox", "monitor").set_value("val_loss").run()
    assert summary(page).loc["house", ["judged by", "best"]].tolist() == ["val_loss", 1.4]
    widget(page, "slider", "patience").set_value(1).run()
    assert summary(page).loc["house", "early stop"] == 3


def test_uploads_of_every_kind_are_drawn(page):
    choose(page)
    values = json.dumps({"loss": [2, 1], "val_loss": [2, 1.5]}).encode()
    give(page, ("log.csv", CSV_LOG.encode()), ("h.json", values), ("t.v2", TRAIN_EVENTS), ("v.v2", VALIDATION_EVENTS))
    assert not page.error
    assert set(summary(page).index) == {"log.csv", "h.json", "t.v2"}


def test_bad_uploads_have_a_sentence_each_and_the_good_one_is_drawn(page):
    bad = [
        ("h.pkl", pickle.dumps({"loss": [1]})),
        ("empty.csv", b""),
        ("a.csv", b"a,b\n1,2\n"),
        ("n.csv", b"loss\nnan\n"),
    ]
    give(page, *bad, ("log.csv", CSV_LOG.encode()))
    sentences = "\n".join(error.value for error in page.error)
    assert len(page.error) == 4
    assert "Python pickle" in sentences
    assert "pickle.load" not in sentences
    assert any("pickle.load(open(" in one.value for one in page.code)
    assert "is empty" in sentences
    assert set(summary(page).index) == {"house", "log.csv"}


def test_nothing_chosen_says_what_to_do(page):
    choose(page)
    assert any("Choose a training" in info.value for info in page.info)
    assert not page.get("plotly_chart")


@pytest.mark.usefixtures("page")
def test_strangers_see_no_runs_of_this_computer(monkeypatch, home):
    monkeypatch.setenv("FER_PUBLIC", "1")
    app = opened()
    assert [one.label for one in app.pills] == [folders.MODELS, folders.PROJECTS]
    assert any("Project D" in option for option in app.pills[1].options)
    told = "\n".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)
    assert str(home) not in told
    assert "runs/" not in told


def test_the_build_of_a_network_is_shown(page):
    page.session_state["training"] = "Architecture"
    page.run()
    assert any(
        "**4,500** parameters, **6 M** multiply-adds per face, **3** layers" in one.value for one in page.markdown
    )
    assert list(page.dataframe[0].value["layer"]) == ["stem_conv", "stem_norm", "answers"]
    assert '"stem to answers"' in page.get("graphviz_chart")[0].proto.spec
    page.segmented_control(key="boxes").set_value("Layers").run()
    assert '"stem_norm"' in page.get("graphviz_chart")[0].proto.spec


def test_a_network_without_its_build_says_what_to_do(page, home):
    (home / "models" / "house" / "architecture.json").unlink()
    page.session_state["training"] = "Architecture"
    page.run()
    assert not page.exception
    sentence = page.error[0].value.replace("\\", "")
    sentence = page.error[0].value.replace("\\", "")
    assert sentence.startswith("models/house/architecture.json is missing")
    assert str(home) not in sentence
    assert str(home) not in sentence


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no browser at {CHROMIUM}")
def test_a_browser_follows_a_run_without_a_click(environment, home):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    expect = sync_api.expect
    expect.set_options(timeout=MILLISECONDS)
    log = home / "runs" / "going" / "history.csv"
    with serving(**environment) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{address}/Training")
        page.locator("input[type=file]").set_input_files(
            {"name": "mine.csv", "mimeType": "text/csv", "buffer": CSV_LOG.encode()}
        )
        expect(page.get_by_test_id("stHtml").get_by_text("mine.csv")).to_be_visible()
        page.get_by_role("button", name="going").click()
        expect(page.get_by_text("in progress, 4 of 6 epochs").first).to_be_visible()
        log.write_text(CSV_LOG + "4,0.7,1.0,0.55,1.3,0.0005\n", encoding="utf-8")
        expect(page.get_by_text("in progress, 5 of 6 epochs").first).to_be_visible()
        settle(page)
        assert page.evaluate(LOW_CONTRAST)["low"] == {}
        page.get_by_role("tab", name="Architecture").click()
        expect(page.locator(".stGraphVizChart svg g.node").first).to_be_visible()
        settle(page)
        browser.close()


def test_a_log_with_other_measures_offers_them(page):
    choose(page)
    give(page, ("f1.csv", b"epoch,train_loss,valid_loss,accuracy,f1_score\n0,2,3,0.5,0.4\n1,1,2,0.6,0.5\n"))
    assert any("Read as fastai's CSVLogger" in caption.value for caption in page.caption)
    widget(page, "selectbox", "measure").set_value("f1_score").run()
    assert titles(page)[0] == "F1_score, by epoch"
    assert charts(page)[0]["data"][0]["y"] == [0.4, 0.5]


def test_a_file_with_several_runs_gives_each(page):
    choose(page)
    give(page, ("wandb.csv", b'"Step","a - val_acc","b - val_acc"\n"0","0.3","0.4"\n"1","0.5","0.6"\n'))
    assert list(summary(page).index) == ["wandb.csv: a", "wandb.csv: b"]
