"""The networks' files are what was released, or the network is not used."""

import pytest
from paths import ROOT
from tiny_networks import write_network, write_onnx

from fer_core import predictors
from fer_core.errors import PredictorError
from fer_core.predictors import checksums, networks

RELEASED = [folder for folder in (ROOT / "models").glob("*") if (folder / "config.json").is_file()]


@pytest.fixture
def noted(house):
    checksums.write(house, ["model.onnx"])
    return house


def test_the_noted_network_runs(noted):
    assert predictors.availability("house").ready
    assert checksums.fits(noted / "model.onnx")


def swapped(folder):
    write_onnx(folder / "model.onnx", scale=2.0)


def flipped(folder):
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)


def cut(folder):
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("damage", [swapped, flipped, cut])
def test_another_network_or_a_damaged_one_is_refused_and_the_others_run(noted, models, damage):
    write_network(models / "other")
    damage(noted)
    assert "another network's" in predictors.availability("house").reason
    with pytest.raises(PredictorError, match="checksum is not the one in SHA256SUMS"):
        predictors.load("house")
    assert predictors.load("other").name == "other"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"nothing that is a checksum\n\nabc\n"])
def test_a_damaged_list_is_told(noted, content):
    (noted / "SHA256SUMS").write_bytes(content)
    assert "export it again" in predictors.availability("house").reason


def test_a_folder_without_a_list_is_taken_as_it_is(house):
    assert not (house / "SHA256SUMS").exists()
    assert predictors.availability("house").ready


def test_lines_of_windows_and_of_binary_mode_are_read(noted):
    line = f"{checksums.digest(noted / 'model.onnx').upper()} *model.onnx\r\n"
    (noted / "SHA256SUMS").write_bytes(line.encode())
    assert predictors.availability("house").ready


@pytest.mark.parametrize("folder", RELEASED, ids=lambda folder: folder.name)
def test_every_network_we_publish_carries_the_checksum_of_each_of_its_files(folder):
    listed = {line.split()[1] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert listed == {path.name for path in folder.glob("model*.*")}
    assert all(checksums.fits(folder / name) for name in listed)


def test_the_published_networks_are_looked_at():
    assert {folder.name for folder in RELEASED} >= {folder.name for folder in networks.folders()} & {"house"}
