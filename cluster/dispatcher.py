"""The dispatcher: leases shots to hosts, watches them, commits what they made.

Nothing of Ray is known here; ``hosts`` runs the processes. One thread; every wait ends within a fifth of a second.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from actors.host import HostPlan
from actors.leash import Leash
from cluster.crew import Crew
from cluster.events import (
    Event,
    FramesDone,
    HostLost,
    HostStarted,
    ShotFailed,
    ShotRequeued,
    ShotStarted,
    TakeCommitted,
    Warned,
)
from cluster.hosts import Hosts, Lost, Performed, Pulsed, Refused, Report
from cluster.roster import HostAtWork, Work, as_seen, overdue, waiting_shots
from cluster.settings import Settings
from cluster.slots import Slot
from jobs import dispatch, ledger_records, ledger_takes, ledger_work
from jobs.episode import Episode, Scene, Shot
from jobs.errors import FarmError, RightsRefused
from jobs.ledger import Ledger, LedgerUnusable
from jobs.ledger_leader import Leader, renew
from jobs.manifest import Manifest
from jobs.states import ShotState, TakeState
from jobs.store import Blob, BlobDamaged, FolderStore, StoreError
from jobs.ticket import Ticket, TicketRefused, public_bytes, sign, ticket_key

POLL_SECONDS = 0.2
DEATHS = 4  # hosts that may die over one shot before it is given up
EXPLAIN_SECONDS = 2.0  # between two writings of why shots wait


class HostsKeepDying(FarmError):
    """No host stays alive long enough to finish a shot."""

    def __init__(self, count: int, why: str) -> None:
        super().__init__(count, why)

    def __str__(self) -> str:
        return (
            "{} hosts died one after the other without finishing a shot; the last one: {}; free some memory or run "
            "fewer hosts (GREENROOM_HOSTS=1), and look with `greenroom doctor`"
        ).format(*self.args)


class Dispatcher:
    """Renders the shots of one episode that are not done."""

    def __init__(
        self,
        episode: Episode,
        manifests: Sequence[Manifest],
        *,
        crew: Crew,
        hosts: Hosts,
        slots: Sequence[Slot],
        ledger: Ledger,
        leader: Leader,
        store: FolderStore,
        settings: Settings,
        tell: Callable[[Event], None],
        cancelled: threading.Event,
        policy: dispatch.Policy | None = None,
        leash: Leash | None = None,
    ) -> None:
        self._episode, self._crew, self._hosts, self._slots = episode, crew, hosts, slots
        self._ledger, self._leader, self._store, self._settings = ledger, leader, store, settings
        self._tell, self._cancelled, self._policy, self._leash = tell, cancelled, policy, leash
        self._key = ticket_key(settings.keys)
        self._shots: dict[str, tuple[Scene, Shot]] = {
            shot.id: (scene, shot) for scene in episode.scenes for shot in scene.shots
        }
        self._packages: dict[str, Path] = {
            role.performer.digest: crew.locate(role.performer) for role in episode.cast.values()
        }
        self._manifests = {manifest.shot_id: manifest for manifest in manifests}
        self._queue: dict[str, dispatch.Waiting] = {}
        self._live: dict[str, HostAtWork] = {}
        self._refusals: defaultdict[str, set[str]] = defaultdict(set)  # shot -> hosts it failed on
        self._deaths: Counter[str] = Counter()  # shot -> hosts that died over it
        self._barren = 0  # hosts lost since a shot was last finished
        self._renew_at = self._explain_at = 0.0
        self._frame_seconds: float | None = None  # of one host, measured
        self.failed: dict[str, str] = {}  # shot -> why it was given up
        self.loads = 0  # of performers, by all hosts that still answer

    def start_hosts(self) -> None:
        """Begins to start one host per slot; returns at once."""
        for slot in self._slots:
            self._start(slot)

    def run(self) -> None:
        """Until every shot is done or given up, or ``cancelled`` is set. Hosts are left to ``close``.

        Raises RightsRefused, StoreError, LedgerUnusable, LeadershipLost, HostsKeepDying.
        """
        self._queue = waiting_shots(self._ledger, self._episode, self._manifests)
        while self._queue or any(host.work for host in self._live.values()):
            if self._cancelled.is_set():
                return
            self._lead()
            self._assign()
            for report in self._hosts.poll(POLL_SECONDS):
                self._take_in(report)
            self._watch()

    def close(self) -> None:
        """Takes back all leases and ends the hosts; safe after any error."""
        # All of this leader's leases: an interrupt may come between the lease and the note of who has it.
        with contextlib.suppress(ledger_takes.StaleLease, LedgerUnusable):
            ledger_takes.revoke_leases(
                self._ledger, self._leader, time.time(), failure="cancelled", error="the render stopped"
            )
        for host_id, host in list(self._live.items()):
            self._hosts.kill(host_id)
            with contextlib.suppress(LedgerUnusable):
                self._close_row(host_id, host, "the render ended")
        self._live.clear()
        self._hosts.close()

    def _lead(self) -> None:
        if time.monotonic() >= self._renew_at:
            renew(self._ledger, self._leader, time.time(), self._settings.lease_seconds)
            running = [host.work.lease for host in self._live.values() if host.work is not None]
            ledger_takes.extend(self._ledger, self._leader, running, time.time() + self._settings.lease_seconds)
            self._renew_at = time.monotonic() + self._settings.lease_seconds / 3

    def _start(self, slot: Slot) -> None:
        host_id = f"host{slot.index}-{uuid.uuid4().hex[:6]}"
        plan = HostPlan(
            id=host_id,
            shoot=self._crew.shoot,
            load=self._crew.load,
            permit=self._crew.permit,
            store=self._store,
            public_key=public_bytes(self._key),
            budget=slot.budget,
            threads=slot.threads,
            leash=self._leash,
        )
        self._hosts.start(plan, slot)
        self._live[host_id] = HostAtWork(slot, heard=time.monotonic())

    def _assign(self) -> None:
        now = time.time()
        project = self._episode.project.id
        hosts = [
            as_seen(host_id, host, project, self._frame_seconds, now)
            for host_id, host in self._live.items()
            if host.pulse is not None
        ]
        decision = dispatch.choose(list(self._queue.values()), hosts, now, self._policy)
        for assignment in decision.assignments:
            self._send(assignment.shot_id, assignment.host_id, now)
        if decision.reasons and time.monotonic() >= self._explain_at:
            ledger_work.explain(self._ledger, decision.reasons)
            self._explain_at = time.monotonic() + EXPLAIN_SECONDS
        self._refresh_hosts()

    def _send(self, shot_id: str, host_id: str, now: float) -> None:
        seconds = self._settings.lease_seconds
        lease = ledger_takes.lease_shot(self._ledger, self._leader, shot_id, host_id, now, seconds)
        self._queue.pop(shot_id)
        if lease is None:
            return  # done or taken since the queue was read
        scene, shot = self._shots[shot_id]
        ticket = Ticket(
            id=uuid.uuid4().hex,
            take_key=lease.take_key,
            host_id=host_id,
            token=lease.token,
            expires_at=now + self._settings.first_frame_seconds,
            shot=shot,
            scene=scene,
            episode=self._episode,
            packages=self._packages,
        )
        host = self._live[host_id]
        host.work = Work(lease, ticket.id, time.monotonic(), 0, shot.frames)
        host.beat_at = time.monotonic()
        self._hosts.send(host_id, ticket.id, sign(ticket, self._key))
        self._tell(ShotStarted(shot_id=shot_id, host_id=host_id, frames=shot.frames))

    def _refresh_hosts(self) -> None:
        """A shot that failed on every host that is left gets a fresh one to fail or succeed on."""
        for shot in self._queue.values():
            if shot.barred and all(host_id in shot.barred for host_id in self._live):
                idle = next((host_id for host_id, host in self._live.items() if host.work is None), None)
                if idle is not None:
                    slot = self._live[idle].slot
                    self._retire(idle, f"replaced: {shot.shot_id} failed on every host")
                    self._start(slot)

    def _take_in(self, report: Report) -> None:
        host = self._live.get(report.host_id)
        if host is None:
            return  # killed meanwhile
        host.heard = time.monotonic()
        if isinstance(report, Pulsed):
            self._pulsed(report, host)
        elif isinstance(report, Performed):
            self._performed(report, host)
        elif isinstance(report, Refused):
            self._refused(report, host)
        elif isinstance(report, Lost):
            self._lose(report.host_id, report.why)

    def _pulsed(self, report: Pulsed, host: HostAtWork) -> None:
        pulse = report.pulse
        if host.pulse is None:
            ledger_records.record_host(
                self._ledger,
                report.host_id,
                node=pulse.node,
                slot=host.slot.index,
                threads=host.slot.threads,
                now=time.time(),
            )
            self._tell(HostStarted(host_id=report.host_id, threads=host.slot.threads))
        host.pulse = pulse
        if pulse.beats != host.beats:
            host.beats, host.beat_at = pulse.beats, time.monotonic()
        if host.work is not None and pulse.ticket_id == host.work.ticket_id and pulse.frames > host.work.frames:
            host.work = replace(host.work, frames=pulse.frames)
            lease = host.work.lease
            self._frame_seconds = (time.monotonic() - host.work.started) / pulse.frames
            self._tell(
                FramesDone(shot_id=lease.shot_id, host_id=report.host_id, done=pulse.frames, frames=host.work.total)
            )

    def _performed(self, report: Performed, host: HostAtWork) -> None:
        take, work = report.take, host.work
        if work is None or take.ticket_id != work.ticket_id:
            return  # an older ticket's
        host.work = None
        blob = Blob(take.sha256, take.size)
        damage = self._store.damage(blob, deep=True)
        if damage is not None:
            raise BlobDamaged(str(self._store.path(blob.sha256)), damage)
        facts = {
            "seconds": take.seconds,
            "load_seconds": take.load_seconds,
            "loads": take.loads,
            "frames": take.frames,
            "shoot": take.facts,
        }
        try:
            ledger_takes.commit_take(
                self._ledger,
                self._leader,
                work.lease,
                time.time(),
                sha256=take.sha256,
                size=take.size,
                facts=facts,
            )
        except ledger_takes.StaleLease as error:
            self._tell(Warned(text=str(error)))
            return
        self._hosts.acknowledge(report.host_id, take.ticket_id)
        self._barren = 0
        self.loads += take.loads
        self._tell(
            TakeCommitted(shot_id=take.shot_id, host_id=report.host_id, frames=take.frames, seconds=take.seconds)
        )

    def _refused(self, report: Refused, host: HostAtWork) -> None:
        work, error = host.work, report.error
        if work is None or report.ticket_id != work.ticket_id:
            return
        host.work = None
        shot_id, text = work.lease.shot_id, _described(error)
        if isinstance(error, StoreError):
            self._end(work.lease, TakeState.REVOKED, ShotState.QUEUED, "store", text)
            raise error
        if isinstance(error, RightsRefused):
            self._end(work.lease, TakeState.FAILED, ShotState.FAILED, "rights", text)
            raise error
        if isinstance(error, MemoryError | TicketRefused):
            self._requeue_after_death(work.lease, "infrastructure", text)
            return
        self._refusals[shot_id].add(report.host_id)
        if len(self._refusals[shot_id]) >= 2:
            self._give_up(work.lease, TakeState.FAILED, "deterministic", text)
            return
        self._end(work.lease, TakeState.FAILED, ShotState.QUEUED, "deterministic", text)
        self._tell(ShotRequeued(shot_id=shot_id, why=f"failed on {report.host_id}: {text}"))
        self._wait_again(shot_id)

    def _lose(self, host_id: str, why: str) -> None:
        """A host is dead, or is killed because it hangs: its shot is queued again, a fresh host takes its place."""
        host = self._live[host_id]
        self._barren += 1
        work, host.work = host.work, None
        self._retire(host_id, why, host)
        self._tell(HostLost(host_id=host_id, shot_id=work.lease.shot_id if work else None, why=why))
        if work is not None:
            self._requeue_after_death(work.lease, "infrastructure", why)
        if self._barren > 4 + 2 * len(self._slots):
            raise HostsKeepDying(self._barren, why)
        self._start(host.slot)

    def _retire(self, host_id: str, why: str, host: HostAtWork | None = None) -> None:
        host = host or self._live[host_id]
        self._hosts.kill(host_id)
        self._live.pop(host_id, None)
        self._close_row(host_id, host, why)

    def _close_row(self, host_id: str, host: HostAtWork, why: str) -> None:
        if host.pulse is None:
            return  # it never got a row
        residency = host.pulse.residency
        facts = {name: value for name, value in asdict(residency).items() if name != "resident"}
        ledger_records.end_host(self._ledger, host_id, why=why, now=time.time(), pid=host.pulse.pid, facts=facts)
        ledger_records.weigh_performers(self._ledger, dict(residency.resident))

    def _requeue_after_death(self, lease: ledger_takes.Lease, failure: str, why: str) -> None:
        self._deaths[lease.shot_id] += 1
        if self._deaths[lease.shot_id] >= DEATHS:
            self._give_up(lease, TakeState.REVOKED, failure, f"{DEATHS} hosts died performing it; the last one: {why}")
            return
        self._end(lease, TakeState.REVOKED, ShotState.QUEUED, failure, why)
        self._tell(ShotRequeued(shot_id=lease.shot_id, why=why))
        self._wait_again(lease.shot_id)

    def _wait_again(self, shot_id: str) -> None:
        waiting = waiting_shots(self._ledger, self._episode, self._manifests)[shot_id]
        self._queue[shot_id] = replace(waiting, barred=frozenset(self._refusals[shot_id]))

    def _give_up(self, lease: ledger_takes.Lease, take: TakeState, failure: str, text: str) -> None:
        self._end(lease, take, ShotState.FAILED, failure, text)
        self.failed[lease.shot_id] = text
        self._tell(ShotFailed(shot_id=lease.shot_id, why=text))

    def _end(self, lease: ledger_takes.Lease, take: TakeState, shot: ShotState, failure: str, error: str) -> None:
        ledger_takes.end_take(
            self._ledger, self._leader, lease, time.time(), take=take, shot=shot, failure=failure, error=error
        )

    def _watch(self) -> None:
        """Kills hosts that do not start, do not answer, or do not get on."""
        for host_id, host in list(self._live.items()):
            why = overdue(host, self._settings, time.monotonic())
            if why is not None:
                self._lose(host_id, why)


def _described(error: BaseException) -> str:
    return str(error) if isinstance(error, FarmError) else f"{type(error).__name__}: {error}"
