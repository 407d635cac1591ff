"""Images in which people saw no face."""

from collections.abc import Mapping

import numpy as np

from fer_core.auditing.findings import Audit
from fer_core.auditing.kind import Kind
from fer_core.labels import FERPLUS_VOTES


class NotAFace(Kind):
    name = "not_a_face"
    title = "Not a face"
    meaning = "FER+'s annotators gave 'not a face' more votes than anything else"
    order = 100
    offered = True
    method = True

    def find(self, found: Audit) -> Mapping[int, str]:
        votes = found.dataset.votes
        if votes is None:
            return {}
        column = FERPLUS_VOTES.index("NF")
        others = np.delete(votes, column, axis=1).max(axis=1)
        rows = np.flatnonzero(votes[:, column] > others)
        rows = rows[np.argsort(-votes[rows, column], kind="stable")]
        return {row: f"{votes[row, column]} of {votes[row].sum()} votes for 'not a face'" for row in rows.tolist()}
