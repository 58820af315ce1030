from fractions import Fraction

import numpy as np
import pytest

from actors.judge.expected import expected_face
from actors.judge.figures import FIGURES, failures
from actors.judge.judge import sampled
from actors.lens import Lens, look_at

FACE = {
    "left_eye": np.array([0.03, 1.60, 0.08]),
    "right_eye": np.array([-0.03, 1.60, 0.08]),
    "nose_tip": np.array([0.0, 1.56, 0.11]),
    "mouth": np.array([0.0, 1.53, 0.09]),
    "chin": np.array([0.0, 1.48, 0.08]),
    "upper_lip": np.array([0.0, 1.532, 0.09]),
    "lower_lip": np.array([0.0, 1.530, 0.09]),
}


def lens(angle: float = 0.0, distance: float = 1.0) -> Lens:
    turn = np.radians(angle)
    eye = np.array([np.sin(turn) * distance, 1.55, 0.08 + np.cos(turn) * distance])
    return Lens(look_at(eye, np.array([0.0, 1.55, 0.08])), 1500.0, 1500.0, 640.0, 360.0, 1280, 720)


def nothing_in_front() -> np.ndarray:
    return np.zeros((360, 640), np.float32)


def test_a_frontal_face_is_expected_where_it_is() -> None:
    face = expected_face(FACE, lens(), nothing_in_front())
    assert (face.x, face.y) == pytest.approx((640.0, 335.0), abs=15)
    assert face.height == pytest.approx(2 * 0.12 * 1500, rel=0.02)
    assert face.angle < 5 and face.findable(120, 30)


def test_a_turned_face_need_not_be_found() -> None:
    face = expected_face(FACE, lens(angle=50), nothing_in_front())
    assert face.angle == pytest.approx(50, abs=3)
    assert not face.findable(120, 30)


def test_a_far_face_need_not_be_found() -> None:
    assert not expected_face(FACE, lens(distance=4.0), nothing_in_front()).findable(120, 30)


def test_a_face_behind_something_need_not_be_found() -> None:
    depth = nothing_in_front()
    depth[:, :330] = 0.5
    assert expected_face(FACE, lens(), depth).hidden
    assert not expected_face(FACE, lens(), np.full((360, 640), 0.98, np.float32)).hidden


def test_two_frames_a_second_are_sampled_inside_the_shot() -> None:
    frames = sorted(sampled(72, Fraction(24)))
    assert frames == [6, 18, 30, 42, 54, 66]
    assert sampled(3, Fraction(24)) == {1}


def test_the_gate_names_each_figure_that_fails_and_lets_missing_ones_pass() -> None:
    good = {"identity_distance": 0.3, "identity_margin": 0.2, "face_rate": 1.0, "warp_error": 2.0, "lip_gap": 0.1}
    assert failures(good) == ()
    unseen = {**good, "identity_distance": None, "why": {"identity_distance": "no face was to be seen"}}
    assert failures({**unseen, "faces_expected": 0}) == ()
    assert len(failures({**unseen, "faces_expected": 3})) == 1
    assert len(failures({})) == len(FIGURES), "what nobody measured does not pass"
    assert failures({**good, "warp_error": float("nan")})
    (said,) = failures({**good, "identity_distance": 0.6})
    assert "identity distance is 0.6, must be at most 0.45" in said
    for figure in FIGURES:
        assert failures({**good, figure.name: 1e3}) or failures({**good, figure.name: -1e3}), figure.name
