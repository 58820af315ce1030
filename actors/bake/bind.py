"""Gaussians bound to the triangles of a mesh, so that they move with it.

Frame of a triangle: t along its first edge, n its normal, R = [t, n x t, n]; k = (edge + height) / 2. A surface
Gaussian sits at sum(b v) + k o n with rotation R q and scales k e^s, so it grows with its triangle. A strand Gaussian
sits at sum(b v) + R d with scales in metres: hair does not swell where the skin stretches.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from actors.bake.mesh import Mesh


@dataclass(frozen=True, slots=True)
class Splats:
    """n Gaussians at rest, in the performer's frame; loose ones are bound as strands, the others as surface."""

    triangle: np.ndarray  # [n] int32, the triangle each is bound to
    position: np.ndarray  # [n, 3] float32 metres
    quat: np.ndarray  # [n, 4] float32 wxyz
    scale: np.ndarray  # [n, 3] float32 metres, standard deviations
    opacity: np.ndarray  # [n] float32
    albedo: np.ndarray  # [n, 3] float32 linear Rec.709
    roughness: np.ndarray  # [n] float32
    normal: np.ndarray  # [n, 3] float32 unit; the tangent for HAIR; of skin with pores and lines
    material: np.ndarray  # [n] uint8, actors.body.material
    loose: np.ndarray  # [n] bool

    def __len__(self) -> int:
        return len(self.triangle)

    @staticmethod
    def joined(parts: list[Splats]) -> Splats:
        """All of them, in order."""
        return Splats(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Splats)))

    def taken(self, index: np.ndarray) -> Splats:
        """Those at ``index`` (or where a mask is true)."""
        return Splats(*(getattr(self, f.name)[index] for f in fields(Splats)))


@dataclass(frozen=True, slots=True)
class Bound:
    """Where Gaussians sit on their triangles."""

    triangle: np.ndarray  # [n] int32
    barycentric: np.ndarray  # [n, 3] float32, sums to one; of the foot of the perpendicular, clamped to the triangle
    offset: np.ndarray  # [n, 3] float32 in the triangle's frame: metres if loose, else multiples of k
    quat: np.ndarray  # [n, 4] float32 wxyz, in the triangle's frame
    scale: np.ndarray  # [n, 3] float32: metres if loose, else multiples of k
    normal: np.ndarray  # [n, 3] float32 in the triangle's frame


def frames(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations R [T, 3, 3] (columns t, n x t, n) and sizes k [T] in metres of triangles."""
    a, b, c = (vertices[triangles[:, i]].astype(np.float64) for i in range(3))
    edge = b - a
    length = np.maximum(np.linalg.norm(edge, axis=1), 1e-12)
    t = edge / length[:, None]
    n = np.cross(edge, c - a)
    area = np.maximum(np.linalg.norm(n, axis=1), 1e-20)
    n /= area[:, None]
    return np.stack([t, np.cross(n, t), n], -1), 0.5 * (length + area / length)


def bind(splats: Splats, mesh: Mesh) -> Bound:
    """Bind Gaussians given at rest to their triangles."""
    rotation, size = frames(mesh.vertices, mesh.triangles)
    rotation, size = rotation[splats.triangle], size[splats.triangle]
    corners = mesh.vertices[mesh.triangles[splats.triangle]].astype(np.float64)
    weights = barycentric(splats.position.astype(np.float64), corners)
    weights = np.clip(weights, 0, None)
    weights /= weights.sum(1, keepdims=True)
    apart = splats.position - np.einsum("nk,nkc->nc", weights, corners)
    offset = np.einsum("nca,nc->na", rotation, apart)
    unit = np.where(splats.loose, 1.0, size)[:, None]
    return Bound(
        splats.triangle.astype(np.int32), weights.astype(np.float32), (offset / unit).astype(np.float32),
        multiply(conjugate(quaternion(rotation)), splats.quat).astype(np.float32),
        (splats.scale / unit).astype(np.float32),
        np.einsum("nca,nc->na", rotation, splats.normal).astype(np.float32),
    )  # fmt: skip


def nearest_triangles(points: np.ndarray, mesh: Mesh, among: np.ndarray | None = None) -> np.ndarray:
    """The triangle [n] whose centre is nearest to each point, of those where ``among`` [T] is true."""
    from scipy.spatial import cKDTree

    chosen = np.arange(len(mesh.triangles)) if among is None else np.flatnonzero(among)
    centres = mesh.vertices[mesh.triangles[chosen]].mean(1)
    return chosen[cKDTree(centres).query(points)[1]].astype(np.int32)


def barycentric(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """[n, 3] barycentric coordinates of points [n, 3] projected into the planes of triangles [n, 3, 3]."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    u, v, w = b - a, c - a, points - a
    uu, vv, uv = (u * u).sum(1), (v * v).sum(1), (u * v).sum(1)
    wu, wv = (w * u).sum(1), (w * v).sum(1)
    det = np.maximum(uu * vv - uv * uv, 1e-30)
    y, z = (vv * wu - uv * wv) / det, (uu * wv - uv * wu) / det
    return np.stack([1 - y - z, y, z], 1)


def quaternion(rotation: np.ndarray) -> np.ndarray:
    """wxyz quaternions [n, 4] of rotations [n, 3, 3]; F. Markley's choice of the largest component, 2008."""
    m = np.asarray(rotation, np.float64)
    trace = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    rows = np.stack(
        [
            np.stack([1 + trace, m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]], 1),
            np.stack([m[:, 2, 1] - m[:, 1, 2], 1 + 2 * m[:, 0, 0] - trace, m[:, 0, 1] + m[:, 1, 0],
                      m[:, 0, 2] + m[:, 2, 0]], 1),
            np.stack([m[:, 0, 2] - m[:, 2, 0], m[:, 0, 1] + m[:, 1, 0], 1 + 2 * m[:, 1, 1] - trace,
                      m[:, 1, 2] + m[:, 2, 1]], 1),
            np.stack([m[:, 1, 0] - m[:, 0, 1], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1],
                      1 + 2 * m[:, 2, 2] - trace], 1),
        ],
        1,
    )  # fmt: skip
    best = np.argmax(np.stack([rows[:, i, i] for i in range(4)], 1), 1)
    chosen = rows[np.arange(len(m)), best]
    return chosen / np.linalg.norm(chosen, axis=1, keepdims=True)


def conjugate(q: np.ndarray) -> np.ndarray:
    """The inverse rotations."""
    return q * np.array([1, -1, -1, -1])


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Hamilton products [n, 4], wxyz."""
    aw, ax, ay, az = np.moveaxis(np.asarray(a, np.float64), -1, 0)
    bw, bx, by, bz = np.moveaxis(np.asarray(b, np.float64), -1, 0)
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        -1,
    )  # fmt: skip
