"""Head hair: one function a style, from roots on the scalp to splats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake.bind import Splats
from actors.bake.groom_head import Hairline, Head, Spots, smoothstep, unit
from actors.bake.groom_strand import (
    HAIR, Paint, cut, gather, grow, joined, lengths, locks, paint, push_out, taken, turn_to, wave,
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


def build(head: Head, recipe: Scalp, rng: np.random.Generator) -> Splats:
    """The head hair that ``recipe`` asks for, with the tinted skin under it."""
    edge = head.hairline(recipe.receding, recipe.nape)
    styles = {"bob": _bob, "crop": _crop, "bun": _bun, "tousled": _tousled}
    strands, flow = styles[recipe.style](head, edge, recipe, rng)
    return joined([_shell(head, edge, recipe, flow, rng), *strands])


def scalp_roots(head: Head, edge: Hairline, count: int, rng: np.random.Generator, wisps: float = 0.35) -> tuple[Spots, np.ndarray]:
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


def _flat(direction: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """``direction`` [n, 3] without its part along ``outward``."""
    return direction - outward * (direction * outward).sum(1, keepdims=True)


def _reach(strands: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """[n] arc length of each strand up to the first point where ``passed`` [n, k] holds."""
    s = lengths(strands)
    last = np.where(passed.any(1), passed.argmax(1), strands.shape[1] - 1)
    return s[np.arange(len(s)), np.maximum(last, 1)]


def _shell(head: Head, edge: Hairline, recipe: Scalp, flow: np.ndarray, rng: np.random.Generator) -> Splats:
    """Hair too fine to draw: a soft dark layer on the scalp, fading out at the hairline."""
    centres = head.vertices[head.triangles[head.skin]].mean(1)
    spots = head.scatter(rng, 4200, (edge.depth(centres) > -0.008) * 1.0)
    depth = edge.depth(spots.position) + 0.003 * noise(spots.position, 0.012, 3)
    solid = smoothstep(-0.001, 0.016, depth) * 0.97
    keep = solid > 0.04
    spots, solid, depth = spots[keep], solid[keep], depth[keep]
    tangent = unit(_flat(flow(spots) + 0.1 * rng.normal(size=spots.position.shape), spots.normal))
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


def _dressed(head, roots, depth, strands, reach, layer, lock, recipe, rng, *, piece, inner=0.42, radius=1.0, opacity=0.9):
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


def _mass(head, roots, depth, strands, reach, layer, recipe, *, every, radius, piece, dim=0.3):
    """Thick dark strands inside the hair, so that it has a body that light does not pass."""
    chosen = np.flatnonzero((layer < 0.6) & (depth > 0.020))[::every]
    colour = np.tile(np.asarray(recipe.paint.root) * (1 - recipe.paint.greying * 0.5) * dim, (len(chosen), 1))
    return cut(
        strands[chosen], reach[chosen] * 0.9, head.stiff_triangle(roots.position[chosen]), piece=piece, radius=radius,
        opacity=0.8, taper=0.35, fade=0.4, colour=colour, tip_colour=colour * 1.3, roughness=0.6,
    )  # fmt: skip


# ---------------------------------------------------------------- styles


def _bob(head: Head, edge: Hairline, recipe: Scalp, rng: np.random.Generator):
    """Chin length, waved, parted on the performer's left."""
    parting = 0.026
    roots, depth = scalp_roots(head, edge, recipe.strands, rng)
    p = roots.position
    layer = rng.random(len(p)) ** 0.8
    behind = smoothstep(0.02, -0.05, p[:, 2] - head.centre[2])
    swing = np.tanh((p[:, 0] - parting) / (0.002 + 0.030 * behind))
    crown = smoothstep(0.3, 0.9, head.height(p))
    jaw = head.chin_y
    tame = np.where(rng.random(len(p)) < 0.04, 0.15, 1.0)

    def field(point, heading, outward, part):
        high = smoothstep(0.35, 0.98, head.height(point))
        aside = swing * (1 - 0.55 * behind)
        pull = DOWN + X * (high * 1.9 * aside)[:, None] + BACK * (high * 0.25 + behind * high * 1.2 + 0.10)[:, None]
        near = smoothstep(-0.25, 0.25, head.height(point))[:, None]
        pull = near * _flat(pull, outward) + (1 - near) * pull
        # Hair frames the face: it stays beside the cheeks and falls behind them.
        clear = head.ear[0] - 0.009
        front = smoothstep(head.centre[2] + 0.02, head.eye_z - 0.02, point[:, 2]) * smoothstep(0.55, 0.3, head.height(point))
        lack = np.clip((clear - np.abs(point[:, 0])) / 0.012, 0, 1.6) * front
        pull = pull + X * (np.where(point[:, 0] > 0, 1, -1) * lack)[:, None] + BACK * (0.45 * front + 0.6 * lack)[:, None]
        # Off the forehead, all but a few free strands.
        bare = smoothstep(0.010, -0.004, edge.depth(point)) * smoothstep(0.05, 0.2, head.height(point)) * tame
        pull = pull + (BACK * 2.2 + X * (0.8 * np.where(point[:, 0] > 0, 1, -1))[:, None]) * bare[:, None]
        inward = -point * [1, 0, 0.8] / 0.08
        tips = smoothstep(0.75, 1.0, (head.eye_y - point[:, 1]) / (head.eye_y - jaw))[:, None]
        return pull + 0.35 * tips * inward * smoothstep(0.055, 0.085, np.abs(point[:, 0]))[:, None]

    volume = 0.004 + 0.016 * layer * (0.55 + 0.45 * crown)

    def swell(point):
        above, ahead = point[:, 1] - head.ear[1], point[:, 2] - head.ear[2]
        bump = np.exp(-((above / np.where(above > 0, 0.055, 0.11)) ** 2) - (ahead / 0.048) ** 2)
        return 0.008 * bump * smoothstep(0.2, 0.6, np.abs(point[:, 0]) / head.ear[0])

    away = unit(_flat(X * swing[:, None] * (1.2 - behind)[:, None] + DOWN * (1 - crown)[:, None] + BACK * 0.8, roots.normal))
    strands = grow(
        head, roots, 0.3 * roots.normal + away, np.full(len(p), 0.32), volume, field, 40, supple=0.4, swell=swell
    )
    lock = locks(p, 110, rng)
    pull = np.linspace(0, 1, strands.shape[1])[None] ** 0.8 * rng.uniform(0.25, 0.72, len(p))[:, None]
    strands = gather(strands, lock, pull)
    strands = wave(strands, head, lock, amplitude=0.0062, period=0.062, rng=rng, spread=0.3, rise=0.55)
    strands = _clear(head, strands, 0.0035)
    end = jaw - 0.012 + 0.010 * (1 - layer) + 0.006 * rng.normal(size=len(p)) + 0.008 * rng.normal(size=len(p))[lock]
    throat = (np.abs(strands[..., 0]) < 0.05) & (strands[..., 1] < jaw + 0.05) & (strands[..., 2] > head.centre[2] - 0.01)
    reach = _reach(strands, (strands[:, :, 1] < end[:, None]) | throat)
    hair = _dressed(head, roots, depth, strands, reach, layer, lock, recipe, rng, piece=0.009)
    mass = _mass(head, roots, depth, strands, reach, layer, recipe, every=3, radius=0.0016, piece=0.014)
    stray = _strays(head, roots, strands, reach, recipe, rng, 70)

    def flow(spots):
        s = spots.position
        return X * np.where(s[:, 0] > parting, 1, -1)[:, None] + DOWN * 0.5 + BACK * 0.4

    return [mass, hair, stray], flow


