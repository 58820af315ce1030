from pathlib import Path

import numpy as np
import pytest

from actors.bake.bind import frames, multiply, quaternion
from actors.bake.lids import aperture
from actors.body import package, quantise
from actors.body.material import HAIR
from actors.body.performer import EYE_LEFT, SKIN, Performer, rotation
from actors.body.subdivide import stencil
from actors.performance import JOINT, SHAPE
from tests.actors.body import doll

HOUSE = sorted((Path(__file__).parents[3] / "actors" / "house").glob("*/1/performer.safetensors"))
REST = (np.zeros((6, 3), np.float32), np.zeros(2, np.float32), np.eye(4, dtype=np.float32))


def shapes(**values: float) -> np.ndarray:
    found = np.zeros(52, np.float32)
    for name, value in values.items():
        found[SHAPE[name]] = value
    return found


@pytest.fixture(scope="module")
def performer(tmp_path_factory) -> Performer:
    path = tmp_path_factory.mktemp("doll") / "performer.safetensors"
    doll.write(path)
    return Performer.load(path)


@pytest.fixture(scope="module", params=HOUSE, ids=[path.parts[-3] for path in HOUSE])
def house(request) -> Performer:
    return Performer.load(request.param)


def pose():
    rng = np.random.default_rng(5)
    joints = rng.normal(scale=0.2, size=(6, 3)).astype(np.float32)
    root = np.eye(4)
    root[:3, :3] = rotation(np.array([0.0, 0.7, 0.0]))
    root[:3, 3] = (0.5, 0.1, -2.0)
    return shapes(jawOpen=0.6, mouthSmileLeft=0.3, browInnerUp=1.0), joints, np.array([0.3, -0.2]), root


def slow_vertices(t, face, joints, gaze, root) -> np.ndarray:
    """The mesh by 4x4 matrices in float64; the doll has no lids."""
    coarse = t["mesh.vertices"].astype(np.float64)
    for shape in range(52):
        span = slice(*t["shapes.start"][shape : shape + 2].astype(int))
        moved = t["shapes.delta"][span] * np.float64(t["shapes.step"][shape])
        np.add.at(coarse, t["shapes.vertex"][span].astype(int), face[shape] * moved)
    steps = stencil(t["mesh.quads"], len(coarse))
    fine = steps.apply(coarse)
    weights = steps.apply(t["mesh.weights"] / 255.0)
    part = np.zeros(len(fine), int)
    part[steps.triangles()] = np.repeat(t["mesh.part"], 8)[:, None]
    for side, (x, y, z, radius) in enumerate(t["mesh.eyes"].astype(np.float64)):
        mine = part == EYE_LEFT + side
        out = fine[mine] - (x, y, z)
        fine[mine] = (x, y, z) + radius * out / np.linalg.norm(out, axis=1, keepdims=True)
    look = rotation(np.array([0, gaze[0], 0.0])) @ rotation(np.array([-gaze[1], 0, 0]))
    turns = [rotation(joints[k].astype(np.float64)) for k in range(6)] + [look, look]
    matrices = []
    for bone, parent in enumerate((-1, 0, 1, 2, 1, 1, 3, 3)):
        local, pivot = np.eye(4), t["mesh.bones"][bone].astype(np.float64)
        local[:3, :3], local[:3, 3] = turns[bone], pivot - turns[bone] @ pivot
        matrices.append((root if parent < 0 else matrices[parent]) @ local)
    homogeneous = np.c_[fine, np.ones(len(fine))]
    return np.einsum("vb,bij,vj->vi", weights / weights.sum(1, keepdims=True), np.stack(matrices), homogeneous)[:, :3]


def test_posed_vertices_equal_a_slow_reference(performer) -> None:
    np.testing.assert_allclose(performer.vertices(*pose()), slow_vertices(doll.tensors(), *pose()), atol=2e-6)


