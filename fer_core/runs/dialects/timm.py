"""summary.csv of timm's train.py.

    epoch,train_loss,eval_loss,eval_top1,eval_top5,lr

Accuracies are percent.
"""

from fer_core.runs.dialects import plain
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged

NAME = "timm's summary.csv"


def recognises(source: Source) -> bool:
    return bool(source.headings) and {"epoch", "eval_top1"} <= set(source.table.heading)


def read(source: Source) -> list[Logged]:
    """Also train_top1 and the like of forks are percent."""
    return [plain.logged(source, percent=frozenset(name for name in source.columns if "top" in name))]
