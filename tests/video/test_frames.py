"""What is read of a video file, and what is said of one that cannot be read."""

import gc
import io
import struct
import weakref

import av
import numpy as np
import pytest
from clips import animated, encoded, sound_only
from paths import SAMPLES

from fer_core.errors import VideoError
from fer_core.video import formats, frames

SIZE = (64, 96)
RATE = 10
CENC = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "01" * 16, "encryption_kid": "02" * 16}
"""Common encryption, as stores sell videos."""


def numbered(count=10, size=SIZE):
    """Frames that tell their number by their brightness."""
    return [np.full((*size, 3), 20 + 20 * (number % 10), np.uint8) for number in range(count)]


def noisy(count=20):
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (240, 320, 3), np.uint8) for _ in range(count)]


def numbers(found):
    return [round((frame.pixels.mean() - 20) / 20) for frame in found]


def read(data, rate=RATE):
    with frames.opened(data) as video:
        return list(video.sampled(rate))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: encoded(numbered()), id="MP4"),
        pytest.param(lambda: encoded(numbered(), format="mov", codec="libx265"), id="MOV with HEVC"),
        pytest.param(lambda: encoded(numbered(), format="webm", codec="libvpx-vp9"), id="WebM"),
        pytest.param(lambda: encoded(numbered(), format="matroska"), id="MKV"),
        pytest.param(lambda: encoded(numbered(), format="avi", codec="mpeg4"), id="AVI"),
        pytest.param(lambda: encoded(numbered(), format="mpegts"), id="MPEG"),
        pytest.param(lambda: animated(numbered(), "GIF", 100), id="GIF"),
        pytest.param(lambda: animated(numbered(), "WEBP", 100), id="animated WebP"),
    ],
)
def test_every_format_gives_its_frames_upright_and_in_time(data):
    found = read(data())
    assert numbers(found) == list(range(10))
    assert [frame.time for frame in found] == pytest.approx([number / RATE for number in range(10)], abs=0.02)
    assert {frame.pixels.shape for frame in found} == {(*SIZE, 3)}


def test_the_length_is_known_before_the_end():
    with frames.opened(encoded(numbered())) as video:
        assert video.seconds == pytest.approx(1.0, abs=0.05)
        list(video.all())
        assert video.end == pytest.approx(1.0, abs=0.05)


def test_fewer_frames_are_read_by_their_times():
    assert numbers(read(encoded(numbered()), rate=5)) == [0, 2, 4, 6, 8]
    assert numbers(read(encoded(numbered()), rate=3)) == [0, 4, 7]
    assert numbers(read(encoded(numbered()), rate=100)) == list(range(10))


def test_frames_that_stand_long_come_once_at_their_time():
    """Variable frame rate, as of a phone in the dark or a recorded screen."""
    times = [0.0, 0.1, 0.2, 1.5, 1.6, 4.0]
    for data in (
        encoded(numbered(6), times=times),
        encoded(numbered(6), format="webm", codec="libvpx-vp9", times=times),
        animated(numbered(6), "WEBP", [100, 100, 1300, 100, 2400, 100]),
        animated(numbered(6), "GIF", [100, 100, 1300, 100, 2400, 100]),
    ):
        found = read(data, rate=5)
        assert numbers(found) == [0, 2, 3, 5] or numbers(found) == [0, 2, 3, 4, 5]
        expected = dict(enumerate(times))
        for number, frame in zip(numbers(found), found, strict=True):
            assert frame.time == pytest.approx(expected[number], abs=0.02)


def marked():
    """Bright in its upper left corner alone."""
    picture = np.zeros((*SIZE, 3), np.uint8)
    picture[:24, :32] = 255
    return picture


@pytest.mark.parametrize(("degrees", "corner"), [(90, (-1, 0)), (-90, (0, -1)), (180, (-1, -1))])
@pytest.mark.parametrize(("format", "codec"), [("mp4", "libx264"), ("mov", "libx265"), ("matroska", "libx264")])
def test_a_turned_video_is_upright(degrees, corner, format, codec):
    found = read(encoded([marked()] * 3, format=format, codec=codec, rotation=degrees))
    pixels = found[0].pixels
    assert pixels.shape[:2] == (SIZE if degrees == 180 else SIZE[::-1])
    assert pixels[corner].min() > 200
    assert pixels[0, 0].max() < 60


