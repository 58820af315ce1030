import numpy as np
import pytest

from actors import rasterise_reference
from actors.gaussians import Gaussians
from actors.lens import Lens, look_at
from actors.rasterise import Rasteriser


def lens(width: int = 96, height: int = 64, distance: float = 2.0) -> Lens:
    view = look_at(np.array([0.0, 0.0, distance]), np.zeros(3))
    return Lens(view, 1.2 * width, 1.2 * width, width / 2 + 0.3, height / 2 - 0.2, width, height)


def cloud(count: int, seed: int, *, spread: float = 0.5, size: float = 0.03) -> Gaussians:
    rng = np.random.default_rng(seed)
    return Gaussians(
        rng.normal(0.0, spread, (count, 3)).astype(np.float32),
        rng.normal(size=(count, 4)).astype(np.float32),
        np.exp(rng.normal(np.log(size), 0.7, (count, 3))).astype(np.float32),
        rng.uniform(0.0, 1.0, count).astype(np.float32),
        rng.uniform(0.0, 2.0, (count, 3)).astype(np.float32),
    )


def decibels(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10.0 * np.log10(np.mean((a.astype(np.float64) - b) ** 2) + 1e-30))


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_the_float64_reference(seed: int) -> None:
    gaussians, view = cloud(600, seed), lens()
    layers = Rasteriser().render(gaussians, view)
    rgb, alpha, depth = rasterise_reference.render(gaussians, view)
    assert decibels(layers.rgb, rgb) > 80.0
    assert decibels(layers.alpha, alpha) > 80.0
    assert decibels(layers.depth[alpha > 0.5], depth[alpha > 0.5]) > 60.0


def test_large_gaussians_and_ones_behind_the_camera_agree_with_the_reference() -> None:
    gaussians, view = cloud(80, 7, spread=2.5, size=0.4), lens()
    rgb, alpha, _ = rasterise_reference.render(gaussians, view)
    layers = Rasteriser().render(gaussians, view)
    assert decibels(layers.rgb, rgb) > 80.0
    assert alpha.max() > 0.9


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    gaussians, view = cloud(3000, 1), lens(150, 90)
    alone, many = Rasteriser(1), Rasteriser(3)
    one, same = alone.render(gaussians, view), many.render(gaussians, view)
    for field in ("rgb", "alpha", "depth"):
        assert getattr(one, field).tobytes() == getattr(same, field).tobytes()
    assert alone.blend(gaussians.means).tobytes() == many.blend(gaussians.means).tobytes()


def test_features_are_blended_with_the_weights_of_the_colours() -> None:
    gaussians, view = cloud(500, 2), lens()
    rasteriser = Rasteriser()
    layers = rasteriser.render(gaussians, view)
    assert np.array_equal(rasteriser.blend(gaussians.colours), layers.rgb)


def test_a_nearer_opaque_gaussian_hides_a_farther_one() -> None:
    red, blue = [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]
    pair = Gaussians(
        np.array([[0, 0, -0.5], [0, 0, 0.5]], np.float32),
        np.array([[1, 0, 0, 0]] * 2, np.float32),
        np.full((2, 3), 0.2, np.float32),
        np.full(2, 1.0, np.float32),
        np.array([red, blue], np.float32),
    )
    layers = Rasteriser().render(pair, lens())
    middle = layers.rgb[32, 48]
    assert middle[2] > 0.99 and middle[0] < 0.01
    assert layers.depth[32, 48] == pytest.approx(1.5, abs=0.01)


def test_an_empty_view_is_transparent_and_buffers_carry_nothing_over() -> None:
    rasteriser, view = Rasteriser(), lens()
    rasteriser.render(cloud(500, 3), view)
    layers = rasteriser.render(
        cloud(500, 3), Lens(look_at(np.array([0, 0, 9.0]), np.array([0, 0, 99.0])), 96, 96, 48, 32, 96, 64)
    )
    assert not layers.rgb.any() and not layers.alpha.any() and not layers.depth.any()


@pytest.mark.gpu
def test_its_projection_is_that_of_gsplats_own_reference() -> None:
    gsplat = pytest.importorskip("gsplat.cuda._torch_impl", reason="gsplat is in the [gpu] extra")
    import torch

    gaussians, view = cloud(300, 5), lens()
    centres, flat, depths = rasterise_reference.projected(gaussians, view)
    seen = depths > 0.05
    quats = torch.from_numpy(gaussians.quats)
    covariance, _ = gsplat._quat_scale_to_covar_preci(
        quats, torch.from_numpy(gaussians.scales), True, False, triu=False
    )
    k = torch.tensor([[view.fx, 0, view.cx], [0, view.fy, view.cy], [0, 0, 1]], dtype=torch.float32)
    means = torch.from_numpy(gaussians.means)
    _, their_centres, their_depths, their_conics, _ = gsplat._fully_fused_projection(
        means, covariance, torch.from_numpy(view.view)[None], k[None], view.width, view.height, 0.3, 0.05, 1e9
    )
    conics = np.linalg.inv(flat)
    assert np.allclose(their_centres[0].numpy()[seen], centres[seen], atol=1e-3)
    assert np.allclose(their_depths[0].numpy()[seen], depths[seen], atol=1e-5)
    assert np.allclose(their_conics[0, :, 0].numpy()[seen], conics[seen, 0, 0], rtol=1e-3, atol=1e-6)
