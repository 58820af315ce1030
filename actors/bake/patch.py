"""Gaussians on surfaces in the neutral position, before they are bound to triangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake.bind import Splats, nearest_triangles
from actors.bake.mesh import Mesh
from actors.bake.sample import flat_quats

REDDER = np.array([0.88, 1.03, 1.10])  # shade inside a body is red: the light there has been through or off flesh
THICKNESS = 0.15  # of the spread: standard deviation along the normal


@dataclass(frozen=True, slots=True)
class Patch:
    """Round flat Gaussians on a surface in the neutral position."""

    places: np.ndarray  # [n, 3] metres
    normals: np.ndarray  # [n, 3] unit
    spread: np.ndarray  # [n] metres, standard deviation along the surface
    albedo: np.ndarray  # [n, 3] linear Rec.709
    roughness: np.ndarray  # [n]
    material: np.ndarray  # [n] uint8
    opacity: np.ndarray  # [n]
    open: np.ndarray  # [n] 0..1, ambient visibility

    @staticmethod
    def joined(patches: list[Patch]) -> Patch:
        """All of them, in order."""
        return Patch(*(np.concatenate([getattr(p, f) for p in patches]) for f in Patch.__slots__))


def patch(places, normals, spread, albedo, roughness, material, visible, opacity=0.98) -> Patch:
    """A patch of one material; ``spread``, ``roughness``, ``visible`` and ``opacity`` may be single numbers."""
    count = len(places)

    def each(value):
        return np.array(np.broadcast_to(np.asarray(value, np.float64), count))

    return Patch(
        np.asarray(places, np.float64), np.asarray(normals, np.float64), each(spread),
        np.clip(np.broadcast_to(albedo, (count, 3)), 0.0, 0.9), np.clip(each(roughness), 0.08, 1.0),
        np.full(count, material, np.uint8), each(opacity), np.clip(each(visible), 0.0, 1.0),
    )  # fmt: skip


def splats(patch: Patch, mesh: Mesh, among: np.ndarray) -> Splats:
    """The patch as splats on the nearest triangles of those where ``among`` [T] is true.

    What a splat sees of the ambient light is not carried by splats, so it darkens the albedo.
    """
    normal = patch.normals / np.linalg.norm(patch.normals, axis=1, keepdims=True)
    spread = patch.spread
    return Splats(
        nearest_triangles(patch.places, mesh, among), patch.places.astype(np.float32), flat_quats(normal),
        np.stack([spread, spread, spread * THICKNESS], 1).astype(np.float32), patch.opacity.astype(np.float32),
        (patch.albedo * patch.open[:, None] ** REDDER).astype(np.float32), patch.roughness.astype(np.float32),
        normal.astype(np.float32), patch.material, np.zeros(len(normal), bool),
    )  # fmt: skip
