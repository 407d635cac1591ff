"""The functions that a notebook calls, with a real detector and a small real network."""

import pkgutil
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from brightness import STEP, write_fer2013, write_network
from clips import encoded, scene
from paths import ROOT, SAMPLES

import fer_core
from fer_core import extras
from fer_core.errors import DatasetError, FerError, MissingPackageError, PhotoError, PredictorError
from fer_core.labels import SEVEN

pytestmark = pytest.mark.usefixtures("no_yunet")


@pytest.fixture(autouse=True)
def own_networks(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "models"))
    write_network(tmp_path / "models" / "house")
    write_network(tmp_path / "models" / "second", size=16)


@pytest.mark.parametrize("kind", ["path", "text", "bytes"])
def test_a_video_in_every_form(kind, astronaut, tmp_path):
    data = encoded([scene([(0, 0, astronaut[:400, 20:420])], (400, 400))] * 4, rate=4)
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)

    found = fer_core.analyse_video({"path": path, "text": str(path), "bytes": data}[kind], "second", rate=2)

    assert (found.model, found.frames, len(found.faces)) == ("second", 2, 1)
    assert sum(found.faces[0].shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "array"])
def test_a_photo_in_every_form(kind, astronaut):
    path = SAMPLES / "astronaut.jpg"
    photo = {"path": path, "text": str(path), "bytes": path.read_bytes(), "array": astronaut}[kind]

    [face] = fer_core.analyse(photo).faces

    assert face.predictions[0].model == "house"
    assert face.label == face.predictions[0].label
    assert face.confidence == max(face.probabilities.values()) == face.predictions[0].confidence
    assert face.unsure is face.predictions[0].unsure
    assert list(face.probabilities) == list(SEVEN)


def test_the_largest_face_is_first(two_faces):
    small, large = sorted((face.face for face in fer_core.analyse(two_faces).faces), key=lambda face: face.box[2])

    assert [face.face.box for face in fer_core.analyse(two_faces).faces] == [large.box, small.box]


def test_several_networks_by_name_and_loaded(astronaut):
    [face] = fer_core.analyse(astronaut, ["second", fer_core.load_model()]).faces

    assert [prediction.model for prediction in face.predictions] == ["second", "house"]


def test_options_reach_the_search(astronaut):
    assert fer_core.analyse(astronaut, already_face=True).detector == "none"
    assert fer_core.analyse(astronaut, detector="haar").detector == "haar"
    assert fer_core.analyse(astronaut, min_score=1.1).faces == ()


def test_an_analysis_is_printed_without_its_pixels(astronaut):
    assert len(repr(fer_core.analyse(astronaut))) < 2000


@pytest.mark.parametrize("photo", [None, 3, ["a.jpg"], np.zeros((9, 9)), np.zeros((9, 9, 4), np.uint8)])
def test_what_is_no_photo(photo):
    with pytest.raises(PhotoError, match="expected"):
        fer_core.analyse(photo)


def test_a_photo_that_is_not_there():
    with pytest.raises(PhotoError, match=r"There is no file nowhere\.jpg"):
        fer_core.analyse("nowhere.jpg")


def test_a_network_that_is_not_there():
    with pytest.raises(PredictorError, match="house"):
        fer_core.analyse(SAMPLES / "astronaut.jpg", "hous")


def test_networks_of_another_folder_are_taken_at_once(astronaut, tmp_path, monkeypatch):
    before = fer_core.analyse(astronaut).faces[0].predictions[0].crop.shape
    write_network(tmp_path / "other" / "house", size=32)
    monkeypatch.setenv("FER_MODELS", str(tmp_path / "other"))

    assert (before, fer_core.analyse(astronaut).faces[0].predictions[0].crop.shape) == ((8, 8, 1), (32, 32, 1))


def test_the_networks_by_name():
    assert [model.name for model in fer_core.models()][:1] == ["house"]
    assert {model.name for model in fer_core.models()} >= {"second", "deepface", "mini_xception"}


def test_a_dataset_is_opened_audited_and_evaluated(tmp_path):
    rows = [(label, label * STEP, usage) for usage in ("Training", "PrivateTest") for label in range(4)]
    path = write_fer2013(tmp_path / "data", rows)
    dataset = fer_core.open_dataset(path)

    assert len(dataset) == 8
    assert fer_core.audit(dataset).to_json() == fer_core.audit(path).to_json()
    assert fer_core.audit(path).to_json()["exact_groups"] == 4
    assert fer_core.evaluate("house", path).accuracy == 1
    assert fer_core.evaluate(fer_core.load_model("second"), path, limit=2).n == 2


def test_data_that_is_not_there(tmp_path):
    for call in (fer_core.open_dataset, fer_core.audit, lambda path: fer_core.evaluate("house", path)):
        with pytest.raises(DatasetError):
            call(tmp_path / "nowhere")


def test_no_name_is_also_the_name_of_a_room():
    rooms = {module.name for module in pkgutil.iter_modules(fer_core.__path__)}

    assert {"photos", "datasets", "cli"} <= rooms
    assert not rooms & set(fer_core.__all__)


def test_every_name_is_there_and_no_other():
    assert all(callable(getattr(fer_core, name)) for name in fer_core.__all__)
    assert set(fer_core.__all__) <= set(dir(fer_core))
    with pytest.raises(AttributeError, match="analyse"):
        _ = fer_core.analyze


def test_importing_it_loads_nothing():
    code = "import fer_core, sys; print(sorted({'numpy', 'cv2', 'onnxruntime', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout == "[]\n"


class TestExtras:
    def test_the_table_agrees_with_the_project(self):
        """Each package stands in pyproject.toml under the extra that the sentence names."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        distributions = {"sklearn": "scikit-learn", "gradio_client": "gradio", "faiss": "faiss-cpu", "ray": "ray[data]"}
        for package, extra in extras.EXTRAS.items():
            listed = project["optional-dependencies"][extra]
            wanted = distributions.get(package, package).replace("_", "-")
            assert any(line.startswith((f"{wanted}>", f"{wanted}=")) for line in listed), (package, extra)

    def test_a_missing_package_names_its_extra(self):
        with pytest.raises(MissingPackageError, match=r'pip install "fer-lab\[app\]"'), extras.explained():
            raise ModuleNotFoundError("No module named 'streamlit.web'", name="streamlit.web")

    def test_a_missing_module_of_ours_is_a_fault_of_ours(self):
        with pytest.raises(ModuleNotFoundError) as fault, extras.explained():
            raise ModuleNotFoundError("No module named 'fer_core.nothing'", name="fer_core.nothing")
        assert not isinstance(fault.value, FerError)

    def test_need_looks_without_importing(self):
        extras.need("plotly")
        with pytest.raises(MissingPackageError, match="pip install nothing_called_this"):
            extras.need("nothing_called_this")
