from dataclasses import dataclass, replace

import numpy as np
import pytest

from actors.body.material import CLOTH, CORNEA, HAIR, IRIS, LIP, MOUTH, SCLERA, SKIN, TOOTH
from actors.lens import Lens, look_at
from actors.light import Lamp, rig
from actors.shade import shade
from actors.shadow import shadow_of
from jobs.presets import LIGHTS


@dataclass(frozen=True)
class Posed:
    """The fields of a posed performer that shading reads."""

    means: np.ndarray
    scales: np.ndarray
    opacities: np.ndarray
    normals: np.ndarray
    albedo: np.ndarray
    roughness: np.ndarray
    occlusion: np.ndarray
    material: np.ndarray


def ball(material: int = SKIN, count: int = 4000, radius: float = 0.1, centre=(0.0, 1.6, 0.0), albedo=0.5) -> Posed:
    """A sphere of Gaussians with outward normals (tangents around the Y axis for hair)."""
    k = np.arange(count) + 0.5
    y = 1 - 2 * k / count
    turn = np.pi * (3 - np.sqrt(5)) * k
    flat = np.sqrt(1 - y * y)
    out = np.stack([flat * np.sin(turn), y, flat * np.cos(turn)], 1)
    normals = np.stack([np.cos(turn), 0 * turn, -np.sin(turn)], 1) if material == HAIR else out
    size = radius * np.sqrt(4 * np.pi / count)
    f4 = np.float32
    return Posed(
        (np.array(centre) + radius * out).astype(f4),
        np.tile(np.array([size, size, size / 10], f4), (count, 1)),
        np.full(count, 0.95, f4),
        normals.astype(f4),
        np.full((count, 3), albedo, f4),
        np.full(count, 0.45, f4),
        np.ones(count, f4),
        np.full(count, material, np.uint8),
    )


def camera(eye=(0.0, 1.6, 1.2)) -> Lens:
    return Lens(look_at(np.array(eye), np.array([0.0, 1.6, 0.0])), 600.0, 600.0, 320.0, 180.0, 640, 360)


def one_lamp(azimuth: float):
    lit = rig("studio-soft", 0.0, 0.0)
    dark = np.zeros(3, np.float32)
    a = np.radians(azimuth)
    key = Lamp(np.array([np.sin(a), 0, np.cos(a)], np.float32), np.ones(3, np.float32), 0.1)
    return replace(
        lit, key=key, fill=replace(lit.fill, colour=dark), rim=replace(lit.rim, colour=dark), ambient=lit.ambient * 0
    )


@pytest.mark.parametrize("material", [SKIN, LIP, SCLERA, TOOTH, MOUTH, CLOTH])
def test_light_from_the_left_brightens_the_left(material):
    posed = ball(material)
    colours, _ = shade(posed, one_lamp(-70), camera())
    front = posed.normals[:, 2] > 0.3
    left, right = front & (posed.normals[:, 0] < -0.4), front & (posed.normals[:, 0] > 0.4)
    assert colours[left].mean() > 3 * colours[right].mean() + 0.01


def test_an_iris_is_lit_on_the_side_away_from_the_lamp():
    posed = ball(IRIS, centre=(0.0, 1.6, 0.0), radius=0.012)
    cap = posed.normals[:, 2] > 0.85
    posed = Posed(*(getattr(posed, f)[cap] for f in Posed.__dataclass_fields__))
    colours, _ = shade(posed, one_lamp(-50), camera())
    left, right = posed.normals[:, 0] < -0.2, posed.normals[:, 0] > 0.2
    assert colours[right].mean() > 1.1 * colours[left].mean()


@pytest.mark.parametrize("preset", LIGHTS)
@pytest.mark.parametrize("material", [SKIN, LIP, SCLERA, TOOTH, MOUTH, CLOTH, HAIR])
def test_nothing_is_brighter_than_the_lamps_allow(material, preset):
    lit = rig(preset, 0.0, 0.0)
    colours, _ = shade(ball(material, albedo=0.8), lit, camera())
    assert np.isfinite(colours).all() and (colours >= 0).all()
    given = sum(lamp.colour for lamp in lit.lamps) + lit.ambient[0] + np.abs(lit.ambient[2])
    mirrored = 1 / 0.7  # the most that the specular lobes give
    assert (colours <= (0.8 + mirrored) * given + 1e-4).all()


def test_matte_light_averages_to_less_than_falls_on_it():
    posed = ball(SKIN, albedo=1.0)
    posed = replace(posed, roughness=np.ones_like(posed.roughness))
    colours, opacities = shade(posed, one_lamp(0), camera())
    seen = opacities > 0
    facing = np.maximum(posed.normals[seen, 2], 0)
    assert colours[seen].mean() < 1.25 * facing.mean()  # the wrap moves light round the edge, and adds little


def test_red_reaches_furthest_past_the_terminator_of_skin():
    posed = ball(SKIN)
    colours, _ = shade(posed, one_lamp(-90), camera())
    past = (posed.normals[:, 0] > 0.05) & (posed.normals[:, 0] < 0.2) & (posed.normals[:, 2] > 0.3)
    red, green, blue = colours[past].mean(0)
    assert red > 1.5 * green > 1.5 * blue


def test_a_cornea_is_clear_except_where_it_mirrors_a_lamp_in_front():
    posed = ball(CORNEA, radius=0.008, count=3000)
    for preset in LIGHTS:
        colours, opacities = shade(posed, rig(preset, 0.0, 0.0), camera())
        cap = posed.normals[:, 2] > 0.75  # what shows between the lids
        assert opacities[cap].max() > 0.5, preset
        assert (opacities[cap] > 0.1).mean() < 0.35, preset
        assert colours[opacities > 0.5].max() > 0.5, preset


