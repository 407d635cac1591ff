"""Images that stand twice in one split."""

from collections.abc import Mapping

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind, Rows


class ExactCopies(Kind):
    name = "exact_copies"
    title = "Exact copies"
    meaning = "the same pixels as an earlier image of the same split"
    order = 40
    offered = True

    def find(self, found: Audit) -> Mapping[int, str]:
        return found.later(found.exact, "exact copy of")

    def groups(self, found: Audit) -> list[Rows]:
        return found.groups_with(self.name, found.exact)
