"""`fer summary` and what it asks DuckDB, against the same counts by pandas."""

import io
import json
import zipfile

import numpy as np
import pandas
import pytest
from batches import parts, picture
from PIL import Image

from fer_core.batch import faces, summary
from fer_core.batch.run import Request, run
from fer_core.cli.main import main
from fer_core.errors import BatchError


@pytest.fixture
def batch(photos, out):
    """150 photos, some of them with a date, some broken, read by two networks."""
    folder = photos(150)
    for number in range(6):
        exif = Image.Exif()
        exif[306] = f"2024:0{1 + number % 2}:01 00:00:00"
        pixels = np.full((30, 30, 3), 40 * number, np.uint8)
        Image.fromarray(pixels).save(folder / f"dated{number}.jpg", exif=exif)
    (folder / "broken.png").write_bytes(b"no photo")
    run(Request((str(folder),), str(out), ("house", "second"), face_crop=True))
    return out


def test_the_counts_are_those_of_pandas(batch):
    found = summary.Results(str(batch)).summary()
    rows = pandas.read_parquet(batch)
    assert (found.counts.photos, found.counts.failed, found.done) == (157, 1, True)
    assert found.counts.faces == rows[rows["model"] == "house"]["face"].count() == 156
    shares = pandas.DataFrame(found.shares).set_index(["model", "label"]).sort_index()
    answered = rows.dropna(subset="label").astype({"unsure": float})
    expected = answered.groupby(["model", "label"]).agg(
        faces=("label", "size"), unsure=("unsure", "mean"), confidence=("confidence", "mean")
    )
    for name in ("faces", "unsure", "confidence"):
        np.testing.assert_allclose(shares[name], expected[name], atol=1e-9)
    np.testing.assert_allclose(shares.groupby("model")["share"].sum(), 1)
    folders = {(row["model"], row["group"]): row["faces"] for row in found.folders}
    assert folders == answered.groupby(["model", "folder"]).size().to_dict()
    months = {(row["model"], f"{row['group']:%Y-%m}"): row["faces"] for row in found.months}
    assert months == {(model, month): 3 for model in ("house", "second") for month in ("2024-01", "2024-02")}
    slowest = rows.groupby("photo")["milliseconds"].max().nlargest(20)
    assert [row["photo"] for row in found.slowest] == slowest.index.tolist()
    assert [row["photo"].rpartition("/")[2] for row in found.failed] == ["broken.png"]


def test_what_was_counted_is_kept_and_new_parts_are_added(batch):
    before = summary.Results(str(batch)).summary()
    last = batch / parts(batch)[-1]
    away = last.rename(batch.parent / last.name)
    fewer = summary.Results(str(batch)).summary()
    away.rename(last)
    after = summary.Results(str(batch)).summary()
    assert fewer.counts.photos < before.counts.photos
    pandas.testing.assert_frame_equal(pandas.DataFrame(before.shares), pandas.DataFrame(after.shares))
    assert after.slowest == before.slowest
    assert after.failed == before.failed


def test_sample_faces(batch):
    samples = summary.Results(str(batch)).samples("house", 2)
    assert set(samples) == set(pandas.read_parquet(batch)["label"].dropna())
    assert all(1 <= len(rows) <= 2 for rows in samples.values())
    row = next(iter(samples.values()))[0]
    assert faces.cut(row).shape in ((24, 24, 3), (30, 30, 3))
    assert faces.cut({**row, "photo": "gone.png"}) is None


def test_faces_of_photos_in_an_archive(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a/1.png", picture(1))
        archive.writestr("a/2.png", picture(2))
    (tmp_path / "x.zip").write_bytes(stream.getvalue())
    assert faces.content(f"{tmp_path}/x.zip/a/2.png") == picture(2)
    with pytest.raises(BatchError, match=r"holds no a/3\.png"):
        faces.content(f"{tmp_path}/x.zip/a/3.png")


def test_the_command(batch, capsys):
    assert main(["summary", str(batch)]) == 0
    assert "photos that could not be read  1" in capsys.readouterr().out
    assert main(["summary", str(batch), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["photos"] == 157
    assert found["months"][0]["group"] == "2024-01"


def test_a_folder_without_results(tmp_path, capsys):
    assert main(["summary", str(tmp_path)]) == 2
    assert "no results" in capsys.readouterr().err
    assert main(["summary", str(tmp_path / "nowhere")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_a_damaged_part(batch):
    (batch / parts(batch)[0]).write_bytes(b"PAR1 but no more")
    (batch / summary.ROLLUP).unlink()
    with pytest.raises(BatchError, match="cannot be read"):
        summary.Results(str(batch)).summary()
