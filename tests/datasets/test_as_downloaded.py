"""Datasets as people have them after downloading, renaming and packing: what is read, and what is told."""

import gzip
import json
import tarfile
import zipfile

import numpy as np
import pytest
import small_datasets as make
from paths import SHARED
from PIL import Image

from fer_core.datasets import open_dataset
from fer_core.datasets.adapters import class_folders, ferplus
from fer_core.datasets.base import lost
from fer_core.datasets.tabular.label_tables import DOUBT, NO_LABEL, SEVERAL
from fer_core.errors import DatasetError
from fer_core.labels import FERPLUS_VOTES

CASES = SHARED / "cases" / "datasets"
FACE = " ".join(["70"] * 48 * 48)


def filled(data):
    return {
        split: {label: count for label, count in column.items() if count}
        for split, column in data.counts().items()
        if sum(column.values())
    }


def labels(data):
    return {data.name_of(row): data.classes[data.labels[row]] for row in range(len(data))}


def splits(data):
    return {data.name_of(row): data.split_names[data.splits[row]] for row in range(len(data))}


class TestFerPlusPictures:
    @pytest.mark.parametrize("write", [make.ferplus_folders, make.ferplus_one_table])
    def test_both_arrangements_give_splits_and_votes(self, tmp_path, write):
        data = open_dataset(write(tmp_path / "data"))
        assert data.kind == "ferplus"
        assert filled(data) == {"train": {"happy": 1}, "public_test": {"sad": 1}, "private_test": {"contempt": 1}}
        assert data.votes.shape == (3, len(FERPLUS_VOTES))
        assert data.votes.sum(axis=1).tolist() == [10, 10, 10]

    def test_a_tie_and_a_picture_without_votes_are_told(self, tmp_path):
        root = make.ferplus_folders(tmp_path / "data")
        make.picture(root / "data" / "FER2013Test" / "fer0000077.png", 5, 48, 48)
        data = open_dataset(root)
        assert data.problem_counts == {"FER+ votes without a majority for one expression": 1, ferplus.NO_VOTES: 1}


class TestLabelsBesideFolders:
    def test_the_folder_wins_and_the_disagreement_is_listed(self, tmp_path):
        data = open_dataset(make.affectnet_kaggle(tmp_path / "data"))
        assert labels(data)["anger/image0000002.jpg"] == "angry"
        assert data.problem_counts == {class_folders.DISAGREE: 1}
        assert "image0000002" in data.problems[0].place
        assert "fear" in data.problems[0].place
        assert lost(data.problem_counts) == {}

    def test_a_legend_beside_the_images(self, tmp_path):
        for number in range(3):
            make.picture(tmp_path / "set" / "images" / f"Face_{number}.jpg")
        lines = ("628,Face_0.jpg,anger", "dwdii,Face_1.JPG,HAPPINESS", "628,Face_9.jpg,anger")
        make.text(tmp_path / "set" / "data" / "legend.csv", "user.id,image,emotion", *lines)
        data = open_dataset(tmp_path / "set")
        assert labels(data) == {"images/Face_0.jpg": "angry", "images/Face_1.jpg": "happy"}
        assert sum(data.problem_counts.values()) == 2  # a name without a file, a file without a label
        assert "data/legend.csv: Read as UTF-8" in data.notes[0]

    def test_roboflows_columns_of_zeros_and_ones(self, tmp_path):
        for split in ("train", "valid"):
            make.picture(tmp_path / "set" / split / "a.jpg")
            make.picture(tmp_path / "set" / split / "b.jpg")
            rows = ("a.jpg, 0, 1, 0", "b.jpg, 1, 1, 0")
            make.text(tmp_path / "set" / split / "_classes.csv", "filename, Angry, Happy, Sad", *rows)
        data = open_dataset(tmp_path / "set")
        assert filled(data) == {"train": {"happy": 1}, "val": {"happy": 1}}
        assert data.problem_counts[SEVERAL] == 2

    @pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
    def test_hugging_faces_image_folder(self, tmp_path, name):
        for split, label in (("train", "happy"), ("test", "fear")):
            make.picture(tmp_path / "set" / split / "0.png")
            row = {"file_name": "0.png", "label": label}
            lines = ["file_name,label", f"0.png,{label}"] if name.endswith("csv") else [json.dumps(row), "{cut"]
            make.text(tmp_path / "set" / split / name, *lines)
        assert filled(open_dataset(tmp_path / "set")) == {"train": {"happy": 1}, "test": {"fear": 1}}

    def test_a_person_and_a_split_in_the_table(self, tmp_path):
        for number in range(2):
            make.picture(tmp_path / "set" / f"{number}.png")
        make.text(tmp_path / "set" / "l.csv", "file;subject;set;mood", "0.png;p1;train;sad", "1;p2;Validation;joy")
        data = open_dataset(tmp_path / "set")
        assert splits(data) == {"0.png": "train", "1.png": "val"}
        assert data.groups.tolist() == ["p1", "p2"]

    def test_a_name_of_several_images_is_told_and_not_guessed(self, tmp_path):
        for folder in ("a", "b"):
            make.picture(tmp_path / "set" / folder / "1.png")
        make.picture(tmp_path / "set" / "c" / "2.png")
        make.text(tmp_path / "set" / "labels.csv", "image,label", "1.png,sad", "2.png,happy", "2.png,cheese")
        data = open_dataset(tmp_path / "set")
        assert labels(data) == {"c/2.png": "happy"}
        assert (data.problem_counts[DOUBT], data.problem_counts[NO_LABEL]) == (1, 1)

    def test_a_table_for_each_split_tells_files_of_one_name_apart(self, tmp_path):
        for split in ("train", "test"):
            make.picture(tmp_path / "set" / split / "1.png")
            make.text(
                tmp_path / "set" / f"{split}_labels.csv", "image,label", f"1.png,{ {'train': 3, 'test': 4}[split] }"
            )
        data = open_dataset(tmp_path / "set")
        assert labels(data) == {"train/1.png": "happy", "test/1.png": "sad"}
        assert "read as those of FER2013: 0 angry" in data.notes[-1]


