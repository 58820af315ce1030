"""Mesh and Gaussians as the tensors of a package."""

from __future__ import annotations

import numpy as np

from actors.bake import bind, marks
from actors.bake.bind import Bound, Splats
from actors.bake.mesh import Mesh
from actors.body import quantise
from actors.body.material import HAIR
from actors.body.package import TILT_STEP

STILL = 0.00002  # metres; smaller displacements of a vertex are dropped


def mesh_tensors(mesh: Mesh) -> dict[str, np.ndarray]:
    """The coarse mesh, its sparse expressions, and the points to frame and measure by."""
    coarse = mesh.coarse
    starts, vertices, moves, steps = [0], [], [], []
    for delta in coarse.deltas:
        moved = np.flatnonzero(np.abs(delta).max(1) > STILL)
        step = quantise.step_of(delta[moved])
        vertices.append(moved)
        moves.append(np.rint(delta[moved] / step).astype(np.int16))
        steps.append(step)
        starts.append(starts[-1] + len(moved))
    return {
        "mesh.vertices": coarse.vertices.astype(np.float32),
        "mesh.quads": coarse.quads.astype(np.uint16),
        "mesh.part": coarse.part,
        "mesh.weights": np.rint(coarse.weights * 255).astype(np.uint8),
        "mesh.bones": mesh.bones,
        "mesh.eyes": np.c_[mesh.eyes, np.full(2, mesh.eye_radius)].astype(np.float32),
        "mesh.landmarks": marks.landmarks(mesh).astype(np.uint16),
        "mesh.lips": marks.lips(mesh).astype(np.uint16),
        "shapes.start": np.array(starts, np.uint32),
        "shapes.vertex": np.concatenate(vertices).astype(np.uint16),
        "shapes.delta": np.concatenate(moves),
        "shapes.step": np.array(steps, np.float32),
    }


def skin_tensors(
    mesh: Mesh, splats: Splats, weights: np.ndarray, offset: np.ndarray, occlusion: np.ndarray
) -> tuple[dict[str, np.ndarray], float]:
    """Flat Gaussians at barycentric ``weights`` [n, 3], ``offset`` [n] metres off the skin; and the offsets' step."""
    order = np.argsort(splats.triangle, kind="stable")
    splats, weights, offset, occlusion = splats.taken(order), weights[order], offset[order], occlusion[order]
    size = bind.frames(mesh.vertices, mesh.triangles)[1][splats.triangle]
    raised = offset / size
    step = float(max(np.abs(raised).max(initial=0.0), 1e-6) / 127)
    counts = np.bincount(splats.triangle, minlength=len(mesh.triangles))
    assert counts.max() < 256, "more than 255 Gaussians on one triangle"
    planes = [
        quantise.pack_unit(weights[:, 1]), quantise.pack_unit(weights[:, 2]),
        quantise.pack_scales(splats.scale[:, 0] / size), quantise.pack_unit(splats.opacity),
        *quantise.pack_colour(splats.albedo).T, quantise.pack_unit(splats.roughness), quantise.pack_unit(occlusion),
    ]  # fmt: skip
    tensors = {
        "skin.count": counts.astype(np.uint8),
        "skin.bytes": np.stack(planes),
        "skin.offset": np.rint(raised / step).astype(np.int8),
        "skin.tilt": tilts(mesh, splats, weights),
        "skin.material": splats.material,
    }
    return tensors, step


def tilts(mesh: Mesh, splats: Splats, weights: np.ndarray) -> np.ndarray:
    """[2, n] int8: how far the normals lean from the mesh's smooth ones, see ``actors.body.kernels.place``."""
    rotation = bind.frames(mesh.vertices, mesh.triangles)[0][splats.triangle]
    smooth = np.einsum("nk,nkc->nc", weights, mesh.normals()[mesh.triangles[splats.triangle]].astype(np.float64))
    smooth /= np.linalg.norm(smooth, axis=1, keepdims=True)
    own, plain = (np.einsum("nca,nc->na", rotation, normal) for normal in (splats.normal, smooth))
    lean = own[:, :2] * (plain[:, 2:] / np.maximum(own[:, 2:], 0.2)) - plain[:, :2]
    return np.clip(np.rint(lean / TILT_STEP), -127, 127).astype(np.int8).T


