"""How fast a render goes and when it will be done, from the frames it reports. Pure: times come in.

Cached shots never count. The time before the first frame (starting, compiling) is not part of the rate, and a take
that is lost gives its frames back.
"""

from __future__ import annotations

from collections import deque

WINDOW = 20.0  # seconds the rate looks back
WARM_FRAMES = 3  # before these nothing is foretold


class Throughput:
    """Frames a second and time left of one render. Times are seconds on any clock that only goes forward."""

    def __init__(self, frames: int, fps: float) -> None:
        """``frames``: to be rendered, without the cached ones; ``fps``: of the video."""
        assert frames >= 0 and fps > 0
        self._frames = frames
        self._fps = fps
        self._finished: set[str] = set()
        self._shots: dict[str, int] = {}  # shot -> frames done of its take
        self._total = 0
        self._history: deque[tuple[float, int]] = deque()  # (time, frames done by then)
        self._first: tuple[float, int] | None = None  # when frames began to come, and how many at once

    @property
    def done(self) -> int:
        """Frames that are rendered and not lost."""
        return self._total

    @property
    def left(self) -> int:
        return max(self._frames - self._total, 0)

    def progress(self, at: float, shot_id: str, done: int) -> None:
        """``done`` frames of a shot's present take are finished."""
        if shot_id not in self._finished:
            self._set(at, shot_id, done)

    def committed(self, at: float, shot_id: str, frames: int) -> None:
        """A shot's take is in the ledger with all its frames."""
        self._set(at, shot_id, frames)
        self._finished.add(shot_id)

    def lost(self, at: float, shot_id: str) -> None:
        """A shot's take came to nothing: its frames have to be rendered again."""
        if shot_id not in self._finished:
            self._set(at, shot_id, 0)
            self._history.clear()  # a rate across the loss would be too low
            self._history.append((at, self._total))

    def given_up(self, at: float, shot_id: str, frames: int) -> None:
        """A shot will not be rendered: its ``frames`` are no longer waited for."""
        self.lost(at, shot_id)
        self._finished.add(shot_id)
        self._frames = max(self._frames - frames, 0)

    def rate(self, at: float) -> float | None:
        """Frames a second over the last WINDOW seconds; None until enough came to tell."""
        if self._first is None or self._total - self._first[1] < WARM_FRAMES:
            return None
        while len(self._history) > 2 and self._history[1][0] <= at - WINDOW:
            self._history.popleft()
        since, before = self._history[0]
        seconds = at - since
        if seconds <= 0 or self._total <= before:
            return self._overall(at)
        return (self._total - before) / seconds

    def seconds_left(self, at: float) -> float | None:
        """Wall seconds until the last frame; None while no rate is known; 0 when nothing is left."""
        if not self.left:
            return 0.0
        rate = self.rate(at)
        return self.left / rate if rate else None

    def seconds_per_video_second(self, at: float) -> float | None:
        """Wall seconds for one second of video at the present rate."""
        rate = self.rate(at)
        return self._fps / rate if rate else None

    def _overall(self, at: float) -> float | None:
        since, before = self._first
        return (self._total - before) / (at - since) if at > since and self._total > before else None

    def _set(self, at: float, shot_id: str, done: int) -> None:
        self._total += done - self._shots.get(shot_id, 0)
        self._shots[shot_id] = done
        if self._first is None and self._total:
            self._first = (at, self._total)
        if self._first is not None:
            self._history.append((at, self._total))
