"""What a render tells while it runs: for progress displays and logs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The first event: how much there is to do."""

    shots: int
    frames: int
    cached_shots: int  # found in the store
    cached_frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderAwaited:
    """Another process renders with the same ledger; this one waits."""

    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStarted:
    host_id: str
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLost:
    """A host died or hung and was killed; a fresh one takes its place."""

    host_id: str
    shot_id: str | None  # what it was performing; queued again
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotStarted:
    shot_id: str
    host_id: str
    frames: int  # of the whole shot


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesDone:
    shot_id: str
    host_id: str
    done: int  # of this take so far
    frames: int  # of the whole shot


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCommitted:
    shot_id: str
    host_id: str
    frames: int
    seconds: float  # wall time on the host


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotRequeued:
    """A take came to nothing; the shot will be tried again."""

    shot_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotFailed:
    """A shot was given up."""

    shot_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    text: str


Event = (
    Planned
    | LeaderAwaited
    | HostStarted
    | HostLost
    | ShotStarted
    | FramesDone
    | TakeCommitted
    | ShotRequeued
    | ShotFailed
    | Warned
)
