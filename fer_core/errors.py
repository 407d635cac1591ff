"""Every mistake a user can make, as a sentence: what came, what was expected, what to do."""

import contextlib
import logging
import traceback
from collections.abc import Iterator


class FerError(Exception):
    """Base of all errors whose text may be shown to a user as it stands."""


class PhotoError(FerError):
    """A file that cannot be read as a photo, or that is outside the limits."""


class VideoError(FerError):
    """A file that cannot be read as a video, or that is outside the limits."""


class PredictorError(FerError):
    """A predictor that does not exist, or that cannot run here."""


class UnknownPredictorError(PredictorError):
    """A name outside the registry."""


class DatasetError(FerError):
    """A dataset that is missing, or a file that is not what it should be."""


class TableError(DatasetError):
    """A text table that cannot be read at all."""


class ArchiveError(FerError):
    """A zip or tar file that cannot be read, or that is not safe to read."""


class BatchError(FerError):
    """A batch of photos that cannot be listed, read or written."""


class RecipeError(FerError):
    """A training recipe or a flag that the trainer does not understand."""


class RunError(FerError):
    """A run folder, history or card that cannot be read."""


class MissingPackageError(FerError):
    """A package that is not installed here; the sentence names the extra that brings it."""


class CheckoutError(FerError):
    """Something that runs from a checkout of the project, asked of an installed package."""


@contextlib.contextmanager
def unforeseen(kind: type[FerError], sentence: str) -> Iterator[None]:
    """Around the work on one item: whatever goes wrong costs this item alone, and its owner gets a sentence.

    The log gets the place in the code, never the item's name or content.

    Args:
        kind: of the error that is raised for what nobody foresaw; our own errors pass as they are.
        sentence: its text.
    """
    try:
        yield
    except FerError:
        raise
    except Exception as error:
        log = logging.getLogger(__name__)
        log.warning("Unforeseen %s at %s", type(error).__name__, _place(error))
        log.debug("The same in full", exc_info=True)
        raise kind(sentence) from error


def let_go(error: BaseException | None) -> None:
    """Empty the functions that an error came through: they hold the photo, and Python may keep them for minutes.

    Call it where the error ends. Its text and its place in the code stay.
    """
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _place(error: Exception) -> str:
    """File and line of our own code that the error passed last."""
    trace, place = error.__traceback__, "an unknown place"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "site-packages" not in file and file != __file__:
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
