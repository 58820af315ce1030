"""Cloth over the torso: an inflated, smoothed shell of the body with folds, cut along clean curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from actors.bake.bind import Splats, frames, nearest_triangles, quaternion
from actors.bake.groom_head import smoothstep, unit
from actors.bake.mesh import SKIN
from actors.bake.sample import scattered

if TYPE_CHECKING:
    from actors.bake.mesh import Mesh

CLOTH = 7  # actors.body.material
HELD = 0.06  # the most that neck and head may move a triangle that carries the cloth over it
COARSER = 0.9  # part that the distance between splats grows where a camera hardly ever looks
WIDEST = 1.5  # of its triangle, that a splat may be which grows with it: a package keeps no larger shares
RIGID = 0.96  # the least that the chest must hold a triangle that carries cloth from elsewhere

Dye = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # points [n, 3] -> albedo [n, 3]


@dataclass(frozen=True, slots=True)
class Shell:
    """A layer of cloth in the performer's rest frame, vertex by vertex over the body."""

    mesh: Mesh
    vertices: np.ndarray  # [V, 3] metres
    normals: np.ndarray  # [V, 3] unit
    inside: np.ndarray  # [V] metres, roughly: how far behind the garment's edge a vertex lies; negative off it

    def edge(self) -> np.ndarray:
        """The longest curve [n, 3] where ``inside`` is zero, as a chain of points; closed if its ends meet."""
        return _longest_chain(self.mesh.triangles[self.mesh.part == SKIN], self.vertices, self.inside)


