"""Lines of a face: creases drawn by landmark, laid on the skin as fine relief."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from actors.bake import skin_noise as noise
from actors.bake.skin_face import Face
from actors.bake.skin_recipe import FaceRecipe


@dataclass(frozen=True, slots=True)
class Crease:
    """A fold along a line: metres; x is left of the face's middle, y above the eyes."""

    line: np.ndarray  # [k, 2] metres, control points of a smooth curve
    depth: float
    width: float  # half of the valley


def creases(face: Face, recipe: FaceRecipe, seed: int) -> list[Crease]:
    """All folds of a face, each side drawn with its own small irregularities."""
    rng = np.random.default_rng(seed)
    s = face.scale
    mouth_y = face.mouth[1] - face.middle[1]
    found: list[Crease] = []

    def add(points, depth, width, wobble=0.0006):
        points = np.asarray(points, np.float64)
        if depth > 1e-6:
            found.append(Crease(points + rng.normal(0, wobble, points.shape), depth, width * s))

    age = recipe.age
    for number, up in enumerate((0.034, 0.043, 0.052, 0.061)):
        strength = age * recipe.forehead * (0.00050, 0.00060, 0.00050, 0.00032)[number]
        x = np.linspace(-0.033, 0.033, 7) * s * (1 - 0.10 * number)
        y = up * s + 0.0028 * s * np.cos(x / (0.016 * s)) * (1 if number < 2 else 0.5)
        add(np.stack([x, y], 1), strength, 0.0017, 0.0009)
    for side in (1.0, -1.0):
        which = 0 if side > 0 else 1
        outer, inner = face.outer[which] - face.middle, face.inner[which] - face.middle
        wing, corner = face.wing[which] - face.middle, face.corner[which] - face.middle
        add(
            [[0.0068 * side * s, 0.012 * s], [0.0076 * side * s, 0.020 * s], [0.0066 * side * s, 0.029 * s]],
            age * recipe.frown * 0.00042,
            0.0016,
        )
        for angle, length, strength in (
            (38, 0.017, 0.7),
            (16, 0.021, 1.0),
            (-6, 0.022, 1.0),
            (-28, 0.020, 0.8),
            (-48, 0.016, 0.4),
        ):
            a = np.radians(angle + rng.normal(0, 4))
            reach = np.array([0.0045, 0.5 * length, length])[:, None] * s
            bend = np.array([0.0, 0.0, 0.0030 * np.sin(a)])
            ray = outer[:2] + reach * np.array([side * np.cos(a), np.sin(a)]) + np.stack([0 * bend, -bend], 1)
            add(ray, age * recipe.crow * 0.00044 * strength, 0.0014, 0.0005)
        middle = (outer[0] + inner[0]) / 2
        add(
            [
                [inner[0] - 0.001 * side, inner[1] - 0.005 * s],
                [middle - 0.006 * side, -0.0155 * s],
                [middle + 0.004 * side, -0.0175 * s],
                [outer[0] - 0.004 * side, -0.0120 * s],
            ],
            recipe.bags * (0.00010 + 0.00026 * age),
            0.0024,
        )
        add(
            [
                [inner[0] - 0.0005 * side, inner[1] - 0.008 * s],
                [middle - 0.008 * side, -0.0215 * s],
                [middle + 0.002 * side, -0.0265 * s],
                [middle + 0.014 * side, -0.0270 * s],
            ],
            recipe.bags * 0.00030 * age**2,
            0.0034,
        )
        for number, drop in enumerate((0.0075, 0.0105)):
            add(
                [
                    [middle - 0.010 * side, -drop * s],
                    [middle, -(drop + 0.0012) * s],
                    [outer[0] - 0.004 * side, -(drop - 0.001) * s],
                ],
                age * recipe.crow * 0.00017 * (1 - 0.3 * number),
                0.0011,
                0.0004,
            )
        beyond = np.array([side * s, s])
        fold = [
            wing[:2] + [0.0030, 0.0030] * beyond,
            wing[:2] + [0.0085, -0.0075] * beyond,
            np.array([corner[0], mouth_y]) + [0.0105, 0.0130] * beyond,
            np.array([corner[0], mouth_y]) + [0.0115, 0.0030] * beyond,
            np.array([corner[0], mouth_y]) + [0.0090, -0.0070] * beyond,
        ]
        add(fold, recipe.nasolabial * (0.00010 + 0.00062 * age), 0.0034, 0.0008)
        add(
            [
                [corner[0] + 0.0012 * side, mouth_y - 0.001],
                [corner[0] + 0.0025 * side * s, mouth_y - 0.008 * s],
                [corner[0] + 0.0022 * side * s, mouth_y - 0.018 * s],
            ],
            age * recipe.marionette * 0.00052,
            0.0024,
        )
    for border, rise, number in ((face.upper_border, 1.0, 10), (face.lower_border, -1.0, 8)):
        for share in (np.arange(number) + 0.5) / number:
            at = border[int(np.clip(share + rng.normal(0, 0.02), 0.03, 0.97) * (len(border) - 1))] - face.middle
            lean = (share - 0.5) * 0.004
            length = (0.0065 if rise > 0 else 0.0045) * s * rng.uniform(0.7, 1.2)
            add(
                [[at[0] - lean * 0.4, at[1] - rise * 0.0022], [at[0], at[1]], [at[0] + lean, at[1] + rise * length]],
                age * recipe.lip_lines * 0.00022,
                0.0010,
                0.0003,
            )
    return found