class TestFolders:
    def test_the_split_may_stand_below_the_class(self, tmp_path):
        for name in ("angry/train/1.png", "angry/test/2.png", "sad/train/3.png"):
            make.picture(tmp_path / "set" / name)
        assert filled(open_dataset(tmp_path / "set")) == {"train": {"angry": 1, "sad": 1}, "test": {"angry": 1}}

    def test_other_words_for_splits(self, tmp_path):
        for split in ("images_train", "images_validation", "images_test"):
            make.picture(tmp_path / "set" / split / "happy" / "1.png")
        assert list(filled(open_dataset(tmp_path / "set"))) == ["train", "val", "test"]

    @pytest.mark.parametrize(
        ("numbers", "title", "label"),
        [((0, 3, 6), "FER2013", "angry"), ((0, 7), "AffectNet", "neutral"), ((1, 4, 7), "RAF-DB", "surprise")],
    )
    def test_numbered_folders_say_whose_numbers_they_were_taken_for(self, tmp_path, numbers, title, label):
        for number in numbers:
            make.picture(tmp_path / "set" / "train" / str(number) / "1.png")
        data = open_dataset(tmp_path / "set")
        assert labels(data)[f"train/{numbers[0]}/1.png"] == label
        (note,) = data.notes
        assert f"read as those of {title}" in note
        assert "--kind" in note
        assert open_dataset(tmp_path / "set").notes == data.notes  # from the cache, too

    def test_the_kind_chooses_another_map(self, tmp_path):
        make.picture(tmp_path / "set" / "0" / "1.png")
        assert labels(open_dataset(tmp_path / "set")) == {"0/1.png": "angry"}
        assert labels(open_dataset(tmp_path / "set", "affectnet")) == {"0/1.png": "neutral"}

    def test_misspelt_folders_are_never_silent(self, tmp_path):
        for name in ("angery", "happly", "natural"):
            make.picture(tmp_path / "set" / name / "1.png")
        with pytest.raises(DatasetError) as caught:
            open_dataset(tmp_path / "set")
        for word, meant in (("angery", "angry"), ("happly", "happy"), ("natural", "neutral")):
            assert f"'{word}': did you mean '{meant}'?" in str(caught.value)

    def test_when_most_falls_out_a_note_says_so(self, tmp_path):
        make.picture(tmp_path / "set" / "happy" / "1.png")
        for number in range(3):
            make.picture(tmp_path / "set" / "sadnes" / f"{number}.png")
        data = open_dataset(tmp_path / "set")
        assert (len(data), data.problem_counts) == (1, {class_folders.OTHER_NAME: 3})
        assert "did you mean 'sad'?" in data.problems[0].place
        assert "Most of this dataset is left out: 1 images are kept, 3 are not" in data.notes[-1]

    def test_files_of_other_kinds_are_counted(self, tmp_path):
        make.picture(tmp_path / "set" / "happy" / "1.png")
        for name in ("clip.mp4", "raw.dng", "more.mov"):
            make.text(tmp_path / "set" / "happy" / name, "x")
        counts = open_dataset(tmp_path / "set").problem_counts
        assert sorted(counts.values()) == [1, 2]
        assert any("a video" in reason for reason in counts)

    def test_every_format_that_predict_reads(self, tmp_path):
        pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), np.uint8)
        folder = tmp_path / "set" / "happy"
        folder.mkdir(parents=True)
        for suffix in ("jpg", "jpe", "jfif", "png", "webp", "tiff", "gif", "bmp", "avif"):
            Image.fromarray(pixels).save(folder / f"a.{suffix}", format={"jpe": "JPEG", "jfif": "JPEG"}.get(suffix))
        from pillow_heif import from_pillow

        from_pillow(Image.fromarray(pixels)).save(folder / "a.heic")
        deep = (np.arange(24 * 20, dtype=np.uint16) * 100).reshape(24, 20)
        Image.fromarray(deep).save(folder / "deep.png")
        data = open_dataset(tmp_path / "set")
        assert (len(data), data.problem_count) == (11, 0)
        assert {tuple(size) for size in data.sizes.tolist()} == {(24, 20)}
        assert all(data.image(row).shape[:2] == (24, 20) for row in range(len(data)))


