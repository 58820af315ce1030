"""The head that hair grows on: landmarks found by how the face moves, distance to the skin, and the hairline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from actors.bake.mesh import SKIN
from actors.performance import SHAPE

if TYPE_CHECKING:
    from actors.bake.mesh import Mesh

SAMPLES = 60_000  # points on the skin that stand for it when a strand asks how far away it is
STIFF = 0.0004  # metres: a triangle that no expression moves further than this carries head hair
HAIRLINE = np.array(  # degrees from the front, height over the eyes as a part of the height of the crown over them
    [
        (0, 0.58), (22, 0.60), (38, 0.65), (50, 0.58), (58, 0.38), (65, 0.20), (72, 0.06), (77, -0.10), (81, -0.22),
        (87, -0.22), (91, -0.02), (98, 0.04), (106, 0.04), (114, 0.0), (121, -0.30), (136, -0.56), (180, -0.66),
    ]
)  # fmt: skip


def unit(vectors: np.ndarray) -> np.ndarray:
    """``vectors`` [..., 3] at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@dataclass(frozen=True, slots=True)
class Spots:
    """Points on the skin."""

    triangle: np.ndarray  # [n] int, row of mesh.triangles
    position: np.ndarray  # [n, 3] metres
    normal: np.ndarray  # [n, 3] unit, smooth, outward

    def __len__(self) -> int:
        return len(self.triangle)

    def __getitem__(self, which: np.ndarray) -> Spots:
        return Spots(self.triangle[which], self.position[which], self.normal[which])


