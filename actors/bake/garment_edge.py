"""Edges of garments: bands, collars and lapels swept along a curve, so that no edge is ragged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake.bind import Splats
from actors.bake.garment_cloth import Dye, Shell, Torso
from actors.bake.groom_head import unit


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve on a shell, evenly spaced, with the directions that a sweep needs."""

    points: np.ndarray  # [n, 3] metres
    along: np.ndarray  # [n, 3] unit
    out: np.ndarray  # [n, 3] unit, off the cloth
    down: np.ndarray  # [n, 3] unit, in the cloth, away from the neck
    s: np.ndarray  # [n] metres from the start
    closed: bool

    def part(self, keep: np.ndarray) -> Curve:
        """The longest run of points where ``keep`` [n] holds; a closed curve is opened where it does not."""
        keep = np.asarray(keep)
        shift = int(np.argmin(keep)) if self.closed and not keep.all() else 0
        rolled = np.roll(keep, -shift)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], rolled.astype(int), [0]])))
        first, last = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
        index = (np.arange(first, last) + shift) % len(keep)
        step = self.s[1] - self.s[0]
        return Curve(
            self.points[index], self.along[index], self.out[index], self.down[index], np.arange(len(index)) * step,
            bool(keep.all()) and self.closed,
        )  # fmt: skip


