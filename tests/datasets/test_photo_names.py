"""Labels find the photo that people mean, and say so where it is not clear."""

import unicodedata

import pytest

from fer_core.datasets.photo_names import Found, PhotoNames, doubt

NFD = unicodedata.normalize("NFD", "Jörg.jpg")


@pytest.mark.parametrize(
    "written",
    [
        *("anna.jpg", "photos/anna.jpg", "./anna.jpg", "/content/drive/anna.jpg", "ANNA.JPG", "Anna.jpg", "anna"),
        *(r"C:\Users\x\anna.jpg", r"photos\anna.jpg", " 'anna.jpg' ", "https://example.org/a/anna.jpg?size=1"),
    ],
)
def test_a_lone_photo_is_found_however_it_is_written(written):
    assert PhotoNames(["anna.jpg", "bob.jpg"]).find(written) == Found("anna.jpg")


@pytest.mark.parametrize(
    ("name", "written"), [("Jörg.jpg", NFD), (NFD, "Jörg.jpg"), (NFD, "JÖRG"), ("Jörg.jpg", "jörg")]
)
def test_accents_in_either_form(name, written):
    assert PhotoNames([name]).find(written).name == name


def test_folders_decide_between_photos_of_one_name():
    names = PhotoNames(["a/1.jpg", "b/1.jpg", "set/b/c/1.jpg"])
    assert names.find("a/1.jpg").name == "a/1.jpg"
    assert names.find(r"D:\work\A\1.JPG").name == "a/1.jpg"
    assert names.find("b/c/1.jpg").name == "set/b/c/1.jpg"
    assert names.find("1.jpg") == Found(None, ("a/1.jpg", "b/1.jpg", "set/b/c/1.jpg"))
    assert names.find("elsewhere/1.jpg").name is None


def test_capitals_and_suffixes_decide_last():
    names = PhotoNames(["Anna.jpg", "anna.jpg", "anna.png", "bob.heic"])
    assert names.find("Anna.jpg").name == "Anna.jpg"
    assert names.find("ANNA.JPG").candidates == ("Anna.jpg", "anna.jpg")
    assert names.find("anna").candidates == ("anna.jpg", "anna.png")
    assert names.find("bob").name == "bob.heic"
    assert names.find("bob.jpg") == Found(None)
    assert names.other_suffix("bob.jpg") == "bob.heic"


def test_a_dot_in_a_name_is_no_suffix():
    assert PhotoNames(["img.v2.jpg"]).find("img.v2").name == "img.v2.jpg"
    assert PhotoNames(["img.jpg"]).find("img.v2") == Found(None)


@pytest.mark.parametrize("written", ["", " ", "/", "carl.jpg"])
def test_what_is_not_there(written):
    assert PhotoNames(["anna.jpg"]).find(written) == Found(None)


def test_a_doubt_is_a_sentence():
    found = PhotoNames(["a/1.jpg", "b/1.jpg"]).find("1.jpg")
    assert doubt("1.jpg", found) == "'1.jpg' may mean 'a/1.jpg', 'b/1.jpg': write it with its folder."
