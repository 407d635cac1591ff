"""Training images that also stand in a test or validation split."""

from collections.abc import Mapping

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind, Rows


class Leaks(Kind):
    name = "leaks"
    title = "Leaks"
    meaning = "training images of which a test or validation split holds an exact copy"
    order = 10
    in_training = True
    offered = True
    counted = False

    def find(self, found: Audit) -> Mapping[int, str]:
        return found.leaking(found.exact, "an exact copy of it")

    def groups(self, found: Audit) -> list[Rows]:
        return found.groups_with(self.name, found.exact)
