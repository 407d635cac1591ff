"""The Space starts and answers with the networks that are whole."""

import pytest
from brightness import write_network

from fer_core.errors import PredictorError


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_MODELS", str(tmp_path))
    monkeypatch.setenv("FER_YUNET", str(tmp_path / "none.onnx"))
    monkeypatch.setenv("FER_PUBLIC", "1")
    write_network(tmp_path / "house")
    write_network(tmp_path / "other")
    return tmp_path


def test_a_damaged_network_is_not_offered_and_its_card_stops_nothing(models):
    from space import engine, words

    (models / "house" / "metrics.json").write_text("{", encoding="utf-8")
    (models / "other" / "README.md").write_bytes(b"# Other\n\xff")
    assert engine.names() == ("other",)
    assert "# Other" in words.about()


def test_one_that_fails_while_it_is_loaded_costs_the_first_look_of_the_others_nothing(models, monkeypatch):
    from space import engine

    monkeypatch.setattr(engine, "_loaded", {})
    (models / "house" / "model.onnx").write_bytes(b"no network")
    engine._first_look()
    assert set(engine._loaded) == {"other"}
    with pytest.raises(PredictorError) as told:
        engine.load("house")
    assert str(models) not in str(told.value)
