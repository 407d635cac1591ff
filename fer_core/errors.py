"""Every mistake a user can make, as a sentence: what came, what was expected, what to do."""


class FerError(Exception):
    """Base of all errors whose text may be shown to a user as it stands."""


class PhotoError(FerError):
    """A file that cannot be read as a photo, or that is outside the limits."""


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


class RecipeError(FerError):
    """A training recipe or a flag that the trainer does not understand."""


class RunError(FerError):
    """A run folder, history or card that cannot be read."""


class MissingPackageError(FerError):
    """A package that is not installed here; the sentence names the extra that brings it."""


class CheckoutError(FerError):
    """Something that runs from a checkout of the project, asked of an installed package."""
