"""Sounds to mouth shapes, with co-articulation.

Every sound has a target for the mouth. Each pulls on the mouth while it lasts and, fading, before and after; the mouth
is the mean of the targets weighted by these pulls: the dominance functions of Cohen & Massaro, "Modeling
coarticulation in synthetic visual speech" (1993). A pull is stronger for what must be seen (rounded lips, teeth for
S) than for what may be swallowed (the jaw in K). Lips that must meet are not left to a mean: ``closing`` says when.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from actors.perform.speech import SILENCE, Phone
from actors.performance import ARKIT_SHAPES, SHAPE

BILABIALS = frozenset({"M", "B", "P"})
LABIODENTALS = frozenset({"F", "V"})
VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())  # noqa: SIM905
SHORTEST_SEAL = 0.050  # seconds; shorter ones may be swallowed
LEAD = 0.025  # seconds the mouth is ahead of the sound

# shape groups that are pulled together, and how fast a pull fades (1/s) before and after the sound
GROUPS: Mapping[str, tuple[str, ...]] = {
    "jaw": ("jawOpen", "jawForward"),
    "round": ("mouthFunnel", "mouthPucker"),
    "wide": ("mouthStretchLeft", "mouthStretchRight", "mouthSmileLeft", "mouthSmileRight", "mouthDimpleLeft",
             "mouthDimpleRight"),
    "open": ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthRollLower",
             "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight"),
    "tongue": ("tongueOut",),
}  # fmt: skip
_FADE = {"jaw": (21.0, 23.0), "round": (13.0, 18.0), "wide": (15.0, 19.0), "open": (21.0, 24.0), "tongue": (28.0, 30.0)}

# phone -> (targets, pulls); a target without Left/Right is meant for both sides; jawOpen 0.1 parts the lips by 3.4 mm
_PLAIN = {"jaw": 1.0, "round": 0.8, "wide": 0.8, "open": 0.7, "tongue": 0.8}
_T = tuple[dict[str, float], dict[str, float]]
TARGETS: dict[str, _T] = {
    "AA": ({"jawOpen": 0.52, "mouthLowerDown": 0.30, "mouthUpperUp": 0.29}, {**_PLAIN, "jaw": 1.3}),
    "AE": ({"jawOpen": 0.45, "mouthLowerDown": 0.36, "mouthUpperUp": 0.41, "mouthStretch": 0.34},
           {**_PLAIN, "jaw": 1.2}),
    "AH": ({"jawOpen": 0.29, "mouthLowerDown": 0.14, "mouthUpperUp": 0.12}, {**_PLAIN, "jaw": 0.8, "round": 0.5}),
    "AO": ({"jawOpen": 0.36, "mouthFunnel": 0.50, "mouthPucker": 0.24}, {**_PLAIN, "round": 1.3}),
    "EH": ({"jawOpen": 0.34, "mouthLowerDown": 0.32, "mouthUpperUp": 0.33, "mouthStretch": 0.26}, _PLAIN),
    "ER": ({"jawOpen": 0.16, "mouthFunnel": 0.32, "mouthPucker": 0.20}, {**_PLAIN, "round": 1.0}),
    "IH": ({"jawOpen": 0.19, "mouthLowerDown": 0.22, "mouthUpperUp": 0.18, "mouthStretch": 0.20},
           {**_PLAIN, "jaw": 0.8}),
    "IY": ({"jawOpen": 0.115, "mouthLowerDown": 0.36, "mouthUpperUp": 0.33, "mouthStretch": 0.48, "mouthSmile": 0.16},
           {**_PLAIN, "wide": 1.2}),
    "UH": ({"jawOpen": 0.18, "mouthFunnel": 0.30, "mouthPucker": 0.25}, {**_PLAIN, "round": 1.0}),
    "UW": ({"jawOpen": 0.09, "mouthFunnel": 0.30, "mouthPucker": 0.85}, {**_PLAIN, "round": 1.5}),
    "F": ({"jawOpen": 0.06, "mouthRollLower": 0.52, "mouthUpperUp": 0.42, "mouthShrugLower": 0.16},
          {"jaw": 1.1, "round": 0.6, "wide": 0.4, "open": 2.6, "tongue": 0.5}),
    "S": ({"jawOpen": 0.05, "mouthLowerDown": 0.34, "mouthUpperUp": 0.26, "mouthStretch": 0.24},
          {"jaw": 1.7, "round": 0.4, "wide": 0.7, "open": 1.0, "tongue": 1.0}),
    "SH": ({"jawOpen": 0.06, "mouthFunnel": 0.50, "mouthPucker": 0.28, "mouthUpperUp": 0.18, "mouthLowerDown": 0.12},
           {"jaw": 1.5, "round": 1.4, "wide": 0.8, "open": 0.9, "tongue": 1.0}),
    "TH": ({"jawOpen": 0.14, "mouthLowerDown": 0.18, "mouthUpperUp": 0.18, "tongueOut": 0.34},
           {"jaw": 1.0, "round": 0.4, "wide": 0.4, "open": 0.8, "tongue": 2.2}),
    "T": ({"jawOpen": 0.12, "mouthLowerDown": 0.20, "mouthUpperUp": 0.12, "mouthStretch": 0.08},
          {"jaw": 0.8, "round": 0.25, "wide": 0.25, "open": 0.4, "tongue": 1.0}),
    "L": ({"jawOpen": 0.19, "mouthLowerDown": 0.20, "mouthUpperUp": 0.15, "tongueOut": 0.08},
          {"jaw": 0.7, "round": 0.25, "wide": 0.25, "open": 0.5, "tongue": 1.4}),
    "K": ({"jawOpen": 0.17, "mouthLowerDown": 0.14, "mouthUpperUp": 0.09},
          {"jaw": 0.45, "round": 0.12, "wide": 0.15, "open": 0.3, "tongue": 0.8}),
    "HH": ({"jawOpen": 0.22, "mouthLowerDown": 0.12},
           {"jaw": 0.3, "round": 0.1, "wide": 0.1, "open": 0.2, "tongue": 0.5}),
    "R": ({"jawOpen": 0.12, "mouthFunnel": 0.36, "mouthPucker": 0.24},
          {"jaw": 0.7, "round": 0.9, "wide": 0.5, "open": 0.5, "tongue": 0.8}),
    "W": ({"jawOpen": 0.05, "mouthPucker": 0.95, "mouthFunnel": 0.22},
          {"jaw": 1.0, "round": 1.7, "wide": 1.0, "open": 0.8, "tongue": 0.8}),
    "M": ({"jawOpen": 0.07, "mouthPress": 0.14, "mouthRollLower": 0.12, "mouthRollUpper": 0.08},
          {"jaw": 0.8, "round": 0.25, "wide": 0.25, "open": 1.5, "tongue": 0.8}),
    SILENCE: ({"jawOpen": 0.015}, {"jaw": 0.8, "round": 0.6, "wide": 0.6, "open": 0.8, "tongue": 1.0}),
}  # fmt: skip
TARGETS["V"] = TARGETS["F"]
TARGETS["B"] = TARGETS["P"] = TARGETS["M"]
TARGETS["Z"] = TARGETS["S"]
TARGETS["ZH"] = TARGETS["CH"] = TARGETS["JH"] = TARGETS["SH"]
TARGETS["DH"] = ({**TARGETS["TH"][0], "tongueOut": 0.24}, TARGETS["TH"][1])
TARGETS["D"] = TARGETS["N"] = TARGETS["T"]
TARGETS["G"] = TARGETS["NG"] = TARGETS["K"]
TARGETS["Y"] = ({**TARGETS["IY"][0], "jawOpen": 0.06}, {**_PLAIN, "jaw": 0.6, "wide": 0.8})
_GLIDES = {  # first target, second target, the place of the turn in the sound
    "AW": ("AA", "UW", 0.55), "AY": ("AA", "IY", 0.55), "EY": ("EH", "IY", 0.5), "OW": ("AO", "UW", 0.5),
    "OY": ("AO", "IY", 0.55),
}  # fmt: skip


def _vector(targets: Mapping[str, float]) -> np.ndarray:
    vector = np.zeros(52)
    for name, value in targets.items():
        for full in (name,) if name in SHAPE else (f"{name}Left", f"{name}Right"):
            vector[SHAPE[full]] = value
    return vector


_GROUP_OF = np.full(52, -1)
for _number, _names in enumerate(GROUPS.values()):
    for _name in _names:
        _GROUP_OF[SHAPE[_name]] = _number
MOVED = _GROUP_OF >= 0  # [52] shapes that speech moves


def _segments(phones: tuple[Phone, ...]) -> list[tuple[str, float, float]]:
    """(target name, start, end): diphthongs are two targets, long vowels and silences stay one."""
    found = []
    for phone in phones:
        if phone.name in _GLIDES:
            first, second, turn = _GLIDES[phone.name]
            middle = phone.start + turn * (phone.end - phone.start)
            found += [(first, phone.start, middle), (second, middle, phone.end)]
        else:
            found.append((phone.name if phone.name in TARGETS else SILENCE, phone.start, phone.end))
    return found


def mouth(phones: tuple[Phone, ...], times: np.ndarray, loudness: np.ndarray, effort: float = 1.0) -> np.ndarray:
    """ARKit shapes of the speaking mouth, [T, 52] float64, at ``times`` (seconds in the recording).

    ``loudness`` [T] (0..1) opens the jaw further, ``effort`` scales how clearly the speaker articulates (1 is plain
    speech, 0.7 mumbles).
    """
    segments = _segments(phones)
    if not segments:
        return np.zeros((len(times), 52))
    starts = np.array([start for _, start, _ in segments])
    ends = np.array([end for _, _, end in segments])
    inset = np.minimum(0.25 * (ends - starts), 0.04)  # the target is held a little short of the sound's ends
    at = times[:, None] + LEAD
    before = np.maximum(starts + inset - at, 0.0)  # [T, P] seconds still to come
    after = np.maximum(at - (ends - inset), 0.0)
    targets = np.stack([_vector(TARGETS[name][0]) for name, _, _ in segments])
    out = np.zeros((len(times), 52))
    for number, group in enumerate(GROUPS):
        pull = np.array([TARGETS[name][1][group] for name, _, _ in segments])
        rise, fall = _FADE[group]
        dominance = pull * np.exp(-rise * before - fall * after)
        dominance /= dominance.sum(axis=1, keepdims=True)
        members = number == _GROUP_OF
        out[:, members] = dominance @ targets[:, members]
    out[:, SHAPE["jawOpen"]] *= effort * (0.66 + 0.46 * loudness)
    for group in ("open", "wide"):
        out[:, [SHAPE[name] for name in GROUPS[group]]] *= (0.6 + 0.4 * effort) * (0.8 + 0.25 * loudness)[:, None]
    return out


def _plateau(times: np.ndarray, phones: list[Phone], lead: float, tail: float, frame: float) -> np.ndarray:
    """[T] 0..1: 1 around the middle of each sound, for at least one frame, eased up before and down after it."""
    amount = np.zeros(len(times))
    for phone in phones:
        middle, length = (phone.start + phone.end) / 2, phone.end - phone.start
        hold = max(0.32 * length, 0.55 * frame)  # seconds each side
        rise = np.clip((times - (middle - hold - lead)) / lead, 0, 1)
        fall = np.clip(((middle + hold + tail) - times) / tail, 0, 1)
        ramp = np.minimum(rise, fall)
        amount = np.maximum(amount, ramp * ramp * (3 - 2 * ramp))
    return amount


def closing(phones: tuple[Phone, ...], times: np.ndarray, frame: float) -> np.ndarray:
    """How far the lips are sealed for M, B and P, [T] 0..1, at ``times`` (seconds as in ``phones``).

    ``frame`` is the length of a frame in seconds: the frame in the middle of each sound shows them closed.
    """
    strong = [phone for phone in phones if phone.name in BILABIALS and phone.end - phone.start > 0.035]
    return _plateau(times, strong, lead=0.070, tail=0.055, frame=frame)


def biting(phones: tuple[Phone, ...], times: np.ndarray, frame: float) -> np.ndarray:
    """How far the lower lip is at the teeth for F and V, [T] 0..1."""
    return _plateau(
        times, [phone for phone in phones if phone.name in LABIODENTALS], lead=0.065, tail=0.055, frame=frame
    )


def bitten(shapes: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The shapes [T, 52] with the lower lip drawn to the upper teeth by ``amount`` [T]."""
    out = np.array(shapes, np.float64)
    pull = {"jawOpen": 0.05, "mouthRollLower": 0.5, "mouthUpperUpLeft": 0.24, "mouthUpperUpRight": 0.24,
            "mouthLowerDownLeft": 0.0, "mouthLowerDownRight": 0.0, "mouthFunnel": 0.04, "mouthClose": 0.0}  # fmt: skip
    for name, target in pull.items():
        column = out[:, SHAPE[name]]
        out[:, SHAPE[name]] = column + 0.9 * amount * (target - column)
    return out


def closures(phones: tuple[Phone, ...], fps: Fraction, at: float = 0.0) -> tuple[int, ...]:
    """The frame at the middle of each M, B, P longer than 50 ms, for lines that start ``at`` seconds into the shot."""
    return tuple(
        int((at + (phone.start + phone.end) / 2) * fps)
        for phone in phones
        if phone.name in BILABIALS and phone.end - phone.start > SHORTEST_SEAL + 1e-9
    )


assert all(name in ARKIT_SHAPES for names in GROUPS.values() for name in names)
