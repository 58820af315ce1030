"""One step of Catmull-Clark subdivision as a fixed linear map.

E. Catmull, J. Clark, "Recursively generated B-spline surfaces on arbitrary topological meshes", 1978; boundaries are
uniform cubic B-splines. A package carries the coarse mesh only; the fine one is made when it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Stencil:
    """Fine vertices as weighted sums of coarse ones, compressed sparse rows."""

    start: np.ndarray  # [Vf + 1] int32
    column: np.ndarray  # [nnz] int32, coarse vertices
    weight: np.ndarray  # [nnz] float32
    quads: np.ndarray  # [4 F, 4] int32, fine quads in the order of the coarse quads and of their corners

    def __len__(self) -> int:
        return len(self.start) - 1

    def apply(self, coarse: np.ndarray) -> np.ndarray:
        """Fine values [Vf, ...] of coarse values [Vc, ...]."""
        weight = self.weight.reshape(-1, *([1] * (coarse.ndim - 1)))
        return np.add.reduceat(coarse[self.column] * weight, self.start[:-1], axis=0).astype(coarse.dtype)

    def triangles(self) -> np.ndarray:
        """[8 F, 3] int32: each fine quad cut along the diagonal from its first corner."""
        q = self.quads
        return np.ascontiguousarray(np.stack([q[:, [0, 1, 2]], q[:, [0, 2, 3]]], 1).reshape(-1, 3))


def stencil(quads: np.ndarray, count: int) -> Stencil:
    """The subdivision of ``quads`` [F, 4] over ``count`` vertices, all of them used by some quad.

    Fine vertices come as: the moved coarse vertices, one point per edge, one point per quad.
    """
    quads = quads.astype(np.int64)
    faces = len(quads)
    ends = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)  # [4 F, 2]
    edges, edge_of = np.unique(ends, axis=0, return_inverse=True)
    edge_of = edge_of.reshape(faces, 4)
    uses = np.bincount(edge_of.ravel(), minlength=len(edges))
    border = uses == 1
    rows, columns, weights = [], [], []

    def add(row: np.ndarray, column: np.ndarray, weight: np.ndarray) -> None:
        row, column, weight = np.broadcast_arrays(row, column, weight)
        rows.append(row.ravel())
        columns.append(column.ravel())
        weights.append(weight.ravel())

    first_edge, first_face = count, count + len(edges)
    add(first_face + np.arange(faces)[:, None], quads, np.float64(0.25))
    # An inner edge: a quarter of both ends and of both quads' points; a border edge: its midpoint.
    add(first_edge + np.arange(len(edges))[:, None], edges, np.where(border, 0.5, 0.25)[:, None])
    inner = ~border[edge_of]
    add((first_edge + edge_of)[..., None], quads[:, None, :], np.where(inner, 1 / 16, 0.0)[..., None])
    # An inner vertex of valence n: (Q + 2 R + (n - 3) S) / n; Q mean of quads' points, R mean of edges' midpoints.
    valence = np.bincount(edges.ravel(), minlength=count).astype(np.float64)
    on_border = np.zeros(count, bool)
    on_border[edges[border].ravel()] = True
    n = np.where(on_border, 1.0, valence)
    mine = np.where(on_border, 0.0, 1.0)
    add(quads[..., None], quads[:, None, :], (mine / n**2)[quads][..., None] * 0.25)
    for a, b in ((0, 1), (1, 0)):
        add(edges[:, a], edges[:, a], (mine / n**2)[edges[:, a]])
        add(edges[:, a], edges[:, b], (mine / n**2)[edges[:, a]])
    add(np.arange(count), np.arange(count), np.where(on_border, 0.75, (n - 3) / n))
    for a, b in ((0, 1), (1, 0)):
        add(edges[border][:, a], edges[border][:, b], np.float64(0.125))

    row, column, weight = (np.concatenate(x) for x in (rows, columns, weights))
    keys, where = np.unique(row * count + column, return_inverse=True)
    summed = np.bincount(where, weight)
    kept = np.abs(summed) > 1e-12
    keys, summed = keys[kept], summed[kept]
    total = count + len(edges) + faces
    start = np.searchsorted(keys // count, np.arange(total + 1))
    edge_points, face_points = first_edge + edge_of, first_face + np.arange(faces)
    fine = np.stack(
        [
            np.stack([quads[:, k], edge_points[:, k], face_points, edge_points[:, k - 1]], 1) for k in range(4)
        ],
        1,
    ).reshape(-1, 4)  # fmt: skip
    return Stencil(
        start.astype(np.int32), (keys % count).astype(np.int32), summed.astype(np.float32), fine.astype(np.int32)
    )  # fmt: skip
