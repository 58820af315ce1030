"""Saccades, fixations, lids and blinks."""

import numpy as np
import pytest

from actors.perform import blinks, eyes, rotation

FINE = 1 / 1000


@pytest.mark.parametrize("degrees", [1, 3, 8, 15, 30])
def test_saccades_keep_to_the_main_sequence(degrees: float) -> None:
    fixations = [eyes.Fixation(-1, 0, 0), eyes.Fixation(0.2, np.radians(degrees), 0)]
    sight = eyes.line_of_sight(np.arange(0, 0.6, FINE), fixations)
    speed = np.abs(np.diff(np.degrees(sight[:, 0]))) / FINE
    assert speed.max() <= 1.02 * eyes.peak_speed(degrees)
    assert speed.max() > 0.5 * eyes.peak_speed(degrees)
    assert np.degrees(sight[-1, 0]) == pytest.approx(degrees)


def test_a_saccade_of_ten_degrees_takes_about_fifty_milliseconds() -> None:
    assert 0.035 < eyes.saccade_seconds(10.0) < 0.065


def test_a_head_that_moves_does_not_move_what_is_looked_at() -> None:
    times = np.arange(0, 2, 1 / 24)
    head = rotation.matrix(np.stack([0.1 * np.sin(3 * times), 0.3 * np.sin(2 * times), 0.05 * np.cos(times)], 1))
    sight = np.tile([0.2, -0.05], (len(times), 1))
    gaze = eyes.gaze_in_head(sight, head)
    world = np.einsum("tij,tj->ti", head, rotation.direction(gaze[:, 0], gaze[:, 1]))
    assert np.ptp(gaze[:, 0]) > 0.3
    assert np.allclose(np.stack(rotation.angles(world), 1), sight, atol=1e-9)


def test_the_head_takes_most_of_a_large_turn_and_little_of_a_small_one() -> None:
    assert eyes.head_share(np.radians(5), 0)[0] < 0.4 * np.radians(5)
    assert eyes.head_share(np.radians(45), 0)[0] > 0.6 * np.radians(45)


def test_the_head_follows_later_than_the_eyes() -> None:
    times = np.arange(0, 1.5, FINE)
    fixations = [eyes.Fixation(-1, 0, 0), eyes.Fixation(0.2, 0.6, 0)]
    sight, head = eyes.line_of_sight(times, fixations)[:, 0], eyes.head_turn(times, fixations, 1.0)[:, 0]
    assert times[np.argmax(head > head[-1] / 2)] - times[np.argmax(sight > sight[-1] / 2)] > 0.1


def test_eyes_wander_over_a_face_and_come_back_from_every_glance_away() -> None:
    rng = np.random.default_rng(3)
    plan = eyes.plan(rng, 20.0, (0.3, 0.0), face=True, aversion=0.6, down=1.0, side=1.0, speaking=[(2.0, 5.0)])
    on = [abs(f.yaw - 0.3) < 0.04 and abs(f.pitch) < 0.06 for f in plan]
    assert 0.4 < np.mean(on) < 0.95
    assert min(f.pitch for f in plan) < -0.2  # downwards
    assert len(plan) > 15


@pytest.mark.parametrize("fps", [12, 24, 25, 30, 60])
def test_a_blink_closes_completely_in_some_frame_of_each_eye_and_opens_slower(fps: int) -> None:
    for moment in np.linspace(1.0, 1.1, 13):
        times = (np.arange(2 * fps) + 0.5) / fps
        lids = blinks.lids(times, [moment], 1 / fps)
        assert lids.max(axis=0) == pytest.approx([1.0, 1.0])
        assert lids[0].max() == lids[-1].max() == 0
    fine = np.arange(0, 2, FINE)
    lid = blinks.lids(fine, [1.0], 1 / 24)[:, 0]
    closing = np.count_nonzero((fine < 1) & (lid > 0.02) & (lid < 0.98))
    opening = np.count_nonzero((fine > 1) & (lid > 0.02) & (lid < 0.98))
    assert opening > 1.5 * closing


def test_blinks_come_at_the_asked_rate_and_never_on_each_others_heels() -> None:
    found = blinks.blink_times(np.random.default_rng(1), 600.0, 0.4, [])
    assert 600 * 0.4 * 0.6 < len(found) < 600 * 0.4
    assert np.diff(found).min() >= 0.9


def test_an_invited_blink_is_taken() -> None:
    found = blinks.blink_times(np.random.default_rng(1), 3.0, 1e-6, [(1.5, 1.0)])
    assert found == [1.5]


def test_lids_follow_the_eyes_down() -> None:
    closed, wide = eyes.lid_coupling(np.array([-0.4, 0.0, 0.4]))
    assert closed[0] > 0.25 > closed[1] == closed[2] == 0
    assert wide[2] > 0.2 > wide[1] == wide[0] == 0
