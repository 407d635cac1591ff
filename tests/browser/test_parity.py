"""The browser gives Python's answers: same faces, labels and probabilities. In Debian's Chromium, on WebAssembly."""

import base64
import csv
import gzip
import itertools

import cv2
import numpy as np
import pytest
from browsers import PATIENCE, chromium, file_server
from paths import ROOT, SAMPLES, SHARED

from fer_core import predictors
from fer_core.browser import site
from fer_core.photos import faces, images
from fer_core.photos.analysis import analyse
from fer_core.predictors.calibration import apply_temperature

pytestmark = pytest.mark.browser

TOLERANCES = {"half": 0.02, "full": 1e-3}
LOOK = """async ([base, model, photo, options]) => {
  const { Engine, decodePhoto } = await import(base + "engine/engine.js");
  window.engine ??= await Engine.start(base, "wasm");
  await engine.load(model);
  const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const frame = photo.file
    ? await decodePhoto(new Blob([bytes(photo.file)]))
    : { pixels: bytes(photo.pixels), width: photo.width, height: photo.height, channels: 3 };
  return (await engine.look(frame, model, options)).faces;
}"""


@pytest.fixture(scope="module")
def page(web_runtime, real_browser):  # noqa: ARG001
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        yield page


@pytest.fixture(scope="module", params=["half", "full"])
def served(request, web_runtime, tmp_path_factory):  # noqa: ARG001
    """Precision, and the address of a folder with the house network in it."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "models").mkdir()
    (folder / "models" / "house").symlink_to(ROOT / "models" / "house")
    shared_detector = SHARED / "models" / "face_detection_yunet_2023mar.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_MODELS", str(folder / "models"))
        patch.setenv("FER_YUNET", str(shared_detector))
        site.build(folder / "web", half_precision=request.param == "half")
    with file_server(folder / "web") as (address, _):
        yield request.param, address


@pytest.fixture(scope="module")
def look(page, served):
    """Asks the engine: a picture as pixels or as a file, and options."""
    _, address = served
    page.goto(f"{address}settings.json")

    def ask(picture, **options):
        if isinstance(picture, bytes):
            photo = {"file": base64.b64encode(picture).decode()}
        else:
            height, width = picture.shape[:2]
            photo = {"pixels": base64.b64encode(picture.tobytes()).decode(), "width": width, "height": height}
        return page.evaluate(LOOK, [address, "house", photo, options])

    return ask


@pytest.fixture(scope="module")
def house():
    return predictors.load("house")


def given(found):
    """Faces as the engine takes them in place of its detector's."""
    return [{"box": list(face.box), "roll": face.roll, "score": face.score, "landmarks": None} for face in found]


def overlap(one, other):
    (ax, ay, aw, ah), (bx, by, bw, bh) = one, other
    wide = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    tall = max(0, min(ay + ah, by + bh) - max(ay, by))
    return wide * tall / (aw * ah + bw * bh - wide * tall)


def check(expected, found, tolerance):
    """As many faces, in the same places, with the same answers."""
    assert len(found) == len(expected.faces)
    for row, seen in zip(expected.faces, found, strict=True):
        (prediction,) = row.predictions
        assert overlap(row.face.box, seen["face"]["box"]) >= 0.9
        assert np.allclose(seen["answer"]["probabilities"], list(prediction.probabilities.values()), atol=tolerance)
        clear = prediction.confidence - prediction.probabilities[prediction.runner_up] > 2 * tolerance
        assert seen["answer"]["label"] == prediction.label or not clear
        assert seen["answer"]["reason"] == prediction.reason or abs(prediction.confidence - threshold(row)) < tolerance
        assert seen["answer"]["unsure"] == prediction.unsure or abs(prediction.confidence - threshold(row)) < tolerance


def threshold(row):
    return predictors.info(row.predictions[0].model).threshold