def relief(
    positions: np.ndarray, normals: np.ndarray, face: Face, found: list[Crease]
) -> tuple[np.ndarray, np.ndarray]:
    """Height [n] in metres (below 0 in a fold) and its slope [n, 3] over the skin at ``positions`` [n, 3].

    A fold has a valley and two low shoulders; it fades towards its ends.
    """
    positions = np.asarray(positions, np.float64)
    height, slope = np.zeros(len(positions)), np.zeros((len(positions), 3))
    front = np.flatnonzero((normals[:, 2] > 0.0) & (positions[:, 2] > face.middle[2] - 0.05))
    flat = cKDTree(positions[front, :2])
    tree = cKDTree(positions)
    for crease in found:
        curve = _smooth_curve(crease.line, 0.0004) + face.middle[:2]
        distance, near = flat.query(curve, k=4)
        shares = 1 / np.maximum(distance, 1e-5)
        depth = (positions[front[near], 2] * shares).sum(1) / shares.sum(1)
        line = np.c_[curve, _averaged(depth, 15)]
        reach = 4.0 * crease.width
        close = np.unique(
            np.concatenate([np.asarray(c, np.int64) for c in tree.query_ball_point(line[::3], reach)] or [[]])
        )
        if len(close) == 0:
            continue
        close = close.astype(np.int64)
        far, foot = cKDTree(line).query(positions[close])
        along = foot / (len(line) - 1)
        fade = noise.smooth(0.0, 0.30, along) * noise.smooth(1.0, 0.62, along)
        x = far / crease.width
        valley, shoulder = np.exp(-(x**2)), np.exp(-((x / 2.1) ** 2))
        height[close] += crease.depth * fade * (0.40 * shoulder - valley)
        rise = crease.depth * fade * (2 * x * valley - 0.40 * 2 * x / 2.1**2 * shoulder) / crease.width
        away = positions[close] - line[foot]
        slope[close] += rise[:, None] * away / np.maximum(far, 1e-6)[:, None]
    return height, slope


def bent(normals: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Unit normals [n, 3] of a surface whose height above ``normals`` rises by ``slope`` [n, 3]."""
    along = slope - normals * (slope * normals).sum(1, keepdims=True)
    tilted = normals - along
    return tilted / np.linalg.norm(tilted, axis=1, keepdims=True)


def _smooth_curve(points: np.ndarray, step: float) -> np.ndarray:
    """A Catmull-Rom curve through ``points`` [k, 2], about ``step`` metres between its places."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    pieces = []
    for i in range(len(points) - 1):
        p0, p1, p2, p3 = padded[i : i + 4]
        t = np.linspace(0, 1, max(int(np.linalg.norm(p2 - p1) / step), 2), endpoint=False)[:, None]
        pieces.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    return np.vstack([*pieces, points[-1:]])


def _averaged(values: np.ndarray, count: int) -> np.ndarray:
    padded = np.pad(values, count // 2, mode="edge")
    return np.convolve(padded, np.full(count, 1 / count), mode="valid")
