import pytest

from fer_core.labels import EIGHT, FERPLUS_VOTES, SEVEN, SYNONYMS, canonical


def test_seven_stand_in_the_order_of_fer2013():
    assert SEVEN == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_eight_adds_contempt_at_the_end():
    assert (*SEVEN, "contempt") == EIGHT


@pytest.mark.parametrize("label", EIGHT)
def test_the_projects_own_names_stay(label):
    assert canonical(label) == label


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Happiness", "happy"),
        (" ANGER ", "angry"),
        ("Surprised", "surprise"),
        ("fearful", "fear"),
        ("Disgusted", "disgust"),
    ],
)
def test_usual_spellings_are_understood(written, label):
    assert canonical(written) == label


@pytest.mark.parametrize("word", ["unknown", "NF", "", "face", "happy sad"])
def test_other_words_name_no_expression(word):
    assert canonical(word) is None


def test_every_synonym_leads_to_an_expression():
    assert set(SYNONYMS.values()) <= set(EIGHT)
    assert not set(SYNONYMS) & set(EIGHT)


def test_ferplus_votes_cover_the_eight_once_each():
    assert sorted(filter(None, map(canonical, FERPLUS_VOTES))) == sorted(EIGHT)
