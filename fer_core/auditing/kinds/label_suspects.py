"""Labels that are probably wrong; what finds them is fer_core/auditing/suspects.py."""

from collections.abc import Mapping

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind


class LabelSuspects(Kind):
    name = "suspects"
    title = "Label suspects"
    meaning = "networks that never saw the image are sure of another label"
    order = 130

    def find(self, found: Audit) -> Mapping[int, str]:
        return found.suspects
