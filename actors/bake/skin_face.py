"""Where the parts of a face are on one mesh: lengths, corners and the line of the lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake.mesh import Mesh
from actors.performance import SHAPE


@dataclass(frozen=True, slots=True)
class Face:
    """Landmarks of a mesh at rest; metres, the performer's left first where there are two."""

    middle: np.ndarray  # [3] between the eyes' centres
    scale: float  # 1 for an adult whose eyes are 62 mm apart
    outer: np.ndarray  # [2, 3] outer corners of the eyes
    inner: np.ndarray  # [2, 3]
    wing: np.ndarray  # [2, 3] the wings of the nose
    corner: np.ndarray  # [2, 3] of the mouth
    mouth: np.ndarray  # [3] between the corners
    chin: np.ndarray  # [3] its lowest point in front
    upper_border: np.ndarray  # [m, 3] where the red of the upper lip begins, x rising
    lower_border: np.ndarray  # [m, 3]


def find_face(mesh: Mesh) -> Face:
    """The landmarks, by the mesh's regions and by what its expressions move."""
    at, r = mesh.vertices.astype(np.float64), mesh.regions
    middle = mesh.eyes.mean(0).astype(np.float64)
    scale = float(np.linalg.norm(mesh.eyes[0] - mesh.eyes[1]) / 0.062)
    ends = {}
    for key, pick in (("outer", np.argmax), ("inner", np.argmin)):
        ends[key] = np.stack([_extreme(at, r[f"lid_rim_{side}"] > 0.4, pick) for side in ("left", "right")])
    nose = (r["nose"] > 0.4) & (np.abs(at[:, 1] - middle[1] + 0.035 * scale) < 0.007 * scale)
    wing = np.stack([at[i] for i in _widest(at, nose)])
    wing[1] = wing[0] * [-1, 1, 1] + [2 * middle[0], 0, 0]  # noses are even enough, and their masks less so
    outside = (r["inner_mouth"] < 0.3) & (mesh.normals()[:, 2] > -0.2)
    outside &= at[:, 2] > middle[2] - 0.004 * scale  # the masks have a stray spot at a seam below the jaw
    lips = (r["lips"] > 0.45) & outside
    corner = np.stack([at[i] for i in _widest(at, lips)])
    mouth = corner.mean(0)
    low = np.linalg.norm(mesh.deltas[SHAPE["jawOpen"]], axis=1) > 0.015
    front = low & (np.abs(at[:, 0] - middle[0]) < 0.004) & outside
    chin = at[np.flatnonzero(front)[np.argmin(at[front, 1])]]  # of the chin's front, before it turns under the jaw
    borders = _borders(mesh, at, outside, corner)
    return Face(middle, scale, ends["outer"], ends["inner"], wing, corner, mouth, chin, *borders)


def _extreme(at: np.ndarray, where: np.ndarray, pick) -> np.ndarray:
    found = np.flatnonzero(where)
    return at[found[pick(np.abs(at[found, 0]))]]


def _widest(at: np.ndarray, where: np.ndarray) -> tuple[int, int]:
    found = np.flatnonzero(where)
    return int(found[np.argmax(at[found, 0])]), int(found[np.argmin(at[found, 0])])


def _borders(mesh: Mesh, at: np.ndarray, outside: np.ndarray, corner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edge of the lips' mask on the mesh, smoothed into one upper and one lower curve through the corners."""
    mask = mesh.regions["lips"].astype(np.float64)
    edges = np.concatenate([mesh.triangles[:, [0, 1]], mesh.triangles[:, [1, 2]], mesh.triangles[:, [2, 0]]])
    edges = edges[(edges[:, 0] < edges[:, 1]) & outside[edges].all(1)]
    a, b = mask[edges[:, 0]], mask[edges[:, 1]]
    cross = edges[(a - 0.5) * (b - 0.5) < 0]
    share = (0.5 - mask[cross[:, 0]]) / (mask[cross[:, 1]] - mask[cross[:, 0]])
    points = at[cross[:, 0]] + share[:, None] * (at[cross[:, 1]] - at[cross[:, 0]])
    left, right = corner[0], corner[1]
    x = np.linspace(right[0], left[0], 241)
    seam = np.interp(points[:, 0], [right[0], left[0]], [right[1], left[1]])
    above = points[:, 1] > seam
    return _smoothed(_outermost(points[above], 1), corner, x), _smoothed(_outermost(points[~above], -1), corner, x)


def _outermost(points: np.ndarray, up: int) -> np.ndarray:
    """Of the points, those that none beside them passes: the mask also ends inside of the mouth."""
    beside = np.abs(points[:, None, 0] - points[None, :, 0]) < 0.0015
    return points[~(beside & ((points[None, :, 1] - points[:, None, 1]) * up > 0.0015)).any(1)]


def _smoothed(points: np.ndarray, corner: np.ndarray, x: np.ndarray) -> np.ndarray:
    """[m, 3]: y and z as smooth functions of x, pinned to the corners; cosines let a bow of Cupid through."""
    left, right = corner[0], corner[1]
    half, middle = (left[0] - right[0]) / 2, (left[0] + right[0]) / 2

    def basis(where: np.ndarray) -> np.ndarray:
        turn = np.arcsin(np.clip((where - middle) / half, -1, 1)) + np.pi / 2  # 0 .. pi
        return np.stack([np.sin(k * turn) for k in range(1, 10)], 1)

    line = [x]
    for axis in (1, 2):
        chord = np.interp(points[:, 0], [right[0], left[0]], [right[axis], left[axis]])
        rows = basis(points[:, 0])
        damp = np.diag(np.arange(1, 10) ** 2.0 * 0.03)
        weights = np.linalg.solve(rows.T @ rows + damp, rows.T @ (points[:, axis] - chord))
        line.append(np.interp(x, [right[0], left[0]], [right[axis], left[axis]]) + basis(x) @ weights)
    return np.stack(line, 1)
