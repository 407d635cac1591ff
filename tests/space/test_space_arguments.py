"""Wrong values get our sentence before Gradio sees them."""

import re

import gradio as gr
import pytest
from paths import SAMPLES

from space.arguments import foreign_file, problem

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
        ([FILE, ["nobody" * 99], 0.7, False], f"There is no network '{'nobody' * 10}'; here are house"),
        ([FILE, [], "sure", False], "min_score must be a number from 0 to 1; came str"),
        ([FILE, [], 7, False], "min_score must be a number from 0 to 1; came int"),
        ([FILE, [], True, False], "min_score must be a number from 0 to 1; came bool"),
        ([FILE, [], 0.7, 1], "face_crop must be true or false; came int"),
    ],
)
def test_wrong_values_are_told(data, sentence):
    assert sentence in problem("predict", data)


@pytest.mark.parametrize(
    ("component", "value", "sentence"),
    [
        (gr.CheckboxGroup(["house"], label="Models"), ["nobody"], "There is no network 'nobody'; here are "),
        (gr.CheckboxGroup(["house"], label="Models"), None, "'Models' must be a list of names."),
        (gr.Slider(0, 1, label="Certainty"), None, "'Certainty' must be a number from 0 to 1."),
        (gr.Slider(0, 1, label="Certainty"), 7, "'Certainty' must be a number from 0 to 1."),
        (gr.Checkbox(label="Face crop"), "yes", "'Face crop' must be true or false."),
    ],
)
def test_what_the_page_sends_is_told_without_a_trace_in_the_log(component, value, sentence):
    with pytest.raises(gr.Error, match=re.escape(sentence)) as told:
        component.preprocess(value)
    assert not told.value.print_exception


def test_right_settings_of_the_page_pass():
    assert gr.CheckboxGroup(["house"]).preprocess(["house"]) == ["house"]
    assert gr.Slider(0, 1).preprocess(0.5) == 0.5
    assert gr.Checkbox().preprocess(True) is True


@pytest.fixture
def spool(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "spool"))
    return tmp_path / "spool"


def request(path):
    return {"data": [[{"path": path, "meta": {"_type": "gradio.FileData"}}], "house"], "fn_index": 1}


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x.jpg", "file:///etc/passwd", "", "\0", "a" * 4000, 5, "SPOOL", "SPOOL/../x", "SPOOL/a\0.jpg"],
)
def test_a_file_of_the_server_is_told(spool, path):
    given = path.replace("SPOOL", str(spool)) if isinstance(path, str) else path
    assert "not uploaded here" in foreign_file(request(given))


@pytest.mark.parametrize("path", ["SPOOL/abc/a.jpg", f"{SAMPLES}/astronaut.jpg", "https://x/a.jpg", None])
def test_an_upload_a_sample_and_what_has_a_sentence_of_its_own_pass(spool, path):
    assert foreign_file(request(path and path.replace("SPOOL", str(spool)))) == ""


@pytest.mark.usefixtures("spool")
def test_values_within_values_are_no_burden():
    value = {}
    for _ in range(5000):
        value = [value]
    assert foreign_file({"data": value}) == ""
