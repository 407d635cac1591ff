"""Zips from strangers: what is taken, and the sentence for what is not."""

import gzip
import io
import stat
import struct
import tarfile
import tracemalloc
import zipfile

import pytest

from fer_core.datasets import archives
from fer_core.errors import ArchiveError

CONTENT = bytes(range(256)) * 4


def packed(*members, compression=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return stream.getvalue()


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def locked(data):
    """The same with the bit that says 'password' in both of its headers."""
    flags = {b"PK\x03\x04": 6, b"PK\x01\x02": 8}
    marked = bytearray(data)
    for mark, offset in flags.items():
        marked[data.index(mark) + offset] |= 1
    return bytes(marked)


def test_files_come_with_their_names_and_contents(tmp_path):
    data = packed(
        ("a/", b""), ("a/1.png", CONTENT), ("./2.png", b""), ("__MACOSX/a/._1.png", b"x"), ("a/.hidden", b"x")
    )
    expected = [("a/1.png", CONTENT), ("2.png", b"")]
    assert list(archives.entries(data)) == expected
    (tmp_path / "given.zip").write_bytes(data)
    assert list(archives.entries(tmp_path / "given.zip")) == expected


@pytest.mark.parametrize(
    "name", ["../x.png", "a/../../x.png", "/etc/x.png", "..\\x.png", "C:\\x.png", "C:/x.png", "\\x.png"]
)
def test_names_that_lead_outside_are_refused(name):
    with pytest.raises(ArchiveError, match="outside its own folder"):
        archives.entries(packed(("fine.png", CONTENT), (name, CONTENT)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no zip archive"),
        (b"PK\x03\x04 cut short", "no zip archive"),
        (packed((link("a.png"), b"/etc/passwd")), "a link"),
        (locked(packed(("a.png", CONTENT))), "password"),
        (packed(("a.png", CONTENT), compression=zipfile.ZIP_LZMA), "ordinary zip"),
        (packed(("bomb.png", bytes(2_000_000))), "zip bombs"),
    ],
)
def test_what_is_no_plain_zip_is_answered_with_a_sentence(data, said):
    with pytest.raises(ArchiveError, match=said):
        archives.entries(data)


def test_too_much_is_refused_before_anything_is_read():
    data = packed(("a", CONTENT), ("b", CONTENT))
    with pytest.raises(ArchiveError, match="2 entries"):
        archives.entries(data, archives.Limits(entries=1))
    with pytest.raises(ArchiveError, match="would unpack to"):
        archives.entries(data, archives.Limits(total_bytes=2 * len(CONTENT) - 1))
    assert len(list(archives.entries(data, archives.Limits(entries=2, total_bytes=2 * len(CONTENT))))) == 2


def test_a_small_blank_file_is_no_bomb():
    blank = bytes(archives.SMALL)
    assert list(archives.entries(packed(("blank.bmp", blank)))) == [("blank.bmp", blank)]


def test_damage_inside_is_told_by_name():
    data = bytearray(packed(("a.png", CONTENT), compression=zipfile.ZIP_STORED))
    data[data.index(CONTENT) + 100] ^= 0xFF
    with pytest.raises(ArchiveError, match=r"damaged at 'a\.png'"):
        list(archives.entries(bytes(data)))


def test_a_size_that_lies_gives_no_more_than_it_says():
    data = bytearray(packed(("a.png", bytes(5_000))))
    for mark, offset in {b"PK\x03\x04": 22, b"PK\x01\x02": 24}.items():
        struct.pack_into("<I", data, data.index(mark) + offset, 10)
    with pytest.raises(ArchiveError, match="damaged"):
        list(archives.entries(bytes(data)))


def test_unpacking_is_whole_or_not_at_all(tmp_path):
    source, target = tmp_path / "data.zip", tmp_path / "out"
    source.write_bytes(packed(("train/angry/1.png", CONTENT), ("2.png", b"x")))
    seen = []
    archives.unpack(source, target, progress=lambda done, total: seen.append((done, total)))
    assert (target / "train" / "angry" / "1.png").read_bytes() == CONTENT
    assert seen == [(0, 2)]
    archives.unpack(source, target)
    assert (target / "2.png").read_bytes() == b"x"
    broken = bytearray(packed(("1.png", b"x"), ("2.png", CONTENT), compression=zipfile.ZIP_STORED))
    broken[broken.index(CONTENT)] ^= 0xFF
    source.write_bytes(broken)
    with pytest.raises(ArchiveError, match="damaged"):
        archives.unpack(source, tmp_path / "second")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.zip", "out"]


def test_a_zip_that_is_not_there(tmp_path):
    with pytest.raises(ArchiveError, match="cannot be opened"):
        archives.entries(tmp_path / "missing.zip")


def tarred(*members, mode="w"):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_tar_files_are_read_like_zips(mode, tmp_path):
    data = tarred(
        ("./set/happy/1.png", CONTENT), ("set/._1.png", b"x"), ("set/.DS_Store", b"x"), ("2.png", b""), mode=mode
    )
    expected = [("set/happy/1.png", CONTENT), ("2.png", b"")]
    assert list(archives.entries(data)) == expected
    (tmp_path / "set.tar.gz").write_bytes(data)
    archives.unpack(tmp_path / "set.tar.gz", tmp_path / "out")
    assert (tmp_path / "out" / "set" / "happy" / "1.png").read_bytes() == CONTENT


def tar_link(name, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tarred(("../x.png", CONTENT)), "outside its own folder"),
        (tarred(("/etc/x.png", CONTENT)), "outside its own folder"),
        (tarred((tar_link("a.png", tarfile.SYMTYPE), b"")), "a link"),
        (tarred((tar_link("a.png", tarfile.LNKTYPE), b"")), "a link"),
        (tarred((tar_link("a.png", tarfile.FIFOTYPE), b"")), "a device"),
        (tarred(("a.png", CONTENT), ("b.png", CONTENT), mode="w:gz")[:-400], "damaged|cut short"),
        (tarred(("a.png", CONTENT * 9), ("b.png", CONTENT))[:3000], "cut short"),
        (tarred(("a.png", CONTENT))[:1024] + b"garbage!" * 300, "damaged"),
        (gzip.compress(b"epoch,loss\n0,1\n" * 500), "no tar archive"),
        (b"Rar!\x1a\x07\x00" + bytes(100), "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "a 7-Zip archive"),
    ],
    ids=[
        *("above", "absolute", "symbolic link", "hard link", "pipe"),
        *("cut gzip", "cut tar", "garbage", "text in gzip", "RAR", "7-Zip"),
    ],  # not made of the bytes: gzip writes the time into them
)
def test_what_is_wrong_with_a_tar_is_a_sentence(data, said):
    with pytest.raises(ArchiveError, match=said):
        list(archives.entries(data))


