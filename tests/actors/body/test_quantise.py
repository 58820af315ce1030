import numpy as np

from actors.body import quantise


def test_rotations_come_back_within_a_quarter_of_a_degree() -> None:
    q = np.random.default_rng(0).normal(size=(2000, 4))
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    back = quantise.unpack_quats(quantise.pack_quats(q))
    angle = 2 * np.degrees(np.arccos(np.clip(np.abs((q * back).sum(1)), 0, 1)))
    assert angle.max() < 0.25


def test_any_32_bits_are_a_unit_rotation() -> None:
    packed = np.random.default_rng(1).integers(0, 2**32, 5000, dtype=np.uint64).astype(np.uint32)
    np.testing.assert_allclose(np.linalg.norm(quantise.unpack_quats(packed), axis=1), 1, atol=1e-6)


def test_sizes_come_back_within_three_percent() -> None:
    sizes = np.exp(np.random.default_rng(2).uniform(np.log(2e-5), np.log(1.9), 1000))
    assert np.abs(quantise.unpack_scales(quantise.pack_scales(sizes)) / sizes - 1).max() < 0.03


def test_colours_come_back_within_half_a_code_value() -> None:
    code = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(quantise.pack_colour(quantise.unpack_colour(code)), code)
