import numpy as np
import pytest

from actors.bake import mesh as parts
from actors.bake import mouth
from actors.bake.mouth_teeth import MOUTHS, arch_of, teeth
from actors.body.material import MOUTH, TOOTH
from tests.actors.bake.plate import MOUTH as LIPS
from tests.actors.bake.plate import face_plate


@pytest.fixture(scope="module")
def mesh():
    return face_plate()


@pytest.fixture(scope="module")
def made(mesh):
    return mouth.build(mesh, "ada", np.random.default_rng(3))


def test_the_same_seed_makes_the_same_mouth(mesh, made) -> None:
    again = mouth.build(mesh, "ada", np.random.default_rng(3))
    assert again.position.tobytes() == made.position.tobytes() and again.albedo.tobytes() == made.albedo.tobytes()


def test_at_rest_teeth_gums_and_tongue_stay_behind_the_lips(mesh, made) -> None:
    from scipy.spatial import cKDTree

    skin = np.unique(mesh.triangles[mesh.part == parts.SKIN])
    near = skin[cKDTree(mesh.vertices[skin]).query(made.position)[1]]
    signed = ((made.position - mesh.vertices[near]) * mesh.normals()[near]).sum(1)
    front = made.position[:, 2] > LIPS[2] - 0.03
    assert front.sum() > 500
    assert signed[front].max() < -0.0002


def test_upper_teeth_move_with_the_head_and_lower_teeth_with_the_jaw(mesh, made) -> None:
    part = mesh.part[made.triangle]
    tooth = made.material == TOOTH
    assert set(np.unique(part[tooth])) == {parts.TEETH_UPPER, parts.TEETH_LOWER}
    upper, lower = tooth & (part == parts.TEETH_UPPER), tooth & (part == parts.TEETH_LOWER)
    assert made.position[upper, 1].mean() > made.position[lower, 1].mean()


def test_the_lower_incisors_close_behind_the_upper_ones(mesh) -> None:
    upper, lower = mouth.arches(mesh)
    middle = len(upper.line) // 2
    assert 0.001 < upper.line[middle, 2] - lower.line[middle, 2] < 0.006


@pytest.mark.parametrize("name", sorted(MOUTHS))
def test_teeth_are_ivory_not_white_and_darker_between(mesh, name) -> None:
    arch, _ = mouth.arches(mesh)
    row = teeth(arch, MOUTHS[name], np.random.default_rng(1), TOOTH)
    assert row.albedo.max() < 0.80
    assert (row.albedo[:, 0] > row.albedo[:, 2]).all()
    front = (np.abs(row.places[:, 0]) < 0.012) & (row.normals[:, 2] > 0)
    light = row.albedo[front].mean(1)
    assert np.quantile(light, 0.03) < 0.6 * np.median(light)


def test_teeth_are_separate_and_fourteen_to_a_jaw(mesh) -> None:
    arch, _ = mouth.arches(mesh)
    row = teeth(arch, MOUTHS["luca"], np.random.default_rng(1), TOOTH)
    face = row.albedo.mean(1) > 0.3 * row.albedo.mean(1).max()
    x = np.sort(row.places[face & (row.normals[:, 2] > 0.3), 0])
    assert len(x) > 200 and (np.diff(x).max() < 0.004)


def test_an_arch_is_even_and_follows_its_plate(mesh) -> None:
    plate = mesh.vertices[np.unique(mesh.triangles[mesh.part == parts.TEETH_UPPER])].astype(np.float64)
    arch = arch_of(plate, +1.0)
    assert np.allclose(arch.line[:, 2], arch.line[::-1, 2], atol=1e-6)
    assert np.abs(arch.line[len(arch.line) // 2, 2] - plate[:, 2].max()) < 0.001
    assert np.abs(arch.line[:, 1] - plate[:, 1].min()).max() < 0.001


def test_performers_have_different_teeth(mesh) -> None:
    rows = [mouth.build(mesh, name, np.random.default_rng(3)).albedo[:2000].mean() for name in sorted(MOUTHS)]
    assert len({round(float(value), 4) for value in rows}) == len(rows)


def test_gums_and_tongue_are_mouth(made, mesh) -> None:
    tongue = mesh.part[made.triangle] == parts.TONGUE
    assert tongue.sum() > 100 and (made.material[tongue] == MOUTH).all()
