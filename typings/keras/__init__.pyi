"""Keras ships no types. These are the base classes that we inherit from; all else stays Any."""

from typing import Any

from keras import callbacks as callbacks
from keras import utils as utils

def __getattr__(name: str) -> Any: ...