def test_a_tar_header_that_claims_gigabytes_is_refused_before_it_is_read():
    header = tarfile.TarInfo("a")
    header.type, header.size = tarfile.XHDTYPE, 2**33
    with pytest.raises(ArchiveError, match="which no tar has"):
        list(archives.entries(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))


def test_a_zip_that_holds_more_than_it_says_is_read_no_further():
    data = bytearray(packed(("a.png", bytes(300_000_000))))
    for mark, offset in {b"PK\x03\x04": 22, b"PK\x01\x02": 24}.items():
        struct.pack_into("<I", data, data.index(mark) + offset, 60_000)
    tracemalloc.start()
    with pytest.raises(ArchiveError, match=r"damaged at 'a\.png'"):
        list(archives.entries(bytes(data)))
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_archives_inside_archives_share_the_limits():
    inner = packed(("happy/1.png", CONTENT))
    data = packed(("sets/one.zip", inner), ("two.tar.gz", tarred(("sad/2.png", CONTENT), mode="w:gz")), ("3.png", b"3"))
    expected = [("sets/one/happy/1.png", CONTENT), ("two/sad/2.png", CONTENT), ("3.png", b"3")]
    assert list(archives.entries(data)) == expected
    with pytest.raises(ArchiveError, match="entries"):
        list(archives.entries(data, archives.Limits(entries=4)))
    deep = packed(("a.zip", packed(("b.zip", inner))))
    assert [name for name, _ in archives.entries(deep)] == ["a/b.zip"]


def test_nested_archives_are_unpacked_and_leave_nothing_beside(tmp_path):
    (tmp_path / "all.zip").write_bytes(packed(("one.zip", packed(("happy/1.png", CONTENT))), ("2.png", b"x")))
    archives.unpack(tmp_path / "all.zip", tmp_path / "out")
    assert (tmp_path / "out" / "one" / "happy" / "1.png").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip", "out"]


def raw_name(name):
    """A zip with one file whose name has these bytes and no mark that says in which encoding."""
    data = packed(("x" * len(name) + ".png", CONTENT))
    return data.replace(b"x" * len(name), name)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Jörg/fröhlich", "cp437"),
        ("Müller", "cp1252"),
        ("写真/山田", "cp932"),
        ("ソ/表示", "cp932"),
        ("фото/петя", "cp866"),
    ],
)
def test_names_in_the_encodings_of_windows(name, encoding):
    ((found, content),) = archives.entries(raw_name(name.encode(encoding)))
    assert (found, content) == (f"{name}.png", CONTENT)


def test_backslashes_of_powershell_and_accents_of_macos():
    data = packed(
        ("train\\happy\\1.png", CONTENT), ("train\\happy\\", b""), ("Jo\u0308rg.png", b"x"), ("Thumbs.db", b"")
    )
    assert [name for name, _ in archives.entries(data)] == ["train/happy/1.png", "Jörg.png"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_of_one_name_are_all_kept(tmp_path):
    data = packed(*[("a/1.png", bytes([number])) for number in range(5)])
    assert [name for name, _ in archives.entries(data)] == [
        "a/1.png",
        *(f"a/1 ({number}).png" for number in range(2, 6)),
    ]
    (tmp_path / "all.zip").write_bytes(data)
    archives.unpack(tmp_path / "all.zip", tmp_path / "out")
    assert len(list((tmp_path / "out" / "a").iterdir())) == 5


def test_very_long_names_are_cut_and_keep_their_suffix(tmp_path):
    (tmp_path / "all.zip").write_bytes(packed((f"{'ä' * 20_000}.png", CONTENT), ("d/" * 500 + "happy/1.png", CONTENT)))
    archives.unpack(tmp_path / "all.zip", tmp_path / "out")
    first, second = (name for name, _ in archives.entries(tmp_path / "all.zip"))
    assert first.endswith("ä.png")
    assert len(first.encode()) <= 200
    assert second == "d/" * 11 + "happy/1.png" or second.endswith("d/happy/1.png")


def test_a_cache_that_cannot_be_written_names_the_setting(tmp_path):
    (tmp_path / "all.zip").write_bytes(packed(("1.png", CONTENT)))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArchiveError, match=r"all\.zip cannot be unpacked into .*FER_CACHE"):
        archives.unpack(tmp_path / "all.zip", tmp_path / "file" / "out")


def test_a_directory_of_very_many_entries_is_refused_unread():
    data = bytearray(packed(("a.png", b"x")))
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 12, 0x7FFFFFFF)
    with pytest.raises(ArchiveError, match="far more entries"):
        archives.entries(bytes(data))
