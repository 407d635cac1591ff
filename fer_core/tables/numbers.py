"""Numbers as people and programs write them into cells."""

import math
import re

NO_VALUE = frozenset(("", "na", "n/a", "nan", "none", "null", "-", "--", "?", "#n/a", "<na>"))
WRAPPED = re.compile(r"^(?:[a-z_.]*(?:tensor|float\d*|array|scalar|item))?\s*[(\[]+(.*?)[)\]]+$", re.IGNORECASE)
"""'[0.33]', 'tensor(0.33, device='cuda:0')', 'np.float64(0.33)'."""
CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?\s*%?", re.IGNORECASE)
GERMAN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")
ENGLISH_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
POINT = re.compile(r"[+-]?\d*\.\d+(?:e[+-]?\d+)?\s*%?", re.IGNORECASE)
COUNTED = re.compile(r"(?:[a-z]+[\s:_#-]*)?(\d+)(?:\s*(?:/|of)\s*\d+)?\s*:?", re.IGNORECASE)
"""'3', 'Epoch 3', '3/5', 'epoch 3 of 5'."""
LONGEST = 60


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """The number of a cell: nan where the cell says that there is none, None where it is something else.

    Args:
        text: '0.33', '33 %' (0.33), '[0.33]', 'tensor(0.33)', '01:18' (78 seconds), '1e-3', 'inf'.
        decimal_comma: '0,33' is 0.33.
    """
    cell = text.strip().strip("\"'").strip()
    if cell.lower() in NO_VALUE:
        return math.nan
    if len(cell) > LONGEST and not cell.lower().startswith(("tensor", "[")):
        return None
    if wrapped := WRAPPED.match(cell[: 4 * LONGEST]):
        inside = wrapped[1] if decimal_comma and DECIMAL_COMMA.fullmatch(wrapped[1]) else wrapped[1].partition(",")[0]
        cell = inside.strip("[]() ")
    if clock := CLOCK.fullmatch(cell):
        return 3600 * float(clock[1] or 0) + 60 * float(clock[2]) + float(clock[3])
    share = cell.endswith("%")
    value = _float(_with_point(cell.rstrip("% \u00a0"), decimal_comma=decimal_comma))
    return value / 100 if share and value is not None else value


def code(text: str) -> int | None:
    """The class number of a cell ('3', '3.0', '[3]', '3,0'), or None when it is no whole number."""
    value = number(text, decimal_comma="," in text)
    return int(value) if value is not None and math.isfinite(value) and value == int(value) else None


def counted(text: str) -> float | None:
    """The number of an epoch: also 'Epoch 3' and '3/5'."""
    found = COUNTED.fullmatch(text.strip()) if len(text) <= LONGEST else None
    return float(found[1]) if found else number(text)


def writes_decimal_comma(cells: list[str]) -> bool:
    """Whether a table writes 0,33 for 0.33, told from some of its cells.

    '1,234' may be either: it counts for nothing.
    """
    some = [cell.strip().strip("\"'[]") for cell in cells if len(cell) <= LONGEST]
    commas = sum(1 for cell in some if _surely_decimal_comma(cell))
    points = sum(1 for cell in some if POINT.fullmatch(cell) or ("." in cell and ENGLISH_THOUSANDS.fullmatch(cell)))
    return commas > points


def _surely_decimal_comma(cell: str) -> bool:
    if GERMAN_THOUSANDS.fullmatch(cell):
        return True
    return bool(DECIMAL_COMMA.fullmatch(cell)) and not ENGLISH_THOUSANDS.fullmatch(cell)


def _with_point(cell: str, *, decimal_comma: bool) -> str:
    if not decimal_comma:
        return cell.replace(",", "") if ENGLISH_THOUSANDS.fullmatch(cell) else cell
    if GERMAN_THOUSANDS.fullmatch(cell):
        cell = cell.replace(".", "")
    return cell.replace(",", ".") if cell.count(",") == 1 else cell


def _float(cell: str) -> float | None:
    if "_" in cell:  # Python would take '1_000' for a number; a person means a name
        return None
    try:
        return float(cell.replace("\u2212", "-"))
    except ValueError:
        return None
