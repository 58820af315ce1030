"""Beats of the body with speech: phrases, stressed syllables, and the nods, brow raises and reactions they bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.perform.speech import SILENCE, Phone
from actors.perform.timing import pulse, settling
from actors.perform.visemes import VOWELS


@dataclass(frozen=True, slots=True)
class Beat:
    """One accent."""

    time: float  # seconds, its peak
    strength: float  # 0..1


def phrases(phones: tuple[Phone, ...], pause: float = 0.18) -> list[tuple[float, float]]:
    """(start, end) of stretches of speech without a silence of ``pause`` seconds."""
    found: list[tuple[float, float]] = []
    for phone in phones:
        if phone.name == SILENCE:
            continue
        if found and phone.start - found[-1][1] < pause:
            found[-1] = (found[-1][0], phone.end)
        else:
            found.append((phone.start, phone.end))
    return found


def stresses(phones: tuple[Phone, ...], loudness: np.ndarray, step: float) -> list[Beat]:
    """The vowels that stand out by loudness and length, 0.28 s apart; ``loudness`` [n] is every ``step`` seconds."""
    vowels = [phone for phone in phones if phone.name in VOWELS]
    if not vowels or not len(loudness):
        return []
    middles = np.array([(v.start + v.end) / 2 for v in vowels])
    loud = loudness[np.clip((middles / step).astype(int), 0, len(loudness) - 1)]
    length = np.clip(np.array([v.end - v.start for v in vowels]) / 0.12, 0.3, 1.6)
    weight = loud * length**0.6
    chosen: list[Beat] = []
    for index in np.argsort(-weight, kind="stable"):
        strength = float(np.clip((weight[index] / weight.max() - 0.45) / 0.55, 0, 1))
        if strength > 0 and all(abs(middles[index] - beat.time) > 0.28 for beat in chosen):
            chosen.append(Beat(float(middles[index]), strength))
    return sorted(chosen, key=lambda beat: beat.time)


def nods(times: np.ndarray, beats: list[Beat]) -> np.ndarray:
    """A nod for each beat, [T] 0..1: down on the vowel, slower back, with a small lift before it."""
    out = np.zeros(len(times))
    for beat in beats:
        down = pulse(times, beat.time, 0.15, 0.03, 0.34)
        lift = pulse(times, beat.time - 0.17, 0.13, 0.0, 0.14)
        out += beat.strength * (down - 0.28 * lift)
    return out


def shifts(rng: np.random.Generator, times: np.ndarray, beats: list[Beat]) -> np.ndarray:
    """Changes of the head's pose from beat to beat, [T, 2] (yaw, roll) of about unit size: a speaking head never
    returns to quite where it was (Hadar et al. 1983)."""
    out = np.zeros((len(times), 2))
    now = np.zeros(2)
    for beat in beats:
        wanted = beat.strength * rng.normal(0.0, 1.0, 2).clip(-1.6, 1.6)
        out += settling(times - beat.time + 0.16, 0.075)[:, None] * (wanted - now)
        now = wanted
    return out


def raises(times: np.ndarray, beats: list[Beat]) -> np.ndarray:
    """A raise of the brows for each beat, [T] 0..1, a little ahead of the vowel."""
    out = np.zeros(len(times))
    for beat in beats:
        out = np.maximum(out, beat.strength * pulse(times, beat.time - 0.05, 0.13, 0.08, 0.30))
    return out


def reactions(rng: np.random.Generator, seconds: float, heard: list[tuple[float, float]], talking: np.ndarray,
              step: float) -> tuple[list[Beat], list[Beat]]:  # fmt: skip
    """(nods, brow flashes) of a listener: after the ends of what is heard, else now and then.

    ``talking`` [n] (0..1, every ``step`` seconds) is the listener's own speech, during which nothing is answered.
    """
    ends = [end + rng.uniform(0.08, 0.28) for _, end in heard]
    middles = [start + rng.uniform(0.5, 0.75) * (end - start) for start, end in heard if end - start > 0.9]
    if not heard:
        clock = rng.uniform(0.5, 1.1)
        while clock < seconds:
            ends.append(float(clock))
            clock += rng.uniform(1.4, 2.6)
    nodding: list[Beat] = []
    flashes: list[Beat] = []
    for time in sorted(ends + middles):
        if not 0.15 < time < seconds or talking[min(int(time / step), len(talking) - 1)] > 0.2:
            continue
        if rng.random() < 0.75:
            strength = rng.uniform(0.4, 0.9)
            nodding.append(Beat(time + 0.15, strength))
            if rng.random() < 0.4:
                nodding.append(Beat(time + 0.55, 0.6 * strength))
        if rng.random() < 0.55:
            flashes.append(Beat(time + 0.05, rng.uniform(0.4, 0.9)))
    return nodding, flashes
