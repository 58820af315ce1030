"""Skin: colour, gloss, fine relief and material of every Gaussian on it, from a recipe of pigments and lines."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from actors.bake import skin_noise as noise
from actors.bake.mesh import SKIN as SKIN_PART
from actors.bake.mesh import Mesh
from actors.bake.sample import Surface
from actors.bake.skin_face import Face, find_face
from actors.bake.skin_lines import bent, creases, relief
from actors.bake.skin_lips import Lips, find_lips
from actors.bake.skin_recipe import FaceRecipe, face_recipe
from actors.bake.skin_tone import albedo
from actors.body.material import LIP, MOUTH, SKIN

INSIDE = np.array([0.135, 0.030, 0.026])  # linear Rec.709, lining of the mouth near the lips
THROAT = np.array([0.020, 0.0045, 0.004])
ABOVE = np.array([0.0, 0.87, 0.5])
RELIEF = 0.20  # of the difference that a lamp there would make
PORE_LEAN = 0.65  # of pores' slope that normals show: splats are too far apart for all of it, and would glitter
RIM = np.array([0.42, 0.185, 0.145])  # of pale skin's lids where they meet the eye


@dataclass(frozen=True, slots=True)
class Painter:
    """What the Gaussians of a skin look like, [n] each."""

    albedo: np.ndarray  # [n, 3] float32 linear Rec.709
    roughness: np.ndarray  # [n] float32
    material: np.ndarray  # [n] uint8
    opacity: np.ndarray  # [n] float32
    offset: np.ndarray  # [n] float32 metres along the normal
    normal: np.ndarray  # [n, 3] float32 unit, with pores and lines


def paint(surface: Surface, mesh: Mesh, name: str, rng: np.random.Generator) -> Painter:
    """The skin of the house performer ``name`` at the places of ``surface``."""
    seed = int(rng.integers(1 << 30)) ^ zlib.crc32(name.encode()) & 0xFFFF
    recipe, face = face_recipe(name), find_face(mesh)
    place, normal = surface.position.astype(np.float64), surface.normal.astype(np.float64)
    lips = find_lips(surface, mesh, face)
    zones = _zones(surface, face, lips)
    height, slope = relief(place, normal, face, creases(face, recipe, seed + 7))
    fine, fine_slope = _pores(place, zones, recipe, face, seed + 20)
    lip_slope = _lip_lines(place, lips, face, seed + 40)
    neck = _neck_lines(place, surface, face, recipe, seed + 30)
    outside = 1 - lips.inside
    pores = fine_slope * (1 - lips.red)[:, None]
    lean = slope + PORE_LEAN * pores + lip_slope + neck[1]
    slope = slope + pores + lip_slope + neck[1]
    colour = _pigment(place, zones, recipe, face, seed)
    colour = _lips(colour, place, lips, zones["corner"], recipe, seed + 50)
    folds = np.tanh(np.clip(-(height + neck[0]), 0, None) / 0.00040)
    colour *= 1 - folds[:, None] * np.array([0.15, 0.22, 0.24])
    # Normals carry relief; a little of it is painted too, for light that is even: most falls from above.
    lit = np.clip((slope * outside[:, None]) @ ABOVE, -0.35, 0.35)
    colour *= (1 - RELIEF * lit)[:, None]
    colour *= 1 + (fine / 0.00006 * 0.045 * outside)[:, None]
    colour = _stubble(colour, place, zones["beard"], lips, recipe, seed + 60)
    colour = _edges(colour, place, surface, mesh, zones, recipe, seed + 70)
    colour *= 1 - np.array([0.62, 0.80, 0.84]) * nostrils(surface, mesh, face)[:, None]
    deep = lips.depth[:, None]
    lining = INSIDE * (1 - deep) + THROAT * deep
    colour += lips.inside[:, None] * (lining - colour)
    material = np.where(lips.inside > 0.5, MOUTH, np.where(lips.red > 0.5, LIP, SKIN)).astype(np.uint8)
    return Painter(
        np.clip(colour, 0.001, 0.72).astype(np.float32), _roughness(place, zones, lips, recipe, seed + 80),
        material, np.full(len(place), 0.97, np.float32), ((height + neck[0]) * outside).astype(np.float32),
        bent(normal, lean * outside[:, None]).astype(np.float32),
    )  # fmt: skip


def nostrils(surface: Surface, mesh: Mesh, face: Face) -> np.ndarray:
    """How deep inside of a nostril each place lies [n], 0 outside .. 1: by how much of the front is walled off.

    The bake's ambient visibility is too coarse for walls as thin as a nose's.
    """
    s = face.scale
    at = mesh.vertices.astype(np.float64)
    base = np.array([face.middle[0], face.wing[0, 1] - 0.002 * s, face.wing[0, 2] + 0.006 * s])
    near = np.abs(at - base) < np.array([0.022, 0.016, 0.024]) * s
    near = near.all(1)
    inside = np.flatnonzero(near)
    walls = mesh.triangles[(mesh.part == SKIN_PART) & near[mesh.triangles].any(1)]
    a, b, c = (at[walls[:, k]] for k in range(3))
    start = at[inside] + 0.0004 * mesh.normals()[inside]
    directions = [(x, y, 1.0) for x in (-0.9, -0.45, 0.0, 0.45, 0.9) for y in (-0.5, -0.1, 0.4)]
    hidden = np.mean([_blocked(start, np.array(d) / np.linalg.norm(d), a, b, c, 0.012 * s) for d in directions], axis=0)
    values = np.zeros(len(at))
    values[inside] = noise.smooth(0.55, 0.90, hidden)
    return (surface.barycentric * values[mesh.triangles[surface.triangle]]).sum(1)


def _blocked(start, towards, a, b, c, reach) -> np.ndarray:
    """Whether a ray from each ``start`` [n, 3] meets a triangle within ``reach`` metres (Moller & Trumbore, 1997)."""
    e1, e2 = b - a, c - a
    p = np.cross(towards, e2)
    det = (e1 * p).sum(1)
    ok = np.abs(det) > 1e-14
    scale = np.where(ok, 1 / np.where(ok, det, 1), 0)
    t = start[:, None] - a
    u = (t * p).sum(2) * scale
    q = np.cross(t, e1)
    v = (q @ towards) * scale
    far = (q * e2).sum(2) * scale
    return (ok & (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 1e-6) & (far < reach)).any(1)


def _zones(surface: Surface, face: Face, lips: Lips) -> dict[str, np.ndarray]:
    """Soft places of a face [n] 0..1 that differ in colour and gloss."""
    s = face.scale
    at = (surface.position.astype(np.float64) - face.middle) / s * 1000  # millimetres of an average face
    mouth = (face.mouth[1] - face.middle[1]) / s * 1000
    wing, r = face.wing[0, 1] - face.middle[1], surface.regions
    side = np.abs(at[:, 0])

    def blob(x, y, wide, high):
        return np.exp(-(((side - x) / wide) ** 2 + ((at[:, 1] - y) / high) ** 2))

    front = noise.smooth(-25, 0, at[:, 2])
    nose_tip = np.clip(r["nose"] * 1.3, 0, 1) * noise.smooth(-8, 0, (wing * 1000 / s + 16) - at[:, 1])
    fold_y = wing * 1000 / s
    return {
        "cheek": front * blob(36, -36, 17, 17),
        "nose": np.clip(r["nose"], 0, 1),
        "nose_tip": np.clip(nose_tip, 0, 1),
        "wing": front * blob(17, fold_y - 3, 5, 8),
        "ears": np.clip(r["ears"] * 1.4, 0, 1),
        "chin": front * blob(0, mouth - 33, 16, 12),
        "forehead": front * blob(0, 45, 44, 26),
        "glabella": front * blob(0, 16, 9, 12),
        "socket": front * np.clip(blob(26, -13, 15, 8) + 0.8 * blob(15, -6, 5, 7) + 0.5 * blob(30, 9, 15, 6), 0, 1),
        "trough": front * np.clip(blob(16, -11, 7, 6) + 0.6 * blob(24, -16, 9, 4), 0, 1),
        "lid": np.clip(r["lid_upper_left"] + r["lid_upper_right"], 0, 1),
        "lids": np.clip(r["lids"], 0, 1),
        "rim": np.clip(r["lid_rim_left"] + r["lid_rim_right"], 0, 1),
        "mouth": front * blob(0, mouth, 30, 17) * (1 - lips.red),
        "corner": front * blob(27, mouth, 5, 5),
        "beard": np.clip(r["beard"], 0, 1)
        * noise.smooth(fold_y + 2, fold_y - 13, at[:, 1] - 0.45 * np.clip(side - 30, 0, 40))
        * (1 - np.clip(1.6 * blob(17, fold_y - 3, 7, 9), 0, 1)),
        "scalp": np.clip(r["scalp"], 0, 1),
        "neck": noise.smooth(-118, -140, at[:, 1]),
        "jaw": noise.smooth(-70, -105, at[:, 1]) * noise.smooth(-150, -120, at[:, 1]),
    }


def _pigment(place: np.ndarray, z: dict, recipe: FaceRecipe, face: Face, seed: int) -> np.ndarray:
    """Skin without lips: melanin, blood and carotene by zone and by chance."""
    large, middle = noise.fractal(place, 0.032, seed + 1), noise.fractal(place, 0.011, seed + 2)
    small, grain = noise.value(place, 0.0036, seed + 3), noise.value(place, 0.0016, seed + 4)
    m, f = recipe.mottle, recipe.flush
    blood = 1 + m * (0.14 * large + 0.17 * noise.fractal(place, 0.014, seed + 5) + 0.10 * small)
    blood += f * (0.95 * z["cheek"] * (1 + 0.35 * middle) + 0.75 * z["nose_tip"] + 0.55 * z["wing"] + 0.95 * z["ears"]
                  + 0.40 * z["chin"] + 0.30 * z["corner"] + 0.35 * z["lid"] + 0.20 * z["mouth"])  # fmt: skip
    blood += 0.16 * z["jaw"] - 0.16 * z["forehead"] - 0.10 * z["neck"] + 0.55 * recipe.socket * z["trough"]
    melanin = 1 + m * (0.055 * large + 0.05 * middle + 0.045 * small + 0.035 * grain)
    melanin += recipe.socket * (0.55 * z["socket"] + 0.50 * z["trough"] + 0.35 * z["lid"])
    melanin += 0.10 * z["forehead"] + 0.10 * z["mouth"] + 0.06 * z["neck"] + 0.22 * z["corner"] - 0.05 * z["cheek"]
    if recipe.melanin > 0.15:  # dark skin: the middle of the face is lighter than its rim
        melanin += 0.14 * z["forehead"] + 0.12 * z["mouth"] + 0.10 * z["jaw"] - 0.16 * z["cheek"] - 0.04 * z["nose_tip"]
    melanin = melanin * recipe.melanin + _marks(place, z, recipe, face, seed + 10)
    carotene = recipe.carotene * (1 + 0.35 * z["forehead"] + 0.25 * z["mouth"] + 0.15 * middle)
    colour = albedo(melanin, np.maximum(blood, 0.3) * recipe.blood, carotene)
    pale = noise.smooth(0.22, 0.06, recipe.melanin)  # veins show through pale skin only
    violet = pale * recipe.socket * np.clip(0.75 * z["trough"] + 0.45 * z["socket"], 0, 1)[:, None]
    colour *= 1 - violet * np.array([0.20, 0.17, 0.09])
    return colour * (1 + 0.030 * m * grain)[:, None]


def _marks(place: np.ndarray, z: dict, recipe: FaceRecipe, face: Face, seed: int) -> np.ndarray:
    """Melanin [n] of freckles, age spots, papules and moles, on top of the skin's own."""
    s = face.scale
    extra = np.zeros(len(place))
    sunny = np.clip(z["cheek"] * 1.2 + z["nose"] * 0.9 + 0.45 * z["forehead"] + 0.5 * z["socket"], 0, 1)
    warped = place + 0.0012 * np.stack([noise.value(place, 0.005, seed + k) for k in range(3)], 1)
    if recipe.freckles > 0:
        for spacing, salt in ((0.0042, 1), (0.0031, 2)):
            far, number = noise.spots(warped, spacing, seed + 10 * salt)
            size = 0.00045 + 0.0006 * ((number * 7.13) % 1.0)
            there = noise.smooth(0.0, 0.12, recipe.freckles * (0.12 + 0.88 * sunny) - number)
            extra += there * noise.smooth(size * 1.35, size * 0.45, far) * (0.020 + 0.022 * ((number * 3.77) % 1.0))
    if recipe.spots > 0:
        far, number = noise.spots(warped, 0.0135, seed + 40)
        size = 0.0013 + 0.0026 * ((number * 5.31) % 1.0) + 0.0006 * noise.value(place, 0.0022, seed + 41)
        there = noise.smooth(0.0, 0.10, recipe.spots * (0.30 + 0.45 * sunny) - number)
        extra += there * noise.smooth(size * 1.15, size * 0.75, far) * (0.022 + 0.026 * ((number * 3.77) % 1.0))
    if recipe.papules > 0:
        far, number = noise.spots(place, 0.0075, seed + 50)
        where = np.exp(-(((np.abs(place[:, 0] - face.middle[0]) / s - 0.047) / 0.016) ** 2))
        where *= np.exp(-((((place[:, 1] - face.middle[1]) / s + 0.016) / 0.026) ** 2))
        there = noise.smooth(0.0, 0.05, recipe.papules * where - number)
        extra += there * noise.smooth(0.0011, 0.0005, far) * 0.14
    front = place[:, 2] > face.middle[2] - 0.045 * s
    for left, up, radius in recipe.moles:
        far = np.hypot(place[:, 0] - face.middle[0] - left * 0.001 * s, place[:, 1] - face.middle[1] - up * 0.001 * s)
        extra += front * noise.smooth(radius * 0.0013, radius * 0.0006, far) * 0.16
    return extra


