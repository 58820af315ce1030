import numpy as np

from actors.body.subdivide import stencil
from tests.actors.body.doll import BOX, QUADS


def test_a_cube_becomes_what_catmull_and_clark_say() -> None:
    fine = stencil(QUADS, 8).apply(BOX)
    assert len(fine) == 8 + 12 + 6
    # Corner of valence 3: (Q + 2 R) / 3, with Q the mean of face centres and R of edge midpoints.
    faces, edges = np.array([[0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]), np.eye(3) / 2
    np.testing.assert_allclose(fine[0], (faces.mean(0) + 2 * edges.mean(0)) / 3, atol=1e-6)


def test_weights_of_every_fine_vertex_sum_to_one() -> None:
    steps = stencil(QUADS, 8)
    np.testing.assert_allclose(steps.apply(np.ones(8)), 1, atol=1e-6)


def test_a_flat_open_sheet_stays_flat_and_keeps_its_border_straight() -> None:
    x, y = np.meshgrid(np.arange(4.0), np.arange(3.0))
    points = np.stack([x.ravel(), y.ravel(), np.zeros(12)], 1)
    quads = np.array([[4 * j + i, 4 * j + i + 1, 4 * j + i + 5, 4 * j + i + 4] for j in range(2) for i in range(3)])
    fine = stencil(quads, 12).apply(points)
    assert np.abs(fine[:, 2]).max() == 0
    assert fine[:, 1].min() == 0 or np.isclose(fine[1:3, 1], 0).all()


def test_fine_triangles_keep_the_outside_outside() -> None:
    steps = stencil(QUADS, 8)
    a, b, c = (steps.apply(BOX)[steps.triangles()[:, k]] for k in range(3))
    outward = (np.cross(b - a, c - a) * ((a + b + c) / 3 - 0.5)).sum(1)
    assert (outward > 0).all()
