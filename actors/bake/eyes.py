"""Eyeballs of Gaussians: white, iris, pupil, the clear bulge of the cornea, and the wet rim of the lower lid."""

from __future__ import annotations

import zlib

import numpy as np

from actors.bake import mesh as parts
from actors.bake import skin_noise as noise
from actors.bake.bind import Splats
from actors.bake.eyes_iris import EYES, IRIS_RADIUS, EyeRecipe, iris_albedo, sclera_albedo
from actors.bake.mesh import Mesh
from actors.bake.patch import Patch, patch, splats
from actors.body.material import CORNEA, IRIS, LIP, SCLERA

IRIS_SPACING = 0.00019  # metres between Gaussians
CORNEA_SPACING = 0.00032
CORNEA_CURVE = 0.0080  # metres, radius that mirrors the lamps (7.8 mm, Gullstrand's eye)
CORNEA_RISE = 0.00045  # metres above the ball at its top; more would show through closed lids
FILM_LIFT = 0.00005  # metres that the tear film lies on the ball


def build(mesh: Mesh, name: str, rng: np.random.Generator) -> Splats:
    """Eyes and the wet edges of the lids of the house performer ``name``."""
    seed = _seed(name, rng)
    skin = mesh.part == parts.SKIN
    wet = [splats(edge, mesh, skin) for edge in wet_edges(mesh, EYES[name])]
    return Splats.joined([*(splats(ball, mesh, mesh.part == part) for part, ball in eyeballs(mesh, name, seed)), *wet])


def iris_radius(eye_radius: float) -> float:
    """Metres; irises differ far less than eyeballs do."""
    return IRIS_RADIUS * (eye_radius / 0.0166) ** 0.4


def eyeball(radius: float, nose: float, recipe: EyeRecipe, seed: int) -> Patch:
    """One eyeball of ``radius`` metres about the origin, gaze along +Z, the nose towards +X if ``nose`` is 1."""
    rim_radius = iris_radius(radius)
    rim = float(np.arcsin(rim_radius / radius))
    return Patch.joined(
        [
            _sclera(radius, rim, nose, recipe, seed),
            _iris(radius, rim_radius, recipe, seed + 50),
            _cornea(radius, rim_radius),
        ]
    )


def _spiral(low: float, high: float, radius: float, spacing: float) -> np.ndarray:
    """Directions [n, 3] evenly over the ring ``low`` to ``high`` radians off +Z (golden angle spiral)."""
    area = 2 * np.pi * radius**2 * (np.cos(low) - np.cos(high))
    count = int(area / spacing**2 * 1.05)
    k = np.arange(count) + 0.5
    ahead = np.cos(low) + (np.cos(high) - np.cos(low)) * k / count
    turn = k * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - ahead**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), ahead], 1)


def _sclera(radius: float, rim: float, nose: float, recipe: EyeRecipe, seed: int) -> Patch:
    rings = []
    for low, high, spacing in ((rim - 0.012, rim + 0.075, 0.00026), (rim + 0.075, 1.05, 0.00052), (1.05, 1.75, 0.0011)):
        towards = _spiral(low, high, radius, spacing)
        towards = towards[np.abs(towards[:, 1]) < 0.74]  # higher and lower, lids cover it whatever the gaze
        colour = sclera_albedo(towards, nose, recipe, seed, rim)
        wet = 0.20 + 0.05 * noise.value(towards, 0.12, seed + 20)
        rings.append(patch(towards * radius, towards, spacing * 0.62, colour, wet, SCLERA, 1.0))
    return Patch.joined(rings)


