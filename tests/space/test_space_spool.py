"""Nothing of a photo stays: neither its file, nor the answer that Gradio keeps of each session."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from paths import ROOT
from servers import start

SERVER = """
import gc, json, os, sys
from pathlib import Path
from space import process
process.prepare()
from gradio_client import Client, handle_file
from space import page, spool, uploads

demo = page.build()
address = page.launch(demo, wait=False)
client = Client(address, verbose=False, httpx_kwargs={"timeout": 120})
photo = handle_file("samples/astronaut.jpg")
client.predict(photo, api_name="/predict")
client.predict([photo, handle_file("samples/grace_hopper.jpg")], api_name="/predict_batch")

class Seen(bytes):
    pass  # the bytes of a photo, which can be counted

read = uploads.Upload.read
uploads.Upload.read = lambda upload: Seen(read(upload))
gc.disable()
Path(os.environ["TMPDIR"], "damaged.jpg").write_bytes(Path("samples/astronaut.jpg").read_bytes()[:20_000])
Path(os.environ["TMPDIR"], "none.bmp").write_bytes(b"BM" + bytes(1000))
damaged, none = (handle_file(os.path.join(os.environ["TMPDIR"], name)) for name in ("damaged.jpg", "none.bmp"))
refused = 0
for sent in (damaged, none):
    try:
        client.predict(sent, api_name="/predict")
    except Exception:
        refused += 1
records = client.predict([damaged, none], api_name="/predict_batch")["photos"]
refused += len([one for one in records if one["error"]])
shown = page.look(uploads.Upload(Path(os.environ["TMPDIR"], "damaged.jpg"), "damaged.jpg"), ["house"], 0.7, False)
refused += "damaged" in shown
in_memory = len([one for one in gc.get_objects() if isinstance(one, Seen)])
gc.enable()

folder = Path(os.environ["GRADIO_TEMP_DIR"])
def files():
    return len([path for path in folder.rglob("*") if path.is_file()])
def kept():
    values = [config["props"].get("value") for session in demo.state_holder.session_data.values()
              for config in session.config_values.values() if "props" in config]
    return len([value for value in values if "probabilities" in str(value)])

report = {"public": os.environ["FER_PUBLIC"], "mode": oct(folder.stat().st_mode & 0o777),
          "refused": refused, "in_memory": in_memory, "files_before": files(), "kept_before": kept()}
spool.sweep(folder, 3600)
forget = spool.Forgetter(demo)
forget(0.0, 45)
report |= {"files_young": files(), "kept_young": kept()}
spool.sweep(folder, 0)
forget(46.0, 45)
report |= {"files_after": files(), "kept_after": kept(), "folders_after": len(list(folder.iterdir()))}
report["again"] = client.predict(photo, api_name="/predict")["photo"]
report["heavy"] = sorted({"tensorflow", "keras", "deepface", "torch", "streamlit", "plotly"} & set(sys.modules))
print("@" + json.dumps(report), flush=True)
os._exit(0)
"""


def test_a_server_forgets(networks, tmp_path):
    environment = os.environ | {"FER_MODELS": str(networks), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", SERVER], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout.splitlines()[-1].removeprefix("@"))

    assert report["public"] == "1"
    assert report["mode"] == "0o700"
    assert (report["refused"], report["in_memory"]) == (5, 0)
    assert report["files_before"] == report["files_young"] == 4
    assert report["kept_before"] == report["kept_young"] > 0
    assert report["files_after"] == report["folders_after"] == report["kept_after"] == 0
    assert report["again"] == "astronaut.jpg"
    assert report["heavy"] == []


class TestSweep:
    def test_a_file_that_still_arrives_stays(self, tmp_path):
        from space import spool

        with (tmp_path / "arriving").open("wb") as stream:
            (tmp_path / "left").write_bytes(b"x")
            stream.write(b"x")
            assert spool.sweep(tmp_path, 0) == [tmp_path / "left"]
        assert spool.sweep(tmp_path, 0) == [tmp_path / "arriving"]
        assert tmp_path.is_dir()

    def test_a_spool_that_has_gone(self, tmp_path):
        from space import spool

        assert spool.sweep(tmp_path / "gone", 0) == []

    def test_what_is_promised(self):
        from space import spool, words

        assert spool.KEPT_SECONDS + 2 * spool.SWEEP_SECONDS < 60
        assert "within 60 seconds" in words.NOTICE


UNFETCHED = """
import gc, json, os, sys, time
from space import process
process.prepare()
import httpx
from space import page, spool