def test_given_faces_get_the_same_answers(look, served, house, two_faces):
    expected = analyse(two_faces, [house], detector="haar")
    assert len(expected.faces) == 2
    found = look(two_faces, faces=given([row.face for row in expected.faces]))
    check(expected, found, TOLERANCES[served[0]])


def test_a_face_crop_gets_the_same_answer(look, served, house, astronaut):
    crop = astronaut[60:180, 165:285]
    check(analyse(crop, [house], already_face=True), look(crop, alreadyFace=True), TOLERANCES[served[0]])


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_small_faces_of_a_large_photo_are_found_in_the_same_parts(look, served, house, astronaut):
    photo = np.full((3000, 4000, 3), (108, 124, 138), np.uint8)
    for number, (x, y) in enumerate(itertools.product((500, 1900, 3300), (700, 2000))):
        head = cv2.resize(
            astronaut[22:282, 108:348], (120 + 8 * number, 130 + 9 * number), interpolation=cv2.INTER_AREA
        )
        photo[y : y + head.shape[0], x : x + head.shape[1]] = head
    file = cv2.imencode(".png", photo[:, :, ::-1])[1].tobytes()
    expected = analyse(file, [house], detector="yunet")
    assert len(expected.faces) == 6
    check(expected, look(file), TOLERANCES[served[0]])


def test_turned_faces_get_the_same_answers(look, served, house, hopper):
    turned = [faces.Face((177, 117, 168, 213), 1.0, roll) for roll in (-90.0, 11.0, 47.0)]
    found = look(hopper, faces=given(turned))
    crops = faces.crop(hopper, turned, house.input_size, house.info.channels)
    assert np.allclose(
        [seen["answer"]["probabilities"] for seen in found],
        calibrated(house, crops),
        atol=TOLERANCES[served[0]],
    )


def calibrated(predictor, crops):
    return apply_temperature(predictor.predict(crops), predictor.info.temperature)


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_photos_have_the_same_faces_and_answers(look, served, house, shared_photos):
    paths = sorted([*SAMPLES.glob("*.jpg"), *shared_photos.glob("*/*.jp*g")])
    assert len(paths) >= 10
    for path in paths:
        pixels, _ = images.decode_reduced(path.read_bytes(), 640)
        check(analyse(pixels, [house]), look(pixels), TOLERANCES[served[0]])


@pytest.mark.shared
@pytest.mark.usefixtures("yunet")
def test_files_decoded_by_the_browser_have_the_same_faces_and_answers(look, house):
    """The browser decodes all pixels, so Python does here; of a large photo it usually decodes half the side."""
    for path in sorted(SAMPLES.glob("*.jpg")):
        check(analyse(images.decode(path.read_bytes()), [house]), look(path.read_bytes()), TOLERANCES["half"])


@pytest.mark.shared
def test_faces_of_fer2013_have_the_same_answers(look, served, house):
    path = SHARED / "datasets" / "fer2013" / "fer2013.csv.gz"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [row["pixels"] for row in itertools.islice(csv.DictReader(stream), 200)]
    gray = np.array([np.array(pixels.split(), np.uint8).reshape(48, 48) for pixels in rows])
    montage = gray.reshape(10, 20, 48, 48).transpose(0, 2, 1, 3).reshape(480, 960)
    boxes = [(48 * column, 48 * row, 48, 48) for row in range(10) for column in range(20)]
    found = look(np.repeat(montage[..., None], 3, axis=2), faces=given([faces.Face(box, 1.0) for box in boxes]))
    answers = calibrated(house, gray[..., None])
    probabilities = np.array([seen["answer"]["probabilities"] for seen in found])
    assert np.allclose(probabilities, answers, atol=TOLERANCES[served[0]])
    top = np.sort(answers, axis=1)
    clear = top[:, -1] - top[:, -2] > 2 * TOLERANCES[served[0]]
    assert clear.sum() > 180
    assert np.array_equal(probabilities.argmax(axis=1)[clear], answers.argmax(axis=1)[clear])
