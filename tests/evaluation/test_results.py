import json

import numpy as np
import pytest
from brightness import write_network
from paths import SHARED

from fer_core import predictors, settings
from fer_core.evaluation import measured, methods, results
from fer_core.evaluation.results import TRUST
from fer_core.figures import runs
from fer_core.figures.results import against, in_words, matrix
from fer_core.figures.runs import Look
from fer_core.figures.theme import INK
from fer_core.labels import SEVEN
from fer_core.predictors import timing
from fer_core.runs import folders, tables
from fer_core.runs.logs import parse

INTERVALS = {"accuracy": [0.6, 0.8]}
RECALL = dict.fromkeys(SEVEN, 0.5) | {"disgust": None}


def evaluation(**changed):
    row = {"model": "x", "data": "fer2013", "split": "private_test", "labels": "fer2013", "n": 100, "accuracy": 0.7}
    return row | {"tta": None, "recall": RECALL, "intervals": INTERVALS} | changed


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = write_network(tmp_path / "models" / "house")
    rows = [
        evaluation(split="public_test", accuracy=0.69),
        evaluation(),
        evaluation(subset="without the images that also stand in training", accuracy=0.65),
        evaluation(tta="flip", accuracy=0.72),
        evaluation(labels="ferplus", accuracy=0.8),
    ]
    (folder / "metrics.json").write_text(json.dumps({"evaluations": rows}), encoding="utf-8")
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FER_RUNS", str(tmp_path / "runs"))
    return folder


@pytest.fixture
def kept(tmp_path, models):  # noqa: ARG001
    folder = tmp_path / "runs" / "evaluations"
    folder.mkdir(parents=True)
    return folder


def ours(**options):
    return [row for row in results.table(local=False, **options) if row.group == results.OURS]


@pytest.mark.usefixtures("models")
def test_our_networks_stand_there_with_their_protocol():
    first, *others = ours()
    assert (first.method, first.data, first.tested_on, first.accuracy) == ("house", "FER2013", "private test", 0.7)
    assert (first.chosen_on, first.tta, first.trust, first.interval) == ("public test", "no", "measured", (0.6, 0.8))
    assert {(row.tested_on, row.tta) for row in others} == {
        ("private test, without copies", "no"),
        ("private test", "flip"),
        ("private test", "no"),
        ("public test", "no"),
    }


def test_the_most_accurate_network_stands_first(models):
    better = write_network(models.parent / "zebra")
    (better / "metrics.json").write_text(json.dumps({"evaluations": [evaluation(accuracy=0.75)]}), encoding="utf-8")
    assert list(dict.fromkeys(row.method for row in ours())) == ["zebra", "house"]


@pytest.mark.usefixtures("models")
def test_the_split_that_chose_the_model_is_never_trusted():
    (public,) = [row for row in ours() if row.tested_on == "public test"]
    assert public.trust == "optimistic"
    assert "these images chose the model" in public.remark


@pytest.mark.usefixtures("models")
def test_one_figure_a_method_is_the_plain_one():
    found = {method.key: method.figure(methods.ONE).accuracy for method in methods.of(ours())}
    assert found == {"house, FER2013": 0.7, "house, FER+": 0.8}


def test_where_training_held_copies_every_page_quotes_the_figure_without_them(models):
    config = json.loads((models / "config.json").read_text(encoding="utf-8"))
    config["recipe"] = {"data": {"leave_out_copies": False}}
    (models / "config.json").write_text(json.dumps(config), encoding="utf-8")
    rows = json.loads((models / "metrics.json").read_text(encoding="utf-8"))["evaluations"]
    rows[2]["n"] = 90
    (models / "metrics.json").write_text(json.dumps({"evaluations": rows}), encoding="utf-8")
    (method,) = [one for one in methods.of(ours()) if one.key == "house, FER2013"]
    assert method.figure(methods.ONE).tested_on == "private test, without copies"
    cells = measured.across(measured.measured(local=False), {"house": "House"})
    assert cells["House, without copies"]["FER2013"] == 0.65
    assert predictors.info("house").accuracy == method.figure(methods.ONE).accuracy == 0.65
    assert "House, FER2013, without copies" in measured.recalls(measured.measured(local=False), {"house": "House"})