class Head:
    """Skin of ``mesh`` in its neutral rest frame (metres, facing +Z), with the questions that a groom asks of it."""

    def __init__(self, mesh: Mesh, rng: np.random.Generator) -> None:
        self.vertices = np.asarray(mesh.vertices, np.float64)
        self.deltas = mesh.deltas
        self.triangles = np.asarray(mesh.triangles)
        self.regions = mesh.regions
        outer = mesh.regions["inner_mouth"][self.triangles].max(1) < 0.5
        self.skin = np.flatnonzero((mesh.part == SKIN) & outer)
        self._ear = mesh.regions["ears"][self.triangles].mean(1) > 0.3
        corners = self.vertices[self.triangles]
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        self.area = np.linalg.norm(cross, axis=1) / 2
        normals = np.zeros_like(self.vertices)
        for corner in range(3):
            np.add.at(normals, self.triangles[self.skin, corner], cross[self.skin])
        self.normals = unit(normals)
        self._find_landmarks()
        self.samples = self.scatter(rng, SAMPLES, np.ones(len(self.skin)))

    def _find_landmarks(self) -> None:
        on_skin = np.zeros(len(self.vertices), bool)
        on_skin[self.triangles[self.skin]] = True
        places = self.vertices[on_skin]

        def moved_by(shape: str) -> np.ndarray:
            size = np.where(on_skin, np.linalg.norm(self.deltas[SHAPE[shape]], axis=1), 0.0)
            size = np.where(size > size.max() / 2, size, 0.0)
            return size @ self.vertices / size.sum()

        lids = moved_by("eyeBlinkLeft"), moved_by("eyeBlinkRight")
        self.eyes = np.stack(lids)  # [2, 3] on the lids, the performer's left first
        self.eye_y = float(self.eyes[:, 1].mean())
        self.eye_z = float(self.eyes[:, 2].mean())
        self.top = float(places[:, 1].max())
        self.rise = self.top - self.eye_y  # of the crown over the eyes
        self.mouth = moved_by("mouthPucker")
        self.chin = moved_by("jawOpen")
        ears = self.vertices[self.regions["ears"] > 0.5].copy()
        ears[:, 0] = np.abs(ears[:, 0])
        self.ear = np.array([ears[:, 0].max(), *ears[:, 1:].mean(0)])  # outermost x, middle of y and z
        self.ear_top, self.lobe = float(ears[:, 1].max()), float(ears[:, 1].min())
        self.back = float(places[places[:, 1] > self.eye_y, 2].min())
        middle = places[(np.abs(places[:, 0]) < 0.012) & (np.abs(places[:, 1] - self.chin[1]) < 0.045)]
        in_front = middle[middle[:, 2] > self.chin[2] - 0.02]
        self.chin_y = float(in_front[:, 1].min()) if len(in_front) else float(self.chin[1] - 0.02)
        self.centre = np.array([0.0, self.eye_y + 0.02, self.ear[2] + 0.018])

    def ears(self, spots: Spots) -> np.ndarray:
        """[n] bool: which ``spots`` lie on an ear."""
        return self._ear[spots.triangle]

    def scatter(self, rng: np.random.Generator, count: int, weight: np.ndarray) -> Spots:
        """About ``count`` spots, evenly spread by area times ``weight`` [skin triangles]: stratified along the area."""
        mass = np.cumsum(self.area[self.skin] * weight)
        at = (np.arange(count) + rng.random(count)) / count * mass[-1]
        chosen = self.skin[np.minimum(np.searchsorted(mass, at), len(mass) - 1)]
        u, v = np.sqrt(rng.random(count)), rng.random(count)
        return self.spots(chosen, np.stack([1 - u, u * (1 - v), u * v], 1))

    def spots(self, triangle: np.ndarray, weights: np.ndarray) -> Spots:
        """Spots at barycentric ``weights`` [n, 3] of ``triangle`` [n]."""
        corners = self.triangles[triangle]
        position = np.einsum("nk,nkc->nc", weights, self.vertices[corners])
        return Spots(triangle, position, unit(np.einsum("nk,nkc->nc", weights, self.normals[corners])))

    @cached_property
    def _skull(self) -> tuple:
        from scipy.spatial import cKDTree

        keep = self.samples[~self.ears(self.samples)]
        return cKDTree(keep.position), keep

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, Spots]:
        """Signed distance [n] of ``points`` [n, 3] from the skin without its ears (positive outside), and where."""
        tree, samples = self._skull
        at = samples[tree.query(points)[1]]
        return ((points - at.position) * at.normal).sum(1), at

    @cached_property
    def _stiff(self) -> tuple:
        from scipy.spatial import cKDTree

        still = np.linalg.norm(self.deltas, axis=2).max(0) < STIFF
        still &= self.vertices[:, 1] > self.eye_y
        found = self.skin[still[self.triangles[self.skin]].all(1)]
        return cKDTree(self.vertices[self.triangles[found]].mean(1)), found

    def stiff_triangle(self, points: np.ndarray) -> np.ndarray:
        """[n] the nearest triangle of the cranium that no expression moves: head hair must not sway with a frown."""
        tree, found = self._stiff
        return found[tree.query(points)[1]]

    def height(self, points: np.ndarray) -> np.ndarray:
        """[n] height over the eyes, as a part of that of the crown."""
        return (points[:, 1] - self.eye_y) / self.rise

    def azimuth(self, points: np.ndarray) -> np.ndarray:
        """[n] degrees away from straight ahead, 0 to 180."""
        return np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2] - self.centre[2]))

    def hairline(self, receding: float = 0.0, nape: float = 0.0) -> Hairline:
        """The scalp's edge; ``receding`` lifts its corners and ``nape`` its back, in parts of the crown's height."""
        angles, heights = HAIRLINE[:, 0], HAIRLINE[:, 1].copy()
        heights += (angles > 90) * (angles < 115) * (self.ear_top - self.eye_y) / self.rise  # round the ear
        heights += receding * (0.45 * np.exp(-((angles / 18) ** 2)) + np.exp(-(((angles - 42) / 14) ** 2)))
        heights += nape * smoothstep(118, 140, angles.astype(float))
        inside = self.height(self.samples.position) > np.interp(self.azimuth(self.samples.position), angles, heights)
        inside &= ~self.ears(self.samples)
        return Hairline(self.samples.position[inside], self.samples.position[~inside])


class Hairline:
    """Distance from the edge between hair and bare skin."""

    def __init__(self, inside: np.ndarray, outside: np.ndarray) -> None:
        from scipy.spatial import cKDTree

        self._inside, self._outside = cKDTree(inside), cKDTree(outside)

    def depth(self, points: np.ndarray) -> np.ndarray:
        """[n] metres from the edge, positive on the scalp."""
        return self._outside.query(points)[0] - self._inside.query(points)[0]
