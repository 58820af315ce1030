"""The sound of an episode: every line at its exact sample, in a room, at broadcast loudness."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import numpy as np

from jobs.episode import Episode, Line, Scene, Shot
from jobs.errors import BadInput

RATE = 48_000  # samples a second
LOUDNESS = -20.0  # LUFS of the whole, by EBU R 128's measure; within what streaming services ask for speech
CEILING = 10 ** (-1.5 / 20)  # largest sample of the mix
ROOM_TONE = 10 ** (-66 / 20)  # RMS of the air between the lines
WET = 10 ** (-19 / 20)  # energy of the room's answer against the direct voice
OPEN_AIR = ("garden",)  # sets without walls that answer


class UnreadableSound(BadInput):
    """A recording cannot be decoded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{}: cannot be read as sound ({}); export it as WAV or FLAC".format(*self.args)


def sample_at(seconds: Fraction) -> int:
    """The sample nearest to a moment; halves go to the even one."""
    return round(seconds * RATE)


def bed(episode: Episode, pan: Mapping[tuple[str, str], float] | None = None) -> np.ndarray:
    """The episode's sound, [samples, 2] float32 in -1..1, exactly as long as its picture.

    ``pan`` maps (shot id, role) to the side of the screen, -1 left to 1 right; roles it does not name speak from the
    middle. Raises UnreadableSound.
    """
    pan = pan or {}
    length = sample_at(episode.frames / episode.fps)
    voices: dict[str, np.ndarray] = {}  # role: [samples] of direct voice in all its shots, mono
    takes: list[tuple[Scene, Shot, str, int, np.ndarray]] = []
    frame = 0
    for scene in episode.scenes:
        for shot in scene.shots:
            for cue in shot.cues:
                if cue.line is not None:
                    start = sample_at(frame / episode.fps + Fraction(cue.line.at))
                    takes.append((scene, shot, cue.role, start, _voice(cue.line)))
            frame += shot.frames
    for _, _, role, _, voice in takes:
        voices[role] = np.concatenate([voices.get(role, voice[:0]), voice])
    gains = {role: _gain(loudness(np.stack([voice, voice], 1))) for role, voice in voices.items()}

    mix = np.zeros((length, 2), np.float32)
    for index, (scene, shot, role, start, voice) in enumerate(takes):
        side = 0.35 * max(-1.0, min(1.0, pan.get((shot.id, role), 0.0)))  # never further than a third of the way
        angle = (side + 1) * pi / 4
        direct = voice[:, None] * (gains[role] * 2**0.5 * np.array([cos(angle), sin(angle)], np.float32))
        _add(mix, direct, start)
        if scene.plate.splats not in OPEN_AIR:
            _add(mix, _room(direct, seed=index), start)
    if takes:
        mix *= _gain(loudness(mix))
    return _limited(mix + _tone(length))


