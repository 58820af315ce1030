"""Speaks the pilot's lines: ``python jobs/pilot/make_audio.py`` (needs ``pip install greenroom[voice]``).

One neural voice (hibari-tts) plays both parts. Its network predicts a pitch curve and spectral envelopes, from which
the waveform is synthesised as pulses and noise through filters, so a second speaker is made where it sounds clean:
the pitch curve is scaled and the envelopes are stretched along frequency (a longer vocal tract) before synthesis.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE = 24_000  # Hz
LOUDNESS = -20.0  # dB RMS of the spoken part, near -20 LUFS for speech
PEAK = 0.89  # full scale is 1
LEAD = 0.12  # seconds of silence before the first sound
TAIL = 0.15  # seconds after the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How the one voice is turned into a person."""

    pitch: float  # factor on the pitch
    tract: float  # factor on every formant; below 1 is a longer vocal tract
    breath: float  # dB on the noise
    tilt: float  # dB per octave above 1 kHz on the harmonics


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One breath: what is said and how."""

    text: str
    pace: float = 1.0  # 1 is the voice's own reading speed
    pitch: float = 0.0  # semitones
    range: float = 1.0  # factor on the pitch's distance from its mean, in semitones; 0 is monotone
    fall: float = 0.0  # semitones the pitch sinks over the phrase
    level: float = 0.0  # dB
    breath: float = 0.0  # dB on the noise
    pause: float = 0.0  # seconds of silence afterwards


ADA = Speaker(pitch=1.0, tract=1.0, breath=0.0, tilt=0.0)
KOFI = Speaker(pitch=0.48, tract=0.85, breath=-1.5, tilt=-0.8)

LINES: dict[str, tuple[Speaker, tuple[Phrase, ...]]] = {
    "ada_0010": (ADA, (Phrase(text="You came back, for the plant.", pace=0.96, range=0.8, pitch=-1.0, breath=2.0),)),
    "kofi_0020": (KOFI, (Phrase(text="Well... it's a very good plant.", pace=1.02, range=1.25, pitch=0.5),)),
    "ada_0030": (ADA, (
        Phrase(text="Kofi...", pace=0.92, pitch=-1.5, range=0.8, pause=0.22, breath=2.0),
        Phrase(text="It's plastic.", pace=0.90, pitch=-2.0, range=0.7, fall=1.0, breath=2.0),
    )),
    "ada_0050": (ADA, (
        Phrase(text="You watered it every morning.", pace=1.04, pitch=0.3, range=1.15, pause=0.16),
        Phrase(text="For three years.", pace=0.95, pitch=-0.5, range=1.0, fall=0.5),
    )),
    "kofi_0060": (KOFI, (
        Phrase(text="Three years!", pace=1.10, pitch=3.0, range=1.4, level=2.0, pause=0.08),
        Phrase(text="You let me water plastic?", pace=1.14, pitch=3.0, range=1.5, level=2.0),
    )),
    "ada_0070": (ADA, (
        Phrase(text="You used to sing to it.", pace=0.96, pitch=-1.0, range=0.85, breath=2.5, pause=0.22),
        Phrase(text="I couldn't make you stop.", pace=0.94, pitch=-1.8, range=0.75, fall=1.0, breath=3.0, level=-1.0),
    )),
    "kofi_0080": (KOFI, (
        Phrase(text="Ada...", pace=0.94, pitch=0.5, range=0.7, pause=0.34, breath=3.0),
        Phrase(text="I wasn't singing to the plant.", pace=0.97, pitch=0.0, range=0.8, fall=1.0, breath=3.0),
    )),
    "ada_0100": (ADA, (
        Phrase(text="Order me something.", pace=1.02, pitch=0.5, range=1.1, pause=0.14),
        Phrase(text="I'm staying.", pace=0.95, pitch=0.0, range=0.9, breath=1.5),
    )),
    "kofi_0100": (KOFI, (
        Phrase(text="Good.", pace=1.0, pitch=0.5, range=1.0, pause=0.24),
        Phrase(text="I brought the plant.", pace=1.0, pitch=0.5, range=1.2),
    )),
}  # fmt: skip


def stretched(envelope: np.ndarray, factor: float) -> np.ndarray:
    """A log envelope [bins, F] with its features moved to ``factor`` times their frequency."""
    bins = np.arange(len(envelope)) / factor
    low = np.minimum(bins.astype(int), len(envelope) - 2)
    weight = np.clip(bins - low, 0.0, 1.0)[:, None].astype(np.float32)
    moved = envelope[low] * (1 - weight) + envelope[low + 1] * weight
    beyond = np.maximum(bins - (len(envelope) - 1), 0.0)  # past the end of the original: fade out
    return (moved - 0.05 * beyond[:, None]).astype(np.float32)


def spoken(voice, speaker: Speaker, phrase: Phrase) -> np.ndarray:
    """One phrase as samples at RATE, float32."""
    from hibari import dsp

    (phonemes,) = voice.phonemize(phrase.text.replace("...", "…"))
    inputs = {"ids": np.asarray([voice.ids(phonemes)], np.int64), "speed": np.asarray([phrase.pace], np.float32)}
    harmonics, phase, noise, free, free_phase, f0 = (part[0] for part in voice.sess.run(None, inputs))
    voiced = f0 > 60.0
    semitones = 12 * np.log2(np.maximum(f0, 60.0))
    mean = semitones[voiced].mean()
    course = np.linspace(0.5, -0.5, len(f0))
    semitones = mean + phrase.range * (semitones - mean) + phrase.pitch + phrase.fall * course
    f0 = np.where(voiced, 2 ** (semitones / 12) * speaker.pitch, 0.0).astype(np.float32)
    hertz = np.arange(len(harmonics)) * RATE / dsp.N_FFT
    tilt = speaker.tilt * np.log2(np.maximum(hertz / 1000.0, 1.0)) * np.log(10) / 20
    breath = (speaker.breath + phrase.breath) * np.log(10) / 20
    harmonics = stretched(harmonics, speaker.tract) + tilt[:, None].astype(np.float32)
    phase = stretched(phase, speaker.tract) if speaker.tract != 1 else phase
    noise = stretched(noise, speaker.tract) + np.float32(breath)
    free = stretched(free, speaker.tract)
    if speaker.pitch != 1 or phrase.pitch or phrase.range != 1:
        free = np.where(voiced, free - np.float32(1.4), free)  # its phases still hum at the old pitch
    return dsp.synth(harmonics, phase, noise, free, free_phase, f0, np.random.default_rng(7))


def trimmed(samples: np.ndarray, floor: float = 0.012) -> np.ndarray:
    """Without the silence at either end; 25 ms of it stay, faded."""
    window = RATE // 100
    loud = np.sqrt(np.convolve(samples**2, np.ones(window) / window, "same")) > floor * np.abs(samples).max()
    first, last = np.flatnonzero(loud)[[0, -1]]
    margin = RATE // 40
    cut = samples[max(first - margin, 0) : last + margin].copy()
    ramp = np.sin(np.linspace(0, np.pi / 2, margin)).astype(np.float32) ** 2
    cut[:margin] *= ramp
    cut[-margin:] *= ramp[::-1]
    return cut


def line(voice, speaker: Speaker, phrases: tuple[Phrase, ...]) -> np.ndarray:
    """A whole line at the common loudness, float32."""
    parts = [np.zeros(int(LEAD * RATE), np.float32)]
    for phrase in phrases:
        cut = trimmed(spoken(voice, speaker, phrase))
        loud = cut[np.abs(cut) > 0.02 * np.abs(cut).max()]
        gain = 10 ** ((LOUDNESS + phrase.level) / 20) / np.sqrt(np.mean(loud**2))
        parts += [cut * np.float32(gain), np.zeros(int(phrase.pause * RATE), np.float32)]
    samples = np.concatenate([*parts, np.zeros(int(TAIL * RATE), np.float32)])
    over = np.abs(samples) > 0.7 * PEAK  # soft knee: loud vowels bend, nothing clips
    knee = 0.7 * PEAK
    bent = knee + (PEAK - knee) * np.tanh((np.abs(samples) - knee) / (PEAK - knee))
    return np.where(over, np.sign(samples) * bent, samples).astype(np.float32)


def write(path: Path, samples: np.ndarray) -> None:
    """A 16 bit mono FLAC: every sample of the WAV in half the bytes."""
    import av

    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream(
            "flac", rate=RATE, layout="mono", format="s16", options={"compression_level": "12"}
        )
        frame = av.AudioFrame.from_ndarray(
            np.round(samples * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    from hibari import Hibari

    voice = Hibari()
    folder = Path(__file__).parent / "audio"
    folder.mkdir(exist_ok=True)
    for name, (speaker, phrases) in LINES.items():
        samples = line(voice, speaker, phrases)
        write(folder / f"{name}.flac", samples)
        print(f"{name}.flac  {len(samples) / RATE:.2f} s  {' '.join(phrase.text for phrase in phrases)}")


if __name__ == "__main__":
    main()
