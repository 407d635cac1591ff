"""What the address of a page says, so that a link opens the view somebody wanted to show.

Widgets with fixed choices write themselves into the address (`bind="query-params"`). This module is for the rest.
"""

from collections.abc import Sequence

import streamlit as st

from fer_core import settings
from fer_core.datasets.store import recent_paths
from ui.shared.text import code

PATH = "path"
"""Of the dataset that a page looks at."""


def dataset_path() -> str:
    """The dataset that the address names; '' when it names none that was opened on this computer before.

    A link from somebody else must not make this computer read a place that its user never chose.
    """
    asked = st.query_params.get(PATH, "")
    return asked if asked and not settings.public() and asked in recent_paths.read() else ""


def tell_dataset(path: str) -> None:
    """Write the path of the open dataset into the address, and say when the link asked for an unknown one."""
    asked = st.query_params.get(PATH, "")
    if asked and not path and asked not in recent_paths.read():
        st.caption(f"The link names {code(asked)}. It was never opened on this computer. Type its path to open it.")
        return
    if path:
        st.query_params[PATH] = path
    elif asked:
        del st.query_params[PATH]


def chosen(name: str, options: Sequence[str]) -> list[str]:
    """Those of the options that the address names, in its order."""
    return [value for value in st.query_params.get_all(name) if value in options]


def tell(name: str, values: Sequence[str]) -> None:
    """Write the chosen options into the address."""
    st.query_params[name] = list(values)
