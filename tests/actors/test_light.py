import numpy as np
import pytest

from actors.light import LUMINANCE, UnknownLight, _colour_of, rig
from jobs.presets import LIGHTS


@pytest.mark.parametrize("preset", LIGHTS)
def test_every_preset_has_a_key_before_the_face_and_a_rim_behind_it(preset):
    lit = rig(preset, 0.0, 0.0)
    assert lit.key.towards[2] > 0.2  # the camera is on +Z
    assert lit.rim.towards[2] < -0.2
    for lamp in lit.lamps:
        assert np.linalg.norm(lamp.towards) == pytest.approx(1.0, abs=1e-6)
        assert (lamp.colour >= 0).all()


@pytest.mark.parametrize("preset", LIGHTS)
def test_the_key_is_brighter_than_the_fill_by_a_ratio_that_a_face_can_bear(preset):
    lit = rig(preset, 0.0, 0.0)
    shadow = lit.fill.colour @ LUMINANCE + lit.ambient[0] @ LUMINANCE
    ratio = (lit.key.colour @ LUMINANCE + shadow) / shadow
    assert 1.8 < ratio < 16.0


def test_the_windows_are_on_the_sides_of_their_names():
    assert rig("window-left", 0.0, 0.0).key.towards[0] < -0.3
    assert rig("window-right", 0.0, 0.0).key.towards[0] > 0.3


def test_no_two_presets_look_alike():
    keys = [np.concatenate([rig(p, 0.0, 0.0).key.towards, rig(p, 0.0, 0.0).key.colour]) for p in LIGHTS]
    for i, one in enumerate(keys):
        for other in keys[:i]:
            assert np.abs(one - other).max() > 0.1


def test_one_stop_doubles_all_light():
    dark, bright = rig("noir", 0.0, 30.0), rig("noir", 1.0, 30.0)
    np.testing.assert_allclose(bright.key.colour, 2 * dark.key.colour, rtol=1e-6)
    np.testing.assert_allclose(bright.ambient, 2 * dark.ambient, rtol=1e-6)
    np.testing.assert_allclose(bright.surround, 2 * dark.surround, rtol=1e-6)


def test_the_rig_turns_with_the_heading():
    straight, turned = rig("overcast", 0.0, 0.0).key.towards, rig("overcast", 0.0, 90.0).key.towards
    np.testing.assert_allclose(turned, [straight[2], straight[1], -straight[0]], atol=1e-6)


def test_a_candle_is_redder_and_the_sky_bluer_than_the_balance_of_a_display():
    candle, sky, white = _colour_of(1900.0), _colour_of(12000.0), _colour_of(6504.0)
    assert candle[0] > white[0] > sky[0]
    assert candle[2] < white[2] < sky[2]
    np.testing.assert_allclose(white, 1.0, atol=0.02)  # D65 is the white of Rec.709


def test_an_unknown_preset_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownLight, match="window-left"):
        rig("windowleft", 0.0, 0.0)
