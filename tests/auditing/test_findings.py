"""Each fault is found where it was put, and nowhere else."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from faulty_data import picture, write_faulty
from paths import SHARED

from fer_core.auditing import copies, kinds, neighbours, quality, reading
from fer_core.auditing.findings import audit, to_csv, write_exclusions
from fer_core.auditing.kinds import KINDS
from fer_core.datasets import open_dataset
from fer_core.datasets.store import cache
from fer_core.errors import DatasetError
from fer_core.recipes import schema


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def found(tmp_path):
    return audit(open_dataset(write_faulty(tmp_path / "data")))


def names(found, kind):
    return {found.dataset.name_of(row).split("/")[-1] for row in found.rows(kind)}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("leaks", {"plain_0.png"}),
        ("near_leaks", {"plain_1.png"}),
        ("conflicts", {"plain_2.png", "conflict.png"}),
        ("exact_copies", {"plain_2.png", "plain_4.png"}),  # happy/copy.png and sad/conflict.png come first by name
        ("near_copies", {"plain_3.png"}),
        ("blank", {"blank.png"}),
        ("dark", {"dark.png"}),
        ("blurred", {"blurred.png"}),
        ("low_information", {"sign.png"}),
        ("not_a_face", set()),
        ("unreadable", set()),
        ("generated", set()),
    ],
)
def test_each_fault_is_found_and_nothing_else(found, kind, expected):
    got = names(found, kind)
    if kind in ("exact_copies", "near_copies"):  # either of two copies may be called the later one
        assert len(got) == len(expected)
        return
    assert got == expected


def test_every_file_of_kinds_is_a_finding_that_names_itself():
    files = [path.stem for path in Path(kinds.__file__).parent.glob("*.py") if path.stem != "__init__"]
    assert len(files) == len(KINDS) == len({type(kind).__module__ for kind in KINDS.values()})
    assert len({kind.order for kind in KINDS.values()}) == len(KINDS)
    assert all(kind.name == name and kind.title and kind.meaning for name, kind in KINDS.items())


def test_a_file_that_is_put_there_is_found_by_itself(found, tmp_path, monkeypatch):
    (tmp_path / "new_one.py").write_text(
        "from fer_core.auditing.kind import BelowLimit\nfrom fer_core.auditing.quality import Limit\n"
        "class NewOne(BelowLimit):\n"
        "    name, title, meaning, order = 'new_one', 'New one', 'dark', 5\n"
        "    limit = Limit('brightness', 30.0, 'of 255')\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    made = {kind.name: kind for kind in kinds._made()}
    assert set(made) - set(KINDS) == {"new_one"}
    assert made["new_one"].find(found) == found.findings["dark"]


def test_counts_for_the_command_line(found):
    counts = found.to_json()
    assert (counts["exact_groups"], counts["conflicting_groups"]) == (3, 1)
    assert counts["leaks"] == {"test": 1}
    assert counts["near_leaks"] == {"test": 1}
    assert counts["near_groups"] == 2
    assert (counts["blank"], counts["dark"], counts["blurred"], counts["low_information"]) == (1, 1, 1, 1)
    assert "0.95" in counts["methods"]["near_groups"]


def test_groups_hold_all_their_images(found):
    (leak,) = found.groups("leaks")
    assert {found.dataset.split_names[found.dataset.splits[row]] for row in leak} == {"train", "test"}
    assert [len(group) for group in found.groups("conflicts")] == [2]
    assert found.groups("dark") == []


def test_an_exclusion_file_is_what_training_reads(found, tmp_path):
    path = tmp_path / "exclude.csv"
    assert write_exclusions(found, ["leaks", "blank"], path) == 2
    read = schema.read_exclusions(path)
    rows = {*found.rows("leaks"), *found.rows("blank")}
    assert set(read) == {int(found.dataset.file_rows[row]) for row in rows}
    assert any(reason.startswith("leaks: test holds an exact copy of it") for reason in read.values())


def test_a_row_with_two_faults_stands_once(found):
    lines = list(csv.DictReader(io.StringIO(to_csv(found, KINDS))))
    rows = [line["row"] for line in lines]
    assert len(rows) == len(set(rows))
    assert {"split", "label", "name"} <= set(lines[0])


def test_an_unknown_finding_is_a_sentence(found, tmp_path):
    with pytest.raises(DatasetError, match=r"no finding 'ugly'; expected some of leaks"):
        to_csv(found, ["ugly"])
    with pytest.raises(DatasetError, match="cannot be written"):
        write_exclusions(found, ["blank"], tmp_path / "nowhere" / "exclude.csv")


def test_the_second_audit_reads_no_image(found, monkeypatch):
    monkeypatch.setattr(type(found.dataset), "image", None)
    assert audit(found.dataset).to_json() == found.to_json()


def test_a_changed_image_is_looked_at_again(found, tmp_path):
    before = found.dataset.fingerprint()
    (tmp_path / "data" / "train" / "sad" / "blank.png").write_bytes(b"short")
    assert found.dataset.fingerprint() != before
    again = audit(found.dataset)
    assert names(again, "unreadable") == {"blank.png"}
    assert names(again, "blank") == set()


@pytest.mark.usefixtures("found")
def test_nothing_but_figures_is_cached(cache_folder):
    (stored,) = cache_folder.glob("audit*.npz")
    with np.load(stored, allow_pickle=False) as arrays:
        assert set(arrays.files) == {
            "digests",
            "quality",
            "unreadable",
            "marked",
            "marks",
            "pairs",
            "compared",
            "all_compared",
        }


def test_progress_ends_at_the_total_and_can_stop_it(tmp_path):
    dataset = open_dataset(write_faulty(tmp_path / "data"))
    seen = []
    audit(dataset, lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_stopping_leaves_no_cache(tmp_path, cache_folder):
    def stop(_done, _total):
        raise KeyboardInterrupt

    dataset = open_dataset(write_faulty(tmp_path / "data"))
    with pytest.raises(KeyboardInterrupt):
        audit(dataset, stop)
    assert not list(cache_folder.glob("audit*"))


def test_tiles_find_the_pairs_that_a_whole_table_finds(monkeypatch):
    images = np.stack([picture(number, side=16) for number in range(60)])
    images[40:50] = (images[:10] * 0.9 + 5).astype(np.uint8)
    images[50:60] = images[10:20, :, ::-1]
    rows = np.arange(60)
    whole = copies.near_pairs(images, rows)
    monkeypatch.setattr(copies, "TILE", (7, 11))
    tiled = copies.near_pairs(images, rows)
    pairs = {(int(one["first"]), int(one["second"]), bool(one["mirrored"])) for one in whole}
    assert pairs == {*((n, n + 40, False) for n in range(10)), *((n, n + 40, True) for n in range(10, 20))}
    assert {(int(one["first"]), int(one["second"]), bool(one["mirrored"])) for one in tiled} == pairs


def test_chains_of_near_copies_are_one_group():
    pairs = np.array([(0, 2, 0.96, False), (2, 5, 0.97, False)], copies.PAIR)
    groups = copies.joined(pairs, [np.array([5, 6])], 8)
    assert [group.tolist() for group in groups] == [[0, 2, 5, 6]]


def test_without_faiss_many_images_are_not_compared_and_the_audit_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "MOST", 3)
    monkeypatch.setattr(reading, "find_spec", lambda _: None)
    counts = audit(open_dataset(write_faulty(tmp_path / "data"))).to_json()
    assert counts["near_groups"] is None
    assert "not looked for: more than 3 different images" in counts["methods"]["near_groups"]
    assert 'pip install "fer-lab[data]"' in counts["methods"]["near_groups"]


def test_many_images_are_compared_with_their_neighbours(tmp_path, monkeypatch):
    dataset = open_dataset(write_faulty(tmp_path / "data"))
    before = audit(dataset).to_json()
    cache.clear()
    monkeypatch.setattr(copies, "MOST", 3)
    after = audit(dataset).to_json()
    assert "by faiss" in after["methods"]["near_groups"]
    assert before["near_groups"] > 0
    del before["methods"], after["methods"]
    assert after == before


def test_neighbours_find_the_pairs_that_all_comparisons_find():
    """Copies that are brighter, noisier or mirrored, among images of which none is like another."""
    random = np.random.default_rng(0)
    images = np.stack([picture(number, side=16) for number in range(900)])
    images[500:600] = (images[:100] * 0.9 + 5).astype(np.uint8)
    images[600:700] = np.clip(images[100:200] + random.normal(0, 6, (100, 16, 16)), 0, 255).astype(np.uint8)
    images[700:800] = images[200:300, :, ::-1]
    images[800] = 128
    rows = np.arange(900)
    every, found = copies.near_pairs(images, rows), neighbours.near_pairs(images, rows)
    assert len(every) >= 300
    order = np.lexsort((every["second"], every["first"]))
    for name in ("first", "second", "mirrored"):
        assert found[name].tolist() == every[order][name].tolist()
    np.testing.assert_allclose(found["correlation"], every[order]["correlation"], atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_neighbours_of_hardly_any_image(count):
    images = np.stack([picture(0, side=16)] * 2)
    assert len(neighbours.near_pairs(images, np.arange(count))) == (count == 2)


def test_measures_mean_what_they_say():
    checker = (np.indices((48, 48)).sum(axis=0) % 2 * 255).astype(np.uint8)
    measured = dict(zip(quality.MEASURES, quality.measure(checker), strict=True))
    brightness, contrast, sharpness, entropy = (
        measured[name] for name in ("brightness", "contrast", "sharpness", "entropy")
    )
    assert brightness == pytest.approx(127.5)
    assert contrast == pytest.approx(127.5)
    assert entropy == pytest.approx(1.0)
    soft = quality.measure(picture(0))
    assert sharpness > soft[2]


@pytest.mark.shared
def test_fer2013_has_the_faults_that_were_counted(shared_fer2013):
    counts = audit(open_dataset(shared_fer2013)).to_json()
    assert (counts["exact_groups"], counts["conflicting_groups"], counts["blank"]) == (1514, 57, 13)
    assert counts["leaks"] == {"private_test": 288, "public_test": 280}
    assert counts["not_a_face"] == 177
    assert (counts["near_groups"], counts["near_leaks"]) == (1193, {"private_test": 246, "public_test": 221})


@pytest.fixture
def shared_fer2013():
    folder = SHARED / "datasets" / "fer2013"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    return folder