def _lips(
    colour: np.ndarray, place: np.ndarray, lips: Lips, corner: np.ndarray, recipe: FaceRecipe, seed: int
) -> np.ndarray:
    """Red laid over the skin with a soft edge: deeper towards the line of the mouth, pinker on the wet lower lip."""
    chapped = noise.fractal(place, 0.0045, seed)
    wet = lips.seam
    melanin = recipe.melanin * recipe.lip_melanin * (1.06 - (1 - recipe.lip_inner) * wet * (0.4 + 0.6 * lips.lower))
    melanin = melanin * (1 + 0.16 * (1 - lips.lower))
    blood = recipe.lip_blood * (0.66 + 0.28 * wet + 0.14 * chapped + 0.08 * lips.core)
    red = albedo(melanin * 0.85, blood, recipe.carotene * (0.5 + 1.2 * noise.smooth(0.20, 0.06, recipe.melanin)))
    red *= (1 + 0.05 * lips.streak)[:, None]
    line = np.exp(-((lips.gap / 0.0011) ** 2)) * (lips.red > 0.05)
    red *= 1 - line[:, None] * np.array([0.52, 0.66, 0.66])
    red *= 1 - 0.22 * corner[:, None]
    colour = colour + lips.red[:, None] * (red - colour)
    roll = np.exp(-(((lips.outside - 0.0014) / 0.0009) ** 2)) * (1 - lips.lower) * (1 - lips.red)
    return colour * (1 + 0.07 * roll)[:, None]


