from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from actors.grade import GRADES, Grade, decode, encode, film, finish, unfilm
from actors.rasterise import Layers
from jobs.presets import LIGHTS

PLAIN = Grade(saturation=1.0, vignette=0.0, grain=0.0, glow=0.0)


def layers(rgb, alpha) -> Layers:
    rgb, alpha = np.asarray(rgb, np.float32), np.asarray(alpha, np.float32)
    return Layers(np.dstack([rgb, np.ones_like(alpha)]), alpha)


def flat(value: float, height: int = 32, width: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.float32)


def nothing(height: int = 32, width: int = 48) -> Layers:
    return layers(flat(0.0, height, width), np.zeros((height, width)))


def test_grey_of_18_percent_becomes_code_value_118():
    out = finish(nothing(), flat(0.18), seed=1, frame=0, grade=PLAIN)
    assert (out == 118).all()  # 255 times the sRGB signal of 0.18


def test_the_film_curve_rises_from_black_to_white_with_a_shoulder():
    light = np.geomspace(1e-4, 6, 500)
    printed = film(light)
    assert (np.diff(printed) > 0).all() and printed[0] >= 0 and printed[-1] <= 1.0
    assert film(0.18) == pytest.approx(0.18, abs=1e-9)
    assert 0.65 < film(1.0) < 0.80  # white paper is not clipped
    assert film(4.0) > 0.93


def test_the_table_follows_the_exact_curve_within_half_a_code_value():
    light = np.geomspace(0.001, 8, 48).astype(np.float32)
    out = finish(nothing(), np.repeat(np.tile(light[None, :, None], (32, 1, 1)), 3, 2), seed=1, frame=0, grade=PLAIN)
    np.testing.assert_allclose(out[0, :, 0], 255 * encode(film(light)), atol=1.0)


def test_plates_come_back_as_they_were():
    signal = np.arange(0, 240) / 255.0
    np.testing.assert_allclose(encode(film(unfilm(decode(signal)))), signal, atol=1e-4)


def test_an_edge_of_the_cast_is_laid_exactly_over_the_background():
    alpha = np.linspace(0, 1, 48, dtype=np.float32)[None, :].repeat(32, 0)
    one, other = 0.5, 0.05
    out = finish(layers(alpha[..., None] * flat(one), alpha), flat(other), seed=1, frame=0, grade=PLAIN)
    expected = 255 * encode(film(alpha * one + (1 - alpha) * other))
    np.testing.assert_allclose(out[..., 1], expected, atol=1.0)


def test_no_background_is_black():
    assert (finish(nothing(), None, seed=1, frame=0, grade=PLAIN) <= 1).all()


def test_a_strided_image_gives_the_same_bytes_as_a_packed_one():
    four = np.random.default_rng(0).random((32, 48, 4)).astype(np.float32)
    strided = layers(four[..., :3], four[..., 3])
    assert not strided.rgb.flags.c_contiguous
    packed = layers(np.ascontiguousarray(four[..., :3]), four[..., 3])
    one, other = (finish(each, flat(0.3), seed=1, frame=0) for each in (strided, packed))
    assert one.tobytes() == other.tobytes()


def test_threads_change_no_byte():
    picture = layers(np.random.default_rng(0).random((90, 160, 3)), np.random.default_rng(1).random((90, 160)))
    background = flat(0.4, 90, 160)
    alone = finish(picture, background, seed=3, frame=5)
    with ThreadPoolExecutor(2) as pool:
        assert finish(picture, background, seed=3, frame=5, pool=pool).tobytes() == alone.tobytes()


def test_grain_moves_from_frame_to_frame_and_is_the_same_for_the_same_seed():
    def print_(seed, frame):
        return finish(nothing(64, 64), flat(0.18, 64, 64), seed=seed, frame=frame, grade=Grade(vignette=0.0))

    first = print_(7, 0).astype(float)
    assert (first == print_(7, 0)).all()
    assert (first != print_(7, 1)).mean() > 0.3
    assert (first != print_(8, 0)).mean() > 0.3
    assert first.mean() == pytest.approx(117.6, abs=0.2)  # dither keeps what rounding loses
    assert 0.8 < first.std() < 2.0
    pixels = first[..., 0] - first[..., 0].mean()
    assert abs((pixels[:, 1:] * pixels[:, :-1]).mean()) < 0.2  # neighbours do not go together


def test_corners_are_darker_than_the_middle():
    out = finish(nothing(90, 160), flat(0.18, 90, 160), seed=1, frame=0, grade=Grade(vignette=0.3, grain=0.0))
    assert out[45, 80, 0] > out[0, 0, 0] + 10
    assert out[0, 0, 0] == out[89, 159, 0] == out[0, 159, 0]


def test_light_above_white_glows_into_its_surroundings():
    rgb, alpha = flat(0.0, 64, 64), np.zeros((64, 64), np.float32)
    rgb[28:36, 28:36], alpha[28:36, 28:36] = 8.0, 1.0
    out = finish(
        layers(rgb, alpha), flat(0.05, 64, 64), seed=1, frame=0, grade=Grade(grain=0.0, vignette=0.0, glow=0.1)
    )
    assert out[32, 40, 0] > out[32, 60, 0] + 3


def test_there_is_a_grade_for_every_light():
    assert set(GRADES) == set(LIGHTS)
