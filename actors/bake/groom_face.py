"""Hair of the face: brows along the ridge, lashes on the lid line, beard and stubble."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from actors.bake.bind import Splats
from actors.bake.groom_head import Head, Spots, smoothstep, unit
from actors.bake.groom_layer import DOWN, coils, frame, noise
from actors.bake.groom_strand import HAIR, Paint, cut, joined, lengths, locks, paint, push_out
from actors.performance import SHAPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Brow:
    """A brow: its line over the ridge and how its hairs stand."""

    paint: Paint
    hairs: int = 330  # of one side
    width: float = 0.0045  # metres, half, at its fullest
    length: float = 0.0085  # metres
    arch: float = 0.0040  # metres that the peak rises over the inner end
    lift: float = 0.0  # metres the whole line lies above the ridge
    inner: float = 0.013  # metres from the middle of the face
    outer: float = 0.057
    unruly: float = 0.12
    radius: float = 0.00017  # metres, standard deviation across a hair


@dataclass(frozen=True, slots=True, kw_only=True)
class Lash:
    """The lashes of one performer."""

    upper: int = 95  # of one eye
    lower: int = 42
    length: float = 0.0082  # metres, of the upper
    colour: tuple[float, float, float] = (0.014, 0.011, 0.009)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beard:
    """What grows on cheeks, lip, chin and throat."""

    paint: Paint
    hairs: int
    length: float  # metres
    coiled: bool = False
    shade: float = 0.7  # how much of the skin under it the finest hair hides
    cheek: float = 0.0  # metres the line on the cheek is lifted
    patchy: float = 0.0
    radius: float = 0.0002


def brows(head: Head, recipe: Brow, rng: np.random.Generator) -> Splats:
    """Both brows: up at the nose, outwards along the ridge, tapering to the tail."""
    return joined([_brow(head, recipe, side, rng) for side in (1.0, -1.0)])


def _brow(head: Head, recipe: Brow, side: float, rng: np.random.Generator) -> Splats:
    count = recipe.hairs
    size = np.linalg.norm(head.deltas[SHAPE["browDownLeft" if side > 0 else "browDownRight"]], axis=1)
    size = np.where(size > 0.5 * size.max(), size, 0)
    ridge = float(size @ head.vertices[:, 1] / size.sum()) + recipe.lift
    u = np.clip((np.arange(count) + rng.random(count)) / count, 0, 1) ** 1.05
    v = rng.uniform(-1, 1, count)
    v = np.sign(v) * np.abs(v) ** 0.8
    # Thinner where it begins, fullest at a quarter, drawn out to the tail.
    half = recipe.width * np.interp(u, [0, 0.10, 0.30, 0.62, 0.85, 1], [0.62, 0.95, 1.0, 0.74, 0.42, 0.10])
    # The lower edge of the inner end is soft.
    keep = rng.random(count) < np.interp(u, [0, 0.12, 0.9, 1], [0.45, 1, 1, 0.55])
    u, v, half = u[keep], v[keep], half[keep]
    count = len(u)
    x = recipe.inner + u * (recipe.outer - recipe.inner)
    y = ridge + _brow_line(u, recipe.arch) + v * half + 0.0004 * rng.normal(size=count)
    roots = _on_face(head, np.stack([side * x, y], 1))

    slope = np.gradient(_brow_line(np.linspace(0, 1, 101), recipe.arch), 0.01) / (recipe.outer - recipe.inner)
    along = np.degrees(np.arctan(np.interp(u, np.linspace(0, 1, 101), slope)))
    # Angle over the line: upright at the nose, then the lower hairs sweep up and the upper ones down onto the ridge.
    stand = np.interp(u, [0, 0.08, 0.22, 0.45, 0.7, 1], [72, 62, 38, 16, 5, 0])
    lean = np.interp(u, [0, 0.2, 0.5, 1], [8, 16, 20, 10])
    angle = np.radians(along + stand - lean * v + recipe.unruly * 60 * rng.normal(size=count))
    direction = np.stack([side * np.cos(angle), np.sin(angle), np.zeros(count)], 1)
    length = (
        recipe.length
        * np.interp(u, [0, 0.1, 0.4, 0.8, 1], [0.70, 0.95, 1.0, 0.85, 0.6])
        * rng.uniform(0.75, 1.15, count)
    )
    bend = np.stack([side * np.ones(count), -0.6 * np.ones(count), np.zeros(count)], 1)
    strands = _lying(head, roots, direction, bend, length, 0.0014 * rng.uniform(0.4, 1.2, count), 6)
    lock = locks(roots.position, count // 7, rng)
    k = np.linspace(0, 1, strands.shape[1])[None, :, None]
    strands = strands + 0.35 * k**1.5 * (
        strands[lock] - roots.position[lock][:, None] - strands + roots.position[:, None]
    )
    root, tip = paint(recipe.paint, np.arange(count), rng)
    edge = np.minimum(1.0, 1.40 - np.abs(v) * 0.85)
    hair = cut(
        strands, lengths(strands)[:, -1], roots.triangle, piece=0.0026,
        radius=recipe.radius * rng.uniform(0.8, 1.2, count),
        opacity=0.66 * edge, taper=0.35, fade=0.35, colour=root, tip_colour=tip, roughness=0.5,
    )  # fmt: skip
    bed = _bed(head, roots, direction, 0.0012, 0.07 * edge, root, every=2)
    return joined([bed, hair])


def _brow_line(u: np.ndarray, arch: float) -> np.ndarray:
    """Height [n] over the ridge of the brow's middle line."""
    return arch * np.interp(u, [0, 0.15, 0.35, 0.55, 0.68, 0.82, 1.0], [-0.55, -0.28, 0.22, 0.75, 0.86, 0.42, -0.75])


