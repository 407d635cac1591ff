"""Training images of which nearly the same stands in a test or validation split."""

from collections.abc import Mapping

import numpy as np

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind, Rows


class NearLeaks(Kind):
    """Only direct near copies, not those that a chain of them connects."""

    name = "near_leaks"
    title = "Near leaks"
    meaning = "training images of which a test or validation split holds a near copy"
    order = 20
    in_training = True
    counted = False

    def find(self, found: Audit) -> Mapping[int, str]:
        exact = found.leaking(found.exact, "")
        direct = found.leaking(pairs(found), "a near copy of it")
        return {row: reason for row, reason in direct.items() if row not in exact}

    def groups(self, found: Audit) -> list[Rows]:
        return found.groups_with(self.name, found.near)


def pairs(found: Audit) -> list[Rows]:
    """Each near pair as a group of its own, with the exact copies of both."""
    exact = {int(group[0]): group for group in found.exact}
    first, second = found.reading.pairs["first"].tolist(), found.reading.pairs["second"].tolist()
    alone = {row: np.array([row], np.intp) for row in {*first, *second}}
    return [np.concatenate([exact.get(row, alone[row]) for row in pair]) for pair in zip(first, second, strict=True)]
