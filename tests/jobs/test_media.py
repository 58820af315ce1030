import os
import random
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from jobs import media
from jobs.bvh import PERFORMED
from jobs.curves import COEFFICIENTS
from jobs.media import AUDIO, CURVES, IMAGE, MOCAP, SPLATS, VIDEO, BadMedia, Kind, MediaFolder
from tests.jobs.sheet_example import BVH, CSV, write_png, write_wav

NAMES = "x y z f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1 scale_2 rot_0 rot_1 rot_2 rot_3"
PROPERTIES = NAMES.split()


def refusal(folder: Path, name: str, kind: Kind) -> str:
    with pytest.raises(BadMedia) as caught:
        MediaFolder(folder).pin(name, kind)
    return str(caught.value)


def riff(form: bytes, data: bytes, length: int | None = None) -> bytes:
    """A wav of this format chunk; ``length`` is what the header claims of the data."""
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(data) if length is None else length) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def form(code: int, channels: int, rate: int, bits: int) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", code, channels, rate, rate * block, block, bits)


def ply(rows: np.ndarray, claimed: int | None = None) -> bytes:
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(rows) if claimed is None else claimed}"]
    header += [f"property float {name}" for name in PROPERTIES]
    return "\n".join([*header, "end_header\n"]).encode() + rows.astype("<f4").tobytes()


def write_video(path: Path, suffix: str = ".mp4") -> Path:
    import av

    path = path.with_suffix(suffix)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in (20, 200):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_a_file_is_pinned_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", 0.5)
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    folder = MediaFolder(tmp_path)
    one, two = folder.pin("a.wav", AUDIO).media, folder.pin("b.wav", AUDIO).media
    assert one.sha256 == two.sha256 and one.path == tmp_path / "a.wav" and len(one.sha256) == 64


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    write_png(tmp_path / "secret.png")
    (tmp_path / "episode").mkdir()
    (tmp_path / "episode/plate.png").symlink_to("../secret.png")
    (tmp_path / "episode/all").symlink_to("..")
    assert "leaves the folder of the call sheet" in refusal(tmp_path / "episode", "plate.png", IMAGE)
    assert "leaves the folder of the call sheet" in refusal(tmp_path / "episode", "all/secret.png", IMAGE)


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    write_png(tmp_path / "takes/plate.png")
    (tmp_path / "plate.png").symlink_to("takes/plate.png")
    assert MediaFolder(tmp_path).pin("plate.png", IMAGE).media.path == tmp_path / "takes/plate.png"


def test_an_episode_reached_through_a_link_is_fine(tmp_path: Path) -> None:
    write_png(tmp_path / "real/plate.png")
    (tmp_path / "episode").symlink_to("real")
    assert MediaFolder(tmp_path / "episode").pin("plate.png", IMAGE)


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    assert "'a.png'" in refusal(tmp_path, "a.png", IMAGE)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert "is not a file" in refusal(tmp_path, "a.wav", AUDIO)


@pytest.mark.parametrize("name", ["/etc/hostname", "a\\b.png", "C:x.png"])
def test_names_that_mean_nothing_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    assert "must be relative to the call sheet" in refusal(tmp_path, name, IMAGE)


def test_a_file_over_its_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(65 << 20)
    assert "is 65 MiB; a table of face curves may have 64 MiB" in refusal(tmp_path, "huge.csv", CURVES)


def test_a_name_that_is_nearly_right_is_told(tmp_path: Path) -> None:
    write_wav(tmp_path / "audio/ada_0010.wav", 0.1)
    assert "did you mean 'audio/ada_0010.wav'?" in refusal(tmp_path, "audio/ada_010.wav", AUDIO)


