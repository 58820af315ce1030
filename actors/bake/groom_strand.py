"""Strands: grown over the head step by step, gathered into locks, and cut into elongated Gaussians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from actors.bake.bind import Splats
from actors.bake.groom_head import Head, Spots, unit

HAIR = 6  # actors.body.material

Field = Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]  # (points, heading, outward, part) -> heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """The colour of hair, linear Rec.709 albedo."""

    root: tuple[float, float, float]
    tip: tuple[float, float, float]
    grey: tuple[float, float, float] = (0.42, 0.41, 0.40)
    greying: float = 0.0  # part of the strands that are grey
    spread: float = 0.22  # standard deviation of brightness from strand to strand, natural log
    lock_spread: float = 0.18  # the same from lock to lock


def grow(
    head: Head,
    roots: Spots,
    heading: np.ndarray,
    length: np.ndarray,
    clearance: np.ndarray,
    field: Field,
    steps: int,
    supple: float = 0.35,
    swell: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Strands [n, steps + 1, 3] that leave ``roots`` along ``heading`` [n, 3] and turn towards ``field``.

    ``clearance`` [n] metres: how far above the skin a strand's own layer lies once it has left the root; no point
    comes nearer than that part of it which it has reached. ``supple``: part of the turn made in one step.
    ``swell``: metres [n] added to the clearance at points [n, 3], where something stands off the skin.
    """
    point = roots.position - roots.normal * 0.0008
    heading = unit(heading)
    points = [point]
    step = (length / steps)[:, None]
    for k in range(1, steps + 1):
        part = k / steps
        distance, below = head.nearest(point)
        layer = clearance if swell is None else clearance + swell(point)
        wanted = unit(field(point, heading, below.normal, part))
        # A strand under its layer rises towards it, one above it settles.
        wanted = unit(wanted + below.normal * np.clip((layer - distance) / 0.012, -0.5, 0.8)[:, None])
        heading = unit(heading + supple * (wanted - heading))
        point = point + heading * step
        layer = clearance if swell is None else clearance + swell(point)
        least = layer * min(1.0, 0.25 + k / 5)
        point = push_out(head, point, least)
        points.append(point)
    strands = np.stack(points, 1)
    for _ in range(3):  # hair has no kinks where it was pushed
        strands[:, 2:-1] = 0.5 * strands[:, 2:-1] + 0.25 * (strands[:, 1:-2] + strands[:, 3:])
    return strands


def push_out(head: Head, points: np.ndarray, clearance: np.ndarray | float) -> np.ndarray:
    """``points`` [n, 3] moved along the skin's normal to at least ``clearance`` metres from it."""
    for _ in range(2):
        distance, below = head.nearest(points)
        points = points + below.normal * np.maximum(clearance - distance, 0.0)[:, None]
    return points


