"""Tables as people have them, made here, each with the cells that must come out."""

import pytest

from fer_core import tables
from fer_core.errors import TableError
from fer_core.tables import FILE, LABEL, PERSON, PIXELS, SPLIT

EXPECTED = [["Jörg.jpg", "happy"], ["b.jpg", "sad"]]
PLAIN = "file,label\nJörg.jpg,happy\nb.jpg,sad\n"


def selected(data, *fields):
    table = tables.read("labels.csv", data if isinstance(data, bytes) else data.encode())
    return [cells for _, cells in table.select(*(fields or (FILE, LABEL)))]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman", "cp850"],
)
def test_encodings_of_western_systems(encoding):
    assert selected(PLAIN.replace("sad", "Überraschung").encode(encoding))[0] == EXPECTED[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("file,label\nпетя.jpg,радость\n", "cp1251"),
        ("file,label\nпетя.jpg,радость\n", "koi8_r"),
        ("file,label\n写真.jpg,驚き\n", "cp932"),
        ("文件,标签\n张三.jpg,高兴\n", "gb18030"),
        ("file,label\n張三.jpg,高興\n", "big5"),
        ("file,label\nعلي.jpg,سعيد\n", "cp1256"),
    ],
)
def test_encodings_of_other_scripts(text, encoding):
    assert selected(text.encode(encoding)) == [text.split("\n")[1].split(",")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator, end):
    assert selected(PLAIN.replace(",", separator).replace("\n", end)) == EXPECTED


def test_excels_own_first_line():
    assert selected("sep=;\n" + PLAIN.replace(",", ";")) == EXPECTED


def test_commas_inside_cells():
    assert selected('file,label\n"a, b.jpg",happy\n') == [["a, b.jpg", "happy"]]
    assert selected("file;label\na, b.jpg;happy\nc, d, e.jpg;sad\n") == [["a, b.jpg", "happy"], ["c, d, e.jpg", "sad"]]


def test_a_quotation_mark_that_is_never_closed_costs_no_other_row():
    rows = selected('file,label\n"a.jpg,happy\n' + "b.jpg,sad\n" * 60)
    assert rows == [["a.jpg", "happy"], *[["b.jpg", "sad"]] * 60]


@pytest.mark.parametrize(
    "heading",
    [
        *("File,Label", " file , label ", "FILENAME,EMOTION", "file_name,expression", "Image Name,Facial Expression"),
        *("image_path,class", "pth,target", "img,emo", "photo,category", "subDirectory_filePath,expression"),
        *("Datei,Ausdruck", "fichier,émotion", "文件,表情", "path,y"),
    ],
)
def test_headings_that_people_use(heading):
    assert selected(f"{heading}\nJörg.jpg,happy\nb.jpg,sad\n") == EXPECTED


def test_an_index_column_and_others_are_passed_over():
    assert selected(",pth,label,relFCs\n0,a.jpg,anger,0.5\n") == [["a.jpg", "anger"]]
    assert selected("user.id,image,emotion\n628,a.jpg,anger\n") == [["a.jpg", "anger"]]
    assert selected("Unnamed: 0,image,person,label\n0,a.jpg,P1,sad\n", FILE, PERSON, LABEL) == [["a.jpg", "P1", "sad"]]


@pytest.mark.parametrize("usage", ["Usage", "usage", " Usage", "split", "Set", "subset", "partition"])
def test_columns_of_fer2013(usage):
    rows = selected(f"emotion,pixels,{usage}\n0,1 2 3,Training\n", LABEL, PIXELS, SPLIT)
    assert rows == [["0", "1 2 3", "Training"]]


def test_a_heading_that_stands_again_is_passed_over_and_told():
    table = tables.read("a.csv", b"epoch,loss\n0,1\nEpoch,Loss\n1,2\n")
    assert [row.cells for row in table.rows()] == [("0", "1"), ("1", "2")]
    assert "the heading stands again on line 3" in table.assumed()


def test_rows_of_another_width_are_left_out_and_listed():
    table = tables.read("a.csv", b"file,label\na.jpg,sad\nb.jpg\nc.jpg,sad,extra\nd.jpg,sad,,\n\ne.jpg,sad\n")
    assert [row.cells[0] for row in table.rows()] == ["a.jpg", "d.jpg", "e.jpg"]
    assert table.left_out == [
        tables.LeftOut(3, "1 cells where the heading has 2"),
        tables.LeftOut(4, "3 cells where the heading has 2"),
    ]
    assert "2 lines left out" in table.assumed()


def test_tables_without_a_heading():
    table = tables.read("a.csv", b"anna.jpg,1,happy\nbob.jpg,2,sad\n")
    assert [cells for _, cells in table.select(FILE, LABEL)] == [["anna.jpg", "happy"], ["bob.jpg", "sad"]]
    assert "no heading" in table.assumed()


def test_a_comment_sign_before_the_heading_and_spaces_between():
    table = tables.read("log.txt", b"# epoch loss acc\n0 1.8  0.3\n1 1.7  0.4\n")
    assert table.heading == ("epoch", "loss", "acc")
    assert [row.cells for row in table.rows()] == [("0", "1.8", "0.3"), ("1", "1.7", "0.4")]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("epoch;loss\n0;1,8\n1;0,33\n", [1.8, 0.33]),
        ('"epoch","loss"\n"0","1,8"\n"1","0,33"\n', [1.8, 0.33]),
        ("loss\n1,8\n0,33\n", [1.8, 0.33]),
        ("epoch;loss\n0;1.234,5\n1;2,5\n", [1234.5, 2.5]),
        ('epoch,loss\n0,"1,234.5"\n1,2.5\n', [1234.5, 2.5]),
        ("epoch;loss\n0;1,8e-3\n1;33,5 %\n", [0.0018, 0.335]),
    ],
)
def test_decimal_signs(text, values):
    table = tables.read("log.csv", text.encode())
    assert [table.number(row.cells[-1]) for row in table.rows()] == values


def test_what_was_assumed_is_one_line():
    table = tables.read("a.csv", "Datei;Ausdruck;Güte\nJörg.jpg;froh;0,5\n".encode("cp1252"))
    list(table.rows())
    assert table.assumed(FILE, LABEL) == (
        "Read as cp1252, ';' between cells; decimal comma; file from 'Datei'; label from 'Ausdruck'."
    )


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n;;;\r\n"[:3]])
def test_nothing_is_told(data):
    with pytest.raises(TableError, match=r"a\.csv is empty; expected a table"):
        tables.read("a.csv", data)


def test_no_text_and_too_much_are_told():
    with pytest.raises(TableError, match="is no text"):
        tables.read("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\1\2\3")
    with pytest.raises(TableError, match="at most 0 MB"):
        tables.read("a.csv", b"a,b\n", tables.SMALL._replace(bytes=3))
    with pytest.raises(TableError, match="more than 2 rows"):
        list(tables.read("a.csv", b"a,b\n1,2\n1,2\n1,2\n", tables.SMALL._replace(rows=2)).rows())
    with pytest.raises(TableError, match="5,000 columns"):
        tables.read("a.csv", b"a," * 4999 + b"a\n")


def test_a_missing_column_is_told_with_what_came():
    with pytest.raises(TableError, match=r"a\.csv has the columns 'file', 'age'; expected file and label"):
        tables.read("a.csv", b"file,age\na.jpg,3\n").require(FILE, LABEL)
