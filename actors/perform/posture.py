"""How the body lives: breath, sway, small head motion, and the posture of a mood; spread over the joints."""

from __future__ import annotations

import numpy as np

from actors.perform import rotation
from actors.perform.style import Style
from actors.perform.timing import noise, smoothed
from actors.performance import JOINT, JOINTS

_CHEST_SHARE, _NECK_SHARE = 0.10, 0.38  # of a turn of the head; the head joint does the rest


def breath(rng: np.random.Generator, times: np.ndarray, style: Style, phrases: list[tuple[float, float]]) -> np.ndarray:
    """How full the lungs are, [T] about -1..1: calm breathing, a quick breath in before each phrase, slow out in it."""
    rate = style.mean("breaths")
    phase = rng.uniform(0, 2 * np.pi)
    calm = np.sin(2 * np.pi * rate * times + phase + 0.35 * noise(rng, times, 0.05, 0.2, 3))
    calm = calm - 0.18 * np.cos(4 * np.pi * rate * times + 2 * phase)
    level, spoken = np.zeros(len(times)), np.zeros(len(times))
    for start, end in phrases:
        taken = np.clip((times - start + 0.42) / 0.40, 0, 1) ** 2
        used = np.clip((times - start) / max(end - start, 0.4), 0, 1)
        inside = (times > start - 0.42) & (times < end + 0.4)
        level = np.where(inside, -0.3 + 1.5 * taken * (1 - 0.95 * used), level)
        spoken = np.where(inside, 1.0, spoken)
    step = times[1] - times[0] if len(times) > 1 else 1.0
    spoken, level = smoothed(spoken, step, 0.09), smoothed(level, step, 0.05)
    return (1 - spoken) * calm + spoken * level


def joints(
    rng: np.random.Generator,
    times: np.ndarray,
    style: Style,
    *,
    lungs: np.ndarray,
    turn: np.ndarray,
    nod: np.ndarray,
    shift: np.ndarray,
    side: float,
) -> np.ndarray:
    """Rotation vectors of the joints, [T, 6, 3] radians.

    ``turn`` [T, 2] (yaw, pitch) is where the head goes with the eyes, ``nod`` [T] radians downwards its accents and
    ``shift`` [T, 2] (yaw, roll) its changes of pose, ``lungs`` [T] the breath, ``side`` (-1 or 1) the side that this
    performer likes to tilt to.
    """
    tempo, sway = style.mean("tempo"), style.sway
    shake = style.tremor * noise(rng, times, 4.0, 8.0) * 0.0022
    yaw = turn[:, 0] + shift[:, 0] + sway * 0.011 * noise(rng, times, 0.12 * tempo, 1.1 * tempo) + shake
    pitch = turn[:, 1] - style.head_pitch - nod + sway * 0.009 * noise(rng, times, 0.12 * tempo, 1.2 * tempo)
    pitch = pitch - 0.006 * style.depth * lungs
    roll = (
        -side * style.head_roll
        + shift[:, 1]
        + sway * 0.010 * noise(rng, times, 0.08 * tempo, 0.7 * tempo)
        + 0.16 * side * nod
    )
    roll = roll - 0.10 * turn[:, 0]  # a turned head leans a little into the turn
    zero = np.zeros(len(times))
    out = np.zeros((len(times), len(JOINTS), 3))
    lean = style.torso_pitch + 0.006 * sway * noise(rng, times, 0.08, 0.5)
    out[:, JOINT["torso"]] = np.stack(
        [0.6 * lean, 0.25 * _CHEST_SHARE * yaw, 0.006 * sway * noise(rng, times, 0.06, 0.4)], 1
    )
    chest = np.stack([0.4 * lean - 0.011 * style.depth * lungs, _CHEST_SHARE * yaw, zero], 1)
    out[:, JOINT["chest"]] = chest
    upper = 1.25 * _CHEST_SHARE
    # the head's posture is meant against the world, so it makes up for the torso's lean
    out[:, JOINT["neck"]] = rotation.facing(_NECK_SHARE * yaw, 0.40 * pitch + 0.5 * lean, 0.35 * roll)
    rest = 1 - _NECK_SHARE - upper
    out[:, JOINT["head"]] = rotation.facing(rest * yaw, 0.60 * pitch + 0.5 * lean, 0.65 * roll)
    lift = style.shoulders + 0.014 * style.depth * lungs + 0.25 * np.maximum(nod, 0) * 0.2
    uneven = 0.012 * noise(rng, times, 0.05, 0.3)
    out[:, JOINT["left_clavicle"], 2] = lift + uneven
    out[:, JOINT["right_clavicle"], 2] = -(lift - uneven)
    return out


def head_rotation(joints: np.ndarray) -> np.ndarray:
    """The head's rotation in the performer's frame, [T, 3, 3], from rotation vectors [T, 6, 3]."""
    torso, chest, neck, head = (rotation.matrix(joints[:, JOINT[name]]) for name in ("torso", "chest", "neck", "head"))
    return torso @ chest @ neck @ head


def sway(rng: np.random.Generator, times: np.ndarray, style: Style, lungs: np.ndarray) -> np.ndarray:
    """How far the whole body is off its mark, [T, 3] metres: weight shifts and breath."""
    size = style.sway * 0.0042
    across, along = size * noise(rng, times, 0.05, 0.5), 0.8 * size * noise(rng, times, 0.06, 0.6)
    return np.stack([across, 0.0011 * style.depth * lungs - 0.10 * np.abs(across), along], axis=1)
