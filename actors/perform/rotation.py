"""Rotation vectors and matrices, vectorised over frames; radians, right-handed."""

from __future__ import annotations

import numpy as np


def matrix(vector: np.ndarray) -> np.ndarray:
    """Rotation matrices [..., 3, 3] of rotation vectors [..., 3], by Rodrigues' formula."""
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(np.asarray(vector, np.float64), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([np.stack([zero, -z, y], -1), np.stack([z, zero, -x], -1), np.stack([-y, x, zero], -1)], -2)
    small = angle < 1e-6
    safe = np.where(small, 1.0, angle)
    sine = np.where(small, 1.0, np.sin(safe) / safe)
    cosine = np.where(small, 0.5, (1 - np.cos(safe)) / safe**2)
    return np.eye(3) + sine * cross + cosine * (cross @ cross)


def vector(rotation: np.ndarray) -> np.ndarray:
    """Rotation vectors [..., 3] of rotation matrices [..., 3, 3], for angles below 180 degrees."""
    axis = np.stack(
        [
            rotation[..., 2, 1] - rotation[..., 1, 2],
            rotation[..., 0, 2] - rotation[..., 2, 0],
            rotation[..., 1, 0] - rotation[..., 0, 1],
        ],
        axis=-1,
    )
    sine = np.linalg.norm(axis, axis=-1)
    angle = np.arctan2(sine, np.trace(rotation, axis1=-2, axis2=-1) - 1)
    scale = np.where(sine < 1e-9, 0.5, angle / np.where(sine < 1e-9, 1.0, sine))
    return axis * scale[..., None]


def direction(yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Unit vectors [..., 3]: yaw positive to the performer's left (+X), pitch positive up, zero faces +Z."""
    return np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=-1)


def angles(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(yaw, pitch) of unit vectors [..., 3]."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.arctan2(x, z), np.arcsin(np.clip(y, -1, 1))


def facing(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Rotation vectors [..., 3] of a head turned left by yaw, raised by pitch, then tilted by roll to its right."""
    zero = np.zeros_like(yaw)
    turned = matrix(np.stack([zero, yaw, zero], -1)) @ matrix(np.stack([-pitch, zero, zero], -1))
    return vector(turned @ matrix(np.stack([zero, zero, roll], -1)))