class Torso:
    """What garments are fitted to."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.skin = mesh.part == SKIN
        self.neck = mesh.bones[2].astype(np.float64)  # at the nape's foot
        self.size = float(mesh.bones[2, 1] - mesh.bones[1, 1]) / 0.33  # 1 for the back that the measures below fit
        self.axis_z = 0.020  # metres: the middle of the neck in front of the nape's foot
        self.body = mesh.vertices.astype(np.float64)
        self.body_normals = mesh.normals().astype(np.float64)
        held = (mesh.weights[:, 2] + mesh.weights[:, 3])[mesh.triangles].max(1) < HELD
        self._free = held & self.skin
        chest = (mesh.weights[:, 0] + mesh.weights[:, 1])[mesh.triangles].min(1)
        self._rigid = (chest > RIGID) & self.skin
        self._size = frames(mesh.vertices, mesh.triangles)[1]
        self._average = _averaging(mesh.triangles[self.skin], len(self.body))
        arms = mesh.regions["arms"].astype(np.float64)  # 0 at the shoulder, 1 at the wrist
        slender = _relaxed(self._average, self.body, 8)  # so many rounds as smooth a back make an arm thin
        self._smooth = _relaxed(self._average, slender, 52)
        self._smooth += smoothstep(0.08, 0.30, arms)[:, None] * (slender - self._smooth)
        rim = self._rim()
        self._inner = smoothstep(0.010, 0.060, self._from(rim))
        self.hem = self.body[rim[arms[rim] == 0], 1].max() + 0.004  # metres: the height that cloth falls to
        self.cuff = 0.5 * (0.95 - arms)  # [V] metres, roughly, from the end of a sleeve
        below = self.neck[1] - self.body[:, 1]
        self._far = np.maximum(smoothstep(0.22, 0.45, arms), smoothstep(0.33, 0.42, below))  # 1: hardly ever in frame

    def skin_vertices(self) -> np.ndarray:
        """The vertices of the outer skin."""
        return np.unique(self.mesh.triangles[self.skin])

    def _rim(self) -> np.ndarray:
        """The vertices where the body is cut off."""
        triangles = self.mesh.triangles[self.skin]
        ends = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
        edges, uses = np.unique(ends, axis=0, return_counts=True)
        rim = np.unique(edges[uses == 1])
        return rim[self.body[rim, 1] < self.neck[1] - 0.10]

    def _from(self, rim: np.ndarray) -> np.ndarray:
        """[V] metres from the cut ``rim``: cloth must not shrink from its hems there."""
        from scipy.spatial import cKDTree

        return cKDTree(self.body[rim]).query(self.body)[0]

    def shell(self, inside: np.ndarray, thickness: float, fold: float, seed: int) -> Shell:
        """A layer ``thickness`` metres off the body with folds ``fold`` metres high."""
        low = smoothstep(0.0, 0.10, inside)
        taut = self.body + (smoothstep(-0.005, 0.060, inside) * self._inner)[:, None] * (self._smooth - self.body)
        out = unit(_relaxed(self._average, self.mesh.normals(taut.astype(np.float32)).astype(np.float64), 8))
        # Cloth spans hollows, and where the body stands out of the smooth shape it is lifted over it.
        bare = self.body + low[:, None] * (_relaxed(self._average, self.body, 6) - self.body)
        over = ((bare - taut) * out).sum(1).clip(0)
        for _ in range(8):
            over = np.maximum(over, self._average @ over)
        over = _relaxed(self._average, over, 4)
        height = thickness + over + fold * low * _folds(self.body - self.neck, seed)
        vertices = taut + out * height[:, None]
        normals = self.mesh.normals(vertices.astype(np.float32)).astype(np.float64)
        return Shell(self.mesh, vertices, unit(_relaxed(self._average, normals, 2)), inside)

    def plane(self, rise: float, slope: float) -> np.ndarray:
        """[V] metres below a neckline ``rise`` metres over the nape's foot that falls by ``slope`` forwards."""
        p = self.body - self.neck
        return (rise - slope * (p[:, 2] - self.axis_z) - p[:, 1]) / np.sqrt(1 + slope**2)

    def vee(self, depth: float, half: float, top: float = 0.0) -> np.ndarray:
        """[V] metres outside a V in front, ``half`` metres to each side at ``top``, closing ``depth`` metres below."""
        p = self.body - self.neck
        wide = half * np.clip((p[:, 1] + depth) / (depth + top), -1, 1.4)
        outside = (np.abs(p[:, 0]) - wide) / np.sqrt(1 + (half / (depth + top)) ** 2)
        return np.where(p[:, 2] > self.axis_z, outside, 1.0)

    def cover(
        self, shell: Shell, dye: Dye, spacing: float, roughness: float, rng, weave: float = 0.10, fine: float = 0.65
    ) -> Splats:
        """Splats all over ``shell``, about ``spacing`` metres apart, nearer to its edge ``fine`` times that.

        On the lower arms and under the ribs they are larger and fewer.
        """
        margin = 0.0012
        hem = np.minimum(self.body[:, 1] - self.hem, self.cuff)
        near = smoothstep(0.06, 0.0, np.abs(shell.inside))
        wanted = spacing * (1 - (1 - fine) * near) * (1 + COARSER * self._far * smoothstep(0.0, 0.03, hem))
        inside = np.minimum(shell.inside, hem)
        corner = inside[self.mesh.triangles]
        cloth = SimpleNamespace(
            vertices=shell.vertices, triangles=self.mesh.triangles, uv=self.mesh.uv, regions={},
            normals=lambda: shell.normals,
        )  # fmt: skip
        spots = scattered(cloth, np.flatnonzero(self.skin & (corner.max(1) > margin)), wanted, rng)
        corners = self.mesh.triangles[spots.triangle]

        def at(values):
            return np.einsum("nk,nk...->n...", spots.barycentric, values[corners])

        keep = at(inside) > margin
        position, normal = at(shell.vertices)[keep], unit(at(shell.normals))[keep]
        normal = unit(normal + 0.25 * weave * rng.normal(size=normal.shape))
        size = spots.spacing[keep]
        # No splat reaches over the edge of a neckline; a hem, which is hardly ever in frame, need only be whole.
        across = np.minimum(size * 1.05, 0.35 * at(shell.inside)[keep] + 0.0008)
        across = np.minimum(across, 0.35 * at(hem)[keep] + 0.0035)
        helper = np.where(np.abs(normal[:, 1:2]) < 0.9, [[0, 1.0, 0]], [[1.0, 0, 0]])
        x = unit(np.cross(helper, normal))
        albedo = dye(position, rng) * np.exp(weave * rng.normal(size=len(position)))[:, None]
        return self.splats(
            position, np.stack([x, np.cross(normal, x), normal], 2), np.stack([across, across, size * 0.1], 1),
            albedo, roughness, spots.triangle[keep],
        )  # fmt: skip

    def splats(self, position, axes, scale, albedo, roughness, triangle=None) -> Splats:
        """Cloth splats with local ``axes`` [n, 3, 3] (columns, last the normal), held by the chest near the neck."""
        count = len(position)
        loose = np.ones(count, bool) if triangle is None else ~self._free[triangle]
        triangle = np.zeros(count, np.int32) if triangle is None else triangle.copy()
        triangle[loose] = nearest_triangles(position[loose], self.mesh, self._rigid)
        loose |= scale.max(1) > WIDEST * self._size[triangle]
        return Splats(
            triangle=np.asarray(triangle, np.int32),
            position=position.astype(np.float32),
            quat=quaternion(axes).astype(np.float32),
            scale=scale.astype(np.float32),
            opacity=np.full(count, 0.97, np.float32),
            albedo=np.clip(albedo, 0.002, 0.9).astype(np.float32),
            roughness=np.full(count, roughness, np.float32),
            normal=np.ascontiguousarray(axes[:, :, 2]).astype(np.float32),
            material=np.full(count, CLOTH, np.uint8),
            loose=loose,  # what is held from afar must not swell with a small triangle
        )