def curve(torso: Torso, shell: Shell, step: float = 0.0030, soften: float = 0.010) -> Curve:
    """The edge of ``shell`` as a smooth curve with points every ``step`` metres; ``soften``: metres of smoothing."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.spatial import cKDTree

    chain = shell.edge()
    closed = bool(np.linalg.norm(chain[0] - chain[-1]) < 0.004)
    s = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(chain, axis=0), axis=1))])
    count = max(8, int(round(s[-1] / step)))
    where = np.linspace(0, s[-1], count, endpoint=not closed)
    points = np.stack([np.interp(where, s, chain[:, axis]) for axis in range(3)], 1)
    mode = "wrap" if closed else "nearest"
    points = gaussian_filter1d(points, soften / step, axis=0, mode=mode)
    along = unit(np.roll(points, -1, 0) - np.roll(points, 1, 0) if closed else np.gradient(points, axis=0))
    used = np.unique(torso.mesh.triangles[torso.skin])
    near = cKDTree(shell.vertices[used]).query(points, 6)[1]
    out = unit(gaussian_filter1d(shell.normals[used][near].mean(1), 0.008 / step, axis=0, mode=mode))
    out = unit(out - along * (out * along).sum(1, keepdims=True))
    down = np.cross(along, out)
    deeper = shell.inside[used][cKDTree(shell.vertices[used]).query(points + 0.02 * down)[1]].mean()
    other = shell.inside[used][cKDTree(shell.vertices[used]).query(points - 0.02 * down)[1]].mean()
    if other > deeper:
        along, down = -along, -down
    return Curve(points, along, out, down, where, closed)


def on_shell(torso: Torso, shell: Shell, points: np.ndarray, lift: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """``points`` [n, 3] dropped onto ``shell`` and raised by ``lift`` metres, and the normals [n, 3] there."""
    from scipy.spatial import cKDTree

    used = np.unique(torso.mesh.triangles[torso.skin])
    distance, near = cKDTree(shell.vertices[used]).query(points, 5)
    weight = 1 / (distance + 0.001) ** 2
    weight /= weight.sum(1, keepdims=True)
    normal = unit((shell.normals[used][near] * weight[..., None]).sum(1))
    foot = (shell.vertices[used][near] * weight[..., None]).sum(1)
    height = ((points - foot) * normal).sum(1)
    return points + normal * (np.asarray(lift) - height)[:, None], normal


def sweep(
    torso: Torso,
    grid: np.ndarray,
    dye: Dye,
    roughness: float,
    rng,
    *,
    rib: float = 0.0,
    flip: bool = False,
    weave: float = 0.05,
) -> Splats:
    """Splats on a swept sheet ``grid`` [n, m, 3]: n along the curve, m across; normals by right hand unless ``flip``.

    ``rib``: period in metres of knitted ribs that run across the band; 0 for plain cloth.
    """
    du, dv = np.gradient(grid, axis=0), np.gradient(grid, axis=1)
    step_u, step_v = np.linalg.norm(du, axis=2), np.linalg.norm(dv, axis=2)
    x, y = unit(du), unit(dv)
    normal = unit(np.cross(x, y)) * (-1 if flip else 1)
    s = np.cumsum(step_u, axis=0)
    shade = np.ones(s.shape)
    leaning = normal
    if rib:
        phase = 2 * np.pi * s / rib
        leaning = unit(normal + 0.55 * np.sin(phase)[..., None] * x)
        shade = 1.0 - 0.30 * (0.5 - 0.5 * np.cos(phase))
    leaning = unit(leaning + 0.3 * weave * rng.normal(size=leaning.shape))
    x = unit(x - leaning * (x * leaning).sum(2, keepdims=True))
    axes = np.stack([x, np.cross(leaning, x), leaning], 3).reshape(-1, 3, 3)
    flat = grid.reshape(-1, 3)
    albedo = dye(flat, rng) * shade.reshape(-1, 1) * np.exp(weave * rng.normal(size=(len(flat), 1)))
    thin = np.minimum(step_u, step_v) * 0.15 + 0.0002
    scale = np.stack([step_u * 0.62, step_v * 0.62, thin], 2).reshape(-1, 3)
    return torso.splats(flat, axes, scale, albedo, roughness)


def band(torso, shell, edge: Curve, width: float, thick: float, dye, roughness, rng, rib=0.0, across=0.0026) -> Splats:
    """A flat band of ``width`` metres sewn along ``edge``, ``thick`` metres high with a rounded lip at the neck."""
    rows = max(4, int(round(width / across)))
    u = np.linspace(0, width, rows + 1)
    lip = np.array([[-0.0012, -thick * 0.9], [-0.0016, -thick * 0.35], [-0.0010, thick * 0.5]])
    height = thick * np.minimum(1, 0.75 + u / 0.006) * np.minimum(1, (width - u) / 0.0022 + 0.10)
    profile = np.concatenate([lip, np.stack([u, height], 1)])
    grid = []
    for across_at, lift in profile:
        points, _ = on_shell(torso, shell, edge.points + edge.down * max(across_at, 0), lift)
        grid.append(points + edge.down * min(across_at, 0))
    return _outward(torso, np.stack(grid, 1), edge, dye, roughness, rng, rib)


def _outward(torso, grid, edge, dye, roughness, rng, rib=0.0, inner=False, weave=0.05) -> Splats:
    du, dv = np.gradient(grid, axis=0), np.gradient(grid, axis=1)
    middle = grid.shape[1] // 2
    facing = (np.cross(du, dv)[:, middle] * edge.out).sum() > 0
    return sweep(torso, grid, dye, roughness, rng, rib=rib, flip=facing == inner, weave=weave)


def standing(
    torso, clear, edge: Curve, profile: np.ndarray, height: np.ndarray, dye, roughness, rng, weave=0.05
) -> Splats:
    """A collar that rises from ``edge``: ``profile`` [m, 2] metres outwards and up, scaled by ``height`` [n].

    ``clear`` moves points off the neck. Both faces are drawn.
    """
    radial = edge.points - torso.neck
    radial = unit(radial * [1, 0, 1] - [0, 0, torso.axis_z])
    rows = []
    for outwards, up in profile:
        rows.append(edge.points + radial * outwards + np.array([0, 1.0, 0]) * (up * height)[:, None])
    grid = np.stack(rows, 1)
    shape = grid.shape
    grid = clear(grid.reshape(-1, 3)).reshape(shape)
    du, dv = np.gradient(grid, axis=0), np.gradient(grid, axis=1)
    facing = (np.cross(du, dv)[:, 1] * radial).sum() > 0
    face = sweep(torso, grid, dye, roughness, rng, flip=not facing, weave=weave)
    back = sweep(torso, grid - 0.0006 * radial[:, None], dye, roughness, rng, flip=bool(facing), weave=weave)
    return Splats.joined([face, back])


def lapel(torso, shell, edge: Curve, width: np.ndarray, lift: float, dye, roughness, rng, across=0.0046) -> Splats:
    """The turned-back front of a jacket: ``width`` [n] metres wide along ``edge``, rolled at its inner side."""
    rows = int(np.ceil(width.max() / across)) + 1
    share = np.linspace(0, 1, rows)
    grid = []
    for part in share:
        u = width * part
        height = lift * np.minimum(1.0, 0.5 + u / 0.012)
        points, _ = on_shell(torso, shell, edge.points + edge.down * u[:, None], height)
        grid.append(points)
    # The outer edge turns down onto the coat: a clean, slightly dark line.
    points, _ = on_shell(torso, shell, edge.points + edge.down * (width + 0.0006)[:, None], 0.0004)
    grid.append(points)
    # The inner side turns under.
    points, _ = on_shell(torso, shell, edge.points, 0.0)
    grid.insert(0, points - edge.out * 0.004)
    return _outward(torso, np.stack(grid, 1), edge, dye, roughness, rng)
