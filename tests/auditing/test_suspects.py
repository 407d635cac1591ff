"""Confident learning finds labels that were turned, from probabilities of networks that never saw them."""

import numpy as np
import pytest
from faulty_data import write_faulty

from fer_core.auditing import suspects
from fer_core.auditing.findings import audit
from fer_core.datasets import open_dataset
from fer_core.errors import DatasetError

CLASSES = ("angry", "happy", "sad")


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))


def sure_of(answers, share=0.9):
    probabilities = np.full((len(answers), len(CLASSES)), (1 - share) / (len(CLASSES) - 1))
    probabilities[np.arange(len(answers)), answers] = share
    return probabilities


def test_turned_labels_are_found_and_the_surest_comes_first():
    truth = np.arange(60) % 3
    labels = truth.copy()
    labels[[3, 7]] = (truth[[3, 7]] + 1) % 3
    probabilities = sure_of(truth)
    probabilities[7] = np.array([0.01, 0.98, 0.01])
    found = suspects.find(labels, probabilities, CLASSES)
    assert [one.row for one in found] == [7, 3]
    assert (found[0].given, found[0].suggested) == ("sad", "happy")
    assert found[0].reason == "labelled sad (1 %), networks say happy (98 %)"


def test_thresholds_are_mean_probabilities_of_each_label():
    labels = np.array([0] * 5 + [1] * 5)
    probabilities = np.column_stack([np.linspace(0.1, 1.0, 10), np.linspace(0.9, 0.0, 10)])
    limits = suspects.thresholds(labels, probabilities)
    assert limits == pytest.approx([probabilities[:5, 0].mean(), probabilities[5:, 1].mean()])


def test_a_class_that_networks_never_trust_is_not_suspected_wholesale():
    """'fear' gets 0.4 at best; that is its threshold, and 0.5 for another class below that class's own says nothing."""
    labels = np.array([0] * 20 + [1] * 20)
    probabilities = np.concatenate([np.tile([0.4, 0.6], (20, 1)), np.tile([0.05, 0.95], (20, 1))])
    assert suspects.find(labels, probabilities, ("fear", "sad")) == []


def test_rows_without_probabilities_and_classes_with_few_images_are_not_judged():
    labels = np.array([0] * 10 + [1] * 10 + [2] * 2)
    probabilities = sure_of(labels)
    probabilities[0] = np.nan
    probabilities[20:] = sure_of(np.array([2, 2]))
    assert suspects.find(labels, probabilities, CLASSES) == []


@pytest.fixture
def dataset(tmp_path):
    return open_dataset(write_faulty(tmp_path / "data"))


def write(path, lines, heading="row,happy,sad"):
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_file_becomes_findings_of_the_audit(dataset, tmp_path):
    labels = dataset.labels.copy()
    turned = dataset.rows("train")[2]
    labels[turned] = 1 - labels[turned]
    lines = [f"{row},{0.95 if label == 0 else 0.05},{0.05 if label == 0 else 0.95}" for row, label in enumerate(labels)]
    reasons = suspects.reasons(write(tmp_path / "probabilities.csv", lines), dataset)
    found = audit(dataset, suspects=reasons)
    assert found.rows("suspects") == [turned]
    assert found.to_json()["suspects"] == 1


@pytest.mark.parametrize(
    ("heading", "lines", "sentence"),
    [
        ("row,happy", ["0,1"], "lacks the columns sad; expected row and a probability"),
        ("row,happy,sad", ["0,much,little"], "cannot be read as probabilities"),
        ("row,happy,sad", ["99999,0.5,0.5"], "belongs to another dataset"),
    ],
)
def test_other_files_are_sentences(dataset, tmp_path, heading, lines, sentence):
    with pytest.raises(DatasetError, match=sentence):
        suspects.read(write(tmp_path / "file.csv", lines, heading), dataset)


def test_a_missing_file_is_a_sentence(dataset, tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        suspects.read(tmp_path / "none.csv", dataset)
