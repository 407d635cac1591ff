"""Numbers as people and programs write them."""

import math

import pytest

from fer_core.tables.numbers import code, counted, number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("0.33", 0.33), (" 0.33 ", 0.33), ("33 %", 0.33), ("33%", 0.33), ("[0.33]", 0.33), ('"0.33"', 0.33)),
        *(("tensor(0.33)", 0.33), ("tensor(0.33, device='cuda:0')", 0.33), ("np.float64(0.33)", 0.33)),
        *(("tensor([0.33], grad_fn=<X>)", 0.33), ("array(0.33, dtype=float32)", 0.33), ("(0.33,)", 0.33)),
        *(
            ("1e-3", 0.001),
            ("1E-3", 0.001),
            ("-1.5", -1.5),
            ("\u22121.5", -1.5),
            ("1,234.5", 1234.5),
            ("inf", math.inf),
        ),
        *(("01:18", 78), ("1:02:03", 3723), ("00:18.5", 18.5)),
    ],
)
def test_a_number(cell, value):
    assert number(cell) == pytest.approx(value)


@pytest.mark.parametrize("cell", ["", " ", "nan", "NaN", "NA", "N/A", "None", "null", "-"])
def test_no_value(cell):
    assert math.isnan(number(cell))


@pytest.mark.parametrize("cell", ["low", "1_000", "0,33", "1.2.3", "happy 3", "9" * 500, "[" * 500])
def test_no_number(cell):
    assert number(cell) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [("3", 3), ("3.0", 3), ("[3]", 3), ("3,0", 3), ('"3"', 3), ("3.5", None), ("x", None), ("", None)],
)
def test_class_numbers(cell, value):
    assert code(cell) == value


@pytest.mark.parametrize(
    ("cell", "epoch"), [("3", 3), ("3.0", 3), ("Epoch 3", 3), ("epoch_3", 3), ("3/5", 3), ("Epoch 3 of 5:", 3)]
)
def test_epochs(cell, epoch):
    assert counted(cell) == epoch