def loudness(sound: np.ndarray) -> float:
    """Integrated loudness in LUFS of [samples, 2] at 48 kHz; -inf for silence. ITU-R BS.1770-4, annex 1."""
    from scipy.signal import lfilter

    shelf = lfilter(
        [1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585], sound, axis=0
    )
    weighted = lfilter([1.0, -2.0, 1.0], [1, -1.99004745483398, 0.99007225036621], shelf, axis=0)
    hop, power = RATE // 10, np.square(weighted).sum(1)
    if len(power) < 4 * hop:
        power = np.pad(power, (0, 4 * hop - len(power)))
    steps = power[: len(power) // hop * hop].reshape(-1, hop).mean(1)
    blocks = np.convolve(steps, np.ones(4) / 4, "valid")  # 400 ms, three quarters shared
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(loud):
        return float("-inf")
    gated = loud[loud > loud.mean() * 10**-1.0]
    return float(-0.691 + 10 * np.log10(gated.mean()))


def _gain(level: float) -> float:
    """What brings a level to LOUDNESS; at most 24 dB either way, so that a silent recording stays silent."""
    return 10 ** (max(-24.0, min(24.0, LOUDNESS - level)) / 20) if np.isfinite(level) else 1.0


def _voice(line: Line) -> np.ndarray:
    """A recording as [samples] float32 mono at 48 kHz, its ends faded over a millisecond."""
    from scipy.signal import resample_poly

    mono, rate = _decoded(line.audio.path)
    ratio = Fraction(RATE, rate)
    voice = resample_poly(mono, ratio.numerator, ratio.denominator) if rate != RATE else mono
    voice = np.array(voice, np.float32)
    edge = min(RATE // 1000, len(voice) // 2)
    if edge:
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        voice[:edge] *= ramp
        voice[-edge:] *= ramp[::-1]
    return voice


def _decoded(path: Path) -> tuple[np.ndarray, int]:
    """[samples] float32 in -1..1, channels averaged, and the rate in Hz."""
    import av

    parts: list[np.ndarray] = []
    try:
        with av.open(str(path)) as file:
            if not file.streams.audio:
                raise UnreadableSound(path, "it has no sound")
            rate = file.streams.audio[0].rate
            for frame in file.decode(audio=0):
                samples = frame.to_ndarray()
                if not frame.format.is_planar:
                    samples = samples.reshape(-1, frame.layout.nb_channels).T
                if samples.dtype.kind == "u":  # 8 bit WAV is unsigned
                    samples = (samples.astype(np.float32) - 128) / 128
                elif samples.dtype.kind == "i":
                    samples = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
                parts.append(samples.mean(0, dtype=np.float32))
    except (av.error.FFmpegError, OSError) as error:
        raise UnreadableSound(path, error.strerror or "not a recording") from error
    if not parts:
        raise UnreadableSound(path, "it is empty")
    return np.concatenate(parts), rate


def _room(direct: np.ndarray, seed: int) -> np.ndarray:
    """What a furnished room answers: sparse noise from 7 ms on that has fallen by 60 dB after 0.35 s."""
    from scipy.signal import butter, fftconvolve, sosfilt

    rng = np.random.default_rng((7001, seed % 3))
    time = np.arange(int(0.35 * RATE)) / RATE
    answer = rng.normal(size=(len(time), 2)) * (10 ** (-3 * time / 0.35) * (time > 0.007))[:, None]
    answer = sosfilt(butter(2, [180, 4200], "bandpass", fs=RATE, output="sos"), answer, axis=0)
    answer *= WET / np.sqrt(np.square(answer).sum(0, keepdims=True))
    return fftconvolve(direct, answer, axes=0).astype(np.float32)


def _tone(length: int) -> np.ndarray:
    """Air: noise without edges, [length, 2], a little different in either ear."""
    from scipy.signal import butter, sosfilt

    noise = np.random.default_rng(7000).normal(size=(length, 3)).astype(np.float32)
    noise = sosfilt(butter(1, [60, 900], "bandpass", fs=RATE, output="sos"), noise, axis=0)
    air = noise[:, :1] + 0.6 * noise[:, 1:]
    return (ROOM_TONE * air / max(1e-12, float(np.sqrt(np.mean(air**2))))).astype(np.float32)


def _add(mix: np.ndarray, part: np.ndarray, start: int) -> None:
    end = min(len(mix), start + len(part))
    if start < end:
        mix[start:end] += part[: end - start]


def _limited(mix: np.ndarray) -> np.ndarray:
    """Turn peaks above CEILING down, smoothly over 5 ms before and after, both sides alike."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    peak = np.abs(mix).max(1)
    if peak.max(initial=0.0) <= CEILING:
        return mix
    wanted = np.minimum(1.0, CEILING / np.maximum(peak, 1e-9))
    reach = RATE // 200 * 2 + 1
    gain = uniform_filter1d(minimum_filter1d(wanted, reach, mode="nearest"), reach, mode="nearest")
    return (mix * gain[:, None]).astype(np.float32)