def _bun(head: Head, edge: Hairline, recipe: Scalp, rng: np.random.Generator):
    """Swept back from the face into a low coiled bun."""
    height = head.eye_y - 0.022
    _, seat = head.nearest(np.array([[0.0, height, head.back - 0.05]]))
    axis = unit(seat.normal[0] * [0, 1, 1])
    bun = seat.position[0] + axis * 0.017
    roots, depth = scalp_roots(head, edge, recipe.strands, rng, wisps=0.6)
    p = roots.position
    layer = rng.random(len(p))
    crown = smoothstep(0.35, 0.95, head.height(p))
    low_front = (head.height(p) < 0.25) & (head.azimuth(p) < 100)
    swept = 0.0010 * np.sin(head.azimuth(p) / 7 + 4 * noise(p, 0.05, 5))

    def field(point, heading, outward, part):
        to = bun - point
        far = smoothstep(0.02, 0.06, np.linalg.norm(to, axis=1))[:, None]
        sweep = unit(_flat(to, outward)) * far + unit(to) * (1 - far)
        # Past the temples the hair first rises over the ear.
        before = smoothstep(105, 75, head.azimuth(point)) * smoothstep(0.55, 0.1, head.height(point))
        high = smoothstep(0.75, 1.0, head.height(point)) * smoothstep(-0.02, 0.06, point[:, 2] - head.centre[2])
        return sweep - DOWN * (0.9 * before)[:, None] + BACK * (0.6 * high + 0.3 * before)[:, None]

    volume = 0.0025 + 0.009 * layer * (0.5 + 0.9 * crown) + swept
    back = unit(_flat(unit(bun - p) + BACK * 0.6 - DOWN * (0.8 * low_front)[:, None], roots.normal))
    strands = grow(head, roots, 0.2 * roots.normal + back, np.full(len(p), 0.30), volume, field, 44, supple=0.4)
    lock = locks(p, 150, rng)
    k = np.linspace(0, 1, strands.shape[1])[None]
    strands = gather(strands, lock, 0.5 * smoothstep(0.1, 0.6, k) * rng.uniform(0.4, 1, (len(p), 1)))
    strands = wave(strands, head, lock, amplitude=0.0012, period=0.055, rng=rng, spread=0.5)
    strands = _clear(head, strands, 0.0018)
    gone = np.linalg.norm(strands - bun, axis=2) < 0.017
    reach = _reach(strands, gone)
    hair = _dressed(head, roots, depth, strands, reach, layer, lock, recipe, rng, piece=0.009, inner=0.55)
    mass = _mass(head, roots, depth, strands, reach, layer, recipe, every=5, radius=0.0016, piece=0.013, dim=0.4)
    stray = _strays(head, roots, strands, reach, recipe, rng, 60)

    def flow(spots):
        return unit(bun - spots.position) + BACK * 0.5

    return [mass, hair, stray, _coil(head, bun, axis, recipe, rng)], flow


