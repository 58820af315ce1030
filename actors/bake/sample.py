"""Where surface Gaussians sit: evenly spread over the mesh, denser where a camera looks closest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake import bind
from actors.bake.mesh import SKIN, Mesh

SPREAD = 0.8  # of the mean spacing: standard deviation along the surface
THICKNESS = 0.08  # of the mean spacing: standard deviation across it
GOLDEN = (0.7548776662466927, 0.5698402909980532)  # Roberts' R2 sequence
SPACING = {  # metres between neighbours where a region is full; skin elsewhere on head and torso below
    "head": 0.00120, "torso": 0.0040, "hidden": 0.0030, "lips": 0.00060, "lids": 0.00060, "nose": 0.00085,
    "face": 0.00095, "scalp": 0.0016, "ears": 0.00115, "neck": 0.0018, "inner_mouth": 0.0014,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surface:
    """n points on the skin at rest."""

    triangle: np.ndarray  # [n] int32, ascending
    barycentric: np.ndarray  # [n, 3] float32
    position: np.ndarray  # [n, 3] float32 metres
    normal: np.ndarray  # [n, 3] float32, smooth
    regions: dict[str, np.ndarray]  # [n] float32, the mesh's masks
    spacing: np.ndarray  # [n] float32 metres, mean distance to neighbours
    uv: np.ndarray  # [n, 2] float32

    def __len__(self) -> int:
        return len(self.triangle)


def spacing(mesh: Mesh) -> np.ndarray:
    """Wanted distance between neighbours [V] float64 metres."""
    r = mesh.regions
    head = mesh.weights[:, 3].astype(np.float64)
    front = np.clip((mesh.vertices[:, 2] - mesh.bones[3, 2] - 0.01) / 0.03, 0, 1)
    wanted = SPACING["torso"] * (1 - head) + SPACING["head"] * head
    for mask, name in (
        (r["neck"], "neck"),
        (front * head, "face"),
        (r["scalp"], "scalp"),
        (r["ears"], "ears"),
        (r["nose"], "nose"),
        (np.maximum.reduce([r["eye_socket"] * 0.7, r["lids"], r["lid_rim_left"], r["lid_rim_right"]]), "lids"),
        (r["lips"], "lips"),
        (r["inner_mouth"], "inner_mouth"),
    ):  # fmt: skip
        wanted = wanted * (1 - mask) + SPACING[name] * mask
    return wanted


def sample(mesh: Mesh, rng: np.random.Generator, density: float = 1.0) -> Surface:
    """Points on the SKIN part; ``density`` multiplies their number."""
    chosen = np.flatnonzero(mesh.part == SKIN)
    return scattered(mesh, chosen, spacing(mesh) / np.sqrt(density), rng)


def scattered(mesh: Mesh, chosen: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> Surface:
    """Points on the triangles ``chosen`` (indices), about ``wanted`` [V] metres apart.

    Stratified: along a walk over the triangles the expected number of points adds up and each whole number reached is
    one point, so that every patch gets its share; within a triangle points follow the R2 sequence.
    """
    triangles = mesh.triangles[chosen]
    a, b, c = (mesh.vertices[triangles[:, k]].astype(np.float64) for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    local = wanted[triangles].mean(1)
    expected = area / (local**2 * 0.866)  # a hexagonal packing
    reached = np.floor(np.cumsum(expected) + rng.random())
    counts = np.diff(reached, prepend=0).astype(np.int64)
    which = np.repeat(np.arange(len(chosen)), counts)
    order = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = rng.random((len(chosen), 2))[which]
    u = (start[:, 0] + (order + 1) * GOLDEN[0]) % 1.0
    v = (start[:, 1] + (order + 1) * GOLDEN[1]) % 1.0
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    weights = np.stack([1 - u - v, u, v], 1)
    return surface(mesh, chosen[which], weights, local[which])


def surface(mesh: Mesh, triangle: np.ndarray, weights: np.ndarray, local: np.ndarray) -> Surface:
    """Points given by triangle [n] and barycentric coordinates [n, 3], with everything interpolated there."""
    corners = mesh.triangles[triangle]
    normals = mesh.normals()

    def at(values: np.ndarray) -> np.ndarray:
        return np.einsum("nk,nk...->n...", weights, values[corners].astype(np.float64)).astype(np.float32)

    normal = at(normals)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return Surface(
        triangle.astype(np.int32), weights.astype(np.float32), at(mesh.vertices), normal,
        {name: at(mask) for name, mask in mesh.regions.items()}, local.astype(np.float32), at(mesh.uv),
    )  # fmt: skip


def flat_quats(normal: np.ndarray) -> np.ndarray:
    """wxyz rotations [n, 4] that turn z to the normal: discs lying on the surface."""
    helper = np.where(np.abs(normal[:, :1]) < 0.8, [[1.0, 0, 0]], [[0, 1.0, 0]])
    x = np.cross(helper, normal)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return bind.quaternion(np.stack([x, np.cross(normal, x), normal], -1)).astype(np.float32)
