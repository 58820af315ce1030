import numpy as np
import pytest

from actors.bake import sample, skin, skin_noise
from actors.bake.skin_face import find_face
from actors.bake.skin_lines import Crease, bent, relief
from actors.bake.skin_recipe import FACES
from actors.bake.skin_tone import albedo
from actors.body.material import LIP, SKIN
from tests.actors.bake.plate import MOUTH, face_plate


@pytest.fixture(scope="module")
def plate():
    mesh = face_plate()
    wanted = np.full(len(mesh.vertices), 0.0022)
    return mesh, sample.scattered(mesh, np.flatnonzero(mesh.part == 0), wanted, np.random.default_rng(1))


def _painted(plate, name, seed=4):
    mesh, surface = plate
    return skin.paint(surface, mesh, name, np.random.default_rng(seed))


def test_the_same_seed_paints_the_same_skin(plate) -> None:
    one, two = _painted(plate, "mei"), _painted(plate, "mei")
    for field in skin.Painter.__slots__:
        assert getattr(one, field).tobytes() == getattr(two, field).tobytes()


def test_another_seed_paints_another_skin(plate) -> None:
    assert (_painted(plate, "ada").albedo != _painted(plate, "ada", seed=5).albedo).any()


@pytest.mark.parametrize("name", sorted(FACES))
def test_albedo_is_that_of_human_skin(plate, name) -> None:
    painted = _painted(plate, name)
    bare = painted.albedo[painted.material == SKIN]
    assert bare.min() > 0.0 and bare.max() < 0.60
    assert (bare[:, 0] >= bare[:, 1]).mean() > 0.99  # red before green before blue, everywhere but on hair's shadow
    assert (bare[:, 1] >= bare[:, 2]).mean() > 0.97


def test_each_splat_has_finite_values_and_unit_normals(plate) -> None:
    painted = _painted(plate, "kofi")
    assert np.isfinite(painted.albedo).all() and np.isfinite(painted.offset).all()
    assert np.allclose(np.linalg.norm(painted.normal, axis=1), 1, atol=1e-4)
    assert painted.roughness.min() >= 0.1 and painted.roughness.max() <= 0.9
    assert np.abs(painted.offset).max() < 0.001


def test_dark_skin_is_darker_than_light_skin(plate) -> None:
    dark, light = _painted(plate, "kofi").albedo, _painted(plate, "luca").albedo
    assert dark.mean() < 0.45 * light.mean()


def test_more_melanin_darkens_and_more_blood_reddens() -> None:
    pale, tanned = albedo(np.array([0.02, 0.08]), np.array([0.01, 0.01]))
    assert (tanned < pale).all()
    calm, flushed = albedo(np.array([0.02, 0.02]), np.array([0.006, 0.03]))
    assert flushed[1] / flushed[0] < calm[1] / calm[0]


def test_lips_are_lip_and_redder_than_the_skin_round_them(plate) -> None:
    _, surface = plate
    painted = _painted(plate, "ada")
    near = np.linalg.norm(surface.position[:, :2] - MOUTH[:2], axis=1)
    lips = painted.material == LIP
    assert lips.sum() > 50 and near[lips].max() < 0.035
    around = (painted.material == SKIN) & (near < 0.05)
    red = painted.albedo[:, 0] / painted.albedo[:, 1]
    assert np.median(red[lips]) > 1.15 * np.median(red[around])


def test_the_lips_border_is_soft(plate) -> None:
    _, surface = plate
    face = find_face(plate[0])
    red = skin.find_lips(surface, plate[0], face).red
    assert ((red > 0.1) & (red < 0.9)).sum() > 0.1 * (red > 0.5).sum()


def test_freckles_fall_on_luca_but_not_on_kofi(plate) -> None:
    mesh, surface = plate
    face = find_face(mesh)
    lips = skin.find_lips(surface, mesh, face)
    zones = skin._zones(surface, face, lips)
    place = surface.position.astype(np.float64)
    freckled = skin._marks(place, zones, FACES["luca"], face, 3)
    assert (freckled > 0.01).mean() > 0.005
    import dataclasses

    none = skin._marks(place, zones, dataclasses.replace(FACES["luca"], freckles=0.0, moles=()), face, 3)
    assert (none == 0).all()


def test_a_fold_is_a_valley_whose_flanks_lean_inwards(plate) -> None:
    mesh, surface = plate
    face = find_face(mesh)
    fold = Crease(np.array([[-0.02, 0.03], [0.0, 0.03], [0.02, 0.03]]), 0.0004, 0.002)
    place, normal = surface.position.astype(np.float64), surface.normal.astype(np.float64)
    height, slope = relief(place, normal, face, [fold])
    middle = np.abs(place[:, 0] - face.middle[0]) < 0.004
    up = place[:, 1] - face.middle[1] - 0.03
    assert height[middle & (np.abs(up) < 0.0006)].max() < 0
    turned = bent(normal, slope)
    above, below = middle & (up > 0.0008) & (up < 0.0025), middle & (up < -0.0008) & (up > -0.0025)
    assert (turned - normal)[above, 1].mean() < 0 < (turned - normal)[below, 1].mean()


def test_noise_has_no_mean_and_depends_on_place_and_seed_alone() -> None:
    points = np.random.default_rng(0).random((20000, 3))
    field = skin_noise.value(points, 0.03, 7)
    assert abs(field.mean()) < 0.03 and 0.2 < field.std() < 0.9
    assert (skin_noise.value(points[:50], 0.03, 7) == field[:50]).all()
    assert skin_noise.value(points[:1], 0.03, 8) != field[:1]
