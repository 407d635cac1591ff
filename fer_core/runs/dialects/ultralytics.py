"""results.csv of Ultralytics (YOLO): headings padded with spaces, metrics of the validation, seconds since the start.

epoch,time,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0
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
    """What stands under metrics/ is renamed to say that it is the validation's."""
    logged = plain.logged(source, VALIDATION)
    times = logged.columns.get("time")
    columns = {heading: values for heading, values in logged.columns.items() if heading != "time"}
    seconds = times if times is not None and np.isfinite(times).all() else None
    return [replace(logged, columns=columns, seconds=seconds)]