def _coil(head: Head, bun: np.ndarray, axis: np.ndarray, recipe: Scalp, rng: np.random.Generator) -> Splats:
    """A rope of hair wound once and a half around ``axis``, with its dark heart."""
    count, steps = 420, 18
    up = unit(_flat(-DOWN[None], axis[None]))[0]
    side = np.cross(up, axis)
    start = rng.uniform(0, 2 * np.pi, count)
    turn = rng.uniform(1.6, 3.0, count)
    theta = start[:, None] + turn[:, None] * np.linspace(0, 1, steps + 1)[None]
    rope = rng.uniform(0, 2 * np.pi, count)
    lock = np.arange(count) // 9 * 9
    rope = rope[lock] + rng.normal(0, 0.22, count)
    minor = (0.0125 + 0.0012 * rng.normal(size=count)[lock]) * np.clip(rng.normal(0.96, 0.07, count), 0.6, 1.1)
    phi = rope[:, None] + 0.9 * theta
    ring = 0.0150 + minor[:, None] * np.cos(phi)
    lift = minor[:, None] * np.sin(phi) + 0.0022 * np.sin(theta + 1.0)
    points = (
        bun
        + ring[..., None] * (np.cos(theta)[..., None] * side * 1.12 + np.sin(theta)[..., None] * up)
        + lift[..., None] * axis
    )
    root, tip = paint(recipe.paint, lock, rng)
    near = smoothstep(-0.010, 0.008, minor * np.sin(rope))[:, None]
    shade = 0.75 + 0.25 * near
    seat = np.repeat(head.stiff_triangle(bun[None]), count)
    hair = cut(
        points, np.full(count, 0.2), seat, piece=0.008, radius=recipe.radius * 1.05, opacity=0.9,
        colour=root * shade, tip_colour=tip * shade, roughness=recipe.gloss, fade=0.7,
    )  # fmt: skip
    ring_angle = np.linspace(0, 2 * np.pi, 49)[None] + np.zeros((7, 1))
    spoke = np.linspace(0, 2 * np.pi, 7, endpoint=False)[:, None]
    ring = 0.015 + 0.0075 * np.cos(spoke)
    heart = (
        bun
        + ring[..., None] * (np.cos(ring_angle)[..., None] * side * 1.12 + np.sin(ring_angle)[..., None] * up)
        + (0.0075 * np.sin(spoke) + np.zeros_like(ring_angle))[..., None] * axis
    )
    dark = np.tile(np.asarray(recipe.paint.root) * 0.35, (7, 1))
    core = cut(heart, np.full(7, 1.0), seat[:7], piece=0.006, radius=0.0036, opacity=0.95, taper=1.0, fade=1.0,
               colour=dark, tip_colour=dark, roughness=0.6)  # fmt: skip
    return joined([core, hair])