class TestTables:
    @pytest.mark.parametrize(
        ("heading", "row"),
        [
            ("emotion,pixels,Usage", f"3,{FACE},PrivateTest"),
            ("emotion, Usage, pixels", f"3, PrivateTest, {FACE}"),
            ("emotion,pixels,usage", f"3,{FACE},privatetest"),
            ("Emotion;Pixels;Usage", f"3;{FACE};PrivateTest"),
            (",emotion,pixels,Usage", f"0,3,{FACE},PrivateTest"),
            ("emotion,pixels,Usage", f'"3.0","{FACE}","PrivateTest"'),
            ("label,pixels,split", f"happy,{FACE},private_test"),
            ("emotion,pixels,Usage", f'3,"[{FACE.replace(" ", ", ")}]",PrivateTest'),
            ("emotion\tpixels\tUsage", f"3\t{FACE}\tPrivateTest"),
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_fer2013_in_the_ways_people_save_it(self, tmp_path, heading, row, encoding):
        path = tmp_path / "anything (1).csv"
        path.write_text("\n".join([heading, row, row]) + "\n", encoding=encoding)
        data = open_dataset(path)
        assert (data.kind, len(data), data.problem_count) == ("fer2013", 2, 0)
        assert filled(data) == {"private_test": {"happy": 2}}
        assert int(data.image(1)[47, 47]) == 70
        assert data.notes[0].startswith("Read as")

    @pytest.mark.parametrize(("name", "split"), [("train.csv", "train"), ("test.csv", "test"), ("x.csv", "all")])
    def test_the_competitions_file_has_no_usage(self, tmp_path, name, split):
        make.text(tmp_path / name, "emotion,pixels", f"3,{FACE}")
        data = open_dataset(tmp_path / name)
        assert filled(data) == {split: {"happy": 1}}
        assert "no column Usage" in data.notes[1]

    def test_a_heading_in_the_middle_is_no_row(self, tmp_path):
        lines = ("emotion,pixels,Usage", f"3,{FACE},Training", "emotion,pixels,Usage", f"4,{FACE},Training")
        data = open_dataset(make.text(tmp_path / "joined.csv", *lines))
        assert (data.file_rows.tolist(), data.problem_count) == ([0, 1], 0)

    @pytest.mark.parametrize("pack", ["folder", "zip", "tar.gz", "zip in a folder", "gz"])
    def test_one_level_down(self, tmp_path, pack):
        table = make.text(tmp_path / "inner" / "renamed.csv", "emotion,pixels,Usage", f"3,{FACE},Training")
        path = tmp_path / "outer"
        path.mkdir()
        if pack == "folder":
            (path / "deeper").mkdir()
            table.rename(path / "deeper" / "renamed.csv")
        elif pack == "gz":
            (path / "renamed.csv.gz").write_bytes(gzip.compress(table.read_bytes()))
        elif pack == "tar.gz":
            path = tmp_path / "fer2013.tar.gz"
            with tarfile.open(path, "w:gz") as archive:
                archive.add(table, "fer2013/renamed.csv")
        else:
            path = tmp_path / "outer.zip" if pack == "zip" else path / "archive.zip"
            with zipfile.ZipFile(path, "w") as archive:
                archive.write(table, "fer2013/renamed.csv")
            path = path if pack == "zip" else path.parent
        data = open_dataset(path)
        assert (data.kind, len(data), data.path) == ("fer2013", 1, path)

    def test_of_several_tables_the_usual_name_counts_and_the_others_are_told(self, tmp_path):
        for name, code in (("a_copy.csv", 4), ("fer2013/icml_face_data.csv", 3)):
            make.text(tmp_path / "set" / name, "emotion,pixels,Usage", f"{code},{FACE},Training")
        data = open_dataset(tmp_path / "set")
        assert filled(data) == {"train": {"happy": 1}}
        assert [problem.place for problem in data.problems] == ["a_copy.csv"]

    def test_ck_extended(self, tmp_path):
        make.text(tmp_path / "ckextended.csv", "emotion,pixels,Usage", f"7,{FACE},Training", f"6,{FACE},PublicTest")
        data = open_dataset(tmp_path / "ckextended.csv")
        assert (data.kind, filled(data)) == ("ck_plus", {"train": {"contempt": 1}, "public_test": {"neutral": 1}})


class TestParquet:
    @pytest.fixture
    def write(self, tmp_path):
        import io

        import pyarrow
        import pyarrow.parquet

        def made(names=None, codes=(0, 3, 6), file="data/train-00000-of-00001.parquet"):
            pictures = []
            for code in codes:
                stream = io.BytesIO()
                Image.fromarray(np.full((48, 48), 20 * code, np.uint8)).save(stream, "PNG")
                pictures.append({"bytes": stream.getvalue(), "path": None})
            table = pyarrow.table({"image": pictures, "label": list(codes)})
            if names:
                features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
                table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
            path = tmp_path / "hub" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            pyarrow.parquet.write_table(table, path)
            return tmp_path / "hub"

        return made

    def test_numbers_alone_say_which_map_was_used(self, write):
        data = open_dataset(write())
        assert filled(data) == {"train": {"angry": 1, "happy": 1, "neutral": 1}}
        assert "read as those of FER2013" in data.notes[0]
        assert data.path.name == "hub"

    def test_names_in_the_file_count(self, write):
        names = ["anger", "x", "x", "sadness", "x", "x", "Neutral"]
        root = write(names)
        write(names, (3, 3), "data/test-00000-of-00001.parquet")
        data = open_dataset(root)
        assert filled(data) == {"train": {"angry": 1, "sad": 1, "neutral": 1}, "test": {"sad": 2}}
        assert open_dataset(root / "data" / "test-00000-of-00001.parquet").counts()["test"]["sad"] == 2

    def test_a_damaged_file_is_a_sentence(self, tmp_path):
        make.text(tmp_path / "x.parquet", "PAR1 no more")
        with pytest.raises(DatasetError, match=r"x\.parquet cannot be read as Parquet"):
            open_dataset(tmp_path / "x.parquet")


def test_people_stand_in_one_split_of_jaffe_and_kdef(tmp_path):
    for write in (make.jaffe, make.kdef):
        data = open_dataset(write(tmp_path / write.__name__))
        assert len({(person, split) for person, split in zip(data.groups, data.splits, strict=True)}) == 5


def test_the_boxes_of_yolo_cut_the_faces_out(tmp_path):
    data = open_dataset(make.yolo(tmp_path / "data"))
    shades = [int(data.image(row).mean()) for row in range(len(data))]
    assert shades == [0, 255, 90]
    assert data.image(0).shape[:2] == (40, 30)


@pytest.mark.shared
@pytest.mark.skipif(not CASES.is_dir(), reason="../shared is not here")
@pytest.mark.parametrize(
    ("case", "kind", "counts", "problems"),
    [
        ("ferplus_png", "ferplus", {"train": 49, "public_test": 54, "private_test": 52}, 10),
        ("raf_flat", "raf_db", {"train": 56, "test": 112}, 0),
        ("mixed", "folder", {"all": 40}, 0),
        ("splitodd", "folder", {"train": 56, "val": 56, "test": 56}, 0),
        ("affect_kaggle", "affectnet", {"all": 168}, 34),
        ("csv/corrupt.csv", "fer2013", {"train": 56, "public_test": 56, "private_test": 56}, 5),
        ("csv/lower_usage.csv", "fer2013", {"train": 56, "public_test": 3}, 0),
        ("csv/semicolon.csv", "fer2013", {"train": 56, "public_test": 3}, 0),
        ("csv/words.csv", "fer2013", {"train": 56, "public_test": 3}, 0),
        ("powershell5.zip", "fer2013", {"train": 56, "public_test": 56, "private_test": 56}, 0),
        ("parquet", "folder", {"train": 168}, 0),
    ],
)
def test_the_cases_at_hand_give_their_right_value(case, kind, counts, problems):
    data = open_dataset(CASES / case)
    assert (data.kind, data.problem_count) == (kind, problems)
    assert {split: sum(column.values()) for split, column in filled(data).items()} == counts
