"""A small stand-in for a performer's mesh: a curved face plate with eyes, lips, teeth and tongue."""

from __future__ import annotations

import numpy as np

from actors.bake import mesh as parts
from actors.bake.mesh import Coarse, Mesh
from actors.body.subdivide import stencil
from actors.performance import ARKIT_SHAPES, SHAPE

EYES = np.array([[0.031, 1.60, 0.068], [-0.031, 1.60, 0.068]])
RADIUS = 0.0125
MOUTH = np.array([0.0, 1.53, 0.088])


def face_plate() -> Mesh:
    """Lips closed 18 mm in front of the throat; the plate bulges towards +Z and has no holes."""
    pieces, part, place = [], [], []
    total = 0

    def add(points: np.ndarray, quads: np.ndarray, which: int) -> None:
        nonlocal total
        place.append(points)
        pieces.append(quads + total)
        part.append(np.full(len(quads), which, np.uint8))
        total += len(points)

    x, y = np.meshgrid(np.linspace(-0.075, 0.075, 61), np.linspace(1.44, 1.70, 105))
    z = 0.09 - 9.0 * x**2 - 1.2 * (y - 1.56) ** 2 + 0.012 * np.exp(-(((x / 0.012) ** 2) + ((y - 1.565) / 0.018) ** 2))
    for centre in EYES:  # lids that lie on the balls; there is no opening
        inside = (1.02 * RADIUS) ** 2 - (x - centre[0]) ** 2 - (y - centre[1]) ** 2
        z = np.maximum(z, centre[2] + np.sqrt(np.maximum(inside, 0)) - 0.1 * (inside <= 0))
    add(np.stack([x, y, z], -1).reshape(-1, 3), _grid(105, 61), parts.SKIN)
    for centre, which in ((EYES[0], parts.EYE_LEFT), (EYES[1], parts.EYE_RIGHT)):
        turn, high = np.meshgrid(np.linspace(-np.pi, np.pi, 17), np.linspace(-1.35, 1.35, 9))
        out = np.stack([np.sin(turn) * np.cos(high), np.sin(high), np.cos(turn) * np.cos(high)], -1)
        add((centre + RADIUS * out).reshape(-1, 3), _grid(9, 17), which)
    for low, which in ((MOUTH[1], parts.TEETH_UPPER), (MOUTH[1] - 0.016, parts.TEETH_LOWER)):
        t, high = np.meshgrid(np.linspace(-1.2, 1.2, 15), np.linspace(low, low + 0.016, 3))
        ring = np.stack([0.030 * np.sin(t), high, MOUTH[2] - 0.052 + 0.040 * np.cos(t)], -1)
        add(ring.reshape(-1, 3), _grid(3, 15), which)
    t, back = np.meshgrid(np.linspace(-0.016, 0.016, 7), np.linspace(MOUTH[2] - 0.020, MOUTH[2] - 0.060, 7))
    add(np.stack([t, np.full_like(t, MOUTH[1] - 0.004), back], -1).reshape(-1, 3), _grid(7, 7), parts.TONGUE)

    vertices = np.concatenate(place).astype(np.float32)
    quads, part = np.concatenate(pieces).astype(np.int32), np.concatenate(part)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)
    deltas = np.zeros((len(ARKIT_SHAPES), *vertices.shape), np.float32)
    skin = np.arange(len(vertices)) < 105 * 61
    below = vertices[:, 1] < MOUTH[1]
    deltas[SHAPE["jawOpen"], skin & below | (vertices[:, 1] < MOUTH[1] - 0.001) & ~skin, 1] = -0.03
    weights = np.zeros((len(vertices), 8), np.float32)
    weights[:, 3] = 1
    coarse = Coarse(vertices, quads, deltas, weights, part, np.arange(len(vertices)), stencil(quads, len(vertices)))
    return Mesh(
        vertices, triangles.astype(np.int32), vertices[:, :2].copy(), deltas, weights, np.zeros((8, 3), np.float32),
        np.full(8, -1, np.int32), np.repeat(part, 2), _regions(vertices.astype(np.float64), skin),
        EYES.astype(np.float32), RADIUS, coarse,
    )  # fmt: skip


def _grid(rows: int, columns: int) -> np.ndarray:
    """Quads [F, 4] of a grid, anticlockwise seen from +Z when rows rise and columns go right."""
    at = np.arange(rows * columns).reshape(rows, columns)
    return np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]], -1).reshape(-1, 4)


def _regions(at: np.ndarray, skin: np.ndarray) -> dict[str, np.ndarray]:
    def blob(x: float, y: float, wide: float, high: float) -> np.ndarray:
        far = np.hypot((at[:, 0] - x) / wide, (at[:, 1] - y) / high)
        return np.clip(1.5 - far, 0, 1)

    masks = {
        "lips": blob(0, MOUTH[1], 0.025, 0.009), "inner_mouth": np.zeros(len(at)), "nose": blob(0, 1.568, 0.016, 0.02),
        "ears": np.zeros(len(at)), "lids": np.zeros(len(at)), "scalp": np.clip((at[:, 1] - 1.67) / 0.01, 0, 1),
        "neck": np.clip((1.47 - at[:, 1]) / 0.01, 0, 1),
        "beard": blob(0, 1.49, 0.05, 0.03), "chin": blob(0, 1.49, 0.015, 0.012),
        "cheeks": np.zeros(len(at)), "forehead": blob(0, 1.65, 0.04, 0.02), "eye_socket": np.zeros(len(at)),
    }  # fmt: skip
    for k, side in enumerate(("left", "right")):
        x, y, _ = EYES[k]
        ring = np.abs(np.hypot((at[:, 0] - x) / 0.010, (at[:, 1] - y) / 0.005) - 1)
        rim = np.clip(1.3 - ring * 1.5, 0, 1)
        masks[f"lid_rim_{side}"] = rim
        masks[f"lid_rim_upper_{side}"], masks[f"lid_rim_lower_{side}"] = rim * (at[:, 1] >= y), rim * (at[:, 1] < y)
        masks[f"lid_upper_{side}"], masks[f"lid_lower_{side}"] = (
            blob(x, y + 0.006, 0.014, 0.005),
            blob(x, y - 0.006, 0.014, 0.005),
        )
        masks[f"brow_{side}"] = blob(x, y + 0.02, 0.02, 0.004)
    return {name: np.where(skin, mask, 0).astype(np.float32) for name, mask in masks.items()}
