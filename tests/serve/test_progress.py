import io
import re

import pytest
from rich.console import Console

from cluster import events
from serve.progress import clock, sentence, shown


def said(happenings: list[events.Event], *, terminal: bool = False) -> str:
    out = io.StringIO()
    with shown(Console(file=out, force_terminal=terminal, width=120), 24.0) as tell:
        for event in happenings:
            tell(event)
    return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue()).split())


HAPPENINGS = [
    events.Planned(shots=3, frames=100, cached_shots=1, cached_frames=40),
    events.ShotStarted(shot_id="e/s/1", host_id="h1", frames=30),
    events.FramesDone(shot_id="e/s/1", host_id="h1", done=30, frames=30),
    events.TakeCommitted(shot_id="e/s/1", host_id="h1", frames=30, seconds=2.5),
    events.HostLost(host_id="h1", shot_id="e/s/2", why="killed by signal 9"),
]


@pytest.mark.parametrize("terminal", [False, True])
def test_a_render_is_told_as_it_goes(terminal: bool) -> None:
    text = said(HAPPENINGS, terminal=terminal)
    assert "2 of 3 shots to render, 60 frames" in text
    assert "e/s/1 done: 30 frames in 2.5 s" in text
    assert "host h1 was lost: killed by signal 9 (e/s/2 is queued again)" in text


def test_frames_are_counted_with_those_in_the_store() -> None:
    assert "70/100 frames" in said(HAPPENINGS)


def test_a_fully_cached_episode_says_so() -> None:
    assert "all in the store" in sentence(events.Planned(shots=2, frames=9, cached_shots=2, cached_frames=9))


def test_times_read_like_a_clock() -> None:
    assert [clock(65.2), clock(3723), clock(None)] == ["1:05", "1:02:03", "?"]
