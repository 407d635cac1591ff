"""Labels from the ways people give them, and a sentence for everything that is wrong."""

import unicodedata

import cv2
import numpy as np
import pytest

from fer_core.compare import testsets
from fer_core.compare.testsets import PhotoSet, SetPhoto
from fer_core.datasets import label_names, open_dataset
from fer_core.errors import DatasetError
from fer_core.photos import formats


def png(level):
    return cv2.imencode(".png", np.full((20, 20), level, np.uint8))[1].tobytes()


def labels(photos):
    return {photo.name: photo.label for photo in photos.photos}


def read(*names):
    return testsets.from_files([(name, png(number)) for number, name in enumerate(names)])


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("surprised_01.jpg", "surprise"),
        ("Anna-happy.png", "happy"),
        ("AnnaHappy2.png", "happy"),
        ("sadness (3).jpeg", "sad"),
        ("IMG_ANGER.JPG", "angry"),
        ("photos/neutral/15cm.jpg", "neutral"),
        ("photos/1_Fear/happy.jpg", "fear"),
        ("Happiness/anna/1.jpg", "happy"),
        ("group.jpeg", None),
        ("unhappy.jpg", None),
        ("happy_or_sad.jpg", None),
        ("unlabelled/happy.jpg", None),
        ("contempt.webp", "contempt"),
    ],
)
def test_label_from_the_path(name, label):
    assert labels(read(name)) == {name: label}


def test_photos_without_a_label_are_told_with_the_nearest_word():
    notes = testsets.why_unlabelled(read("hapy_1.jpg", "group.jpeg", "happy_sad.jpg", "angri/a.jpg", "angri/b.jpg"))
    assert notes == [
        "'hapy_1.jpg' names no expression: it has no label yet. Did you mean 'happy'?",
        "'group.jpeg' names no expression: it has no label yet.",
        "'happy_sad.jpg' names happy and sad: no label was taken from it.",
        "The folder 'angri': 'angri' is no expression known here; did you mean 'angry'? Its photos have no label yet.",
    ]


def test_copies_and_other_files_are_left_out_with_a_sentence():
    given = [("happy.jpg", png(1)), ("copy.jpg", png(1)), ("sad.jpg", png(1)), ("notes.txt", b"x"), ("sad.png", png(2))]
    photos = testsets.from_files(given)
    assert labels(photos) == {"happy.jpg": "happy", "sad.png": "sad"}
    assert photos.notes == (
        "'copy.jpg' is an exact copy of 'happy.jpg' and was left out.",
        "'sad.jpg' is an exact copy of 'happy.jpg' and was left out. The copies carry two labels, happy and sad: check "
        "which is right.",
        f"'notes.txt' is not a photo by its name and was left out; read are {formats.NAMES}.",
    )


def test_two_photos_of_one_name_are_both_kept():
    photos = testsets.from_files([("happy.jpg", png(1)), ("happy.jpg", png(2)), ("happy.jpg", png(3))])
    assert list(labels(photos)) == ["happy.jpg", "happy (2).jpg", "happy (3).jpg"]


def test_more_photos_than_may_be_are_told():
    photos = testsets.from_files([(f"{number}.png", png(number)) for number in range(4)], most=2)
    assert len(photos.photos) == 2
    assert "More than 2 photos came" in photos.notes[0]


def test_csv_labels_win_and_faults_are_told_by_row():
    photos = read("a/happy.jpg", "b.jpg", "c.jpg", "sad.jpg")
    table = "\ufeffFile;Label\nhappy.jpg;Sadness\nb.jpg;surprised\nmissing.jpg;sad\nc.jpg;hapyy\n".encode()
    given = testsets.with_csv(photos, table)
    assert labels(given) == {"a/happy.jpg": "sad", "b.jpg": "surprise", "c.jpg": None, "sad.jpg": "sad"}
    assert given.notes == (
        "Row 4 of the CSV names 'missing.jpg', which is not among the photos given.",
        "Row 5 of the CSV: 'hapyy' is no expression known here; did you mean 'happy'? 'c.jpg' stays without a label.",
    )


def test_a_file_name_in_two_folders_needs_its_path():
    photos = read("a/1.jpg", "b/1.jpg")
    given = testsets.with_csv(photos, b"path,emotion\n1.jpg,sad\na\\1.jpg,happy\n")
    assert labels(given) == {"a/1.jpg": "happy", "b/1.jpg": None}
    assert len(given.notes) == 1


@pytest.mark.parametrize("table", [b"", b"\xef\xbb\xbf", b"a,b\n1,2\n", b"file\nx.jpg\n", b"\xff\xfe\x00\x01"])
def test_a_csv_without_the_columns_is_refused_in_a_sentence(table):
    with pytest.raises(DatasetError, match=r"expected (file and label|a table)"):
        testsets.with_csv(read("a.jpg"), table)


def test_a_huge_csv_is_not_read(monkeypatch):
    monkeypatch.setattr(testsets, "CSV_LIMITS", testsets.CSV_LIMITS._replace(bytes=10))
    with pytest.raises(DatasetError, match="are read"):
        testsets.with_csv(read("a.jpg"), b"file,label\na.jpg,sad\n")


