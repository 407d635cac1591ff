"""The card of a model, generated from the files beside it: models/NAME/README.md."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fer_core import protocols
from fer_core.datasets import adapters
from fer_core.datasets.votes import FERPLUS
from fer_core.protocols import Protocol
from training import history

VIEWS = {None: "one", "flip": "flips", "flip_crops": "flips and crops"}

LAST = 3
"""Epochs over which the end of a training is judged."""

LIMITS = """\
The network reads a *perceived* expression from one face: what people said a face shows, not what the person feels.
{trained}. {worst} are read worst. It is not for decisions about people at work, in school, in hiring or in health
care."""


def write_card(folder: Path) -> None:
    """Generate README.md from config.json, metrics.json, architecture.json and history.csv of the folder."""
    config, measured, network = (read(folder / f"{name}.json") for name in ("config", "metrics", "architecture"))
    protocol = protocols.of(measured)
    epochs = history.rows(folder)
    parts = [
        f"# {config['title']}",
        limits(config, measured, protocol),
        what(config, network, folder),
        config["recipe"].get("remark", ""),
        figures(measured["evaluations"], protocol),
        recalls(measured["evaluations"], protocol),
        calibrated(measured["calibration"]),
        *(section for one in measured.get("photos", []) for section in (photos(one), by_tone(one))),
        confidence(measured.get("confidence", [])),
        heads(measured.get("crowd_shares", []), config["crowd_share"]),
        training(config, epochs, protocol),
    ]
    (folder / "README.md").write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def limits(config: dict[str, Any], measured: dict[str, Any], protocol: Protocol) -> str:
    """What everybody should know first: what was learned from, and what is read worst."""
    data = config["recipe"]["data"]
    kinds = dict.fromkeys([data["dataset"], *(one["dataset"] for one in data.get("join", []))])
    known = [adapters.BY_KIND[kind].pictures for kind in kinds if kind in adapters.BY_KIND]
    trained = f"It was trained on {', and on '.join(filter(None, known)) or f'the images of {protocol.dataset}'}"
    recall = reported(measured["evaluations"], protocol)["recall"]
    worst = sorted((label for label in recall if recall[label] is not None), key=lambda label: recall[label])[:2]
    return LIMITS.format(trained=trained, worst=" and ".join(worst).capitalize())


def what(config: dict[str, Any], network: dict[str, Any], folder: Path) -> str:
    size, channels = config["input_size"], config["channels"]
    rows = [
        ("answers", ", ".join(config["classes"])),
        ("input", f"{size}x{size}x{channels} uint8, a face crop turned level ({'gray' if channels == 1 else 'RGB'})"),
        ("parameters", f"{network['parameters']:,}"),
        ("multiply-adds", f"{network['multiply_adds'] / 1e6:,.0f} million a face"),
        ("files", files(folder)),
        ("licence", config["licence"]),
        ("origin", config["origin"]),
    ]
    return table(("what", "is"), rows)


def files(folder: Path) -> str:
    """Names and sizes, and why there is one file where others have two."""
    present = [folder / name for name in ("model.onnx", "model.keras") if (folder / name).is_file()]
    sizes = ", ".join(f"{file.name} {file.stat().st_size / 1e6:.1f} MB" for file in present)
    return sizes if len(present) > 1 else f"{sizes}: weights in half precision, alone because the whole is above 25 MB"


def figures(evaluations: list[dict[str, Any]], protocol: Protocol) -> str:
    head = ("split", "labels", "images", "views", "accuracy (95 %)", "balanced", "macro F1", "ECE (95 %)")
    rows = [
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
    return f"## Measured\n\n{table(head, rows)}\n\n{notes(evaluations, protocol)}"


def notes(evaluations: list[dict[str, Any]], protocol: Protocol) -> str:
    """What the words of the table mean, as far as they stand in it."""
    same = protocol.selected_on == protocol.calibrated_on
    chosen = (
        f"Selected and calibrated on the {protocol.selected_on}"
        if same
        else f"Selected on the {protocol.selected_on}, calibrated on the {protocol.calibrated_on}"
    )
    told = [f"{chosen}, reported on the {protocol.reported_on} of {protocol.dataset}."]
    if any(row.get("subset") for row in evaluations):
        told.append(
            f"'No copies': without the images of the {protocol.reported_on} that also stand, pixel for pixel, in the "
            "official training set."
        )
    if any(row["labels"] == FERPLUS for row in evaluations):
        told.append(
            "'ferplus': top vote of ten annotators over eight classes; ties, unknown and not-a-face left out; answered "
            "by the FER+ head under its own temperature."
        )
    told.append(
        "'Flips': the image and its mirror image averaged; 'flips and crops': twelve views. "
        "Intervals: Wilson's for accuracy, bootstrapped for the others."
    )
    return " ".join(told)


def reported(evaluations: list[dict[str, Any]], protocol: Protocol) -> dict[str, Any]:
    """The headline row."""
    return next((row for row in evaluations if row["split"] == protocol.report), evaluations[-1])


def recalls(evaluations: list[dict[str, Any]], protocol: Protocol) -> str:
    row = reported(evaluations, protocol)
    values = [(name, "" if value is None else percent(value)) for name, value in row["recall"].items()]
    return f"Recall of each class on {row['split']}, one view:\n\n{table(('class', 'recall'), values)}"


def calibrated(fitted: dict[str, Any]) -> str:
    return (
        f"Confidence is p^(1/T), renormalised, with T = {fitted['temperature']:.3f} fitted to the top "
        f"answers on the {protocols.in_words(fitted['split'])} (arXiv 2107.08353; ECE "
        f"{percent(fitted['ece_before'])} before, {percent(fitted['ece_after'])} after). Below "
        f"{percent(fitted['threshold'])} the answer is 'unsure'; above it stand {percent(fitted['coverage'])} of the "
        f"images, {percent(fitted['answered_right'])} of which are right."
    )


def photos(measured: dict[str, Any]) -> str:
    """Recall on whole photos, where a joined dataset has some."""
    rows = [
        (name, f"{row['n']:,}", percent(row["share"]), " to ".join(percent(end) for end in row["interval"]))
        for name, row in measured["recall"].items()
    ]
    return (
        f"## On real photos: {measured['split']} of {measured['data']}\n\n"
        f"{table(('class', 'photos', 'recall', '95 %'), rows)}\n\n"
        f"Mean recall of {', '.join(measured['mean_of'])}: {percent(measured['mean_recall'])}. Nobody in these photos "
        "is in one that trained or chose the network. Faces are found and cut as in serving. Intervals are Wilson's."
    )


def by_tone(measured: dict[str, Any]) -> str:
    """Recall by thirds of skin tone, with what such a measure is worth."""
    if not (tone := measured.get("tone")):
        return ""
    names = list(dict.fromkeys(name for third in tone["thirds"] for name in third["recall"]))
    rows = [
        (
            third["group"],
            f"{third['angle'][0]:.0f} to {third['angle'][1]:.0f}",
            f"{third['brightness']:.0f}",
            *(told(third["recall"].get(name)) for name in names),
        )
        for third in tone["thirds"]
    ]
    gap = tone["gap"]
    apart = (
        ""
        if gap is None
        else (
            f" The lightest third is read {100 * gap['share']:+.1f} points better than the darkest (95 %: "
            f"{100 * gap['interval'][0]:+.1f} to {100 * gap['interval'][1]:+.1f}; mean of {' and '.join(names)})."
        )
    )
    return (
        f"Recall by skin tone:\n\n{table(('third', 'typology angle', 'brightness', *names), rows)}\n\n"
        "The angle is measured from the cheeks' pixels, so it is partly light: it goes with the mean brightness of the "
        f"crop (0 to 255; correlation {tone['correlation']:.2f}). No recall is told of fewer than 30 faces.{apart}"
    )


def told(row: dict[str, Any] | None) -> str:
    """A share with its interval and count; nothing for a group that is too small."""
    if row is None:
        return "too few"
    return f"{percent(row['share'])} ({' to '.join(percent(end) for end in row['interval'])}; {row['n']})"


def confidence(rows: list[dict[str, Any]]) -> str:
    """How honest the confidence is on each dataset: sure answers, and the reliability diagram in numbers."""
    if not rows:
        return ""
    head = ("data", "split", "ECE", "sure", "right of sure")
    lines = [
        (row["data"], row["split"], percent(row["ece"]), percent(row["sure_share"]), told(row["sure_right"]))
        for row in rows
    ]
    bins = list(dict.fromkeys((one["lower"], one["upper"]) for row in rows for one in row["reliability"]))
    cells = [{(one["lower"], one["upper"]): one for one in row["reliability"]} for row in rows]
    diagram = [
        (f"{100 * edges[0]:.0f} to {100 * edges[1]:.0f} %", *(reliable(given.get(edges)) for given in cells))
        for edges in sorted(bins)
    ]
    names = tuple(f"{row['data']} {row['split']}" for row in rows)
    return (
        f"## How honest its confidence is\n\n{table(head, lines)}\n\nShare of right answers by the confidence shown, "
        f"with the number of answers:\n\n{table(('confidence', *names), diagram)}"
    )


def reliable(one: dict[str, Any] | None) -> str:
    return "" if one is None else f"{percent(one['accuracy'])} ({one['count']:,})"


def heads(shares: list[dict[str, float]], chosen: float) -> str:
    if len(shares) < 2:
        return ""
    rows = [
        (
            f"{row['crowd_share']:.2f}" + (" (served)" if row["crowd_share"] == chosen else ""),
            percent(row["accuracy"]),
            f"{row['log_loss']:.4f}",
            percent(row["ece"]),
        )
        for row in shares
    ]
    return "## Share of the FER+ head in the answer, on the selecting split\n\n" + table(
        ("share", "accuracy", "log loss", "ECE"), rows
    )


def training(config: dict[str, Any], history: list[dict[str, str]], protocol: Protocol) -> str:
    recipe, before = config["recipe"], config["epochs_before"]
    own = history[before:]
    best = max(rows_at_final_size(own), key=lambda row: float(row["val_accuracy"]))
    seconds = sum(float(row["seconds"]) for row in history)
    rates = ", ".join(f"{rate(own, size):.0f} at {size} px" for size in dict.fromkeys(row["size"] for row in own))
    left_out = "; ".join(f"{count:,} {reason}" for reason, count in config["left_out"].items()) or "nothing"
    planned = sum(stage["epochs"] for stage in recipe["training"]["stages"])
    begun = f"the first {before} by what it began with, {' and '.join(config['began_with'])}; "
    return (
        f"## Training\n\n{config['images']['train']:,} images (left out: {left_out}). {len(history)} epochs "
        f"({begun if before else ''}{len(own)} of {planned} planned) in {seconds / 60:.0f} minutes on "
        f"{config['machine']}, shared with other work; images per second: {rates}. Best epoch {int(best['epoch']) + 1} "
        f"by accuracy on the {protocol.selected_on} ({percent(float(best['val_accuracy']))}, first head"
        f"{', averaged weights' if recipe['optimizer']['averaging'] else ''}); it ended because "
        f"{reason(recipe, len(own), planned)}. {course(own)}{taught(config)}{soup(config)}\n\n"
        f"{''.join(f'**Fault of the original, kept: {fault}.** ' for fault in config.get('faults', []))}{again(config)}"
    )


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


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
