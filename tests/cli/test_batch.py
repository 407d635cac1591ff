"""`fer batch` as a user types it."""

import builtins

import pytest
from batches import picture

from fer_core import extras


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "photos"
    place.mkdir()
    for number in range(5):
        (place / f"{number}.png").write_bytes(picture(number))
    return place


def test_a_batch_says_what_it_holds(run, folder, tmp_path):
    code, out, err = run("batch", folder, "--out", tmp_path / "out", "--face-crop", "--model", "house")
    assert code == 0
    assert out.splitlines()[2].split() == ["photos", "5"]
    assert "house: unsure" in out
    assert err == ""


def test_a_broken_photo_has_exit_code_2(run, folder, tmp_path):
    (folder / "broken.jpg").write_bytes(b"no photo")
    code, out, _ = run("batch", folder, "--out", tmp_path / "out", "--face-crop")
    assert code == 2
    assert "photos that could not be read 1" in " ".join(out.split())


def test_going_on_needs_no_input(run, folder, tmp_path):
    run("batch", folder, "--out", tmp_path / "out", "--face-crop")
    code, out, _ = run("batch", "--out", tmp_path / "out", "--resume")
    assert (code, out.splitlines()[2].split()) == (0, ["photos", "5"])


def test_without_a_folder_for_the_results(run, folder):
    code, _, err = run("batch", folder)
    assert code == 2
    assert "--out" in err


def test_what_is_there_already(run, folder, tmp_path):
    run("batch", folder, "--out", tmp_path / "out", "--face-crop")
    code, _, err = run("batch", folder, "--out", tmp_path / "out", "--face-crop")
    assert code == 2
    assert "--resume" in err


def test_ray_that_is_not_installed(run, folder, tmp_path, monkeypatch):
    find = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "ray" else find(name))
    code, _, err = run("batch", folder, "--out", tmp_path / "out", "--engine", "ray")
    assert code == 2
    assert err == 'This needs ray, which is not installed. Install it with: pip install "fer-lab[scale]"\n'


def test_ctrl_c_says_how_to_go_on(run, folder, tmp_path, monkeypatch):
    from fer_core.batch import worker

    def stopped(*_):
        raise builtins.KeyboardInterrupt

    monkeypatch.setattr(worker.Worker, "answer", stopped)
    code, _, err = run("batch", folder, "--out", tmp_path / "out", "--face-crop")
    assert code == 130
    assert f"Go on with: fer batch --out {tmp_path / 'out'} --resume" in err


class TestRate:
    @pytest.fixture
    def clock(self, monkeypatch):
        now = [0.0]
        monkeypatch.setattr("fer_core.cli.progress.time.monotonic", lambda: now[0])
        return now

    def test_rate_time_left_and_errors(self, clock, capsys):
        from fer_core.cli.progress import Rate

        rate = Rate("photos")
        rate.begin(100, 1100)
        clock[0] = 60.0
        rate.report(220, "3 could not be read")
        assert capsys.readouterr().err == "220 of 1,100 photos, 2.0 per second, 7 min left, 3 could not be read\n"

    def test_a_log_gets_a_line_now_and_then(self, clock, capsys):
        from fer_core.cli.progress import Rate

        rate = Rate("photos")
        rate.begin(0, 1000)
        for second in range(70):
            clock[0] = float(second)
            rate.report(second)
        assert len(capsys.readouterr().err.splitlines()) == 2
