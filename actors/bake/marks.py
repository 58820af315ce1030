"""Points of a face that framing and measuring need."""

from __future__ import annotations

import numpy as np

from actors.bake import relief
from actors.bake.mesh import SKIN, Mesh
from actors.performance import SHAPE

LIP_PAIRS = 11


def landmarks(mesh: Mesh) -> np.ndarray:
    """Vertices [8] in the order of ``actors.body.performer.LANDMARKS``."""
    at = mesh.vertices.astype(np.float64)
    skin = np.zeros(len(at), bool)
    skin[mesh.triangles[mesh.part == SKIN]] = True
    middle = skin & (np.abs(at[:, 0]) < 0.006)
    head = skin & (mesh.weights[:, 3] > 0.9)
    ahead = at[:, 2] > mesh.eyes[:, 2].mean() - 0.03

    def best(where: np.ndarray, score: np.ndarray) -> int:
        found = np.flatnonzero(where)
        return int(found[np.argmax(score[found])])

    pairs = lips(mesh)
    upper, lower = pairs[len(pairs) // 2]
    neck = mesh.bones[4:6, 1].mean()
    shoulders, upper_arm = [], skin & (mesh.regions["arms"] < 0.31)
    for sign in (1, -1):
        outward = skin & (np.abs(at[:, 0] * sign - 0.82 * np.abs(at[upper_arm, 0]).max()) < 0.012)
        shoulders.append(best(outward, at[:, 1]))
    chin = middle & head & ahead & (at[:, 1] < at[lower, 1] - 0.015) & (mesh.regions["chin"] > 0.2)
    return np.array(
        [
            best(head, at[:, 1]), best(chin, -at[:, 1] + 0.5 * at[:, 2]),
            best(middle & head, at[:, 2] - 0.2 * np.abs(at[:, 0])),
            upper, lower, best(middle & (np.abs(at[:, 1] - (neck - 0.05)) < 0.02), at[:, 2]), *shoulders,
        ],
        np.int64,
    )  # fmt: skip


def lips(mesh: Mesh) -> np.ndarray:
    """Vertices [11, 2] that meet when the mouth shuts, upper and lower, from the right corner to the left."""
    at, share, mouth, places = lip_line(mesh)
    pairs = []
    for x in np.linspace(places[2], places[-3], LIP_PAIRS):
        near = mouth & (np.abs(at[:, 0] - x) < 0.003)
        front = min(at[near & (share < 0.35), 2].max(), at[near & (share > 0.65), 2].max())
        near &= at[:, 2] > front - 0.012
        upper, lower = np.flatnonzero(near & (share < 0.35)), np.flatnonzero(near & (share > 0.65))
        across = np.linalg.norm(at[upper][:, None] - at[lower][None], axis=2)
        i, j = np.unravel_index(np.argmin(across), across.shape)
        pairs.append((upper[i], lower[j]))
    return np.array(pairs, np.int64)


def lip_line(mesh: Mesh) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vertices, share [V] that moves with the jaw, mouth [V] bool, and sideways places [21]: see relief.lip_gap."""
    at = mesh.vertices.astype(np.float64)
    lips = mesh.regions["lips"]
    middle = np.median(at[lips > 0.5], axis=0)
    near = (np.abs(at - middle) < (0.05, 0.03, 0.04)).all(1)
    jaw = np.linalg.norm(mesh.deltas[SHAPE["jawOpen"]], axis=1)
    share = np.clip((jaw / jaw[near & (lips > 0.5)].max() - 0.15) / 0.4, 0, 1)
    mouth = near & (np.maximum(lips, mesh.regions["inner_mouth"]) > 0.3)
    wide = np.abs(at[near & (lips > 0.5), 0] - middle[0]).max()
    return at, share, mouth, middle[0] + np.linspace(-0.9, 0.9, 21) * wide


def lip_gap(mesh: Mesh, vertices: np.ndarray) -> np.ndarray:
    """Metres between the lips of a moved mesh, at 21 places from corner to corner."""
    _, share, mouth, places = lip_line(mesh)
    return relief.lip_gap(vertices, share, mouth, places)[0]
