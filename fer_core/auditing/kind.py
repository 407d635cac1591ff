"""What a kind of finding is. Each stands in a file of its own in `fer_core/auditing/kinds/`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from fer_core.auditing.quality import BLANK, Limit

if TYPE_CHECKING:
    from fer_core.auditing.findings import Audit

Rows = NDArray[np.intp]


class Kind(ABC):
    """One kind of finding.

    To add one, put a file with a child of this class into `kinds/`. The command line, the Datasets page, the CSV, the
    exclusion files and the tests take it from there.

    Attributes:
        name: what JSON, CSV and `--only` call it.
        title: a few words for people.
        meaning: what it says of an image, with its limit.
        order: smaller numbers stand first.
        offered: an exclusion file names it unless somebody chooses otherwise.
        counted: `Audit.to_json` gives the number of its images under its name.
        method: `Audit.to_json` also says how it is told.
        in_training: only images of the training split can be such a finding, so that its share is one of these.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    meaning: ClassVar[str]
    order: ClassVar[int]
    offered: ClassVar[bool] = False
    counted: ClassVar[bool] = True
    method: ClassVar[bool] = False
    in_training: ClassVar[bool] = False

    @abstractmethod
    def find(self, found: "Audit") -> Mapping[int, str]:
        """Rows and the reason of each, in the order to look at them."""

    def groups(self, found: "Audit") -> list[Rows]:  # noqa: ARG002
        """For kinds about several images: whole groups, to be looked at side by side; else each image stands alone."""
        return []


class BelowLimit(Kind):
    """Images of which a measure lies below a limit, the lowest first. Blank images are only called blank."""

    limit: ClassVar[Limit]
    method = True

    def find(self, found: "Audit") -> Mapping[int, str]:
        quality, unreadable = found.reading.quality, found.reading.unreadable
        values = quality.measure(self.limit.measure)
        wanted = (values < self.limit.below) & ~unreadable & (quality.measure(BLANK.measure) >= BLANK.below)
        rows = np.flatnonzero(wanted)
        rows = rows[np.argsort(values[rows], kind="stable")]
        return {row: f"{self.limit.measure} {values[row]:.2f}" for row in rows.tolist()}
