"""A cue becomes a performance."""

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from actors.perform import lips, visemes
from actors.perform.perform import NothingToLookAt, perform, shifted
from actors.perform.speech import phones
from actors.performance import JOINT, SHAPE, Performance
from jobs.episode import Cue, Line, Media

PILOT = Path(__file__).parents[3] / "jobs" / "pilot" / "audio"
FPS = Fraction(24)
TARGETS = {"camera": (0.0, 0.0), "kofi": (0.4, 0.02)}
LINE = Line(
    audio=Media(path=PILOT / "kofi_0060.flac", sha256="0" * 64),
    text="Three years! You let me water plastic?",
    at=0.3,
    seconds=2.36,
)


@cache
def _played(direction: str = "", *, line: bool = False, seed: int = 0, look_at: str | None = None) -> Performance:
    cue = Cue(role="ada", direction=direction, line=LINE if line else None, look_at=look_at)
    return perform(cue, frames=72, fps=FPS, seed=seed, targets=TARGETS, default_look_at="kofi")


def _mean(played: Performance, *names: str) -> float:
    return float(np.mean([np.median(played.shapes[:, SHAPE[name]]) for name in names]))


def test_a_performance_has_every_frame_and_no_value_out_of_range() -> None:
    for direction in (
        "",
        "furious",
        "extremely ecstatic and terrified and deeply sad",
        "disgusted, sarcastic, exhausted",
    ):
        played = _played(direction, line=True)
        assert (played.shapes.shape, played.joints.shape) == ((72, 52), (72, 6, 3))
        assert (played.gaze.shape, played.sway.shape) == ((72, 2), (72, 3))
        assert all(a.dtype == np.float32 for a in (played.shapes, played.joints, played.gaze, played.sway))
        assert 0 <= played.shapes.min() <= played.shapes.max() <= 1
        assert np.abs(played.joints).max() < 0.7
        assert np.abs(played.sway).max() < 0.05


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    once, again, other = (
        perform(Cue(role="ada", direction="sad"), frames=48, fps=FPS, seed=s, targets=TARGETS, default_look_at="kofi")
        for s in (5, 5, 6)
    )
    for name in ("shapes", "joints", "gaze", "sway"):
        assert getattr(once, name).tobytes() == getattr(again, name).tobytes()
        assert getattr(once, name).tobytes() != getattr(other, name).tobytes()


def test_another_role_with_the_same_cue_moves_otherwise() -> None:
    ada, kofi = (
        perform(Cue(role=r), frames=48, fps=FPS, seed=0, targets={"camera": (0, 0)}, default_look_at="camera")
        for r in ("ada", "kofi")
    )
    assert np.abs(ada.joints - kofi.joints).max() > 0.01


@pytest.mark.parametrize("direction", ["", "happy", "furious", "act with subdued sadness", "surprised", "ashamed"])
def test_the_lips_are_closed_on_every_m_b_p_whatever_is_felt(direction: str) -> None:
    played = _played(direction, line=True)
    said = phones(LINE.audio.path, LINE.text)
    frames = list(visemes.closures(said, FPS, LINE.at))
    assert len(frames) >= 1
    assert (lips.gap(played.shapes[frames]) < 0.5).all()
    assert lips.gap(played.shapes).max() > 7  # and the mouth does open


def test_the_mouth_rests_outside_the_line() -> None:
    played = _played("", line=True)
    assert lips.gap(played.shapes[:4]).max() < 2.2
    assert lips.gap(played.shapes[-3:]).max() < 2.2


def test_no_shape_of_the_mouth_moves_faster_than_a_mouth_can() -> None:
    played = _played("furious", line=True)
    jaw = np.abs(np.diff(played.shapes[:, SHAPE["jawOpen"]]))
    assert jaw.max() < 0.34  # a frame; 34 mm times 0.34 in 42 ms is 0.28 m/s at the lips


def test_directions_differ_in_the_shapes_that_name_them() -> None:
    sad, sarcastic = _played("act with subdued sadness"), _played("deliver this line with sarcastic confidence")
    furious, happy, afraid = _played("furious"), _played("happy"), _played("terrified")
    assert _mean(sad, "browInnerUp") > 0.5 > 0.25 > _mean(sarcastic, "browInnerUp")
    assert _mean(sad, "mouthFrownLeft", "mouthFrownRight") > 0.3
    assert _mean(sarcastic, "mouthSmileRight") > _mean(sarcastic, "mouthSmileLeft") + 0.25
    assert _mean(sarcastic, "browOuterUpLeft") > _mean(sarcastic, "browOuterUpRight") + 0.3
    assert _mean(furious, "browDownLeft", "browDownRight") > 0.7 > 0.3 > _mean(sad, "browDownLeft", "browDownRight")
    assert _mean(happy, "mouthSmileLeft", "mouthSmileRight") > 0.45
    assert _mean(happy, "mouthFrownLeft", "mouthFrownRight") < 0.1
    assert _mean(afraid, "eyeWideLeft", "eyeWideRight") > 0.5 > 0.2 > _mean(happy, "eyeWideLeft", "eyeWideRight")


