"""Wrong values get our sentence before Gradio sees them."""

import pytest

from space.arguments import problem

FILE = {"path": "/spool/a.jpg", "orig_name": "a.jpg", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    ("endpoint", "data"),
    [
        ("predict", [FILE, ["house"], 0.7, False]),
        ("predict", [None, [], 0, True]),
        ("predict_batch", [[FILE, FILE], [], 1, False]),
        ("predict_batch", [FILE, [], 1, False]),
        ("models", []),
        ("another", 5),
    ],
)
def test_right_values_pass(endpoint, data):
    assert problem(endpoint, data) == ""


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "takes 4 values"),
        ([FILE], "came 1 values"),
        (["a.jpg", [], 0.7, False], "photo must be an uploaded file; came str"),
        ([{"path": 5}, [], 0.7, False], "photo must be an uploaded file; came dict"),
        ([FILE, "house", 0.7, False], "models must be a list of names; came str"),
        ([FILE, [5], 0.7, False], "models must be a list of names; came list"),
        ([FILE, [], "sure", False], "min_score must be a number from 0 to 1; came str"),
        ([FILE, [], 7, False], "min_score must be a number from 0 to 1; came int"),
        ([FILE, [], True, False], "min_score must be a number from 0 to 1; came bool"),
        ([FILE, [], 0.7, 1], "face_crop must be true or false; came int"),
    ],
)
def test_wrong_values_are_told(data, sentence):
    assert sentence in problem("predict", data)
