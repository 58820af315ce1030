"""Head hair: one function a style, from roots on the scalp to splats."""

from __future__ import annotations

import numpy as np

from actors.bake.bind import Splats
from actors.bake.groom_head import Hairline, Head, smoothstep, unit
from actors.bake.groom_layer import (
    BACK,
    DOWN,
    EDGE,
    Scalp,
    X,
    clear,
    coils,
    dressed,
    flattened,
    mass,
    noise,
    reach,
    scalp_roots,
    strays,
    underlayer,
)  # fmt: skip
from actors.bake.groom_strand import cut, gather, grow, joined, lengths, locks, paint, wave


def build(head: Head, recipe: Scalp, rng: np.random.Generator) -> Splats:
    """The head hair that ``recipe`` asks for, with the tinted skin under it."""
    edge = head.hairline(recipe.receding, recipe.nape)
    styles = {"bob": _bob, "crop": _crop, "bun": _bun, "tousled": _tousled}
    strands, flow = styles[recipe.style](head, edge, recipe, rng)
    return joined([underlayer(head, edge, recipe, flow, rng), *strands])


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

    def field(point, heading, outward, part):
        high = smoothstep(0.35, 0.98, head.height(point))
        aside = swing * (1 - 0.55 * behind)
        pull = DOWN + X * (high * 1.9 * aside)[:, None] + BACK * (high * 0.25 + behind * high * 1.2 + 0.10)[:, None]
        near = smoothstep(-0.25, 0.25, head.height(point))[:, None]
        pull = near * flattened(pull, outward) + (1 - near) * pull
        # Hair frames the face: it stays beside the cheeks and falls behind them.
        clear = head.ear[0] - 0.009
        front = smoothstep(head.centre[2] + 0.02, head.eye_z - 0.02, point[:, 2]) * smoothstep(
            0.55, 0.3, head.height(point)
        )
        lack = np.clip((clear - np.abs(point[:, 0])) / 0.012, 0, 1.6) * front
        pull = (
            pull + X * (np.where(point[:, 0] > 0, 1, -1) * lack)[:, None] + BACK * (0.45 * front + 0.6 * lack)[:, None]
        )
        # Off the forehead.
        bare = smoothstep(0.010, -0.004, edge.depth(point)) * smoothstep(0.05, 0.2, head.height(point))
        pull = pull + (BACK * 2.2 + X * (0.8 * np.where(point[:, 0] > 0, 1, -1))[:, None]) * bare[:, None]
        inward = -point * [1, 0, 0.8] / 0.08
        tips = smoothstep(0.75, 1.0, (head.eye_y - point[:, 1]) / (head.eye_y - jaw))[:, None]
        return pull + 0.35 * tips * inward * smoothstep(0.055, 0.085, np.abs(point[:, 0]))[:, None]

    volume = 0.004 + 0.016 * layer * (0.55 + 0.45 * crown)

    def swell(point):
        above, ahead = point[:, 1] - head.ear[1], point[:, 2] - head.ear[2]
        bump = np.exp(-((above / np.where(above > 0, 0.055, 0.11)) ** 2) - (ahead / 0.048) ** 2)
        return 0.008 * bump * smoothstep(0.2, 0.6, np.abs(point[:, 0]) / head.ear[0])

    away = unit(
        flattened(X * swing[:, None] * (1.2 - behind)[:, None] + DOWN * (1 - crown)[:, None] + BACK * 0.8, roots.normal)
    )
    strands = grow(
        head, roots, 0.3 * roots.normal + away, np.full(len(p), 0.32), volume, field, 40, supple=0.4, swell=swell
    )
    lock = locks(p, 110, rng)
    pull = np.linspace(0, 1, strands.shape[1])[None] ** 0.8 * rng.uniform(0.25, 0.72, len(p))[:, None]
    strands = gather(strands, lock, pull)
    strands = wave(strands, head, lock, amplitude=0.0062, period=0.062, rng=rng, spread=0.3, rise=0.55)
    strands = clear(head, strands, 0.0035)
    end = jaw - 0.012 + 0.010 * (1 - layer) + 0.006 * rng.normal(size=len(p)) + 0.008 * rng.normal(size=len(p))[lock]
    throat = (
        (np.abs(strands[..., 0]) < 0.05) & (strands[..., 1] < jaw + 0.05) & (strands[..., 2] > head.centre[2] - 0.01)
    )

    def brow(points):
        """On the forehead, where no hair may lie."""
        flat = points.reshape(-1, 3)
        off = (head.height(flat) > 0.22) & (head.azimuth(flat) < 52) & (edge.depth(flat) < -0.004)
        return off.reshape(points.shape[:-1])

    ends = reach(strands, (strands[:, :, 1] < end[:, None]) | throat | brow(strands))
    whole = np.flatnonzero(ends > 0.035)  # shorter ones lie as specks on the neck
    roots, depth, strands, ends, layer = roots[whole], depth[whole], strands[whole], ends[whole], layer[whole]
    lock = np.unique(lock[whole], return_inverse=True)[1]
    hair = dressed(head, roots, depth, strands, ends, layer, lock, recipe, rng, piece=0.009)
    heart = mass(head, roots, depth, strands, ends, layer, recipe, every=3, radius=0.0016, piece=0.014)
    stray = strays(head, roots, strands, ends, recipe, rng, 60, barred=brow)

    def flow(spots):
        s = spots.position
        return X * np.where(s[:, 0] > parting, 1, -1)[:, None] + DOWN * 0.5 + BACK * 0.4

    return [heart, hair, stray], flow


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
    swept = 0.0004 * np.sin(head.azimuth(p) / 7 + 4 * noise(p, 0.05, 5))

    def field(point, heading, outward, part):
        to = bun - point
        far = smoothstep(0.02, 0.06, np.linalg.norm(to, axis=1))[:, None]
        sweep = unit(flattened(to, outward)) * far + unit(to) * (1 - far)
        # Past the temples the hair first rises over the ear.
        before = smoothstep(105, 75, head.azimuth(point)) * smoothstep(0.55, 0.1, head.height(point))
        high = smoothstep(0.75, 1.0, head.height(point)) * smoothstep(-0.02, 0.06, point[:, 2] - head.centre[2])
        return sweep - DOWN * (0.9 * before)[:, None] + BACK * (0.6 * high + 0.3 * before)[:, None]

    volume = 0.0025 + 0.009 * layer * (0.5 + 0.9 * crown) + swept
    back = unit(flattened(unit(bun - p) + BACK * 0.6 - DOWN * (0.8 * low_front)[:, None], roots.normal))
    strands = grow(head, roots, 0.2 * roots.normal + back, np.full(len(p), 0.30), volume, field, 44, supple=0.4)
    lock = locks(p, 150, rng)
    k = np.linspace(0, 1, strands.shape[1])[None]
    strands = gather(strands, lock, 0.28 * smoothstep(0.2, 0.8, k) * rng.uniform(0.4, 1, (len(p), 1)))
    strands = wave(strands, head, lock, amplitude=0.0012, period=0.055, rng=rng, spread=0.5)
    strands = clear(head, strands, 0.0018)
    gone = np.linalg.norm(strands - bun, axis=2) < 0.017
    ends = reach(strands, gone)
    hair = dressed(head, roots, depth, strands, ends, layer, lock, recipe, rng, piece=0.009, inner=0.55)
    heart = mass(head, roots, depth, strands, ends, layer, recipe, every=5, radius=0.0016, piece=0.013, dim=0.4)
    stray = strays(head, roots, strands, ends, recipe, rng, 60)

    def flow(spots):
        return unit(bun - spots.position) + BACK * 0.5

    return [heart, hair, stray, _coil(head, bun, axis, recipe, rng)], flow


