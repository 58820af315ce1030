"""When each sound of a line is spoken: forced alignment where the words are known, recognition where they are not.

Both use pocketsphinx with the US English models inside its wheel, at 100 steps a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from actors.perform.letters import letters_to_phones, spoken_words
from jobs.errors import BadInput

RATE = 16_000  # Hz, what the acoustic model expects
LONGEST = 600.0  # seconds of one line
SILENCE = "SIL"


class UnreadableAudio(BadInput):
    """A recording cannot be decoded or is too long."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{}: {}; hand in a WAV, FLAC or Ogg file of one line".format(*self.args)


class TextDoesNotMatch(BadInput):
    """The recording cannot be aligned with the text that it is said to speak."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)

    def __str__(self) -> str:
        return "{}: the recording does not speak the text {!r}; correct the text or leave it out".format(*self.args)


@dataclass(frozen=True, slots=True)
class Phone:
    """One sound of a recording."""

    name: str  # ARPABET without stress, "SIL" for silence and noise
    start: float  # seconds from the start of the recording
    end: float


def read_audio(path: Path) -> np.ndarray:
    """The recording as mono at RATE, [n] float32 in -1..1; raises UnreadableAudio."""
    import av

    if not path.is_file():
        raise UnreadableAudio(str(path), "no such file")
    parts: list[np.ndarray] = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise UnreadableAudio(str(path), "there is no sound in it")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            samples = 0
            for frame in container.decode(container.streams.audio[0]):
                for part in resampler.resample(frame):
                    parts.append(part.to_ndarray()[0])
                    samples += parts[-1].size
                if samples > LONGEST * RATE:
                    raise UnreadableAudio(str(path), f"the line is longer than {LONGEST:.0f} seconds")
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, ValueError) as error:
        raise UnreadableAudio(str(path), f"cannot be decoded ({error})") from error
    if not parts:
        raise UnreadableAudio(str(path), "there is no sound in it")
    return np.concatenate(parts).astype(np.float32) / 32768.0


def phones(audio: Path, text: str | None) -> tuple[Phone, ...]:
    """The sounds of a recording in order, back to back, from 0 to its end.

    With ``text`` the words are aligned; words that the dictionary lacks are sounded out by ``letters``. Without it,
    or when it has no words, the sounds are recognised. Raises UnreadableAudio and TextDoesNotMatch.
    """
    status = audio.stat() if audio.is_file() else None
    stamp = (status.st_size, status.st_mtime_ns) if status else (0, 0)
    return _phones(audio, text, stamp)


@lru_cache(maxsize=256)
def _phones(audio: Path, text: str | None, stamp: tuple[int, int]) -> tuple[Phone, ...]:
    samples = read_audio(audio)
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    words = spoken_words(text) if text else ()
    if not np.abs(samples).max() > 1e-4:  # digital silence: nothing to align
        found = []
    elif words:
        found = _aligned(pcm, words)
        if found is None:
            raise TextDoesNotMatch(str(audio), text or "")
    else:
        found = _recognised(pcm)
    return _gapless(found, len(samples) / RATE)


def _decoder(**options: object):
    import pocketsphinx

    pocketsphinx.set_loglevel("FATAL")
    return pocketsphinx.Decoder(samprate=float(RATE), loglevel="FATAL", dither=False, **options)


def _decode(decoder, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, False, True)  # no_search, full_utt: normalised over the whole line
    decoder.end_utt()


def _aligned(pcm: bytes, words: tuple[str, ...]) -> list[tuple[str, float, float]] | None:
    """(phone, start, end) by Viterbi alignment, words first, then the phones inside them; None where it fails."""
    for beam in (1e-48, 1e-150):  # the second try keeps nearly every path: laughter, noise, a skipped word
        decoder = _decoder(lm=None, bestpath=False, beam=beam, wbeam=beam, pbeam=beam)
        for word in sorted(set(words)):
            if decoder.lookup_word(word) is None:
                decoder.add_word(word, " ".join(letters_to_phones(word)), True)
        decoder.set_align_text(" ".join(words))
        _decode(decoder, pcm)
        if decoder.hyp() is None:
            continue
        decoder.set_alignment()
        _decode(decoder, pcm)
        found = []
        for word in decoder.get_alignment():
            for phone in word:
                found.append((phone.name, phone.start / 100, (phone.start + phone.duration) / 100))
        return found
    return None


def _recognised(pcm: bytes) -> list[tuple[str, float, float]]:
    """(phone, start, end) by phone recognition with the bundled phone language model."""
    import pocketsphinx

    model = Path(pocketsphinx.get_model_path()) / "en-us" / "en-us-phone.lm.bin"
    decoder = _decoder(allphone=str(model), lw=2.0, beam=1e-20, pbeam=1e-20)
    _decode(decoder, pcm)
    return [(part.word, part.start_frame / 100, (part.end_frame + 1) / 100) for part in decoder.seg()]


def _gapless(found: list[tuple[str, float, float]], seconds: float) -> tuple[Phone, ...]:
    """Ordered phones that cover 0..seconds; noises become silence, gaps too, neighbouring silences join."""
    result: list[Phone] = []

    def add(name: str, start: float, end: float) -> None:
        if end - start < 1e-6:
            return
        if result and name == SILENCE and result[-1].name == SILENCE:
            result[-1] = Phone(SILENCE, result[-1].start, end)
        else:
            result.append(Phone(name, start, end))

    at = 0.0
    for name, start, end in found:
        start, end = max(start, at), min(end, seconds)
        if end <= start:
            continue
        add(SILENCE, at, start)
        add(SILENCE if not name.isalpha() or name == SILENCE else name, start, end)
        at = end
    add(SILENCE, at, seconds)
    return tuple(result)


def loudness(samples: np.ndarray, times: np.ndarray, window: float = 0.05) -> np.ndarray:
    """How loud the speech is at ``times`` (seconds), 0..1: RMS over ``window`` seconds against its own loud parts."""
    half = int(window * RATE / 2)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    centre = np.round(times * RATE).astype(int)
    low, high = np.clip(centre - half, 0, len(samples)), np.clip(centre + half, 0, len(samples))
    rms = np.sqrt((power[high] - power[low]) / np.maximum(high - low, 1))
    loud = rms[rms > 1e-4]
    if loud.size == 0:
        return np.zeros_like(rms)
    level = 20 * np.log10(np.maximum(rms, 1e-5) / np.percentile(loud, 90))
    return np.clip(1.0 + level / 30.0, 0.0, 1.15)
