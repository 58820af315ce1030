"""Curves over time: smooth steps, smoothing and band-limited noise; all times in seconds."""

from __future__ import annotations

import numpy as np


def smoothstep(x: np.ndarray) -> np.ndarray:
    """0 before 0, 1 after 1, flat at both."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def minimum_jerk(x: np.ndarray) -> np.ndarray:
    """The smoothest reach from 0 to 1 (Flash & Hogan 1985); its peak speed is 1.875."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10 - 15 * x + 6 * x * x)


def settling(elapsed: np.ndarray, constant: float | np.ndarray) -> np.ndarray:
    """A critically damped step: 0 until it starts, then 1 after about five time constants, without overshoot."""
    x = np.maximum(elapsed, 0.0) / constant
    return 1 - (1 + x) * np.exp(-x)


def pulse(times: np.ndarray, at: float, rise: float, hold: float, fall: float) -> np.ndarray:
    """0 to 1 over ``rise``, held, back over ``fall``; reaches 1 at ``at``."""
    return smoothstep((times - at + rise) / rise) * (1 - smoothstep((times - at - hold) / fall))


def smoothed(values: np.ndarray, step: float, sigma: float) -> np.ndarray:
    """Gaussian smoothing along the first axis; ``step`` seconds between samples, ends held."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, sigma / step, axis=0, mode="nearest", truncate=3.0)


def noise(rng: np.random.Generator, times: np.ndarray, low: float, high: float, waves: int = 7) -> np.ndarray:
    """A smooth wander of unit variance with frequencies low..high (Hz), [T]."""
    frequency = low * (high / low) ** ((np.arange(waves) + rng.random(waves)) / waves)
    phase = rng.uniform(0, 2 * np.pi, waves)
    amplitude = frequency**-0.5
    amplitude *= np.sqrt(2 / np.sum(amplitude**2))
    return np.sin(2 * np.pi * times[:, None] * frequency + phase) @ amplitude
