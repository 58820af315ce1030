from itertools import pairwise

import numpy as np
import pytest

from actors import framing
from actors.staging import NotOnStage, stage
from jobs.episode import Camera, Mark, Move, Plate, Scene, Shot
from jobs.presets import FRAMINGS

W, H = 1280, 720
STILL = Move()
BODY = {
    "head_top": [0, 1.76, 0.0], "chin": [0, 1.52, 0.07], "left_eye": [0.032, 1.64, 0.08],
    "right_eye": [-0.032, 1.64, 0.08], "nose_tip": [0, 1.60, 0.11], "mouth": [0, 1.565, 0.095],
    "sternum": [0, 1.36, 0.06], "left_shoulder": [0.19, 1.42, -0.02], "right_shoulder": [-0.19, 1.42, -0.02],
}  # fmt: skip


def performer(tall: float = 1.0):
    return {name: np.array(place) * [1, tall, 1] for name, place in BODY.items()}


def shot(preset, on, over=None, lens=50.0, move=STILL):
    camera = Camera(preset=preset, on=on, over=over, lens=lens, move=move)
    return Shot(id="e/s/1", first=0, last=47, camera=camera, cues=())


def scene(marks=None):
    return Scene(id="s", plate=Plate(colour=(0.2, 0.2, 0.2)), light="noir", marks=marks or {}, shots=())


@pytest.fixture
def pair():
    return stage(scene(), {"ada": performer(), "bo": performer(1.05)})


def pixel(lens, place):
    x, y, z = lens.view[:3, :3] @ place + lens.view[:3, 3]
    return lens.fx * x / z + lens.cx, lens.fy * y / z + lens.cy, z


SHOTS = [shot(p, on, over) for p, on, over in (
    ("extreme-close-up", ("ada",), None), ("close-up", ("ada",), None), ("close-up", ("bo",), None),
    ("medium-close-up", ("bo",), None), ("over-the-shoulder", ("ada",), "bo"), ("over-the-shoulder", ("bo",), "ada"),
    ("two-shot", ("ada", "bo"), None), ("two-shot", ("bo", "ada"), None),
)]  # fmt: skip


def test_the_usual_marks_face_one_another_and_a_role_alone_faces_the_camera(pair):
    ada, bo = pair.marks["ada"], pair.marks["bo"]
    assert ada.x < 0 < bo.x and 45 < ada.heading < 90 and -90 < bo.heading < -45
    alone = stage(scene(), {"ada": performer()})
    assert alone.marks["ada"] == Mark(x=0.0, z=0.0, heading=0.0)
    lens = alone.lens(shot("close-up", ("ada",)), 0.0, W, H)
    assert lens.position[2] > 0.4 and abs(alone.targets("ada", lens)["camera"][0]) < 0.4


def test_the_root_turns_a_performer_to_its_heading_and_sways_in_its_own_axes():
    found = stage(scene({"ada": Mark(x=1.0, z=2.0, heading=90.0)}), {"ada": performer()})
    root = found.root("ada", np.array([0.0, 0.0, 0.1]))
    np.testing.assert_allclose(root[:3, :3] @ [0, 0, 1], [1, 0, 0], atol=1e-6)  # facing +X
    np.testing.assert_allclose(root[:3, 3], [1.1, 0.0, 2.0], atol=1e-6)


def test_a_child_and_a_giant_share_a_frame_and_keep_some_of_their_difference():
    found = stage(scene(), {"ada": performer(0.8), "bo": performer(1.1)})
    eyes = [framing.eyes(found.landmarks[role])[1] for role in ("ada", "bo")]
    assert 0.1 < eyes[1] - eyes[0] < 0.2
    assert found.root("bo")[1, 3] == 0.0 and found.root("ada")[1, 3] > 0.2


def test_a_partner_on_the_left_is_looked_at_with_a_positive_yaw(pair):
    lens = pair.lens(SHOTS[1], 0.0, W, H)
    yaw, pitch = pair.targets("ada", lens)["bo"]
    assert 0.3 < yaw < 0.8  # ada is turned to the camera's side, bo is on her left
    assert 0.0 < pitch < 0.1  # and still a little taller, though ada stands on a box
    assert pair.targets("bo", lens)["ada"][0] < -0.3


@pytest.mark.parametrize("one", SHOTS, ids=lambda s: f"{s.camera.preset}-{s.camera.on[0]}")
def test_the_eyes_are_at_two_fifths_of_the_height(pair, one):
    lens = pair.lens(one, 0.0, W, H)
    u, v, z = pixel(lens, framing.eyes(pair.landmarks[one.camera.on[0]]))
    assert z > 0 and 0 < u < W
    assert v / H == pytest.approx(framing.EYE_LINE, abs=0.06)