def _on_face(head: Head, xy: np.ndarray) -> Spots:
    """The spots of the face in front of ``xy`` [n, 2]."""
    from scipy.spatial import cKDTree

    # The rays run forward; a triangle that looks sideways is met at its own z.
    front = head.samples[(head.samples.position[:, 2] > head.centre[2]) & (head.samples.normal[:, 2] > 0.05)]
    front = front[front.position[:, 1] > head.chin_y]
    at = front[cKDTree(front.position[:, :2]).query(xy)[1]]
    flat = np.concatenate([xy, at.position[:, 2:]], 1)
    depth = ((at.position - flat) * at.normal).sum(1) / at.normal[:, 2]
    flat[:, 2] += np.clip(depth, -0.003, 0.003)
    return Spots(at.triangle, flat, at.normal)


def _lying(head, roots, direction, bend, length, height, steps) -> np.ndarray:
    """Strands [n, steps + 1, 3] that leave ``roots`` along ``direction``, curve towards ``bend`` and hug the skin."""
    point = roots.position - roots.normal * 0.0001
    heading = unit(direction)
    points = [point]
    for k in range(1, steps + 1):
        _, below = head.nearest(point)
        heading = unit(heading + 0.10 * bend)
        flat = unit(heading - below.normal * (heading * below.normal).sum(1, keepdims=True))
        point = point + flat * (length / steps)[:, None]
        lift = height * np.sin(np.pi * min(0.85, (k + 0.5) / (steps + 1)))
        distance, below = head.nearest(point)
        point = point + below.normal * (lift - distance)[:, None]
        points.append(point)
    return np.stack(points, 1)


