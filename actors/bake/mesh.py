"""The mesh that a performer's Gaussians are bound to: head, neck and shoulders with eyes, teeth and tongue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake import lids, regions, relief
from actors.bake.identity import Recipe, Sitter, base, data_folder, sitter
from actors.body.subdivide import Stencil, stencil
from actors.performance import JAW_GAIN, JAW_SHAPES, SHAPE

SKIN, EYE_LEFT, EYE_RIGHT, TEETH_UPPER, TEETH_LOWER, TONGUE = range(6)
PARTS = ("body", "helper-l-eye", "helper-r-eye", "helper-upper-teeth", "helper-lower-teeth", "helper-tongue")
BONES = ("torso", "chest", "neck", "head", "left_clavicle", "right_clavicle", "left_eye", "right_eye")
PARENTS = (-1, 0, 1, 2, 1, 1, 3, 3)
BONE_OF = {
    "spine02": {"chest": 0.7, "torso": 0.3}, "spine01": {"chest": 1.0}, "breast.": {"chest": 1.0},
    "neck01": {"neck": 0.8, "chest": 0.2}, "neck02": {"neck": 0.8, "head": 0.2}, "neck03": {"neck": 0.35, "head": 0.65},
    "head": {"head": 1.0}, "clavicle.": {"clavicle": 1.0}, "shoulder01.": {"clavicle": 1.0},
    "upperarm": {"clavicle": 1.0}, "lowerarm": {"clavicle": 1.0}, "wrist": {"clavicle": 1.0},
    "metacarpal": {"clavicle": 1.0},
    "finger": {"clavicle": 1.0}, "spine": {"torso": 1.0}, "root": {"torso": 1.0},
    "pelvis": {"torso": 1.0}, "upperleg": {"torso": 1.0},
}  # fmt: skip
SKIN_END = 13380  # the base mesh's vertices below are skin
ARMS_DOWN = 29.0  # degrees that the arms are lowered from the files' A
ELBOWS_DOWN = 24.0  # degrees that the forearms, which the files hold forwards, are lowered


@dataclass(frozen=True, slots=True)
class Mesh:
    """A performer at rest and how the surface moves; metres, origin on the floor under the neck, facing +Z."""

    vertices: np.ndarray  # [V, 3] float32
    triangles: np.ndarray  # [T, 3] int32, anticlockwise seen from outside
    uv: np.ndarray  # [V, 2] float32, v upwards; meaningless on the few triangles that cross a seam
    deltas: np.ndarray  # [52, V, 3] float32, order ARKIT_SHAPES; eyeballs and lashes do not move with eyeLook*
    weights: np.ndarray  # [V, 8] float32 over BONES, at most four of them nonzero
    bones: np.ndarray  # [8, 3] float32, where each bone turns
    parents: np.ndarray  # [8] int32, -1 for the root
    part: np.ndarray  # [T] uint8: SKIN, EYE_LEFT, ...
    regions: dict[str, np.ndarray]  # [V] float32, 0..1
    eyes: np.ndarray  # [2, 3] float32, centres of the left and the right eyeball
    eye_radius: float  # metres
    coarse: Coarse

    def normals(self, vertices: np.ndarray | None = None) -> np.ndarray:
        """Smooth normals [V, 3], of the rest shape unless other vertices are given."""
        return smooth_normals(self.vertices if vertices is None else vertices, self.triangles)


@dataclass(frozen=True, slots=True)
class Coarse:
    """What a package keeps: the mesh before its one step of subdivision."""

    vertices: np.ndarray  # [Vc, 3] float32
    quads: np.ndarray  # [F, 4] int32
    deltas: np.ndarray  # [52, Vc, 3] float32
    weights: np.ndarray  # [Vc, 8] float32
    part: np.ndarray  # [F] uint8
    source: np.ndarray  # [Vc] int64, the vertices of the base mesh
    stencil: Stencil


def build_mesh(recipe: Recipe) -> Mesh:
    """The mesh of a recipe; the same bytes every time."""
    read = sitter(recipe)
    body = base()
    quads, part = _kept_quads(read)
    source, flat = np.unique(quads, return_inverse=True)
    quads = flat.reshape(quads.shape).astype(np.int32)
    joints = _joints(read.neutral)
    weights = _weights()[source]
    for side, group in ((6, "helper-l-eye"), (7, "helper-r-eye")):
        weights[np.isin(source, body.group(group))] = np.eye(8)[side]
    for group in ("helper-upper-teeth", "helper-lower-teeth", "helper-tongue"):
        weights[np.isin(source, body.group(group))] = np.eye(8)[3]
    neutral = _arms_lowered(_mouth_fitted(read.neutral))
    floor = np.array([joints["neck"][0], read.neutral[body.group("body"), 1].min(), joints["neck"][2]])
    neutral = (neutral - floor)[source]
    deltas = read.expressions[:, source].copy()
    eyeballs = np.isin(source, np.concatenate([body.group("helper-l-eye"), body.group("helper-r-eye")]))
    deltas[:, eyeballs] = 0.0
    steps = stencil(quads, len(source))
    uv = _vertex_uv()[source]
    skin = source < SKIN_END
    deltas = relief.smoothed(deltas, quads, skin & ~relief.fine_features(uv, deltas, data_folder()))
    neutral = relief.sealed(neutral, deltas, uv, skin, steps, data_folder())
    centres, radius = _eyes(read.neutral - floor)
    for side, name in enumerate(("eyeBlinkLeft", "eyeBlinkRight")):
        closed = lids.blink(neutral, quads[part == SKIN], centres[side], radius)
        closed = np.where(skin[:, None], closed, 0.0)
        size = np.linalg.norm(closed, axis=1)
        loose = skin & (size < 0.8 * size.max()) & (np.linalg.norm(neutral - centres[side], axis=1) > 1.15 * radius)
        deltas[SHAPE[name]] = relief.smoothed(closed[None], quads, loose, rounds=8)[0]
    tongue = np.isin(source, body.group("helper-tongue"))
    deltas[SHAPE["tongueOut"], tongue] += (0.0, 0.010, 0.006)  # over the lower teeth
    deltas[JAW_SHAPES] *= JAW_GAIN
    fine = steps.apply(neutral).astype(np.float32)
    fine_balls = steps.apply(eyeballs.astype(np.float64)) > 0.5
    for centre in centres:  # subdivision shrinks a ball: put it back on its sphere
        mine = fine_balls & (np.sign(fine[:, 0]) == np.sign(centre[0]))
        out = fine[mine] - centre
        fine[mine] = centre + radius * out / np.linalg.norm(out, axis=1, keepdims=True)
    bones = np.stack([joints[name] - floor for name in BONES])
    coarse = Coarse(
        neutral.astype(np.float32), quads, deltas.astype(np.float32), weights.astype(np.float32), part, source, steps
    )  # fmt: skip
    fine_deltas = np.stack([steps.apply(delta) for delta in coarse.deltas])
    fine_uv = steps.apply(uv)
    masks = regions.regions(read, floor, source, steps, fine, fine_uv, fine_deltas, data_folder())
    masks["arms"] = steps.apply(_along_arms(read.neutral)[source]).astype(np.float32)
    return Mesh(
        fine, steps.triangles(), fine_uv.astype(np.float32), fine_deltas, _four(steps.apply(coarse.weights)),
        bones.astype(np.float32), np.array(PARENTS, np.int32), np.repeat(part, 8), masks,
        centres.astype(np.float32), float(radius), coarse,
    )  # fmt: skip


def smooth_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Area-weighted vertex normals [V, 3] float32."""
    a, b, c = (vertices[triangles[:, k]].astype(np.float64) for k in range(3))
    face = np.cross(b - a, c - a)
    summed = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(face[:, k], 3), len(vertices)) for k in range(3)], -1
    )  # fmt: skip
    return (summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-20)).astype(np.float32)


