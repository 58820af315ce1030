"""A performer ready to perform: expressions, joints and gaze in, Gaussians in the world out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.body import kernels, package, quantise
from actors.body.material import CORNEA, HAIR
from actors.body.package import BrokenPackage
from actors.body.subdivide import stencil
from actors.performance import JOINT, SHAPE

BONES = ("torso", "chest", "neck", "head", "left_clavicle", "right_clavicle", "left_eye", "right_eye")
PARENTS = (-1, 0, 1, 2, 1, 1, 3, 3)
SKIN, EYE_LEFT, EYE_RIGHT, TEETH_UPPER, TEETH_LOWER, TONGUE = range(6)
LANDMARKS = (
    "head_top", "chin", "nose_tip", "upper_lip", "lower_lip", "sternum", "left_shoulder", "right_shoulder",
)  # fmt: skip
SKIN_OFFSET_MOST = 127
LID_REACH = 0.006  # metres off the eyeball within which skin is kept off it
LID_SLACK = 0.12  # of its distance at rest that a lid on the eyeball may sink towards it; all of it at LID_REACH
LID_THICK = 0.0012  # metres off the eyeball from which on skin may sink further
BALL_CLEAR = 0.00012  # metres that lids stay off the eyeball
CLOSED_EYE = (0.93, 0.995)  # eyeballs fade out over these blinks, so that nothing shines through shut lids
CLOSED_GLINT = (0.50, 0.72)  # the wet shine fades out sooner: the cornea's bulge and the tear film reach into thin lids
PARTED_LIPS = (0.0002, 0.0011)  # metres that lips have parted over which teeth and tongue fade in


@dataclass(frozen=True, slots=True)
class Posed:
    """N Gaussians of one performer in the world, not yet lit; float32 but for the material."""

    means: np.ndarray  # [N, 3] metres
    quats: np.ndarray  # [N, 4] unit, wxyz
    scales: np.ndarray  # [N, 3] metres
    opacities: np.ndarray  # [N]; shared between frames unless an eye or the mouth is shut
    normals: np.ndarray  # [N, 3] unit; of hair the tangent along the strand
    albedo: np.ndarray  # [N, 3] linear Rec.709; shared
    roughness: np.ndarray  # [N]; shared
    occlusion: np.ndarray  # [N] ambient visibility 0..1, baked; shared
    material: np.ndarray  # [N] uint8, actors.body.material; shared

    def __len__(self) -> int:
        return len(self.means)


class Performer:
    """One performer's body, resident; holds no state between frames, so roles and threads may share it."""

    def __init__(self, contents: package.Package, path: str) -> None:
        t = contents.tensors
        self.id = contents.id  # "house/ada"
        self.version = contents.version
        self.digest = contents.digest
        self.bytes = contents.bytes
        self.gallery = t["gallery"]  # [G, 128] face embeddings of renders of this performer
        self.traits = t["traits"]  # [P]
        self.trait_names = contents.trait_names
        self._rest = t["mesh.vertices"]
        quads = t["mesh.quads"]
        self._steps = stencil(quads, len(self._rest))
        self.triangles = self._steps.triangles()  # [T, 3] int32
        self.part = np.repeat(t["mesh.part"], 8)  # [T] uint8
        self._start = t["shapes.start"].astype(np.int32)
        self._vertex = t["shapes.vertex"].astype(np.int32)
        scale = np.repeat(t["shapes.step"], np.diff(self._start))[:, None]
        self._delta = (t["shapes.delta"] * scale).astype(np.float32)
        self._bones = t["mesh.bones"].astype(np.float64)
        self._eyes = np.ascontiguousarray(t["mesh.eyes"][:, :3])
        self._radius = t["mesh.eyes"][:, 3]
        self._landmarks = t["mesh.landmarks"].astype(np.int64)
        self.lips = t["mesh.lips"].astype(np.int64)  # [K, 2] vertices that meet when the mouth shuts: upper, lower
        if len(self._landmarks) != len(LANDMARKS):
            raise BrokenPackage(path, f"mesh.landmarks has {len(self._landmarks)} entries")
        if max(self._landmarks.max(), self.lips.max(initial=0)) >= len(self._steps):
            raise BrokenPackage(path, "a landmark points past the vertices")
        self._weigh(t["mesh.weights"])
        self._find_lids()
        self._decode(t)
        # Lips touch at rest, though the vertices that stand for them do not quite.
        self._touching = self._apart(self._blended(np.zeros(len(SHAPE))))

    @staticmethod
    def load(path: Path) -> Performer:
        """The performer of a package file; raises BrokenPackage for a file that is cut, altered or absurd."""
        return Performer(package.read(path), str(path))

    def __len__(self) -> int:
        return len(self._material)

    @property
    def resident_bytes(self) -> int:
        """Bytes of memory that this performer occupies."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def posed(
        self,
        shapes: np.ndarray,
        joints: np.ndarray,
        gaze: np.ndarray,
        root: np.ndarray,
        out: Posed | None = None,
    ) -> Posed:
        """All Gaussians in the world.

        ``shapes`` [52] 0..1; ``joints`` [6, 3] rotation vectors in radians; ``gaze`` [2] yaw, pitch in radians;
        ``root`` [4, 4] places the performer in the world. The moving arrays of ``out``, an earlier result for this
        performer that is no longer needed, are written to if it is given; that saves a third of the time.
        """
        still = self._blended(shapes)
        vertices = self._skinned(still, joints, gaze, root)
        smooth = np.empty_like(vertices)
        kernels.vertex_normals(vertices, self.triangles, smooth)
        count = len(self)
        if out is None:
            moving = [np.empty((count, k), np.float32) for k in (3, 4, 3, 3)]
        else:
            moving = [out.means, out.quats, out.scales, out.normals]
        kernels.place(
            vertices, smooth, self.triangles, self._skin_start, self._skin_at, self._skin_tilt, self._loose_start,
            self._loose_offset, self._loose_quat, self._loose_scale, self._loose_kind, self._skin_start[-1], *moving,
        )  # fmt: skip
        means, quats, scales, normals = moving
        return Posed(
            means, quats, scales, self._seen(shapes, still), normals, self._albedo, self._roughness, self._occlusion,
            self._material,
        )  # fmt: skip

    def vertices(self, shapes: np.ndarray, joints: np.ndarray, gaze: np.ndarray, root: np.ndarray) -> np.ndarray:
        """The mesh in the world, [V, 3] float32 metres."""
        return self._skinned(self._blended(shapes), joints, gaze, root)

    def landmarks(
        self, shapes: np.ndarray, joints: np.ndarray, gaze: np.ndarray, root: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Places in the world, [3] metres each: LANDMARKS, both eyes' centres and the middle of the mouth."""
        places = self.vertices(shapes, joints, gaze, root)[self._landmarks].astype(np.float64)
        found = dict(zip(LANDMARKS, places, strict=True))
        found["mouth"] = (found["upper_lip"] + found["lower_lip"]) / 2
        matrices = self._matrices(joints, gaze, root)
        for side, name in enumerate(("left_eye", "right_eye")):
            matrix = matrices[6 + side]
            found[name] = matrix[:, :3] @ self._eyes[side] + matrix[:, 3]
        return found

    def lip_gap(self, shapes: np.ndarray) -> float:
        """Metres that the lips have parted since rest, where they touch, at the place where they are furthest apart.

        Below zero where they press together.
        """
        return self._parted(self._blended(shapes))

    def _parted(self, still: np.ndarray) -> float:
        return float((self._apart(still) - self._touching).max(initial=-1.0))

    def _apart(self, still: np.ndarray) -> np.ndarray:
        """Metres [K] that each vertex of the upper lip is above its mate on the lower."""
        return still[self.lips[:, 0], 1] - still[self.lips[:, 1], 1]

    def _blended(self, shapes: np.ndarray) -> np.ndarray:
        """Fine vertices [V, 3] in the rest frame with expressions, lids kept off the eyeballs."""
        shapes = np.asarray(shapes, np.float32)
        active = np.flatnonzero(np.abs(shapes) > 1e-4)
        coarse = np.empty_like(self._rest)
        kernels.blend(self._rest, self._start, self._vertex, self._delta, active, shapes[active], coarse)
        fine = np.empty((len(self._steps), 3), np.float32)
        kernels.refine(self._steps.start, self._steps.column, self._steps.weight, coarse, fine)
        kernels.keep_off(fine, self._lids, self._lid_side, self._lid_floor, self._eyes)
        fine[self._ball] = self._ball_place
        return fine

    def _skinned(self, still: np.ndarray, joints: np.ndarray, gaze: np.ndarray, root: np.ndarray) -> np.ndarray:
        out = np.empty_like(still)
        kernels.skin(still, self._bone, self._weight, self._matrices(joints, gaze, root).astype(np.float32), out)
        return out

    def _matrices(self, joints: np.ndarray, gaze: np.ndarray, root: np.ndarray) -> np.ndarray:
        """World matrices [8, 3, 4] of the bones, applied to rest vertices."""
        turns = [rotation(np.asarray(joints[JOINT[name]], np.float64)) for name in BONES[:6]]
        yaw, pitch = float(gaze[0]), float(gaze[1])
        look = rotation(np.array([0.0, yaw, 0.0])) @ rotation(np.array([-pitch, 0.0, 0.0]))
        world = np.empty((8, 4, 4))
        for bone, turn in enumerate([*turns, look, look]):
            pivot = self._bones[bone]
            local = np.eye(4)
            local[:3, :3] = turn
            local[:3, 3] = pivot - turn @ pivot
            world[bone] = (np.asarray(root, np.float64) if PARENTS[bone] < 0 else world[PARENTS[bone]]) @ local
        return world[:, :3]

    def _seen(self, shapes: np.ndarray, still: np.ndarray) -> np.ndarray:
        """Opacities [N]: eyeballs behind shut lids and teeth behind shut lips are gone."""
        fades = [
            (index, 1 - _rise(float(shapes[SHAPE[name]]), *closed))
            for name, ball, wet in (
                ("eyeBlinkLeft", self._eye_left, self._wet_left),
                ("eyeBlinkRight", self._eye_right, self._wet_right),
            )
            for index, closed in ((ball, CLOSED_EYE), (wet, CLOSED_GLINT))
        ]
        fades.append((self._mouth, _rise(self._parted(still), *PARTED_LIPS)))
        if all(fade == 1.0 for _, fade in fades):
            return self._opacity
        seen = self._opacity.copy()
        for index, fade in fades:
            seen[index] *= np.float32(fade)
        return seen

    def _weigh(self, weights: np.ndarray) -> None:
        fine = self._steps.apply(weights.astype(np.float32))
        largest = np.argsort(-fine, axis=1, kind="stable")[:, :4]
        kept = np.take_along_axis(fine, largest, 1)
        self._bone = np.ascontiguousarray(largest.astype(np.int32))
        self._weight = np.ascontiguousarray((kept / kept.sum(1, keepdims=True)).astype(np.float32))

    def _find_lids(self) -> None:
        rest = self._steps.apply(self._rest)
        ball = np.zeros(len(rest), bool)
        skin = np.zeros(len(rest), bool)
        skin[self.triangles[self.part == SKIN]] = True
        places = np.zeros_like(rest)
        lids = []
        for side, part in enumerate((EYE_LEFT, EYE_RIGHT)):
            centre, radius = self._eyes[side], self._radius[side]
            mine = np.unique(self.triangles[self.part == part])
            out = rest[mine] - centre
            # Subdivision flattens a ball: back onto its sphere.
            places[mine] = centre + radius * out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
            ball[mine] = True
            far = np.linalg.norm(rest - centre, axis=1)
            near = np.flatnonzero(skin & (far < radius + LID_REACH) & (rest[:, 2] > centre[2]))
            off = np.maximum(far[near] - radius, 0)
            free = np.clip((off - LID_THICK) / (LID_REACH - LID_THICK), 0, 1)
            # Without a step where the reach ends, which would fold the skin below the lid.
            slack = LID_SLACK + (1 - LID_SLACK) * free * free * (3 - 2 * free)
            floor = radius + np.maximum(BALL_CLEAR, off * (1 - slack))
            lids.append((near, np.full(len(near), side), floor))
        self._lids = np.concatenate([x[0] for x in lids]).astype(np.int32)
        self._lid_side = np.concatenate([x[1] for x in lids]).astype(np.int32)
        self._lid_floor = np.concatenate([x[2] for x in lids]).astype(np.float32)
        self._ball = np.flatnonzero(ball)
        self._ball_place = places[ball].astype(np.float32)

    def _decode(self, t: dict[str, np.ndarray]) -> None:
        steps = t["steps"]
        counts = t["skin.count"].astype(np.int64)
        self._skin_start = _starts(counts)
        skin = t["skin.bytes"]
        self._skin_at = np.stack(
            [
                quantise.unpack_unit(skin[0]), quantise.unpack_unit(skin[1]),
                t["skin.offset"].astype(np.float32) * steps[0], quantise.unpack_scales(skin[2]),
            ],
            1,
        )  # fmt: skip
        self._skin_tilt = np.ascontiguousarray(t["skin.tilt"].T)
        groups, places = ("solid", "strand"), len(self.triangles)
        triangle = np.concatenate([np.repeat(t[f"{g}.triangle"], t[f"{g}.count"]) for g in groups]).astype(np.int64)
        order = np.argsort(triangle, kind="stable")
        triangle = triangle[order]
        self._loose_start = _starts(np.bincount(triangle, minlength=places))
        offset = [(t[f"{g}.offset"].T * steps[1 + i]).astype(np.float32) for i, g in enumerate(groups)]
        planes = np.concatenate([t[f"{g}.bytes"] for g in groups], 1)[:, order]
        material = np.concatenate([t[f"{g}.material"] for g in groups])[order]
        strand = np.repeat([0, 1], [len(t["solid.quat"]), len(t["strand.quat"])])[order]
        self._loose_offset = np.ascontiguousarray(np.concatenate(offset)[order])
        self._loose_quat = quantise.unpack_quats(np.concatenate([t[f"{g}.quat"] for g in groups])[order])
        self._loose_scale = np.ascontiguousarray(quantise.unpack_scales(planes[:3].T))
        self._loose_kind = (strand | np.where(material == HAIR, 2, 0)).astype(np.uint8)
        self._opacity = quantise.unpack_unit(np.concatenate([skin[3], planes[3]]))
        self._albedo = np.ascontiguousarray(quantise.unpack_colour(np.concatenate([skin[4:7], planes[4:7]], 1).T))
        self._roughness = quantise.unpack_unit(np.concatenate([skin[7], planes[7]]))
        self._occlusion = quantise.unpack_unit(np.concatenate([skin[8], planes[8]]))
        self._material = np.concatenate([t["skin.material"], material])
        triangle = np.concatenate([np.repeat(np.arange(places), counts), triangle])
        part, wet = self.part[triangle], self._material == CORNEA
        self._eye_left = np.flatnonzero((part == EYE_LEFT) & ~wet)
        self._eye_right = np.flatnonzero((part == EYE_RIGHT) & ~wet)
        middle = self._steps.apply(self._rest)[self.triangles[triangle[wet], 0], 0]  # metres to the performer's left
        left = np.abs(middle - self._eyes[0, 0]) < np.abs(middle - self._eyes[1, 0])
        self._wet_left, self._wet_right = np.flatnonzero(wet)[left], np.flatnonzero(wet)[~left]
        self._mouth = np.flatnonzero((part == TEETH_UPPER) | (part == TEETH_LOWER) | (part == TONGUE))


def rotation(vector: np.ndarray) -> np.ndarray:
    """[3, 3] of a rotation vector in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-9:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _rise(value: float, low: float, high: float) -> float:
    t = min(max((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)
