"""What each house performer wears: cloth as surface Gaussians over the torso."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from actors.bake.bind import Splats
from actors.bake.garment_cloth import Shell, Torso
from actors.bake.garment_edge import band, curve, lapel, on_shell, standing, sweep
from actors.bake.groom_head import Head, smoothstep, unit
from actors.bake.groom_strand import push_out

if TYPE_CHECKING:
    from actors.bake.mesh import Mesh

HIDDEN_FROM = 0.016  # metres behind the edge of a garment: nobody can see the skin from here on
TEAL, WHITE, NAVY = (0.010, 0.075, 0.082), (0.52, 0.53, 0.55), (0.016, 0.020, 0.034)
PLUM, OLIVE, MARL = (0.080, 0.016, 0.026), (0.072, 0.074, 0.040), (0.34, 0.34, 0.33)


def build(mesh: Mesh, name: str, rng: np.random.Generator) -> Splats:
    """The clothes of performer ``name`` on ``mesh`` in its neutral rest frame."""
    torso = Torso(mesh)
    head = Head(mesh, rng)
    return Splats.joined(_WARDROBE[name](torso, head, rng))


def covered(mesh: Mesh, name: str) -> np.ndarray:
    """[V] bool: skin that the clothes of ``name`` hide, with a margin inside every edge."""
    torso = Torso(mesh)
    on_skin = np.zeros(len(mesh.vertices), bool)
    on_skin[mesh.triangles[torso.skin]] = True
    return on_skin & (np.minimum(_NECKLINES[name](torso), torso.cuff) > HIDDEN_FROM)


def _plain(colour: tuple[float, float, float], mottle: float = 0.0):
    def dye(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        albedo = np.tile(colour, (len(points), 1))
        if mottle:
            albedo = albedo * np.exp(mottle * rng.normal(size=(len(points), 1)))
        return albedo

    return dye


def _off_the_neck(head: Head, distance: float):
    return lambda points: push_out(head, points, distance)


# ---------------------------------------------------------------- necklines, [V] metres behind the edge


def _ada_line(torso: Torso) -> np.ndarray:
    return np.minimum(torso.plane(0.004, 0.30), torso.vee(0.105, 0.062, 0.015))


def _kofi_shirt(torso: Torso) -> np.ndarray:
    return np.minimum(torso.plane(0.012, 0.30), torso.vee(0.115, 0.040, 0.0))


def _kofi_coat(torso: Torso) -> np.ndarray:
    return np.minimum(torso.plane(0.009, 0.14), torso.vee(0.33, 0.082, 0.02))


def _mei_line(torso: Torso) -> np.ndarray:
    return torso.plane(0.010, 0.52)


def _luca_tee(torso: Torso) -> np.ndarray:
    return torso.plane(0.000, 0.50)


def _luca_shirt(torso: Torso) -> np.ndarray:
    p = torso.body - torso.neck
    open_front = np.where(
        p[:, 2] > torso.axis_z, np.abs(p[:, 0]) - np.interp(-p[:, 1], [-0.02, 0.08, 0.3], [0.080, 0.078, 0.066]), 1.0
    )
    return np.minimum(torso.plane(0.002, 0.15), open_front)


_NECKLINES: dict[str, Callable[[Torso], np.ndarray]] = {
    "ada": _ada_line, "kofi": _kofi_shirt, "mei": _mei_line, "luca": _luca_tee,
}  # fmt: skip


# ---------------------------------------------------------------- outfits


def _ada(torso: Torso, head: Head, rng) -> list[Splats]:
    """A V-neck knit in deep teal."""
    dye = _plain(TEAL)
    shell = torso.shell(_ada_line(torso), 0.0042, 0.0100, 3)
    edge = curve(torso, shell, step=0.0017, soften=0.007)
    return [
        torso.cover(shell, dye, 0.0058, 0.85, rng, weave=0.08),
        band(torso, shell, edge, 0.019, 0.0028, dye, 0.85, rng, rib=0.0056),
    ]


def _kofi(torso: Torso, head: Head, rng) -> list[Splats]:
    """An open collar under a navy blazer."""
    white, navy = _plain(WHITE), _plain(NAVY)
    shirt = torso.shell(_kofi_shirt(torso), 0.003, 0.0025, 5)
    coat = torso.shell(_kofi_coat(torso), 0.0095, 0.0100, 6)
    shown = Shell(shirt.mesh, shirt.vertices, shirt.normals, np.minimum(shirt.inside, 0.030 - coat.inside))
    parts = [torso.cover(shown, white, 0.0048, 0.75, rng, weave=0.05)]
    parts.append(band(torso, shirt, curve(torso, shirt, soften=0.006), 0.010, 0.0012, white, 0.75, rng))
    parts += _collar(torso, head, shirt, white, 0.75, rng, stand=0.026, leaf=0.046, end=-0.060)
    parts.append(torso.cover(coat, navy, 0.0076, 0.8, rng, weave=0.06))
    edge = curve(torso, coat, soften=0.012)
    depth = torso.neck[1] - edge.points[:, 1]
    front = edge.points[:, 2] > torso.neck[2] + torso.axis_z
    wide = np.where(
        front,
        np.interp(
            depth, [-0.02, 0.02, 0.10, 0.115, 0.20, 0.30, 0.335], [0.036, 0.042, 0.056, 0.070, 0.062, 0.028, 0.006]
        ),
        0.036,
    )
    parts.append(lapel(torso, coat, edge, wide, 0.0055, navy, 0.78, rng))
    return parts


def _mei(torso: Torso, head: Head, rng) -> list[Splats]:
    """A jacket with a mandarin collar, closed in front."""
    dye = _plain(PLUM)
    shell = torso.shell(_mei_line(torso), 0.0055, 0.0090, 8)
    edge = curve(torso, shell, soften=0.012)
    parts = [torso.cover(shell, dye, 0.0057, 0.6, rng, weave=0.05)]
    angle = np.abs(np.arctan2(edge.points[:, 0], edge.points[:, 2] - torso.neck[2] - torso.axis_z))
    run = edge.part(angle > 0.085)
    ends = np.minimum(run.s, run.s[-1] - run.s)
    height = np.sqrt(np.clip(ends / 0.012, 0.05, 1) * (2 - np.clip(ends / 0.012, 0.05, 1)))
    up = np.linspace(-0.004, 0.028, 13)
    stand = np.stack([0.0035 - 0.20 * up.clip(0), up], 1)
    roll = np.array([[stand[-1, 0] - 0.0010, 0.0290], [stand[-1, 0] - 0.0024, 0.0286], [stand[-1, 0] - 0.0032, 0.0270]])
    parts.append(
        standing(torso, _off_the_neck(head, 0.0045), run, np.concatenate([stand, roll]), height, dye, 0.55, rng)
    )
    piping = _plain((0.020, 0.012, 0.014))
    parts.append(band(torso, shell, edge, 0.0045, 0.0020, piping, 0.5, rng))
    parts.append(_front_line(torso, shell, edge, piping, rng))
    return parts


def _front_line(torso: Torso, shell: Shell, edge, dye, rng) -> Splats:
    """The overlap down the front of a closed jacket, edged with piping."""
    start = edge.points[np.argmax(edge.points[:, 2])]
    y = np.arange(start[1] - 0.001, torso.hem + 0.002, -0.0022)
    grid = []
    for dx, lift in ((-0.0016, 0.0004), (-0.0010, 0.0018), (0.0, 0.0022), (0.0010, 0.0018), (0.0016, 0.0004)):
        guess = np.stack([0.004 + dx + 0 * y, y, np.full(len(y), start[2])], 1)
        for _ in range(6):
            dropped, _ = on_shell(torso, shell, guess, lift)
            guess[:, 2] = dropped[:, 2]
        grid.append(np.stack([guess[:, 0], guess[:, 1], guess[:, 2]], 1))
    grid = np.stack(grid, 1)
    facing = np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1))[:, 2, 2].sum() > 0
    return sweep(torso, grid, dye, 0.5, rng, flip=not facing)


def _luca(torso: Torso, head: Head, rng) -> list[Splats]:
    """A grey T-shirt under an open overshirt."""
    grey, olive = _plain(MARL, 0.07), _plain(OLIVE)
    tee = torso.shell(_luca_tee(torso), 0.003, 0.003, 9)
    over = torso.shell(_luca_shirt(torso), 0.0085, 0.0120, 10)
    shown = Shell(tee.mesh, tee.vertices, tee.normals, np.minimum(tee.inside, 0.030 - over.inside))
    parts = [torso.cover(shown, grey, 0.0048, 0.85, rng, weave=0.05)]
    parts.append(band(torso, tee, curve(torso, tee, soften=0.010), 0.015, 0.0018, grey, 0.85, rng))
    parts.append(torso.cover(over, olive, 0.0074, 0.85, rng, weave=0.06))
    edge = curve(torso, over, soften=0.012)
    parts.append(band(torso, over, edge, 0.026, 0.0018, olive, 0.85, rng))
    parts += _collar(torso, head, over, olive, 0.85, rng, stand=0.022, leaf=0.055, end=-0.050)
    return parts


def _collar(
    torso: Torso, head: Head, shell: Shell, dye, roughness, rng, *, stand: float, leaf: float, end: float
) -> list[Splats]:
    """A turned-down shirt collar: a stand round the neck and a leaf that falls over it to two points in front."""
    edge = curve(torso, shell, soften=0.010)
    run = edge.part((edge.points[:, 1] > torso.neck[1] + end) | (edge.points[:, 2] < torso.neck[2] + torso.axis_z))
    ends = np.minimum(run.s, run.s[-1] - run.s)
    radial = unit((run.points - torso.neck) * [1, 0, 1] - [0, 0, torso.axis_z])
    up = np.array([0, 1.0, 0])
    # Towards the points in front the stand sinks into the fold of the lapel.
    rise = stand * smoothstep(0.0, 0.075, ends) + 0.003
    fall = leaf * (0.80 + 0.30 * smoothstep(0.07, 0.0, ends))
    lean = 0.12
    rows = [run.points - 0.004 * up + radial * 0.001]
    for part in (0.25, 0.5, 0.75, 1.0):
        rows.append(run.points + up * (rise * part)[:, None] - radial * (lean * rise * part)[:, None])
    top = rows[-1]
    rows.append(top + radial * 0.0022 + up * 0.0016)
    rows.append(top + radial * 0.0050 + up * 0.0004)
    away = unit(run.down + 0.15 * radial)
    begin = top + radial * 0.0068 - up * 0.0012
    for part in np.linspace(0.06, 1.0, 13):
        point = begin + (away * 0.55 + 0.45 * unit(radial * 0.55 - up)) * (fall * part)[:, None]
        lifted, _ = on_shell(torso, shell, point, 0.0)
        height = ((point - lifted) * run.out).sum(1)
        rows.append(point + run.out * np.maximum(0.0042 - height, 0)[:, None])
    # Cloth does not end in a ruled line.
    slack = 0.0012 * np.sin(run.s / 0.013 + 1.0) + 0.0008 * np.sin(run.s / 0.0071)
    for number in range(6, len(rows)):
        rows[number] = rows[number] + run.out * (slack * (number - 5) / (len(rows) - 6))[:, None]
    last = rows[-1]
    rows.append(last - run.out * 0.0018 + away * 0.0012)
    rows.append(last - run.out * 0.0032 - away * 0.002)
    grid = np.stack(rows, 1)
    shape = grid.shape
    grid = push_out(head, grid.reshape(-1, 3), 0.0035).reshape(shape)
    inner, outer = grid[:, :6], grid[:, 4:]
    parts = []
    for sheet, outside in ((inner, False), (outer, True)):
        facing = (np.cross(np.gradient(sheet, axis=0), np.gradient(sheet, axis=1))[:, 2] * radial).sum() > 0
        parts.append(sweep(torso, sheet, dye, roughness, rng, flip=bool(facing) != outside))
    return parts


_WARDROBE = {"ada": _ada, "kofi": _kofi, "mei": _mei, "luca": _luca}
