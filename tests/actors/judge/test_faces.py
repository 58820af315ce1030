"""Faces found in pictures of house performers, and the whole judge on a few frames of one."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from actors.judge.faces import find_face
from actors.judge.figures import failures
from actors.judge.judge import NO_CLOSURE, NO_FACE, NO_OTHER, Judge
from actors.rasterise import Rasteriser
from actors.shoot import Frame
from tests.actors.close_up import HOUSE, CloseUp, close_up, performer


@pytest.fixture(scope="module")
def kofi() -> CloseUp:
    return close_up(performer("kofi"))


def frame_of(shot: CloseUp, index: int) -> Frame:
    rasteriser = Rasteriser(2)  # its own, so that its weights stay
    layers = rasteriser.render(shot.cloud, shot.lens)
    return Frame(
        index, shot.lens, {"him": shot.posed}, shot.cloud, {"him": slice(0, len(shot.cloud))}, {"him": shot.landmarks},
        layers, rasteriser.blend, shot.image,
    )  # fmt: skip


def judge(**changes) -> Judge:
    galleries = {f"house/{name}": performer(name).gallery for name in HOUSE}
    arguments = {"frames": 12, "fps": Fraction(24), "cast": {"him": "house/kofi"}, "galleries": galleries}
    return Judge(**{**arguments, "lip_gaps": [0.1, 0.4], **changes})


def test_a_face_is_found_where_it_is(kofi: CloseUp) -> None:
    x, y, height = kofi.face
    found = find_face(kofi.image, x, y, height)
    assert np.hypot(found.x - x, found.y - y) < 0.12 * height
    assert 0.4 * height < found.size < height
    assert found.descriptor.shape == (128,) and np.linalg.norm(found.descriptor) > 0.5


def test_a_face_is_found_beside_where_it_was_looked_for(kofi: CloseUp) -> None:
    x, y, height = kofi.face
    found = find_face(kofi.image, x + 0.3 * height, y - 0.1 * height, height)
    assert np.hypot(found.x - x, found.y - y) < 0.12 * height


def test_no_face_is_found_on_a_plain_background(kofi: CloseUp) -> None:
    plain = np.full_like(kofi.image, 118)
    assert find_face(plain, *kofi.face) is None
    assert find_face(kofi.image, 90.0, 120.0, 160.0) is None  # a corner of the picture without him
    assert find_face(plain, -900.0, 0.0, 200.0) is None  # outside


def test_the_same_face_in_another_light_is_nearer_than_another_face(kofi: CloseUp) -> None:
    here = find_face(kofi.image, *kofi.face).descriptor

    def distance(name: str, light: str) -> float:
        shot = close_up(performer(name), light=light)
        return float(np.linalg.norm(find_face(shot.image, *shot.face).descriptor - here))

    own = max(distance("kofi", light) for light in ("golden-hour", "night-blue"))
    assert own + 0.1 < min(distance(name, "studio-soft") for name in HOUSE if name != "kofi")


def test_a_judge_gives_every_figure_of_a_take_that_passes(kofi: CloseUp) -> None:
    critic = judge()  # twelve frames at 24 a second: the sixth is sampled, the fifth is kept to compare with
    critic.see(frame_of(kofi, 5))
    critic.see(frame_of(close_up(performer("kofi"), {"mouthSmile": 0.1}, yaw=1.0), 6))
    figures = critic.figures()
    assert figures["why"] == {} and failures(figures) == ()
    assert figures["identity_distance"] <= 0.45 and figures["identity_margin"] >= 0.1
    assert figures["nearest_other"] in {f"house/{name}" for name in HOUSE if name != "kofi"}
    assert figures["face_rate"] == 1.0 and figures["faces_expected"] == figures["faces_found"] == 1
    assert 0.0 < figures["warp_error"] < 12.0
    assert figures["lip_gap"] == 0.4 and figures["closures"] == 2 and figures["frames_sampled"] == 1


def test_a_judge_holds_a_take_with_the_wrong_person(kofi: CloseUp) -> None:
    critic = judge(cast={"him": "house/mei"})
    critic.see(frame_of(kofi, 6))
    figures = critic.figures()
    assert figures["nearest_other"] == "house/kofi" and figures["identity_margin"] < 0
    assert len(failures(figures)) == 2  # too far from her own, nearer to another's


def test_a_judge_holds_a_take_whose_face_is_painted_over(kofi: CloseUp) -> None:
    critic = judge()
    critic.see(frame_of(replace(kofi, image=np.full_like(kofi.image, 90)), 6))
    figures = critic.figures()
    assert figures["face_rate"] == 0.0 and figures["identity_distance"] is None
    assert any("faces found" in said for said in failures(figures))


def test_a_judge_says_why_a_figure_is_missing(kofi: CloseUp) -> None:
    critic = judge(lip_gaps=[], galleries={"house/kofi": performer("kofi").gallery})
    critic.see(frame_of(kofi, 6))
    why = critic.figures()["why"]
    assert why["lip_gap"] == NO_CLOSURE and why["identity_margin"] == NO_OTHER and "warp_error" in why
    assert judge().figures()["why"]["face_rate"] == NO_FACE
