"""Where the eyes look: fixations, saccades between them, and the head's share of every turn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from actors.perform import rotation
from actors.perform.timing import minimum_jerk, noise, settling

DEGREE = np.pi / 180
_EYE_LIMIT = np.array([32.0, 24.0]) * DEGREE  # yaw, pitch in the head


@dataclass(frozen=True, slots=True)
class Fixation:
    """The eyes rest on one direction from ``start`` until the next fixation's start."""

    start: float  # seconds
    yaw: float  # radians in the performer's frame, positive to the left
    pitch: float  # positive up


def peak_speed(amplitude: np.ndarray) -> np.ndarray:
    """The main sequence: peak speed (degrees/s) of a saccade of ``amplitude`` degrees.

    Bahill, Clark & Stark, "The main sequence" (1975), in the usual saturating form: 500 (1 - exp(-A/11)), and near
    30 A for the smallest.
    """
    return 500.0 * (1 - np.exp(-np.asarray(amplitude) / 11.0))


def saccade_seconds(amplitude: np.ndarray) -> np.ndarray:
    """Seconds that a saccade of ``amplitude`` degrees lasts: 21 ms + 2.2 ms a degree, or what its peak speed needs."""
    amplitude = np.maximum(amplitude, 1e-3)
    return np.maximum(0.021 + 0.0022 * amplitude, 1.875 * amplitude / peak_speed(amplitude))


def place(
    look_at: str, targets: dict[str, tuple[float, float]], partner: tuple[float, float], side: float
) -> tuple[float, float]:
    """(yaw, pitch) of what a cue says to look at; KeyError for a name that is not there. ``side`` is -1 or 1."""
    yaw, pitch = partner
    places = {
        "down": (0.6 * yaw + 0.06 * side, min(pitch, 0.0) - 0.42),
        "up": (0.6 * yaw + 0.10 * side, max(pitch, 0.0) + 0.34),
        "away": (yaw + (0.55 * side if abs(yaw) < 0.15 else -0.55 * np.sign(yaw)), pitch - 0.08),
    }
    return targets[look_at] if look_at in targets else places[look_at]


def plan(
    rng: np.random.Generator,
    seconds: float,
    home: tuple[float, float],
    *,
    face: bool,
    aversion: float,
    down: float,
    side: float,
    speaking: list[tuple[float, float]],
) -> list[Fixation]:
    """The fixations of a shot.

    ``home`` is where the cue looks; if it is a ``face``, the eyes wander between its eyes and mouth, 2 to 4 degrees
    apart. They leave it (``aversion`` 0..1) to think, chiefly before and early in speech (Kendon 1967; Glenberg et
    al. 1998), downwards (``down`` 1) or aside, and come back. ``speaking``: (start, end) of phrases in seconds.
    """
    spots = (
        np.array([[0.030, 0.004], [-0.030, 0.004], [0.0, -0.052]])
        if face
        else np.array([[0.008, 0.0], [-0.008, 0.004]])
    )
    chances = (np.array([0.42, 0.40, 0.18]) if face else np.array([0.5, 0.5])).tolist()
    away: list[tuple[float, float]] = []  # (start, end)
    for start, end in speaking:
        if start > 0.45 and rng.random() < 0.35 + 0.6 * aversion:
            begin = max(0.12, start - rng.uniform(0.45, 0.7))
            away.append((begin, start + rng.uniform(-0.05, 0.12)))
        elif end - start > 0.7 and rng.random() < 0.9 * aversion:
            begin = start + rng.uniform(0.1, 0.35) * (end - start)
            away.append((begin, begin + rng.uniform(0.35, 0.7)))
    clock = rng.exponential(1.6 / max(aversion, 0.02))
    while clock < seconds - 0.5:
        length = rng.uniform(0.45, 0.95) * (1 + 0.4 * aversion)
        if all(clock > e + 0.5 or clock + length < s - 0.5 for s, e in away):
            away.append((float(clock), float(clock + length)))
        clock += length + 0.6 + rng.exponential(1.6 / max(aversion, 0.02))
    away.sort()
    result = [Fixation(-10.0, home[0] + spots[0, 0] * side, home[1] + spots[0, 1])]
    clock = rng.uniform(0.35, 0.9)
    while clock < seconds:
        gone = next(((s, e) for s, e in away if s <= clock < e), None)
        ahead = next((s for s, _ in away if s > clock), np.inf)
        if gone is None:
            spot = spots[rng.choice(len(spots), p=chances)]
            yaw, pitch = home[0] + spot[0], home[1] + spot[1]
            following = min(clock + rng.gamma(4.0, 0.19), ahead)
        else:
            low = rng.random() < down
            reach = rng.uniform(0.75, 1.15)
            yaw = home[0] + side * reach * (0.10 if low else 0.24)
            pitch = home[1] + reach * (-0.30 if low else rng.choice([-0.06, 0.10]))
            following = min(clock + rng.uniform(0.3, 0.6), gone[1])
            following = gone[1] if gone[1] - following < 0.15 else following
        last = result[-1]
        if np.hypot(yaw - last.yaw, pitch - last.pitch) > 0.008:
            result.append(Fixation(float(clock), float(yaw), float(pitch)))
        clock = max(following, clock + 0.12)
    return result


