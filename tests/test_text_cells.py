"""No cell runs as a formula, whatever the program that opens the CSV takes for a separator."""

import csv
import io

import pytest

from fer_core.text import FORMULA_STARTS, harmless, to_csv

NAMES = [
    "=1+1.jpg",
    "anna;=1+1.jpg",
    "anna; =1+1.jpg",
    'anna;"=1+1.jpg',
    "anna\t@SUM(1).jpg",
    "anna\n+1.jpg",
    "anna|-1.jpg",
    "anna;＝1.jpg",
    ";;=1",
    "-1;=1;+1",
]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", NAMES)
def test_no_separator_makes_a_formula(name, separator):
    written = to_csv([{"model": "house", "photo": name, "score": -0.5, "note": name}])
    for row in csv.reader(io.StringIO(written), delimiter=separator):
        for cell in row:
            assert not cell.lstrip(' "').startswith(FORMULA_STARTS) or number(cell)


def number(cell):
    try:
        return float(cell) < 0
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["anna.jpg", "a-b.jpg", "a;b.jpg", "a = b.jpg", "50-60;ü.jpg"])
def test_what_is_no_formula_stays_as_it_is(name):
    assert harmless(name) == name