def _coil(head: Head, bun: np.ndarray, axis: np.ndarray, recipe: Scalp, rng: np.random.Generator) -> Splats:
    """A rope of hair wound once and a half around ``axis``, with its dark heart."""
    count, steps = 420, 18
    up = unit(flattened(-DOWN[None], axis[None]))[0]
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
    length = (
        (0.020 + 0.034 * top + 0.006 * front)
        * rng.uniform(0.75, 1.15, len(p))
        * (1 + 0.15 * rng.normal(size=len(p)))[lock].clip(0.7, 1.2)
    )

    def field(point, heading, outward, part):
        sweep = BACK * (0.35 + 0.65 * top)[:, None] + X * (-0.45 * top)[:, None] + DOWN * (1.0 - 0.8 * top)[:, None]
        rise = -DOWN * (front * (0.40 - 1.4 * part)).clip(0)[:, None]
        return (
            flattened(sweep, outward)
            + rise
            + astray * ((0.36 * top + 0.10) * settled)[:, None]
            + 0.35 * DOWN * part * top[:, None]
        )

    volume = 0.003 + layer * (0.006 + 0.014 * top + 0.005 * front)
    start = roots.normal * (0.5 + 0.6 * top)[:, None] + unit(
        flattened(BACK * 0.6 + DOWN * (1 - top)[:, None] - X * 0.3 * top[:, None], roots.normal)
    )
    strands = grow(head, roots, start + 0.15 * astray * settled[:, None], length, volume, field, 14, supple=0.3)
    k = np.linspace(0, 1, strands.shape[1])[None]
    strands = gather(strands, lock, k**0.8 * rng.uniform(0.2, 0.75, len(p))[:, None])
    strands = wave(strands, head, lock, amplitude=0.0022, period=0.042, rng=rng, spread=0.5, rise=0.5)
    strands = clear(head, strands, 0.0015)
    ends = lengths(strands)[:, -1]
    hair = dressed(head, roots, depth, strands, ends, layer, lock, recipe, rng, piece=0.0075)
    heart = mass(head, roots, depth, strands, ends, layer, recipe, every=4, radius=0.0013, piece=0.010)
    stray = strays(head, roots, strands, ends, recipe, rng, 60)

    def flow(spots):
        return BACK * 0.7 + DOWN * 0.6 + np.zeros_like(spots.position)

    return [heart, hair, stray], flow


def _crop(head: Head, edge: Hairline, recipe: Scalp, rng: np.random.Generator):
    """Very short, tightly coiled."""
    roots, depth = scalp_roots(head, edge, recipe.strands, rng, wisps=0.25)
    p = roots.position
    count = len(p)
    high = smoothstep(-0.1, 0.7, head.height(p))
    tall = (0.0040 + 0.0026 * high) * rng.uniform(0.7, 1.2, count) * (0.5 + 0.5 * smoothstep(0, EDGE, depth))
    strands = coils(roots, tall, 0.0011, rng, lean=0.5 * rng.normal(size=(count, 3)))
    strands = clear(head, strands, 0.0004)
    lock = locks(p, 900, rng)
    layer = rng.random(count)
    hair = dressed(
        head,
        roots,
        depth,
        strands,
        lengths(strands)[:, -1],
        layer,
        lock,
        recipe,
        rng,
        piece=0.0030,
        inner=0.75,
        opacity=0.8,
    )

    def flow(spots):
        return DOWN + 0.4 * BACK + 0.3 * rng.normal(size=spots.position.shape)

    return [hair], flow
