"""A comparison as one HTML file that needs no network and no other file; what it looks like is in its template."""

import base64
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.compare import scores, tables, verdict
from fer_core.compare.conditions import CONDITIONS
from fer_core.compare.robustness import Curves
from fer_core.compare.scores import Report
from fer_core.figures import compare
from fer_core.photos import drawing, wording
from fer_core.text import printable

TEMPLATE = "comparison.html.jinja"
MOST_FACES = 60
TOOLS = {"displayModeBar": False, "responsive": True}


def html(report: Report, curves: Curves | None = None, *, pictures: bool = False) -> str:
    """The whole file.

    Args:
        report: what to tell.
        curves: robustness, where it was measured.
        pictures: with the faces on which models disagree or all fail; without, the file shows nobody.
    """
    from plotly.offline import get_plotlyjs

    given = report.comparison
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            given=given,
            curves=curves,
            tables=tables,
            verdict=verdict,
            made=_made(report),
            figures=compare,
            plotly=Markup(get_plotlyjs()),
            detector=wording.DETECTORS[given.detector],
            notice=wording.NOTICE[1][1],
            pairs=list(combinations(report.scores, 2)),
            conditions=[name for name in CONDITIONS if any(group.condition == name for group in report.groups)],
            galleries=_galleries(report) if pictures else [],
            most_faces=MOST_FACES,
        )
    )


def _made(report: Report) -> str:
    """When, with what version, and under which settings the figures were made."""
    given = report.comparison
    models = ", ".join(f"{one.title} ({one.name}, unsure below {one.threshold:.0%})" for one in given.models)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"Made on {now} with fer-lab {__version__}. Models: {models}. {wording.DETECTORS[given.detector]}"


def _galleries(report: Report) -> list[tuple[str, list[int]]]:
    """Headings, and the rows of the photos below each."""
    return [
        ("Models disagree", list(scores.disagreements(report.comparison))),
        ("All are wrong", list(scores.failures(report.comparison))),
    ]


def _environment() -> Environment:
    """Every value is escaped and made printable, but for what is marked as HTML."""
    environment = Environment(
        loader=PackageLoader("fer_core.reports", package_path=""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else printable(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"chart": _chart, "jpeg": _jpeg}
    return environment


def _chart(figure: go.Figure) -> Markup:
    """Plotly writes '<' in texts as an escape, so that no name ends the script."""
    return Markup(figure.to_html(full_html=False, include_plotlyjs=False, config=TOOLS))


def _jpeg(picture: NDArray[np.uint8]) -> str:
    return base64.b64encode(drawing.to_jpeg(picture)).decode()