def _stubble(colour, place, beard, lips, recipe, seed) -> np.ndarray:
    if recipe.stubble == 0:
        return colour
    patchy = 0.82 + 0.18 * noise.fractal(place, 0.014, seed)
    dots = 0.70 + 0.45 * np.clip(noise.value(place, 0.0013, seed + 1), -1, 1)
    cover = recipe.stubble * beard * (1 - lips.red) * patchy * dots
    return colour + np.clip(cover, 0, 0.8)[:, None] * (np.array(recipe.stubble_colour) - colour)


def _edges(colour, place, surface, mesh, z, recipe, seed) -> np.ndarray:
    """Lids' rims, the corners of the eyes, and the scalp under the hair."""
    from scipy.spatial import cKDTree

    near = cKDTree(mesh.eyes.astype(np.float64)).query(place)[0]
    touch = noise.smooth(0.0024, 0.0006, near - mesh.eye_radius) * (z["rim"] > 0.02)
    dark = 1 - 0.75 * noise.smooth(0.02, 0.25, recipe.melanin)
    wet = RIM * dark + (1 - dark) * np.array([0.10, 0.042, 0.034])
    colour = colour + 0.72 * touch[:, None] * (wet - colour)
    behind = noise.smooth(-0.0002, -0.0012, near - mesh.eye_radius)
    colour = colour * (1 - 0.7 * behind[:, None])
    shade = noise.smooth(0.25, 0.85, z["scalp"] + 0.12 * noise.fractal(place, 0.006, seed))
    return colour + 0.80 * shade[:, None] * (np.array(recipe.scalp) - colour)


