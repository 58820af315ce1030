"""Solid noise in the neutral position: the same value for the same place and seed on every machine."""

from __future__ import annotations

import numpy as np

_PRIMES = (np.uint32(0x8DA6B343), np.uint32(0xD8163841), np.uint32(0xCB1AB31F))


def value(points: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Smooth noise [n], about -1..1 with mean 0, of features ``size`` metres across at ``points`` [n, 3] (metres).

    Random values on a lattice, turned off the axes, blended by quintic weights (Perlin, "Improving noise", 2002).
    """
    place = np.asarray(points, np.float64) @ _TURN / size + 1000.0
    corner = np.floor(place)
    part = place - corner
    weight = part * part * part * (part * (part * 6.0 - 15.0) + 10.0)
    corner = corner.astype(np.int64)
    out = np.zeros(len(place))
    for step in range(8):
        offset = np.array([step & 1, step >> 1 & 1, step >> 2 & 1])
        share = np.where(offset, weight, 1.0 - weight).prod(1)
        out += share * (_hashed(corner + offset, seed) * 2.0 - 1.0)
    return out * 1.6  # a blend of corners is tamer than a corner


def fractal(points: np.ndarray, size: float, seed: int, octaves: int = 3, gain: float = 0.5) -> np.ndarray:
    """Noise [n] of several scales, about -1..1: ``size`` metres and each octave half of the one before."""
    total, weight = np.zeros(len(points)), 1.0
    for octave in range(octaves):
        total += weight * value(points, size / 2**octave, seed + 101 * octave)
        weight *= gain
    return total * (1 - gain) / (1 - gain**octaves) * 1.3


def spots(points: np.ndarray, spacing: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Distance [n] in metres to the nearest of random centres about ``spacing`` metres apart, and its number 0..1 [n].

    One centre to a cell of the lattice, after Worley, "A cellular texture basis function" (1996).
    """
    place = np.asarray(points, np.float64) @ _TURN / spacing + 1000.0
    corner = np.floor(place).astype(np.int64)
    nearest, number = np.full(len(place), 9.0), np.zeros(len(place))
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for dz in (-1, 0, 1):
                cell = corner + np.array([dx, dy, dz])
                centre = cell + np.stack([_hashed(cell, seed + 1 + axis) for axis in range(3)], 1)
                far = np.linalg.norm(place - centre, axis=1)
                closer = far < nearest
                nearest = np.where(closer, far, nearest)
                number = np.where(closer, _hashed(cell, seed + 4), number)
    return nearest * spacing, number


def smooth(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, without a corner between; ``low`` may be the larger to fall instead."""
    t = np.clip((np.asarray(x, np.float64) - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _hashed(cell: np.ndarray, seed: int) -> np.ndarray:
    """0..1 [n] for integer lattice places ``cell`` [n, 3]; the mixer is lowbias32 of Wellons (2018)."""
    key = np.full(len(cell), (seed * 0x9E3779B1 + 0x7F4A7C15) & 0xFFFFFFFF, np.uint32)
    for axis in range(3):
        key ^= cell[:, axis].astype(np.uint32) * _PRIMES[axis]
        key ^= key >> np.uint32(16)
        key *= np.uint32(0x7FEB352D)
        key ^= key >> np.uint32(15)
        key *= np.uint32(0x846CA68B)
        key ^= key >> np.uint32(16)
    return key.astype(np.float64) / 4294967296.0


def _turn() -> np.ndarray:
    """A rotation [3, 3] that keeps the lattice off the axes of the face."""
    a, b = 0.61, 0.83
    one = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    two = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return one @ two


_TURN = _turn()
