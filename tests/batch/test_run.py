"""A batch on one computer: its rows, its files, and what happens when it is stopped or something fails."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pyarrow.parquet
import pytest
from batches import parts, picture, table
from paths import ROOT, SAMPLES
from tiny_networks import write_broken_network

from fer_core.batch import plan, schema
from fer_core.batch.folder import LocalFolder
from fer_core.batch.run import Request, Watcher, run
from fer_core.errors import BatchError, PredictorError
from fer_core.photos import files
from fer_core.photos.analysis import analyse
from fer_core.predictors import load


def asked(out, *inputs, **options):
    return Request(tuple(str(one) for one in inputs), str(out), **{"face_crop": True, "workers": 2, **options})


class Stopping(Watcher):
    """Stops a batch after so many photos, as Ctrl-C does."""

    def __init__(self, after):
        self.after = after

    def read(self, news):
        self.after -= news.photos
        if self.after <= 0:
            raise KeyboardInterrupt


def test_one_row_per_face_and_model_and_one_per_photo_without(tmp_path, out):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes((SAMPLES / "astronaut.jpg").read_bytes())
    (folder / "b.png").write_bytes(picture(3))
    (folder / "c.jpg").write_bytes(b"\xff\xd8 but no more")
    outcome = run(asked(out, folder, models=("house", "second"), face_crop=False))

    found = pandas.read_parquet(out).sort_values(["photo", "model"])
    assert list(found.columns) == list(schema.COLUMNS)
    assert [Path(name).name for name in found["photo"]] == ["a.jpg", "a.jpg", "b.png", "c.jpg"]
    face, no_face, broken = found.iloc[0], found.iloc[2], found.iloc[3]
    assert (face["model"], face["face"], face["photo_width"]) == ("house", 1, 512)
    assert face["confidence"] == face[face["label"]]
    assert pandas.isna(no_face["face"])
    assert pandas.isna(no_face["error"])
    assert broken["error"].endswith(".")
    assert (outcome.counts.photos, outcome.counts.faces) == (3, 1)
    assert (outcome.counts.failed, outcome.counts.without_face) == (1, 1)


def test_the_rows_are_those_of_analyse(out):
    """One photo at a time and all of them together: the same boxes, labels and, but for the last bits, shares."""
    run(asked(out, SAMPLES / "astronaut.jpg", SAMPLES / "group.jpg", SAMPLES / "grace_hopper.jpg", face_crop=False))
    network = load("house")
    for name, rows in pandas.read_parquet(out).groupby("photo"):
        analysis = analyse(files.read(Path(name)), [network])
        assert [face.label for face in analysis.faces] == rows["label"].tolist()
        assert [face.face.score for face in analysis.faces] == rows["score"].tolist()
        shares = [list(face.probabilities.values()) for face in analysis.faces]
        np.testing.assert_allclose(rows[list(network.classes)].to_numpy(), shares, rtol=0, atol=1e-6)


def test_answers_do_not_depend_on_workers_nor_on_the_neighbours(photos, tmp_path):
    folder = photos(150)
    run(asked(tmp_path / "one", folder, workers=1))
    run(asked(tmp_path / "four", folder, workers=4))
    run(asked(tmp_path / "some", folder / "below"))
    assert table(tmp_path / "one").equals(table(tmp_path / "four"))
    some = table(tmp_path / "some")
    every = table(tmp_path / "one")
    assert every.filter(pyarrow.compute.is_in(every["photo"], some["photo"].combine_chunks())).equals(some)


def test_files_beside_the_parts_begin_with_a_stroke(photos, out):
    run(asked(out, photos(70)))
    assert parts(out) == ["part-00000000.parquet", "part-00000001.parquet"]
    assert {path.name for path in out.iterdir()} - set(parts(out)) == {
        "_counts.parquet",
        "_manifest.json",
        "_plan.parquet",
        "_summary.json",
    }
    manifest = json.loads((out / "_manifest.json").read_text())
    assert (manifest["schema"], manifest["done"], manifest["asked"]["models"]) == (1, True, ["house"])
    assert json.loads((out / "_summary.json").read_text())["photos"] == 70
    metadata = pyarrow.parquet.read_metadata(out / parts(out)[0]).metadata
    assert metadata[b"fer_batch_schema"] == b"1"


@pytest.mark.parametrize("after", [1, 70, 200])
def test_a_stopped_batch_goes_on_and_no_photo_counts_twice(photos, tmp_path, out, after):
    folder = photos(300)
    with pytest.raises(KeyboardInterrupt):
        run(asked(out, folder), Stopping(after))
    before = parts(out)
    outcome = run(asked(out, folder, resume=True))
    run(asked(tmp_path / "fresh", folder))
    assert len(before) < len(parts(out)) == 5
    assert outcome.taken_over == 64 * len(before)
    assert outcome.counts.photos == 300
    assert table(out).equals(table(tmp_path / "fresh"))


KILLED = """
import os
from fer_core.batch import folder, run
put = folder.LocalFolder._put
def killed(self, name, content):
    if name.startswith("part-00000002"):
        (self.path / ("_writing-1-" + name)).write_bytes(content[:50])
        os._exit(9)
    put(self, name, content)
