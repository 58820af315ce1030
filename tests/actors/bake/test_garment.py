from dataclasses import fields

import numpy as np
import pytest
from scipy.spatial import cKDTree

from actors.bake import garment
from actors.bake.bind import Splats
from actors.bake.garment_cloth import Torso, _longest_chain
from actors.bake.garment_edge import curve
from tests.actors.bake.bust import bust

NAMES = ("ada", "kofi", "mei", "luca")


@pytest.fixture(scope="module")
def mesh():
    return bust(100, 110)


@pytest.fixture(scope="module")
def outfits(mesh):
    return {name: garment.build(mesh, name, np.random.default_rng(1)) for name in NAMES}


def test_the_same_seed_sews_the_same_clothes(mesh, outfits):
    again = garment.build(mesh, "mei", np.random.default_rng(1))
    for field in fields(Splats):
        assert np.array_equal(getattr(again, field.name), getattr(outfits["mei"], field.name)), field.name


@pytest.mark.parametrize("name", NAMES)
def test_everything_said_to_be_covered_has_cloth_over_it(mesh, outfits, name):
    hidden = garment.covered(mesh, name)
    assert hidden.sum() > 1000
    # But for the cut rim of the body, where there is nothing left to sew on.
    hidden &= mesh.vertices[:, 1] > mesh.vertices[:, 1].min() + 0.01
    assert cKDTree(outfits[name].position).query(mesh.vertices[hidden])[0].max() < 0.026


@pytest.mark.parametrize("name", NAMES)
def test_face_and_neck_are_not_said_to_be_covered(mesh, name):
    hidden = garment.covered(mesh, name)
    assert not hidden[mesh.vertices[:, 1] > mesh.bones[2, 1] + 0.03].any()


@pytest.mark.parametrize("name", NAMES)
def test_cloth_lies_outside_the_body(mesh, outfits, name):
    tree = cKDTree(mesh.vertices)
    at = tree.query(outfits[name].position)[1]
    height = ((outfits[name].position - mesh.vertices[at]) * mesh.normals()[at]).sum(1)
    assert np.quantile(height, 0.05) > 0.001 and height.min() > -0.006


@pytest.mark.parametrize("name", NAMES)
def test_clothes_stay_within_their_budget(outfits, name):
    assert len(outfits[name]) < 60_000


@pytest.mark.parametrize("name", NAMES)
def test_cloth_is_held_by_the_chest_and_not_by_the_turning_head(mesh, outfits, name):
    corners = mesh.triangles[outfits[name].triangle]
    turned = mesh.weights[corners][..., 2] + mesh.weights[corners][..., 3]
    assert turned.max() < 0.1 and turned[outfits[name].loose].max() < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_cloth_normals_are_unit(outfits, name):
    assert np.allclose(np.linalg.norm(outfits[name].normal, axis=1), 1, atol=1e-4)


def test_the_edge_of_a_neckline_is_one_closed_even_curve(mesh):
    torso = Torso(mesh)
    shell = torso.shell(torso.plane(0.0, 0.3), 0.004, 0.0, 1)
    edge = curve(torso, shell)
    steps = np.linalg.norm(np.diff(edge.points, axis=0), axis=1)
    assert edge.closed and steps.max() < 1.3 * np.median(steps)
    assert np.abs((edge.along * edge.out).sum(1)).max() < 1e-6
    assert edge.down[:, 1].mean() < 0


def test_the_zero_line_is_found_where_the_values_change_sign():
    side = np.arange(12)
    x, y = np.meshgrid(side, side, indexing="ij")
    vertices = np.stack([x.ravel(), y.ravel(), np.zeros(144)], 1).astype(float)
    index = np.arange(144).reshape(12, 12)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    chain = _longest_chain(triangles, vertices, vertices[:, 0] - 4.3)
    assert np.allclose(chain[:, 0], 4.3) and np.ptp(chain[:, 1]) == 11
