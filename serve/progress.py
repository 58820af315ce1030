"""What a render looks like in a terminal: a bar for the episode and one for each shot at work; lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from cluster import events
from monitoring.throughput import Throughput

if TYPE_CHECKING:
    from cluster.deliver import Delivery

LINES_EVERY = 5.0  # seconds between lines where there is no terminal


@contextmanager
def shown(console: Console, fps: float) -> Iterator[Callable[[events.Event], None]]:
    """Gives a function that takes each event of a render and shows how far it is; ``fps``: of the video."""
    if not console.is_terminal:
        yield _Lines(console, fps).take
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.completed}/{task.total} frames"),
        TextColumn("{task.fields[pace]}", style="dim"),
    )
    with Progress(*columns, console=console, refresh_per_second=5, transient=True) as bars:
        yield _Bars(bars, fps).take


class _Watched:
    """Counts what the events tell."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self.planned: events.Planned | None = None
        self.pace = Throughput(0, fps)

    def count(self, event: events.Event) -> None:
        now = time.monotonic()
        match event:
            case events.Planned():
                self.planned = event
                self.pace = Throughput(event.frames - event.cached_frames, self._fps)
            case events.FramesDone():
                self.pace.progress(now, event.shot_id, event.done)
            case events.TakeCommitted():
                self.pace.committed(now, event.shot_id, event.frames)
            case events.ShotRequeued():
                self.pace.lost(now, event.shot_id)

    def how_fast(self) -> str:
        now = time.monotonic()
        rate, left = self.pace.rate(now), self.pace.seconds_left(now)
        if rate is None:
            return "starting" if self.pace.left else "done"
        per_second = self.pace.seconds_per_video_second(now) or 0.0
        return f"{rate:.1f} frames/s, {per_second:.1f} s per second of video, {clock(left)} left"


class _Bars(_Watched):
    """Live bars."""

    def __init__(self, bars: Progress, fps: float) -> None:
        super().__init__(fps)
        self._bars = bars
        self._episode = bars.add_task("[bold]starting", total=None, pace="")
        self._shots: dict[str, int] = {}

    def take(self, event: events.Event) -> None:
        self.count(event)
        match event:
            case events.Planned():
                cached = f", {event.cached_shots} in the store" if event.cached_shots else ""
                self._bars.update(
                    self._episode,
                    description=f"[bold]{event.shots} shots[/]{cached}",
                    total=event.frames,
                    completed=event.cached_frames,
                )
            case events.ShotStarted():
                self._shots[event.shot_id] = self._bars.add_task(event.shot_id, total=event.frames, pace=event.host_id)
            case events.FramesDone() if event.shot_id in self._shots:
                self._bars.update(self._shots[event.shot_id], completed=event.done)
            case events.TakeCommitted() | events.ShotRequeued() | events.ShotFailed():
                if event.shot_id in self._shots:
                    self._bars.remove_task(self._shots.pop(event.shot_id))
        said = sentence(event)
        if said:
            self._bars.console.print(said, markup=False)
        if self.planned is not None:
            done = self.planned.cached_frames + self.pace.done
            self._bars.update(self._episode, completed=done, pace=self.how_fast())


class _Lines(_Watched):
    """A line now and then."""

    def __init__(self, console: Console, fps: float) -> None:
        super().__init__(fps)
        self._console = console
        self._last = 0.0

    def take(self, event: events.Event) -> None:
        self.count(event)
        said = sentence(event)
        if said:
            self._console.print(said, markup=False)
        now = time.monotonic()
        if isinstance(event, events.FramesDone) and self.planned is not None and now - self._last > LINES_EVERY:
            self._last = now
            done = self.planned.cached_frames + self.pace.done
            self._console.print(f"{done}/{self.planned.frames} frames, {self.how_fast()}", markup=False)


def sentence(event: events.Event) -> str:
    """What an event means to a person; empty for those that only move a bar."""
    match event:
        case events.Planned():
            todo = event.shots - event.cached_shots
            if not todo:
                return f"{event.shots} shots, all in the store"
            return f"{todo} of {event.shots} shots to render, {event.frames - event.cached_frames} frames"
        case events.LeaderAwaited():
            return f"waiting for {event.holder}, which renders with the same ledger"
        case events.HostLost():
            shot = f" ({event.shot_id} is queued again)" if event.shot_id else ""
            return f"host {event.host_id} was lost: {event.why}{shot}"
        case events.TakeCommitted():
            return f"{event.shot_id} done: {event.frames} frames in {event.seconds:.1f} s"
        case events.ShotRequeued():
            return f"{event.shot_id} will be tried again: {event.why}"
        case events.ShotFailed():
            return f"{event.shot_id} failed: {event.why}"
        case events.Warned():
            return event.text
    return ""


def clock(seconds: float | None) -> str:
    """1:05, or 1:02:03; "?" where it is not known."""
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def print_delivery(delivery: Delivery, console: Console) -> None:
    """Where everything is, and what it took."""
    master = delivery.master
    console.print(
        f"[bold]{escape(master.title)}[/]: {float(master.seconds):.2f} s of video in {delivery.wall_seconds:.1f} s "
        f"({delivery.seconds_per_video_second:.2f} s a second; {delivery.rendered_shots} shots rendered, "
        f"{delivery.cached_shots} from the store)"
    )
    for name, what in (
        ("master.mp4", "the signed master"),
        ("contact_sheet.jpg", "every shot at a glance"),
        ("report.html", "figures, players, rights"),
        ("usage.json", "seconds on screen of each performer"),
    ):
        console.print(f"  {escape(str(delivery.out / name))}  [dim]{what}[/]")