def test_a_phone_held_upright():
    """The matrix that iPhones write: x' = -y + height, y' = x. The picture is turned clockwise."""
    data = bytearray(encoded([marked()] * 3))
    start = data.index(b"tkhd") + 4 + 40
    data[start : start + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, SIZE[0] << 16, 0, 1 << 30)
    pixels = read(bytes(data))[0].pixels
    assert pixels.shape[:2] == SIZE[::-1]
    assert pixels[0, -1].min() > 200
    assert pixels[0, 0].max() < 60


def test_large_frames_are_reduced_and_tell_by_how_much():
    (frame,) = read(encoded([np.zeros((1080, 1920, 3), np.uint8)]), rate=1)
    assert frame.pixels.shape == (720, 1280, 3)
    assert (frame.divisor, frame.size) == (1.5, (1920, 1080))


def test_only_one_frame_is_in_memory():
    alive = []
    with frames.opened(encoded(numbered(40))) as video:
        for frame in video.sampled(RATE):
            alive.append(weakref.ref(frame.pixels))
            del frame
            gc.collect()
            assert sum(one() is not None for one in alive) <= 1
    assert len(alive) == 40


def test_a_damaged_part_is_passed_over_and_counted():
    data = bytearray(encoded(noisy(), options={"g": "1"}))  # every frame stands alone
    start = len(data) // 2
    data[start : start + len(data) // 10] = bytes(len(data) // 10)
    with frames.opened(bytes(data)) as video:
        found = list(video.all())
        assert 10 <= len(found) <= 20
        assert video.damaged >= 1


def test_a_film_that_breaks_off_gives_what_is_there():
    data = encoded(noisy(), format="webm", codec="libvpx-vp9")
    with frames.opened(data[: len(data) // 2]) as video:
        assert 3 <= len(list(video.all())) < 20


def with_cover():
    """A sound file with a picture on its cover."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=8000)
        cover = container.add_stream("png", rate=1)
        cover.height, cover.width, cover.pix_fmt = 64, 64, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        container.mux(cover.encode())
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(lambda: b"", "empty", id="empty"),
        pytest.param(lambda: b"no video" * 100, "cannot be read as a video", id="text"),
        pytest.param(lambda: encoded(numbered())[:-300], "damaged", id="the end is missing"),
        pytest.param(lambda: encoded(numbered())[:40], "damaged", id="only its begin"),
        pytest.param(sound_only, "sound but no picture", id="sound only"),
        pytest.param(with_cover, "sound but no picture", id="a song with a cover"),
        pytest.param(lambda: encoded(noisy(), container=CENC), "encrypted", id="encrypted"),
        pytest.param(lambda: encoded(numbered()).replace(b"avc1", b"encv"), "encrypted", id="encrypted otherwise"),
        pytest.param(lambda: encoded(numbered()).replace(b"avc1", b"zzzz"), "codec", id="an unknown codec"),
        pytest.param(lambda: b"%PDF-1.7" + bytes(500), "PDF", id="PDF"),
        pytest.param(lambda: (SAMPLES / "astronaut.jpg").read_bytes(), "cannot be read as a video", id="a photo"),
        pytest.param(
            lambda: b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "not a video", id="a playlist"
        ),
        pytest.param(lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", "cannot be read", id="a list of files"),
        pytest.param(lambda: b"RIFF\x10\0\0\0WEBPVP8 " + bytes(8), "damaged", id="a damaged WebP"),
    ],
)
def test_what_is_no_video_has_its_sentence(data, words):
    with pytest.raises(VideoError) as caught:
        read(data())
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


def test_no_file_and_a_folder(tmp_path):
    for path in (tmp_path / "nothing.mp4", tmp_path):
        with pytest.raises(VideoError, match="There is no file"):
            read(path)


def test_strangers_may_give_a_minute_and_50_megabytes(monkeypatch):
    monkeypatch.setenv("FER_PUBLIC", "1")
    long = encoded(numbered(10), rate=10, times=[7.0 * number for number in range(10)])
    with pytest.raises(VideoError, match="longer than 60 seconds"):
        read(long)
    with pytest.raises(VideoError, match="longer than 60 seconds"):  # its header does not tell
        read(animated(numbered(10), "WEBP", 7000))
    monkeypatch.setattr(formats, "PUBLIC_BYTES", 1000)
    with pytest.raises(VideoError, match="at most 0 MB"):
        read(encoded(numbered()))
    monkeypatch.delenv("FER_PUBLIC")
    assert len(read(long)) == 10


def test_frames_of_enormous_size_are_refused(monkeypatch):
    monkeypatch.setattr("fer_core.photos.images.MAX_PIXELS", 1000)
    for data in (encoded(numbered()), animated(numbered(), "WEBP", 100)):
        with pytest.raises(VideoError, match="96 x 64 pixels"):
            read(data)
