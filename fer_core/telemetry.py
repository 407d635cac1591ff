"""Switches off what the libraries below us would report about their users.

ONNX Runtime writes a device id into the user's cache folder and looks up a host of its maker when it loads a network.
Its own function to stop that comes too late: only the variable, set before the import, does. The others read theirs
when they are imported, too. So `fer_core` sets all of them before anything else, and every entry point imports
`fer_core` first.
"""

import os

VARIABLES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
}
"""Name and value for ONNX Runtime, Gradio, Hugging Face, Ray, Streamlit, and whoever heeds the common one. Plotly
reports nothing."""


def off() -> None:
    """For this process and the processes that it starts."""
    os.environ.update(VARIABLES)
