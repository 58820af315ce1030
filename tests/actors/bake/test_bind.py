import numpy as np

from actors.bake import bind
from actors.bake.bind import Splats
from actors.bake.pack import matrices
from tests.actors.bake.plate import face_plate


def splats_on(mesh, count: int = 200) -> Splats:
    rng = np.random.default_rng(4)
    triangle = rng.integers(0, len(mesh.triangles), count).astype(np.int32)
    q = rng.normal(size=(count, 4))
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    place = mesh.vertices[mesh.triangles[triangle]].mean(1) + rng.normal(scale=0.002, size=(count, 3))
    scale = rng.uniform(1e-4, 1e-3, (count, 3)).astype(np.float32)
    return Splats(
        triangle, place.astype(np.float32), q.astype(np.float32), scale,
        np.ones(count, np.float32), np.full((count, 3), 0.5, np.float32), np.ones(count, np.float32),
        matrices(q)[:, :, 2].astype(np.float32), np.zeros(count, np.uint8), np.arange(count) % 2 == 0,
    )  # fmt: skip


def test_frames_are_rotations_with_the_normal_last() -> None:
    mesh = face_plate()
    turn, size = bind.frames(mesh.vertices, mesh.triangles)
    np.testing.assert_allclose(turn @ turn.transpose(0, 2, 1), np.broadcast_to(np.eye(3), turn.shape), atol=1e-9)
    a, b, c = (mesh.vertices[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    assert (np.einsum("tc,tc->t", turn[:, :, 2], np.cross(b - a, c - a)) > 0).all() and (size > 0).all()


def test_what_is_bound_comes_back_where_it_was() -> None:
    mesh = face_plate()
    splats = splats_on(mesh)
    bound = bind.bind(splats, mesh)
    turn, size = (x[splats.triangle] for x in bind.frames(mesh.vertices, mesh.triangles))
    unit = np.where(splats.loose, 1.0, size)[:, None]
    foot = np.einsum("nk,nkc->nc", bound.barycentric, mesh.vertices[mesh.triangles[splats.triangle]].astype(np.float64))
    place = foot + np.einsum("nac,nc->na", turn, bound.offset * unit)
    np.testing.assert_allclose(place, splats.position, atol=2e-6)
    np.testing.assert_allclose(bound.scale * unit, splats.scale, rtol=1e-5)
    quat = bind.multiply(bind.quaternion(turn), bound.quat)
    assert np.abs((quat * splats.quat).sum(1)).min() > 1 - 1e-5


def test_surface_gaussians_grow_with_their_triangle_and_strands_do_not() -> None:
    mesh = face_plate()
    splats = splats_on(mesh)
    bound = bind.bind(splats, mesh)
    size = bind.frames(mesh.vertices, mesh.triangles)[1][splats.triangle]
    twice = bind.frames(2 * mesh.vertices, mesh.triangles)[1][splats.triangle]
    np.testing.assert_allclose(twice, 2 * size, rtol=1e-5)
    np.testing.assert_allclose(bound.scale[splats.loose], splats.scale[splats.loose], rtol=1e-5)
    assert not np.allclose(bound.scale[~splats.loose], splats.scale[~splats.loose])


def test_quaternions_and_matrices_undo_one_another() -> None:
    q = np.random.default_rng(2).normal(size=(500, 4))
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    assert np.abs((bind.quaternion(matrices(q)) * q).sum(1)).min() > 1 - 1e-9