def _iris(radius: float, rim_radius: float, recipe: EyeRecipe, seed: int) -> Patch:
    count = int(np.pi * (rim_radius / IRIS_SPACING) ** 2)
    k = np.arange(count) + 0.5
    out = rim_radius * np.sqrt(k / count)
    turn = k * np.pi * (3 - np.sqrt(5))
    flat = np.stack([out * np.cos(turn), out * np.sin(turn)], 1)
    # A shallow bowl that meets the white at the rim; the pupil lies in the same plane.
    ahead = np.sqrt(radius**2 - rim_radius**2) - 0.0005 * noise.smooth(1.0, 0.86, out / rim_radius)
    colour = iris_albedo(flat * (IRIS_RADIUS / rim_radius), recipe, seed)
    dome = np.c_[flat / CORNEA_CURVE, np.sqrt(1 - (out / CORNEA_CURVE) ** 2)]
    return patch(np.c_[flat, ahead], dome, IRIS_SPACING * 0.60, colour, 0.4, IRIS, 1.0)


def _cornea(radius: float, rim_radius: float) -> Patch:
    reach = rim_radius * 1.03
    count = int(np.pi * (reach / CORNEA_SPACING) ** 2)
    k = np.arange(count) + 0.5
    out = reach * np.sqrt(k / count)
    turn = k * np.pi * (3 - np.sqrt(5))
    flat = np.stack([out * np.cos(turn), out * np.sin(turn)], 1)
    ahead = np.sqrt(radius**2 - out**2) + 0.00008 + CORNEA_RISE * np.clip(1 - (out / reach) ** 2, 0, 1)
    normal = np.c_[flat / CORNEA_CURVE, np.sqrt(1 - (out / CORNEA_CURVE) ** 2)]
    return patch(np.c_[flat, ahead], normal, CORNEA_SPACING * 0.62, 0.04, 0.08, CORNEA, 1.0, opacity=0.9)


def eyeballs(mesh: Mesh, name: str, seed: int) -> list[tuple[int, Patch]]:
    """Both eyeballs of a performer in place, each with the part of the mesh that it belongs to."""
    recipe = EYES[name]
    placed = []
    for side, part in ((0, parts.EYE_LEFT), (1, parts.EYE_RIGHT)):
        centre = mesh.eyes[side].astype(np.float64)
        nose = -float(np.sign(centre[0]))
        ball = eyeball(mesh.eye_radius, nose, recipe, seed + 1000 * side)
        shade = _under_lids(mesh, ball, centre)
        # Light between lids has been on skin before: it is red.
        tint = np.where((ball.material == SCLERA)[:, None], shade[:, None] ** np.array([-0.30, 0.06, 0.14]), 1.0)
        placed.append((part, Patch(ball.places + centre, ball.normals, ball.spread, ball.albedo * tint, ball.roughness,
                                   ball.material, ball.opacity, shade)))  # fmt: skip
    return placed


def _under_lids(mesh: Mesh, ball: Patch, centre: np.ndarray) -> np.ndarray:
    """Factor [n] on the ball's colour: the fine shade beneath lashes and lids, beyond what the bake can resolve."""
    from scipy.spatial import cKDTree

    skin = np.unique(mesh.triangles[mesh.part == parts.SKIN])
    near = mesh.vertices[skin].astype(np.float64) - centre
    reach = np.linalg.norm(near, axis=1)
    near = near[(reach < mesh.eye_radius + 0.0035) & (near[:, 2] > 0)]
    towards = near / np.linalg.norm(near, axis=1, keepdims=True) * mesh.eye_radius
    place = ball.places / np.linalg.norm(ball.places, axis=1, keepdims=True) * mesh.eye_radius
    upper = cKDTree(towards[towards[:, 1] > 0]).query(place)[0]
    lower = cKDTree(towards[towards[:, 1] <= 0]).query(place)[0]
    return (0.62 + 0.38 * noise.smooth(0.0, 0.0045, upper)) * (0.85 + 0.15 * noise.smooth(0.0, 0.0025, lower))


