"""What INPUT may be: folders, patterns, lists, archives, Parquet files, addresses; every photo once and in order."""

import io
import tarfile
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from batches import picture

from fer_core.batch.listing import FAILED, WHOLE, Listing
from fer_core.batch.reading import Reader
from fer_core.errors import BatchError, FerError


def listed(*inputs):
    """Names and contents; of what cannot be read, the sentence."""
    found = []
    for name, load in Reader().photos(Listing([str(one) for one in inputs]).entries()):
        try:
            found.append((name, load()))
        except FerError as error:
            found.append((name, str(error)))
    return found


def test_a_folder_goes_by_name_and_passes_over_what_is_no_photo(photos):
    folder = photos(6)
    (folder / "notes.md").write_text("no photo")
    (folder / "clip.mp4").write_bytes(b"no photo")
    (folder / ".hidden.png").write_bytes(picture(1))
    listing = Listing([str(folder)])
    names = [Path(entry.photo).name for entry in listing.entries()]
    assert names == ["00000.png", "00001.png", "00002.png", "00003.png", "00005.png", "00004.png"]
    assert dict(listing.passed_over) == {"files that end in .md": 1, "a video": 1}


def test_links_are_followed_and_a_circle_ends(photos, tmp_path):
    folder = photos(3)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "far.png").write_bytes(picture(9))
    (folder / "link.png").symlink_to(elsewhere / "far.png")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "below" / "circle").symlink_to(folder)
    names = [Path(name).name for name, _ in listed(folder)]
    assert names == ["00000.png", "00001.png", "00002.png", "link.png", "far.png"]


def test_results_of_a_batch_are_no_photos(photos):
    folder = photos(2)
    (folder / "out").mkdir()
    (folder / "out" / "_manifest.json").write_text("{}")
    (folder / "out" / "part-00000000.parquet").write_bytes(b"results")
    assert len(listed(folder)) == 2


def test_patterns_and_names_given_twice(photos):
    folder = photos(4)
    listing = Listing([str(folder / "0000[01].png"), str(folder / "00001.png")])
    assert [Path(entry.photo).name for entry in listing.entries()] == ["00000.png", "00001.png"]
    assert listing.passed_over["named twice"] == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.txt", "# two photos\nphotos/00000.png\n\nphotos/00001.png\nphotos/missing.png\n"),
        ("list.csv", "image,label\nphotos/00000.png,happy\nphotos/00001.png,sad\nphotos/missing.png,sad\n"),
    ],
)
def test_lists_name_photos_relative_to_themselves(photos, tmp_path, name, content):
    photos(2)
    (tmp_path / name).write_text(content)
    first, second, missing = listed(tmp_path / name)
    assert (first[1], second[1]) == (picture(0), picture(1))
    assert missing[1].startswith("There is no file")


def test_a_list_without_a_column_of_files(tmp_path):
    (tmp_path / "list.csv").write_text("colour,size\nred,3\n")
    with pytest.raises(FerError, match="expected file"):
        listed(tmp_path / "list.csv")


def members(count, suffix="png"):
    for number in range(count):
        yield f"a/{number:04d}.{suffix}", picture(number)
        yield f"a/{number:04d}.json", b"{}"


def write_tar(path, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, data in members(3):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def write_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members(3):
            archive.writestr(name, data)
    return path


def test_zip_tar_and_webdataset_shards(tmp_path):
    shards = [write_zip(tmp_path / "x.zip"), write_tar(tmp_path / "x.tar"), write_tar(tmp_path / "x.tar.gz", "w:gz")]
    for shard in shards:
        found = listed(shard)
        assert [name for name, _ in found] == [f"{shard}/a/{number:04d}.png" for number in range(3)]
        assert [data for _, data in found] == [picture(number) for number in range(3)]
    kinds = [entry.kind for entry in Listing([str(shard) for shard in shards]).entries()]
    assert kinds == ["member"] * 6 + [WHOLE]


def test_what_stands_beside_photos_in_a_shard_is_counted(tmp_path):
    listing = Listing([str(write_zip(tmp_path / "x.zip"))])
    assert len(list(listing.entries())) == 3
    assert listing.passed_over == {"files that end in .json": 3}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".parquet"])
def test_an_unreadable_shard_is_one_sentence_and_the_others_go_on(tmp_path, photos, suffix):
    broken = tmp_path / f"broken{suffix}"
    broken.write_bytes(b"PK but no more" * 99)
    found = listed(broken, photos(1))
    assert [name for name, _ in found] == [str(broken), str(tmp_path / "photos" / "00000.png")]
    assert found[0][1].endswith(".")
    assert found[1][1] == picture(0)


def test_a_tar_that_was_cut_short_gives_what_is_before_the_cut(tmp_path):
    whole = write_tar(tmp_path / "x.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: whole.index(b"a/0002.png") + 300])
    found = listed(tmp_path / "cut.tar")
    assert [data for _, data in found[:2]] == [picture(0), picture(1)]
    assert all(isinstance(data, str) for _, data in found[2:])


@pytest.mark.parametrize("as_struct", [True, False])
def test_parquet_files_with_pictures(tmp_path, as_struct):
    cells = [{"bytes": picture(number), "path": None} if as_struct else picture(number) for number in range(20)]
    table = pyarrow.table({"image": cells, "label": list(range(20))})
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet", row_group_size=6)
    found = listed(tmp_path / "x.parquet")
    assert [data for _, data in found] == [picture(number) for number in range(20)]
    assert found[7][0] == f"{tmp_path / 'x.parquet'}/row 7"


def test_a_reader_that_starts_in_the_middle(tmp_path):
    pyarrow.parquet.write_table(
        pyarrow.table({"image": [picture(number) for number in range(20)]}), tmp_path / "x.parquet", row_group_size=6
    )
    for source, start in ((tmp_path / "x.parquet", 13), (write_zip(tmp_path / "x.zip"), 1)):
        entries = list(Listing([str(source)]).entries())[start:]
        [(_, load), *_] = list(Reader().photos(entries))
        assert load() == picture(start)


def test_parquet_without_pictures(tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"colour": ["red"]}), tmp_path / "x.parquet")
    [entry] = Listing([str(tmp_path / "x.parquet")]).entries()
    assert entry.kind == FAILED
    assert "expected one with pictures" in entry.note


def test_addresses(tmp_path):
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/bucket/a.png", picture(1))
    memory.pipe_file("/bucket/notes.md", b"no photo")
    memory.pipe_file("/bucket/shard.tar", write_tar(tmp_path / "x.tar").read_bytes())
    found = listed("memory://bucket")
    assert found[0] == ("memory:///bucket/a.png", picture(1))
    assert [data for _, data in found[1:]] == [picture(number) for number in range(3)]
    assert listed("memory://bucket/*.png") == found[:1]


@pytest.mark.parametrize("given", ["nowhere", "memory://nowhere"])
def test_an_input_that_is_not_there(tmp_path, given):
    with pytest.raises(BatchError, match="There is no"):
        listed(given if "://" in given else tmp_path / given)


def test_an_address_whose_package_is_missing():
    with pytest.raises(BatchError, match="pip install s3fs"):
        listed("s3://bucket/photos")


def test_an_unknown_protocol():
    with pytest.raises(BatchError, match="cannot be opened"):
        listed("nothing://bucket/photos")
