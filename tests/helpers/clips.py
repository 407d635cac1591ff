"""Made videos: bright squares, or the faces of samples/, in any container that PyAV writes."""

import io
from fractions import Fraction

import av
import numpy as np
from paths import SAMPLES
from PIL import Image


def encoded(frames, *, format="mp4", codec="libx264", rate=10, times=None, rotation=None, options=None, container=None):
    """A video file's bytes.

    Args:
        frames: uint8 (h, w, 3) RGB each, all of one size, both sides even.
        format: FFmpeg's name of the container.
        codec: FFmpeg's name of the encoder.
        rate: frames per second.
        times: seconds of each frame; without them they follow `rate`.
        rotation: degrees counterclockwise by which a player turns the video.
        options: of the encoder.
        container: options of the container.
    """
    stream = None
    target = io.BytesIO()
    with av.open(target, "w", format=format, container_options=container or {}) as container:
        for number, pixels in enumerate(frames):
            if stream is None:
                quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
                stream = container.add_stream(codec, rate=rate, options=(options or {}) | quiet)
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
                if times is not None:
                    stream.codec_context.time_base = Fraction(1, 1000)
                if rotation is not None:
                    stream.set_display_rotation(rotation)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            if times is not None:
                frame.pts = round(times[number] * 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def animated(frames, format, milliseconds):
    """An animated GIF or WebP, by Pillow."""
    pictures = [Image.fromarray(frame) for frame in frames]
    target = io.BytesIO()
    pictures[0].save(target, format, save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)
    return target.getvalue()


def sound_only():
    """A second of silence in an MP4."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def sample_face(name, box, side=240):
    """A square part of a sample, RGB (side, side, 3)."""
    picture = Image.open(SAMPLES / name).convert("RGB").crop(box)
    return np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS))


def scene(faces, size=(640, 480), background=96):
    """A plain picture with pictures laid on it: [(x, y, picture)]."""
    frame = np.full((size[1], size[0], 3), background, np.uint8)
    for x, y, picture in faces:
        frame[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return frame
