"""The engine's arithmetic: Node runs its own tests, and cuts and crops are Python's to the last bit."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from paths import ROOT

from fer_core.photos import faces, geometry
from fer_core.photos.faces import Face

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")

CUTTER = """
import fs from "node:fs";
const { viewAround, viewOfWhole, cut } = await import(`${process.argv[1]}/engine/views.js`);
const { crop } = await import(`${process.argv[1]}/engine/faces.js`);
const { picture: [width, height], whole, around, crops, rules } = JSON.parse(fs.readFileSync(process.argv[2]));
const picture = { pixels: fs.readFileSync(process.argv[3]), width, height, channels: 3 };
const parts = [
  ...whole.map(([longest, roll]) => cut(picture, viewOfWhole(picture, longest, roll)).pixels),
  ...around.map(([center, scale, roll, side]) => cut(picture, viewAround(center, scale, roll, side, side)).pixels),
  ...crops.map(([box, roll, size, channels]) => crop(picture, { box, roll }, size, channels, rules)),
];
fs.writeFileSync(process.argv[4], Buffer.concat(parts.map((part) => Buffer.from(part))));
"""
WHOLE = [(640, 0), (320, 0), (160, 90), (250, 180), (100, 33)]
AROUND = [
    ((225, 120), 1.7, 12.0, 326),
    ((20, 30), 0.9, -95.0, 160),
    ((300, 200), 0.21, 5.0, 96),
    ((500, 8), 3.0, 0.0, 64),
]
CROPS = [((180, 60, 90, 112), 0.0, 48, 1), ((180, 60, 90, 112), 17.0, 64, 3), ((150, 30, 250, 300), -40.0, 48, 1)]
CROPS += [((0, 0, 512, 512), 0.0, 48, 1), ((-30, -20, 80, 90), 5.0, 48, 3), ((210, 110, 20, 24), 0.0, 48, 1)]


def test_the_tests_of_the_engine_pass():
    done = subprocess.run([NODE, "--test", "tests/browser/"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "# tests 0" not in done.stdout


@pytest.mark.parametrize("side", [faces.CROP_SIDE, 1.1])
def test_views_and_crops_are_the_same_bytes_as_in_python(side, astronaut, tmp_path, monkeypatch):
    monkeypatch.setattr(faces, "CROP_SIDE", side)
    expected = [geometry.cut(astronaut, geometry.view_of_whole(astronaut.shape[1::-1], *view)) for view in WHOLE]
    expected += [geometry.cut(astronaut, geometry.view_around(*view, view[-1])) for view in AROUND]
    expected += [faces.crop(astronaut, [Face(box, 1.0, roll)], *size) for box, roll, *size in CROPS]
    asked = {
        "picture": astronaut.shape[1::-1],
        "whole": WHOLE,
        "around": AROUND,
        "crops": CROPS,
        "rules": {"side": side},
    }
    files = [tmp_path / name for name in ("asked.json", "picture.raw", "parts.raw")]
    files[0].write_text(json.dumps(asked), encoding="utf-8")
    files[1].write_bytes(astronaut.tobytes())
    script = [NODE, "--input-type=module", "-e", CUTTER, str(ROOT / "browser"), *map(str, files)]
    subprocess.run(script, check=True, capture_output=True)
    given = np.frombuffer(files[2].read_bytes(), np.uint8)
    assert np.array_equal(given, np.concatenate([part.ravel() for part in expected]))
