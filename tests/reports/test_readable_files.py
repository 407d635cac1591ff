"""docs/reference/files.md says what the readers do."""

import pytest

from fer_core.datasets.adapters import ADAPTERS
from fer_core.photos import formats
from fer_core.reports import readable_files
from fer_core.runs.dialects import DIALECTS


def test_the_page_is_up_to_date():
    written = readable_files.PAGE.read_text(encoding="utf-8")
    assert written == readable_files.page(), "run: python -m fer_core.reports.readable_files"


@pytest.mark.parametrize("name", [*(one.name for one in formats.READ), *(dialect.name for dialect in DIALECTS)])
def test_every_format_and_dialect_is_on_the_page(name):
    assert name in readable_files.page()


def test_every_dataset_is_on_the_page():
    assert readable_files.page().count("### ") == len(ADAPTERS) + len(DIALECTS)