spool.KEPT_SECONDS, spool.SWEEP_SECONDS = 1.0, 0.1
spool.Unfetched.__call__.__defaults__ = (1.0,)
demo = page.build()
address = page.launch(demo, wait=False)
queue = demo._queue

def send(name):
    with open("samples/astronaut.jpg", "rb") as photo:
        (path,) = httpx.post(address + "gradio_api/upload", files={"files": (name, photo)}, timeout=60).json()
    photo = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
    return [photo, ["house"], 0.7, False]

def post(name):
    return httpx.post(address + "gradio_api/call/predict", json={"data": send(name)}, timeout=60).json()["event_id"]

def until(what):
    for _ in range(600):
        if what():
            return True
        time.sleep(0.1)
    return False

fetched = post("fetched.jpg")
with httpx.stream("GET", address + "gradio_api/call/predict/" + fetched, timeout=60) as stream:
    answer = next(line for line in stream.iter_lines() if line.startswith("data: ["))
left = post("nobody-asks-for-it.jpg")
report = {"answer": "probabilities" in answer, "waits": left in queue.pending_messages_per_session}
report["gone"] = until(lambda: left not in queue.pending_messages_per_session)
def numbered():
    return left in queue.pending_event_ids_session or left in queue.event_ids_to_events

report["ids"] = not until(lambda: not numbered())  # on a busy computer the job itself may still run
gc.collect()
keepers = [type(one).__name__ for one in gc.get_objects()
           if type(one).__module__ == "gradio.server_messages" and "nobody-asks" in repr(one)]
report["kept"] = keepers
report["again"] = bool(post("again.jpg"))
print("@" + json.dumps(report), flush=True)
os._exit(0)
"""


def test_an_answer_that_nobody_fetches_goes(networks, tmp_path):
    environment = os.environ | {"FER_MODELS": str(networks), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", UNFETCHED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout.splitlines()[-1].removeprefix("@"))
    assert report == {"answer": True, "waits": True, "gone": True, "ids": False, "kept": [], "again": True}


class TestSpoolOfTheProcess:
    def stopped(self, server, how):
        (server.spool / "photo.jpg").write_bytes(b"a photo")
        server.process.send_signal(how)
        server.process.communicate(timeout=60)
        return server

    def server(self, networks, folder):
        settings = {"FER_MODELS": str(networks), "FER_YUNET": str(networks / "no_yunet.onnx")}
        return start([sys.executable, "-m", "space.app"], folder, **settings)

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    def test_it_goes_when_the_process_is_asked_to_end(self, networks, tmp_path, how):
        self.stopped(self.server(networks, tmp_path), how)
        assert list(tmp_path.glob("photos-*")) == []

    def test_after_a_kill_the_next_start_removes_it(self, networks, tmp_path):
        killed = self.stopped(self.server(networks, tmp_path), signal.SIGKILL)
        assert (killed.spool / "photo.jpg").is_file()
        second = self.server(networks, tmp_path)
        assert not killed.spool.exists()
        third = self.server_beside(networks, tmp_path, second)
        assert Path(f"{second.spool}.lock").exists(), "the spool of a process that lives was taken"
        for server in (second, third):
            server.process.terminate()
            server.process.communicate(timeout=60)
        assert list(tmp_path.glob("photos-*")) == []

    def server_beside(self, networks, folder, other):
        other.spool.joinpath("photo.jpg").write_bytes(b"a photo")
        hidden = other.spool.rename(folder / "moved")  # so that `start` finds the new one alone
        try:
            return self.server(networks, folder)
        finally:
            hidden.rename(other.spool)


class TestForgetter:
    def demo(self, props):
        session = SimpleNamespace(config_values={7: {"props": props}, 8: {"props": {"value": "an input"}}})
        return SimpleNamespace(
            fns={0: SimpleNamespace(outputs=[SimpleNamespace(_id=7)])},
            state_holder=SimpleNamespace(session_data={"one": session}),
            temp_file_sets=[{"a name"}],
        )

    def test_each_answer_has_its_own_time(self):
        from space import spool

        props = {"value": "first"}
        demo = self.demo(props)
        forget = spool.Forgetter(demo)
        forget(0, 45)
        props["value"] = "second"
        forget(50, 45)
        assert props["value"] == "second"
        forget(100, 45)
        assert props["value"] is None
        assert demo.temp_file_sets == [set()]
