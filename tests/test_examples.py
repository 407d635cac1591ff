"""The examples in docstrings run, with the house network and the samples of the checkout."""

import doctest
from importlib import import_module

import pytest
from paths import ROOT

MODULES = ("fer_core.api",)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.usefixtures("no_yunet")
def test_examples(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FER_MODELS", raising=False)
    module = import_module(name)

    found = doctest.testmod(module, report=True)

    assert found.attempted > 5
    assert found.failed == 0