@pytest.mark.parametrize("one", SHOTS, ids=lambda s: f"{s.camera.preset}-{s.camera.on[0]}")
@pytest.mark.parametrize("length", [35.0, 50.0, 85.0])
def test_no_frame_shows_where_bodies_end(pair, one, length):
    one = shot(one.camera.preset, one.camera.on, one.camera.over, length)
    lens = pair.lens(one, 0.5, W, H)
    for role in one.camera.on:
        ribs = pair.landmarks[role]["sternum"] - [0.0, framing.BELOW_STERNUM, 0.0]
        assert pixel(lens, ribs)[1] >= H - 1.0


def test_closer_presets_show_larger_faces(pair):
    sizes = []
    for preset in ("medium-close-up", "close-up", "extreme-close-up"):
        lens = pair.lens(shot(preset, ("ada",)), 0.0, W, H)
        found = pair.landmarks["ada"]
        sizes.append(pixel(lens, found["chin"])[1] - pixel(lens, found["head_top"])[1])
    assert all(larger > 1.2 * smaller for smaller, larger in pairwise(sizes))


def test_both_faces_of_a_two_shot_are_in_frame_and_one_is_in_front():
    pair = stage(scene(), {"ada": performer(), "bo": performer(1.01)})
    for one in SHOTS[-2:]:
        lens = pair.lens(one, 0.0, W, H)
        depths = []
        for role in one.camera.on:
            found = pair.landmarks[role]
            for name in ("left_eye", "right_eye", "chin", "head_top"):
                u, v, _ = pixel(lens, found[name])
                assert 0.02 * W < u < 0.98 * W and 0 < v < H, (role, name)
            depths.append(pixel(lens, framing.eyes(found))[2])
        assert depths[0] > depths[1] + 0.2  # the main role is further away, turned to the lens
        # their shoulders overlap on screen
        spans = []
        for role in one.camera.on:
            ends = [pixel(lens, pair.landmarks[role][name])[0] for name in ("left_shoulder", "right_shoulder")]
            arm = 0.07 * lens.fx / depths[len(spans)]  # half an upper arm, metres to pixels
            spans.append((min(ends) - arm, max(ends) + arm))
        assert max(low for low, _ in spans) < min(high for _, high in spans)


def test_over_a_shoulder_the_head_in_front_is_at_one_side_and_leaves_the_face_clear(pair):
    for one in SHOTS[4:6]:
        lens = pair.lens(one, 0.0, W, H)
        face, _, far = pixel(lens, framing.eyes(pair.landmarks[one.camera.on[0]]))
        head, _, near = pixel(lens, pair.landmarks[one.camera.over]["head_top"])
        assert near < far
        assert abs(head - face) / W == pytest.approx(framing.OVER_HEAD - framing.OVER_FACE, abs=0.06)


def test_every_camera_stays_on_one_side_of_the_line(pair):
    moves = (Move(), Move(orbit=60.0), Move(orbit=-60.0), Move(dolly=0.4, pedestal=0.2))
    for one in SHOTS:
        for move in moves:
            moved = shot(one.camera.preset, one.camera.on, one.camera.over, 50.0, move)
            for t in (0.0, 0.5, 1.0):
                assert pair.lens(moved, t, W, H).position[2] > 0.0, (one.camera, move, t)


def test_a_face_keeps_looking_room_on_the_side_of_its_partner(pair):
    ada = pixel(pair.lens(SHOTS[1], 0.0, W, H), framing.eyes(pair.landmarks["ada"]))[0]
    bo = pixel(pair.lens(SHOTS[2], 0.0, W, H), framing.eyes(pair.landmarks["bo"]))[0]
    assert ada < W / 2 < bo  # ada looks to the right of frame, bo to the left


def test_a_single_is_drawn_without_the_partner_and_the_others_with_both(pair):
    assert pair.drawn(SHOTS[1]) == ("ada",)
    assert pair.drawn(SHOTS[3]) == ("bo",)
    assert pair.drawn(SHOTS[4]) == ("ada", "bo")
    assert pair.drawn(shot("over-the-shoulder", ("ada",))) == ("ada", "bo")
    assert pair.drawn(SHOTS[6]) == ("ada", "bo")


def test_moves_start_and_end_gently(pair):
    one = shot("close-up", ("ada",), move=Move(dolly=0.2))
    place = [pair.lens(one, t, W, H).position for t in np.linspace(0, 1, 49)]
    steps = np.linalg.norm(np.diff(place, axis=0), axis=1)
    assert steps.sum() == pytest.approx(0.2, abs=0.01)
    assert steps[0] < 0.05 * steps.max() and steps[-1] < 0.05 * steps.max()


def test_a_role_that_is_not_in_the_scene_is_refused(pair):
    with pytest.raises(NotOnStage, match="'cy'"):
        pair.lens(shot("close-up", ("cy",)), 0.0, W, H)


@pytest.mark.parametrize("preset", FRAMINGS)
def test_every_preset_works_for_one_role_alone(preset):
    alone = stage(scene(), {"ada": performer()})
    lens = alone.lens(shot(preset, ("ada",)), 0.3, W, H)
    assert np.isfinite(lens.view).all()
    assert 0 < pixel(lens, framing.eyes(alone.landmarks["ada"]))[0] < W
