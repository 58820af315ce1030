"""A host: keeps performers loaded and performs shots with them, one at a time.

A plain class; ``ray_host`` makes it a process. ``perform`` works for minutes, the other methods answer at once from
other threads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actors.leash import Leash
from actors.residency import Residency, ResidencyFacts, Resident
from jobs.episode import Episode, Shot
from jobs.manifest import roles_in
from jobs.store import FolderStore, writing
from jobs.ticket import SignedTicket, Ticket, open_ticket

Shoot = Callable[..., Any]  # actors.shoot.shoot
Permit = Callable[[Episode, Shot], None]  # raises RightsRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformedTake:
    """A finished take: its blob is in the store, and exists once the ledger says so."""

    ticket_id: str
    shot_id: str
    host_id: str
    take_key: str
    token: int  # fencing token, as the ticket had it
    sha256: str
    size: int  # bytes
    frames: int
    seconds: float  # wall time on the host, loading included
    load_seconds: float  # of which: loading performers
    loads: int  # performers loaded for it
    facts: Mapping[str, Any]  # what ``shoot`` measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A sign of life."""

    ticket_id: str | None  # what is being performed; None: nothing
    frames: int  # finished of it
    beats: int  # grows with every finished frame and stage; a host whose beats stand still hangs
    node: str  # machine name
    pid: int
    residency: ResidencyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPlan:
    """What a host is made of; sent to its process once."""

    id: str
    shoot: Shoot
    load: Callable[[Path], Resident]  # a package file -> a performer
    permit: Permit
    store: FolderStore
    public_key: bytes  # of the dispatcher that signs tickets
    budget: int  # bytes for performers
    threads: int
    leash: Leash | None = None  # ends the process when its dispatcher is gone


class PerformerHost:
    """Performs shots by ticket, with the performers it keeps loaded."""

    def __init__(self, plan: HostPlan, clock: Callable[[], float] = time.time) -> None:
        self._plan = plan
        self._clock = clock
        self._residency = Residency(plan.load, plan.budget)
        self._ticket_id: str | None = None
        self._frames = 0
        self._beats = 0
        self._results: dict[str, PerformedTake] = {}  # by ticket, until acknowledged
        self._tie = plan.leash.tie() if plan.leash else None

    def perform(self, signed: SignedTicket) -> PerformedTake:
        """Makes one take and puts it into the store.

        Raises TicketRefused, RightsRefused, StoreError, and whatever the shot itself raises. A ticket that was
        already performed gets the same result again, until it is acknowledged.
        """
        self._touch()
        ticket = open_ticket(signed, self._plan.public_key, self._plan.id, self._clock())
        if ticket.id in self._results:
            return self._results[ticket.id]
        self._ticket_id, self._frames = ticket.id, 0
        self._beats += 1
        try:
            self._plan.permit(ticket.episode, ticket.shot)  # consent may have been revoked since the plan
            take = self._make(ticket)
        finally:
            self._ticket_id = None
        self._results[ticket.id] = take
        return take

    def pulse(self) -> Pulse:
        """Answers at once, also while a shot is performed."""
        self._touch()
        return Pulse(
            ticket_id=self._ticket_id,
            frames=self._frames,
            beats=self._beats,
            node=socket.gethostname(),
            pid=os.getpid(),
            residency=self._residency.facts,
        )

    def acknowledge(self, ticket_id: str) -> None:
        """The ledger has the take: its result need not be kept."""
        self._touch()
        self._results.pop(ticket_id, None)

    def _make(self, ticket: Ticket) -> PerformedTake:
        started, before = time.perf_counter(), self._residency.facts
        store = self._plan.store
        with contextlib.ExitStack() as stack:
            staging = stack.enter_context(store.staging())
            performers = {}
            for role in roles_in(ticket.shot):
                performer = ticket.episode.cast[role].performer
                package = ticket.packages[performer.digest]
                performers[role] = stack.enter_context(self._residency.hold(performer, package))
                self._beats += 1
            loaded = self._residency.facts
            out = staging.folder / "take.mp4"
            with writing(out):
                facts = self._plan.shoot(
                    ticket.shot,
                    ticket.scene,
                    ticket.episode,
                    performers,
                    out,
                    take_key=ticket.take_key,
                    threads=self._plan.threads,
                    on_frame=self._on_frame,
                )
            blob = store.put(out)
        self._beats += 1
        return PerformedTake(
            ticket_id=ticket.id,
            shot_id=ticket.shot.id,
            host_id=self._plan.id,
            take_key=ticket.take_key,
            token=ticket.token,
            sha256=blob.sha256,
            size=blob.size,
            frames=ticket.shot.frames,
            seconds=time.perf_counter() - started,
            load_seconds=loaded.load_seconds - before.load_seconds,
            loads=loaded.loads - before.loads,
            facts=plain_facts(facts),
        )

    def _on_frame(self, done: int) -> None:
        self._frames = done
        self._beats += 1

    def _touch(self) -> None:
        if self._tie is not None:
            self._tie.touch()


def plain_facts(facts: Any) -> dict[str, Any]:
    """A dataclass or mapping of measurements as plain JSON values."""
    fields = dataclasses.asdict(facts) if dataclasses.is_dataclass(facts) else dict(facts)
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return value.tolist()
    return value
