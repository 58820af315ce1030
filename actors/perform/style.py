"""Emotions to body style: how one stands, moves, looks, blinks and breathes under them."""

from __future__ import annotations

import numpy as np

from actors.perform.direction import NAMES

# what a trait is without any emotion, and its limits
TRAITS: dict[str, tuple[float, float, float]] = {
    "head_pitch": (0.0, -0.20, 0.24),  # radians, positive bows the head
    "head_roll": (0.0, -0.16, 0.16),  # radians, size of the tilt
    "torso_pitch": (0.0, -0.08, 0.12),  # radians, positive leans forward
    "shoulders": (0.0, -0.10, 0.18),  # radians, positive raises both
    "tempo": (1.0, 0.55, 1.6),  # speed of everything
    "gesture": (1.0, 0.35, 1.9),  # size of nods and other accents
    "aversion": (0.18, 0.02, 0.9),  # how readily the eyes leave the partner
    "down": (0.4, 0.0, 1.0),  # whether they then go down (1) or aside (0)
    "blinks": (0.30, 0.08, 0.75),  # per second, apart from those with gaze shifts and pauses
    "breaths": (0.24, 0.16, 0.5),  # per second
    "depth": (1.0, 0.6, 2.2),  # of breath
    "sway": (1.0, 0.4, 2.0),
    "tremor": (0.0, 0.0, 1.0),
    "effort": (1.0, 0.62, 1.28),  # clarity of articulation
}
NUMBER = {name: index for index, name in enumerate(TRAITS)}

_CHANGES: dict[str, dict[str, float]] = {
    "joy": {"head_pitch": -0.035, "head_roll": 0.03, "shoulders": 0.02, "tempo": 0.2, "gesture": 0.4, "sway": 0.3,
            "effort": 0.12, "aversion": -0.05},
    "amusement": {"head_pitch": -0.02, "head_roll": 0.06, "tempo": 0.12, "gesture": 0.35, "sway": 0.25,
                  "aversion": 0.06, "down": 0.1, "depth": 0.2},
    "tenderness": {"head_pitch": 0.025, "head_roll": 0.095, "torso_pitch": 0.02, "tempo": -0.15, "gesture": -0.2,
                   "aversion": -0.06, "blinks": -0.05, "effort": -0.06},
    "confidence": {"head_pitch": -0.075, "torso_pitch": -0.02, "shoulders": -0.03, "tempo": -0.02, "gesture": 0.15,
                   "aversion": -0.13, "blinks": -0.12, "sway": -0.2, "effort": 0.06, "depth": 0.1},
    "sarcasm": {"head_pitch": -0.03, "head_roll": 0.085, "gesture": 0.2, "aversion": 0.1, "down": -0.4, "blinks": -0.06,
                "effort": 0.05},
    "contempt": {"head_pitch": -0.10, "head_roll": 0.045, "torso_pitch": -0.025, "tempo": -0.1, "gesture": -0.1,
                 "aversion": 0.08, "down": -0.35, "blinks": -0.1},
    "anger": {"head_pitch": 0.06, "torso_pitch": 0.055, "shoulders": 0.06, "tempo": 0.35, "gesture": 0.7,
              "blinks": -0.2, "breaths": 0.16, "depth": 0.7, "sway": 0.3, "tremor": 0.25,
              "effort": 0.22, "aversion": -0.16},
    "disgust": {"head_pitch": -0.04, "head_roll": 0.05, "torso_pitch": -0.05, "shoulders": 0.03, "aversion": 0.25,
                "down": -0.2},
    "fear": {"head_pitch": -0.02, "torso_pitch": -0.05, "shoulders": 0.13, "tempo": 0.35, "breaths": 0.22, "depth": 0.4,
             "blinks": 0.05, "tremor": 0.7, "aversion": 0.1, "down": -0.2, "gesture": -0.2},
    "anxiety": {"head_pitch": 0.02, "shoulders": 0.07, "tempo": 0.25, "breaths": 0.12, "blinks": 0.25, "sway": 0.5,
                "tremor": 0.35, "aversion": 0.28, "gesture": -0.1},
    "surprise": {"head_pitch": -0.06, "torso_pitch": -0.035, "shoulders": 0.05, "tempo": 0.2, "depth": 0.6,
                 "blinks": -0.12, "aversion": -0.14, "gesture": 0.2},
    "sadness": {"head_pitch": 0.115, "head_roll": 0.045, "torso_pitch": 0.045, "shoulders": -0.04, "tempo": -0.35,
                "gesture": -0.45, "aversion": 0.30, "down": 0.45, "blinks": 0.06, "breaths": -0.04, "depth": 0.35,
                "sway": -0.3, "effort": -0.18, "tremor": 0.12},
    "shame": {"head_pitch": 0.13, "head_roll": 0.05, "torso_pitch": 0.03, "shoulders": 0.05, "tempo": -0.05,
              "gesture": -0.35, "aversion": 0.5, "down": 0.45, "blinks": 0.18, "effort": -0.12},
    "fatigue": {"head_pitch": 0.085, "head_roll": 0.06, "torso_pitch": 0.05, "shoulders": -0.05, "tempo": -0.4,
                "gesture": -0.5, "blinks": 0.02, "breaths": -0.05, "depth": 0.4, "effort": -0.25, "aversion": 0.15},
    "thoughtfulness": {"head_pitch": -0.01, "head_roll": 0.06, "tempo": -0.2, "gesture": -0.2, "aversion": 0.4,
                       "down": -0.25, "blinks": -0.08, "effort": -0.04},
    "interest": {"head_pitch": 0.01, "head_roll": 0.05, "torso_pitch": 0.035, "gesture": 0.15, "aversion": -0.12,
                 "blinks": -0.05},
}  # fmt: skip
_MATRIX = np.zeros((len(NAMES), len(TRAITS)))
for _emotion, _traits in _CHANGES.items():
    for _trait, _value in _traits.items():
        _MATRIX[NAMES.index(_emotion), NUMBER[_trait]] = _value
_BASE, _LOW, _HIGH = np.array(list(TRAITS.values())).T


class Style:
    """The traits over time, [T] each, as attributes named in TRAITS."""

    def __init__(self, weights: np.ndarray, restraint: np.ndarray) -> None:
        """From emotion weights [T, E] and restraint [T]; restraint makes every gesture smaller."""
        values = _BASE + weights @ _MATRIX
        values[:, NUMBER["gesture"]] *= 1 - 0.5 * restraint
        values[:, NUMBER["sway"]] *= 1 - 0.4 * restraint
        values[:, NUMBER["shoulders"]] += 0.03 * restraint
        values[:, NUMBER["effort"]] -= 0.08 * restraint
        self._values = np.clip(values, _LOW, _HIGH)

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            return self._values[:, NUMBER[name]]
        except KeyError:
            raise AttributeError(name) from None

    def mean(self, name: str) -> float:
        return float(self._values[:, NUMBER[name]].mean())
