import dataclasses

import numpy as np
import pytest

from actors.bake import bind, mesh, pack, sample
from actors.bake.bind import Splats
from actors.body.material import CLOTH, HAIR
from actors.body.subdivide import stencil
from tests.actors.bake.plate import face_plate


@pytest.fixture(scope="module")
def plate() -> mesh.Mesh:
    return face_plate()


def _scattered(plate, spacing=0.003, seed=1):
    wanted = np.full(len(plate.vertices), spacing)
    return sample.scattered(plate, np.flatnonzero(plate.part == mesh.SKIN), wanted, np.random.default_rng(seed))


def test_points_lie_on_their_triangles(plate) -> None:
    found = _scattered(plate)
    assert (found.barycentric >= 0).all() and np.allclose(found.barycentric.sum(1), 1, atol=1e-6)
    corners = plate.vertices[plate.triangles[found.triangle]]
    assert np.abs(np.einsum("nk,nkc->nc", found.barycentric, corners) - found.position).max() < 1e-6
    assert (plate.part[found.triangle] == mesh.SKIN).all()


def test_points_are_as_far_apart_as_wanted(plate) -> None:
    from scipy.spatial import cKDTree

    coarse, fine = _scattered(plate, 0.004), _scattered(plate, 0.002)
    assert len(fine) == pytest.approx(4 * len(coarse), rel=0.01)
    nearest = cKDTree(fine.position).query(fine.position, k=2)[0][:, 1]
    assert 0.0008 < np.median(nearest) < 0.0022


def test_the_same_seed_scatters_the_same_points(plate) -> None:
    assert _scattered(plate).position.tobytes() == _scattered(plate).position.tobytes()
    assert _scattered(plate).position.tobytes() != _scattered(plate, seed=2).position.tobytes()


def test_no_patch_is_left_bare(plate) -> None:
    found = _scattered(plate, 0.003)
    triangles = plate.triangles[plate.part == mesh.SKIN]
    a, b, c = (plate.vertices[triangles[:, k]].astype(np.float64) for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    counts = np.bincount(found.triangle, minlength=len(triangles))[: len(triangles)]
    expected = area / (0.003**2 * 0.866)
    assert np.abs(np.cumsum(counts) - np.cumsum(expected)).max() < 2  # along the walk over the triangles


def test_discs_lie_flat_on_the_surface(plate) -> None:
    normal = _scattered(plate).normal
    axes = pack.matrices(sample.flat_quats(normal))
    assert np.abs(axes[:, :, 2] - normal).max() < 1e-5


def _splats(plate, count=300, loose=False) -> Splats:
    rng = np.random.default_rng(4)
    on = _scattered(plate)
    pick = rng.choice(len(on), count, replace=False)
    quat = rng.normal(size=(count, 4))
    quat /= np.linalg.norm(quat, axis=1, keepdims=True)
    axes = pack.matrices(quat)
    return Splats(
        on.triangle[pick], (on.position[pick] + 0.002 * on.normal[pick]).astype(np.float32), quat.astype(np.float32),
        rng.uniform(0.0002, 0.004, (count, 3)).astype(np.float32), np.ones(count, np.float32),
        np.full((count, 3), 0.3, np.float32), np.full(count, 0.5, np.float32),
        axes[:, :, 0 if loose else 2].astype(np.float32), np.full(count, HAIR if loose else CLOTH, np.uint8),
        np.full(count, loose),
    )  # fmt: skip


def _unbound(bound, vertices, triangles, loose: bool):
    """Means, rotation matrices and scales of bound Gaussians on a moved mesh."""
    rotation, size = bind.frames(vertices, triangles)
    rotation, size = rotation[bound.triangle], np.where(loose, 1.0, size[bound.triangle])[:, None]
    foot = np.einsum("nk,nkc->nc", bound.barycentric, vertices[triangles[bound.triangle]].astype(np.float64))
    means = foot + np.einsum("nca,na->nc", rotation, bound.offset * size)
    return means, rotation @ pack.matrices(bound.quat), bound.scale * size


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize("way", [bind.bind, lambda splats, plate: pack.anchored(plate, splats)], ids=["foot", "middle"])
def test_what_is_bound_comes_back_at_rest_and_moves_along(plate, way, loose) -> None:
    splats = _splats(plate, loose=loose)
    bound = way(splats, plate)
    means, axes, scales = _unbound(bound, plate.vertices, plate.triangles, loose)
    assert np.abs(means - splats.position).max() < 1e-6
    assert np.abs(axes - pack.matrices(splats.quat)).max() < 1e-5
    np.testing.assert_allclose(scales, splats.scale, rtol=1e-4)
    turn = pack.matrices(np.array([[0.8, 0.1, 0.5, -0.3]]))[0]
    moved, axes_moved, scales_moved = _unbound(bound, plate.vertices @ turn.T + [1, 2, 3], plate.triangles, loose)
    assert np.abs(moved - (splats.position @ turn.T + [1, 2, 3])).max() < 1e-5
    assert np.abs(axes_moved - turn @ axes).max() < 1e-4
    np.testing.assert_allclose(scales_moved, scales, rtol=1e-3)


def test_cloth_grows_with_its_triangle_and_hair_does_not(plate) -> None:
    for loose, factor in ((False, 2.0), (True, 1.0)):
        bound = bind.bind(_splats(plate, loose=loose), plate)
        _, _, at_rest = _unbound(bound, plate.vertices, plate.triangles, loose)
        _, _, grown = _unbound(bound, 2 * plate.vertices, plate.triangles, loose)
        np.testing.assert_allclose(grown, factor * at_rest, rtol=1e-4)


def test_renaming_axes_leaves_every_gaussian_as_it_is(plate) -> None:
    splats = _splats(plate)
    toppled = dataclasses.replace(splats, normal=-pack.matrices(splats.quat)[:, :, 1].astype(np.float32))
    for before in (splats, toppled):
        after = pack.aligned(before)
        spread = [
            np.einsum("nik,nk,njk->nij", axes, scale**2, axes)
            for axes, scale in ((pack.matrices(s.quat), s.scale.astype(np.float64)) for s in (before, after))
        ]
        assert np.abs(spread[0] - spread[1]).max() < 1e-10
        assert ((pack.matrices(after.quat)[:, :, 2] * before.normal).sum(1) > 0.999).all()


def test_smooth_normals_of_a_ball_point_outwards() -> None:
    turn, high = np.meshgrid(np.linspace(-np.pi, np.pi, 41), np.linspace(-1.5, 1.5, 31))
    out = np.stack([np.sin(turn) * np.cos(high), np.sin(high), np.cos(turn) * np.cos(high)], -1).reshape(-1, 3)
    at = np.arange(len(out)).reshape(31, 41)
    quads = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]], -1).reshape(-1, 4)
    normals = mesh.smooth_normals(out, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]))
    inner = np.abs(high.ravel()) < 1.3
    assert (normals[inner] * out[inner]).sum(1).min() > 0.98


def test_a_subdivided_plane_stays_flat_and_a_quad_becomes_eight_triangles() -> None:
    x, y = np.meshgrid(np.arange(4.0), np.arange(3.0))
    at = np.arange(12).reshape(3, 4)
    quads = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]], -1).reshape(-1, 4)
    steps = stencil(quads, 12)
    fine = steps.apply(np.stack([x, y, x + 2 * y], -1).reshape(-1, 3))
    assert np.allclose(fine[:, 2], fine[:, 0] + 2 * fine[:, 1])
    assert len(steps.triangles()) == 8 * len(quads)
