import pytest

from fer_core.labels import EIGHT, FERPLUS_VOTES, SEVEN, SYNONYMS, WORDS, canonical, plain


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
        ("Wütend", "angry"),
        ("wuetend", "angry"),
        ("WU\u0308TEND", "angry"),
        ("fröhlich", "happy"),
        ("Überraschung", "surprise"),
        ("en colère", "angry"),
        ("Dégoût", "disgust"),
        ("peur", "fear"),
        ("enojado", "angry"),
        ("ALEGRÍA", "happy"),
        ("tristeza", "sad"),
        ("خشمگین", "angry"),
        ("خوشحال", "happy"),
        ("غمگين", "sad"),  # with the Arabic yeh
        ("سعيد", "happy"),
        ("مُفَاجَأَة", "surprise"),  # with vowel signs
        ("गुस्सा", "angry"),
        ("ख़ुश", "happy"),
        ("खुश", "happy"),
        ("तटस्थ", "neutral"),
        ("tức giận", "angry"),
        ("Tuc_gian", "angry"),
        ("buồn", "sad"),
        ("NGẠC NHIÊN", "surprise"),
        ("高兴", "happy"),
        ("驚訝", "surprise"),
        ("中性", "neutral"),
        ("mépris", "contempt"),
    ],
)
def test_usual_spellings_are_understood(written, label):
    assert canonical(written) == label


@pytest.mark.parametrize("word", ["unknown", "NF", "", "face", "happy sad"])
def test_other_words_name_no_expression(word):
    assert canonical(word) is None


def test_every_synonym_leads_to_an_expression():
    assert set(SYNONYMS.values()) == set(EIGHT)


def test_no_word_stands_under_two_expressions():
    written = [
        (plain(word), label) for label, words in WORDS.items() for some in words.values() for word in some.split()
    ]
    meanings = {word: {label for known, label in written if known == word} for word, _ in written}
    assert [word for word, labels in meanings.items() if len(labels) > 1] == []


def test_a_word_of_any_length_is_looked_up_at_once():
    assert canonical("happy" * 100_000) is None


def test_ferplus_votes_cover_the_eight_once_each():
    assert sorted(filter(None, map(canonical, FERPLUS_VOTES))) == sorted(EIGHT)