def _tousled(head: Head, edge: Hairline, recipe: Scalp, rng: np.random.Generator):
    """Thick and short: the fringe rises off the forehead, the sides lie close."""
    roots, depth = scalp_roots(head, edge, recipe.strands, rng)
    p = roots.position
    layer = rng.random(len(p)) ** 0.8
    top = smoothstep(0.45, 0.85, head.height(p))
    front = top * smoothstep(-0.02, 0.07, p[:, 2] - head.centre[2])
    lock = locks(p, 150, rng)
    astray = rng.normal(0, 1, (len(p), 3)).clip(-1.2, 1.2)[lock] + 0.35 * rng.normal(0, 1, (len(p), 3))
    settled = 0.35 + 0.65 * smoothstep(0.0, 0.020, depth)  # the edge of the hair obeys
    length = (0.020 + 0.036 * top + 0.014 * front) * rng.uniform(0.75, 1.15, len(p)) * (1 + 0.15 * rng.normal(size=len(p)))[lock].clip(0.7, 1.2)

    def field(point, heading, outward, part):
        sweep = BACK * (0.35 + 0.65 * top)[:, None] + X * (-0.45 * top)[:, None] + DOWN * (1.0 - 0.8 * top)[:, None]
        rise = -DOWN * (front * (0.7 - 1.8 * part)).clip(0)[:, None]
        return _flat(sweep, outward) + rise + astray * ((0.36 * top + 0.10) * settled)[:, None] + 0.35 * DOWN * part * top[:, None]

    volume = 0.003 + layer * (0.006 + 0.016 * top + 0.014 * front)
    start = roots.normal * (0.5 + 0.6 * top)[:, None] + unit(_flat(BACK * 0.6 + DOWN * (1 - top)[:, None] - X * 0.3 * top[:, None], roots.normal))
    strands = grow(head, roots, start + 0.15 * astray * settled[:, None], length, volume, field, 14, supple=0.3)
    k = np.linspace(0, 1, strands.shape[1])[None]
    strands = gather(strands, lock, k**0.8 * rng.uniform(0.2, 0.75, len(p))[:, None])
    strands = wave(strands, head, lock, amplitude=0.0022, period=0.042, rng=rng, spread=0.5, rise=0.5)
    strands = _clear(head, strands, 0.0015)
    reach = lengths(strands)[:, -1]
    hair = _dressed(head, roots, depth, strands, reach, layer, lock, recipe, rng, piece=0.0075)
    mass = _mass(head, roots, depth, strands, reach, layer, recipe, every=4, radius=0.0013, piece=0.010)
    stray = _strays(head, roots, strands, reach, recipe, rng, 60)

    def flow(spots):
        return BACK * 0.7 + DOWN * 0.6 + np.zeros_like(spots.position)

    return [mass, hair, stray], flow


def _crop(head: Head, edge: Hairline, recipe: Scalp, rng: np.random.Generator):
    """Very short, tightly coiled."""
    roots, depth = scalp_roots(head, edge, recipe.strands, rng, wisps=0.25)
    p = roots.position
    count = len(p)
    high = smoothstep(-0.1, 0.7, head.height(p))
    tall = (0.0040 + 0.0026 * high) * rng.uniform(0.7, 1.2, count) * (0.5 + 0.5 * smoothstep(0, EDGE, depth))
    strands = coils(roots, tall, 0.0011, rng, lean=0.5 * rng.normal(size=(count, 3)))
    strands = _clear(head, strands, 0.0004)
    lock = locks(p, 900, rng)
    layer = rng.random(count)
    hair = _dressed(head, roots, depth, strands, lengths(strands)[:, -1], layer, lock, recipe, rng, piece=0.0030, inner=0.75, opacity=0.8)

    def flow(spots):
        return DOWN + 0.4 * BACK + 0.3 * rng.normal(size=spots.position.shape)

    return [hair], flow


def coils(roots: Spots, tall: np.ndarray, radius: float, rng: np.random.Generator, lean: np.ndarray | None = None) -> np.ndarray:
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


def _clear(head: Head, strands: np.ndarray, clearance: float) -> np.ndarray:
    """``strands`` with every point but the root at least ``clearance`` metres off the skin, rising over three steps."""
    count, steps, _ = strands.shape
    least = np.tile(clearance * np.clip(np.arange(1, steps) / 3, 0, 1), count)
    strands = strands.copy()
    strands[:, 1:] = push_out(head, strands[:, 1:].reshape(-1, 3), least).reshape(count, steps - 1, 3)
    return strands


def _strays(head, roots, strands, reach, recipe, rng, count) -> Splats:
    """Single hairs that left their lock."""
    chosen = rng.choice(len(strands), min(count, len(strands)), replace=False)
    loose = strands[chosen]
    k = np.linspace(0, 1, loose.shape[1])[None, :, None] ** 1.5
    outward = unit(loose - head.centre)
    drift = unit(rng.normal(size=(len(chosen), 1, 3))) * 0.006 + outward * rng.uniform(0.001, 0.006, (len(chosen), 1, 1))
    bend = np.sin(k * rng.uniform(2, 5, (len(chosen), 1, 1)) + rng.uniform(0, 6, (len(chosen), 1, 1))) * 0.004
    loose = _clear(head, loose + k * drift + k * bend * outward, 0.001)
    root, tip = paint(recipe.paint, np.arange(len(chosen)), rng)
    return cut(
        loose, reach[chosen] * rng.uniform(0.6, 1.0, len(chosen)), head.stiff_triangle(roots.position[chosen]),
        piece=0.008, radius=recipe.radius * 0.45, opacity=0.4, colour=root, tip_colour=tip, roughness=recipe.gloss,
    )  # fmt: skip
