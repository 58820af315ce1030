"""The states of episodes, shots and takes, and every transition that is legal between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class EpisodeState(StrEnum):
    QUEUED = "queued"  # accepted; nothing rendered for it yet
    RENDERING = "rendering"
    RENDERED = "rendered"  # every shot has a committed take
    DELIVERED = "delivered"  # its master is in the ledger
    FAILED = "failed"  # at least one shot was given up


class ShotState(StrEnum):
    QUEUED = "queued"
    RENDERING = "rendering"  # leased to a host
    DONE = "done"  # joined to a committed take
    FAILED = "failed"  # given up: failed on two hosts, or refused
    RETIRED = "retired"  # no longer in its episode's call sheet


class TakeState(StrEnum):
    RENDERING = "rendering"
    COMMITTED = "committed"  # the blob exists and the ledger says so
    FAILED = "failed"  # the host reported an error
    REVOKED = "revoked"  # the lease was taken away: host lost, cancelled, new leader
    LOST = "lost"  # was committed, but its blob is missing or damaged


State = EpisodeState | ShotState | TakeState

EPISODE_MOVES: Mapping[EpisodeState, frozenset[EpisodeState]] = {
    EpisodeState.QUEUED: frozenset({EpisodeState.RENDERING, EpisodeState.RENDERED, EpisodeState.FAILED}),
    EpisodeState.RENDERING: frozenset({EpisodeState.QUEUED, EpisodeState.RENDERED, EpisodeState.FAILED}),
    EpisodeState.RENDERED: frozenset({EpisodeState.QUEUED, EpisodeState.DELIVERED}),
    EpisodeState.DELIVERED: frozenset({EpisodeState.QUEUED, EpisodeState.RENDERED}),
    EpisodeState.FAILED: frozenset({EpisodeState.QUEUED}),
}
SHOT_MOVES: Mapping[ShotState, frozenset[ShotState]] = {
    ShotState.QUEUED: frozenset({ShotState.RENDERING, ShotState.DONE, ShotState.FAILED, ShotState.RETIRED}),
    ShotState.RENDERING: frozenset({ShotState.QUEUED, ShotState.DONE, ShotState.FAILED, ShotState.RETIRED}),
    ShotState.DONE: frozenset({ShotState.QUEUED, ShotState.RETIRED}),
    ShotState.FAILED: frozenset({ShotState.QUEUED, ShotState.DONE, ShotState.RETIRED}),
    ShotState.RETIRED: frozenset({ShotState.QUEUED, ShotState.DONE}),
}
TAKE_MOVES: Mapping[TakeState, frozenset[TakeState]] = {
    TakeState.RENDERING: frozenset({TakeState.COMMITTED, TakeState.FAILED, TakeState.REVOKED}),
    TakeState.COMMITTED: frozenset({TakeState.LOST}),
    TakeState.FAILED: frozenset(),
    TakeState.REVOKED: frozenset(),
    TakeState.LOST: frozenset(),
}


def moves(state: State) -> frozenset[State]:
    """The states that ``state`` may turn into."""
    for table in (EPISODE_MOVES, SHOT_MOVES, TAKE_MOVES):
        for source, targets in table.items():
            if source is state:
                return frozenset(targets)
    raise AssertionError(f"no transitions are written down for {state!r}")


def sources(target: State) -> tuple[str, ...]:
    """The states that may turn into ``target``: what a conditional UPDATE asks the old state to be."""
    found = tuple(str(state) for state in type(target) if target in moves(state))
    assert found or target in (EpisodeState.QUEUED, TakeState.RENDERING), f"nothing leads to {target!r}"
    return found
