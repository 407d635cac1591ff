"""Photos of a batch: small pictures that are one face each, told apart by how bright they are."""

import cv2
import numpy as np
import pyarrow.parquet

SIDE = 24


def picture(number):
    """A PNG file whose brightness tells its number; no two of the first 200 are equal."""
    random = np.random.default_rng(number)
    pixels = np.full((SIDE, SIDE, 3), 20 + number % 200, np.uint8) + random.integers(0, 8, (SIDE, SIDE, 1), np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def table(folder):
    """All rows of a batch without what differs from run to run, sorted."""
    found = pyarrow.parquet.read_table(folder).drop_columns(["milliseconds"])
    return found.sort_by([("photo", "ascending"), ("face", "ascending"), ("model", "ascending")])


def parts(folder):
    """Names of the parts in a folder."""
    return sorted(path.name for path in folder.glob("part-*"))
