"""Rotations, sizes and colours in a few bytes each, and back."""

from __future__ import annotations

import numpy as np

SMALLEST = np.log(1e-5)  # ln of the smallest scale kept: 10 micrometres, or 1e-5 of a triangle
LARGEST = np.log(2.0)
QUAT_BITS = 10  # per component of the smallest three


def pack_quats(quats: np.ndarray) -> np.ndarray:
    """wxyz [n, 4] as [n] uint32: which component is largest in the two top bits, then the other three, 10 bits each."""
    q = np.asarray(quats, np.float64)
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    largest = np.argmax(np.abs(q), 1)
    rows = np.arange(len(q))
    q = q * np.where(q[rows, largest] < 0, -1, 1)[:, None]
    rest = q[rows[:, None], _OTHERS[largest]]
    steps = (1 << QUAT_BITS) - 1
    code = np.rint((rest * np.sqrt(0.5) + 0.5) * steps).astype(np.uint32)
    return largest.astype(np.uint32) << 30 | code[:, 0] << 20 | code[:, 1] << 10 | code[:, 2]


def unpack_quats(packed: np.ndarray) -> np.ndarray:
    """Unit wxyz [n, 4] float32; any 32 bits give a rotation."""
    steps = (1 << QUAT_BITS) - 1
    code = np.stack([packed >> 20 & steps, packed >> 10 & steps, packed & steps], 1)
    rest = (code / steps - 0.5) / np.sqrt(0.5)
    largest = (packed >> 30).astype(np.int64)
    q = np.zeros((len(packed), 4))
    rows = np.arange(len(q))
    q[rows[:, None], _OTHERS[largest]] = rest
    q[rows, largest] = np.sqrt(np.maximum(1 - (rest**2).sum(1), 0))
    return (q / np.linalg.norm(q, axis=1, keepdims=True)).astype(np.float32)


_OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])


def pack_scales(scales: np.ndarray) -> np.ndarray:
    """Positive numbers as uint8 steps of 4.9 % between 1e-5 and 2."""
    steps = (np.log(np.maximum(scales, 1e-12)) - SMALLEST) / (LARGEST - SMALLEST) * 255
    return np.clip(np.rint(steps), 0, 255).astype(np.uint8)


def unpack_scales(code: np.ndarray) -> np.ndarray:
    """float32 of ``pack_scales``."""
    return np.exp(SMALLEST + np.arange(256) / 255 * (LARGEST - SMALLEST)).astype(np.float32)[code]


def pack_unit(values: np.ndarray) -> np.ndarray:
    """0..1 as uint8."""
    return np.clip(np.rint(np.asarray(values, np.float64) * 255), 0, 255).astype(np.uint8)


def unpack_unit(code: np.ndarray) -> np.ndarray:
    """float32 of ``pack_unit``."""
    return (np.arange(256) / 255).astype(np.float32)[code]


def pack_colour(linear: np.ndarray) -> np.ndarray:
    """Linear Rec.709 0..1 as uint8 through the sRGB curve (IEC 61966-2-1)."""
    x = np.clip(np.asarray(linear, np.float64), 0, 1)
    return pack_unit(np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055))


def unpack_colour(code: np.ndarray) -> np.ndarray:
    """Linear float32 of ``pack_colour``."""
    x = np.arange(256) / 255
    table = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return table.astype(np.float32)[code]


def step_of(values: np.ndarray) -> float:
    """The int16 step that holds all ``values``."""
    return float(max(np.abs(values).max(initial=0.0), 1e-9) / 32767)
