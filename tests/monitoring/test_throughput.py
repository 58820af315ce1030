import pytest

from monitoring.throughput import WINDOW, Throughput


def steady(throughput: Throughput, shot: str, frames: int, *, start: float, rate: float) -> float:
    """Reports every frame of a shot, and returns the time of the last one."""
    for frame in range(1, frames + 1):
        at = start + frame / rate
        throughput.progress(at, shot, frame)
    throughput.committed(at, shot, frames)
    return at


def test_nothing_is_foretold_before_frames_came() -> None:
    throughput = Throughput(100, 24)
    assert throughput.rate(10.0) is None and throughput.seconds_left(10.0) is None
    throughput.progress(11.0, "a", 1)
    assert throughput.rate(12.0) is None


def test_starting_up_does_not_count() -> None:
    throughput = Throughput(200, 24)
    at = steady(throughput, "a", 100, start=60.0, rate=10.0)  # a minute of compiling comes first
    assert throughput.rate(at) == pytest.approx(10.0, rel=0.02)
    assert throughput.seconds_left(at) == pytest.approx(10.0, rel=0.02)


def test_two_hosts_add_up() -> None:
    throughput = Throughput(400, 24)
    for frame in range(1, 51):
        throughput.progress(frame / 5, "a", frame)
        throughput.progress(frame / 5 + 0.01, "b", frame)
    assert throughput.rate(10.0) == pytest.approx(10.0, rel=0.05)


def test_the_rate_follows_a_change_of_speed() -> None:
    throughput = Throughput(10_000, 24)
    at = steady(throughput, "a", 600, start=0.0, rate=20.0)
    at = steady(throughput, "b", 300, start=at, rate=5.0)
    assert throughput.rate(at) == pytest.approx(5.0, rel=0.1)


def test_a_pause_lowers_the_rate_but_never_to_nothing() -> None:
    throughput = Throughput(1000, 24)
    at = steady(throughput, "a", 100, start=0.0, rate=10.0)
    assert 0 < throughput.rate(at + 3 * WINDOW) < 10.0


def test_a_lost_take_gives_its_frames_back() -> None:
    throughput = Throughput(100, 24)
    throughput.progress(1.0, "a", 30)
    throughput.lost(2.0, "a")
    assert throughput.done == 0 and throughput.left == 100


def test_a_report_that_comes_late_does_not_undo_a_commit() -> None:
    throughput = Throughput(100, 24)
    throughput.committed(1.0, "a", 40)
    throughput.progress(1.1, "a", 38)
    throughput.lost(1.2, "a")
    assert throughput.done == 40


def test_a_shot_that_is_given_up_is_not_waited_for() -> None:
    throughput = Throughput(100, 24)
    throughput.progress(1.0, "a", 10)
    throughput.given_up(2.0, "a", 60)
    assert throughput.left == 40


def test_an_episode_that_is_all_cached_has_nothing_left() -> None:
    assert Throughput(0, 24).seconds_left(0.0) == 0.0


def test_seconds_per_video_second_is_the_frame_rate_over_the_rate() -> None:
    throughput = Throughput(480, 24)
    at = steady(throughput, "a", 240, start=0.0, rate=12.0)
    assert throughput.seconds_per_video_second(at) == pytest.approx(2.0, rel=0.02)
