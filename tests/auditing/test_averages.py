"""Numbers behind the views: what is drawn, averaged, contested and mapped."""

import numpy as np
import pytest
from faulty_data import picture, write, write_faulty

from fer_core import predictors
from fer_core.auditing import averages
from fer_core.datasets import open_dataset
from fer_core.datasets.store import recent_paths
from fer_core.errors import DatasetError
from fer_core.figures import datasets
from fer_core.labels import FERPLUS_VOTES
from fer_core.recipes import selection


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def dataset(tmp_path):
    return open_dataset(write_faulty(tmp_path / "data"))


@pytest.fixture
def network(tmp_path, monkeypatch):
    from tiny_networks import write_network

    write_network(tmp_path / "models" / "house")
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    return predictors.load("house")


def test_rows_of_splits_and_classes(dataset):
    both = averages.rows_of(dataset, ["test"], ["happy"])
    assert {dataset.name_of(row).rsplit("/", 1)[0] for row in both} == {"test/happy"}
    assert len(averages.rows_of(dataset, [], [])) == len(dataset)


def test_draws_are_repeatable_ordered_and_even(dataset):
    rows = averages.rows_of(dataset, [], [])
    few = selection.draw(rows, 6)
    assert few.tolist() == sorted(few.tolist()) == selection.draw(rows, 6).tolist()
    even = selection.draw_by_class(rows, dataset.labels, 8)
    assert np.bincount(dataset.labels[even]).tolist() == [4, 4]
    assert sorted(averages.shuffled(rows).tolist()) == rows.tolist()


def test_averages_are_those_of_the_images(tmp_path):
    for number in range(4):
        write(tmp_path / "two" / "happy" / f"{number}.png", np.full((48, 48), 100 + 20 * number, np.uint8))
        write(tmp_path / "two" / "sad" / f"{number}.png", np.full((48, 48), 90, np.uint8))
    two = open_dataset(tmp_path / "two")
    happy, sad = averages.of_classes(two, two.rows("all"))
    assert (happy.label, happy.count, int(happy.mean[0, 0]), happy.contrast) == ("happy", 4, 130, 0.0)
    assert int(happy.difference[0, 0]) == 128 + averages.GAIN * 20
    assert int(sad.difference[0, 0]) == 128 - averages.GAIN * 20


def test_an_image_that_cannot_be_read_is_passed_over(dataset, tmp_path):
    (tmp_path / "data" / "train" / "sad" / "blank.png").write_bytes(b"gone")
    rows = averages.rows_of(dataset, [], [])
    assert len(list(averages.readable(dataset, rows, 48))) == len(rows) - 1


def votes(**given):
    return [given.get(name, 0) for name in FERPLUS_VOTES]


def test_the_most_contested_comes_first():
    table = np.array(
        [votes(anger=10), votes(anger=5, fear=5), votes(anger=4, fear=3, NF=3), votes(anger=5, fear=3, sadness=2)]
    )
    assert averages.agreement(table) == pytest.approx([1.0, 0.5, 0.4, 0.5])
    assert averages.most_contested(table, np.arange(4)).tolist() == [2, 1, 3, 0]
    assert averages.votes_in_words(table[2]) == "4 anger, 3 fear, 3 not a face"


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_a_map_has_a_point_and_an_answer_for_each_image(dataset, network, method):
    rows = averages.rows_of(dataset, [], [])
    told = []
    found = averages.embed(dataset, rows, network, method, lambda done, total: told.append((done, total)))
    assert found.points.shape == (len(rows), 2)
    assert np.isfinite(found.points).all()
    assert found.rows.tolist() == rows.tolist()
    assert set(found.predictions) <= set(network.classes)
    assert told == [(0, len(rows))]


def test_a_map_of_too_few_images_is_a_sentence(dataset, network):
    with pytest.raises(DatasetError, match="needs three images"):
        averages.embed(dataset, np.array([0, 1]), network)


def test_bars_have_a_trace_a_split_and_the_numbers_as_text():
    table = {"train": {"happy": 30, "sad": 10}, "test": {"happy": 1, "sad": 1}}
    figure = datasets.counts(table)
    assert [trace.name for trace in figure.data] == ["train", "test"]
    assert figure.data[0].text == ("30", "10")
    shares = datasets.counts(table, shares=True, log=True)
    assert list(shares.data[0].x) == [0.75, 0.25]
    assert list(shares.data[0].y) == ["happy", "sad"]
    assert shares.layout.xaxis.type == "log"
    assert datasets.counts_in_words(table) == "train: happy 30, sad 10; test: happy 1, sad 1"


def test_six_datasets_side_by_side_each_have_a_colour_and_room_for_their_numbers():
    table = {f"dataset {number}": {"happy": 30 + number, "sad": 10} for number in range(6)}
    figure = datasets.counts(table)
    assert len({trace.marker.color for trace in figure.data}) == 6
    assert all(isinstance(trace.marker.color, str) for trace in figure.data)
    assert figure.layout.height >= 2 * 6 * 14
    assert [trace.name for trace in figure.data] == list(table)


def test_points_of_a_map_carry_their_rows():
    points = np.array([[0, 0], [1, 1], [2, 2]], np.float32)
    figure = datasets.scatter(points, ["sad", "happy", "sad"], ["a", "b", "c"], [7, 8, 9])
    traces = {trace.name: trace for trace in figure.data}
    assert list(traces["sad"].customdata) == [7, 9]
    assert list(traces["happy"].text) == ["b"]
    right = datasets.scatter(points, ["right", "wrong", "right"], ["a", "b", "c"], [7, 8, 9])
    assert {trace.name for trace in right.data} == {"right", "wrong"}


def test_boxes_send_few_numbers_with_the_same_quartiles():
    values = np.random.default_rng(0).normal(0, 1, 20_000)
    (box,) = datasets.spread({"happy": values}, "x").data
    assert len(box.y) < 250
    assert np.quantile(box.y, [0.25, 0.5, 0.75]) == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75]), abs=0.03)


def test_paths_opened_before_are_remembered_while_they_exist(tmp_path):
    assert recent_paths.read() == []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        recent_paths.add(str(tmp_path / name))
    recent_paths.add(str(tmp_path / "one"))
    assert recent_paths.read() == [str(tmp_path / "one"), str(tmp_path / "two")]
    (tmp_path / "one").rmdir()
    assert recent_paths.read() == [str(tmp_path / "two")]


def test_a_damaged_list_of_paths_is_empty(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / recent_paths.FILE).write_text("{no", encoding="utf-8")
    assert recent_paths.read() == []


def test_histograms_count_every_image():
    figure = datasets.histogram([picture(1).mean(), 3.0, 4.0], "x", bins=5)
    assert sum(figure.data[0].y) == 3
