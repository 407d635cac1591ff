"""Expressions in the names of folders and files, in cells, and behind typing mistakes."""

import pytest

from fer_core.datasets import label_names


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        *(
            ("happy", "happy"),
            ("Happiness", "happy"),
            ("3_happy", "happy"),
            ("happy (200)", "happy"),
            ("04-Fear", "fear"),
        ),
        *(("fröhlich", "happy"), ("tức giận", "angry"), ("2_خشم", "angry"), ("高兴", "happy"), ("hap", "happy")),
        *(("images", None), ("5", None), ("unknown", None), ("happy_sad", None)),
    ],
)
def test_a_folder_is_called_by_an_expression(folder, label):
    assert label_names.of_folder(folder) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *(("AnnaHappy2", "happy"), ("Überraschung_7", "surprise"), ("खुश_01", "happy"), ("tức giận 2", "angry")),
        *(("خوشحال ۲", "happy"), ("高兴_1", "happy"), ("en_colere_4", "angry"), ("en colère 4", "angry")),
        *(("not_happy", None), ("Ira_2", None), ("sur_la_plage", None), ("happy_or_sad", None), ("unhappy", None)),
    ],
)
def test_a_label_in_a_files_name(name, label):
    assert label_names.in_name(name) == label


@pytest.mark.parametrize(
    ("cell", "label"),
    [("3", "happy"), ("3.0", "happy"), ("[3]", "happy"), ("3,0", "happy"), ("9", None), ("Happy", "happy"), ("", None)],
)
def test_a_cell_with_a_number_or_a_word(cell, label):
    assert label_names.of_cell(cell, {3: "happy"}) == label


def test_a_number_means_nothing_without_its_scheme():
    assert label_names.of_cell("3") is None
    assert label_names.of_cell("3: happy") == "happy"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(("angery", "angry"), ("disguist", "disgust"), ("fearfull", "fear"), ("happly", "happy"), ("sadnes", "sad")),
        *(("suprise", "surprise"), ("natural", "neutral"), ("Surpised", "surprise"), ("neutrl", "neutral")),
        *(("contemt", "contempt"), ("überaschung", "surprise"), ("shocked", "surprise"), ("group", None)),
    ],
)
def test_did_you_mean(word, meant):
    assert label_names.nearest(word) == meant
    assert label_names.of_folder(word) is None
    assert (f"did you mean '{meant}'?" if meant else "expected angry") in label_names.no_expression(word)
