import resource
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.encode import Encoder, OddFrame, TakeWriter
from actors.watermark_kernels import luma_and_chroma

PATCHES = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 120, 40), (128, 128, 128)]


def write(path: Path, frames: list[np.ndarray], fps: Fraction = Fraction(24), crf: int = 16) -> Path:
    height, width = frames[0].shape[:2]
    with TakeWriter(path, width, height, fps, encoder=Encoder(crf=crf)) as take:
        for frame in frames:
            take.write(frame)
    return path


def moving(count: int, height: int = 96, width: int = 160) -> list[np.ndarray]:
    y, x = np.mgrid[:height, :width]
    return [
        np.stack([(x + 5 * i) % 256, (y * 2 + i) % 256, (x + y + 3 * i) % 256], -1).astype(np.uint8)
        for i in range(count)
    ]


@pytest.mark.parametrize("colour", PATCHES)
def test_a_colour_comes_back_within_two_codes_when_decoded_as_bt709(tmp_path: Path, colour: tuple) -> None:
    frame = np.full((64, 64, 3), colour, np.uint8)
    path = write(tmp_path / "patch.mp4", [frame] * 3, crf=1)
    with av.open(str(path)) as file:
        decoded = next(file.decode(video=0))
    # swscale is told nothing but what the file itself says
    back = decoded.reformat(format="rgb24", dst_colorspace="ITU709", dst_color_range="JPEG").to_ndarray()
    assert np.abs(back[16:48, 16:48].astype(int) - colour).max() <= 2


def test_luma_and_chroma_follow_the_formulas_of_bt709() -> None:
    rng = np.random.default_rng(4)
    rgb = np.repeat(np.repeat(rng.integers(0, 256, (4, 6, 3), dtype=np.uint8), 4, 0), 4, 1)  # 4x4 patches
    luma, cb, cr = np.empty((16, 24), np.float32), np.empty((8, 12), np.uint8), np.empty((8, 12), np.uint8)
    luma_and_chroma(rgb, luma, cb, cr)
    r, g, b = np.moveaxis(rgb.astype(float) / 255, -1, 0)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    assert np.abs(luma - (16 + 219 * y)).max() < 1e-3
    inside = (slice(0, 16, 2), slice(2, 24, 4))  # chroma samples whose neighbours lie in the same patch
    assert np.abs(cb[:, 1::2] - (128 + 224 * (b - y) / 1.8556)[inside]).max() <= 0.502
    assert np.abs(cr[:, 1::2] - (128 + 224 * (r - y) / 1.5748)[inside]).max() <= 0.502


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)])
@pytest.mark.parametrize("count", [1, 2, 31])
def test_frames_and_duration_are_exact(tmp_path: Path, fps: Fraction, count: int) -> None:
    path = write(tmp_path / "take.mp4", moving(count), fps)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        times = [frame.pts * stream.time_base for frame in file.decode(video=0)]
        assert stream.duration * stream.time_base == count / fps
    assert times == [index / fps for index in range(count)]


def test_tags_say_bt709_in_limited_range_and_every_gop_is_closed_and_at_most_a_second(tmp_path: Path) -> None:
    path = write(tmp_path / "take.mp4", moving(60))
    with av.open(str(path)) as file:
        context = file.streams.video[0].codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range)
        assert (context.pix_fmt, tags) == ("yuv420p", (1, 1, 1, 1))
        packets = [packet for packet in file.demux(video=0) if packet.size]
    keys = [index for index, packet in enumerate(packets) if packet.is_keyframe]
    assert keys[0] == 0 and max(np.diff([*keys, 60])) <= 24
    assert all(packet.pts == packet.dts for packet in packets)
    for index in keys:  # H.264 table 7-1: an IDR picture (type 5) lets nothing refer across it
        assert 5 in nal_types(bytes(packets[index]))


def nal_types(packet: bytes) -> list[int]:
    types, at = [], 0
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4], "big")
        types.append(packet[at + 4] & 31)
        at += 4 + size
    return types


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.mp4", moving(20)), write(tmp_path / "b.mp4", moving(20))
    assert one.read_bytes() == two.read_bytes()


def test_a_take_that_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), TakeWriter(tmp_path / "take.mp4", 160, 96, Fraction(24)) as take:
        take.write(moving(1)[0])
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.3, 0.99])  # while frames are written; when the file is finished
def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path, share: float) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (96, 160, 3), dtype=np.uint8) for _ in range(25)]
    size = write(tmp_path / "take.mp4", noise).stat().st_size
    (tmp_path / "take.mp4").unlink()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(share * size), hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(tmp_path / "take.mp4", noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_odd_sides_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OddFrame, match="make both sides even"):
        TakeWriter(tmp_path / "take.mp4", 161, 96, Fraction(24))
