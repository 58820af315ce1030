import numpy as np
import pytest

from actors.bake import sample
from actors.bake.mesh import SKIN
from tests.actors.bake.plate import face_plate


@pytest.fixture(scope="module")
def mesh():
    return face_plate()


@pytest.fixture(scope="module")
def points(mesh):
    return sample.sample(mesh, np.random.default_rng(1))


def test_the_same_seed_gives_the_same_points(mesh, points) -> None:
    again = sample.sample(mesh, np.random.default_rng(1))
    assert again.position.tobytes() == points.position.tobytes()


def test_points_lie_on_the_skin_in_order(mesh, points) -> None:
    assert (mesh.part[points.triangle] == SKIN).all() and (np.diff(points.triangle) >= 0).all()
    assert points.barycentric.min() >= 0
    np.testing.assert_allclose(points.barycentric.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(points.normal, axis=1), 1, atol=1e-5)


def test_no_place_is_left_bare(mesh, points) -> None:
    from scipy.spatial import cKDTree

    chosen = np.flatnonzero(mesh.part == SKIN)
    wanted = sample.spacing(mesh)
    anywhere = sample.scattered(mesh, chosen, wanted * 1.7, np.random.default_rng(9))
    away = cKDTree(points.position).query(anywhere.position)[0]
    assert (away / (anywhere.spacing / 1.7)).max() < 2.2


def test_spacing_is_what_was_asked_for(mesh, points) -> None:
    from scipy.spatial import cKDTree

    nearest = cKDTree(points.position).query(points.position, k=7)[0][:, 1:].mean(1)
    assert 0.75 < np.median(nearest / points.spacing) < 1.25


def test_lips_are_denser_than_cheeks(points) -> None:
    lips, bare = points.regions["lips"] > 0.9, (points.regions["lips"] == 0) & (points.regions["nose"] == 0)
    assert np.median(points.spacing[lips]) < 0.75 * np.median(points.spacing[bare])


def test_twice_the_density_is_twice_the_points(mesh, points) -> None:
    twice = sample.sample(mesh, np.random.default_rng(1), density=2.0)
    assert len(twice) == pytest.approx(2 * len(points), rel=0.01)


def test_discs_lie_flat_on_their_normal(points) -> None:
    from actors.bake.pack import matrices

    turned = matrices(sample.flat_quats(points.normal[:500]))
    np.testing.assert_allclose(turned[:, :, 2], points.normal[:500], atol=1e-5)
