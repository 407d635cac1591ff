"""Zips from strangers: what is taken, and the sentence for what is not."""

import io
import stat
import struct
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
