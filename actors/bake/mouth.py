"""What shows when the mouth opens: teeth, gums and tongue, kept behind the lips of a closed mouth."""

from __future__ import annotations

import numpy as np

from actors.bake import mesh as parts
from actors.bake import skin_noise as noise
from actors.bake.bind import Splats
from actors.bake.mesh import Mesh
from actors.bake.mouth_teeth import MOUTHS, Arch, MouthRecipe, arch_of, gums, teeth
from actors.bake.patch import Patch, patch, splats
from actors.bake.sample import scattered
from actors.body.material import MOUTH, TOOTH

SHOWN = 0.0022  # metres the upper teeth reach below the plates of the base mesh, as in a mouth at rest
OVERBITE = 0.0016  # metres the lower teeth stay behind the upper ones
CLEAR = 0.0026  # metres between the teeth's line and the inside of the lips; crowns bulge by up to 1.9 mm
TONGUE_SPACING = 0.0010
TONGUE_SUNK = 0.0050  # metres that it lies lower than on the base mesh, whose tongue fills an open mouth
TONGUE_SHOWN = 0.048  # metres from the tip, as far as a camera sees


def build(mesh: Mesh, name: str, rng: np.random.Generator) -> Splats:
    """Teeth, gums and tongue of the house performer ``name``."""
    recipe = MOUTHS[name]
    upper, lower = arches(mesh)
    built = []
    for arch, part in ((upper, parts.TEETH_UPPER), (lower, parts.TEETH_LOWER)):
        both = Patch.joined([teeth(arch, recipe, rng, TOOTH), gums(arch, recipe, int(rng.integers(1 << 30)), MOUTH)])
        built.append(splats(both, mesh, mesh.part == part))
    built.append(tongue(mesh, recipe, rng))
    return Splats.joined(built)


def arches(mesh: Mesh) -> tuple[Arch, Arch]:
    """The upper and the lower arch, moved forward from the base mesh's plates to just behind the lips."""
    upper = arch_of(_vertices(mesh, parts.TEETH_UPPER), +1.0)
    lower = arch_of(_vertices(mesh, parts.TEETH_LOWER), -1.0)
    forward = max(0.0, _room(mesh, upper) - CLEAR)
    # Full at the incisors, nothing at the molars.
    half = np.abs(upper.line[:, 0] - upper.line[:, 0].mean()).max()
    share = np.cos(np.clip((upper.line[:, 0] - upper.line[:, 0].mean()) / half, -1, 1) * np.pi / 2)
    return _moved(upper, forward * share, -SHOWN * share), _moved(lower, (forward - OVERBITE) * share, -0.0013 * share)


def tongue(mesh: Mesh, recipe: MouthRecipe, rng: np.random.Generator) -> Splats:
    """The tongue: rough and pale on top, smooth and red beneath, with a furrow along the middle."""
    corners = mesh.vertices[mesh.triangles]
    tip = corners[mesh.part == parts.TONGUE, :, 2].max()
    seen = (mesh.part == parts.TONGUE) & (corners[:, :, 2].max(1) > tip - TONGUE_SHOWN)
    seen &= np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 1] > -1e-6
    surface = scattered(mesh, np.flatnonzero(seen), np.full(len(mesh.vertices), TONGUE_SPACING), rng)
    seed = int(rng.integers(1 << 30))
    place = surface.position.astype(np.float64)
    top = noise.smooth(-0.1, 0.7, surface.normal[:, 1])
    back = noise.smooth(place[:, 2].max() - 0.020, place[:, 2].min(), place[:, 2])
    furrow = np.exp(-(((place[:, 0] - np.median(place[:, 0])) / 0.0013) ** 2)) * top
    bumps = noise.value(place, 0.0013, seed)
    colour = np.array(recipe.gum) * [1.02, 1.02, 1.02] + top[:, None] * np.array([0.055, 0.050, 0.045])
    colour = colour * (1 + 0.06 * bumps * top + 0.07 * noise.fractal(place, 0.008, seed + 1))[:, None]
    colour = colour * (1 - 0.35 * furrow)[:, None]
    place = place - np.array([0.0, TONGUE_SUNK, 0.0])
    painted = patch(
        place, _bumped(surface.normal, place, top, seed), surface.spacing * 0.72, colour, 0.36 + 0.12 * top, MOUTH,
        0.62 - 0.50 * back,
    )  # fmt: skip
    found = splats(painted, mesh, mesh.part == parts.TONGUE)
    return Splats(**{name: getattr(found, name) for name in Splats.__slots__} | {"triangle": surface.triangle})


def _bumped(normal: np.ndarray, place: np.ndarray, strength: np.ndarray, seed: int) -> np.ndarray:
    tilt = np.stack([noise.value(place, 0.0016, seed + 5 + k) for k in range(3)], 1)
    bent = normal + 0.08 * strength[:, None] * tilt
    return bent / np.linalg.norm(bent, axis=1, keepdims=True)


def _vertices(mesh: Mesh, part: int) -> np.ndarray:
    """Of the coarse mesh: subdivision rounds off the biting edges."""
    return mesh.coarse.vertices[np.unique(mesh.coarse.quads[mesh.coarse.part == part])].astype(np.float64)


def _room(mesh: Mesh, arch: Arch) -> float:
    """Metres from the front of the arch to the nearest skin before it: the inside of the lips."""
    front = arch.line[np.abs(arch.line[:, 0] - arch.line[:, 0].mean()) < 0.006]
    skin = mesh.vertices[np.unique(mesh.triangles[mesh.part == parts.SKIN])].astype(np.float64)
    ahead = []
    for place in front:
        beside = (np.abs(skin[:, 0] - place[0]) < 0.0025) & (np.abs(skin[:, 1] - place[1]) < 0.008)
        beside &= skin[:, 2] > place[2] - 0.001
        if beside.any():
            ahead.append(skin[beside, 2].min() - place[2])
    return float(min(ahead)) if ahead else 0.0


def _moved(arch: Arch, forward: np.ndarray, up: np.ndarray) -> Arch:
    line = arch.line.copy()
    line[:, 2] += forward
    line[:, 1] += up
    length = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line[:, [0, 2]], axis=0), axis=1))]
    return Arch(line, length - length[len(length) // 2], arch.rise)