folder.LocalFolder._put = killed
run.run(run.Request((INPUT,), OUT, face_crop=True, workers=2))
"""


def test_a_killed_batch_goes_on(photos, tmp_path, out):
    folder = photos(300)
    code = KILLED.replace("INPUT", repr(str(folder))).replace("OUT", repr(str(out)))
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert killed.returncode == 9
    assert len(pandas.read_parquet(out)) == 128
    outcome = run(asked(out, resume=True))
    run(asked(tmp_path / "fresh", folder))
    assert outcome.taken_over == 128
    assert table(out).equals(table(tmp_path / "fresh"))
    assert not [path for path in out.iterdir() if path.name.startswith("_writing")]


def test_going_on_with_a_finished_batch_reads_nothing(photos, out):
    run(asked(out, photos(3)))
    written = (out / parts(out)[0]).stat().st_mtime_ns
    assert run(asked(out, resume=True)).taken_over == 3
    assert (out / parts(out)[0]).stat().st_mtime_ns == written


def test_a_batch_is_not_mixed_with_another(photos, tmp_path, out):
    folder = photos(3)
    run(asked(out, folder))
    with pytest.raises(BatchError, match="holds a batch already"):
        run(asked(out, folder))
    with pytest.raises(BatchError, match=r"min_score 0\.7, now 0\.5"):
        run(asked(out, folder, resume=True, min_score=0.5))
    with pytest.raises(BatchError, match="models house, now second"):
        run(asked(out, folder, resume=True, models=("second",)))
    with pytest.raises(BatchError, match="no batch to go on with"):
        run(asked(tmp_path / "empty", resume=True))
    (tmp_path / "empty" / "mine.parquet").write_bytes(b"x")
    with pytest.raises(BatchError, match="not of a batch"):
        run(asked(tmp_path / "empty", folder))


def test_no_photo_at_all(tmp_path, out):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.md").write_text("x")
    with pytest.raises(BatchError, match=r"no photo in .* \(1 x files that end in .md\)"):
        run(asked(out, tmp_path / "empty"))


def test_a_network_that_cannot_load_is_left_out(photos, tmp_path, out):
    (tmp_path / "models" / "second" / "model.onnx").write_bytes(b"no network")
    told = []
    watcher = Watcher()
    watcher.left_out = lambda name, reason: told.append((name, reason))
    outcome = run(asked(out, photos(3), models=("second", "house")), watcher)
    assert told[0][0] == "second"
    assert told[0][1].startswith("second cannot run")
    assert set(table(out)["model"].to_pylist()) == {"house"}
    assert list(outcome.plan.left_out) == ["second"]
    with pytest.raises(PredictorError, match="second cannot run"):
        run(asked(tmp_path / "other", photos(3), models=("second",)))


def test_a_network_that_answers_nonsense_costs_its_photos_only(photos, tmp_path, out):
    write_broken_network(tmp_path / "models" / "broken")
    outcome = run(asked(out, photos(3), models=("broken",)))
    assert outcome.counts.failed == 3
    assert all("no number" in error for error in table(out)["error"].to_pylist())


def test_a_full_disk_is_a_sentence_and_what_is_written_stays(photos, out):
    """The size of files is limited, so that the third part, which holds most, cannot be written."""
    folder = photos(300)
    code = (
        "import resource, signal, sys\n"
        "from fer_core.batch import plan, folder\n"
        "put = folder.LocalFolder._put\n"
        "def limited(self, name, content):\n"
        "    if name.startswith('part-00000002'):\n"
        "        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "    put(self, name, content)\n"
        "folder.LocalFolder._put = limited\n"
        "from fer_core.cli.main import main\n"
        f"sys.exit(main(['batch', {str(folder)!r}, '--out', {str(out)!r}, '--face-crop']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot be written (File too large). Everything written before is whole." in done.stderr
    assert parts(out) == ["part-00000000.parquet", "part-00000001.parquet"]
    assert not [path for path in out.iterdir() if path.name.startswith("_writing")]
    assert run(asked(out, resume=True)).counts.photos == 300


def test_a_damaged_manifest(photos, out):
    run(asked(out, photos(3)))
    (out / "_manifest.json").write_text("{")
    with pytest.raises(BatchError, match="is damaged"):
        run(asked(out, resume=True))


def test_parts_grow_with_the_batch(tmp_path, photos):
    folder = LocalFolder(tmp_path / "out")
    made = plan.make(folder, plan.Asked((str(photos(150)),), ("house",)), {})
    assert made.part == 64
    assert [chunk.size for chunk in plan.chunks(folder, made)] == [64, 64, 22]
    entries = [entry for chunk in plan.chunks(folder, made) for entry in plan.entries(folder, chunk)]
    assert len({entry.photo for entry in entries}) == 150


def test_the_folder_may_lie_behind_an_address(photos):
    import fsspec

    run(asked("memory://results/here", photos(70)))
    names = [name.rpartition("/")[2] for name in fsspec.filesystem("memory").find("/results/here")]
    assert "part-00000001.parquet" in names
    assert run(asked("memory://results/here", resume=True)).taken_over == 70


def test_when_a_photo_was_taken(tmp_path, out):
    from PIL import Image

    exif = Image.Exif()
    exif[306] = "2024:05:06 07:08:09"
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (40, 40), "gray").save(tmp_path / "photos" / "a.jpg", exif=exif)
    run(asked(out, tmp_path / "photos"))
    assert str(table(out)["taken"][0]) == "2024-05-06 07:08:09"


def test_the_guide_explains_each_column():
    guide = (ROOT / "docs" / "guides" / "scale.md").read_text(encoding="utf-8")
    columns = guide.partition(f"schema version {schema.VERSION}")[2].partition("## ")[0]
    shares = ("disgust", "fear", "happy", "sad", "surprise", "neutral")  # angry ... contempt stand for all of them
    assert [name for name in schema.COLUMNS if f"`{name}`" not in columns and name not in shares] == []
