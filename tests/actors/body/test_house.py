"""What holds for the committed performers, measured on their own surfaces."""

from pathlib import Path

import numpy as np
import pytest

from actors.body.material import CORNEA, IRIS, SCLERA
from actors.body.performer import SKIN, Performer, rotation
from actors.performance import SHAPE

HOUSE = sorted((Path(__file__).parents[3] / "actors" / "house").glob("*/1/performer.safetensors"))
STILL = (np.zeros((6, 3)), np.zeros(2), np.eye(4))
STEP = 0.0001  # metres between lines of sight into a mouth


@pytest.fixture(scope="module", params=HOUSE, ids=[path.parts[-3] for path in HOUSE])
def performer(request) -> Performer:
    return Performer.load(request.param)


def shapes(**values: float) -> np.ndarray:
    found = np.zeros(52, np.float32)
    for name, value in values.items():
        for key in (name,) if name in SHAPE else (f"{name}Left", f"{name}Right"):
            found[SHAPE[key]] = value
    return found


def test_a_root_moves_everything_rigidly(performer) -> None:
    root = np.eye(4)
    root[:3, :3], root[:3, 3] = rotation(np.array([0.2, 1.1, -0.1])), (1.5, 0.2, -3.0)
    pose = (shapes(jawOpen=0.4), np.full((6, 3), 0.04), np.array([0.1, 0.05]))
    here, there = performer.posed(*pose, np.eye(4)), performer.posed(*pose, root)
    assert np.abs(here.means @ root[:3, :3].T + root[:3, 3] - there.means).max() < 3e-5  # float32 at 3 m
    assert np.quantile(np.abs(here.normals @ root[:3, :3].T - there.normals), 0.999) < 1e-3
    np.testing.assert_allclose(here.scales, there.scales, rtol=0.02, atol=1e-6)


@pytest.mark.parametrize("blink", [0.75, 0.9, 1.0])
def test_nothing_wet_shines_through_closing_lids(performer, blink) -> None:
    posed = performer.posed(shapes(eyeBlink=blink), *STILL)
    assert not posed.opacities[posed.material == CORNEA].any()
    if blink == 1.0:
        assert not posed.opacities[np.isin(posed.material, (SCLERA, IRIS))].any()


def test_one_shut_eye_leaves_the_other_its_shine(performer) -> None:
    posed = performer.posed(shapes(eyeBlinkLeft=1.0), *STILL)
    left = posed.means[:, 0] > 0
    wet = posed.material == CORNEA
    assert not posed.opacities[wet & left].any() and posed.opacities[wet & ~left].min() > 0.1


def test_one_cannot_look_between_lips_that_are_shut(performer) -> None:
    assert _slit(performer, shapes()) < 0.0008
    assert _slit(performer, shapes(jawOpen=0.15, mouthClose=0.15)) < 0.0008
    assert _slit(performer, shapes(jawOpen=0.3)) > 0.004


def test_the_gap_between_the_lips_grows_with_the_jaw(performer) -> None:
    gaps = [performer.lip_gap(shapes(jawOpen=jaw)) for jaw in (0.0, 0.1, 0.3, 0.6, 1.0)]
    assert gaps[-1] > 0.015 and (np.diff(gaps) > 0).all()


SQUINTS = [{"cheekSquint": 0.6}, {"eyeSquint": 1.0}, {"cheekSquint": 0.6, "eyeSquint": 0.8}]


@pytest.mark.parametrize("face", SQUINTS, ids=str)
def test_a_squint_does_not_fold_the_skin_where_lids_end(performer, face) -> None:
    rest, moved = (performer.vertices(value, *STILL).astype(np.float64) for value in (shapes(), shapes(**face)))
    skin = performer.triangles[performer.part == SKIN]
    ends = np.unique(np.sort(np.concatenate([skin[:, [0, 1]], skin[:, [1, 2]], skin[:, [2, 0]]]), axis=1), axis=0)
    places = performer.landmarks(shapes(), *STILL)
    for eye in ("left_eye", "right_eye"):
        away = rest[ends].mean(1) - places[eye]
        far = np.linalg.norm(away, axis=1)
        below = (far > 0.020) & (far < 0.027) & (away[:, 1] < -0.010) & (away[:, 2] > 0) & (np.abs(away[:, 0]) < 0.020)
        length = [np.linalg.norm(at[ends[below, 0]] - at[ends[below, 1]], axis=1) for at in (rest, moved)]
        assert below.sum() > 20 and (length[1] / length[0]).min() > 0.63


def _slit(performer: Performer, face: np.ndarray) -> float:
    """Metres: the greatest height over which lines of sight along -Z pass between the lips."""
    places = performer.landmarks(face, *STILL)
    at = performer.vertices(face, *STILL).astype(np.float64) - places["mouth"]
    corners = at[performer.triangles[performer.part == SKIN]]
    a, b, c = np.moveaxis(corners[(np.abs(corners.mean(1)) < (0.03, 0.03, 0.02)).all(1)], 1, 0)
    u, v = (b - a), (c - a)
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    heights = np.arange(-0.010, 0.010, STEP)[:, None]
    tallest = 0.0
    for x in np.linspace(-0.012, 0.012, 9):
        px, py = x - a[:, 0], heights - a[:, 1]
        s, t = (px * v[:, 1] - py * v[:, 0]) / area, (u[:, 0] * py - u[:, 1] * px) / area
        hit = (s >= 0) & (t >= 0) & (s + t <= 1)
        front = np.where(hit, a[:, 2] + s * u[:, 2] + t * v[:, 2], -1.0).max(1)
        tallest = max(tallest, STEP * int((front < np.quantile(front, 0.9) - 0.014).sum()))
    return tallest
