"""Which skin is lip, how near its edge and the line of the mouth it lies, and what lies inside of the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from actors.bake import skin_noise as noise
from actors.bake.mesh import Mesh
from actors.bake.sample import Surface
from actors.bake.skin_face import Face
from actors.performance import SHAPE

SOFT = 0.0009  # metres over which the red fades into the skin, each way


@dataclass(frozen=True, slots=True)
class Lips:
    """Of n places of the skin."""

    red: np.ndarray  # [n] 0..1, soft at the border
    inside: np.ndarray  # [n] 0..1, within the mouth
    outside: np.ndarray  # [n] metres to the border, below 0 within the red
    lower: np.ndarray  # [n] 1 on what moves with the jaw
    gap: np.ndarray  # [n] metres to the other lip
    seam: np.ndarray  # [n] 0..1 near the line where the lips meet
    core: np.ndarray  # [n] 0..1 the full middle of a lip
    depth: np.ndarray  # [n] 0..1 how far back inside of the mouth
    streak: np.ndarray  # [n] -1..1 upright lines
    streak_slope: np.ndarray  # [n] their rise sideways, about -1..1


def find_lips(surface: Surface, mesh: Mesh, face: Face) -> Lips:
    """The lips of ``surface``."""
    place, r = surface.position.astype(np.float64), surface.regions
    s = face.scale
    close = noise.smooth(0.050 * s, 0.042 * s, np.linalg.norm((place - face.mouth) * [1, 1.1, 0.5], axis=1))
    inside = noise.smooth(0.35, 0.75, r["inner_mouth"]) * (place[:, 2] < face.mouth[2] + 0.02)
    low = _lower(surface, mesh)
    x = place[:, 0]
    line = {}
    for key, border in (("up", face.upper_border), ("down", face.lower_border)):
        far, foot = cKDTree(border).query(place)
        line[key] = (far, border[foot], np.interp(x, border[:, 0], border[:, 1], left=np.nan, right=np.nan))
    between = (place[:, 1] < line["up"][2]) & (place[:, 1] > line["down"][2])
    far = np.minimum(line["up"][0], line["down"][0])
    # Skin that rolls in behind the front of the lips lies between the borders too, as it should.
    outside = np.where(between, -far, far)
    wobble = 0.00010 * noise.value(place, 0.0030, 77)
    red = noise.smooth(SOFT, -SOFT, outside + wobble) * close
    red = np.maximum(red, close * noise.smooth(0.55, 0.9, r["lips"]) * (surface.normal[:, 2] < 0.15)) * (1 - inside)
    gap = _gap(place, low, (red > 0.4) | (inside > 0.2) & (close > 0.5))
    seam = noise.smooth(0.0052 * s, 0.0008, gap) * np.clip(red * 2, 0, 1)
    depth = noise.smooth(0.006, 0.030, face.mouth[2] + 0.004 - place[:, 2])
    fan = (x - face.mouth[0]) * (1 - 6.0 * np.abs(place[:, 1] - face.mouth[1]))
    bend = 0.0008 * noise.value(place, 0.004, 91)
    along = np.c_[(fan + bend), 0.12 * place[:, 1], np.zeros(len(x))]
    streak = noise.value(along, 0.0011, 92)
    slope = noise.value(along + np.array([0.0003, 0, 0]), 0.0011, 92) - streak
    core = noise.smooth(0.0, 0.0035 * s, -outside) * (1 - seam)
    return Lips(red, inside, outside, low, gap, seam, core, depth, streak, np.clip(slope * 1.6, -1, 1))


def _lower(surface: Surface, mesh: Mesh) -> np.ndarray:
    moved = np.linalg.norm(mesh.deltas[SHAPE["jawOpen"]].astype(np.float64), axis=1)
    value = (surface.barycentric * moved[mesh.triangles[surface.triangle]]).sum(1)
    return noise.smooth(0.25, 0.55, value / moved.max())


def _gap(place: np.ndarray, low: np.ndarray, lip: np.ndarray) -> np.ndarray:
    gap = np.full(len(place), 1.0)
    upper, lower = np.flatnonzero(lip & (low < 0.5)), np.flatnonzero(lip & (low >= 0.5))
    if len(upper) and len(lower):
        gap[upper] = cKDTree(place[lower]).query(place[upper])[0]
        gap[lower] = cKDTree(place[upper]).query(place[lower])[0]
    return gap
