"""What all styles of head hair are made of: roots, the layer under them, and strands dressed as splats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake.bind import Splats
from actors.bake.groom_head import Hairline, Head, Spots, smoothstep, unit
from actors.bake.groom_strand import (
    HAIR,
    Paint,
    cut,
    lengths,
    paint,
    push_out,
)  # fmt: skip

X, DOWN, BACK = np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), np.array([0, 0, -1.0])
EDGE = 0.012  # metres over which the hairline goes from wisps to full hair


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalp:
    """What grows on the head."""

    style: str  # bob, crop, bun or tousled
    paint: Paint
    strands: int
    receding: float = 0.0
    nape: float = 0.0  # how much the hairline of the nape is lifted, as a part of the crown's height
    radius: float = 0.00034  # metres, standard deviation across a strand
    gloss: float = 0.38  # roughness
    under: float = 0.5  # brightness of the hair too fine to draw, as a part of that of the strands


def scalp_roots(
    head: Head, edge: Hairline, count: int, rng: np.random.Generator, wisps: float = 0.35
) -> tuple[Spots, np.ndarray]:
    """About ``count`` roots with their depth behind the hairline, thinning out over its edge."""
    centres = head.vertices[head.triangles[head.skin]].mean(1)
    spots = head.scatter(rng, count * 3, (edge.depth(centres) > -0.012) * 1.0)
    ragged = 0.004 * noise(spots.position, 0.012, 3) + 0.002 * rng.normal(size=len(spots))
    depth = edge.depth(spots.position) + ragged
    chance = np.where(depth < 0, 0.0, wisps + (1 - wisps) * smoothstep(0.0, EDGE, depth))
    chance[head.ears(spots)] = 0
    keep = rng.random(len(spots)) < chance
    spots, depth = spots[keep], depth[keep]
    chosen = np.sort(rng.permutation(len(spots))[:count])
    return spots[chosen], depth[chosen]


def noise(points: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Smooth noise [n] in about -1..1 with features of ``size`` metres."""
    rng = np.random.default_rng(seed)
    wave_vectors = rng.normal(0, 1.2 / size, (8, 3))
    phases = rng.uniform(0, 2 * np.pi, 8)
    return np.sin(points @ wave_vectors.T + phases).sum(1) / 2.8