def test_figures_of_many_views_are_not_ranked_among_those_of_one():
    rows = [row for row in results.table(local=False) if row.data == "FER2013"]
    for protocol, views in ((methods.ONE, {"no", "none"}), (methods.AVERAGED, None)):
        ranked = [figure for _, figure in methods.ranked(methods.of(rows), protocol) if figure]
        assert [row.accuracy for row in ranked] == sorted((row.accuracy for row in ranked), reverse=True)
        assert len({row.predictor or row.method for row in ranked}) == len(ranked)
        assert all((row.tta in views) if views else row.tta not in ("no", "none", "not stated") for row in ranked)
        assert not any(row.tested_on.startswith(("own", "public")) for row in ranked)


def test_methods_without_a_figure_under_the_protocol_stand_last():
    ranked = methods.ranked(methods.of([row for row in results.published() if row.data == "FER2013"]), methods.ONE)
    missing = [figure is None for _, figure in ranked]
    assert any(missing)
    assert missing == sorted(missing)


def test_papers_have_links():
    assert methods.link("arXiv 2409.10545; ResEmoteNet paper, Table III") == "https://arxiv.org/abs/2409.10545"
    assert methods.link("deepface issue 247") == "https://github.com/serengil/deepface/issues/247"
    assert methods.link("opencv/opencv_zoo") == "https://github.com/opencv/opencv_zoo"
    assert methods.link("models/house/metrics.json") is None
    known = [row for row in results.published() if methods.link(row.source)]
    assert len(known) > 0.9 * len(results.published())


def test_a_baseline_measured_here_is_not_ours_and_keeps_its_doubt():
    (row,) = [row for row in results.table(local=False) if (row.method, row.data) == ("mini_xception", "FER2013")]
    assert (row.group, row.trust, round(row.accuracy, 3), row.parameters) == (
        results.PUBLISHED,
        "optimistic",
        0.655,
        58423,
    )
    assert "measured here" in row.source


@pytest.mark.parametrize("text", ["", "[]", '{"evaluations": 3}', '{"evaluations": [{"model": 1}]}', "{"])
def test_damaged_metrics_hide_our_figures_only(models, text):
    (models / "metrics.json").write_text(text, encoding="utf-8")
    assert ours() == []
    assert len(results.table(local=False)) > 60


def test_every_carried_figure_has_a_source_and_a_known_trust():
    for row in (*results.published(), *results.table(local=False)):
        assert row.source
        assert row.trust in TRUST
        assert row.accuracy is None or 0 < row.accuracy < 1


@pytest.mark.parametrize(
    ("method", "data", "trust"),
    [
        ("ResEmoteNet", "FER2013", "disputed"),
        ("ResEmoteNet", "RAF-DB", "disputed"),
        ("ResNet18 + tricks (LetheSec)", "FER2013", "optimistic"),
        ("mini-Xception (fer)", "FER2013", "optimistic"),
        ("VGGNet (Khaireddin, Chen)", "FER2013", "unclear"),
        ("EmoNeXt-XLarge", "FER2013", "reported"),
        ("Project B: CNN 48 (the 100x100 network at 48x48)", "FER2013", "disputed"),
        ("Project D: four-conv CNN (64-128-512-512)", "FER2013", "logged"),
    ],
)
def test_how_far_a_figure_is_trusted(method, data, trust):
    (row,) = [row for row in results.table(local=False) if (row.method, row.data) == (method, data)]
    assert row.trust == trust


def test_a_spread_of_people_is_an_interval():
    human = results.published()[0]
    assert (human.accuracy, human.interval) == (0.65, (0.6, 0.7))


def test_training_accuracy_is_no_result():
    (row,) = [row for row in results.table(local=False) if "MobileNetV2 transfer" in row.method]
    assert row.accuracy is None
    assert "training accuracy 93.8 %" in row.remark


