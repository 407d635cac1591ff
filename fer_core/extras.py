"""What is not installed, as a sentence that names the extra to install."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from types import MappingProxyType

from fer_core.errors import MissingPackageError

EXTRAS: Mapping[str, str] = MappingProxyType(
    {
        "scipy": "data",
        "sklearn": "data",
        "pandas": "data",
        "plotly": "data",
        "imagesize": "data",
        "threadpoolctl": "data",
        "pydantic": "data",
        "tomlkit": "data",
        "jinja2": "data",
        "charset_normalizer": "data",
        "tensorboard": "data",
        "streamlit": "app",
        "gradio": "space",
        "gradio_client": "space",
        "huggingface_hub": "space",
        "filelock": "space",
        "tensorflow": "train",
        "keras": "train",
        "tf2onnx": "train",
        "onnx": "train",
        "h5py": "train",
        "deepface": "baselines",
        "pyarrow": "scale",
        "duckdb": "scale",
        "fsspec": "scale",
        "ray": "scale",
        "faiss": "data",
        "av": "video",
    }
)
"""Packages as they are imported, and the extra of fer-lab that brings each. A test holds it to pyproject.toml."""


def advice(package: str) -> str:
    """The command that installs a package."""
    extra = EXTRAS.get(package)
    return f'Install it with: pip install "fer-lab[{extra}]"' if extra else f"Install it with: pip install {package}"


@contextmanager
def explained() -> Iterator[None]:
    """Inside, a package that is not installed is an error with a sentence.

    Raises:
        MissingPackageError: names the package, and the extra that brings it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in EXTRAS:
            raise
        raise _missing(package) from error


def need(package: str) -> None:
    """See to it that a package is installed, without importing it.

    Raises:
        MissingPackageError: it is not.
    """
    if find_spec(package) is None:
        raise _missing(package)


def _missing(package: str) -> MissingPackageError:
    return MissingPackageError(f"This needs {package}, which is not installed. {advice(package)}")