def test_posed_gaussians_equal_a_slow_reference(performer) -> None:
    t, posed = doll.tensors(), performer.posed(*pose())
    vertices, triangles = slow_vertices(t, *pose()), performer.triangles
    turn, size = frames(vertices, triangles)
    quats = quaternion(turn)
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], np.cross(b - a, c - a))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    on = np.repeat(np.arange(len(triangles)), t["skin.count"])
    u, v = t["skin.bytes"][0] / 255.0, t["skin.bytes"][1] / 255.0
    weights = np.stack([1 - u - v, u, v], 1)
    normal = np.einsum("nk,nkc->nc", weights, normals[triangles[on]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    lean = np.einsum("nca,an->nc", turn[on][:, :, :2], t["skin.tilt"] * package.TILT_STEP)
    leaning = (normal + lean) / np.linalg.norm(normal + lean, axis=1, keepdims=True)
    raised = (t["skin.offset"] * t["steps"][0] * size[on])[:, None]
    skin = len(on)
    where = np.einsum("nk,nkc->nc", weights, vertices[triangles[on]]) + raised * normal
    np.testing.assert_allclose(posed.means[:skin], where, atol=3e-6)
    np.testing.assert_allclose(posed.normals[:skin], leaning, atol=1e-4)
    assert np.abs((posed.quats[:skin] * quats[on]).sum(1)).min() > 1 - 1e-5
    radius = quantise.unpack_scales(t["skin.bytes"][2]) * size[on]
    np.testing.assert_allclose(posed.scales[:skin], radius[:, None] * (1, 1, 0.1), rtol=1e-4)

    rows = []
    for group, step in (("solid", 1), ("strand", 2)):
        for j, triangle in enumerate(np.repeat(t[f"{group}.triangle"], t[f"{group}.count"])):
            unit = size[triangle] if group == "solid" else 1.0
            middle = vertices[triangles[triangle]].mean(0)
            mean = middle + turn[triangle] @ (t[f"{group}.offset"][:, j] * t["steps"][step] * unit)
            own = quantise.unpack_quats(t[f"{group}.quat"][j : j + 1])
            quat = multiply(quats[triangle : triangle + 1], own)[0]
            scale = quantise.unpack_scales(t[f"{group}.bytes"][:3, j]) * unit
            rows.append((triangle, mean, quat, scale, t[f"{group}.material"][j]))
    rows.sort(key=lambda row: row[0])
    for i, (_, mean, quat, scale, material) in enumerate(rows, start=skin):
        np.testing.assert_allclose(posed.means[i], mean, atol=3e-6)
        np.testing.assert_allclose(posed.scales[i], scale, rtol=1e-4)
        assert abs(posed.quats[i] @ quat) > 1 - 1e-5 and posed.material[i] == material
        w, x, y, z = quat
        tangent = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))
        up = (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))
        np.testing.assert_allclose(posed.normals[i], tangent if material == HAIR else up, atol=1e-4)


def test_arrays_of_an_earlier_frame_are_reused_without_a_difference(performer) -> None:
    fresh = performer.posed(*pose())
    old = performer.posed(shapes(), *REST)
    again = performer.posed(*pose(), out=old)
    assert again.means is old.means
    for name in ("means", "quats", "scales", "normals"):
        assert getattr(again, name).tobytes() == getattr(fresh, name).tobytes()


def test_a_gaze_to_the_performers_left_and_up_turns_the_eyes_there(house) -> None:
    posed = house.posed(shapes(), REST[0], np.array([0.4, 0.2], np.float32), REST[2])
    from actors.body.material import IRIS

    places = house.landmarks(shapes(), *REST)
    towards = posed.means[posed.material == IRIS].mean(0) - (places["left_eye"] + places["right_eye"]) / 2
    assert np.arctan2(towards[0], towards[2]) == pytest.approx(0.4, abs=0.03)
    assert np.arcsin(towards[1] / np.linalg.norm(towards)) == pytest.approx(0.2, abs=0.03)


def test_a_package_stays_within_five_and_a_half_megabytes(house) -> None:
    assert house.bytes <= 5.5e6 and 150_000 < len(house) < 320_000


def test_landmarks_stand_where_anatomy_puts_them(house) -> None:
    at = house.landmarks(shapes(), *REST)
    order = ("head_top", "left_eye", "nose_tip", "upper_lip", "chin", "sternum")
    heights = [at[name][1] for name in order]
    assert heights == sorted(heights, reverse=True)
    assert at["left_eye"][0] > 0.02 and at["right_eye"][0] < -0.02
    assert at["left_shoulder"][0] > 0.1 and at["right_shoulder"][0] < -0.1
    assert at["nose_tip"][2] > at["left_eye"][2]


def lid_opening(house: Performer, side: int, **face: float) -> float:
    """Largest height of the opening between the lids, in degrees seen from the eyeball's centre."""
    places = house.landmarks(shapes(), *REST)
    centre = places["left_eye" if side == 0 else "right_eye"]
    skin = house.triangles[house.part == SKIN]
    near = np.linalg.norm(house.vertices(shapes(**face), *REST)[skin].mean(1) - centre, axis=1) < 0.05
    quads = np.c_[skin[near], skin[near][:, 2]]
    columns, low, high = aperture(house.vertices(shapes(**face), *REST).astype(np.float64), quads, centre)
    return float(np.degrees(np.max(np.arctan(high) - np.arctan(low)))) if len(columns) else 0.0


