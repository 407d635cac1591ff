import json

import pytest

from fer_core.errors import RunError
from fer_core.predictors import architecture

NAMES = ("crops", "stem_conv", "stem_norm", "stage1_block1_conv", "stage1_block1_add", "stage1_block2_conv", "answers")


def layer(name, inputs, kind="Conv2D"):
    return {
        "name": name,
        "type": kind,
        "output_shape": [8, 8, 2],
        "parameters": 10,
        "multiply_adds": 2000,
        "inputs": list(inputs),
    }


@pytest.fixture
def folder(tmp_path):
    layers = [layer(name, NAMES[max(place - 1, 0) : place]) for place, name in enumerate(NAMES)]
    layers[4]["inputs"] = ["stage1_block1_conv", "stem_norm"]
    content = {"name": "tiny", "parameters": 70, "multiply_adds": 14000, "layers": layers}
    (tmp_path / "architecture.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_layers_are_read(folder):
    built = architecture.read(folder)
    assert (built.parameters, built.multiply_adds, len(built.layers)) == (70, 14000, 7)
    assert architecture.table(built.layers)[4] == {
        "layer": "stage1_block1_add",
        "kind": "Conv2D",
        "output": "8×8×2",
        "parameters": 10,
        "multiply-adds": 2000,
        "fed by": "stage1_block1_conv, stem_norm",
    }


def test_layers_of_a_block_are_one_box_and_arrows_join_blocks(folder):
    blocks = architecture.blocks(architecture.read(folder).layers)
    assert [(block.name, block.inputs, block.parameters) for block in blocks] == [
        ("crops", (), 10),
        ("stem", ("crops",), 20),
        ("stage1_block1", ("stem",), 20),
        ("stage1_block2_conv", ("stage1_block1",), 10),
        ("answers", ("stage1_block2_conv",), 10),
    ]


def test_mobilenets_numbered_layers_are_blocks_too():
    names = ("conv_dw_1", "conv_dw_1_relu", "conv_pw_1", "conv_dw_2")
    layers = [architecture.Layer(name, "Conv2D", (8, 8, 2), 1, 1, ()) for name in names]
    assert [block.name for block in architecture.blocks(layers)] == ["conv_dw_1", "conv_pw_1", "conv_dw_2"]


def test_nothing_is_lost_between_layers_and_boxes(folder):
    built = architecture.read(folder)
    for drawn in (of(built.layers) for of in (architecture.stages, architecture.blocks, architecture.as_blocks)):
        assert sum(block.parameters for block in drawn) == 70
        assert [one for block in drawn for one in block.layers] == list(built.layers)


def test_a_stage_lasts_as_long_as_the_height_and_width(folder):
    content = json.loads((folder / "architecture.json").read_text(encoding="utf-8"))
    content["layers"][0]["type"] = "InputLayer"
    content["layers"][5]["output_shape"] = [4, 4, 2]
    content["layers"][6]["output_shape"] = [7]
    (folder / "architecture.json").write_text(json.dumps(content), encoding="utf-8")
    stages = architecture.stages(architecture.read(folder).layers)
    assert [(stage.name, stage.inputs, stage.parameters) for stage in stages] == [
        ("crops", (), 10),
        ("stem to stage1_block1", ("crops",), 40),
        ("stage1_block2_conv", ("stem to stage1_block1",), 10),
        ("answers", ("stage1_block2_conv",), 10),
    ]


def test_the_drawing_has_a_box_a_block_and_its_arrows(folder):
    drawn = architecture.blocks(architecture.read(folder).layers)
    dot = architecture.graph(drawn, "#000", "#fff")
    assert dot.count("label=") == 5
    assert '"stem" -> "stage1_block1";' in dot
    assert "2 layers, gives 8×8×2\\n20 parameters" in dot


def test_a_name_cannot_leave_its_box():
    evil = architecture.Layer('a"]; b [label="x\\', "Conv2D", (1,), 0, 0, ())
    dot = architecture.graph(architecture.as_blocks([evil]), "#000", "#fff")
    assert "\"a']; b [label='x/\"" in dot


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "is missing"), ("{", "cannot be read as JSON"), ("{}", "not as expected"), ('{"layers": [{}]}', "not as")],
)
def test_a_damaged_file_says_so(tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "architecture.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=sentence):
        architecture.read(tmp_path)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (216, "216"), (11_000, "11 k"), (4_283_263, "4.28 M"), (7.5e9, "7.5 G")]
)
def test_counts_are_short(count, words):
    assert architecture.millions(count) == words
