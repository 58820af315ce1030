"""Mouth shapes and the lips that must meet."""

from fractions import Fraction

import numpy as np
import pytest

from actors.perform import lips, visemes
from actors.perform.speech import Phone
from actors.performance import SHAPE

FPS = Fraction(24)


def _said(*names: str, length: float = 0.09) -> tuple[Phone, ...]:
    return tuple(Phone(name, i * length, (i + 1) * length) for i, name in enumerate(names))


def _frames(said: tuple[Phone, ...]) -> np.ndarray:
    return (np.arange(int(said[-1].end * FPS)) + 0.5) / float(FPS)


def test_open_vowels_open_the_jaw_more_than_close_ones() -> None:
    def jaw(vowel: str) -> float:
        said = _said("SIL", vowel, "SIL", length=0.25)
        return visemes.mouth(said, np.array([0.375]), np.ones(1))[0, SHAPE["jawOpen"]]

    assert jaw("AA") > jaw("EH") > jaw("IY")
    assert 0.3 < jaw("AA") < 0.62


def test_rounded_sounds_pucker_and_begin_to_before_they_are_heard() -> None:
    said = _said("AA", "S", "UW", "SIL", length=0.12)
    pucker = visemes.mouth(said, np.array([0.02, 0.20, 0.30]), np.ones(3))[:, SHAPE["mouthPucker"]]
    assert pucker[2] > 0.5
    assert 0.1 < pucker[1] < pucker[2]  # in the S already


def test_louder_speech_opens_wider() -> None:
    said = _said("SIL", "AE", "SIL", length=0.2)
    quiet, loud = (visemes.mouth(said, np.array([0.3]), np.array([v]))[0, SHAPE["jawOpen"]] for v in (0.2, 1.0))
    assert loud > 1.3 * quiet


@pytest.mark.parametrize("offset", [0.0, 0.007, 0.019, 0.033])
@pytest.mark.parametrize("sound", ["M", "B", "P"])
def test_the_lips_meet_in_the_middle_frame_of_every_bilabial(sound: str, offset: float) -> None:
    said = tuple(Phone(p.name, p.start + offset, p.end + offset) for p in _said("AA", sound, "AA", "UW", sound, "AE"))
    times = _frames(said)
    shapes = visemes.mouth(said, times, np.ones(len(times)))
    for name in ("mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft", "browInnerUp"):  # a face that feels
        shapes[:, SHAPE[name]] += 0.4
    shapes = lips.sealed(lips.uncrossed(shapes), visemes.closing(said, times, 1 / 24))
    middle = list(visemes.closures(said, FPS))
    assert len(middle) == 2
    assert (lips.gap(shapes[middle]) < 0.0).all()
    assert (lips.gap(shapes[middle]) > -1.5).all()
    assert (shapes >= 0).all()
    assert (shapes <= 1).all()


def test_the_lips_part_again_between_bilabials() -> None:
    said = _said("P", "AA", "P", "AA", "P", length=0.15)
    times = _frames(said)
    shapes = lips.sealed(visemes.mouth(said, times, np.ones(len(times))), visemes.closing(said, times, 1 / 24))
    gaps = lips.gap(shapes)
    assert gaps[[5, 12]].min() > 6.0  # millimetres, in the vowels


def test_a_sound_of_fifty_milliseconds_or_less_may_be_swallowed() -> None:
    said = (Phone("AA", 0, 0.1), Phone("M", 0.1, 0.15), Phone("AA", 0.15, 0.3), Phone("B", 0.3, 0.36))
    assert visemes.closures(said, FPS) == (7,)
    assert visemes.closures(said, FPS, at=1.0) == (31,)


def test_lips_that_would_cross_are_parted_by_the_jaw() -> None:
    shapes = np.zeros((1, 52))
    for name in ("mouthRollLower", "mouthRollUpper", "mouthSmileLeft", "mouthSmileRight", "mouthShrugLower"):
        shapes[0, SHAPE[name]] = 0.6
    assert lips.gap(shapes)[0] < -5
    assert lips.gap(lips.uncrossed(shapes))[0] == pytest.approx(-0.9, abs=1e-6)


def test_f_and_v_bring_the_lower_lip_to_the_teeth() -> None:
    said = _said("AA", "F", "AA", length=0.12)
    time = np.array([0.18])
    shapes = visemes.bitten(visemes.mouth(said, time, np.ones(1)), visemes.biting(said, time, 1 / 24))
    assert shapes[0, SHAPE["mouthRollLower"]] > 0.4
    assert shapes[0, SHAPE["jawOpen"]] < 0.12
    assert shapes[0, SHAPE["mouthUpperUpLeft"]] > 0.15


def test_every_phone_of_the_dictionary_has_a_target() -> None:
    arpabet = set(
        "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()  # noqa: SIM905
    )
    assert arpabet == {*visemes.TARGETS, *visemes._GLIDES} - {"SIL"}
