"""Images that show nothing."""

from collections.abc import Mapping

import numpy as np

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind
from fer_core.auditing.quality import BLANK


class Blank(Kind):
    name = "blank"
    title = "Blank"
    meaning = f"{BLANK.words}: one gray level, or nearly"
    order = 60
    offered = True
    method = True

    def find(self, found: Audit) -> Mapping[int, str]:
        values = found.reading.quality.measure(BLANK.measure)
        rows = np.flatnonzero((values < BLANK.below) & ~found.reading.unreadable)
        return dict.fromkeys(rows.tolist(), "blank")
