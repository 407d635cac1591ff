"""Images that stand nearly twice in one split."""

from collections.abc import Mapping

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind, Rows


class NearCopies(Kind):
    name = "near_copies"
    title = "Near copies"
    meaning = "nearly the same as an earlier image of the same split"
    order = 50

    def find(self, found: Audit) -> Mapping[int, str]:
        exact = found.later(found.exact, "")
        near = found.later(found.near, "near copy of")
        return {row: reason for row, reason in near.items() if row not in exact}

    def groups(self, found: Audit) -> list[Rows]:
        return found.groups_with(self.name, found.near)
