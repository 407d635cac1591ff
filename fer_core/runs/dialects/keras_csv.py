"""keras.callbacks.CSVLogger, and this project's own history.csv.

    epoch,accuracy,loss,val_accuracy,val_loss

Epochs are counted from 0. Older Keras writes acc and val_acc. Columns without val_ are of the training.
"""

from fer_core.runs.dialects import plain
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged
from fer_core.runs.naming import TRAIN

NAME = "Keras CSVLogger"


def recognises(source: Source) -> bool:
    heading = [cell.strip() for cell in source.table.heading] if source.headings else []
    return bool(heading) and heading[0] == "epoch" and "loss" in heading and _no_side_but_val(heading)


def read(source: Source) -> list[Logged]:
    """Columns without 'val_' are those of the training."""
    return [plain.logged(source, TRAIN)]


def _no_side_but_val(heading: list[str]) -> bool:
    sided = [name for name in heading if name.startswith(("train", "valid", "eval", "test", "val "))]
    return not sided and any(name.startswith("val_") for name in heading)