def loose_tensors(mesh: Mesh, splats: Splats, occlusion: np.ndarray, group: str) -> tuple[dict[str, np.ndarray], float]:
    """Gaussians with places and rotations of their own (``group`` solid or strand), and their offsets' step."""
    order = np.argsort(splats.triangle, kind="stable")
    splats, occlusion = aligned(splats.taken(order)), occlusion[order]
    bound = anchored(mesh, splats)
    step = quantise.step_of(bound.offset)
    triangle, counts = np.unique(splats.triangle, return_counts=True)
    planes = [
        *quantise.pack_scales(bound.scale).T, quantise.pack_unit(splats.opacity),
        *quantise.pack_colour(splats.albedo).T, quantise.pack_unit(splats.roughness), quantise.pack_unit(occlusion),
    ]  # fmt: skip
    tensors = {
        f"{group}.triangle": triangle.astype(np.uint16),
        f"{group}.count": counts.astype(np.uint16),
        f"{group}.offset": np.ascontiguousarray(np.rint(bound.offset / step).astype(np.int16).T),
        f"{group}.quat": quantise.pack_quats(bound.quat),
        f"{group}.bytes": np.stack(planes).astype(np.uint8),
        f"{group}.material": splats.material,
    }
    return tensors, step


def anchored(mesh: Mesh, splats: Splats) -> Bound:
    """Gaussians bound to the middles of their triangles."""
    rotation, size = bind.frames(mesh.vertices, mesh.triangles)
    rotation, size = rotation[splats.triangle], size[splats.triangle]
    middle = mesh.vertices[mesh.triangles[splats.triangle]].astype(np.float64).mean(1)
    unit = np.where(splats.loose, 1.0, size)[:, None]
    return Bound(
        splats.triangle, np.full((len(splats), 3), 1 / 3, np.float32),
        (np.einsum("nca,nc->na", rotation, splats.position - middle) / unit).astype(np.float32),
        bind.multiply(bind.conjugate(bind.quaternion(rotation)), splats.quat).astype(np.float32),
        (splats.scale / unit).astype(np.float32), np.zeros((len(splats), 3), np.float32),
    )  # fmt: skip


def aligned(splats: Splats) -> Splats:
    """The same Gaussians with axes renamed: z nearest the normal, or for hair x nearest the tangent.

    A package keeps no normals: they are read off the rotation.
    """
    hair = splats.material == HAIR
    axes = matrices(splats.quat)  # [n, 3, 3], columns x, y, z
    along = np.einsum("nca,nc->na", axes, splats.normal.astype(np.float64))
    best = np.argmax(np.abs(along), 1)
    rows = np.arange(len(splats))
    slot = np.where(hair, 0, 2)
    sign = np.where(along[rows, best] < 0, -1.0, 1.0)
    # A cyclic renaming that takes column ``best`` to ``slot`` keeps the frame right-handed.
    source = (np.arange(3)[None] + (best - slot)[:, None]) % 3
    turned = np.take_along_axis(axes, source[:, None, :].repeat(3, 1), 2)
    scale = np.take_along_axis(splats.scale, source, 1)
    # Facing the other way: half a turn about another axis.
    other = (slot + 1) % 3
    flips = np.ones((len(splats), 3))
    flips[rows, slot] = sign
    flips[rows, other] = sign
    quat = bind.quaternion(turned * flips[:, None, :]).astype(np.float32)
    return Splats(
        splats.triangle, splats.position, quat, scale, splats.opacity, splats.albedo, splats.roughness, splats.normal,
        splats.material, splats.loose,
    )  # fmt: skip


def matrices(quats: np.ndarray) -> np.ndarray:
    """Rotation matrices [n, 3, 3] of wxyz quaternions."""
    q = np.asarray(quats, np.float64)
    w, x, y, z = (q / np.linalg.norm(q, axis=1, keepdims=True)).T
    return np.stack(
        [
            np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], 1),
            np.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], 1),
            np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], 1),
        ],
        1,
    )  # fmt: skip
