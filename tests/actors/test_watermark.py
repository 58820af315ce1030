from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.encode import Mark, TakeWriter
from actors.watermark import LIMIT, FrameTooSmall, Watermark, gather, payload
from actors.watermark_kernels import luma_and_chroma

KEY = bytes(range(32))
TAKE = "0123456789abcdef" * 4


def scene(count: int, width: int = 1280, height: int = 720, grain: float = 1.5) -> list[np.ndarray]:
    """A soft backdrop, a lit ball that moves before it, and film grain; [H, W, 3] uint8."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width].astype(np.float32) / height
    frames = []
    for index in range(count):
        radius = np.hypot(x - 0.6 - index * 0.006, y - 0.5)
        ball = np.clip((0.3 - radius) * 60, 0, 1)
        picture = (40 + 60 * x) * (1 - ball) + ball * (190 - 300 * radius + 25 * np.sin(60 * (x - index * 0.006)))
        picture = picture + rng.normal(0, grain, picture.shape)
        frames.append(np.clip(picture[..., None] * (1.0, 0.9, 0.8), 0, 255).astype(np.uint8))
    return frames


def take(path: Path, frames: list[np.ndarray], key: bytes = KEY) -> Path:
    height, width = frames[0].shape[:2]
    mark = Mark(Watermark(key), payload(TAKE))
    with TakeWriter(path, width, height, Fraction(24), mark=mark) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray()[: frame.height] for frame in file.decode(video=0)]


def encoded_again(path: Path, out: Path, crf: int, scale: float = 1.0) -> Path:
    with av.open(str(path)) as file, av.open(str(out), "w") as copy:
        video = file.streams.video[0]
        stream = copy.add_stream("libx264", rate=24, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height = int(video.width * scale), int(video.height * scale)
        for frame in file.decode(video=0):
            small = frame.reformat(stream.width, stream.height, interpolation="BICUBIC")
            small.pict_type = 0
            copy.mux(stream.encode(small))
        copy.mux(stream.encode(None))
    return out


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return take(tmp_path_factory.mktemp("takes") / "take.mp4", scene(24))


@pytest.mark.parametrize(("crf", "scale"), [(28, 1.0), (32, 1.0), (28, 0.5)])
def test_a_take_is_read_blind_from_one_second_encoded_again(
    marked: Path, tmp_path: Path, crf: int, scale: float
) -> None:
    reading = Watermark(KEY).read(luma(encoded_again(marked, tmp_path / "again.mp4", crf, scale)))
    assert reading.take == TAKE[:12]
    assert reading.chance <= LIMIT and reading.confidence > 0.999 and reading.frames == 24


def test_the_mark_is_weaker_than_45_db_and_stands_still_where_the_picture_does() -> None:
    watermark = Watermark(KEY)
    rgb = scene(1)[0]
    plain, marked = np.empty((720, 1280), np.float32), np.empty((720, 1280), np.uint8)
    luma_and_chroma(rgb, plain, np.empty((360, 640), np.uint8), np.empty((360, 640), np.uint8))
    pattern = watermark.pattern(720, 1280, payload(TAKE))
    watermark.embed(plain, pattern, marked)
    error = marked - plain
    assert 10 * np.log10(255**2 / np.mean(error**2)) >= 45
    assert np.abs(error).max() <= 4.0
    again = np.empty_like(marked)
    watermark.embed(plain, pattern, again)
    assert np.array_equal(marked, again)


def test_a_flat_picture_carries_less_of_the_mark_than_a_busy_one() -> None:
    watermark = Watermark(KEY)
    pattern = watermark.pattern(720, 1280, payload(TAKE))
    flat = np.full((720, 1280), 100.0, np.float32)
    busy = flat + np.random.default_rng(1).normal(0, 6, flat.shape).astype(np.float32)
    out = np.empty(flat.shape, np.uint8)
    errors = []
    for picture in (flat, busy):
        watermark.embed(picture, pattern, out)
        errors.append(np.abs(out - picture).max())
    assert errors[0] <= 1.0 < errors[1]


def test_the_dark_carries_less_than_the_light_and_stays_legal() -> None:
    watermark = Watermark(KEY)
    pattern = watermark.pattern(720, 1280, payload(TAKE))
    out = np.empty(pattern.shape, np.uint8)
    grain = np.random.default_rng(1).normal(0, 1.5, out.shape)
    errors = []
    for level in (19, 120):
        picture = np.clip(level + grain, 16, 235).astype(np.float32)
        watermark.embed(picture, pattern, out)
        errors.append(np.sqrt(np.mean((out - picture) ** 2)))
        assert out.min() >= 16 and out.max() <= 235
    assert errors[0] < 0.8 * errors[1]


def test_another_key_reads_nothing(marked: Path) -> None:
    assert Watermark(b"another installation's key, 32 b").read(luma(marked)).take is None


def test_no_unmarked_picture_reads_as_a_take_under_a_thousand_keys(marked: Path) -> None:
    pictures = [np.random.default_rng(3).normal(120, 40, (180, 320)), scene(1, 640, 360)[0][..., 1], luma(marked)[5]]
    evidence = [gather([picture]) for picture in pictures]
    readings = [Watermark(b"key %d" % n).decide(*said) for n in range(334) for said in evidence]
    assert [reading.take for reading in readings] == [None] * 1002
    # the bound in `read` needs a standard score: an unmarked picture's is that of eight maxima of 256 normals
    assert 7.0 < np.median([reading.sigmas for reading in readings]) < 9.0


@pytest.mark.slow
def test_no_unmarked_picture_reads_as_a_take_under_twenty_thousand_keys() -> None:
    evidence = gather([scene(1, 640, 360)[0][..., 1]])
    assert all(Watermark(b"key %d" % n).decide(*evidence).take is None for n in range(20_000))


def test_a_black_or_empty_stretch_reads_nothing() -> None:
    assert Watermark(KEY).read([]).take is None
    assert Watermark(KEY).read([np.full((720, 1280), 16, np.uint8)]).take is None


def test_two_takes_differ_in_their_payload_and_keep_48_bits_of_their_key() -> None:
    assert payload(TAKE) >> 16 == 0x0123456789AB
    assert payload("f" * 64) != payload("f" * 11 + "e" + "f" * 52)


def test_a_frame_too_small_for_the_mark_is_refused() -> None:
    with pytest.raises(FrameTooSmall, match="160x90"):
        Watermark(KEY).pattern(60, 80, payload(TAKE))
