"""Files that cannot be read."""

from collections.abc import Mapping

import numpy as np

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind


class Unreadable(Kind):
    name = "unreadable"
    title = "Unreadable"
    meaning = "the file is damaged or no picture"
    order = 110
    offered = True

    def find(self, found: Audit) -> Mapping[int, str]:
        return dict.fromkeys(np.flatnonzero(found.reading.unreadable).tolist(), "cannot be read")
