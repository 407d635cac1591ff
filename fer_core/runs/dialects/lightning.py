"""metrics.csv of PyTorch Lightning's CSVLogger.

    epoch,lr-Adam,step,train_acc_epoch,train_acc_step,train_loss_epoch,train_loss_step,val_acc,val_loss

Each row holds what was logged at one step: values for a batch, for the training of an epoch, for its validation, or the
learning rate alone, which stands before the first row of its epoch.
"""

from fer_core.runs.dialects import plain
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged

NAME = "Lightning's metrics.csv"


def recognises(source: Source) -> bool:
    heading = set(source.table.heading) if source.headings else set()
    return {"epoch", "step"} <= heading and any(not all(column) for column in source.columns.values())


def read(source: Source) -> list[Logged]:
    """The last value of each column within an epoch counts."""
    return [plain.logged(source)]
