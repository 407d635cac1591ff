import pytest
from tiny_networks import write_keras_network, write_network


@pytest.fixture
def models(tmp_path, monkeypatch):
    """An empty folder that stands in for models/."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("FER_MODELS", str(folder))
    return folder


@pytest.fixture
def house(models):
    return write_network(models / "house")


@pytest.fixture(scope="session")
def keras_models(tmp_path_factory):
    """models/ with one network in both runtimes; made once, to be read only."""
    folder = tmp_path_factory.mktemp("keras_models")
    write_keras_network(folder / "house")
    return folder


@pytest.fixture
def both_runtimes(keras_models, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(keras_models))
    return keras_models / "house"
