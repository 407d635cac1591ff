"""The same pixels at the same size are the same picture, wherever and however they are kept."""

import cv2
import numpy as np
import small_datasets as make

from fer_core.auditing import reading
from fer_core.datasets import identity, open_dataset


def noise(seed, height=20, width=24):
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


def written(root, name, pixels):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)
    return path


def test_pixels_count_and_not_the_file(tmp_path):
    for name, pixels in (("a.png", noise(1)), ("b.bmp", noise(1)), ("c.png", noise(2)), ("d.png", noise(1)[:, ::-1])):
        written(tmp_path / "data", f"happy/{name}", pixels)
    same = identity.of(open_dataset(tmp_path / "data"))
    assert np.unique(same.numbers(), return_counts=True)[1].tolist().count(2) == 1
    assert same.digests[0] == same.digests[1]
    assert same.digests[0] != same.digests[2]


def test_a_table_and_files_meet(tmp_path):
    face = noise(5, 48, 48)
    rows = " ".join(map(str, face.ravel()))
    make.text(tmp_path / "table.csv", "emotion,pixels,Usage", f"3,{rows},Training")
    written(tmp_path / "files", "happy/1.png", face)
    table, files = open_dataset(tmp_path / "table.csv"), open_dataset(tmp_path / "files")
    one = np.array([0])
    assert identity.of(table).among(one, identity.of(files), one).tolist() == [True]


def test_a_damaged_file_is_the_same_as_none_and_a_later_pass_comes_from_the_cache(tmp_path, monkeypatch):
    whole = written(tmp_path / "data", "happy/a.png", noise(1)).read_bytes()
    for name in ("b", "c"):
        (tmp_path / "data" / "happy" / f"{name}.png").write_bytes(whole[:40])
    data = open_dataset(tmp_path / "data")
    same = identity.of(data)
    assert same.unreadable.tolist() == [False, True, True]
    rows = np.arange(len(data))
    assert same.among(rows, same, rows).tolist() == (~same.unreadable).tolist()
    monkeypatch.setattr(identity, "digest", lambda _: 1 / 0)
    assert identity.of(data).digests.tolist() == same.digests.tolist()


def test_the_audit_tells_copies_by_the_same_rule_and_spares_training_its_own_pass(tmp_path, monkeypatch):
    for number in (1, 2, 1):
        written(tmp_path / "data", f"happy/{number}_{len(list(tmp_path.rglob('*.png')))}.png", noise(number))
    data = open_dataset(tmp_path / "data")
    read = reading.read(data)
    monkeypatch.setattr(identity, "digest", lambda _: 1 / 0)
    assert identity.of(data).digests.tolist() == read.same.digests.tolist()


def test_uploads_are_compared_by_their_pixels(tmp_path):
    face = np.dstack([noise(1)] * 3)
    png, bmp, other = (
        written(tmp_path, name, pixels).read_bytes()
        for name, pixels in (("a.png", face), ("a.bmp", face), ("b.png", face[::-1]))
    )
    seen = identity.Seen()
    seen.add("first", png)
    assert (seen.first(png), seen.first(bmp), seen.first(other)) == ("first", "first", None)
    assert seen.first(b"no picture") is None