def test_labels_picked_by_hand():
    photos = testsets.relabelled(read("a.jpg", "happy.jpg"), {"a.jpg": "fear", "happy.jpg": None})
    assert labels(photos) == {"a.jpg": "fear", "happy.jpg": None}
    given = testsets.labelled(photos, "Mine")
    assert (given.names, given.targets.tolist(), len(given.classes)) == (("a.jpg",), [2], 7)
    assert given.read(0) == png(0)


def test_contempt_asks_for_eight_classes():
    given = testsets.labelled(read("contempt.jpg", "angry.jpg"), "")
    assert given.classes[-1] == "contempt"
    assert given.targets.tolist() == [7, 0]


def test_nothing_labelled_says_what_to_do():
    with pytest.raises(DatasetError, match=r"file, give|CSV with the columns file and label"):
        testsets.labelled(read("a.jpg"), "")


def test_a_long_list_of_notes_is_cut():
    photos = PhotoSet(tuple(SetPhoto(f"{number}.jpg", b"") for number in range(60)), ())
    notes = testsets.all_notes(photos)
    assert len(notes) == testsets.MOST_NOTES + 1
    assert notes[-1] == "And 20 more of the kind."


def test_a_split_of_a_dataset_names_rows_and_reads_pixels(tmp_path):
    from brightness import write_fer2013

    rows = [(0, 10, "Training"), (3, 120, "PrivateTest"), (6, 240, "PrivateTest"), (6, 241, "PrivateTest")]
    data = open_dataset(write_fer2013(tmp_path, rows))
    given = testsets.from_split(data, "private_test")
    assert given.already_face
    assert [given.classes[target] for target in given.targets] == ["happy", "neutral", "neutral"]
    assert [int(given.read(row)[0, 0]) for row in range(3)] == [120, 240, 241]
    drawn = testsets.from_split(data, "private_test", 2)
    assert (len(drawn), drawn.title) == (2, "fer2013, private_test, 2 of 3 images drawn at random")
    assert drawn.names == testsets.from_split(data, "private_test", 2).names


@pytest.mark.parametrize(
    "row",
    [
        "photos/anna.jpg,sad",
        r"C:\Users\x\anna.jpg,sad",
        "ANNA.JPG,sad",
        "anna,sad",
        "./anna.jpg,Traurig",
        "anna.jpg,غمگین",
    ],
)
def test_a_csv_names_photos_as_people_do(row):
    given = testsets.with_csv(read("anna.jpg", "bob.jpg"), f"file,label\n{row}\n".encode())
    assert labels(given) == {"anna.jpg": "sad", "bob.jpg": None}
    assert given.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "mac_roman"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_of_a_mac_and_of_windows_meet(encoding, form):
    photos = read(unicodedata.normalize(form, "Jörg.jpg"))
    given = testsets.with_csv(photos, "Datei;Ausdruck\nJörg.jpg;fröhlich\n".encode(encoding), "'labels.csv'")
    assert list(labels(given).values()) == ["happy"]
    assert len(given.assumed) == 1
    assert "file from 'Datei'; label from 'Ausdruck'" in given.assumed[0]


def test_a_doubt_and_a_contradiction_are_told_and_not_decided():
    photos = read("a/1.jpg", "b/1.jpg", "c.jpg")
    given = testsets.with_csv(photos, b"file,label\n1.jpg,sad\nc.jpg,sad\nx/c.jpg,happy\n")
    assert labels(given) == {"a/1.jpg": None, "b/1.jpg": None, "c.jpg": None}
    assert given.notes == (
        "Row 2 of the CSV: '1.jpg' may mean 'a/1.jpg', 'b/1.jpg': write it with its folder.",
        "Row 4 of the CSV calls 'c.jpg' happy, another row calls it sad: it stays without a label.",
    )


def test_what_is_no_photo_is_named():
    notes = testsets.from_files([("a.mp4", b"x"), ("b.jxl", b"x"), ("c.NEF", b"x"), ("d.pdf", b"x")]).notes
    assert [note.split(" and was left out")[0] for note in notes] == [
        "'a.mp4' is a video",
        "'b.jxl' is a JPEG XL picture",
        "'c.NEF' is a raw photo of a camera",
        "'d.pdf' is a PDF document",
    ]


def test_many_photos_of_one_name_and_very_long_names():
    photos = testsets.from_files([("happy.jpg", bytes([number % 256, number // 256])) for number in range(3000)])
    assert len({photo.name for photo in photos.photos}) == 3000
    assert photos.photos[-1].name == "happy (3000).jpg"
    long = testsets.from_files([(f"{'sad' * 40_000}.jpg", b"x")])
    assert len(long.photos[0].name) < 250
    assert testsets.why_unlabelled(long)


def test_what_many_names_may_mean_is_found_out_once():
    names = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}zzz holiday {i}.jpg" for i in range(400)]
    photos = testsets.from_files((name, name.encode()) for name in names)
    first = testsets.all_notes(photos)
    misses = label_names.nearest.cache_info().misses
    assert testsets.all_notes(photos) == first
    assert label_names.nearest.cache_info().misses == misses