def test_a_kind_is_asked_again_without_opening_the_file_twice(tmp_path: Path) -> None:
    opened = []
    kind = Kind("note", (".txt",), 100, opened.append)
    (tmp_path / "a.txt").write_text("x")
    folder = MediaFolder(tmp_path)
    assert folder.pin("a.txt", kind).media == folder.pin("a.txt", kind).media
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("code", "channels", "bits"), [(1, 1, 8), (1, 2, 16), (1, 1, 24), (1, 2, 32), (3, 1, 32), (3, 2, 64)]
)
def test_wav_files_of_every_usual_format_are_measured(tmp_path: Path, code: int, channels: int, bits: int) -> None:
    data = bytes(1500 * channels * bits // 8)
    (tmp_path / "a.wav").write_bytes(riff(form(code, channels, 48_000, bits), data))
    facts = MediaFolder(tmp_path).pin("a.wav", AUDIO).facts
    assert (facts.seconds, facts.channels) == (Fraction(1, 32), channels)


def test_a_wav_in_the_extensible_format_is_measured(tmp_path: Path) -> None:
    extension = struct.pack("<HHI", 22, 24, 4) + struct.pack("<H", 1) + bytes(14)
    (tmp_path / "a.wav").write_bytes(riff(form(0xFFFE, 1, 48_000, 24) + extension, bytes(3 * 480)))
    assert MediaFolder(tmp_path).pin("a.wav", AUDIO).facts.seconds == Fraction(1, 100)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"RIFF", "is a RIFF file, but not a wav recording"),
        (b"ID3 this is an mp3 file", "is neither a wav nor a flac recording"),
        (b"RIFF\x00\x00\x00\x00WAVE", "has no format chunk"),
        (riff(form(1, 1, 16_000, 16), b""), "has no samples"),
        (riff(form(1, 1, 16_000, 16), bytes(100), 1000), "is cut off: 90% of its samples are missing"),
        (riff(form(1, 6, 16_000, 16), bytes(120)), "has 6 channels; use mono or stereo"),
        (riff(form(1, 0, 16_000, 16), bytes(120)), "has a format chunk that contradicts itself"),
        (riff(form(1, 1, 0, 16), bytes(120)), "has a sample rate of 0 Hz"),
        (riff(form(17, 1, 16_000, 4), bytes(120)), "is stored as format 17 with 4 bits; use PCM or float"),
        (riff(form(1, 1, 16_000, 16)[:10], bytes(120)), "has a format chunk that is cut off"),
        (riff(form(3, 1, 16_000, 32), struct.pack("<ff", 0.5, float("nan"))), "samples that are not finite"),
        (b"fLaC" + bytes(60), "is damaged"),
    ],
)
def test_recordings_that_cannot_be_used_say_why(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert told in refusal(tmp_path, "a.wav", AUDIO)


def test_a_flac_file_is_measured_and_a_cut_one_is_refused(tmp_path: Path) -> None:
    import av

    rng = np.random.default_rng(0)
    with av.open(str(tmp_path / "a.flac"), "w") as container:
        stream = container.add_stream("flac", rate=16_000, layout="mono")
        samples = rng.integers(-9000, 9000, (1, 16_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert MediaFolder(tmp_path).pin("a.flac", AUDIO).facts.seconds == 1
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refusal(tmp_path, "cut.flac", AUDIO)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be this large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bomb(15_000, 15_000), "million"),
        (bomb(9_000, 9_000), "is 9000x9000 pixels; use 16 to 16384 a side and 64 million in all"),
        (bomb(20_000, 20), "is 20000x20 pixels"),
        (bomb(8, 8), "is 8x8 pixels"),
        (bomb(64, 64), "cannot be decoded"),
        (b"not an image", "is not a PNG, JPEG or WebP image"),
        (b"GIF89a" + bytes(50), "is not a PNG, JPEG or WebP image"),
    ],
)
def test_images_that_cannot_be_used_say_why(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert told in refusal(tmp_path, "a.png", IMAGE)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_damaged_images_raise_nothing_but_their_fault(tmp_path: Path, suffix: str) -> None:
    path = write_png(tmp_path / f"a{suffix}", 40, 40)
    whole = path.read_bytes()
    refused = 0
    for seed in range(150):
        rng = random.Random(seed)
        data = bytearray(whole[: rng.randrange(1, len(whole))] if seed % 3 == 0 else whole)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            MediaFolder(tmp_path).pin(path.name, IMAGE)
        except BadMedia:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_video_is_opened(tmp_path: Path, suffix: str) -> None:
    name = write_video(tmp_path / "a", suffix).name
    facts = MediaFolder(tmp_path).pin(name, VIDEO).facts
    assert (facts.width, facts.height) == (64, 48)


def test_videos_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:100])
    assert "cannot be decoded" in refusal(tmp_path, "cut.mp4", VIDEO)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    assert "is not an MP4, MOV, MKV or WebM video" in refusal(tmp_path, "list.mp4", VIDEO)


