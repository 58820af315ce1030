import numpy as np
import pytest

from actors.bake import eyes
from actors.bake import mesh as parts
from actors.bake.eyes_iris import EYES, IRIS_RADIUS, iris_albedo
from actors.body.material import CORNEA, IRIS, SCLERA
from tests.actors.bake.plate import EYES as CENTRES
from tests.actors.bake.plate import RADIUS, face_plate

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@pytest.fixture(scope="module")
def ball():
    return eyes.eyeball(0.0166, 1.0, EYES["ada"], 9)


def test_the_same_seed_makes_the_same_eyes() -> None:
    mesh = face_plate()
    one, two = (eyes.build(mesh, "luca", np.random.default_rng(2)) for _ in range(2))
    assert one.albedo.tobytes() == two.albedo.tobytes() and one.position.tobytes() == two.position.tobytes()


def test_the_iris_is_round_and_centred_on_the_gaze(ball) -> None:
    iris = ball.places[ball.material == IRIS]
    assert np.abs(iris[:, :2].mean(0)).max() < 0.00005
    out = np.linalg.norm(iris[:, :2], axis=1)
    turn = np.arctan2(iris[:, 1], iris[:, 0])
    reach = [out[(turn > a) & (turn <= a + np.pi / 6)].max() for a in np.arange(-np.pi, np.pi - 0.01, np.pi / 6)]
    assert max(reach) - min(reach) < 0.0002
    assert 0.0112 < 2 * max(reach) < 0.0122


@pytest.mark.parametrize("name", sorted(EYES))
def test_pupil_is_darker_than_iris_and_iris_than_white(name) -> None:
    made = eyes.eyeball(0.0166, 1.0, EYES[name], 9)
    light = made.albedo @ LUMINANCE
    out = np.linalg.norm(made.places[:, :2], axis=1)
    pupil = light[(made.material == IRIS) & (out < 0.8 * EYES[name].pupil)]
    iris = light[(made.material == IRIS) & (out > 1.3 * EYES[name].pupil) & (out < 0.85 * IRIS_RADIUS)]
    white = light[(made.material == SCLERA) & (out > 0.008) & (out < 0.012)]
    assert pupil.max() < 0.01 < 2 * iris.mean() and iris.mean() < 0.5 * white.mean()
    assert white.max() < 0.70


def test_irises_have_fibres() -> None:
    turn = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    ring = iris_albedo(0.004 * np.stack([np.cos(turn), np.sin(turn)], 1), EYES["luca"], 3) @ LUMINANCE
    assert ring.std() > 0.15 * ring.mean()
    assert (np.diff(np.sign(ring - ring.mean())) != 0).sum() > 20  # light and dark in turn, many times round


def test_the_cornea_bulges_in_front_of_the_iris_and_mirrors_forward(ball) -> None:
    cornea, iris = ball.material == CORNEA, ball.material == IRIS
    assert ball.places[cornea, 2].max() > ball.places[iris, 2].max()
    assert (np.linalg.norm(ball.places[cornea], axis=1) > 0.0166).all()
    assert np.linalg.norm(ball.places[cornea], axis=1).max() < 0.0166 + 0.0008  # or it shows through shut lids


def test_eyeballs_turn_with_the_gaze_because_they_belong_to_the_eye_parts() -> None:
    mesh = face_plate()
    made = eyes.build(mesh, "ada", np.random.default_rng(2))
    part = mesh.part[made.triangle]
    for material in (SCLERA, IRIS):
        mine = made.material == material
        assert np.isin(part[mine], (parts.EYE_LEFT, parts.EYE_RIGHT)).all()
        left = part[mine] == parts.EYE_LEFT
        assert (np.sign(made.position[mine][left, 0]) == np.sign(CENTRES[0, 0])).all()


def test_wet_edges_belong_to_the_lids() -> None:
    mesh = face_plate()
    made = eyes.build(mesh, "ada", np.random.default_rng(2))
    lid = mesh.part[made.triangle] == parts.SKIN
    assert lid.sum() > 100
    near = np.minimum(*(np.linalg.norm(made.position[lid] - centre, axis=1) for centre in CENTRES))
    assert np.abs(near - RADIUS).max() < 0.001


def test_opening_lies_between_the_lids() -> None:
    turn, lower, upper = eyes.opening(face_plate(), 0)
    assert (np.diff(turn) > 0).all()
    assert lower[16] < 0 < upper[16]
