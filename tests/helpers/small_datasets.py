"""Tiny datasets in every layout that people have, and pictures to fill them with."""

import shutil

import cv2
import numpy as np
from paths import ROOT

PEOPLE = {"train": "p2", "val": "p3", "test": "p1"}
"""A person of each part of wild_faces."""


def picture(path, shade=100, height=10, width=12, colour=False):
    """An image file of one shade; its size tells height from width."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((height, width, 3) if colour else (height, width), shade, np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


def text(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def class_folders(root):
    picture(root / "train" / "angry" / "1.png", 10)
    picture(root / "train" / "Happiness" / "1.jpg", 20, colour=True)
    picture(root / "train" / "3_happy" / "2.png", 30)
    picture(root / "validation" / "neutral" / "1.png", 40)
    picture(root / "test" / "happy" / "1.bmp", 50)
    return root


def fer2013_folders(root):
    picture(root / "train" / "angry" / "Training_3908.png", 10, 48, 48)
    picture(root / "test" / "happy" / "PublicTest_77.png", 20, 48, 48)
    picture(root / "test" / "surprise" / "PrivateTest_88.png", 30, 48, 48)
    return root


def raf_db(root):
    for number, shade in enumerate((10, 20), start=1):
        picture(root / "basic" / "Image" / "aligned" / f"train_0000{number}_aligned.jpg", shade, 100, 100, colour=True)
    picture(root / "basic" / "Image" / "original" / "train_00001.jpg", 200, 300, 200)
    picture(root / "basic" / "Image" / "aligned" / "test_0001_aligned.jpg", 30, 100, 100, colour=True)
    lines = ("train_00001.jpg 5", "train_00002.jpg 4", "test_0001.jpg 7")
    text(root / "basic" / "EmoLabel" / "list_patition_label.txt", *lines)
    return root


def raf_db_kaggle(root):
    picture(root / "DATASET" / "train" / "1" / "train_00004_aligned.jpg", 10, 100, 100)
    picture(root / "DATASET" / "train" / "6" / "train_00005_aligned.jpg", 20, 100, 100)
    picture(root / "DATASET" / "test" / "3" / "test_0002_aligned.jpg", 30, 100, 100)
    text(root / "train_labels.csv", "image,label", "train_00004_aligned.jpg,1", "train_00005_aligned.jpg,6")
    text(root / "test_labels.csv", "image,label", "test_0002_aligned.jpg,3")
    return root


AFFECTNET_HEADING = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
)


def affectnet(root):
    picture(root / "Manually_Annotated_Images" / "689" / "a.jpg", 10, 40, 30, colour=True)
    picture(root / "Manually_Annotated_Images" / "689" / "b.jpg", 20, 40, 30, colour=True)
    picture(root / "Manually_Annotated_Images" / "12" / "a.jpg", 30, 40, 30, colour=True)
    text(
        root / "training.csv",
        AFFECTNET_HEADING,
        "689/a.jpg,2,3,10,20,1;2,7,-0.5,0.1",
        "689/b.jpg,0,0,30,40,1;2,0,0,0",
        "12/a.jpg,0,0,30,40,1;2,9,-2,-2",
    )
    text(root / "validation.csv", AFFECTNET_HEADING, "12/a.jpg,0,0,30,40,1;2,1,0.9,0.1")
    return root


def affectnet_npy(root):
    for split, number, label in (("train", 0, np.array("6")), ("train", 1, np.array(3)), ("val", 0, np.array("7"))):
        picture(root / f"{split}_set" / "images" / f"{number}.jpg", 10 * number, 24, 24, colour=True)
        (root / f"{split}_set" / "annotations").mkdir(exist_ok=True)
        np.save(root / f"{split}_set" / "annotations" / f"{number}_exp.npy", label)
    return root


def expw(root):
    halves = np.zeros((40, 60, 3), np.uint8)
    halves[:, 30:] = 255
    photo = root / "image" / "origin" / "two_people.png"
    photo.parent.mkdir(parents=True)
    cv2.imwrite(str(photo), halves)
    text(
        root / "label" / "label.lst",
        "two_people.png 0 5 0 20 15 33.1 4",
        "two_people.png 1 0 35 60 40 22.9 3",
    )
    return root


def wild_faces(root):
    for name, sample in (
        ("a_1.jpg", "astronaut.jpg"),
        ("b_1.jpg", "grace_hopper.jpg"),
        ("b_2.jpg", "grace_hopper.jpg"),
    ):
        (root / "images").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "samples" / sample, root / "images" / name)
    picture(root / "images" / "c_1.jpg", 90, 60, 60)
    text(
        root / "labels.csv",
        "image,person,label",
        f"a_1.jpg,{PEOPLE['train']},happiness",
        f"b_1.jpg,{PEOPLE['test']},neutral",
        f"b_2.jpg,{PEOPLE['val']},happy",
        f"c_1.jpg,{PEOPLE['train']},sad",
    )
    return root


def ck_plus(root):
    for person, sequence, frames in (("S005", "001", 3), ("S010", "002", 2), ("S011", "001", 2)):
        for frame in range(1, frames + 1):
            name = f"{person}_{sequence}_{frame:08d}.png"
            picture(root / "cohn-kanade-images" / person / sequence / name, 10 * frame, 49, 64)
    for person, sequence, frame, code in (("S005", "001", 3, 3), ("S010", "002", 2, 7)):
        name = f"{person}_{sequence}_{frame:08d}_emotion.txt"
        text(root / "Emotion" / person / sequence / name, f"   {code:.7e}")
    return root


def pixel_rows(path, *rows):
    """A CSV of (class, shade, usage)."""
    lines = [f"{code},{' '.join([str(shade)] * 48 * 48)},{usage}" for code, shade, usage in rows]
    return text(path, "emotion,pixels,Usage", *lines)


def jaffe(root):
    for number, person in enumerate(("KA", "KL", "KM", "KR", "MK")):
        picture(root / f"{person}.{('AN', 'HA')[number % 2]}1.{30 + number}.tiff", 10 * number, 256, 256)
    return root


def kdef(root):
    for number in range(1, 5):
        picture(root / f"AF0{number}" / f"AF0{number}AFS.JPG", 10 * number, 40, 30, colour=True)
    picture(root / "BM05" / "BM05NEHL.JPG", 50, 40, 30, colour=True)
    return root


def yolo(root):
    """Two faces in one photo, and a face that fills its photo."""
    halves = np.zeros((40, 60, 3), np.uint8)
    halves[:, 30:] = 255
    (root / "train" / "images").mkdir(parents=True)
    cv2.imwrite(str(root / "train" / "images" / "two.png"), halves)
    text(root / "train" / "labels" / "two.txt", "1 0.25 0.5 0.5 1.0", "1 0.75 0.5 0.5 1.0")
    picture(root / "valid" / "images" / "ffhq_1.png", 90, 20, 20)
    text(root / "valid" / "labels" / "ffhq_1.txt", "0 0.5 0.5 0.99 0.99")
    text(root / "data.yaml", "train: ../train/images", "nc: 2", "names: ['Anger', 'Happy']")
    return root


VOTES = {"happy": "0,10,0,0,0,0,0,0,0,0", "sad": "1,0,0,9,0,0,0,0,0,0", "contempt": "2,0,0,0,0,0,0,8,0,0"}
TIED = "5,5,0,0,0,0,0,0,0,0"


def ferplus_folders(root):
    """As microsoft/FERPlus writes them; one image has no majority."""
    for number, (split, label) in enumerate((("Train", "happy"), ("Valid", "sad"), ("Test", "contempt"))):
        folder = root / "data" / f"FER2013{split}"
        lines = [f'fer{number:07d}.png,"(0, 0, 48, 48)",{VOTES[label]}']
        picture(folder / f"fer{number:07d}.png", 10 * number, 48, 48)
        if split == "Train":
            picture(folder / "fer0000009.png", 99, 48, 48)
            lines.append(f'fer0000009.png,"(0, 0, 48, 48)",{TIED}')
        text(folder / "label.csv", *lines)
    return root


def ferplus_one_table(root):
    """The other arrangement: the repository's own table, and the pictures in folders beside."""
    columns = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    lines = [f"Usage,Image name,{columns}"]
    for number, (usage, label) in enumerate(
        (("Training", "happy"), ("PublicTest", "sad"), ("PrivateTest", "contempt"))
    ):
        picture(root / "images" / f"fer{number:07d}.png", 10 * number, 48, 48)
        lines.append(f"{usage},fer{number:07d}.png,{VOTES[label]}")
    text(root / "fer2013new.csv", *lines)
    return root


def raf_db_flat(root):
    picture(root / "train" / "train_00001_aligned.jpg", 10, 100, 100)
    picture(root / "test" / "test_0001_aligned.jpg", 20, 100, 100)
    text(root / "train_labels.csv", "image,label", "train_00001_aligned.jpg,1")
    text(root / "test_labels.csv", "image,label", "test_0001_aligned.jpg,7")
    return root


def affectnet_kaggle(root):
    """The table disagrees with the folder of one picture."""
    for name in ("anger/image0000001.jpg", "anger/image0000002.jpg", "contempt/image0000003.jpg"):
        picture(root / name, 40, 96, 96, colour=True)
    lines = ("0,anger/image0000001.jpg,anger,0.9", "1,anger/image0000002.jpg,fear,0.5")
    text(root / "labels.csv", ",pth,label,relFCs", *lines, "2,contempt/image0000003.jpg,contempt,0.8")
    return root