def test_splat_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.ply").write_bytes(ply(np.zeros((7, 14))))
    (tmp_path / "a.splat").write_bytes(bytes(32 * 5))
    folder = MediaFolder(tmp_path)
    assert [folder.pin(name, SPLATS).facts.splats for name in ("a.ply", "a.splat")] == [7, 5]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"ply\n", "is not a PLY file"),
        (b"ply\nformat ascii 1.0\nend_header\n", "is not stored as binary_little_endian"),
        (ply(np.zeros((3, 14)), claimed=4), "is cut off: 4 splats need 224 bytes"),
        (ply(np.zeros((3, 14)), claimed=10**11), "holds 100000000000 splats; use 1 to"),
        (ply(np.zeros((0, 14))), "holds 0 splats"),
        (ply(np.zeros((3, 14))).replace(b"opacity", b"opaquer"), "lacks opacity: it is not a splat file"),
        (ply(np.zeros((3, 14))).replace(b"float rot_3", b"list uchar r"), "a property that is not a plain number"),
        (ply(np.full((2, 14), np.nan)), "holds something that is not a finite number"),
        (ply(np.full((2, 14), 1e7)), "has splats more than 100 km away"),
    ],
)
def test_splat_files_that_cannot_be_used_say_why(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.ply").write_bytes(content)
    assert told in refusal(tmp_path, "a.ply", SPLATS)


def test_face_curves_and_motion_are_measured(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "a.bvh").write_text(BVH)
    folder = MediaFolder(tmp_path)
    curves, motion = folder.pin("a.csv", CURVES).facts, folder.pin("a.bvh", MOCAP).facts
    assert (curves.rows, curves.columns[2]) == (2, "JawOpen")
    assert (motion.joints, motion.channels, motion.frames) == (("Hips", "Spine"), 9, 2)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("JawOpen", "JawOpne", "has an unknown column 'JawOpne': did you mean 'JawOpen'?"),
        ("Timecode", "HeadRoll", "has no column 'Timecode' or 'Time'"),
        ("EyeBlinkLeft", "jawopen", "names a column twice"),
        ("JawOpen,EyeBlinkLeft", "HeadRoll,HeadPitch", "has no column of an ARKit coefficient"),
        ("0.5", "nan", "has 'nan' for JawOpen in line 2"),
        ("0.5", "", "has '' for JawOpen in line 2"),
        ("0.5,", "", "has 4 fields in line 2; the first line names 5"),
        ("00:00:00:01.1", "soon", "has the timecode 'soon' in line 3, not hh:mm:ss:ff"),
        (CSV.partition("\n")[2], "", "has no rows below its column names"),
        ("JawOpen", "Jaw\udce9", "is not a text file in UTF-8"),
    ],
)
def test_face_curves_that_cannot_be_used_say_why(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "a.csv").write_bytes(CSV.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    assert told in refusal(tmp_path, "a.csv", CURVES)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("HIERARCHY", "HIERARCHIE", "does not start with HIERARCHY and ROOT"),
        ("Frames: 2", "Frames: 3", "promises 3 frames and has 2"),
        ("Frames: 2", "Frames: 0", "has 0 frames; use 1 to"),
        ("Frames: 2", "Frames: many", "lacks 'Frames:' and 'Frame Time:'"),
        ("0.033333", "-1", "has a frame time of -1 seconds"),
        ("0 90 0 1", "0 90 0 nan", "something that is not a finite number in frame 1"),
        ("0 90 0 1", "0 90 1", "has 8 numbers in frame 1; its joints have 9 channels"),
        ("CHANNELS 3 Z", "CHANNELS 3 W", "has CHANNELS that are not positions and rotations"),
        ("CHANNELS 3", "CHANNELS 99", "has CHANNELS that are not positions and rotations"),
        ("OFFSET 0 10 0", "OFFSET 0 x 0", "has an OFFSET that is not three finite numbers"),
        ("{", "", "has braces that do not match"),
        ("JOINT Spine", "JOINT Knee", "turns no joint that is performed"),
        ("JOINT", "JOIN", "has 'JOIN' in its hierarchy"),
    ],
)
def test_motion_that_cannot_be_used_says_why(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "a.bvh").write_text(BVH.replace(old, new, 1))
    assert told in refusal(tmp_path, "a.bvh", MOCAP)


@pytest.mark.parametrize(("name", "text", "kind"), [("a.csv", CSV, CURVES), ("a.bvh", BVH, MOCAP)])
def test_damaged_tables_raise_nothing_but_their_fault(tmp_path: Path, name: str, text: str, kind: Kind) -> None:
    refused = 0
    for seed in range(300):
        rng = random.Random(seed)
        data = bytearray(text.encode())
        for _ in range(rng.randint(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / name).write_bytes(data)
        try:
            MediaFolder(tmp_path).pin(name, kind)
        except BadMedia:
            refused += 1
    assert refused > 100


def test_what_is_accepted_is_what_can_be_performed() -> None:
    from actors.perform.mocap import _NAMES
    from actors.performance import ARKIT_SHAPES

    assert {name[0].lower() + name[1:] for name in COEFFICIENTS} == set(ARKIT_SHAPES)
    assert frozenset().union(*_NAMES.values()) == PERFORMED


def test_every_kind_is_of_a_known_suffix() -> None:
    kinds = [kind for kind in vars(media).values() if isinstance(kind, Kind)]
    assert len(kinds) == 6
    assert all(suffix.startswith(".") and suffix == suffix.lower() for kind in kinds for suffix in kind.suffixes)
