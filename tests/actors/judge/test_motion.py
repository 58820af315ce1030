from dataclasses import replace

import numpy as np
import pytest

from actors.gaussians import Gaussians
from actors.judge.motion import Still, compare, projected, still
from actors.lens import Lens, look_at
from actors.rasterise import Rasteriser


def lens(x: float = 0.0) -> Lens:
    return Lens(look_at(np.array([x, 0.0, 2.0]), np.array([x, 0.0, 0.0])), 300.0, 300.0, 160.0, 120.0, 320, 240)


def wall(seed: int = 0) -> Gaussians:
    """A speckled wall that fills the view."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(-1.2, 1.2, 80), np.linspace(-0.9, 0.9, 60))
    means = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1).astype(np.float32)
    quats = np.tile(np.array([1, 0, 0, 0], np.float32), (len(means), 1))
    scales = np.tile(np.array([0.03, 0.03, 0.001], np.float32), (len(means), 1))
    colours = rng.uniform(0, 1, (len(means), 3)).astype(np.float32)
    return Gaussians(means, quats, scales, np.full(len(means), 0.99, np.float32), colours)


class Shooting:
    """Renders frames as a shot does."""

    def __init__(self) -> None:
        self.rasteriser = Rasteriser()

    def __call__(self, cloud: Gaussians, view: Lens) -> tuple[Still, np.ndarray]:
        self.layers = self.rasteriser.render(cloud, view)
        image = (235 * np.clip(self.layers.rgb, 0, 1)).astype(np.uint8)
        return still(cloud, view, image, self.layers), self.layers.alpha

    def error(self, before: Still, cloud: Gaussians, view: Lens, brighter: int = 0) -> float | None:
        now, alpha = self(cloud, view)
        return compare(before, replace(now, luma=now.luma + brighter), alpha, self.rasteriser.blend)


def test_a_wall_seen_by_a_moving_camera_has_almost_no_warp_error() -> None:
    cloud, first, second = wall(), lens(0.0), lens(0.03)
    shooting = Shooting()
    error = shooting.error(shooting(cloud, first)[0], cloud, second)
    assert error is not None and error < 2.0


def test_flicker_is_measured_in_code_values() -> None:
    cloud, view = wall(), lens()
    shooting = Shooting()
    error = shooting.error(shooting(cloud, view)[0], cloud, view, brighter=20)
    assert error == pytest.approx(20.0, abs=0.5)


def test_what_comes_out_from_behind_something_does_not_count() -> None:
    behind = wall()
    screen = replace(wall(1), means=(wall(1).means * 0.3 + np.array([0, 0, 0.6], np.float32)).astype(np.float32))
    moved = replace(screen, means=screen.means + np.array([0.1, 0, 0], np.float32))
    view = lens()
    shooting = Shooting()
    one, two = Gaussians.joined([behind, screen]), Gaussians.joined([behind, moved])
    error = shooting.error(shooting(one, view)[0], two, view)
    assert error is not None and error < 6.0


def test_a_changed_cloud_has_no_figure_rather_than_a_wrong_one() -> None:
    cloud, view = wall(), lens()
    shooting = Shooting()
    fewer = Gaussians(*(getattr(cloud, name)[:-5] for name in Gaussians.__slots__))
    assert shooting.error(shooting(cloud, view)[0], fewer, view) is None


def test_projection_is_that_of_the_lens() -> None:
    assert projected(np.array([[0.2, 0.1, 0.0]], np.float32), lens())[0] == pytest.approx([190.0, 105.0, 2.0])