def line_of_sight(times: np.ndarray, fixations: list[Fixation]) -> np.ndarray:
    """(yaw, pitch) of the eyes in the performer's frame, [T, 2]: still between saccades, main sequence in them."""
    sight = np.tile([fixations[0].yaw, fixations[0].pitch], (len(times), 1)).astype(np.float64)
    for before, after in pairwise(fixations):
        step = np.array([after.yaw - before.yaw, after.pitch - before.pitch])
        length = float(saccade_seconds(np.linalg.norm(step) / DEGREE))
        sight += minimum_jerk((times - after.start) / length)[:, None] * step
    return sight


def head_share(yaw: float, pitch: float) -> np.ndarray:
    """How far the head turns for a line of sight, (yaw, pitch): little for small angles, most of large ones."""
    turn = np.sign(yaw) * (0.35 * min(abs(yaw), 0.17) + 0.80 * max(abs(yaw) - 0.17, 0.0))
    return np.array([np.clip(turn, -0.95, 0.95), np.clip(0.45 * pitch, -0.35, 0.3)])


def head_turn(times: np.ndarray, fixations: list[Fixation], tempo: float) -> np.ndarray:
    """The head's (yaw, pitch) that accompanies the fixations, [T, 2]: it starts after the eyes and arrives later.

    Fixations too short for a head to follow are followed in part.
    """
    head = np.tile(head_share(fixations[0].yaw, fixations[0].pitch), (len(times), 1))
    ends = [f.start for f in fixations[1:]] + [np.inf]
    now = head_share(fixations[0].yaw, fixations[0].pitch)
    for fixation, end in zip(fixations[1:], ends[1:], strict=True):
        wanted = head_share(fixation.yaw, fixation.pitch)
        follows = np.clip((end - fixation.start) / 0.9, 0.25, 1.0)
        step = follows * (wanted - now)
        now = now + step
        head += settling(times - fixation.start - 0.045, 0.115 / tempo)[:, None] * step
    return head


def gaze_in_head(sight: np.ndarray, head: np.ndarray) -> np.ndarray:
    """(yaw, pitch) of the eyes in the head's frame, [T, 2], from the line of sight [T, 2] and head rotations [T, 3, 3].

    The head's motion is taken out exactly, as the vestibulo-ocular reflex does: a fixated point stays fixated.
    """
    seen = np.einsum("tji,tj->ti", head, rotation.direction(sight[:, 0], sight[:, 1]))
    return np.clip(np.stack(rotation.angles(seen), axis=1), -_EYE_LIMIT, _EYE_LIMIT)


def drift(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Slow drift of the eyes within a fixation, [T, 2] radians, about a tenth of a degree."""
    return 0.0011 * np.stack([noise(rng, times, 0.6, 4.0), noise(rng, times, 0.6, 4.0)], axis=1)


def lid_coupling(pitch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(eyeBlink, eyeWide) of lids that follow the eye's ``pitch`` [T] (radians in the head), 0..0.3.

    The eyeLook* shapes move the lids too, but less than half as far as lids go.
    """
    return 0.30 * np.clip(-pitch / 0.42, 0, 1) ** 1.1, 0.24 * np.clip(pitch / 0.42, 0, 1)
