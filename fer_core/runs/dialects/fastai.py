"""fastai's CSVLogger, history.csv.

    epoch,train_loss,valid_loss,accuracy,error_rate,time
    0,1.8,1.7,0.33,0.67,00:18

All metrics are those of the validation; time is minutes and seconds of the epoch.
"""

from dataclasses import replace

import numpy as np

from fer_core.runs.dialects import plain
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged
from fer_core.runs.naming import VALIDATION

NAME = "fastai's CSVLogger"


def recognises(source: Source) -> bool:
    return bool(source.headings) and {"epoch", "train_loss", "valid_loss"} <= set(source.table.heading)


def read(source: Source) -> list[Logged]:
    """`time` is that of each epoch."""
    logged = plain.logged(source, VALIDATION)
    times = logged.columns.get("time")
    if times is None:
        return [logged]
    others = {heading: values for heading, values in logged.columns.items() if heading != "time"}
    seconds = np.cumsum(np.nan_to_num(times, posinf=0.0))
    return [replace(logged, columns=others, seconds=seconds if seconds[-1] > 0 else None)]
