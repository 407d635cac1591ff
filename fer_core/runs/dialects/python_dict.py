"""A dictionary as Python prints it: str(history.history) or print(history.history) in a file.

    {'loss': [1.8, 1.5], 'accuracy': [0.3, np.float32(0.42)]}

It is read as text: nothing in it is ever run.
"""

import ast
import re
import warnings
from typing import Any

from fer_core.errors import RunError
from fer_core.runs.dialects import json_columns
from fer_core.runs.dialects.source import Source
from fer_core.runs.histories import EXPECTED, Logged

NAME = "a dictionary printed by Python"
LONGEST = 200_000
"""Characters: Python's parser takes a thousand times the memory of its text."""
WRAPPED = re.compile(r"(?:np\.|numpy\.)?(?:float\d*|array|int\d*)\(([^()]*?)(?:, dtype=[^()]*)?\)")
NOT_WRITTEN = re.compile(r"\b(?:nan|inf)\b")
BEGINS = re.compile(r"[^{\n]{0,80}\{\s*['\"]\w+['\"]\s*:")


def recognises(source: Source) -> bool:
    return source.json is None and not source.json_lines and bool(BEGINS.match(source.start)) and "'" in source.start


def read(source: Source) -> list[Logged]:
    """RunError when it is cut off, or holds anything but names, lists and numbers. Nothing in it is ever run."""
    return [json_columns.of_columns(source.name, json_columns.columns_of(source.name, _values(source)))]


def _values(source: Source) -> Any:  # noqa: ANN401
    text = source.text.strip()
    begin, end = text.find("{"), text.rfind("}")
    if len(text) > LONGEST or end < begin:
        raise RunError(f"{source.name} begins like a dictionary printed by Python and is cut off or huge; {EXPECTED}.")
    plain = NOT_WRITTEN.sub("None", WRAPPED.sub(r"\1", text[begin : end + 1]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # '1or 2' and the like in damaged files
            return ast.literal_eval(plain)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise RunError(
            f"{source.name} begins like a dictionary printed by Python and cannot be read to its end; {EXPECTED}. "
            "Write JSON where the training runs: json.dump({name: [float(value) for value in values] for name, values "
            'in history.history.items()}, open("history.json", "w"))'
        ) from None
