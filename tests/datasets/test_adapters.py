"""Every layout by what comes out of it: classes by name, splits, sizes, pictures; broken ones by what is counted."""

import gzip

import numpy as np
import pytest
import small_datasets as make

from fer_core.datasets import KINDS, open_dataset
from fer_core.datasets.adapters.ck_plus import NO_PEOPLE
from fer_core.datasets.files import MISSING, NOT_A_LINE, OUTSIDE_SCHEME, UNREADABLE
from fer_core.errors import DatasetError
from fer_core.labels import EIGHT, SEVEN


def rows(data):
    """(file, label, split) of each row."""
    splits = [data.split_names[place] for place in data.splits]
    labels = [data.classes[place] for place in data.labels]
    return [(data.name_of(row).rpartition("/")[2], *told) for row, told in enumerate(zip(labels, splits, strict=True))]


def filled(data):
    """Counts without their zeros."""
    return {split: {label: n for label, n in column.items() if n} for split, column in data.counts().items()}


LAYOUTS = {
    "class folders": (
        make.class_folders,
        "folder",
        ("angry", "happy", "neutral"),
        {"train": {"angry": 1, "happy": 2}, "val": {"neutral": 1}, "test": {"happy": 1}},
    ),
    "FER2013 folders": (
        make.fer2013_folders,
        "fer2013",
        SEVEN,
        {"train": {"angry": 1}, "public_test": {"happy": 1}, "private_test": {"surprise": 1}},
    ),
    "RAF-DB": (make.raf_db, "raf_db", SEVEN, {"train": {"sad": 1, "happy": 1}, "test": {"neutral": 1}}),
    "RAF-DB of Kaggle": (
        make.raf_db_kaggle,
        "raf_db",
        SEVEN,
        {"train": {"surprise": 1, "angry": 1}, "test": {"disgust": 1}},
    ),
    "AffectNet": (make.affectnet, "affectnet", EIGHT, {"train": {"contempt": 1, "neutral": 1}, "val": {"happy": 1}}),
    "AffectNet npy": (
        make.affectnet_npy,
        "affectnet",
        EIGHT,
        {"train": {"angry": 1, "surprise": 1}, "val": {"contempt": 1}},
    ),
    "ExpW": (make.expw, "expw", SEVEN, {"all": {"sad": 1, "happy": 1}}),
    "wild_faces": (
        make.wild_faces,
        "wild_faces",
        EIGHT,
        {"train": {"happy": 1}, "val": {"happy": 1}, "test": {"neutral": 1}},
    ),
    "JAFFE": (make.jaffe, "jaffe", SEVEN, {"train": {"angry": 2, "happy": 2}, "test": {"angry": 1}}),
    "KDEF": (make.kdef, "kdef", SEVEN, {"train": {"fear": 4}, "test": {"neutral": 1}}),
    "YOLO": (make.yolo, "yolo", ("angry", "happy"), {"train": {"happy": 2}, "val": {"angry": 1}}),
    "FER+ pictures": (
        make.ferplus_folders,
        "ferplus",
        EIGHT,
        {"train": {"happy": 1}, "public_test": {"sad": 1}, "private_test": {"contempt": 1}},
    ),
    "RAF-DB flat": (make.raf_db_flat, "raf_db", SEVEN, {"train": {"surprise": 1}, "test": {"neutral": 1}}),
    "AffectNet as on Kaggle": (
        make.affectnet_kaggle,
        "affectnet",
        EIGHT,
        {"all": {"angry": 2, "contempt": 1}},
    ),
    "CK+": (make.ck_plus, "ck_plus", EIGHT, {"train": {"disgust": 1, "surprise": 1}}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_told_and_translated(layout, tmp_path):
    write, kind, classes, counts = LAYOUTS[layout]
    path = write(tmp_path / "data")
    for data in (open_dataset(path), open_dataset(path), open_dataset(path, kind)):
        assert (data.kind, data.classes) == (kind, classes)
        assert filled(data) == counts
        assert len(data) == sum(sum(column.values()) for column in counts.values())
        assert data.sizes.shape == (len(data), 2)
        assert data.file_rows.tolist() == list(range(len(data)))
        assert all(data.image(row).dtype == np.uint8 for row in range(len(data)))
        assert data.images(range(len(data)), 16, 3).shape == (len(data), 16, 16, 3)
        assert data.images([], 16).shape == (0, 16, 16, 1)


def test_every_kind_has_a_layout_here():
    assert {layout[1] for layout in LAYOUTS.values()} == set(KINDS)


def test_pictures_are_gray_or_rgb_as_their_files_are(tmp_path):
    data = open_dataset(make.class_folders(tmp_path / "data"))
    assert [data.name_of(row) for row in range(5)] == sorted(data.name_of(row) for row in range(5))
    by_name = {data.name_of(row): data.image(row) for row in range(5)}
    assert by_name["train/angry/1.png"].shape == (10, 12)
    assert by_name["train/Happiness/1.jpg"].shape == (10, 12, 3)
    assert by_name["test/happy/1.bmp"][0, 0].tolist() == 50
    assert set(map(tuple, data.sizes.tolist())) == {(10, 12)}


def test_raf_db_takes_the_aligned_image_where_there_are_two(tmp_path):
    data = open_dataset(make.raf_db(tmp_path / "data"))
    assert rows(data)[1] == ("train_00001_aligned.jpg", "sad", "train")
    assert data.sizes.tolist() == [[100, 100]] * 3


def test_raf_db_counts_what_its_list_gets_wrong(tmp_path):
    root = make.raf_db(tmp_path / "data")
    lines = ("train_00001.jpg 5", "train_00002.jpg 8", "train_00009.jpg 1", "hello", "", "test_0001.jpg seven")
    make.text(root / "basic" / "EmoLabel" / "list_patition_label.txt", *lines)
    data = open_dataset(root)
    assert len(data) == 1
    assert data.problem_counts == {OUTSIDE_SCHEME: 1, MISSING: 1, NOT_A_LINE: 2}
    assert data.problems[0].place.endswith("line 2 (came 8)")


def test_raf_db_says_where_folder_and_table_disagree(tmp_path):
    root = make.raf_db_kaggle(tmp_path / "data")
    make.text(root / "test_labels.csv", "image,label", "test_0002_aligned.jpg,4", "x,")
    make.picture(root / "DATASET" / "train" / "8" / "train_00006_aligned.jpg")
    data = open_dataset(root)
    assert filled(data)["test"] == {"disgust": 1}
    assert data.problem_count == 3
    assert data.problem_counts[OUTSIDE_SCHEME] == 1


def test_affectnet_cuts_by_its_box_and_leaves_out_what_is_no_expression(tmp_path):
    data = open_dataset(make.affectnet(tmp_path / "data"))
    shapes = {(label, split): data.image(row).shape for row, (_, label, split) in enumerate(rows(data))}
    assert shapes[("contempt", "train")] == (20, 10, 3)
    assert shapes[("neutral", "train")] == (40, 30, 3)
    assert data.problem_counts == {"labelled 'uncertain', which is no expression": 1}


def test_affectnet_survives_annotations_that_are_none(tmp_path):
    root = make.affectnet_npy(tmp_path / "data")
    folder = root / "train_set" / "annotations"
    (folder / "0_exp.npy").unlink()
    np.save(folder / "1_exp.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    make.picture(root / "val_set" / "images" / "2.jpg")
    np.save(root / "val_set" / "annotations" / "2_exp.npy", np.zeros(5000))
    make.picture(root / "val_set" / "images" / "3.jpg")
    np.save(root / "val_set" / "annotations" / "3_exp.npy", np.array("eleven"))
    make.picture(root / "val_set" / "images" / "4.jpg")
    np.save(root / "val_set" / "annotations" / "4_exp.npy", np.array(11))
    data = open_dataset(root, "affectnet")
    assert rows(data) == [("0.jpg", "contempt", "val")]
    assert data.problem_counts == {
        "an image without an annotation that can be read": 3,
        NOT_A_LINE: 1,
        OUTSIDE_SCHEME: 1,
    }


def test_affectnet_without_its_columns_says_so(tmp_path):
    root = make.affectnet(tmp_path / "data")
    make.text(root / "validation.csv", "file,label", "12/a.jpg,1")
    with pytest.raises(DatasetError, match="lacks the columns expression, subDirectory_filePath"):
        open_dataset(root)


def test_expw_gives_each_face_of_a_photo(tmp_path):
    data = open_dataset(make.expw(tmp_path / "data"))
    told = {label: data.image(row) for row, (_, label, _) in enumerate(rows(data))}
    assert told["sad"].shape == (10, 20, 3)
    assert told["sad"].max() == 0
    assert told["happy"].shape == (40, 25, 3)
    assert told["happy"].min() == 255


def test_expw_counts_lines_that_are_none(tmp_path):
    root = make.expw(tmp_path / "data")
    lines = (
        "two_people.png 0 5 0 20 15 33.1 4",
        "two_people.png 0 5 0 20 15 33.1 7",
        "nobody.png 0 5 0 20 15 33.1 4",
        "two_people.png 0 5 0",
        "two_people.png 0 5 x 20 15 33.1 4",
        "two_people.png 0 5 20 20 15 33.1 4",
    )
    make.text(root / "label" / "label.lst", *lines)
    data = open_dataset(root)
    assert len(data) == 1
    assert data.problem_counts == {OUTSIDE_SCHEME: 1, MISSING: 1, NOT_A_LINE: 2, "a box without an area": 1}


def test_ck_plus_takes_the_peak_of_labelled_sequences(tmp_path):
    data = open_dataset(make.ck_plus(tmp_path / "data"))
    assert [name for name, _, _ in rows(data)] == ["S005_001_00000003.png", "S010_002_00000002.png"]
    assert data.groups.tolist() == ["S005", "S010"]


def test_ck_plus_counts_labels_that_are_none(tmp_path):
    root = make.ck_plus(tmp_path / "data")
    emotion = root / "Emotion"
    make.text(emotion / "S011" / "001" / "S011_001_00000002_emotion.txt", "8.0000000e+00")
    make.text(emotion / "S012" / "001" / "S012_001_00000002_emotion.txt", "1.0000000e+00")
    make.text(emotion / "S013" / "001" / "S013_001_00000002_emotion.txt", "angry")
    data = open_dataset(root)
    assert len(data) == 2
    assert data.problem_counts == {OUTSIDE_SCHEME: 1, MISSING: 1, NOT_A_LINE: 1}


def test_ck_plus_as_class_folders_never_shares_a_person_between_splits(tmp_path):
    for person in range(10):
        for number in (1, 2):
            make.picture(tmp_path / "CK+48" / "anger" / f"S{person:03d}_004_0000001{number}.png", 10, 48, 48)
    data = open_dataset(tmp_path / "CK+48")
    assert data.kind == "ck_plus"
    people = {split: set(data.groups[data.rows(split)].tolist()) for split in data.split_names}
    assert people == {"train": {f"S{n:03d}" for n in range(10)} - {"S004", "S009"}, "test": {"S004", "S009"}}


def test_ck_plus_rows_have_an_order_of_their_own(tmp_path):
    path = make.pixel_rows(
        tmp_path / "ckextended.csv",
        (7, 10, "Training"),
        (6, 20, "PublicTest"),
        (0, 30, "PrivateTest"),
        (8, 1, "Training"),
    )
    data = open_dataset(path)
    assert data.kind == "ck_plus"
    assert [data.classes[label] for label in data.labels] == ["contempt", "neutral", "angry"]
    assert data.problem_counts == {NO_PEOPLE: 1, OUTSIDE_SCHEME: 1}
    assert [data.image(row)[0, 0] for row in range(3)] == [10, 20, 30]


def test_fer2013_rows_that_cannot_be_read_are_counted_and_keep_the_others_numbers(tmp_path):
    shades = " ".join(["7"] * 48 * 48)
    lines = (
        f"0,{shades},Training",
        f"9,{shades},Training",
        "3,1 2 3,PublicTest",
        f"three,{shades},PublicTest",
        f"3,{shades.replace('7', '256', 1)},PublicTest",
        f"3,{shades},Somewhere",
        "3",
        f"3,{shades},PrivateTest",
    )
    path = make.text(tmp_path / "fer2013.csv", "emotion,pixels,Usage", *lines)
    for data in (open_dataset(path), open_dataset(path)):
        assert data.file_rows.tolist() == [0, 7]
        assert data.name_of(1) == "row 7"
        assert data.problem_count == 6
        assert data.problem_counts[OUTSIDE_SCHEME] == 1
        assert filled(data) == {"train": {"angry": 1}, "public_test": {}, "private_test": {"happy": 1}}


def test_ferplus_joins_its_votes_by_row_and_leaves_out_what_has_no_majority(tmp_path):
    make.pixel_rows(tmp_path / "fer2013.csv", (0, 1, "Training"), (1, 2, "Training"), (6, 3, "PrivateTest"))
    votes = ("0,0,0,0,0,0,0,9,1,0", "0,0,5,5,0,0,0,0,0,0", "9,1,0,0,0,0,0,0,0,0")
    heading = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    make.text(tmp_path / "fer2013new.csv", heading, *votes)
    data = open_dataset(tmp_path, "ferplus")
    assert filled(data) == {"train": {"contempt": 1}, "public_test": {}, "private_test": {"neutral": 1}}
    assert data.file_rows.tolist() == [0, 2]
    assert data.votes.sum(axis=1).tolist() == [10, 10]
    assert data.problem_count == 1
    plain = open_dataset(tmp_path)
    assert (plain.kind, len(plain), plain.votes.shape) == ("fer2013", 3, (3, 10))


def test_votes_that_do_not_fit_are_a_problem_of_fer2013_and_an_error_of_ferplus(tmp_path):
    make.pixel_rows(tmp_path / "fer2013.csv", (0, 1, "Training"))
    make.text(tmp_path / "fer2013new.csv", "neutral,happiness", "1,2")
    data = open_dataset(tmp_path)
    assert data.votes is None
    assert data.problem_count == 1
    with pytest.raises(DatasetError, match="lacks the columns"):
        open_dataset(tmp_path, "ferplus")
    (tmp_path / "fer2013new.csv").unlink()
    with pytest.raises(DatasetError, match=r"needs fer2013new\.csv"):
        open_dataset(tmp_path, "ferplus")


def test_a_compressed_file_that_was_cut_short(tmp_path):
    whole = gzip.compress(b"emotion,pixels,Usage\n" + b"0,1 2 3,Training\n" * 1000)
    (tmp_path / "fer2013.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="damaged"):
        open_dataset(tmp_path)


def test_an_image_with_a_broken_header_is_counted(tmp_path):
    root = make.class_folders(tmp_path / "data")
    (root / "train" / "angry" / "0.png").write_bytes(b"not a picture")
    (root / "train" / "angry" / "9.jpg").write_bytes(b"")
    data = open_dataset(root)
    assert data.problem_counts == {UNREADABLE: 2}
    assert len(data) == 5


def test_an_image_broken_after_its_header_is_told_when_it_is_asked_for(tmp_path):
    root = make.class_folders(tmp_path / "data")
    whole = (root / "train" / "angry" / "1.png").read_bytes()
    (root / "train" / "angry" / "1.png").write_bytes(whole[:30])
    data = open_dataset(root)
    row = next(row for row in range(5) if data.name_of(row) == "train/angry/1.png")
    with pytest.raises(DatasetError, match=r"1\.png"):
        data.image(row)
