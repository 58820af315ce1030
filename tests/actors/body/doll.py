"""A performer of three boxes: a body that can bend and two round eyes, with a few dozen Gaussians."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actors.body import package, quantise
from actors.body.material import HAIR, IRIS, SKIN
from actors.body.subdivide import stencil
from actors.performance import SHAPE

BOX = np.array([[x, y, z] for z in (0, 1) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))], np.float64)
QUADS = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
EYES = np.array([[0.03, 1.6, 0.02], [-0.03, 1.6, 0.02]])
RADIUS = 0.015
BONES = [(0, 1.1, 0), (0, 1.2, 0), (0, 1.4, 0), (0, 1.5, 0), (0.1, 1.4, 0), (-0.1, 1.4, 0)]


def tensors(seed: int = 0) -> dict[str, np.ndarray]:
    """The contents of a small but complete package."""
    rng = np.random.default_rng(seed)
    body = (BOX - 0.5) * (0.3, 0.6, 0.2) + (0, 1.4, -0.12)
    balls = [(BOX - 0.5) / np.linalg.norm(BOX - 0.5, axis=1, keepdims=True) * RADIUS + eye for eye in EYES]
    vertices = np.concatenate([body, *balls])
    quads = np.concatenate([QUADS, QUADS + 8, QUADS + 16])
    weights = np.zeros((24, 8))
    weights[:8, 1] = np.where(body[:, 1] > 1.4, 0.25, 0.75)
    weights[:8, 3] = 1 - weights[:8, 1]
    weights[8:16, 6] = weights[16:, 7] = 1
    shapes = {SHAPE["jawOpen"]: [0, 1, 4], SHAPE["mouthSmileLeft"]: [2, 6], SHAPE["browInnerUp"]: [3]}
    start, vertex = [0], []
    for shape in range(52):
        vertex += shapes.get(shape, [])
        start.append(len(vertex))
    skin_count = np.r_[rng.integers(0, 3, 48), np.zeros(96, np.int64)]
    skin, solid, strand = int(skin_count.sum()), 12, 9
    result = {
        "mesh.vertices": vertices.astype(np.float32),
        "mesh.quads": quads.astype(np.uint16),
        "mesh.part": np.repeat([0, 1, 2], 6).astype(np.uint8),
        "mesh.weights": np.rint(weights * 255).astype(np.uint8),
        "mesh.bones": np.array([*BONES, *EYES], np.float32),
        "mesh.eyes": np.c_[EYES, [RADIUS] * 2].astype(np.float32),
        "mesh.landmarks": np.arange(8, dtype=np.uint16),
        "mesh.lips": np.array([[2, 1]], np.uint16),
        "shapes.start": np.array(start, np.uint32),
        "shapes.vertex": np.array(vertex, np.uint16),
        "shapes.delta": rng.integers(-32767, 32767, (len(vertex), 3)).astype(np.int16),
        "shapes.step": np.full(52, 1e-6, np.float32),
        "skin.count": skin_count.astype(np.uint8),
        "skin.bytes": rng.integers(0, 128, (package.SKIN_BYTES, skin)).astype(np.uint8),
        "skin.offset": rng.integers(-127, 127, skin).astype(np.int8),
        "skin.material": np.full(skin, SKIN, np.uint8),
        "skin.tilt": np.random.default_rng(seed + 1).integers(-60, 61, (2, skin)).astype(np.int8),
        "steps": np.array([1e-3, 1e-5, 1e-6], np.float32),
        "gallery": rng.normal(size=(2, 128)).astype(np.float32),
        "traits": np.array([0.25, 1.0], np.float32),
    }
    for group, count, triangle, material in (("solid", solid, [50, 100], IRIS), ("strand", strand, [3, 7, 40], HAIR)):
        each = np.full(len(triangle), count // len(triangle))
        result |= {
            f"{group}.triangle": np.array(triangle, np.uint16),
            f"{group}.count": each.astype(np.uint16),
            f"{group}.offset": rng.integers(-9999, 9999, (3, count)).astype(np.int16),
            f"{group}.quat": quantise.pack_quats(rng.normal(size=(count, 4))),
            f"{group}.bytes": rng.integers(60, 200, (package.LOOSE_BYTES, count)).astype(np.uint8),
            f"{group}.material": np.full(count, material, np.uint8),
        }
    return result


def write(path: Path, contents: dict[str, np.ndarray] | None = None) -> str:
    """Write the doll's package; returns its digest."""
    return package.write(path, "test/doll", 1, ["age", "gender"], tensors() if contents is None else contents)


def fine_count() -> int:
    """Vertices of the doll's fine mesh."""
    return len(stencil(tensors()["mesh.quads"], 24))