def _roughness(place, z, lips: Lips, recipe: FaceRecipe, seed: int) -> np.ndarray:
    oily = np.clip(z["forehead"] * 0.8 + z["nose"] + 0.6 * z["chin"] + 0.5 * z["glabella"], 0, 1)
    rough = (
        recipe.roughness - 0.07 * oily + 0.03 * z["cheek"] - 0.03 * z["lids"] + 0.10 * z["neck"] + 0.09 * z["trough"]
    )
    rough = rough * (1 + 0.10 * noise.fractal(place, 0.006, seed) + 0.13 * noise.value(place, 0.0017, seed + 1))
    rough = rough + 0.20 * z["scalp"]
    lip = 0.34 - 0.07 * lips.seam + 0.16 * z["corner"] + 0.05 * noise.value(place, 0.0016, seed + 2)
    rough = rough + lips.red * (lip - rough)
    rough = rough + lips.inside * (0.32 - rough)
    return np.clip(rough, 0.16, 0.85).astype(np.float32)


def _pores(place, z, recipe: FaceRecipe, face: Face, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Height [n] in metres and slope [n, 3] of pores and the skin's grain, strongest on cheeks, nose and forehead."""
    strength = recipe.pores * (
        0.55 + 0.45 * np.clip(z["cheek"] + z["nose"] + 0.6 * z["forehead"] + 0.4 * z["chin"], 0, 1)
    )
    strength = strength * (1 - 0.6 * z["lids"]) * (1 - 0.5 * z["socket"])

    def at(where: np.ndarray) -> np.ndarray:
        return 0.000028 * noise.value(where, 0.0019, seed) + 0.000020 * noise.value(where, 0.0011, seed + 1)

    step = 0.0003
    base = at(place)
    slope = np.stack([(at(place + step * axis) - base) / step for axis in np.eye(3)], 1)
    return base * strength, slope * strength[:, None]


def _lip_lines(place, lips: Lips, face: Face, seed: int) -> np.ndarray:
    """Slope [n, 3] of the fine upright lines of lips; they fan out from the middle."""
    wave = lips.streak_slope * 0.16 * lips.red * (1 - 0.4 * lips.seam)
    return np.stack([wave, np.zeros(len(place)), np.zeros(len(place))], 1)


def _neck_lines(place, surface, face: Face, recipe: FaceRecipe, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rings round the throat: height [n] and slope [n, 3]."""
    strength = recipe.age * recipe.neck * 0.00040 * noise.smooth(0.3, 0.8, surface.regions["neck"])
    strength = strength * noise.smooth(-0.1, 0.4, surface.normal[:, 2])
    height, rise = np.zeros(len(place)), np.zeros(len(place))
    if recipe.age * recipe.neck > 0:
        bend = 0.0035 * noise.value(place, 0.05, seed)
        for drop, depth in ((0.030, 0.8), (0.050, 1.0), (0.068, 0.6)):
            x = (place[:, 1] - (face.chin[1] - drop * face.scale) + bend) / 0.0022
            valley, shoulder = np.exp(-(x**2)), np.exp(-((x / 2.1) ** 2))
            height += strength * depth * (0.4 * shoulder - valley)
            rise += strength * depth * (2 * x * valley - 0.8 * x / 2.1**2 * shoulder) / 0.0022
    return height, np.stack([np.zeros(len(place)), rise, np.zeros(len(place))], 1)
