"""results.csv of Ultralytics (YOLO), whose headings are padded with spaces.

    epoch,time,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0

What stands under metrics/ is of the validation; time is seconds since the start.
"""

from dataclasses import replace

import numpy as np

from fer_core.runs.dialects import plain
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import Logged
from fer_core.runs.naming import VALIDATION

NAME = "Ultralytics' results.csv"


def recognises(source: Source) -> bool:
    heading = source.table.heading if source.headings else ()
    return "epoch" in heading and any(name.startswith(("metrics/", "lr/pg")) for name in heading)


def read(source: Source) -> list[Logged]:
    """The time is no column but the axis."""
    logged = plain.logged(source, VALIDATION)
    times = logged.columns.get("time")
    columns = {heading: values for heading, values in logged.columns.items() if heading != "time"}
    seconds = times if times is not None and np.isfinite(times).all() else None
    return [replace(logged, columns=columns, seconds=seconds)]