@pytest.mark.parametrize("side", [0, 1])
def test_lids_cover_the_eyeball_when_it_blinks(house, side) -> None:
    blink = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    assert lid_opening(house, side) > 15
    assert lid_opening(house, side, **blink) == 0


def test_lids_never_cut_through_the_eyeball_on_their_way(house) -> None:
    places = house.landmarks(shapes(), *REST)
    rest = house.vertices(shapes(), *REST)
    skin = np.unique(house.triangles[house.part == SKIN])
    for eye, part in (("left_eye", EYE_LEFT), ("right_eye", EYE_LEFT + 1)):
        ball = np.unique(house.triangles[house.part == part])
        radius = np.linalg.norm(rest[ball] - places[eye], axis=1).mean()
        far = np.linalg.norm(rest[skin] - places[eye], axis=1)
        lids = skin[(far < radius + 0.004) & (rest[skin, 2] > places[eye][2])]
        for closed in np.linspace(0, 1, 9):
            moved = house.vertices(shapes(eyeBlinkLeft=closed, eyeBlinkRight=closed, eyeSquintLeft=0.5), *REST)
            assert np.linalg.norm(moved[lids] - places[eye], axis=1).min() > radius


def lips_at(house: Performer) -> np.ndarray:
    """Where the mates of upper and lower lip are at rest, [K, 2, 3] metres."""
    return house.vertices(shapes(), *REST)[house.lips]


def test_lips_meet_at_rest_and_where_speech_closes_them(house) -> None:
    assert np.linalg.norm(np.diff(lips_at(house), axis=1), axis=2).max() < 0.001  # mates are a vertex spacing apart
    assert house.lip_gap(shapes()) == pytest.approx(0, abs=1e-5)
    assert house.lip_gap(shapes(jawOpen=0.15, mouthClose=0.15)) < 0.0008
    assert house.lip_gap(shapes(mouthPressLeft=0.6, mouthPressRight=0.6)) < 0.0008
    assert house.lip_gap(shapes(jawOpen=0.5)) > 0.006


def test_eyes_and_teeth_are_gone_behind_shut_lids_and_lips(house) -> None:
    from actors.body.material import SCLERA, TOOTH

    blinking = house.posed(shapes(eyeBlinkLeft=1.0, eyeBlinkRight=1.0), *REST)
    smiling = house.posed(shapes(jawOpen=0.4), *REST)
    on_balls = blinking.material == SCLERA
    assert np.median(blinking.opacities[on_balls]) == 0 and np.median(smiling.opacities[on_balls]) > 0.5
    assert np.median(blinking.opacities[blinking.material == TOOTH]) == 0
    assert np.median(smiling.opacities[smiling.material == TOOTH]) > 0.5


def test_the_head_turns_without_its_torso(house) -> None:
    joints = np.zeros((6, 3), np.float32)
    joints[JOINT["head"], 1] = 0.6
    still, turned = house.landmarks(shapes(), *REST), house.landmarks(shapes(), joints, *REST[1:])
    assert turned["nose_tip"][0] - still["nose_tip"][0] > 0.03  # to the performer's left
    np.testing.assert_allclose(turned["sternum"], still["sternum"], atol=1e-5)


def test_everything_posed_is_finite_at_the_ends_of_every_shape(house) -> None:
    for face in (np.ones(52, np.float32), np.zeros(52, np.float32)):
        posed = house.posed(face, *REST)
        for name in ("means", "quats", "scales", "normals", "opacities", "albedo"):
            assert np.isfinite(getattr(posed, name)).all(), name
        np.testing.assert_allclose(np.linalg.norm(posed.quats, axis=1), 1, atol=1e-3)
        assert (posed.scales > 0).all()


def test_the_gallery_knows_its_own_face(house) -> None:
    assert house.gallery.shape == (16, 128)
    apart = np.linalg.norm(house.gallery[:, None] - house.gallery[None], axis=2) + 9 * np.eye(16)
    assert apart.min(1).max() <= 0.35
    for path in HOUSE:
        other = Performer.load(path)
        if other.id != house.id:
            nearest = np.linalg.norm(house.gallery[:, None] - other.gallery[None], axis=2).min()
            assert nearest > apart.min(1).max() + 0.1
