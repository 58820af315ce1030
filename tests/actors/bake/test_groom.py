from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from actors.bake import groom, groom_face, groom_scalp
from actors.bake.bind import Splats
from actors.bake.groom_head import Head
from actors.bake.groom_lash import lid_lines
from tests.actors.bake.bust import HEAD, RADIUS, bust, moved

NAMES = tuple(groom.GROOMS)


@pytest.fixture(scope="module")
def mesh():
    return bust(150, 168)


@pytest.fixture(scope="module")
def head(mesh):
    return Head(mesh, np.random.default_rng(0))


@pytest.fixture(scope="module")
def scalps(head):
    """Head hair of each performer with an eighth of its strands."""
    recipes = {name: replace(groom.GROOMS[name].scalp, strands=groom.GROOMS[name].scalp.strands // 8) for name in NAMES}
    return {name: groom_scalp.build(head, recipes[name], np.random.default_rng(3)) for name in NAMES}


@pytest.fixture(scope="module")
def lashes(mesh, head):
    rng = np.random.default_rng(4)
    recipe = groom.GROOMS["ada"].lash
    lines = lid_lines(mesh, head, recipe, rng)
    return lines, groom_face.lashes(lines, recipe, rng)


def test_the_same_seed_grows_the_same_hair(mesh):
    one, two = (groom.build(mesh, "kofi", np.random.default_rng(9)) for _ in range(2))
    for field in fields(Splats):
        assert np.array_equal(getattr(one, field.name), getattr(two, field.name)), field.name


def test_another_seed_grows_other_hair(head):
    recipe = groom.GROOMS["ada"].brow
    one, two = (groom_face.brows(head, recipe, np.random.default_rng(seed)) for seed in (1, 2))
    assert one.position.shape != two.position.shape or not np.allclose(one.position, two.position)


@pytest.mark.parametrize("name", NAMES)
def test_no_hair_of_the_head_lies_inside_the_head(scalps, name):
    inside = RADIUS - np.linalg.norm(scalps[name].position - HEAD, axis=1)
    assert inside.max() < 0.001


@pytest.mark.parametrize("name", NAMES)
def test_hair_tangents_are_unit_and_along_the_longest_axis(scalps, name):
    hair = scalps[name].taken(scalps[name].scale[:, 0] > 3 * scalps[name].scale[:, 1])
    assert np.allclose(np.linalg.norm(hair.normal, axis=1), 1, atol=1e-4)
    w, x, y, z = hair.quat.T
    axis = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], 1)
    assert np.abs((axis * hair.normal).sum(1)).min() > 0.999


@pytest.mark.parametrize("name", NAMES)
def test_head_hair_is_bound_to_skin_that_no_expression_moves(mesh, scalps, name):
    corners = mesh.triangles[scalps[name].triangle[scalps[name].loose]]
    assert np.linalg.norm(mesh.deltas[:, corners], axis=-1).max() < 0.001


@pytest.mark.parametrize("name", NAMES)
def test_a_groom_stays_within_its_budget(mesh, name):
    assert len(groom.build(mesh, name, np.random.default_rng(1))) < 70_000


def test_hair_thins_out_over_its_edge(head):
    edge = head.hairline()
    _, depth = groom_scalp.scalp_roots(head, edge, 4000, np.random.default_rng(2))
    band = [((depth > low) & (depth <= low + 0.003)).sum() for low in (0.0, 0.004, 0.010)]
    assert 0 < band[0] < band[1] < band[2]


def test_a_receding_hairline_bares_the_corners_of_the_forehead(head):
    corner = head.samples[
        (np.abs(head.azimuth(head.samples.position) - 42) < 3) & (head.samples.position[:, 1] > head.eye_y)
    ]
    full, receding = (head.hairline(amount).depth(corner.position) for amount in (0.0, 0.12))
    assert (receding > 0).sum() < (full > 0).sum()


@pytest.mark.parametrize("blink", [0.0, 0.5, 1.0])
def test_lashes_stay_outside_the_eyeball_when_lids_close(mesh, lashes, blink):
    position, _ = moved(mesh, lashes[1], {"eyeBlinkLeft": blink, "eyeBlinkRight": blink})
    eye = mesh.eyes[(position[:, 0] < 0).astype(int)]
    assert (np.linalg.norm(position - eye, axis=1) - mesh.eye_radius).min() > -0.0002


def test_upper_lashes_point_lower_when_the_eye_is_closed(mesh, head):
    recipe = groom.GROOMS["ada"].lash
    rng = np.random.default_rng(4)
    upper = [line for line in lid_lines(mesh, head, recipe, rng) if line.upper]
    splats = groom_face.lashes(upper, recipe, rng)
    _, closed = moved(mesh, splats, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    assert closed[:, 1].mean() < splats.normal[:, 1].mean() - 0.2


def test_upper_lashes_are_longer_than_lower_ones(lashes):
    lines, _ = lashes
    recipe = groom.GROOMS["ada"].lash
    reach = {}
    for line in lines[:2]:
        made = groom_face.lashes([line], recipe, np.random.default_rng(5))
        reach[line.upper] = cKDTree(line.roots.position).query(made.position)[0].max()
    assert reach[True] > reach[False] + 0.25 * recipe.length


def test_brows_go_down_with_the_skin_they_grow_on(mesh, head):
    brows = groom_face.brows(head, groom.GROOMS["luca"].brow, np.random.default_rng(6))
    position, _ = moved(mesh, brows.taken(brows.loose), {"browDownLeft": 1.0, "browDownRight": 1.0})
    rest = brows.position[brows.loose]
    left = rest[:, 0] > 0
    assert (position - rest)[left, 1].mean() < -0.002 and (position - rest)[~left, 1].mean() < -0.002


def test_brow_hairs_stand_at_the_nose_and_lie_outwards_at_the_tail(head):
    brows = groom_face.brows(head, groom.GROOMS["ada"].brow, np.random.default_rng(7))
    left = brows.taken(brows.loose & (brows.position[:, 0] > 0))
    x, rise = left.position[:, 0], left.normal[:, 1]
    assert rise[x < np.quantile(x, 0.1)].mean() > 0.5
    assert rise[x > np.quantile(x, 0.8)].mean() < 0.1


def test_a_beard_leaves_the_lips_free_and_opens_with_the_jaw(mesh, head):
    lips = head.vertices[mesh.regions["lips"] > 0.5]
    beard = groom_face.beard(head, groom.GROOMS["kofi"].beard, lips, np.random.default_rng(8))
    roots = head.vertices[head.triangles[beard.triangle]].mean(1)
    apart = np.linalg.norm(roots[:, None] - lips[None, ::3], axis=2).min(1)
    assert apart.min() > 0.0005
    strands = beard.taken(beard.loose)
    position, _ = moved(mesh, strands, {"jawOpen": 1.0})
    chin = strands.position[:, 1] < head.chin[1] + 0.005
    assert (position - strands.position)[chin, 1].mean() < -0.005
