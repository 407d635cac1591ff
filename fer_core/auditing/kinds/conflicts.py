"""Copies that carry different labels."""

from collections.abc import Mapping

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind, Rows


class Conflicts(Kind):
    name = "conflicts"
    title = "Conflicting labels"
    meaning = "exact copies that carry different labels"
    order = 30
    offered = True
    counted = False

    def find(self, found: Audit) -> Mapping[int, str]:
        return {int(row): labels(found, group) for group in found.conflicting for row in group}

    def groups(self, found: Audit) -> list[Rows]:
        return found.conflicting


def labels(found: Audit, group: Rows) -> str:
    names = [found.dataset.classes[label] for label in found.dataset.labels[group].tolist()]
    return f"copies labelled {', '.join(dict.fromkeys(names))}"