@pytest.mark.parametrize("turned", [-40.0, 0.0, 40.0])
def test_an_eye_that_looks_aside_keeps_its_catchlight_under_a_heavy_lid(turned):
    a = np.radians(turned)
    axis = np.array([np.sin(a), 0.0, np.cos(a)])
    parts = []
    for material in (IRIS, CORNEA):
        whole = ball(material, radius=0.0118, count=6000)
        parts.append((whole, whole.normals @ axis > np.cos(np.radians(28))))
    eye = Posed(*(np.concatenate([getattr(p, f)[cap] for p, cap in parts]) for f in Posed.__dataclass_fields__))
    _, opacities = shade(eye, rig("window-left", 0.0, turned / 2), camera())
    image = (eye.material == CORNEA) & (opacities > 0.5)
    assert image.sum() > 5
    middle = eye.means[image].mean(0) - [0.0, 1.6, 0.0]
    assert middle[1] < 0.0012  # not above the middle of the pupil, where lids hang
    assert middle @ axis > 0.9 * np.linalg.norm(middle)


def test_surfaces_that_face_away_are_dropped_and_hair_is_kept():
    skin, hair = ball(SKIN), ball(HAIR)
    lens = camera()
    _, opacities = shade(skin, rig("noir", 0.0, 0.0), lens)
    to_eye = lens.position - skin.means
    facing = (to_eye / np.linalg.norm(to_eye, axis=1, keepdims=True) * skin.normals).sum(1)
    assert (opacities[facing < -0.21] == 0).all()
    assert (opacities[facing > -0.19] > 0).all()
    _, opacities = shade(hair, rig("noir", 0.0, 0.0), lens)
    assert (opacities > 0).all()


def test_what_is_out_of_frame_is_dropped_and_nothing_in_it_is():
    posed = ball(HAIR, radius=0.6)
    lens = camera()
    _, opacities = shade(posed, rig("noir", 0.0, 0.0), lens)
    place = posed.means @ lens.view[:3, :3].T + lens.view[:3, 3]
    u = lens.fx * place[:, 0] / place[:, 2] + lens.cx
    v = lens.fy * place[:, 1] / place[:, 2] + lens.cy
    inside = (u > 0) & (u < lens.width) & (v > 0) & (v < lens.height)
    assert (opacities[inside] > 0).all()
    assert (opacities == 0).mean() > 0.3


def test_a_place_instead_of_a_lens_gives_the_same_colours_and_keeps_what_is_out_of_frame():
    posed, lit, lens = ball(HAIR, radius=0.6), rig("noir", 0.0, 0.0), camera()
    cut, opacities = shade(posed, lit, lens)
    whole, kept = shade(posed, lit, lens.position)
    np.testing.assert_allclose(whole[opacities > 0], cut[opacities > 0], rtol=1e-5)
    assert (kept > 0).all()


def test_hair_glints_where_it_bisects_lamp_and_eye():
    posed = ball(HAIR)
    colours, _ = shade(posed, one_lamp(0), camera())
    across = np.abs(posed.normals[:, 2])  # 0: the strand is square to both
    front = posed.means[:, 2] > 0.0
    assert colours[front & (across < 0.15)].mean() > colours[front & (across > 0.6)].mean()


def two_balls(gap: float) -> tuple[Posed, Posed]:
    """A small ball between the lamp (on +Z) and a large one."""
    return ball(SKIN, radius=0.03, centre=(0.0, 1.6, 0.1 + gap)), ball(SKIN, count=20000)


def test_an_occluder_darkens_what_is_behind_it_and_nothing_else():
    small, large = two_balls(0.08)
    lamp = one_lamp(0)
    shadow = shadow_of([small, large], lamp.key)
    lens = camera((0.9, 1.6, 0.8))
    free, opacities = shade(large, lamp, lens)
    cast, _ = shade(large, lamp, lens, shadow)
    seen = (opacities > 0) & (large.normals[:, 2] > 0.4)
    away = np.linalg.norm(large.means[:, :2] - [0.0, 1.6], axis=1)
    behind, beside = seen & (away < 0.018), seen & (away > 0.06)
    assert cast[behind].mean() < 0.2 * free[behind].mean()
    np.testing.assert_allclose(cast[beside].mean(), free[beside].mean(), rtol=0.03)


def test_the_shadow_of_hair_is_softer_than_that_of_skin():
    small, large = two_balls(0.05)
    strands = replace(
        ball(HAIR, radius=0.03, centre=(0.0, 1.6, 0.15), count=300),
        scales=np.tile(np.array([0.006, 0.0006, 0.0006], np.float32), (300, 1)),
    )
    lamp, lens = one_lamp(0), camera((0.9, 1.6, 0.8))
    free, opacities = shade(large, lamp, lens)
    behind = (
        (opacities > 0) & (np.linalg.norm(large.means[:, :2] - [0.0, 1.6], axis=1) < 0.015) & (large.normals[:, 2] > 0)
    )
    levels = [
        shade(large, lamp, lens, shadow_of([thing, large], lamp.key))[0][behind].mean() / free[behind].mean()
        for thing in (small, strands)
    ]
    assert levels[0] < 0.2 < levels[1] < 0.9


def test_colours_do_not_depend_on_where_the_output_goes():
    posed, lit, lens = ball(SKIN), rig("golden-hour", 0.0, 0.0), camera()
    fresh, _ = shade(posed, lit, lens)
    out, opacities = np.full((4000, 3), np.nan, np.float32), np.full(4000, np.nan, np.float32)
    assert shade(posed, lit, lens, None, out, opacities)[0] is out
    assert out.tobytes() == fresh.tobytes()
    assert np.isfinite(opacities).all()
