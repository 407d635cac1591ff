"""When a visit ends, and that nothing of its files is left then."""

from types import SimpleNamespace

import pytest

from ui.shared.visits import COLLECTIONS, LEFT_SECONDS, SWEEP_SECONDS, Sweeper


class Runtime:
    """Streamlit's, as far as the sweeper asks it: who is connected, which files are held."""

    def __init__(self):
        self.connected, self.ended, self.states = set(), [], {}
        self.uploaded_file_mgr = SimpleNamespace(file_storage={}, remove_session_files=self.remove)

    def remove(self, session):
        self.uploaded_file_mgr.file_storage.pop(session, None)

    def is_active_session(self, session):
        return session in self.connected

    def get_app_session(self, session):
        state = self.states.get(session)
        return None if state is None else SimpleNamespace(session_state=state)

    def clear_user_info_for_session(self, session):
        self.ended.append(session)


@pytest.fixture
def runtime():
    return Runtime()


@pytest.fixture
def sweeper(runtime):
    return Sweeper(runtime)


def test_a_visit_that_was_left_ends_with_its_files(sweeper, runtime):
    runtime.uploaded_file_mgr.file_storage["one"] = {"photo": b"x"}
    runtime.states["one"] = {"photos": b"x"}
    sweeper.note("one")
    assert sweeper.sweep(100) == []
    assert sweeper.sweep(100 + LEFT_SECONDS - 1) == []
    assert sweeper.sweep(100 + LEFT_SECONDS) == ["one"]
    assert runtime.ended == ["one"]
    assert runtime.uploaded_file_mgr.file_storage == {}
    assert runtime.states["one"] == {}
    assert sweeper.sweep(1000) == []


def test_a_page_that_comes_back_in_time_goes_on(sweeper, runtime):
    sweeper.note("one")
    sweeper.sweep(0)
    runtime.connected.add("one")
    assert sweeper.sweep(LEFT_SECONDS + 1) == []
    runtime.connected.clear()
    assert sweeper.sweep(LEFT_SECONDS + 2) == []
    assert sweeper.sweep(2 * LEFT_SECONDS + 2) == ["one"]


def test_files_of_a_visit_that_never_ran_a_page_go_too(sweeper, runtime):
    runtime.uploaded_file_mgr.file_storage["stranger"] = {"photo": b"x"}
    sweeper.sweep(0)
    assert sweeper.sweep(LEFT_SECONDS) == ["stranger"]


def test_the_times_keep_the_promise():
    from paths import ROOT

    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    given_up = int(config.split("disconnectedSessionTTL = ")[1].split()[0])
    assert LEFT_SECONDS + (COLLECTIONS + 1) * SWEEP_SECONDS < 60
    assert given_up > LEFT_SECONDS + 2 * SWEEP_SECONDS