def _folds(p: np.ndarray, seed: int) -> np.ndarray:
    """Height [n] 0..1 of folds at points relative to the nape's foot: they fall from the shoulders and the armpits."""
    rng = np.random.default_rng(seed)
    total = np.zeros(len(p))
    side = np.sign(p[:, :1])
    for _ in range(7):
        # Lines run from the shoulder to the middle below: their waves lie across that.
        lean = rng.normal(0.35, 0.45)
        k = np.concatenate([np.ones((len(p), 1)), lean * side, 0.5 * rng.normal() * np.ones((len(p), 1))], 1)
        k *= 2 * np.pi / rng.uniform(0.055, 0.13)
        bend = 1.6 * np.sin(p[:, 1] * rng.uniform(10, 22) + rng.uniform(0, 6))
        ridge = np.sin((p * k).sum(1) * side[:, 0] + bend + rng.uniform(0, 6, 1) + 2.1 * (side[:, 0] > 0))
        where = smoothstep(-0.2, 0.9, np.sin(p @ rng.normal(0, 9, 3) + rng.uniform(0, 6)))
        total += where * np.sign(ridge) * np.abs(ridge) ** 1.5
    for _ in range(4):  # creases between them
        direction = unit(rng.normal(0, 1, 3) * [1, 0.7, 1])
        k = np.where(side > 0, direction, direction * [-1, 1, 1]) * 2 * np.pi / rng.uniform(0.030, 0.048)
        bend = 1.8 * np.sin(p @ rng.normal(0, 25, 3) + rng.uniform(0, 6))
        where = smoothstep(0.1, 0.9, np.sin(p @ rng.normal(0, 14, 3) + rng.uniform(0, 6)))
        total += 0.45 * where * np.sin((p * k).sum(1) + bend)
    return 0.5 + 0.5 * np.tanh(0.6 * total)


def _averaging(triangles: np.ndarray, count: int):
    """The sparse [V, V] matrix that takes each vertex to the mean of its neighbours; loose vertices stay."""
    from scipy.sparse import coo_matrix, diags

    ends = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    ends = np.concatenate([ends, ends[:, ::-1]])
    joins = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    joins.data[:] = 1.0
    degree = np.asarray(joins.sum(1)).ravel()
    return diags(1 / np.maximum(degree, 1)) @ joins + diags((degree == 0).astype(float))


def _relaxed(average, values: np.ndarray, rounds: int) -> np.ndarray:
    """``values`` [V, ...] after ``rounds`` of moving towards the mean of their neighbours."""
    for _ in range(rounds):
        values = 0.4 * values + 0.6 * (average @ values)
    return values


def _longest_chain(triangles: np.ndarray, vertices: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Points [n, 3] in order along the longest zero line of ``value`` over a triangle mesh (marching triangles)."""
    crossing = (value[triangles] > 0).any(1) & (value[triangles] <= 0).any(1)
    segments: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for a, b, c in triangles[crossing].tolist():
        cut = [(min(e), max(e)) for e in ((a, b), (b, c), (c, a)) if (value[e[0]] > 0) != (value[e[1]] > 0)]
        segments.setdefault(cut[0], []).append(cut[1])
        segments.setdefault(cut[1], []).append(cut[0])
    left, chains = dict.fromkeys(segments), []
    starts = [edge for edge, ends in segments.items() if len(ends) == 1] + list(segments)
    for start in starts:
        if start not in left:
            continue
        chain, edge = [], start
        while edge is not None:
            chain.append(edge)
            left.pop(edge, None)
            edge = next((near for near in segments[edge] if near in left), None)
        if chain[0] in segments[chain[-1]] and len(chain) > 2:
            chain.append(chain[0])
        ends = np.array(chain)
        t = (value[ends[:, 0]] / (value[ends[:, 0]] - value[ends[:, 1]]))[:, None]
        chains.append(vertices[ends[:, 0]] * (1 - t) + vertices[ends[:, 1]] * t)
    return max(chains, key=lambda points: np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
