"""Whether lips close where speech closes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np


def inner_gap(landmarks: Mapping[str, np.ndarray]) -> float:
    """Metres between the inner edges of the lips in the middle of the mouth; negative where they press together."""
    upper, lower = np.asarray(landmarks["upper_lip"]), np.asarray(landmarks["lower_lip"])
    up = (np.asarray(landmarks["left_eye"]) + np.asarray(landmarks["right_eye"])) / 2 - np.asarray(landmarks["chin"])
    return float((upper - lower) @ (up / np.linalg.norm(up)))


def widest_gap(poses: Iterable[Mapping[str, np.ndarray]], rest: Mapping[str, np.ndarray]) -> float | None:
    """Millimetres that the lips of any of ``poses`` are further apart than at ``rest``; None without poses."""
    closed = inner_gap(rest)
    gaps = [1e3 * (inner_gap(pose) - closed) for pose in poses]
    return max(gaps) if gaps else None
