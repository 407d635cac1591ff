"""The engine on Ray: the same rows as on one computer, also when a worker is lost again and again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from batches import parts, table
from brightness import write_fer2013
from clips import encoded, scene
from paths import ROOT

from fer_core.batch import plan, ray_engine
from fer_core.batch.folder import LocalFolder
from fer_core.batch.run import Request, run
from fer_core.cli.main import main
from fer_core.photos.images import decode

RAY = {"RAY_ADDRESS": "", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'helpers'}"}
"""A cluster of the test's own, whose workers find this checkout."""


def fer(*arguments):
    """`fer` in a process of its own, because Ray leaves threads behind."""
    command = [sys.executable, "-m", "fer_core", *map(str, arguments)]
    environment = {**os.environ, **RAY}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if "Ray did not start" in done.stderr:
        pytest.skip("this computer is too busy for Ray: it gives its own helpers 20 s to start")
    return done


def test_the_rows_are_those_of_the_local_engine(photos, tmp_path):
    folder = photos(200)
    (folder / "broken.png").write_bytes(b"no photo")
    options = ("--face-crop", "--model", "house", "--model", "second")
    done = fer("batch", folder, "--out", tmp_path / "ray", "--engine", "ray", "--workers", "2", *options)
    assert done.returncode == 2, done.stderr
    run(Request((str(folder),), str(tmp_path / "local"), ("house", "second"), face_crop=True))
    assert parts(tmp_path / "ray") == parts(tmp_path / "local")
    assert table(tmp_path / "ray").equals(table(tmp_path / "local"))
    assert not list((tmp_path / "ray").glob("_attempt*"))


def test_an_evaluation_has_the_same_figures(tmp_path):
    rows = [(number % 7, 40 * ((number * 3) % 7), "PrivateTest") for number in range(600)]
    data = write_fer2013(tmp_path / "data", rows)
    options = ("evaluate", "--data", data / "fer2013.csv", "--format", "json")
    here, there = fer(*options), fer(*options, "--engine", "ray", "--workers", "2")
    assert here.returncode == there.returncode == 0, there.stderr
    assert json.loads(here.stdout) == json.loads(there.stdout)


def test_videos_have_the_same_answers(tmp_path):
    portrait = decode((ROOT / "samples" / "astronaut.jpg").read_bytes())[:400, 20:420]
    small = np.asarray(cv2.resize(portrait, (240, 240), interpolation=cv2.INTER_AREA))
    folder = tmp_path / "films"
    folder.mkdir()
    for name, left in (("a", 20), ("c", 60)):
        (folder / f"{name}.mp4").write_bytes(encoded([scene([(left, 0, small)], (320, 240))] * 8, rate=4))
    (folder / "b.mp4").write_bytes(b"no video")
    here = fer("video", folder, "--format", "json")
    there = fer(
        "video", folder, "--format", "json", "--engine", "ray", "--workers", "2", "--annotate", tmp_path / "out"
    )
    assert here.returncode == there.returncode == 2, there.stderr
    assert json.loads(here.stdout) == json.loads(there.stdout)
    assert [bool(one["faces"]) for one in json.loads(there.stdout)] == [True, False, True]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a_annotated.mp4", "c_annotated.mp4"]


def test_a_cluster_that_is_not_there(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    code = main(["batch", str(photos(2)), "--out", str(tmp_path / "out"), "--engine", "ray", "--face-crop"])
    assert code == 2
    assert "There is no Ray cluster at 127.0.0.1:1 (" in capsys.readouterr().err


DEADLY = """
import os, sys
from fer_core.batch import plan, ray_engine, worker
look = worker.Worker.look
def deadly(self, photo, load):
    if photo.endswith("00007.png"):
        os._exit(9)
    return look(self, photo, load)
worker.Worker.look = deadly
from fer_core.batch.plan import Asked
asked = Asked((), ("house",), face_crop=True)
reader = ray_engine.PartReader(sys.argv[1], asked, ".")
import numpy as np
print(reader({"number": np.array([0]), "first": np.array([0]), "size": np.array([12])}))
"""


def test_a_photo_that_ends_its_worker_each_time_gets_a_sentence(photos, tmp_path):
    """As when the system ends a worker whose memory is full: Ray begins the part again, until the photo is known."""
    out = LocalFolder(tmp_path / "out")
    plan.make(out, plan.Asked((str(photos(12)),), ("house",), face_crop=True), {})
    command = [sys.executable, "-c", DEADLY, str(tmp_path / "out")]
    codes = []
    while not parts(tmp_path / "out") and len(codes) < 8:
        codes.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    assert codes == [9] * (ray_engine.MOST_ATTEMPTS + 1) + [0]
    errors = {Path(row["photo"]).name: row["error"] for row in table(tmp_path / "out").to_pylist()}
    assert errors.pop("00007.png") == ray_engine.LOST
    assert len(errors) == 11
    assert not any(errors.values())
    assert not list((tmp_path / "out").glob("_attempt*"))


@pytest.mark.parametrize(("workers", "gpus", "size"), [(3, 0, 3), (9, 0, 5), (None, 0, 4), (None, 0.5, 4)])
def test_how_many_workers(workers, gpus, size):
    from fer_core.batch import cluster

    class Ray:
        @staticmethod
        def cluster_resources():
            return {"CPU": 4.0, "GPU": 2.0}

    asked = cluster._size(workers, Ray, gpus, 5)
    assert max(asked.values()) == size