@pytest.mark.shared
def test_the_published_figures_are_those_of_the_facts():
    shared = SHARED / "facts" / "published_results.csv"
    if not shared.is_file():
        pytest.skip(f"needs {shared}")
    carried = (settings.FACTS / "published_results.csv").read_text().splitlines()
    assert [line.rsplit(",", 1)[0] for line in carried] == shared.read_text().splitlines()


@pytest.mark.usefixtures("models")
def test_the_matrix_takes_plain_figures_and_leaves_the_rest_empty():
    cells = measured.across(measured.measured(local=False))
    nothing = dict.fromkeys(("RAF-DB", "AffectNet", "ExpW", "CK+"))
    assert cells["house"] == {"FER2013": 0.7, "FER+": 0.8} | nothing


def test_evaluations_kept_on_the_disk_fill_columns_for_their_owner(kept):
    content = evaluation(model="other", data="/data/RAF-DB/basic", split="test", labels="folder", accuracy=0.55)
    (kept / "other.json").write_text(json.dumps(content), encoding="utf-8")
    for name, text in (("broken", "{"), ("list", "[]"), ("empty", "{}")):
        (kept / f"{name}.json").write_text(text, encoding="utf-8")
    assert measured.across(measured.measured(local=True))["other"]["RAF-DB"] == 0.55
    assert "other" not in measured.across(measured.measured(local=False))
    row = next(row for row in results.table(local=True) if row.method == "other")
    assert (row.chosen_on, row.extra_data, row.source) == ("not stated", "not stated", "runs/evaluations")


@pytest.mark.usefixtures("models")
def test_recall_stands_by_class():
    cells = measured.recalls(measured.measured(local=False))
    assert list(cells)[:2] == ["house, FER2013", "house, FER+"]
    assert cells["house, FER2013"]["happy"] == 0.5
    assert cells["house, FER2013"]["disgust"] is None
    assert cells["house, FER2013"]["contempt"] is None


@pytest.mark.parametrize("theme", INK)
def test_disputed_figures_look_it_by_shape_too(theme):
    rows = [(row, float(row.parameters)) for row in results.table(local=False) if row.parameters and row.accuracy]
    figure = against(rows, "parameters", theme)
    symbols = {trace.name: trace.marker.symbol for trace in figure.data}
    assert symbols["✕ Published, disputed"] == "x"
    assert symbols["□ Published, reported"] == "square-open"
    assert len(set(symbols.values())) >= 4
    assert sum(len(trace.x) for trace in figure.data) == len(rows)


def test_a_single_point_has_ticks_and_room():
    figure = against([(results.published()[2], 4.0)], "milliseconds", "light")
    left, right = figure.layout.xaxis.range
    assert (10**left < 2, 10**right > 8, figure.layout.xaxis.dtick) == (True, True, "D2")


def test_names_that_would_lie_on_each_other_are_left_to_the_pointer():
    same = [(row, 1e6) for row in results.published()[:12]]
    names = [name for trace in against(same, "parameters", "light").data for name in trace.text]
    assert len(names) == 12
    assert 0 < sum(bool(name) for name in names) < 12


def test_every_trust_has_a_sign_and_a_marker_of_its_own():
    assert len({trust.sign for trust in TRUST.values()}) == len(TRUST)
    assert len({trust.marker for trust in TRUST.values()}) == len(TRUST)


def test_the_matrix_is_drawn_with_its_numbers():
    figure = matrix({"a": {"x": 0.5, "y": None}, "b": {"x": 0.251, "y": 1.0}}, "dark")
    assert [note.text for note in figure.layout.annotations] == ["50", "–", "25", "100"]
    assert list(figure.data[0].z[0]) == [0.5, None]
    words = in_words({"a": {"x": 0.5, "y": None}})
    assert words == "a: x 50 %, y not measured"


HISTORY = parse(
    "log.csv", b"epoch,accuracy,loss,val_accuracy,val_loss,lr\n0,.3,2,.4,1.9,.1\n1,.5,1,.3,2,.1\n9,.6,.9,.5,1,.01"
)


