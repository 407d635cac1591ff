"""`fer video`: what is printed, written and said."""

import csv
import io
import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from clips import animated, encoded, scene
from paths import ROOT

from fer_core.cli import video
from fer_core.labels import SEVEN
from fer_core.photos.images import decode


@pytest.fixture(scope="module")
def portrait():
    """A sample whose face the built-in detector finds, at half size."""
    picture = decode((ROOT / "samples" / "astronaut.jpg").read_bytes())[:400, 20:420]
    return np.asarray(cv2.resize(picture, (240, 240), interpolation=cv2.INTER_AREA))


@pytest.fixture(scope="module")
def film(portrait):
    return encoded([scene([(20, 0, portrait)], (320, 240))] * 8, rate=4)


@pytest.fixture
def clip(film, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(film)
    return path


def test_a_table_to_read(run, clip):
    code, out, err = run("video", clip, "--fps", "2")
    assert (code, err) == (0, "")
    first, heading, face = out.splitlines()
    assert first == f"{clip}: 0:02.0, 4 frames read, 1 face."
    assert heading.split() == ["face", "from", "to", "share", "of", "its", "time", "over", "time"]
    assert face.split()[:3] == ["1", "0:00.0", "0:02.0"]


def test_json_has_everything(run, clip):
    code, out, _ = run("video", clip, "--fps", "2", "--format", "json")
    (found,) = json.loads(out)
    (face,) = found["faces"]
    assert code == 0
    assert (found["frames_read"], found["model"], found["stopped"], found["damaged_parts"]) == (4, "house", False, 0)
    assert "bell curve" in found["smoothing"]
    assert sum(face["shares"].values()) == pytest.approx(1, abs=1e-3)
    assert face["segments"][0]["start"] == 0
    assert [moment["time"] for moment in face["moments"]] == [0, 0.5, 1, 1.5]
    assert list(face["moments"][0]["probabilities"]) == list(SEVEN)
    x, y, width, height = face["moments"][0]["box"]
    assert 0 <= x < x + width <= 320
    assert 0 <= y < y + height <= 240


def test_csv_has_a_row_per_face_and_frame(run, clip, tmp_path):
    (tmp_path / "=bad.mp4").write_bytes(b"no video")
    code, out, _ = run("video", clip, tmp_path / "=bad.mp4", "--fps", "2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 2
    assert [row["time"] for row in rows] == ["0.0", "0.5", "1.0", "1.5", ""]
    assert [row["face"] for row in rows] == ["1"] * 4 + [""]
    for row in rows[:4]:
        assert sum(float(row[label]) for label in SEVEN) == pytest.approx(1, abs=1e-2)
    assert "cannot be read as a video" in rows[4]["error"]


def test_parquet_is_a_file(clip):
    from pyarrow import parquet

    command = [sys.executable, "-m", "fer_core", "video", clip, "--fps", "2", "--format", "parquet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    table = parquet.read_table(io.BytesIO(done.stdout))
    assert table.num_rows == 4
    assert table.column("time").to_pylist() == [0, 0.5, 1, 1.5]
    assert table.column("unsure").type == "bool"


def test_a_folder_goes_by_name_and_a_broken_video_stops_nothing(run, film, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "b é.MOV").write_bytes(film)
    (folder / "a.mkv").write_bytes(b"")
    (folder / "notes.txt").write_text("no video")
    (folder / "picture.gif").write_bytes(b"a picture, left to fer predict")
    code, out, _ = run("video", folder, "--fps", "1", "--format", "json")
    one, other = json.loads(out)
    assert code == 2
    assert (one["path"], other["path"]) == (str(folder / "a.mkv"), str(folder / "b é.MOV"))
    assert "empty" in one["error"]
    assert other["error"] is None


def test_an_animation_is_read_when_it_is_named(run, portrait, tmp_path):
    for format in ("GIF", "WEBP"):
        path = tmp_path / f"clip.{format.lower()}"
        path.write_bytes(animated([portrait] * 4, format, 250))
        code, out, _ = run("video", path, "--format", "json")
        assert code == 0
        assert len(json.loads(out)[0]["faces"]) == 1


def test_a_folder_without_videos(run, tmp_path):
    (tmp_path / "empty").mkdir()
    code, out, err = run("video", tmp_path / "empty")
    assert (code, out) == (2, "")
    assert "holds no video" in err


def test_what_is_not_there(run, tmp_path):
    code, out, _ = run("video", tmp_path / "nothing.mp4")
    assert code == 2
    assert "There is no file" in out


def test_annotate_writes_an_mp4(run, clip, tmp_path):
    from fer_core.video import frames

    code, _, _ = run("video", clip, "--fps", "2", "--annotate", tmp_path / "out.mp4")
    assert code == 0
    with frames.opened(tmp_path / "out.mp4") as video:
        assert len(list(video.all())) == 8


def test_annotate_of_several_goes_to_a_folder(run, clip, film, tmp_path):
    (tmp_path / "other.mp4").write_bytes(film)
    code, _, err = run("video", clip, tmp_path / "other.mp4", "--annotate", tmp_path / "out.mp4")
    assert code == 2
    assert "Name a folder" in err
    code, _, _ = run("video", clip, tmp_path / "other.mp4", "--fps", "1", "--annotate", tmp_path / "drawn")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [
        "clip_annotated.mp4",
        "other_annotated.mp4",
    ]


@pytest.mark.parametrize("value", ["0", "-1", "nan", "1000"])
def test_a_rate_that_makes_no_sense(run, clip, value):
    code, _, err = run("video", clip, "--fps", value)
    assert code == 2
    assert "expected a number above 0" in err


def test_ctrl_c_shows_what_was_found_so_far(run, clip, monkeypatch):
    class Interrupted(video.VideoReading):
        def __iter__(self):
            for seconds in super().__iter__():
                yield seconds
                if seconds >= 1:
                    raise KeyboardInterrupt

    monkeypatch.setattr(video, "VideoReading", Interrupted)
    code, out, err = run("video", clip, clip, "--fps", "2", "--format", "json")
    (found,) = json.loads(out)
    assert code == 130
    assert found["stopped"]
    assert found["frames_read"] == 3
    assert "Stopped" in err


def test_without_pyav_the_sentence_names_the_extra(run, clip, monkeypatch):
    monkeypatch.setattr("fer_core.extras.find_spec", lambda _: None)
    code, _, err = run("video", clip)
    assert code == 2
    assert 'pip install "fer-lab[video]"' in err


def test_two_videos_of_one_name_are_not_written_over_each_other(run, clip, film, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "clip.mp4").write_bytes(film)
    code, _, err = run("video", clip, tmp_path / "more", "--annotate", tmp_path / "out")
    assert code == 2
    assert "Several videos would be written as clip_annotated.mp4." in err
    assert not (tmp_path / "out").exists()
