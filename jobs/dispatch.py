"""Which shot goes to which host: a snapshot in, assignments and reasons out.

Nothing is read or kept between calls, so the simulator asks the same function. Shots that differ only in age are
grouped, so that a long queue costs as much as its number of distinct casts.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A shot in the queue."""

    shot_id: str
    project: str
    queued_at: float  # seconds, same clock as ``now``
    position: int = 0  # breaks ties: playing order
    priority: int = 0  # class; higher goes first
    deadline: float | None = None  # when it has to be rendered
    cost: float = 0.0  # seconds of work left on it
    needs: Mapping[str, int] = field(default_factory=dict)  # performer digest -> bytes
    barred: frozenset[str] = frozenset()  # hosts it failed on


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host as the dispatcher sees it."""

    id: str
    resident: frozenset[str] = frozenset()  # performer digests
    budget: int = 1 << 62  # bytes for performers
    speed: float = 1.0  # work per second, 1: the reference host
    shot_id: str | None = None  # what it performs; None: free
    project: str | None = None  # whom it performs for
    free_at: float | None = None  # when it is expected to be free; None: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The weights of the score, in seconds of waiting that each is worth."""

    priority: float = 600.0  # one class
    urgency: float = 900.0  # no slack left before the deadline
    horizon: float = 3600.0  # slack above which a deadline does not press, seconds
    fairness: float = 120.0  # a project that holds none of the hosts against one that holds all
    residency: float = 30.0  # every performer already there
    load_seconds: float = 1.0  # what loading costs at least, per performer
    load_rate: float = 200e6  # bytes loaded per second
    patience: float = 10.0  # longest wait for a host that has the performers, seconds


@dataclass(frozen=True, slots=True)
class Assignment:
    shot_id: str
    host_id: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who performs what now, and why every other shot waits."""

    assignments: tuple[Assignment, ...]
    reasons: Mapping[str, str]  # shot id -> one sentence


def choose(queue: Sequence[Waiting], hosts: Sequence[Host], now: float, policy: Policy | None = None) -> Decision:
    """Assigns at most one shot to each free host, best score first; deterministic."""
    policy = policy or Policy()
    groups = _grouped(queue)
    free = {host.id: host for host in hosts if host.shot_id is None}
    busy = [host for host in hosts if host.shot_id is not None]
    held = Counter(host.project for host in busy)
    assignments: list[Assignment] = []
    reasons: dict[str, str] = {}
    passed: set[tuple[int, str]] = set()  # (group, host) pairs that wait for a better host
    while free and groups:
        best = None
        for key, group in groups.items():
            shot = group[0][2]
            for host in free.values():
                if host.id in shot.barred or (id(group), host.id) in passed:
                    continue
                rank = (score(shot, host, now, policy, held, len(hosts)), -shot.queued_at, -shot.position)
                if best is None or rank > best[0]:
                    best = (rank, key, host)
        if best is None:
            break
        _, key, host = best
        shot = groups[key][0][2]
        warmer = _worth_waiting_for(shot, host, busy, now, policy)
        if warmer is not None:
            passed.add((id(groups[key]), host.id))
            reasons[shot.shot_id] = f"waits for {warmer.id}, which has its performers loaded"
            continue
        heapq.heappop(groups[key])
        if not groups[key]:
            del groups[key]
        del free[host.id]
        held[shot.project] += 1
        assignments.append(Assignment(shot.shot_id, host.id))
    chosen = {assignment.shot_id for assignment in assignments}
    why: dict[frozenset[str], str] = {}  # by the hosts a shot is barred from: all else is the same for all
    for shot in queue:
        if shot.shot_id in chosen:
            reasons.pop(shot.shot_id, None)
        elif shot.shot_id not in reasons:
            if shot.barred not in why:
                why[shot.barred] = _why(shot, hosts, free)
            reasons[shot.shot_id] = why[shot.barred]
    return Decision(tuple(assignments), reasons)


def score(shot: Waiting, host: Host, now: float, policy: Policy, held: Mapping[str | None, int], hosts: int) -> float:
    """How much ``host`` should take ``shot`` now, in seconds of waiting.

    Every term but age is bounded, so a shot that waits long enough goes before any other: nothing starves.
    """
    missing = [digest for digest in shot.needs if digest not in host.resident]
    resident = 1.0 - len(missing) / len(shot.needs) if shot.needs else 1.0
    return (
        (now - shot.queued_at)
        + policy.priority * shot.priority
        + policy.urgency * _urgency(shot, host, now, policy)
        + policy.fairness * (1.0 - held.get(shot.project, 0) / max(hosts, 1))
        + policy.residency * resident
        - _load_cost(shot, host, policy)
    )


def _urgency(shot: Waiting, host: Host, now: float, policy: Policy) -> float:
    """0: the deadline is far or there is none; 1: it can just be met, or is missed."""
    if shot.deadline is None:
        return 0.0
    slack = shot.deadline - now - shot.cost / host.speed
    return min(max(1.0 - slack / policy.horizon, 0.0), 1.0)


def _load_cost(shot: Waiting, host: Host, policy: Policy) -> float:
    """Seconds to load what is missing, at most ten minutes so that no score runs away."""
    missing = [size for digest, size in shot.needs.items() if digest not in host.resident]
    return min(sum(policy.load_seconds + size / policy.load_rate for size in missing), 600.0)


def _worth_waiting_for(shot: Waiting, host: Host, busy: Iterable[Host], now: float, policy: Policy) -> Host | None:
    """The busy host that has more of the shot's performers and is free sooner than ``host`` could load them."""
    load = _load_cost(shot, host, policy)
    if load <= 0.0 or now - shot.queued_at >= policy.patience:
        return None
    warm = [
        other
        for other in busy
        if other.free_at is not None
        and other.id not in shot.barred
        and other.free_at - now < policy.patience - (now - shot.queued_at)
        and max(other.free_at - now, 0.0) + _load_cost(shot, other, policy) < load
    ]
    return min(warm, key=lambda other: (other.free_at, other.id), default=None)


def _grouped(queue: Sequence[Waiting]) -> dict[tuple, list[tuple[float, int, Waiting]]]:
    """Heaps, oldest first, of shots that any host scores alike but for their age."""
    groups: dict[tuple, list[tuple[float, int, Waiting]]] = {}
    casts: dict[tuple, tuple] = {}
    for order, shot in enumerate(sorted(queue, key=lambda shot: (shot.queued_at, shot.position))):
        cast = tuple(sorted(shot.needs.items()))
        cast = casts.setdefault(cast, cast)
        key = (cast, shot.project, shot.priority, shot.deadline, shot.barred)
        groups.setdefault(key, []).append((shot.queued_at, order, shot))  # sorted, so already a heap
    return groups


def _why(shot: Waiting, hosts: Sequence[Host], free: Mapping[str, Host]) -> str:
    if not hosts:
        return "waits for a host to start"
    able = [host for host in hosts if host.id not in shot.barred]
    if not able:
        return "failed on every host; waits for a fresh one"
    if all(host.id not in free for host in able):
        names = ", ".join(sorted(host.id for host in able)[:4])
        return f"waits for a free host: {names} {'is' if len(able) == 1 else 'are'} at work on other shots"
    return "waits its turn behind shots that score higher"
