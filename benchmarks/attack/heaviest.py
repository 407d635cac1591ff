"""The heaviest photo that is let in, in every format: what one upload costs in memory and time.

    python -m benchmarks.attack.heaviest [--only WORD]

Each has the most pixels that are read and shows stripes: few bytes, and no part of it is passed over in the search.
Each is read in a process of its own, from bytes to faces. Prints the memory over that of a small photo, and the
seconds. Exit code 1 where one takes 600 MB or 10 s more, or breaks. Linux only.
"""

import argparse
import io
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.contenders import peak_megabytes
from fer_core import predictors, settings
from fer_core.errors import FerError
from fer_core.photos.analysis import analyse
from fer_core.photos.images import MAX_BYTES, MAX_PIXELS

MOST_MEGABYTES, MOST_SECONDS = 600.0, 10.0
WIDTH = 10_000
HEIGHT = MAX_PIXELS // WIDTH


STRIPE = 64
"""Pixels of width."""
CHANNELS = {"RGB": 3, "RGBA": 4, "CMYK": 4, "P": 1, "F": 1}


def _stripes(channels: int, most: int) -> NDArray[np.integer]:
    """Integers (HEIGHT, WIDTH, channels) from 0 to `most`; every row is the same."""
    levels = np.random.default_rng(0).integers(0, most, (1, -(-WIDTH // STRIPE), channels), endpoint=True)
    return np.broadcast_to(np.repeat(levels, STRIPE, axis=1)[:, :WIDTH], (HEIGHT, WIDTH, channels))


def _pillow(mode: str, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    pixels = _stripes(CHANNELS[mode], 255).astype(np.float32 if mode == "F" else np.uint8)
    picture = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
    if mode == "P":
        picture.putpalette(bytes(range(256)) * 3)
    elif mode == "CMYK":
        picture = Image.frombuffer("CMYK", picture.size, pixels.tobytes(), "raw", "CMYK", 0, 1)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def _opencv(suffix: str, channels: int, most: int = 65535) -> bytes:
    """16 bits per channel, of which values up to `most` are used."""
    encoded: bytes = cv2.imencode(suffix, _stripes(channels, most).astype(np.uint16))[1].tobytes()
    return encoded


KINDS: Mapping[str, Callable[[], bytes]] = {
    "JPEG": lambda: _pillow("RGB", "JPEG"),
    "JPEG, progressive": lambda: _pillow("RGB", "JPEG", progressive=True),
    "JPEG, CMYK": lambda: _pillow("CMYK", "JPEG"),
    "PNG": lambda: _pillow("RGB", "PNG", compress_level=1),
    "PNG, transparent": lambda: _pillow("RGBA", "PNG", compress_level=1),
    "PNG, palette": lambda: _pillow("P", "PNG", compress_level=1, transparency=0),
    "PNG, 16 bits": lambda: _opencv(".png", 3),
    "PNG, 16 bits, transparent": lambda: _opencv(".png", 4),
    "TIFF": lambda: _pillow("RGB", "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, CMYK": lambda: _pillow("CMYK", "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, 32-bit numbers": lambda: _pillow("F", "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, 16 bits": lambda: _opencv(".tif", 3),
    "TIFF, 16 bits, transparent": lambda: _opencv(".tif", 4),
    "PNG, 12 bits in 16": lambda: _opencv(".png", 3, 4095),
    "TIFF, 12 bits in 16": lambda: _opencv(".tif", 3, 4095),
    "GIF": lambda: _pillow("P", "GIF"),
}


def one(data: bytes) -> str:
    """What a photo costs this process, in a line: megabytes, seconds and what came of it."""
    network = predictors.load(predictors.names()[0])
    analyse((settings.samples_folder() / "astronaut.jpg").read_bytes(), [network])
    idle, begun = peak_megabytes(), time.perf_counter()
    try:
        came = f"{len(analyse(data, [network]).faces)} faces"
    except FerError as error:
        came = str(error)
    return f"{peak_megabytes() - idle:.0f} {time.perf_counter() - begun:.1f} {came}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only formats whose name holds this word")
    parser.add_argument("--one", action="store_true", help="read one photo from standard input; for this program alone")
    known = parser.parse_args()
    if known.one:
        print(one(sys.stdin.buffer.read()))
        return 0
    broken = False
    for name, make in KINDS.items():
        if known.only not in name:
            continue
        data = make()
        command = [sys.executable, "-m", "benchmarks.attack.heaviest", "--one"]
        done = subprocess.run(command, input=data, capture_output=True, check=False)
        said = done.stdout.decode().splitlines()[-1:] or [f"inf inf ended with code {done.returncode}"]
        megabytes, seconds, came = said[0].split(" ", 2)
        broken |= float(megabytes) > MOST_MEGABYTES or float(seconds) > MOST_SECONDS
        size = f"{len(data) / 1e6:.1f} MB" + (" (over the limit)" if len(data) > MAX_BYTES else "")
        print(f"{name:28} {size:>9}  {megabytes:>5} MB  {seconds:>5} s  {came}", flush=True)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