def _bed(head, roots, direction, size, solid, colour, every=1) -> Splats:
    """The finest hair between the strands, as soft tinted spots on the skin."""
    spots = roots[np.arange(0, len(roots), every)]
    solid, colour, direction = (
        np.broadcast_to(a, (len(roots), *np.shape(a)[1:]))[::every] for a in (solid, colour, direction)
    )
    tangent = unit(direction - spots.normal * (direction * spots.normal).sum(1, keepdims=True) + 1e-6)
    count = len(spots)
    return Splats(
        triangle=spots.triangle.astype(np.int32),
        position=(spots.position + spots.normal * 0.0003).astype(np.float32),
        quat=frame(tangent, np.cross(spots.normal, tangent), spots.normal).astype(np.float32),
        scale=np.tile(np.array([size * 1.5, size, size * 0.1], np.float32), (count, 1)),
        opacity=solid.astype(np.float32),
        albedo=colour.astype(np.float32),
        roughness=np.full(count, 0.6, np.float32),
        normal=tangent.astype(np.float32),
        material=np.full(count, HAIR, np.uint8),
        loose=np.zeros(count, bool),
    )


# ---------------------------------------------------------------- lashes


@dataclass(frozen=True, slots=True)
class LidLine:
    """Where lashes grow on one lid."""

    roots: Spots  # in order from the nose outwards
    eye: np.ndarray  # [3] centre of the eyeball
    upper: bool
    reach: np.ndarray = field(default_factory=lambda: np.zeros(0))  # [n] 0 at the inner corner, 1 at the outer