def traces(figure, *, marks=False):
    return [trace for trace in figure.data if (trace.mode == "markers") == marks]


def test_curves_have_raw_and_smoothed_lines_and_keep_their_gap():
    figure = runs.measure(runs.overlays([("a", HISTORY)]), "accuracy", Look(weight=0.5))
    raw, smooth, *validation = traces(figure)
    assert list(raw.y) == [0.3, 0.5, None, 0.6]
    assert list(raw.x) == [0, 1, None, 9]
    assert smooth.y[1] == pytest.approx((0.15 + 0.5) / 1.5)
    assert (raw.line.dash, validation[0].line.dash) == ("dash", "solid")
    assert figure.layout.showlegend is False  # the page has one legend for all figures


def test_without_smoothing_there_is_one_line_each():
    figure = runs.measure(runs.overlays([("a", HISTORY)]), "loss", Look(weight=0, log_loss=True))
    assert len(traces(figure)) == 2
    assert figure.layout.yaxis.type == "log"


def test_best_epoch_and_early_stop_are_marked():
    figure = runs.measure(runs.overlays([("a", HISTORY)]), "loss", Look(patience=1))
    star, cross = traces(figure, marks=True)
    assert (star.marker.symbol, star.x[0], star.y[0]) == ("star", 9, 1.0)
    assert (cross.marker.symbol, cross.x[0], cross.y[0]) == ("x", 1, 2.0)


def test_runs_stand_over_each_other_by_time():
    timed = parse("log.csv", b"epoch,loss,seconds\n0,2,60\n1,1,120")
    figure = runs.measure(runs.overlays([("a", timed), ("b", timed)]), "loss", Look(True, 0))
    assert [list(trace.x) for trace in traces(figure)] == [[1, 3], [1, 3]]
    assert len({trace.line.color for trace in traces(figure)}) == 2


def test_a_name_is_no_markup():
    (overlay,) = runs.overlays([("<b>x</b>", HISTORY)])
    assert overlay.title == "&lt;b&gt;x&lt;/b&gt;"


def test_gap_and_learning_rate_are_drawn():
    drawn = runs.overlays([("a", HISTORY)])
    assert list(traces(runs.gap(drawn, "accuracy", Look(weight=0)))[0].y) == pytest.approx(
        [-0.1, 0.2, None, 0.1], nan_ok=True
    )
    rate = runs.learning_rate(drawn, Look())
    assert list(rate.data[0].y) == [0.1, 0.1, None, 0.01]
    assert rate.layout.yaxis.type == "log"


def test_long_logs_are_thinned_for_drawing():
    lines = "\n".join(f"{epoch},1" for epoch in range(10_000))
    history = parse("log.csv", f"epoch,loss\n{lines}".encode())
    figure = runs.measure(runs.overlays([("a", history)]), "loss", Look(weight=0))
    assert len(traces(figure)[0].x) <= runs.MOST_POINTS
    assert len(tables.epochs([(folders.Run("a", "a", folders.UPLOADED), history)])) == 10_000


class Slow:
    """A network with a clock of its own: the first answer takes ten seconds, each other one as long as it is told."""

    input_size = 4

    class info:  # noqa: N801
        channels = 1

    def __init__(self, seconds=0.02):
        self.seen, self.clock, self.seconds = [], 0.0, seconds

    def predict(self, crops):
        self.clock += self.seconds if self.seen else 10
        self.seen.append(crops.shape)
        return np.full((1, 7), 1 / 7, np.float32)


def test_time_is_of_one_face_and_the_first_call_does_not_count(monkeypatch):
    network = Slow()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: network.clock)
    assert timing.milliseconds(network) == pytest.approx(20)
    assert set(network.seen) == {(1, 4, 4, 1)}
    assert len(network.seen) == timing.ROUNDS + 1


def test_a_network_that_takes_long_is_asked_less_often(monkeypatch):
    network = Slow(seconds=0.9)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: network.clock)
    assert timing.milliseconds(network) == pytest.approx(900)
    assert len(network.seen) == 1 + 3
