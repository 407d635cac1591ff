"""The catalogue against itself and against what is printed; the numbers of balance against ones done by hand."""

import pytest

from fer_core.datasets import KINDS, balance, catalogue, schemes
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT


def test_every_dataset_that_can_be_read_is_described_and_every_line_has_its_source():
    keys = [one.key for one in catalogue.entries()]
    assert set(KINDS) - {"folder", "yolo"} <= set(keys)
    assert {"disfa", "rafd"} <= set(keys)
    assert all(one.source and one.access and one.images for one in catalogue.entries())
    assert all(column.source for column in catalogue.class_counts())
    assert all(one.printed and one.right and one.source for one in catalogue.misprints())


@pytest.mark.parametrize(
    ("dataset", "split", "total"),
    [
        ("FER2013", "train", 28_709),
        ("FER2013", "public_test", 3_589),
        ("FER2013", "private_test", 3_589),
        ("RAF-DB", "train", 12_271),
        ("RAF-DB", "test", 3_068),
        ("AffectNet-7", "train", 283_901),
        ("CK+", "labelled sequences", 327),
    ],
)
def test_class_counts_sum_to_the_official_sizes(dataset, split, total):
    assert catalogue.counts_of(dataset)[split].total == total


def test_the_two_columns_of_expw_are_not_all_of_it_and_the_catalogue_says_so():
    printed = sum(column.total for column in catalogue.counts_of("ExpW").values())
    assert f"{printed:,}" in next(one.right for one in catalogue.misprints() if "together" in one.right)
    assert printed < catalogue.entry("expw").images


def test_the_permuted_column_is_marked_and_enters_no_comparison():
    assert catalogue.AS_PRINTED not in catalogue.counts_of("FER2013")
    assert not any(catalogue.AS_PRINTED in name for name in catalogue.drift())
    printed = catalogue.permuted()
    assert printed["angry"] == (491, "angry")
    assert printed["disgust"] == (416, "surprise")
    assert [label for label, (_, right) in printed.items() if label == right] == ["angry"]


def test_labels_that_are_no_expression_stand_apart():
    column = catalogue.counts_of("AffectNet (manual)")["all"]
    assert set(column.others) == {"none", "uncertain", "non-face"}
    assert list(column.counts) == list(EIGHT)


def test_disfa_has_no_classes():
    disfa = catalogue.entry("disfa")
    assert (disfa.classes, disfa.order) == (0, ())


def test_each_label_order_has_as_many_names_as_the_dataset_classes():
    for one in catalogue.entries():
        assert len(set(one.order)) in (one.classes, 8 if one.key == "affectnet" else one.classes)
    assert catalogue.entry("raf_db").order[0] == "surprise"


def test_an_unknown_dataset_names_those_that_are_known():
    with pytest.raises(DatasetError, match="raf_db"):
        catalogue.entry("rafdb")


def test_the_label_map_joins_numbers_words_and_columns():
    table = schemes.label_map("fer2013", "raf_db", "ferplus", "rafd")
    assert table["angry"] == {"fer2013": "0", "raf_db": "6", "ferplus": "anger", "rafd": "angry"}
    assert table["contempt"] == {"fer2013": "", "raf_db": "", "ferplus": "contempt", "rafd": "contemptuous"}
    assert "contempt" not in schemes.label_map("fer2013", "raf_db")


def test_balance_of_a_column():
    column = balance.balance({"angry": 10, "happy": 30, "sad": 0})
    assert (column.total, column.imbalance, column.smallest, column.largest) == (40, 3.0, "angry", "happy")
    assert column.shares == {"angry": 0.25, "happy": 0.75, "sad": 0.0}
    nothing = balance.balance({"angry": 0})
    assert (nothing.imbalance, nothing.smallest, nothing.shares) == (None, None, {"angry": 0.0})


def test_the_effective_number_lies_between_one_and_all():
    assert balance.effective_number(0, 0.9) == 0
    assert balance.effective_number(1, 0.9) == pytest.approx(1)
    assert balance.effective_number(3, 0.5) == pytest.approx(1.75)
    assert balance.effective_number(1_000_000, 0.9) == pytest.approx(10)
    assert balance.effective_number(7, 0.0) == 1


def test_drift_is_none_for_equal_shares_and_whole_for_strangers():
    even, twice, other = {"angry": 1, "sad": 1}, {"angry": 2, "sad": 2}, {"happy": 5}
    uneven = {"angry": 3, "sad": 1}
    assert balance.total_variation(even, twice) == pytest.approx(0)
    assert balance.total_variation(even, other) == pytest.approx(1)
    assert balance.total_variation(even, uneven) == balance.total_variation(uneven, even) == pytest.approx(0.25)


def test_affectnets_even_test_split_drifts_most():
    drift = catalogue.drift()
    assert max(drift, key=drift.__getitem__) == "AffectNet-7 test"
    assert drift["ExpW test"] < 0.001