def lashes(lines: list[LidLine], recipe: Lash, rng: np.random.Generator) -> Splats:
    """Lashes on each of ``lines``: fanned out, curled up on the upper lid and down on the lower."""
    parts = []
    for line in lines:
        roots = line.roots
        count, part = len(roots), line.reach
        away = unit(roots.position - line.eye)
        level = 1.0 if line.upper else -1.0
        side = np.sign(line.eye[0])
        fan = (part - 0.42) * 1.1 * side
        length = (
            recipe.length
            * np.interp(part, [0, 0.15, 0.5, 0.8, 1], [0.45, 0.75, 1.0, 1.05, 0.75])
            * rng.uniform(0.72, 1.1, count)
        )
        if not line.upper:
            length *= 0.52
        pair = rng.normal(0, 0.10, count)[np.arange(count) // 3 * 3]
        start = away * [1, 0.45, 1.3] + np.stack([fan + pair, np.full(count, -0.10 * level), np.zeros(count)], 1)
        start = unit(start + 0.06 * rng.normal(size=(count, 3)))
        curl = np.stack([0.25 * fan, np.full(count, level), np.full(count, -0.15)], 1) * (0.22 if line.upper else 0.20)
        heading, point, points = start, roots.position, [roots.position]
        for _ in range(5):
            point = point + heading * (length / 5)[:, None]
            points.append(point)
            heading = unit(heading + curl * rng.uniform(0.8, 1.2, (count, 1)))
        strands = np.stack(points, 1)
        colour = np.tile(recipe.colour, (count, 1))
        parts.append(
            cut(
                strands, length, roots.triangle, piece=0.0021, radius=0.000095 if line.upper else 0.00008,
                opacity=0.75 if line.upper else 0.5, taper=0.35, fade=0.35, colour=colour, tip_colour=colour * 1.3,
                roughness=0.5,
            )
        )  # fmt: skip
        if line.upper:
            parts.append(_lid_shade(line, recipe))
    return joined(parts)


def _lid_shade(line: LidLine, recipe: Lash) -> Splats:
    """The dark line that the roots of the upper lashes draw along the lid."""
    runs = np.stack([line.roots.position[:-1], line.roots.position[1:]], 1)
    middle = np.minimum(line.reach, 1 - line.reach)[:-1]
    colour = np.tile(recipe.colour, (len(runs), 1))
    return cut(
        runs, np.full(len(runs), 1.0), line.roots.triangle[:-1], piece=0.01, radius=0.00026, taper=1.0, fade=1.0,
        opacity=0.32 * smoothstep(0.0, 0.2, middle), colour=colour, tip_colour=colour, roughness=0.6,
    )  # fmt: skip


# ---------------------------------------------------------------- beard


def beard(head: Head, recipe: Beard, lips: np.ndarray, rng: np.random.Generator) -> Splats:
    """A beard that leaves the lips free; ``lips`` [n, 3] are points on their red part."""
    from scipy.spatial import cKDTree

    tree = cKDTree(lips)
    centres = head.vertices[head.triangles[head.skin]].mean(1)
    spots = head.scatter(rng, recipe.hairs * 5, (beard_density(head, centres, tree, recipe, 0.004) > 0) * 1.0)
    chance = beard_density(head, spots.position, tree, recipe, 0.0)
    chance = chance * (1 - recipe.patchy * (noise(spots.position, 0.007, 11) > 0.25))
    found = np.flatnonzero(rng.random(len(spots)) < chance)
    found = np.sort(rng.permutation(found)[: recipe.hairs])
    roots, chance = spots[found], chance[found]
    count = len(roots)
    out = np.sign(roots.position[:, :1]) * [1.0, 0, 0]
    flow = DOWN + 0.35 * out * smoothstep(0.0, 0.01, np.abs(roots.position[:, :1])) + np.array([0, 0, 0.15])
    length = recipe.length * rng.uniform(0.65, 1.15, count) * (0.45 + 0.55 * smoothstep(0.1, 0.7, chance))
    lock = locks(roots.position, max(8, count // 9), rng)
    root, tip = paint(recipe.paint, lock, rng)
    if recipe.coiled:
        strands = coils(roots, length, 0.0009, rng, lean=0.9 * flow)
        piece = 0.0032
    else:
        strands = _lying(head, roots, flow + 0.25 * rng.normal(size=(count, 3)), 0 * flow, length, length * 0.35, 4)
        piece = 0.004
    triangle = roots.triangle
    kept = push_out(head, strands[:, 1:].reshape(-1, 3), 0.0002).reshape(count, -1, 3)
    strands = np.concatenate([strands[:, :1], kept], 1)
    hair = cut(
        strands, lengths(strands)[:, -1], triangle, piece=piece, radius=recipe.radius, taper=0.6, fade=0.6,
        opacity=0.75 * (0.35 + 0.65 * smoothstep(0.0, 0.6, chance)), colour=root, tip_colour=tip, roughness=0.6,
    )  # fmt: skip
    bed = _bed(
        head, roots, flow, 0.0020, recipe.shade * smoothstep(0.0, 0.8, chance), root.mean(0)[None] * 0.6, every=2
    )
    return joined([bed, hair])


def beard_density(head: Head, points: np.ndarray, lips, recipe: Beard, slack: float) -> np.ndarray:
    """[n] 0..1 how thickly the beard grows at ``points``; its edges fade over a few millimetres."""
    mouth = head.mouth[1]
    angle = head.azimuth(points)
    below = points[:, 1] - mouth
    ear = head.ear[1] - mouth
    cheek = np.interp(
        angle,
        [0, 10, 17, 22, 30, 45, 62, 74, 80, 84, 88],
        [0.024, 0.023, 0.016, 0.008, 0.006, 0.012, 0.028, ear - 0.010, ear + 0.03, ear + 0.03, -0.06],
    )
    cheek = cheek + recipe.cheek * smoothstep(25, 40, angle)
    throat = head.chin_y - mouth - 0.014 + 0.030 * smoothstep(30, 80, angle)
    from_lip = lips.query(points)[0]
    density = smoothstep(-0.003 - slack, 0.005, cheek - below)
    density = density * smoothstep(-0.002 - slack, 0.008, below - throat)
    density = density * smoothstep(0.0022 - slack, 0.0052, from_lip)
    # The philtrum and the corners under the lower lip stay thin.
    philtrum = 1 - 0.65 * np.exp(-((points[:, 0] / 0.0035) ** 2)) * (below > 0)
    under = 1 - 0.75 * np.exp(-(((np.abs(points[:, 0]) - 0.015) / 0.006) ** 2) - (((below + 0.014) / 0.006) ** 2))
    behind = smoothstep(90 + slack * 1000, 82, angle)
    return density * philtrum * under * behind
