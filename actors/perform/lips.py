"""How far apart the lips are, and how to close them: the one place that knows the geometry of the mouth.

The shapes are linear, so the gap between the inner lips at the middle of the mouth is a linear function of them. The
factors are those of the ARKit shapes of the MakeHuman face that every performer is made from, measured between its
inner lip points.
"""

from __future__ import annotations

import numpy as np

from actors.performance import SHAPE

NEUTRAL_GAP = 0.2  # mm
_FACTORS = {  # mm of gap per unit of the shape
    "jawOpen": 34.2, "mouthClose": -34.2, "jawForward": 1.4, "mouthFunnel": 13.2, "mouthPucker": -1.2,
    "mouthLeft": -1.1, "mouthRight": -1.1, "mouthSmileLeft": -1.5, "mouthSmileRight": -1.5, "mouthRollLower": -3.2,
    "mouthRollUpper": -2.8, "mouthShrugLower": -5.0, "mouthShrugUpper": 4.1, "mouthPressLeft": -1.3,
    "mouthPressRight": -1.3, "mouthLowerDownLeft": 1.9, "mouthLowerDownRight": 1.9, "mouthUpperUpLeft": 2.4,
    "mouthUpperUpRight": 2.4, "cheekPuff": -1.2, "mouthFrownLeft": 0.1, "mouthFrownRight": 0.1,
    "mouthDimpleLeft": 0.1, "mouthDimpleRight": 0.2, "mouthStretchLeft": 0.2, "mouthStretchRight": 0.2,
    "noseSneerLeft": 0.1, "noseSneerRight": 0.1,
}  # fmt: skip
GAP = np.zeros(52)
for _name, _factor in _FACTORS.items():
    GAP[SHAPE[_name]] = _factor
_JAW, _CLOSE = SHAPE["jawOpen"], SHAPE["mouthClose"]
_PARTS = [SHAPE[name] for name in ("mouthFunnel", "mouthShrugUpper", "mouthLowerDownLeft", "mouthLowerDownRight",
                                   "mouthUpperUpLeft", "mouthUpperUpRight", "jawForward", "tongueOut")]  # fmt: skip
_PRESSED = -0.7  # mm; soft lips that touch are a little flattened
_DEEPEST = -0.9  # mm; further in they would cut through each other


def gap(shapes: np.ndarray) -> np.ndarray:
    """Distance of the inner lips in mm, [...] from shapes [..., 52]; negative where they press into each other."""
    return NEUTRAL_GAP + shapes @ GAP


def sealed(shapes: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The shapes [F, 52] with the lips closed by ``amount`` [F]: 1 seals them completely, 0 changes nothing.

    What parts the lips is taken back, the jaw comes up, and mouthClose makes up for what the jaw leaves open, as
    ARKit means it.
    """
    out = np.array(shapes, np.float64)
    out[:, _PARTS] *= (1 - 0.85 * amount)[:, None]
    jaw = out[:, _JAW]
    out[:, _JAW] = jaw + amount * (np.minimum(jaw, 0.05 + 0.25 * jaw) - jaw)
    needed = out[:, _CLOSE] + (gap(out) - _PRESSED) / -GAP[_CLOSE]
    out[:, _CLOSE] += amount * (np.clip(needed, 0.0, 1.0) - out[:, _CLOSE])
    rest = np.maximum(gap(out) - _PRESSED, 0.0) * (amount >= 0.999)  # mouthClose at its end: the jaw closes the rest
    out[:, _JAW] = np.maximum(out[:, _JAW] - rest / GAP[_JAW], 0.0)
    return out


def uncrossed(shapes: np.ndarray) -> np.ndarray:
    """The shapes [F, 52] with the jaw lowered behind the lips wherever they would cut through each other."""
    out = np.array(shapes, np.float64)
    depth = np.maximum(_DEEPEST - gap(out), 0.0)
    less = np.minimum(depth / -GAP[_CLOSE], out[:, _CLOSE])  # first close less,
    out[:, _CLOSE] -= less
    out[:, _JAW] += (depth + less * GAP[_CLOSE]) / GAP[_JAW]  # then open more
    return out
