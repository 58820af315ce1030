"""The lid lines that lashes grow from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actors.bake.groom_face import Lash, LidLine
from actors.bake.groom_head import Head, Spots, unit

if TYPE_CHECKING:
    from actors.bake.mesh import Mesh

OFF_EYE = 0.0008  # metres: how far from the eyeball a lash begins


def lid_lines(mesh: Mesh, head: Head, recipe: Lash, rng: np.random.Generator) -> list[LidLine]:
    """Upper and lower line of both eyes."""
    return [
        _line(mesh, head, side, upper, recipe.upper if upper else recipe.lower, rng)
        for side in (0, 1)
        for upper in (True, False)
    ]


def _line(mesh: Mesh, head: Head, side: int, upper: bool, count: int, rng: np.random.Generator) -> LidLine:
    name = ("left", "right")[side]
    masks = [np.asarray(mesh.regions[f"lid_rim_{half}_{name}"], np.float64) for half in ("upper", "lower")]
    heights = [mask @ head.vertices[:, 1] / mask.sum() for mask in masks]
    weight = masks[int(np.argmax(heights) if upper else np.argmin(heights))]
    rim = np.flatnonzero(weight > 0.35)
    eye = mesh.eyes[side].astype(np.float64)
    place, weight = head.vertices[rim], weight[rim] ** 2
    x = (place[:, 0] - eye[0]) * (1.0 if side == 0 else -1.0)  # outwards from the nose
    low, high = np.quantile(x, [0.02, 0.98])
    knots = np.linspace(low, high, 15)
    near = np.exp(-(((x[None] - knots[:, None]) / ((high - low) / 22)) ** 2)) * weight
    curve = near @ place / near.sum(1, keepdims=True)
    curve = np.stack([np.polyval(np.polyfit(knots, curve[:, axis], 5), knots) for axis in range(3)], 1)
    part = np.sort((np.arange(count) + rng.random(count)) / count) * 0.94 + 0.03
    root = np.stack([np.interp(part, np.linspace(0, 1, 15), curve[:, axis]) for axis in range(3)], 1)
    away = root - eye
    distance = np.linalg.norm(away, axis=1)
    root = eye + unit(away) * np.maximum(distance, mesh.eye_radius + OFF_EYE)[:, None]
    triangle = _lid_triangle(mesh, head, side, upper, root)
    corners = head.vertices[head.triangles[triangle]]
    normal = unit(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    return LidLine(Spots(triangle, root, normal), eye, upper, part)


def _lid_triangle(mesh: Mesh, head: Head, side: int, upper: bool, root: np.ndarray) -> np.ndarray:
    """[n] the triangle of the lid's outer skin nearest to each root; it turns with the lid, the inner rim does not."""
    from scipy.spatial import cKDTree

    outer = head.skin
    corners = head.vertices[head.triangles[outer]]
    centre = corners.mean(1)
    normal = unit(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    away = unit(centre - mesh.eyes[side])
    lid = np.asarray(mesh.regions[f"lid_{'upper' if upper else 'lower'}_{('left', 'right')[side]}"])
    facing = ((normal * away).sum(1) > 0.5) & (lid[head.triangles[outer]].min(1) > (0.5 if upper else 0.2))
    found = outer[facing]
    return found[cKDTree(centre[facing]).query(root)[1]]
