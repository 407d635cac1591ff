"""The card of a model, generated from the files beside it: models/NAME/README.md.

What it says is in card.md.jinja; what is computed for it, here.
"""

import functools
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from fer_core import protocols
from fer_core.datasets import adapters
from fer_core.datasets.votes import FERPLUS
from fer_core.predictors import eight_bits
from fer_core.protocols import Protocol
from training import history

TEMPLATE = "card.md.jinja"
Cells = tuple[str, ...]

VIEWS = {None: "one", "flip": "flips", "flip_crops": "flips and crops"}

LAST = 3
"""Epochs over which the end of a training is judged."""


def write_card(folder: Path) -> None:
    """Generate README.md from config.json, metrics.json, architecture.json and history.csv of the folder."""
    config, measured, network = (read(folder / f"{name}.json") for name in ("config", "metrics", "architecture"))
    protocol, epochs = protocols.of(measured), history.rows(folder)
    headline = reported(measured["evaluations"], protocol)
    recall = headline["recall"]
    own = epochs[config["epochs_before"] :]
    written = _environment().get_template(TEMPLATE)
    text = written.render(
        config=config,
        measured=measured,
        network=network,
        folder=folder,
        protocol=protocol,
        headline=headline,
        pictures=pictures(config, protocol),
        worst=" and ".join(sorted((one for one in recall if recall[one] is not None), key=recall.get)[:2]).capitalize(),
        epochs=epochs,
        own=own,
        planned=sum(stage["epochs"] for stage in config["recipe"]["training"]["stages"]),
        seconds=sum(float(row["seconds"]) for row in epochs),
        rates=", ".join(f"{rate(own, size):.0f} at {size} px" for size in dict.fromkeys(row["size"] for row in own)),
        best=max(rows_at_final_size(own), key=lambda row: float(row["val_accuracy"])),
    )
    (folder / "README.md").write_text(re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n", encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    """Functions of this module by their names. Nothing is escaped: a card is Markdown, of our own figures."""
    environment = Environment(
        loader=PackageLoader("training", "releasing"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"percent": percent, "points": points, "one_line": one_line}
    functions: list[Callable[..., object]] = [
        table,
        what,
        figures,
        recalls,
        photos,
        told_expressions,
        thirds,
        confidence,
    ]
    functions += [eight_bit, diagram, heads, left_out, reason, course, taught, soup, again]
    environment.globals |= {function.__name__: function for function in functions}
    environment.globals |= {"in_words": protocols.in_words, "ferplus": FERPLUS}
    return environment


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def pictures(config: dict[str, Any], protocol: Protocol) -> str:
    """What the network has seen, in words."""
    data = config["recipe"]["data"]
    kinds = dict.fromkeys([data["dataset"], *(one["dataset"] for one in data.get("join", []))])
    known = [adapters.BY_KIND[kind].pictures for kind in kinds if kind in adapters.BY_KIND]
    return ", and on ".join(filter(None, known)) or f"the images of {protocol.dataset}"


def what(config: dict[str, Any], network: dict[str, Any], folder: Path) -> list[Cells]:
    size, channels = config["input_size"], config["channels"]
    return [
        ("answers", ", ".join(config["classes"])),
        ("input", f"{size}x{size}x{channels} uint8, a face crop turned level ({'gray' if channels == 1 else 'RGB'})"),
        ("parameters", f"{network['parameters']:,}"),
        ("multiply-adds", f"{network['multiply_adds'] / 1e6:,.0f} million a face"),
        ("files", files(folder)),
        ("licence", config["licence"]),
        ("origin", config["origin"]),
    ]


def files(folder: Path) -> str:
    """Names and sizes, and why there is one file where others have two."""
    present = [folder / name for name in ("model.onnx", "model.keras") if (folder / name).is_file()]
    sizes = ", ".join(f"{file.name} {file.stat().st_size / 1e6:.1f} MB" for file in present)
    if len(present) == 1:
        sizes += ": weights in half precision, alone because the whole is above 25 MB"
    light = folder / eight_bits.FILE
    if not light.is_file():
        return sizes
    return f"{sizes}{', ' if len(present) > 1 else '; '}{light.name} {light.stat().st_size / 1e6:.1f} MB"


def eight_bit(rows: list[dict[str, Any]]) -> list[Cells]:
    return [
        (
            row["data"],
            row["split"],
            f"{row['n']:,}",
            percent(row["accuracy"]),
            percent(row["accuracy_int8"]),
            percent(row["same_label"]),
            f"{row['mean_difference']:.3f}",
        )
        for row in rows
    ]


def figures(evaluations: list[dict[str, Any]]) -> list[Cells]:
    return [
        (
            row["split"] + (", no copies" if row.get("subset") else ""),
            row["labels"],
            f"{row['n']:,}",
            VIEWS[row["tta"]],
            f"{percent(row['accuracy'])} ({' to '.join(percent(end) for end in row['intervals']['accuracy'])})",
            percent(row["balanced_accuracy"]),
            f"{row['macro_f1']:.3f}",
            f"{percent(row['ece'])} ({' to '.join(percent(end) for end in row['intervals']['ece'])})",
        )
        for row in evaluations
    ]


def reported(evaluations: list[dict[str, Any]], protocol: Protocol) -> dict[str, Any]:
    """The headline row."""
    return next((row for row in evaluations if row["split"] == protocol.report), evaluations[-1])


def recalls(row: dict[str, Any]) -> list[Cells]:
    return [(name, "" if value is None else percent(value)) for name, value in row["recall"].items()]


def photos(measured: dict[str, Any]) -> list[Cells]:
    return [
        (name, f"{row['n']:,}", percent(row["share"]), " to ".join(percent(end) for end in row["interval"]))
        for name, row in measured["recall"].items()
    ]


def told_expressions(tone: dict[str, Any]) -> list[str]:
    """The expressions of which some third has enough faces."""
    return list(dict.fromkeys(name for third in tone["thirds"] for name in third["recall"]))


def thirds(tone: dict[str, Any], names: Sequence[str]) -> list[Cells]:
    """Recall by thirds of skin tone."""
    return [
        (
            third["group"],
            f"{third['angle'][0]:.0f} to {third['angle'][1]:.0f}",
            f"{third['brightness']:.0f}",
            *(told(third["recall"].get(name)) for name in names),
        )
        for third in tone["thirds"]
    ]


def told(row: dict[str, Any] | None) -> str:
    """A share with its interval and count; nothing for a group that is too small."""
    if row is None:
        return "too few"
    return f"{percent(row['share'])} ({' to '.join(percent(end) for end in row['interval'])}; {row['n']})"


def confidence(rows: list[dict[str, Any]]) -> list[Cells]:
    """How honest the confidence is on each dataset, and how many answers are sure."""
    return [
        (row["data"], row["split"], percent(row["ece"]), percent(row["sure_share"]), told(row["sure_right"]))
        for row in rows
    ]


def diagram(rows: list[dict[str, Any]]) -> str:
    """The reliability diagram in numbers."""
    bins = list(dict.fromkeys((one["lower"], one["upper"]) for row in rows for one in row["reliability"]))
    cells = [{(one["lower"], one["upper"]): one for one in row["reliability"]} for row in rows]
    lines = [
        (f"{100 * edges[0]:.0f} to {100 * edges[1]:.0f} %", *(reliable(given.get(edges)) for given in cells))
        for edges in sorted(bins)
    ]
    return table(("confidence", *(f"{row['data']} {row['split']}" for row in rows)), lines)


def reliable(one: dict[str, Any] | None) -> str:
    return "" if one is None else f"{percent(one['accuracy'])} ({one['count']:,})"


def heads(shares: list[dict[str, float]], chosen: float) -> list[Cells]:
    return [
        (
            f"{row['crowd_share']:.2f}" + (" (served)" if row["crowd_share"] == chosen else ""),
            percent(row["accuracy"]),
            f"{row['log_loss']:.4f}",
            percent(row["ece"]),
        )
        for row in shares
    ]


def left_out(config: dict[str, Any]) -> str:
    return "; ".join(f"{count:,} {reason}" for reason, count in config["left_out"].items()) or "nothing"


def course(own: list[dict[str, str]]) -> str:
    """Whether there was more to learn: what the last epochs brought, and how well the training images were known."""
    last = rows_at_final_size(own)[-1 - LAST :]
    accuracies = [float(row["val_accuracy"]) for row in last]
    known = percent(float(own[-1]["accuracy"]))
    ended = f"Training accuracy, on augmented images, was {known} in the end"
    if len(last) <= LAST:
        return f"{ended}."
    return f"{ended}; the last {LAST} epochs brought {100 * (accuracies[-1] - accuracies[0]):+.1f} points."


def taught(config: dict[str, Any]) -> str:
    """A sentence on the teachers, where there were some."""
    if not (teachers := config.get("taught_by")):
        return ""
    share = percent(config["recipe"]["distillation"]["share"])
    return (
        f" {' and '.join(teachers)} taught it: their averaged answers are {share} of what each head learnt, the labels "
        "the rest (arXiv 1503.02531)."
    )


def soup(config: dict[str, Any]) -> str:
    """A sentence on the runs whose weights were averaged, where there were some."""
    if not (shares := config.get("soup")):
        return ""
    parts = " and ".join(f"{percent(share)} {run}" for run, share in shares.items())
    return f" Its weights are the mean of the best ones of several runs ({parts}; arXiv 2203.05482)."


def reason(recipe: dict[str, Any], finished: int, planned: int) -> str:
    """Why a training ended."""
    if finished == planned:
        return "its planned epochs were over"
    patience = recipe["training"].get("early_stopping", 0)
    return f"the selecting loss had not fallen for {patience} epochs" if patience else "time was over"


def again(config: dict[str, Any]) -> str:
    recipe, share = config["recipe"], config["crowd_share"]
    teachers = [run for runs in config.get("taught_by", {}).values() for run in runs]
    runs = dict.fromkeys([*teachers, *config["began_with"], recipe["name"]])
    commands = [f"`fer train training/recipes/{name}.toml`" for name in runs]
    run = f"runs/{recipe['name']}"
    if mixed := config.get("soup"):
        run = f"runs/{config['name']}_soup"
        given = " ".join(f"runs/{name}" for name in mixed)
        shares = " ".join(f"{part:g}" for part in mixed.values())
        commands.append(f"`fer soup {given} --run {run} --shares {shares}`")
    release = f"fer release {run} --name {config['name']}"
    release += f" --crowd-share {share}" if share else ""
    if factors := config.get("class_factors"):
        release += "".join(f" --lift {name}={factor:g}" for name, factor in factors.items())
    return f"Again: {', '.join(commands)}, `{release}`."


def rows_at_final_size(history: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in history if row["size"] == history[-1]["size"]]


def rate(history: list[dict[str, str]], size: str) -> float:
    rates = sorted(float(row["images_per_second"]) for row in history if row["size"] == size)
    return rates[len(rates) // 2]


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def points(value: float) -> str:
    return f"{100 * value:+.1f}"


def one_line(text: str) -> str:
    """A paragraph that stands on several lines in the template."""
    return " ".join(text.split())


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
