from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.io import wavfile

from jobs.episode import Camera, Cue, Episode, Line, Media, Plate, Project, Scene, Shot
from jobs.sound import CEILING, LOUDNESS, RATE, UnreadableSound, bed, loudness


def line(path: Path, sound: np.ndarray, at: float = 0.0, rate: int = RATE) -> Line:
    wavfile.write(path, rate, sound)
    return Line(audio=Media(path=path, sha256="0" * 64), text=None, at=at, seconds=len(sound) / rate)


def episode(
    lines: list[Line | None], frames: int = 48, fps: Fraction = Fraction(24), splats: str = "garden"
) -> Episode:
    shots = tuple(
        Shot(
            id=f"e/s/{index:04d}",
            first=1,
            last=frames,
            camera=Camera(preset="close-up", on=("ada",)),
            cues=(Cue(role="ada", line=words),),
        )
        for index, words in enumerate(lines)
    )
    scene = Scene(id="s", plate=Plate(splats=splats), light="noir", shots=shots)
    project = Project(id="p", genres=(), territories=(), media=())
    return Episode(
        id="e", title="E", fps=fps, width=320, height=180, project=project, cast={}, scenes=(scene,)
    )  # fmt: skip


def speech(seconds: float, level: float = 0.1, rate: int = RATE) -> np.ndarray:
    """Noise in syllables, four a second."""
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(2).normal(0, level, len(time))
    return (noise * np.abs(np.sin(4 * np.pi * time))).astype(np.float32)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(25)])
def test_a_click_lands_on_its_exact_sample(tmp_path: Path, fps: Fraction) -> None:
    click = np.zeros(9600, np.float32)
    click[4800] = 0.9
    sound = bed(episode([None, line(tmp_path / "click.wav", click, at=0.25)], fps=fps))
    assert len(sound) == round(96 / fps * RATE)
    assert np.abs(sound).max(1).argmax() == round((48 / fps + Fraction(1, 4)) * RATE) + 4800


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
def test_a_recording_at_another_rate_keeps_its_time(tmp_path: Path, rate: int) -> None:
    tone = np.zeros(rate, np.float32)
    tone[rate // 2] = 0.9
    sound = bed(episode([line(tmp_path / "click.wav", tone, rate=rate)]))
    assert abs(np.abs(sound).max(1).argmax() - RATE // 2) <= 1


@pytest.mark.parametrize("level", [0.002, 0.05, 0.4])
@pytest.mark.parametrize("place", ["garden", "loft"])
def test_speech_of_any_level_comes_out_at_broadcast_loudness_without_overs(
    tmp_path: Path, level: float, place: str
) -> None:
    sound = bed(episode([line(tmp_path / "a.wav", speech(1.9, level))], splats=place))
    assert abs(loudness(sound) - LOUDNESS) < 1.0
    assert np.abs(sound).max() <= CEILING + 1e-6


def test_silence_between_lines_is_air_and_not_nothing(tmp_path: Path) -> None:
    sound = bed(episode([line(tmp_path / "a.wav", speech(0.5)), None]))
    air = sound[-RATE:]
    assert -72 < 20 * np.log10(np.sqrt(np.mean(air**2))) < -60
    assert np.count_nonzero(air) > 0.99 * air.size


def test_a_performer_on_the_left_is_heard_on_the_left_a_little(tmp_path: Path) -> None:
    shown = episode([line(tmp_path / "a.wav", speech(1.5))])
    left, right = np.sqrt(np.mean(bed(shown, {("e/s/0000", "ada"): -1.0}) ** 2, axis=0))
    assert 1.2 < left / right < 3.0


def test_the_same_episode_sounds_the_same_twice(tmp_path: Path) -> None:
    shown = episode([line(tmp_path / "a.wav", speech(1.5))], splats="loft")
    assert np.array_equal(bed(shown), bed(shown))


def test_loudness_of_the_standard_sine_is_minus_three() -> None:
    # EBU Tech 3341 and BS.1770: 997 Hz at full scale in one channel reads -3.01 LKFS
    time = np.arange(5 * RATE) / RATE
    one = np.stack([np.sin(2 * np.pi * 997 * time), 0 * time], 1)
    assert abs(loudness(one) + 3.01) < 0.05


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
def test_recordings_of_any_sample_format_sound_alike(tmp_path: Path, dtype: type) -> None:
    wave = np.sin(np.arange(RATE) / 20) * 0.5
    peak = {np.uint8: 127, np.float32: 1}.get(dtype) or np.iinfo(dtype).max
    stereo = np.stack([wave * peak + (128 if dtype == np.uint8 else 0)] * 2, 1).astype(dtype)
    plain = bed(episode([line(tmp_path / "plain.wav", wave.astype(np.float32))]))
    other = bed(episode([line(tmp_path / "other.wav", stereo)]))
    assert np.abs(plain - other).max() < 0.01


def test_flac_is_read_as_well(tmp_path: Path) -> None:
    wave = (speech(1.5) * 20000).astype(np.int16)
    with av.open(str(tmp_path / "a.flac"), "w") as file:
        stream = file.add_stream("flac", rate=RATE, layout="mono", format="s16")
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    words = Line(audio=Media(path=tmp_path / "a.flac", sha256="0" * 64), text=None, seconds=1.5)
    assert np.abs(bed(episode([words])) - bed(episode([line(tmp_path / "a.wav", wave)]))).max() < 1e-4


@pytest.mark.parametrize("content", [b"RIFF nonsense", b"", b"words"])
def test_a_recording_that_cannot_be_decoded_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    words = Line(audio=Media(path=path, sha256="0" * 64), text=None, seconds=1.0)
    with pytest.raises(UnreadableSound, match=r"broken\.wav.*export it as WAV or FLAC"):
        bed(episode([words]))