def across(strands: np.ndarray, head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors [n, k, 3] at right angles to each point of ``strands``: along the head, and away from it."""
    along = unit(np.gradient(strands, axis=1))
    outward = unit(strands - head.centre)
    side = unit(np.cross(along, outward))
    return side, np.cross(side, along)


def lengths(strands: np.ndarray) -> np.ndarray:
    """[n, k] arc length from the root."""
    steps = np.linalg.norm(np.diff(strands, axis=1), axis=2)
    return np.concatenate([np.zeros((len(strands), 1)), np.cumsum(steps, axis=1)], axis=1)


def gather(strands: np.ndarray, lock: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Draw each strand towards strand ``lock`` [n] of the same set by ``strength`` [n or 1, k] (0: free, 1: one)."""
    return strands + strength[..., None] * (strands[lock] - strands)


def locks(roots: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """[n] for every root the index of the strand that leads its lock; ``count`` leaders."""
    from scipy.spatial import cKDTree

    leaders = rng.choice(len(roots), min(count, len(roots)), replace=False)
    jitter = rng.normal(0, 0.0025, roots.shape)
    return leaders[cKDTree(roots[leaders]).query(roots + jitter)[1]]


def wave(strands, head, lock, *, amplitude, period, rng, spread=0.25, rise=0.3, phase=None):
    """Bend ``strands`` into waves that a lock shares: ``amplitude`` and ``period`` in metres, growing over ``rise``."""
    side, out = across(strands, head)
    s = lengths(strands)
    count = len(strands)
    shared = (rng.uniform(0, 2 * np.pi, count) if phase is None else phase)[lock]
    shift = shared + rng.normal(0, spread, count)
    stretch = (1 + 0.18 * rng.normal(size=count))[lock] * (1 + 0.05 * rng.normal(size=count))
    angle = 2 * np.pi * s / (period * stretch[:, None]) + shift[:, None]
    total = s[:, -1:]
    size = amplitude * np.clip(s / (rise * total + 1e-6), 0, 1) * (1 + 0.2 * rng.normal(size=count))[lock][:, None]
    return strands + size[..., None] * (np.sin(angle)[..., None] * side + 0.6 * np.cos(angle)[..., None] * out)


def cut(
    strands: np.ndarray,
    length: np.ndarray,
    triangle: np.ndarray,
    *,
    piece: float,
    radius: float | np.ndarray,
    opacity: float | np.ndarray,
    taper: float = 0.55,
    colour: np.ndarray,
    tip_colour: np.ndarray,
    roughness: float = 0.4,
    fade: float = 0.35,
) -> Splats:
    """Splats of ``strands`` [n, k, 3] as far as ``length`` [n] metres of each, in pieces of about ``piece`` metres.

    ``radius`` (standard deviation, metres) shrinks to ``taper`` of itself at the tip and the opacity to ``fade``.
    ``colour``, ``tip_colour`` [n, 3].
    """
    s = lengths(strands)
    length = np.minimum(length, s[:, -1])
    count = np.maximum(1, np.ceil(length / piece)).astype(int)
    strand = np.repeat(np.arange(len(strands)), count)
    first = np.cumsum(count) - count
    index = np.arange(len(strand)) - first[strand]
    low, high = index / count[strand], (index + 1) / count[strand]
    a, b = _at(strands, s, strand, low * length[strand]), _at(strands, s, strand, high * length[strand])
    along = b - a
    size = np.linalg.norm(along, axis=1)
    keep = size > 1e-6
    part = (low + high) / 2
    one = np.ones(len(strands))
    thin = (radius * one)[strand] * (1 - (1 - taper) * part**2)
    solid = (opacity * one)[strand] * (1 - (1 - fade) * part**4)
    mix = part[:, None] ** 1.3
    tangent = unit(along)
    splats = Splats(
        triangle=triangle[strand].astype(np.int32),
        position=((a + b) / 2).astype(np.float32),
        quat=turn_to(tangent).astype(np.float32),
        scale=np.stack([size * 0.52, thin, thin], 1).astype(np.float32),
        opacity=solid.astype(np.float32),
        albedo=(colour[strand] * (1 - mix) + tip_colour[strand] * mix).astype(np.float32),
        roughness=np.full(len(strand), roughness, np.float32),
        normal=tangent.astype(np.float32),
        material=np.full(len(strand), HAIR, np.uint8),
        loose=np.ones(len(strand), bool),
    )
    return taken(splats, keep)


def _at(strands: np.ndarray, s: np.ndarray, strand: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Points [m, 3] at arc length ``where`` [m] of strand ``strand`` [m]."""
    behind = np.minimum((s[strand] <= where[:, None]).sum(1) - 1, s.shape[1] - 2)
    start, end = s[strand, behind], s[strand, behind + 1]
    t = np.clip((where - start) / np.maximum(end - start, 1e-9), 0, 1)[:, None]
    return strands[strand, behind] * (1 - t) + strands[strand, behind + 1] * t


def turn_to(axis: np.ndarray) -> np.ndarray:
    """Quaternions [n, 4] wxyz that turn +X to the unit ``axis`` [n, 3]."""
    x, y, z = axis.T
    quat = np.stack([1 + x, np.zeros_like(x), -z, y], 1)
    flipped = x < -0.9999
    quat[flipped] = [0, 0, 0, 1]
    return quat / np.linalg.norm(quat, axis=1, keepdims=True)


def paint(paint: Paint, lock: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Root and tip colours [n, 3] of strands that belong to ``lock`` [n]."""
    count = len(lock)
    bright = np.exp(rng.normal(0, paint.spread, count) + rng.normal(0, paint.lock_spread, count)[lock])
    warm = rng.normal(0, 0.05, count)[lock] + rng.normal(0, 0.03, count)
    tint = np.stack([1 + warm, np.ones(count), 1 - warm], 1) * bright[:, None]
    root, tip = tint * paint.root, tint * paint.tip
    grey = (rng.random(count) < paint.greying)[:, None]
    white = np.asarray(paint.grey) * np.exp(rng.normal(0, 0.15, count))[:, None]
    return np.where(grey, white, root), np.where(grey, white, tip)


def taken(splats: Splats, which: np.ndarray) -> Splats:
    """Those of ``splats`` that ``which`` picks."""
    return Splats(**{name: getattr(splats, name)[which] for name in FIELDS})


def joined(parts: list[Splats]) -> Splats:
    """All of ``parts``, in order."""
    return Splats(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS})


FIELDS = ("triangle", "position", "quat", "scale", "opacity", "albedo", "roughness", "normal", "material", "loose")
