"""What programs get from the running app, photo by photo."""

import csv
import io
import json

import httpx
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from paths import SAMPLES
from streamlit.testing.v1 import AppTest

from fer_core.cli.main import main
from fer_core.labels import SEVEN
from fer_core.photos.images import MAX_BYTES

ASTRONAUT = SAMPLES / "astronaut.jpg"


def ask(client, path, **options):
    return client.predict(handle_file(str(path)), api_name="/predict", **options)


class TestPredict:
    @pytest.mark.usefixtures("same_here")
    def test_the_same_numbers_as_the_command_line(self, client, capsys):
        answer = ask(client, ASTRONAUT, models=["house", "second"])
        main(["predict", str(ASTRONAUT), "--model", "house", "--model", "second", "--format", "json"])

        [expected] = json.loads(capsys.readouterr().out)
        assert answer == {"photo": "astronaut.jpg", "error": None, "faces": expected["faces"]}
        [face] = answer["faces"]
        assert [prediction["model"] for prediction in face["predictions"]] == ["house", "second"]
        assert sum(face["predictions"][0]["probabilities"].values()) == pytest.approx(1)

    @pytest.mark.usefixtures("same_here")
    def test_the_same_numbers_as_the_streamlit_page(self, client):
        page = AppTest.from_file(str(SAMPLES.parent / "app.py"), default_timeout=120)
        page.switch_page("pages/2_Predict.py").run()
        uploads = next(one for one in page.file_uploader if one.key.startswith("uploads:"))
        uploads.upload("astronaut.jpg", ASTRONAUT.read_bytes())
        page.run()

        [reading] = page.session_state["results"].values()
        [face] = ask(client, ASTRONAUT)["faces"]
        [answers] = reading.answers.values()
        assert face["unclipped_box"] == list(reading.faces[0].box)
        assert face["predictions"][0]["probabilities"] == pytest.approx(answers[0].probabilities)

    def test_asks_the_first_network_unless_told(self, client):
        [face] = ask(client, ASTRONAUT)["faces"]
        assert [prediction["model"] for prediction in face["predictions"]] == ["house"]

    def test_eight_faces(self, client, eight_faces):
        faces = ask(client, eight_faces)["faces"]
        assert len(faces) == 8
        assert all(set(face["predictions"][0]["probabilities"]) == set(SEVEN) for face in faces)

    def test_no_face_is_an_empty_list(self, client, no_face):
        assert ask(client, no_face) == {"photo": "wall.png", "error": None, "faces": []}

    def test_a_face_crop_is_taken_whole(self, client, no_face):
        [face] = ask(client, no_face, face_crop=True)["faces"]
        assert face["box"] == [0, 0, 400, 300]

    def test_a_certainty_beyond_one_is_refused(self, client):
        with pytest.raises(AppError, match="1"):
            ask(client, ASTRONAUT, min_score=2)

    def test_a_broken_file_is_a_sentence(self, client, tmp_path):
        (tmp_path / "broken.jpg").write_bytes(ASTRONAUT.read_bytes()[:20_000])
        with pytest.raises(AppError, match=r"damaged or was cut short"):
            ask(client, tmp_path / "broken.jpg")

    def test_a_file_over_the_limit_is_a_sentence(self, client, tmp_path):
        with (tmp_path / "large.jpg").open("wb") as stream:
            stream.write(b"\xff\xd8")
            stream.truncate(MAX_BYTES + 1)
        with pytest.raises(AppError, match="at most 25 MB are read"):
            ask(client, tmp_path / "large.jpg")

    def test_what_is_larger_still_is_not_received(self, server, tmp_path):
        before = set(server.spool.rglob("*"))
        with (tmp_path / "huge.jpg").open("wb") as stream:
            stream.truncate(2 * MAX_BYTES + 1_000_000)
        with (tmp_path / "huge.jpg").open("rb") as stream:
            response = httpx.post(f"{server.address}gradio_api/upload", files={"files": ("huge.jpg", stream)})
        assert response.status_code == 413
        assert "maximum allowed size" in response.text
        assert not [path for path in set(server.spool.rglob("*")) - before if path.stat().st_size > MAX_BYTES * 2]

    def test_no_photo_is_a_sentence(self, client):
        with pytest.raises(AppError, match="No photo came"):
            client.predict(None, api_name="/predict")

    def test_an_unknown_model_is_told_which_there_are(self, client):
        with pytest.raises(AppError, match=r"hous.*house.*second"):
            ask(client, ASTRONAUT, models=["hous"])