def wet_edges(mesh: Mesh, recipe: EyeRecipe) -> list[Patch]:
    """For each eye the tear film along the lower lid and the pink flesh in the inner corner."""
    found = []
    for side, centre in enumerate(mesh.eyes.astype(np.float64)):
        nose = -float(np.sign(centre[0]))
        turn, lower, upper = opening(mesh, side)
        radius = mesh.eye_radius
        # The film: between lid and ball, its normals those of a concave fillet that turns from the one to the other.
        across = np.linspace(turn[2], turn[-3], int((turn[-3] - turn[2]) * radius / 0.00022))
        rows = np.linspace(0.0, 0.00055, 4)
        a, b = (grid.ravel() for grid in np.meshgrid(across, rows, indexing="ij"))
        up = np.interp(a, turn, lower) + (b - 0.00005) / radius
        towards = _direction(a, up)
        normal = towards + np.array([0.0, 1.0, 0.0]) * (1.3 * (1 - b / rows[-1]))[:, None]
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        film = patch(centre + towards * (radius + FILM_LIFT), normal, 0.00020, 0.04, 0.1, CORNEA, 1.0, opacity=0.6)
        found += [film, _caruncle(centre, radius, nose, turn, lower, upper, recipe)]
    return found


def opening(mesh: Mesh, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Between an eye's lids at rest: turn to the side [k], lowest and highest elevation that is open [k], radians."""
    skin = np.unique(mesh.triangles[mesh.part == parts.SKIN])
    near = mesh.vertices[skin].astype(np.float64) - mesh.eyes[side]
    skin, near = (kept[np.linalg.norm(near, axis=1) < mesh.eye_radius * 1.10] for kept in (skin, near))
    aim = near / np.linalg.norm(near, axis=1, keepdims=True)
    turn, up = np.arctan2(aim[:, 0], aim[:, 2]), np.arcsin(aim[:, 1])
    suffix = ("left", "right")[side]
    low, high = (mesh.regions[f"lid_rim_{which}_{suffix}"][skin] > 0.35 for which in ("lower", "upper"))
    places = np.linspace(max(turn[low].min(), turn[high].min()), min(turn[low].max(), turn[high].max()), 33)
    width = (places[1] - places[0]) * 1.6
    lower, upper = np.zeros(33), np.zeros(33)
    for k, place in enumerate(places):
        lower[k] = np.max(up[low & (np.abs(turn - place) < width)], initial=-0.6)
        upper[k] = np.min(up[high & (np.abs(turn - place) < width)], initial=0.6)
    smooth = np.array([0.25, 0.5, 0.25])
    for _ in range(2):
        lower[1:-1], upper[1:-1] = np.convolve(lower, smooth, "valid"), np.convolve(upper, smooth, "valid")
    return places, lower, upper


def _caruncle(centre, radius, nose, turn, lower, upper, recipe: EyeRecipe) -> Patch:
    """A small wet mound of 3 mm between the lids beside the nose, pale at its edge."""
    end = turn[-1] if nose > 0 else turn[0]
    a, b = (
        g.ravel() for g in np.meshgrid(np.linspace(-0.001, 0.0040, 19), np.linspace(-0.0017, 0.0017, 13), indexing="ij")
    )
    far = np.hypot((a - 0.0008) / 0.0026, b / 0.0016)
    a, b, far = a[far < 1], b[far < 1], far[far < 1]
    middle = (np.interp(end - nose * 0.08, turn, lower) + np.interp(end - nose * 0.08, turn, upper)) / 2
    towards = _direction(end - nose * a / radius, middle + b / radius)
    mound = 1 - far**2
    normal = towards + np.stack([-nose * (a - 0.0008) / 0.0026, b / 0.0016, 0 * a], 1) * 0.35
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    colour = (np.array([0.46, 0.27, 0.23]) - far[:, None] * [0.0, -0.05, -0.05]) * (1 - 0.35 * recipe.veins)
    place = centre + towards * (radius + 0.0001 + 0.0003 * mound)[:, None]
    return patch(place, normal, 0.00024, colour, 0.25, LIP, 0.8, opacity=0.75 * noise.smooth(1.0, 0.4, far))


def _direction(turn: np.ndarray, up: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(turn) * np.cos(up), np.sin(up), np.cos(turn) * np.cos(up)], 1)


def _seed(name: str, rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 30)) ^ zlib.crc32(name.encode()) & 0xFFFF
