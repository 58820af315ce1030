"""The look of an eye: iris, pupil, limbal ring, sclera and its veins, as colours of places on the eyeball."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake import skin_noise as noise

IRIS_RADIUS = 0.0059  # metres; horizontal diameter 11.7 mm on average (Rüfer et al., Cornea 24(3), 2005)


@dataclass(frozen=True, slots=True, kw_only=True)
class EyeRecipe:
    """One pair of eyes; colours are linear Rec.709 albedo."""

    inner: tuple[float, float, float]  # iris around the pupil
    outer: tuple[float, float, float]  # iris towards its rim
    fibre: tuple[float, float, float]  # the pale radial fibres
    ring: tuple[float, float, float]  # limbal ring
    spread: float  # 0..1 how far the inner colour reaches out
    contrast: float  # of fibres and crypts
    pupil: float  # metres, radius
    sclera: tuple[float, float, float]
    veins: float  # 0..1
    age: float = 0.0  # 0..1: a pale arc at the rim, a yellower sclera, a softer ring


EYES = {
    "ada": EyeRecipe(
        inner=(0.200, 0.098, 0.026), outer=(0.098, 0.098, 0.044), fibre=(0.300, 0.235, 0.100),
        ring=(0.018, 0.020, 0.014), spread=0.46, contrast=0.9, pupil=0.0020, sclera=(0.640, 0.585, 0.530), veins=0.35,
    ),
    "kofi": EyeRecipe(
        inner=(0.052, 0.021, 0.0075), outer=(0.030, 0.0125, 0.006), fibre=(0.105, 0.046, 0.017),
        ring=(0.009, 0.0055, 0.005), spread=0.6, contrast=0.8, pupil=0.0019, sclera=(0.520, 0.440, 0.345), veins=0.6,
        age=0.3,
    ),
    "mei": EyeRecipe(
        inner=(0.070, 0.030, 0.011), outer=(0.040, 0.018, 0.009), fibre=(0.125, 0.060, 0.024),
        ring=(0.013, 0.010, 0.010), spread=0.6, contrast=0.75, pupil=0.0017, sclera=(0.580, 0.515, 0.430), veins=0.5,
        age=0.6,
    ),
    "luca": EyeRecipe(
        inner=(0.190, 0.130, 0.055), outer=(0.110, 0.140, 0.112), fibre=(0.330, 0.350, 0.270),
        ring=(0.020, 0.027, 0.027), spread=0.30, contrast=1.0, pupil=0.0021, sclera=(0.655, 0.605, 0.560), veins=0.25,
    ),
}  # fmt: skip


def iris_albedo(places: np.ndarray, recipe: EyeRecipe, seed: int) -> np.ndarray:
    """Albedo [n, 3] of iris and pupil at ``places`` [n, 2] (metres right and up of the pupil's centre)."""
    radius = np.linalg.norm(places, axis=1)
    turn = places / np.maximum(radius, 1e-9)[:, None]
    wobble = noise.value(np.c_[turn * 3.0, np.zeros(len(turn))], 1.0, seed) * 0.00005
    reach = np.clip((radius - recipe.pupil) / (IRIS_RADIUS - recipe.pupil), 0.0, 1.0)  # 0 at the pupil, 1 at the rim

    def streaks(number: float, length: float, salt: int) -> np.ndarray:
        bend = noise.value(np.c_[turn * 4.0, reach * 2.0], 1.0, seed + salt + 9)[:, None] * 0.05
        bent = turn + np.c_[-turn[:, 1], turn[:, 0]] * bend
        return noise.value(np.c_[bent * number, reach * length], 1.0, seed + salt)

    fine, coarse = streaks(17.0, 1.6, 1), streaks(7.0, 1.2, 2)
    crypts = (
        noise.smooth(0.35, 0.95, streaks(5.0, 3.5, 3)) * noise.smooth(0.1, 0.3, reach) * noise.smooth(0.95, 0.6, reach)
    )
    rim = 0.08 * coarse + 0.05 * streaks(4.0, 0.0, 5)
    inner = noise.smooth(recipe.spread + 0.22, recipe.spread - 0.18, reach + rim)[:, None]
    colour = inner * recipe.inner + (1 - inner) * np.array(recipe.outer)
    pale = recipe.contrast * np.clip(0.35 * fine + 0.22 * coarse + 0.14, 0.0, 1.0) * noise.smooth(1.0, 0.75, reach)
    colour += pale[:, None] * (np.array(recipe.fibre) - colour)
    collarette = np.exp(-(((reach - 0.33 - 0.06 * coarse) / 0.07) ** 2)) * 0.28 * recipe.contrast
    colour += collarette[:, None] * (np.array(recipe.fibre) - colour)
    dark = recipe.contrast * (0.45 * np.clip(-fine, 0.0, 1.0) + 0.25 * np.clip(-coarse, 0.0, 1.0) + 0.5 * crypts)
    colour *= (1.0 - np.clip(dark, 0.0, 0.75))[:, None]
    limbal = noise.smooth(0.62, 0.97, reach + 0.04 * coarse)[:, None] * (0.93 - 0.25 * recipe.age)
    colour += limbal * (np.array(recipe.ring) - colour)
    ruff = np.exp(-(((radius - recipe.pupil - 0.0001) / 0.00022) ** 2))[:, None]
    colour *= 1.0 - 0.7 * ruff
    pupil = noise.smooth(recipe.pupil + 0.00018, recipe.pupil - 0.00010, radius + wobble)[:, None]
    return colour * (1 - pupil) + 0.0015 * pupil


def sclera_albedo(towards: np.ndarray, nose: float, recipe: EyeRecipe, seed: int, rim: float) -> np.ndarray:
    """Albedo [n, 3] of the white of an eye in the directions ``towards`` [n, 3] from its centre, gaze along +Z.

    ``nose``: +1 if the nose lies towards +X of this eye, -1 else. ``rim``: the limbus, radians off the gaze.
    """
    across, up, ahead = towards.T
    off = np.arccos(np.clip(ahead, -1.0, 1.0))
    side = np.arctan2(across, np.maximum(ahead, 0.05))
    corner = noise.smooth(0.45, 1.05, np.abs(side))
    corner = np.maximum(corner, noise.smooth(0.50, 0.95, side * nose) * 1.1)
    tint = np.array(recipe.sclera) * (1 - recipe.age * np.array([0.02, 0.06, 0.16]))
    colour = tint * (1 + 0.05 * noise.fractal(towards, 0.35, seed + 11))[:, None]
    colour = colour * (1 - 0.62 * corner[:, None] * np.array([0.22, 0.52, 0.55]))
    colour = colour * (1 - 0.22 * noise.smooth(0.20, 0.55, np.abs(up))[:, None] * np.array([0.6, 0.95, 1.0]))
    # Veins run from the corners towards the iris: thin ridges of noise that is stretched sideways.
    warp = noise.fractal(towards, 0.30, seed + 12) * 0.16
    stretched = np.c_[side * 1.1 + warp, up * 4.2 + warp * 2.0, np.sign(across) * 3.0]
    ridge = np.exp(-((noise.value(stretched, 0.55, seed + 13) / 0.10) ** 2))
    ridge = np.maximum(ridge, 0.7 * np.exp(-((noise.value(stretched * 1.9, 0.55, seed + 14) / 0.12) ** 2)))
    patchy = 0.35 + 0.65 * noise.smooth(-0.3, 0.6, noise.value(towards, 0.4, seed + 15))
    vein = recipe.veins * ridge * patchy * noise.smooth(rim + 0.02, rim + 0.38, off) * (0.35 + 0.65 * corner)
    colour = colour * (1 - np.clip(vein, 0, 1)[:, None] * np.array([0.14, 0.50, 0.48]))
    # The rim: cornea and white run into one another over most of a millimetre.
    grey = np.array(recipe.ring) * 2.0 + np.array([0.032, 0.033, 0.033]) + recipe.age * np.array([0.070, 0.068, 0.062])
    near = noise.smooth(rim + 0.062, rim - 0.008, off)[:, None]
    return colour + near * (grey - colour)