def _kept_quads(read: Sitter) -> tuple[np.ndarray, np.ndarray]:
    """Quads [F, 4] over the base mesh's vertices, and their part [F]: what a camera can ever see."""
    body, y = base(), read.neutral
    keep = (y[:, 1] > y[body.group("joint-pelvis"), 1].mean()) | (_arm_share()[0] > 0.5)
    keep &= _arm_share()[1] < 0.5
    for side in "lr":  # the bag behind an eyeball is never seen
        ball = y[body.group(f"helper-{side}-eye")]
        centre, radius = _sphere(ball)
        inside = np.linalg.norm(y - centre, axis=1) < radius * 1.35
        keep &= ~(inside & (y[:, 2] < centre[2] + 0.1 * radius))
    quads, part = [], []
    for number, group in enumerate(PARTS):
        mine = body.quads[group]
        if number == SKIN:
            mine = mine[keep[mine].all(1)]
        quads.append(mine)
        part.append(np.full(len(mine), number, np.uint8))
    return np.concatenate(quads), np.concatenate(part)


def _sphere(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Least-squares centre and radius."""
    rows = np.c_[2 * points, np.ones(len(points))]
    found = np.linalg.lstsq(rows, (points**2).sum(1), rcond=None)[0]
    return found[:3], float(np.sqrt(found[3] + found[:3] @ found[:3]))


def _eyes(vertices: np.ndarray) -> tuple[np.ndarray, float]:
    fits = [_sphere(vertices[base().group(f"helper-{side}-eye")]) for side in "lr"]
    return np.stack([centre for centre, _ in fits]), float(np.mean([radius for _, radius in fits]))


def _joints(vertices: np.ndarray) -> dict[str, np.ndarray]:
    """Where each bone turns, by the joint cubes of the base mesh; [3] metres each."""
    cubes = {
        "torso": "joint-spine-4", "chest": "joint-spine-2", "neck": "joint-neck", "head": "joint-head",
        "left_clavicle": "joint-l-clavicle", "right_clavicle": "joint-r-clavicle", "left_eye": "helper-l-eye",
        "right_eye": "helper-r-eye",
    }  # fmt: skip
    return {name: vertices[base().group(cube)].mean(0) for name, cube in cubes.items()}


def _rig_weights() -> dict[str, list]:
    import json

    path = data_folder() / "mpfb2/rigs/standard/weights.default.json"
    return json.loads(path.read_text())["weights"]


def _weights() -> np.ndarray:
    """[19158, 8] over BONES: the base rig's many bones gathered into ours."""
    gathered = np.zeros((len(base().vertices), len(BONES)))
    for bone, pairs in _rig_weights().items():
        shares = next((share for key, share in BONE_OF.items() if bone.startswith(key)), {"head": 1.0})
        side = "left_" if bone.endswith(".L") else "right_"
        for ours, share in shares.items():
            column = BONES.index(side + ours if ours == "clavicle" else ours)
            for vertex, weight in pairs:
                gathered[vertex, column] += weight * share
    gathered[gathered.sum(1) == 0, 0] = 1.0
    return _four(gathered)


def _four(weights: np.ndarray) -> np.ndarray:
    """The four largest weights of each row, summing to one."""
    kept = np.where(weights >= np.sort(weights, axis=1)[:, -4, None], weights, 0.0)
    kept[kept < 0.004] = 0.0
    return (kept / kept.sum(1, keepdims=True)).astype(weights.dtype)


def _arms_lowered(vertices: np.ndarray) -> np.ndarray:
    """Vertices with the arms hanging, by linear skinning of shoulder and arm."""
    share = np.zeros((2, len(vertices)))
    for bone, pairs in _rig_weights().items():
        part = {"shoulder01": 0.3, "upperarm0": 1.0, "lowerarm0": 1.0, "wrist": 1.0, "metacarpal": 1.0, "finger": 1.0}
        turn = next((value for key, value in part.items() if bone.startswith(key)), 0.0)
        for vertex, weight in pairs if turn else ():
            share[0 if bone.endswith(".L") else 1, vertex] += weight * turn
    lowered = vertices.copy()
    forearm = np.clip(_arm_share()[2], 0, 1)
    for side, letter in enumerate("lr"):
        elbow = vertices[base().group(f"joint-{letter}-elbow")].mean(0)
        angle = np.radians(ELBOWS_DOWN) * np.where(share[side] > 0, forearm, 0)
        y, z = (lowered - elbow)[:, 1], (lowered - elbow)[:, 2]
        lowered[:, 1] += np.cos(angle) * y - np.sin(angle) * z - y
        lowered[:, 2] += np.sin(angle) * y + np.cos(angle) * z - z
        pivot = vertices[base().group(f"joint-{letter}-shoulder")].mean(0)
        angle = np.radians(ARMS_DOWN) * np.clip(share[side], 0, 1) * (-1 if letter == "l" else 1)
        x, y = (lowered - pivot)[:, 0], (lowered - pivot)[:, 1]
        lowered[:, 0] += np.cos(angle) * x - np.sin(angle) * y - x
        lowered[:, 1] += np.sin(angle) * x + np.cos(angle) * y - y
    return lowered


def _arm_share() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[19158] each: how much arms, hands alone, and forearms with hands move a vertex of the base mesh."""
    hands = ("metacarpal", "finger")
    groups = (("upperarm", "lowerarm", "wrist", *hands), hands, ("lowerarm", "wrist", *hands))
    shares = np.zeros((3, len(base().vertices)))
    for bone, pairs in _rig_weights().items():
        for row in (number for number, group in enumerate(groups) if bone.startswith(group)):
            for vertex, weight in pairs:
                shares[row, vertex] += weight
    return shares[0], shares[1], shares[2]


def _along_arms(vertices: np.ndarray) -> np.ndarray:
    """[19158] how far down an arm a vertex lies: 0 on the trunk and shoulder, 0.5 at the elbow, 1 at the wrist."""
    arm, _, forearm = _arm_share()
    along = np.zeros(len(vertices))
    for letter, sign in (("l", 1), ("r", -1)):
        shoulder, elbow, wrist = (
            vertices[base().group(f"joint-{letter}-{joint}")].mean(0) for joint in ("shoulder", "elbow", "hand")
        )
        upper, lower = (
            np.clip((vertices - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
            for start, end in ((shoulder, elbow), (elbow, wrist))
        )
        half = np.clip(forearm, 0, 1)
        mine = (arm > 0) & (vertices[:, 0] * sign > 0)
        along = np.where(mine, np.clip(arm, 0, 1) * 0.5 * (upper * (1 - half) + half + lower * half), along)
    return along


def _mouth_fitted(vertices: np.ndarray) -> np.ndarray:
    """Vertices with teeth and tongue small enough for the mouth: the files' helpers are wider than a jaw."""
    fitted = vertices.copy()
    for group, scale, shift in (
        ("helper-upper-teeth", (0.80, 1.0, 0.95), (0.0, -0.0025, -0.0050)),
        ("helper-lower-teeth", (0.80, 1.0, 0.95), (0.0, -0.0030, -0.0050)),
        ("helper-tongue", (0.88, 0.62, 0.92), (0.0, -0.0090, -0.0080)),
    ):
        mine = base().group(group)
        middle = vertices[mine].mean(0)
        fitted[mine] = middle + (vertices[mine] - middle) * scale + shift
    return fitted


def _vertex_uv() -> np.ndarray:
    """[19158, 2]: the texture coordinate of some corner at each vertex."""
    body = base()
    uv = np.zeros((len(body.vertices), 2))
    for group in reversed(PARTS):
        uv[body.quads[group].ravel()] = body.uv[body.quad_uv[group].ravel()]
    return uv


def blink(mesh: Mesh, left: float, right: float) -> np.ndarray:
    """Vertices [V, 3] with the lids at these blinks, before lids are kept off the eyeballs."""
    return mesh.vertices + left * mesh.deltas[SHAPE["eyeBlinkLeft"]] + right * mesh.deltas[SHAPE["eyeBlinkRight"]]