def test_sadness_bows_the_head_and_confidence_lifts_it() -> None:
    def pitch(played: Performance) -> float:
        return float(played.joints[:, [JOINT["neck"], JOINT["head"]], 0].sum(axis=1).mean())

    assert pitch(_played("deeply sad", look_at="camera")) > pitch(_played("confident", look_at="camera")) + 0.12


def test_emotion_still_reads_while_speaking() -> None:
    happy, sad = _played("happy", line=True), _played("sad", line=True)
    talk = slice(12, 55)
    smile = happy.shapes[talk, SHAPE["mouthSmileLeft"]].mean() - sad.shapes[talk, SHAPE["mouthSmileLeft"]].mean()
    assert smile > 0.25


def test_a_turn_in_the_direction_turns_the_face() -> None:
    played = _played("from joy to despair")
    smile, frown = played.shapes[:, SHAPE["mouthSmileLeft"]], played.shapes[:, SHAPE["mouthFrownLeft"]]
    assert smile[10] > 0.35 > 0.2 > smile[-5]
    assert frown[10] < 0.15 < 0.35 < frown[-5]


def test_the_eyes_find_what_the_cue_looks_at() -> None:
    from actors.perform import posture, rotation

    for look_at, (yaw, pitch) in TARGETS.items():
        played = _played("confident", look_at=look_at)
        head = posture.head_rotation(played.joints)
        sight = np.einsum("tij,tj->ti", head, rotation.direction(played.gaze[:, 0], played.gaze[:, 1]))
        seen = np.stack(rotation.angles(sight), 1)
        assert np.median(np.abs(seen - [yaw, pitch]), axis=0).max() < np.radians(3.5)


def test_looking_down_lowers_the_lids() -> None:
    down, level = _played(look_at="down"), _played(look_at="camera")
    assert np.median(down.gaze[:, 1]) < -0.12
    assert _mean(down, "eyeBlinkLeft") > _mean(level, "eyeBlinkLeft") + 0.08


def test_an_eye_that_does_not_blink_shows_its_iris_unless_it_is_tired() -> None:
    def covered(direction: str) -> float:
        played = _played(direction, look_at="camera")
        return _mean(played, "eyeBlinkLeft") + 0.34 * _mean(played, "eyeSquintLeft")

    for direction in ("sarcastic, contemptuous and sad", "deeply sad, ashamed, tender"):
        assert covered(direction) < 0.36
    assert covered("exhausted") > 0.4


def test_looking_at_nobody_is_refused_by_name() -> None:
    with pytest.raises(NothingToLookAt, match=r"'zoe'.*camera, kofi"):
        _played(look_at="zoe")


def test_a_minute_has_a_human_number_of_complete_blinks() -> None:
    cue = Cue(role="ada", direction="")
    played = perform(cue, frames=24 * 60, fps=FPS, seed=2, targets=TARGETS, default_look_at="kofi")
    for side in ("Left", "Right"):
        shut = played.shapes[:, SHAPE[f"eyeBlink{side}"]] > 0.99
        blinks = np.count_nonzero(np.diff(shut.astype(int)) == 1)
        assert 10 <= blinks <= 34


def test_nothing_is_ever_frozen() -> None:
    played = _played("")
    assert np.ptp(played.joints[:, JOINT["head"]], axis=0).max() > 0.008
    assert np.ptp(played.joints[:, JOINT["chest"], 0]) > 0.004  # breath
    assert np.ptp(played.sway, axis=0).max() > 0.001
    assert (np.abs(np.diff(played.gaze, axis=0)).max(axis=1) > 0).all()


def test_a_listener_answers_what_it_hears() -> None:
    cue = Cue(role="ada", direction="interested")
    heard = shifted(phones(LINE.audio.path, LINE.text), LINE.at)
    with_partner, alone = (
        perform(cue, frames=84, fps=FPS, seed=3, targets=TARGETS, default_look_at="kofi", heard=h) for h in (heard, ())
    )
    nods = with_partner.joints[:, JOINT["head"], 0] - alone.joints[:, JOINT["head"], 0]
    assert np.abs(nods).max() > 0.008


def test_speech_nods_on_its_stresses() -> None:
    speaking, silent = _played("", line=True), _played("")
    assert np.ptp(speaking.joints[:, JOINT["head"], 0]) > np.ptp(silent.joints[:, JOINT["head"], 0])
