"""Repairs of the coarse mesh: creases smoothed out of the expressions, lips brought together at rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actors.bake.regions import texture
from actors.body.subdivide import Stencil
from actors.performance import SHAPE

OVERLAP = 0.00015  # metres that closed lips press into one another
SEAL_ROUNDS = 4


def fine_features(uv: np.ndarray, deltas: np.ndarray, data: Path) -> np.ndarray:
    """[V] bool: lips, mouth and lids, whose creases are meant."""
    creased = texture(data, "lips", uv) + texture(data, "inside-mouth", uv) + texture(data, "eyelids", uv)
    blink = np.linalg.norm(deltas[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]], axis=2).max(0)
    return (creased > 0.1) | (blink > 0.15 * blink.max())


def smoothed(deltas: np.ndarray, quads: np.ndarray, where: np.ndarray, rounds: int = 3) -> np.ndarray:
    """Displacements [52, V, 3] averaged with their neighbours' where ``where`` [V]."""
    ends = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
    ends = np.unique(np.concatenate([ends, ends[:, ::-1]]), axis=0)
    start = np.searchsorted(ends[:, 0], np.arange(deltas.shape[1]))
    degree = np.bincount(ends[:, 0], minlength=deltas.shape[1])
    result = deltas.astype(np.float64)
    for _ in range(rounds):
        mean = np.add.reduceat(result[:, ends[:, 1]], start, axis=1) / degree[:, None]
        result[:, where] = 0.45 * result[:, where] + 0.55 * mean[:, where]
    return result


def lip_gap(fine: np.ndarray, low: np.ndarray, mouth: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gap in metres between the lips and height of its middle, at each sideways place ``at`` (metres).

    ``low`` [V] is 1 on what moves with the jaw, 0 above; ``mouth`` [V] bool are lips and the inside near them.
    """
    gap, height = np.zeros(len(at)), np.zeros(len(at))
    front = np.full(len(at), 0.0)
    for i, x in enumerate(at):
        near = mouth & (np.abs(fine[:, 0] - x) < 0.0022)
        upper, lower = near & (low < 0.35), near & (low > 0.65)
        if not upper.any() or not lower.any():
            gap[i] = np.nan
            continue
        front[i] = min(fine[upper, 2].max(), fine[lower, 2].max())
        upper &= fine[:, 2] > front[i] - 0.012
        lower &= fine[:, 2] > front[i] - 0.012
        top, bottom = fine[upper, 1].min(), fine[lower, 1].max()
        gap[i], height[i] = top - bottom, (top + bottom) / 2
    good = ~np.isnan(gap)
    return np.interp(at, at[good], gap[good]), np.interp(at, at[good], height[good])


def sealed(
    neutral: np.ndarray, deltas: np.ndarray, uv: np.ndarray, skin: np.ndarray, steps: Stencil, data: Path
) -> np.ndarray:
    """Coarse vertices [Vc, 3] with the lips just touching along their whole width."""
    lips = texture(data, "lips", uv)
    inside = texture(data, "inside-mouth", uv)
    middle = np.median(neutral[skin & (lips > 0.5)], axis=0)
    near = skin & (np.abs(neutral - middle) < (0.05, 0.03, 0.04)).all(1)
    jaw = np.linalg.norm(deltas[SHAPE["jawOpen"]], axis=1)
    share = np.clip((jaw / jaw[near & (lips > 0.5)].max() - 0.15) / 0.4, 0, 1)
    fine_mouth = (steps.apply(np.where(near, np.maximum(lips, inside), 0)) > 0.3) & (steps.apply(near * 1.0) > 0.99)
    fine_share = steps.apply(share)
    wide = np.abs(neutral[near & (lips > 0.5), 0] - middle[0]).max()
    at = middle[0] + np.linspace(-0.92, 0.92, 41) * wide
    result = neutral.copy()
    for _ in range(SEAL_ROUNDS):
        gap, height = lip_gap(steps.apply(result), fine_share, fine_mouth, at)
        kernel = np.exp(-0.5 * (np.arange(-4, 5) / 1.6) ** 2)
        gap = np.convolve(np.pad(gap, 4, mode="edge"), kernel / kernel.sum(), mode="valid")
        move = np.interp(result[:, 0], at, gap + OVERLAP)
        away = result[:, 1] - np.interp(result[:, 0], at, height)
        fade = np.exp(-((away / 0.007) ** 2)) * np.exp(
            -((np.maximum(np.abs(result[:, 0] - middle[0]) - wide, 0) / 0.006) ** 2)
        )
        result[:, 1] += np.where(near, 0.5 * move * fade * (2 * share - 1), 0)
    return result
