import numpy as np

from actors.bake import occlusion
from actors.bake.bind import Splats
from tests.actors.bake.plate import face_plate
from tests.actors.bake.test_bind import splats_on


def seen(loose: Splats, place: np.ndarray, normal: np.ndarray) -> float:
    mesh = face_plate()
    return float(occlusion.visibility(mesh, place[None], normal[None], np.array([False]), loose)[0])


def nothing() -> Splats:
    return splats_on(face_plate()).taken(np.zeros(200, bool))


def test_an_open_cheek_sees_the_sky_and_a_tooth_behind_shut_lips_does_not() -> None:
    ahead = np.array([0.0, 0.0, 1.0])
    assert seen(nothing(), np.array([0.0, 1.62, 0.089]), ahead) > 0.9
    assert seen(nothing(), np.array([0.0, 1.53, 0.060]), ahead) < 0.75


def test_hair_in_front_dims_what_is_behind_it() -> None:
    ahead, place = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.62, 0.089])
    rng = np.random.default_rng(0)
    hair = splats_on(face_plate())
    cloud = place + (0, 0, 0.03) + rng.uniform(-1, 1, (200, 3)) * (0.05, 0.05, 0.008)
    thick = Splats(
        hair.triangle, cloud.astype(np.float32), hair.quat, np.full((200, 3), 0.004, np.float32), hair.opacity,
        hair.albedo, hair.roughness, hair.normal, hair.material, hair.loose,
    )  # fmt: skip
    assert seen(thick, place, ahead) < seen(nothing(), place, ahead) - 0.2


def test_directions_cover_the_sphere_evenly() -> None:
    towards = occlusion.directions()
    np.testing.assert_allclose(np.linalg.norm(towards, axis=1), 1)
    assert np.abs(towards.mean(0)).max() < 0.01
