import dataclasses

import numpy as np

from actors.bake import bind, pack
from actors.bake.bind import Splats
from actors.body import package, quantise
from actors.body.material import HAIR, SKIN
from tests.actors.bake.plate import face_plate
from tests.actors.bake.test_bind import splats_on


def test_a_normal_can_be_read_off_the_rotation_of_every_packed_gaussian() -> None:
    mesh = face_plate()
    made = splats_on(mesh)
    rng = np.random.default_rng(3)
    kind = rng.choice([SKIN, HAIR], len(made)).astype(np.uint8)
    axis, sign = rng.integers(0, 3, len(made)), rng.choice([-1, 1], len(made))
    normal = pack.matrices(made.quat)[np.arange(len(made)), :, axis] * sign[:, None]
    made = Splats(
        made.triangle, made.position, made.quat, made.scale, made.opacity, made.albedo, made.roughness,
        normal.astype(np.float32), kind, made.loose,
    )  # fmt: skip
    aligned = pack.aligned(made)
    axes = pack.matrices(aligned.quat)
    read = np.where((kind == HAIR)[:, None], axes[:, :, 0], axes[:, :, 2])
    np.testing.assert_allclose(read, normal, atol=1e-5)

    def covariance(splats: Splats) -> np.ndarray:
        turn = pack.matrices(splats.quat) * splats.scale[:, None, :].astype(np.float64)
        return turn @ turn.transpose(0, 2, 1)

    np.testing.assert_allclose(covariance(aligned), covariance(made), atol=1e-11)


def test_loose_gaussians_come_back_within_the_steps_of_the_package() -> None:
    mesh = face_plate()
    for loose, group in ((False, "solid"), (True, "strand")):
        made = splats_on(mesh)
        made = made.taken(made.loose == loose)
        made = pack.aligned(made.taken(np.argsort(made.triangle, kind="stable")))
        tensors, step = pack.loose_tensors(mesh, made, np.ones(len(made)), group)
        triangle = np.repeat(tensors[f"{group}.triangle"], tensors[f"{group}.count"]).astype(int)
        np.testing.assert_array_equal(triangle, made.triangle)
        turn, size = (x[triangle] for x in bind.frames(mesh.vertices, mesh.triangles))
        unit = np.ones((len(made), 1)) if loose else size[:, None]
        offset = tensors[f"{group}.offset"].T * step * unit
        place = mesh.vertices[mesh.triangles[triangle]].mean(1) + np.einsum("nac,nc->na", turn, offset)
        assert np.abs(place - made.position).max() < step * unit.max() + 1e-6
        scale = quantise.unpack_scales(tensors[f"{group}.bytes"][:3].T) * unit
        assert np.abs(scale / made.scale - 1).max() < 0.03


def test_skin_comes_back_within_the_steps_of_the_package() -> None:
    mesh = face_plate()
    rng = np.random.default_rng(6)
    made = splats_on(mesh)
    weights = rng.dirichlet((1, 1, 1), len(made))
    offset = rng.normal(scale=1e-4, size=len(made))
    leaning = mesh.normals()[mesh.triangles[made.triangle, 0]] + rng.normal(scale=0.1, size=(len(made), 3))
    leaning = (leaning / np.linalg.norm(leaning, axis=1, keepdims=True)).astype(np.float32)
    made = dataclasses.replace(made, normal=leaning)
    tensors, step = pack.skin_tensors(mesh, made, weights, offset, np.ones(len(made)))
    order = np.argsort(made.triangle, kind="stable")
    assert tensors["skin.count"].sum() == len(made)
    np.testing.assert_allclose(tensors["skin.bytes"][:2].T / 255, weights[order, 1:], atol=0.002)
    turn, size = (x[made.triangle[order]] for x in bind.frames(mesh.vertices, mesh.triangles))
    own = leaning[order].astype(np.float64)
    plain = np.einsum("nk,nkc->nc", weights[order], mesh.normals()[mesh.triangles[made.triangle[order]]])
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    back = plain + np.einsum("nca,an->nc", turn[:, :, :2], tensors["skin.tilt"] * package.TILT_STEP)
    back /= np.linalg.norm(back, axis=1, keepdims=True)
    assert np.degrees(np.arccos(np.clip((back * own).sum(1), -1, 1))).max() < 0.3
    assert np.abs(tensors["skin.offset"] * step * size - offset[order]).max() <= (step * size / 2).max() + 1e-9
