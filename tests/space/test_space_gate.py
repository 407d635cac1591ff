"""What the server does not take, asked over real HTTP."""

import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from paths import SAMPLES


@pytest.fixture(scope="module")
def api(server):
    return f"{server.address}gradio_api"


def upload(api, name):
    photo = (SAMPLES / "astronaut.jpg").read_bytes()
    return httpx.post(f"{api}/upload", files={"files": (name, photo)}, timeout=60)


def predict(api, name, path, **more):
    photo = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
    body = {"data": [photo, ["house"], 0.7, False]} | more
    return httpx.post(f"{api}/call/predict", json=body, timeout=60)


def answer(api, posted):
    with httpx.stream("GET", f"{api}/call/predict/{posted.json()['event_id']}", timeout=60) as stream:
        return next(json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ["))


def test_a_name_of_20_megabytes_is_refused_with_a_sentence(api):
    (path,) = upload(api, "photo.jpg").json()
    refused = predict(api, "x" * 20_000_000, path)
    assert refused.status_code == 413
    assert "262,144 bytes" in refused.json()["detail"]


def test_a_long_name_is_cut(api):
    (path,) = upload(api, "photo.jpg").json()
    (photo,) = answer(api, predict(api, "x" * 5000, path))
    assert photo["photo"] == "x" * 200
    assert photo["faces"]


def test_fifty_photos_with_long_names_pass(api):
    (path,) = upload(api, "é" * 90 + ".jpg").json()
    photos = [{"path": path, "orig_name": "é" * 90, "meta": {"_type": "gradio.FileData"}}] * 50
    body = {"data": [photos, ["house"], 0.7, True]}
    assert httpx.post(f"{api}/call/predict_batch", json=body, timeout=60).status_code == 200


def test_a_field_that_is_no_file_is_not_kept(api):
    refused = httpx.post(f"{api}/upload", files={"files": (None, "x" * 1_000_000)}, timeout=60)
    assert refused.status_code == 400
    assert "expected files only" in refused.text


def test_a_session_names_itself_shortly(api):
    (path,) = upload(api, "photo.jpg").json()
    refused = predict(api, "photo.jpg", path, session_hash="x" * 101)
    assert refused.status_code == 400
    assert "longer than 100 characters" in refused.json()["detail"]


def test_a_value_of_another_kind_is_told(api):
    (path,) = upload(api, "photo.jpg").json()
    photo = {"path": path, "orig_name": "photo.jpg", "meta": {"_type": "gradio.FileData"}}
    refused = httpx.post(f"{api}/call/predict", json={"data": [photo, "house", 0.7, False]}, timeout=60)
    assert refused.status_code == 422
    assert refused.json()["detail"] == "models must be a list of names; came str."


def test_a_long_address_is_refused(api):
    refused = httpx.get(f"{api}/queue/data", params={"session_hash": "x" * 5000})
    assert refused.status_code == 414


def test_a_body_in_many_pieces_is_counted(api):
    def pieces():
        for _ in range(40):
            yield b" " * 10_000

    refused = httpx.post(f"{api}/call/models", content=pieces(), headers={"content-type": "application/json"})
    assert refused.status_code == 413


def test_a_request_that_breaks_off_harms_nobody(server, api):
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(b"POST /gradio_api/call/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert upload(api, "photo.jpg").status_code == 200


class TestSlowClients:
    def run(self, coroutine):
        import asyncio

        return asyncio.run(coroutine)

    def scope(self, method="POST"):
        return {"type": "http", "method": method, "path": "/call/models", "query_string": b""}

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        from space import gate

        monkeypatch.setattr(gate, "SECONDS_TO_SEND", 0.01)
        monkeypatch.setattr(gate, "SECONDS_TO_READ", 0.01)

    async def never(self, *_):
        import asyncio

        await asyncio.Event().wait()

    def test_one_that_sends_half_a_request_is_told(self):
        from space.gate import Gate

        told = []

        async def send(message):
            told.append(message)

        self.run(Gate(self.never)(self.scope(), self.never, send))
        assert told[0]["status"] == 408
        assert b"stopped half-way" in told[1]["body"]

    def test_one_that_reads_nothing_is_given_up(self):
        from space.gate import Gate

        finished = []

        async def app(_scope, _receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            finished.append(True)

        self.run(Gate(app)(self.scope("GET"), self.never, self.never))
        assert finished == []
