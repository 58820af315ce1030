"""Emotions to faces: action units of the Facial Action Coding System as ARKit shapes.

The sets follow EMFACS (Ekman & Friesen 1983; Ekman, Friesen & Hager, FACS, 2002): joy 6+12, sadness 1+4+15+17, anger
4+5+7+23, fear 1+2+4+5+20, disgust 9+10+15+17, surprise 1+2+5+26, contempt one-sided 12+14. The others are ours, from
what actors do: sarcasm raises one brow and one corner of the mouth, shame bites its lips, fatigue lets the lids hang.
Amounts are those of the MakeHuman face (a full mouthSmile moves the corner 18 mm, a full browInnerUp the brow 5 mm).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from actors.perform.direction import NAMES
from actors.performance import ARKIT_SHAPES, SHAPE

# a name without Left/Right is meant for both sides
FACES: Mapping[str, Mapping[str, float]] = {
    "joy": {"mouthSmile": 0.68, "cheekSquint": 0.50, "eyeSquint": 0.30, "mouthDimple": 0.10, "mouthUpperUp": 0.20,
            "browOuterUp": 0.14, "browInnerUp": 0.12, "jawOpen": 0.09},
    "amusement": {"mouthSmileLeft": 0.56, "mouthSmileRight": 0.42, "mouthDimple": 0.24, "cheekSquint": 0.34,
                  "eyeSquint": 0.26, "browOuterUpLeft": 0.28, "browOuterUpRight": 0.16, "mouthPress": 0.10},
    "tenderness": {"mouthSmile": 0.27, "browInnerUp": 0.62, "cheekSquint": 0.18, "eyeSquint": 0.12, "eyeBlink": 0.08},
    "confidence": {"mouthSmileLeft": 0.24, "mouthSmileRight": 0.14, "browDown": 0.16, "eyeSquint": 0.22,
                   "mouthDimple": 0.18, "mouthPress": 0.10, "eyeBlink": 0.07, "jawForward": 0.08},
    "sarcasm": {"mouthSmileRight": 0.60, "mouthDimpleRight": 0.38, "cheekSquintRight": 0.34, "mouthRight": 0.14,
                "browOuterUpLeft": 0.95, "browInnerUp": 0.12, "browDownRight": 0.50, "eyeSquintRight": 0.24,
                "eyeBlink": 0.11, "mouthUpperUpRight": 0.12},
    "contempt": {"mouthDimpleLeft": 0.72, "mouthSmileLeft": 0.34, "mouthPressLeft": 0.42, "noseSneerLeft": 0.30,
                 "mouthUpperUpLeft": 0.20, "browDown": 0.20, "browOuterUpRight": 0.34, "eyeBlink": 0.16,
                 "mouthShrugLower": 0.15},
    "anger": {"browDown": 0.92, "eyeSquint": 0.34, "eyeWide": 0.42, "noseSneer": 0.42, "mouthPress": 0.46,
              "mouthFrown": 0.28, "jawForward": 0.26, "mouthShrugLower": 0.24, "mouthUpperUp": 0.16},
    "disgust": {"noseSneer": 0.85, "mouthUpperUp": 0.42, "browDown": 0.50, "eyeSquint": 0.40, "mouthFrown": 0.36,
                "mouthShrugLower": 0.36, "cheekSquint": 0.26},
    "fear": {"browInnerUp": 0.95, "browOuterUp": 0.42, "browDown": 0.30, "eyeWide": 0.88, "mouthStretch": 0.58,
             "jawOpen": 0.09, "mouthLowerDown": 0.18},
    "anxiety": {"browInnerUp": 0.72, "browDown": 0.28, "eyeWide": 0.26, "mouthPress": 0.24, "mouthStretch": 0.20,
                "mouthRollLower": 0.18},
    "surprise": {"browInnerUp": 0.92, "browOuterUp": 0.86, "eyeWide": 0.78, "jawOpen": 0.20},
    "sadness": {"browInnerUp": 1.0, "browDown": 0.14, "mouthFrown": 0.80, "mouthShrugLower": 0.36, "eyeSquint": 0.16,
                "eyeBlink": 0.15, "cheekSquint": 0.08, "mouthLowerDown": 0.06},
    "shame": {"browInnerUp": 0.55, "mouthPress": 0.32, "mouthRollLower": 0.30, "mouthRollUpper": 0.10,
              "eyeBlink": 0.17, "mouthFrown": 0.22, "mouthDimple": 0.26},
    "fatigue": {"eyeBlink": 0.34, "browInnerUp": 0.18, "mouthFrown": 0.32, "jawOpen": 0.03, "browDown": 0.10},
    "thoughtfulness": {"browDown": 0.34, "eyeSquint": 0.30, "mouthPress": 0.22, "mouthPucker": 0.12,
                       "browOuterUpLeft": 0.16, "mouthLeft": 0.10},
    "interest": {"browOuterUp": 0.32, "browInnerUp": 0.30, "eyeWide": 0.20, "mouthSmile": 0.07},
}  # fmt: skip

_SIDES = np.array([1 if n.endswith("Left") else -1 if n.endswith("Right") else 0 for n in ARKIT_SHAPES])  # [52]
UPPER = np.array([n.startswith(("eye", "brow", "cheekSquint", "noseSneer")) for n in ARKIT_SHAPES])  # [52]
_LIMIT = np.ones(52)
for _name, _value in {
    "jawOpen": 0.62, "mouthSmile": 0.86, "mouthFrown": 0.95, "mouthPress": 0.65, "mouthStretch": 0.75,
    "mouthDimple": 0.75, "mouthUpperUp": 0.6, "mouthLowerDown": 0.6, "mouthShrugLower": 0.6, "eyeSquint": 0.75,
    "eyeWide": 0.95, "cheekSquint": 0.75, "noseSneer": 0.9, "mouthRollLower": 0.7, "mouthRollUpper": 0.5,
    "jawForward": 0.4, "mouthLeft": 0.35, "mouthRight": 0.35, "mouthFunnel": 0.75,
}.items():  # fmt: skip
    for _full in (_name,) if _name in SHAPE else (f"{_name}Left", f"{_name}Right"):
        _LIMIT[SHAPE[_full]] = _value
# how much of an emotion's shape gives way while the mouth speaks
_YIELDS = np.zeros(52)
for _name, _value in {
    "jawOpen": 0.9, "mouthPress": 0.85, "mouthRollLower": 0.9, "mouthRollUpper": 0.9, "mouthShrugLower": 0.7,
    "mouthPucker": 0.8, "mouthFunnel": 0.8, "mouthFrown": 0.25, "mouthSmile": 0.25, "mouthStretch": 0.4,
    "mouthUpperUp": 0.35, "mouthLowerDown": 0.5, "mouthDimple": 0.3, "mouthLeft": 0.3, "mouthRight": 0.3,
}.items():  # fmt: skip
    for _full in (_name,) if _name in SHAPE else (f"{_name}Left", f"{_name}Right"):
        _YIELDS[SHAPE[_full]] = _value


def _matrix() -> np.ndarray:
    matrix = np.zeros((len(NAMES), 52))
    for emotion, face in FACES.items():
        for name, value in face.items():
            for full in (name,) if name in SHAPE else (f"{name}Left", f"{name}Right"):
                matrix[NAMES.index(emotion), SHAPE[full]] = value
    return matrix


MATRIX = _matrix()  # [E, 52]


def _opposed(shapes: np.ndarray, first: str, second: str, share: float) -> None:
    """Two shapes that pull against each other both lose ``share`` of what they have in common, in place."""
    for side in ("Left", "Right"):
        one, two = SHAPE[first + side], SHAPE[second + side]
        common = share * np.minimum(shapes[:, one], shapes[:, two])
        shapes[:, one] -= common
        shapes[:, two] -= common


def face(weights: np.ndarray, restraint: np.ndarray) -> np.ndarray:
    """The felt face, [T, 52] float64, from emotion weights [T, E] and restraint [T] (0..1).

    Emotions that use one shape add up like overlapping probabilities, so that no mixture grows grotesque. Restraint
    calms the mouth more than the brows, which are hard to command, and presses the lips together.
    """
    each = np.clip(weights[:, :, None] * MATRIX[None], 0.0, 0.98)  # [T, E, 52]
    shapes = 1 - np.prod(1 - each, axis=1)
    held = restraint[:, None]
    shapes *= np.where(UPPER, 1 - 0.32 * held, 1 - 0.50 * held)
    strength = np.clip(weights.max(axis=1), 0, 1) * restraint
    for name, amount in {"mouthPressLeft": 0.20, "mouthPressRight": 0.20, "mouthRollLower": 0.10}.items():
        shapes[:, SHAPE[name]] += amount * strength
    _opposed(shapes, "mouthSmile", "mouthFrown", 0.6)
    _opposed(shapes, "browDown", "browOuterUp", 0.5)
    return np.minimum(shapes, _LIMIT)


def uneven(shapes: np.ndarray, lean: float, drift: np.ndarray) -> np.ndarray:
    """The shapes [T, 52] stronger on one side, as every face is: ``lean`` and ``drift`` [T] in -1..1, positive left."""
    amount = 0.09 * lean + 0.04 * drift
    return shapes * (1 + amount[:, None] * _SIDES[None])


def with_speech(felt: np.ndarray, spoken: np.ndarray, talk: np.ndarray) -> np.ndarray:
    """Felt and speaking face together, [T, 52]: ``talk`` [T] (0..1) says how much of the mouth belongs to speech."""
    rounded = np.clip(spoken[:, SHAPE["mouthPucker"]] + 0.7 * spoken[:, SHAPE["mouthFunnel"]], 0, 1)
    mine = felt * (1 - talk[:, None] * _YIELDS[None])
    corners = [SHAPE[n + s] for n in ("mouthSmile", "mouthStretch", "mouthDimple") for s in ("Left", "Right")]
    mine[:, corners] *= (1 - 0.5 * rounded)[:, None]  # lips cannot be round and wide at once
    return np.minimum(1 - (1 - np.clip(mine, 0, 1)) * (1 - np.clip(spoken, 0, 1)), _LIMIT)
