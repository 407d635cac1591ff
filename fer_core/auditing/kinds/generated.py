"""Files that say a program made the picture."""

from collections.abc import Mapping

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind


class Generated(Kind):
    name = "generated"
    title = "Generated"
    meaning = "the file carries a mark of a generator (a claim, not a proof)"
    order = 120

    def find(self, found: Audit) -> Mapping[int, str]:
        return found.reading.marks