def flattened(direction: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """``direction`` [n, 3] without its part along ``outward``."""
    return direction - outward * (direction * outward).sum(1, keepdims=True)


def reach(strands: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """[n] arc length of each strand up to the first point where ``passed`` [n, k] holds."""
    s = lengths(strands)
    last = np.where(passed.any(1), passed.argmax(1), strands.shape[1] - 1)
    return s[np.arange(len(s)), np.maximum(last, 1)]


def underlayer(head: Head, edge: Hairline, recipe: Scalp, flow: np.ndarray, rng: np.random.Generator) -> Splats:
    """Hair too fine to draw: a soft dark layer on the scalp, fading out at the hairline."""
    centres = head.vertices[head.triangles[head.skin]].mean(1)
    spots = head.scatter(rng, 4200, (edge.depth(centres) > -0.008) * 1.0)
    depth = edge.depth(spots.position) + 0.003 * noise(spots.position, 0.012, 3)
    solid = smoothstep(-0.001, 0.016, depth) * 0.97
    keep = solid > 0.04
    spots, solid, depth = spots[keep], solid[keep], depth[keep]
    tangent = unit(flattened(flow(spots) + 0.1 * rng.normal(size=spots.position.shape), spots.normal))
    side = np.cross(spots.normal, tangent)
    size = np.sqrt(head.area[head.skin][edge.depth(centres) > 0].sum() / len(spots))
    dark = np.asarray(recipe.paint.root) * recipe.under * np.exp(0.12 * rng.normal(size=(len(spots), 1)))
    return Splats(
        triangle=spots.triangle.astype(np.int32),
        position=(spots.position + spots.normal * 0.0004).astype(np.float32),
        quat=frame(tangent, side, spots.normal).astype(np.float32),
        scale=np.tile(np.array([size * 1.3, size * 1.0, size * 0.05], np.float32), (len(spots), 1)),
        opacity=solid.astype(np.float32),
        albedo=np.clip(dark, 0, 1).astype(np.float32),
        roughness=np.full(len(spots), 0.6, np.float32),
        normal=tangent.astype(np.float32),
        material=np.full(len(spots), HAIR, np.uint8),
        loose=np.zeros(len(spots), bool),
    )


def frame(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(np.stack([x, y, z], 2)).as_quat()[:, [3, 0, 1, 2]]


def dressed(
    head, roots, depth, strands, reach, layer, lock, recipe, rng, *, piece, inner=0.42, radius=1.0, opacity=0.9
):
    """Splats of grown ``strands``: lighter and finer at the hairline, darker in the lower layers."""
    root, tip = paint(recipe.paint, lock, rng)
    fine = smoothstep(0.0, EDGE, depth)
    shade = (inner + (1 - inner) * smoothstep(0.0, 0.8, layer))[:, None]
    soft = (1.25 - 0.25 * fine)[:, None]
    return cut(
        strands, reach * (0.75 + 0.25 * fine), head.stiff_triangle(roots.position), piece=piece,
        radius=recipe.radius * radius * (0.5 + 0.5 * fine), opacity=opacity * (0.45 + 0.55 * fine),
        colour=root * shade * soft, tip_colour=tip * (0.5 + 0.5 * shade) * soft, roughness=recipe.gloss,
    )  # fmt: skip


def mass(head, roots, depth, strands, reach, layer, recipe, *, every, radius, piece, dim=0.3):
    """Thick dark strands inside the hair, so that it has a body that light does not pass."""
    chosen = np.flatnonzero((layer < 0.6) & (depth > 0.020))[::every]
    colour = np.tile(np.asarray(recipe.paint.root) * (1 - recipe.paint.greying * 0.5) * dim, (len(chosen), 1))
    return cut(
        strands[chosen], reach[chosen] * 0.9, head.stiff_triangle(roots.position[chosen]), piece=piece, radius=radius,
        opacity=0.8, taper=0.35, fade=0.4, colour=colour, tip_colour=colour * 1.3, roughness=0.6,
    )  # fmt: skip


def coils(
    roots: Spots, tall: np.ndarray, radius: float, rng: np.random.Generator, lean: np.ndarray | None = None
) -> np.ndarray:
    """Little helices [n, 9, 3] that rise ``tall`` [n] metres from ``roots``, ``radius`` metres wide."""
    count = len(roots)
    axis = unit(roots.normal + 0.35 * rng.normal(size=(count, 3)) + (0 if lean is None else lean))
    a = unit(np.cross(axis, rng.normal(size=(count, 3))))
    b = np.cross(axis, a)
    t = np.linspace(0, 1, 9)[None]
    angle = rng.uniform(0, 2 * np.pi, count)[:, None] + t * (rng.uniform(1.0, 1.5, count) * 2 * np.pi)[:, None]
    width = radius * rng.uniform(0.7, 1.3, count)[:, None] * np.minimum(1, 3 * t)
    return (
        roots.position[:, None]
        + axis[:, None] * (t * tall[:, None])[..., None]
        + (width * np.cos(angle))[..., None] * a[:, None]
        + (width * np.sin(angle))[..., None] * b[:, None]
    )


def clear(head: Head, strands: np.ndarray, clearance: float) -> np.ndarray:
    """``strands`` with every point but the root at least ``clearance`` metres off the skin, rising over three steps."""
    count, steps, _ = strands.shape
    least = np.tile(clearance * np.clip(np.arange(1, steps) / 3, 0, 1), count)
    strands = strands.copy()
    strands[:, 1:] = push_out(head, strands[:, 1:].reshape(-1, 3), least).reshape(count, steps - 1, 3)
    return strands


def strays(head, roots, strands, ends, recipe, rng, count, barred=None) -> Splats:
    """Single hairs that left their lock; none goes past the first point that ``barred`` [n, k] of points holds for."""
    chosen = rng.choice(len(strands), min(count, len(strands)), replace=False)
    loose = strands[chosen]
    k = np.linspace(0, 1, loose.shape[1])[None, :, None] ** 1.5
    outward = unit(loose - head.centre)
    drift = unit(rng.normal(size=(len(chosen), 1, 3))) * 0.006 + outward * rng.uniform(
        0.001, 0.006, (len(chosen), 1, 1)
    )
    bend = np.sin(k * rng.uniform(2, 5, (len(chosen), 1, 1)) + rng.uniform(0, 6, (len(chosen), 1, 1))) * 0.004
    loose = clear(head, loose + k * drift + k * bend * outward, 0.001)
    root, tip = paint(recipe.paint, np.arange(len(chosen)), rng)
    ends = ends[chosen]
    if barred is not None:
        ends = np.minimum(ends, reach(loose, barred(loose)))
    return cut(
        loose, ends * rng.uniform(0.6, 1.0, len(chosen)), head.stiff_triangle(roots.position[chosen]),
        piece=0.008, radius=recipe.radius * 0.45, opacity=0.4, colour=root, tip_colour=tip, roughness=recipe.gloss,
    )  # fmt: skip
