"""One row per method: all figures of a network, paper or tool, and the one that ranks it under one protocol."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fer_core.evaluation.results import NOT_STATED, Result

ONE, AVERAGED, ANY = "one", "averaged", "any"
PROTOCOLS: Mapping[str, str] = MappingProxyType(
    {ONE: "One view per image", AVERAGED: "Flips or crops averaged", ANY: "As each source reports"}
)
"""What figures are ranked by. Averaging over views adds about one percent, so the two are never mixed in one order."""

NOT_THE_TEST = ("own", "training", "public test", "val", "validation")
"""How `tested_on` begins where that is not the test that others report."""

PLACES = (
    (re.compile(r"arXiv (\d{4}\.\d{4,5})"), "https://arxiv.org/abs/{}"),
    (re.compile(r"^deepface issue (\d+)"), "https://github.com/serengil/deepface/issues/{}"),
    (re.compile(r"^PyPI (\w+) ([\d.]+)"), "https://pypi.org/project/{}/{}/"),
    (re.compile(r"^ResEmoteNet paper"), "https://arxiv.org/abs/2409.10545"),
    (re.compile(r"^ResMaskingNet paper"), "https://github.com/phamquiluan/ResidualMaskingNetwork"),
    (re.compile(r"^([\w.-]+/[\w.-]+)$"), "https://github.com/{}"),
)
"""The address behind how a source is called in facts/published_results.csv."""


@dataclass(frozen=True)
class Method:
    """A network, paper or tool with all its figures on one dataset; `key` tells it from all others."""

    key: str
    rows: tuple[Result, ...]

    def figure(self, protocol: str) -> Result | None:
        """The figure that ranks it, or None where nobody reports one under this protocol.

        Args:
            protocol: a key of PROTOCOLS.
        """
        found = [row for row in self.rows if _is_on_the_test(row) and protocol in (ANY, views(row))]
        quoted = [row for row in found if row.to_quote] or found
        return None if not quoted else quoted[-1] if protocol == AVERAGED else quoted[0]

    @property
    def other(self) -> Result:
        """What there is of it at all, for methods that no protocol ranks."""
        known = [row for row in self.rows if row.accuracy is not None and row.to_quote]
        return (known or list(self.rows))[0]


def of(rows: Sequence[Result]) -> list[Method]:
    """The figures gathered: those of the same weights are one method, whoever measured them."""
    found: dict[str, list[Result]] = {}
    for row in rows:
        found.setdefault(f"{row.predictor or row.method}, {row.data}", []).append(row)
    return [Method(key, tuple(group)) for key, group in found.items()]


def ranked(methods: Sequence[Method], protocol: str) -> list[tuple[Method, Result | None]]:
    """The most accurate under this protocol first; those without a figure last, by what they have."""
    rows = [(method, method.figure(protocol)) for method in methods]
    return sorted(rows, key=lambda row: (row[1] is None, -((row[1] or row[0].other).accuracy or 0)))


def views(row: Result) -> str:
    """ONE or AVERAGED; '' where the source does not say."""
    return "" if row.tta == NOT_STATED else ONE if row.tta in ("no", "none") else AVERAGED


def link(source: str) -> str | None:
    """The address of a paper, issue or repository; None where the source is none."""
    for pattern, address in PLACES:
        if found := pattern.search(source):
            return address.format(*found.groups())
    return None


def _is_on_the_test(row: Result) -> bool:
    return row.accuracy is not None and not row.tested_on.startswith(NOT_THE_TEST)
