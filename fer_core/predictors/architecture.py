"""The build of a network from models/<name>/architecture.json: layers, shapes, parameters, multiply-adds, a drawing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_core.errors import FerError, RunError
from fer_core.predictors import networks

BLOCK = re.compile(r"(?:[A-Za-z]+_?\d+_)+")
"""The part of a layer's name that its block shares: 'stage1_block2_' of 'stage1_block2_conv1'."""

NUMBERED = re.compile(r"[A-Za-z]+_[A-Za-z]+_\d+(?=_|$)")
"""The same of MobileNet's names: 'conv_dw_1' of 'conv_dw_1_relu'."""

EXPORT = "export the network again with fer export"


@dataclass(frozen=True)
class Layer:
    """One layer; shapes without the batch."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Layers that stand in a row under one name.

    Attributes:
        name: what their names share, or the name of the only layer.
        layers: in order.
        inputs: names of the blocks that feed it.
    """

    name: str
    layers: tuple[Layer, ...]
    inputs: tuple[str, ...]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def output_shape(self) -> tuple[int, ...]:
        return self.layers[-1].output_shape


@dataclass(frozen=True)
class Architecture:
    """A network without its weights; multiply-adds are of one face."""

    parameters: int
    multiply_adds: int
    layers: tuple[Layer, ...]


def read(folder: Path) -> Architecture:
    """architecture.json of a model's folder.

    Raises:
        RunError: it is missing or damaged.
    """
    path = folder / "architecture.json"
    shown = f"models/{folder.name}/{path.name}"  # where the folder lies is nobody's business
    try:
        content = networks.read_json(path)
        layers = tuple(_layer(row) for row in content["layers"])
        return Architecture(int(content["parameters"]), int(content["multiply_adds"]), layers)
    except FerError as error:
        raise RunError(str(error).replace(str(path), shown)) from None
    except Exception as error:  # whatever a damaged file may hold
        raise RunError(f"{shown} is not as expected ({error!r}); {EXPORT}.") from None


def blocks(layers: Sequence[Layer]) -> tuple[Block, ...]:
    """Layers gathered by the name that they share with their neighbours; what is fed from many places stays apart."""
    groups: list[tuple[str, list[Layer]]] = []
    for layer in layers:
        name = _block_name(layer.name)
        if groups and groups[-1][0] == name and name:
            groups[-1][1].append(layer)
        else:
            groups.append((name, [layer]))
    titles = [name.rstrip("_") if len(members) > 1 else members[0].name for name, members in groups]
    home = {layer.name: title for title, (_, members) in zip(titles, groups, strict=True) for layer in members}
    return tuple(
        Block(title, tuple(members), _feeding(title, members, home))
        for title, (_, members) in zip(titles, groups, strict=True)
    )


def stages(layers: Sequence[Layer]) -> tuple[Block, ...]:
    """Blocks gathered while the height and width of their output stay the same: few boxes, that a hall can read."""
    groups: list[list[Block]] = []
    for block in blocks(layers):
        if groups and _same_picture(groups[-1][-1], block):
            groups[-1].append(block)
        else:
            groups.append([block])
    titles = [_from_to(group) for group in groups]
    home = {block.name: title for title, group in zip(titles, groups, strict=True) for block in group}
    return tuple(
        Block(
            title,
            tuple(layer for block in group for layer in block.layers),
            tuple(dict.fromkeys(home[source] for block in group for source in block.inputs if home[source] != title)),
        )
        for title, group in zip(titles, groups, strict=True)
    )


def _same_picture(one: Block, two: Block) -> bool:
    """Whether both give maps of the same height and width, and neither is the input."""
    first, second = one.output_shape, two.output_shape
    return len(first) == len(second) == 3 and first[:2] == second[:2] and one.layers[0].kind != "InputLayer"


def _from_to(group: Sequence[Block]) -> str:
    return group[0].name if len(group) == 1 else f"{group[0].name} to {group[-1].name}"


def as_blocks(layers: Sequence[Layer]) -> tuple[Block, ...]:
    """Each layer a block of its own, for a drawing in full."""
    return tuple(Block(layer.name, (layer,), layer.inputs) for layer in layers)


def graph(drawn: Sequence[Block], ink: str, fill: str) -> str:
    """The drawing in Graphviz' language, from the photo at the top to the answers at the bottom.

    Args:
        drawn: what becomes a box each.
        ink: colour of text and lines.
        fill: colour of the boxes.
    """
    boxes = [f"{_quoted(block.name)} [label={_quoted(_words(block))}];" for block in drawn]
    arrows = [f"{_quoted(source)} -> {_quoted(block.name)};" for block in drawn for source in block.inputs]
    style = (
        f'graph [bgcolor=transparent, ranksep=0.25, nodesep=0.15]; edge [color="{ink}", arrowsize=0.6]; '
        f'node [shape=box, style="rounded,filled", color="{ink}", fillcolor="{fill}", fontcolor="{ink}", '
        'fontname="sans-serif", fontsize=16, margin="0.12,0.06"];'
    )
    return "\n".join(["digraph network {", style, *boxes, *arrows, "}"])


def table(layers: Sequence[Layer]) -> list[dict[str, object]]:
    """One row per layer."""
    return [
        {
            "layer": layer.name,
            "kind": layer.kind,
            "output": shape(layer.output_shape),
            "parameters": layer.parameters,
            "multiply-adds": layer.multiply_adds,
            "fed by": ", ".join(layer.inputs),
        }
        for layer in layers
    ]


def shape(sides: Sequence[int]) -> str:
    return "×".join(str(side) for side in sides)


def millions(count: int) -> str:
    """Shortly: 4.28 M, 216."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.3g} {letter}"
    return str(count)


def _layer(row: dict[str, Any]) -> Layer:
    return Layer(
        str(row["name"]),
        str(row["type"]),
        tuple(int(side) for side in row["output_shape"]),
        int(row["parameters"]),
        int(row["multiply_adds"]),
        tuple(str(name) for name in row["inputs"]),
    )


def _block_name(layer: str) -> str:
    if numbered := NUMBERED.match(layer):
        return numbered.group() + "_"
    match = BLOCK.match(layer)
    if match:
        return match.group()
    return layer.split("_", maxsplit=1)[0] + "_" if "_" in layer else ""


def _feeding(title: str, members: Sequence[Layer], home: dict[str, str]) -> tuple[str, ...]:
    sources = [home[name] for layer in members for name in layer.inputs if name in home]
    return tuple(dict.fromkeys(source for source in sources if source != title))


def _words(block: Block) -> str:
    kinds = block.layers[0].kind if len(block.layers) == 1 else f"{len(block.layers)} layers"
    lines = [block.name, f"{kinds}, gives {shape(block.output_shape)}"]
    return "\n".join([*lines, f"{millions(block.parameters)} parameters"] if block.parameters else lines)


def _quoted(text: str) -> str:
    """A string of that language; it knows one escape sign, and no name needs one."""
    return '"' + text.replace('"', "'").replace("\\", "/").replace("\n", "\\n") + '"'