class TestWhatIsNotSent:
    """Files that are not the visitor's own: asked for by hand, as no client would."""

    def call(self, server, path):
        photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
        started = httpx.post(
            f"{server.address}gradio_api/call/predict", json={"data": [photo, ["house"], 0.7, False]}, timeout=30
        )
        if started.status_code != 200:
            return started.text
        event = started.json()["event_id"]
        return httpx.get(f"{server.address}gradio_api/call/predict/{event}", timeout=30).text

    def test_a_file_of_the_server(self, server, networks):
        answer = self.call(server, str(networks / "house" / "config.json"))
        assert "not uploaded here" in answer
        assert "classes" not in answer

    def test_a_file_of_the_server_asked_as_the_page_asks(self, server):
        photo = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
        body = {"data": [photo, ["house"], 0.7, False], "fn_index": 0, "session_hash": "x"}
        answer = httpx.post(f"{server.address}gradio_api/queue/join", json=body, timeout=30)
        assert answer.status_code == 422
        assert "not uploaded here" in answer.text

    def test_a_link(self, server):
        answer = self.call(server, "http://127.0.0.1:9/photo.jpg")
        assert "this app fetches nothing" in answer

    def test_a_file_that_was_swept(self, server):
        assert "Choose it again" in self.call(server, str(server.spool / "gone" / "photo.jpg"))


class TestPredictBatch:
    def test_each_photo_has_its_record_and_the_csv_has_all(self, client, no_face, tmp_path):
        (tmp_path / "=broken.jpg").write_bytes(b"no photo")
        paths = [ASTRONAUT, SAMPLES / "grace_hopper.jpg", no_face, tmp_path / "=broken.jpg"]

        answer = client.predict([handle_file(str(path)) for path in paths], api_name="/predict_batch")

        assert [photo["photo"] for photo in answer["photos"]] == [path.name for path in paths]
        assert [len(photo["faces"]) for photo in answer["photos"]] == [1, 1, 0, 0]
        assert "not an image" in answer["photos"][3]["error"]
        lines = list(csv.DictReader(io.StringIO(answer["csv"])))
        assert [line["photo"] for line in lines] == ["astronaut.jpg", "grace_hopper.jpg", "wall.png", "'=broken.jpg"]
        assert float(lines[0]["confidence"]) == pytest.approx(
            answer["photos"][0]["faces"][0]["predictions"][0]["confidence"], abs=1e-6
        )

    def test_odd_and_bad_files(self, client, odd_inputs, odd_folder):
        odd = list(odd_inputs.values())[:50]
        photos = [handle_file(str(odd_folder / one.name)) for one in odd]

        answer = client.predict(photos, api_name="/predict_batch")

        errors = {photo["photo"]: photo["error"] for photo in answer["photos"]}
        assert list(errors) == [one.name for one in odd]
        assert all((one.refused or "") in (errors[one.name] or "") for one in odd)
        assert all((errors[one.name] is None) == (one.refused is None) for one in odd)

    def test_too_many(self, client):
        with pytest.raises(AppError, match="at most 50"):
            client.predict([handle_file(str(SAMPLES / "CREDITS.md"))] * 51, api_name="/predict_batch")

    def test_none(self, client):
        with pytest.raises(AppError, match="No photos came"):
            client.predict([], api_name="/predict_batch")


def test_models(client):
    answer = client.predict(api_name="/models")
    assert [model["name"] for model in answer["models"]] == ["house", "second"]
    assert answer["models"][0]["classes"] == list(SEVEN)
    assert answer["models"][1]["threshold"] == 0.99
    assert answer["detector"] == "haar"


def test_the_interface_is_named_and_typed(client):
    described = client.view_api(return_format="dict")
    assert set(described["named_endpoints"]) == {"/predict", "/predict_batch", "/models"}
    assert not described["unnamed_endpoints"]
    predict = described["named_endpoints"]["/predict"]
    assert [parameter["parameter_name"] for parameter in predict["parameters"]] == [
        "photo",
        "models",
        "min_score",
        "face_crop",
    ]
    assert "probabilities: dict(str, float)" in predict["returns"][0]["python_type"]["type"]


def test_two_clients_get_their_own_answers(server, client):
    from gradio_client import Client

    other = Client(server.address, verbose=False, httpx_kwargs={"timeout": 120})
    jobs = [
        (name, one.submit(handle_file(str(SAMPLES / name)), api_name="/predict"))
        for _ in range(3)
        for one, name in ((client, "astronaut.jpg"), (other, "grace_hopper.jpg"))
    ]
    assert [job.result(timeout=60)["photo"] for _, job in jobs] == [name for name, _ in jobs]
