"""A computer that does not play along: a home that cannot be written, and a disk that is full.

    python -m benchmarks.attack.computer [--only WORD]

Home, caches, runs, models and temporary files lie on a disk that is read-only, then on one that is full. Each command
of `fer` and each page must give its answer, or a sentence and exit code 2: no trace. At last a disk fills up during a
batch, is made larger, and the batch goes on: each photo must be there once. Prints what each did. Exit code 1 where one
broke. Linux only; it needs root, or a system where a user may mount for himself (`unshare`).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.scale import photos as many_photos
from benchmarks.space.server import ROOT
from fer_core import settings

DISKS = {
    "read-only home": "mount -o remount,ro {disk}",
    "full disk": "head -c 9M /dev/zero > {disk}/filled 2>/dev/null; true",
}
"""What is done with a disk of 1 MB after the folders are made on it."""
FOLDERS = ("home", "cache", "runs", "models", "testsets", "tmp")
HOUSE = "samples/astronaut.jpg"
COMMANDS = {
    "predict": ["predict", HOUSE, "--model", "house"],
    "models": ["models"],
    "cache show": ["cache", "show"],
    "cache clear": ["cache", "clear"],
    "setup": ["setup"],
    "datasets scan": ["datasets", "scan", "{photos}"],
    "datasets audit": ["datasets", "audit", "{photos}"],
    "datasets audit --write": ["datasets", "audit", "{photos}", "--write", "{disk}/exclude.csv"],
    "evaluate": ["evaluate", "--data", "{photos}", "--model", "house", "--split", "all"],
    "batch": ["batch", "{photos}", "--model", "house", "--out", "{disk}/batch"],
    "train": [
        *("train", "training/recipes/ablation.toml", "--data.path", "{photos}", "--run", "{disk}/runs/x"),
        *("--data.targets", '["labels"]', "--data.selection", "held_out", "--training.batch", "2"),
    ],
}
MANY = 10_000
"""Photos of the batch that fills its disk of 1 MB."""
FILLED = """
mount -t tmpfs -o size=1m tmpfs {disk} || exit 9
"$@" batch {photos} --face-crop --model cnn_48 --out {disk}/out; echo "exit code $?"
mount -o remount,size=64m {disk} || exit 9
"$@" batch --out {disk}/out --resume; echo "exit code $?"
"$1" -c "import pandas
photos = pandas.read_parquet('{disk}/out')['photo']
print('photos once:', (photos.value_counts() == 1).sum(), 'rows:', len(photos))"
"""
PAGES = ("pages/2_Predict.py", "pages/3_Compare.py", "pages/4_Datasets.py", "pages/5_Training.py", "pages/6_Results.py")
LOOK = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=300).run()
told = [one.value for one in app.exception]
for page in sys.argv[1:]:
    app = app.switch_page(page).run()
    told += [f"{page}: {one.value}" for one in app.exception]
    if "Predict" in page:
        next(one for one in app.file_uploader if one.key.startswith("uploads:")).upload(
            "a.jpg", Path("samples/astronaut.jpg").read_bytes())
        app = app.run()
        told += [f"upload: {one.value}" for one in [*app.exception, *app.error]]
        words = " ".join(one.value for kind in (app.markdown, app.subheader, app.caption, app.text) for one in kind)
        told += [] if "happy" in words.lower() else ["upload: no answer"]
print(chr(10).join(told))
sys.exit(bool(told))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only commands whose name or disk holds this word")
    known = parser.parse_args()
    tried = {name: ["-m", "fer_core", *words] for name, words in COMMANDS.items()} | {"pages": ["-c", LOOK, *PAGES]}
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        photos = _photos(Path(folder))
        for disk, spoil in DISKS.items():
            print(f"{disk}:")
            for name, words in tried.items():
                if known.only in f"{disk} {name}":
                    broken += _tried(name, words, spoil, Path(folder), photos)
        if known.only in "disk fills up batch":
            print("a disk that fills up during a batch:")
            broken += _filled_up(Path(folder))
    return int(broken > 0)


def _filled_up(folder: Path) -> bool:
    """A batch whose disk fills up and is made larger; whether it broke."""
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    photos = many_photos.make(folder / "many", MANY, many_photos.SMALL)
    script = FILLED.format(disk=disk, photos=photos)
    command = [*_alone(), "sh", "-c", script, "sh", sys.executable, "-m", "fer_core"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wanted = ("exit code 2", "exit code 0", f"photos once: {MANY} rows: {MANY}")
    broken = "Traceback" in done.stderr or not all(line in done.stdout.splitlines() for line in wanted)
    told = [line for line in done.stderr.splitlines() if "cannot be written" in line]
    print(f"  batch                      {'BROKE' if broken else 'a sentence, then all photos once'}  {''.join(told)}")
    if broken:
        print("\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-25:]))
    return broken


def _tried(name: str, words: list[str], spoil: str, folder: Path, photos: Path) -> bool:
    """Run one command on a spoiled disk of its own; whether it broke."""
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    places = {"disk": str(disk), "photos": str(photos)}
    made = " ".join(f"{disk}/{one}" for one in FOLDERS)
    mounted = f'mount -t tmpfs -o size=1m tmpfs {disk} && mkdir {made} && {spoil.format(**places)} && exec "$@"'
    command = [*_alone(), "sh", "-c", mounted, "sh", sys.executable, *(_filled(word, places) for word in words)]
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=_environment(disk), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    broken = "Traceback" in said or "Usage:" in said or done.returncode not in (0, 2)
    last = [line for line in done.stderr.splitlines() if line.strip()][-1:] if done.returncode else []
    verdict = "BROKE" if broken else "an answer" if done.returncode == 0 else "a sentence"
    print(f"  {name:26} {verdict}, {time.monotonic() - begun:.1f} s  {''.join(last)}", flush=True)
    if broken:
        print("\n".join(f"    {line}" for line in said.splitlines()[-25:]))
    return broken


def _alone() -> list[str]:
    """What stands before a command, so that its disk is mounted for it alone."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def _filled(word: str, places: dict[str, str]) -> str:
    return word.format(**places) if word.startswith("{") else word


def _environment(disk: Path) -> dict[str, str]:
    places = {"HOME": "home", "XDG_CACHE_HOME": "home/.cache", "XDG_DATA_HOME": "home/.local", "TMPDIR": "tmp"}
    places |= {"FER_CACHE": "cache", "FER_RUNS": "runs", "FER_TESTSETS": "testsets"}
    return dict(os.environ) | {name: str(disk / place) for name, place in places.items()} | {"PYTHONPATH": str(ROOT)}


def _photos(folder: Path) -> Path:
    """A small labelled folder of pictures."""
    for label in ("happy", "sad"):
        (folder / "photos" / label).mkdir(parents=True)
        for number in range(3):
            shutil.copy(settings.samples_folder() / "astronaut.jpg", folder / "photos" / label / f"{number}.jpg")
    return folder / "photos"


if __name__ == "__main__":
    sys.exit(main())
