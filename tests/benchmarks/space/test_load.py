"""The load test judges rightly, and runs in small against the built folder."""

import pytest

from benchmarks.space import load, server
from benchmarks.space.load import Visitor
from space import build


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from brightness import write_network

    folder = tmp_path_factory.mktemp("load")
    with pytest.MonkeyPatch.context() as patch:
        write_network(folder / "models" / "house")
        patch.setenv("FER_MODELS", str(folder / "models"))
        build.build(folder / "space")
    return folder / "space"


def visitor(seconds, errors=(), wrong=0):
    return Visitor(None, None, None, list(seconds), list(errors), wrong)


def judged(visitors, end=400.0):
    return load.report(0.1, visitors, 390.0, end)


def test_what_holds_and_what_does_not(capsys):
    fair = [visitor([0.2] * 4), visitor([0.2] * 6)]
    assert judged(fair)
    assert not judged([visitor([0.2] * 2), visitor([0.2] * 8)])
    assert not judged([visitor([4.0] * 5), visitor([0.2] * 5)])
    assert not judged([*fair, visitor([0.2] * 5, ["refused"])])
    assert not judged([*fair, visitor([0.2] * 5, wrong=1)])
    assert not judged(fair, end=710.0)
    assert not judged(fair, end=450.0)
    assert not judged([visitor([]), visitor([])])
    assert "95th percentile of all     200 ms = 2.0 times" in capsys.readouterr().out


def test_every_visitor_has_a_photo_of_its_own(tmp_path):
    photos = load.portraits(tmp_path, 4)
    assert len({photo.read_bytes() for photo in photos}) == 4


def test_a_small_crowd_gets_its_own_answers(built, tmp_path):
    with server.running(server.APP, built) as app:
        lone, visitors = load.crowd(app, load.portraits(tmp_path, 3), 0.5)
        half, end = load.memory(app, visitors[0], 2)
    assert lone > 0
    assert [visitor.errors for visitor in visitors] == [[], [], []]
    assert [visitor.wrong for visitor in visitors] == [0, 0, 0]
    assert len({str(visitor.expected["faces"]) for visitor in visitors}) == 3
    assert min(half, end) > 50


@pytest.mark.parametrize("command", ["load", "start"])
def test_a_folder_that_was_not_built(command, tmp_path):
    import importlib

    with pytest.raises(SystemExit, match=r"space\.build"):
        importlib.import_module(f"benchmarks.space.{command}").main(["--folder", str(tmp_path)])
