"""The farm on this machine: renders an episode's missing shots and returns its takes.

Ray and host processes start only when something has to be rendered. Start reading at ``render_episode``.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actors.leash import Leash
from cluster.breakdown import breakdown
from cluster.crew import Crew
from cluster.dispatcher import Dispatcher
from cluster.events import Event, LeaderAwaited, Planned, Warned
from cluster.hosts import Hosts
from cluster.settings import Settings
from cluster.slots import Slot, cores, divide, memory
from jobs import ledger_records, ledger_takes, ledger_work
from jobs.episode import Episode
from jobs.errors import FarmError
from jobs.ledger import Ledger, process_name
from jobs.ledger_leader import Leader, LedgerLed, lead, resign
from jobs.ledger_work import CommittedTake
from jobs.manifest import Manifest
from jobs.store import Blob, FolderStore

RETRY_SECONDS = 0.5  # between two attempts to become leader


class ShotsFailed(FarmError):
    """Some shots were given up."""

    def __init__(self, failed: tuple[tuple[str, str], ...]) -> None:
        super().__init__(failed)

    def __str__(self) -> str:
        (failed,) = self.args
        lines = [f"  {shot_id}: {why}" for shot_id, why in failed]
        return "\n".join(
            [f"{len(failed)} shots failed on two hosts; correct them and run the same command again:", *lines]
        )


class Cancelled(FarmError):
    """The render was stopped on request."""

    def __init__(self, done: int, shots: int) -> None:
        super().__init__(done, shots)

    def __str__(self) -> str:
        return "stopped with {} of {} shots done; run the same command again to go on".format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotTake:
    """The take a shot is joined to."""

    shot_id: str
    take_key: str
    path: Path  # of the blob; read only
    sha256: str
    size: int  # bytes
    frames: int
    cached: bool  # True: it was there before this render
    render_seconds: float  # wall time on the host when it was rendered
    host_id: str
    attempt: int
    facts: Mapping[str, Any]  # what ``shoot`` measured


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeResult:
    """A render's outcome; ``takes`` is in playing order and lacks the shots in ``failed``."""

    episode_id: str
    takes: tuple[ShotTake, ...]
    failed: Mapping[str, str]  # shot id -> why it was given up
    shots: int
    wall_seconds: float
    performer_loads: int

    @property
    def cancelled(self) -> bool:
        return len(self.takes) + len(self.failed) < self.shots

    def complete(self) -> EpisodeResult:
        """Itself, when every shot has its take. Raises ShotsFailed or Cancelled."""
        if self.failed:
            raise ShotsFailed(tuple(self.failed.items()))
        if self.cancelled:
            raise Cancelled(len(self.takes), self.shots)
        return self


def _ignore(_event: Event) -> None:
    return None


def plan_episode(
    episode: Episode, *, settings: Settings, crew: Crew
) -> tuple[tuple[Manifest, ...], dict[str, CommittedTake]]:
    """Manifests of all shots, and the committed take of each key that has a blob of the right size. Changes nothing."""
    manifests = breakdown(episode, crew)
    with Ledger.open(settings.ledger) as ledger:
        takes = ledger_work.committed(ledger, [manifest.take_key for manifest in manifests])
    store = FolderStore(settings.store)
    return manifests, {key: take for key, take in takes.items() if store.damage(_blob(take)) is None}


def render_episode(
    episode: Episode,
    *,
    settings: Settings,
    crew: Crew,
    progress: Callable[[Event], None] = _ignore,
    cancelled: threading.Event | None = None,
    wait: bool = True,
    hosts: Hosts | None = None,
    keep: contextlib.ExitStack | None = None,
) -> EpisodeResult:
    """Renders every shot whose take is not in the store yet.

    ``wait``: for another process that renders with the same ledger; else LedgerLed is raised. ``hosts``: instead of
    Ray's processes. ``keep``: Ray, once it was started, stays until this stack closes, for a render that may follow.
    Committed takes survive whatever ends this call: repeat it to go on. Raises RightsRefused,
    StoreError, LedgerUnusable, RayWillNotStart, HostsKeepDying; shots that fail by themselves are in the result.
    """
    started = time.monotonic()
    cancelled = cancelled or threading.Event()
    store = FolderStore(settings.store)
    store.sweep()
    manifests = breakdown(episode, crew)
    with Ledger.open(settings.ledger) as ledger:
        render = _Render(episode, manifests, settings, crew, progress, cancelled, ledger, store, hosts, keep)
        before = render.cached(deep=False)
        if len(before) == len({manifest.take_key for manifest in manifests}):
            before = render.cached(deep=True)
        missing = [manifest for manifest in manifests if manifest.take_key not in before]
        frames = sum(manifest.frames for manifest in manifests)
        cached_frames = frames - sum(manifest.frames for manifest in missing)
        cached_shots = len(manifests) - len(missing)
        progress(Planned(shots=len(manifests), frames=frames, cached_shots=cached_shots, cached_frames=cached_frames))
        failed: Mapping[str, str] = {}
        loads = 0
        if missing:
            failed, loads = render.missing(wait)
        else:
            ledger_work.submit(ledger, episode, manifests, time.time())
        takes = ledger_work.committed(ledger, [manifest.take_key for manifest in manifests])
    return EpisodeResult(
        episode_id=episode.id,
        takes=tuple(
            _shot_take(manifest, takes[manifest.take_key], store, manifest.take_key in before)
            for manifest in manifests
            if manifest.take_key in takes
        ),
        failed=failed,
        shots=len(manifests),
        wall_seconds=time.monotonic() - started,
        performer_loads=loads,
    )


@dataclass(frozen=True, slots=True)
class _Render:
    """One call of ``render_episode``."""

    episode: Episode
    manifests: Sequence[Manifest]
    settings: Settings
    crew: Crew
    tell: Callable[[Event], None]
    cancelled: threading.Event
    ledger: Ledger
    store: FolderStore
    hosts: Hosts | None
    keep: contextlib.ExitStack | None

    def cached(self, *, deep: bool) -> dict[str, CommittedTake]:
        """Committed takes by key, less those whose blob turns out damaged, which exist no more from then on."""
        takes = ledger_work.committed(self.ledger, [manifest.take_key for manifest in self.manifests])
        for key, take in list(takes.items()):
            damage = self.store.damage(_blob(take), deep=deep)
            if damage is not None:
                self.lose(takes.pop(key), damage)
        return takes

    def lose(self, take: CommittedTake, damage: str) -> None:
        ledger_work.lose_take(self.ledger, take, time.time(), damage)
        self.tell(Warned(text=f"the stored take of {take.shot_id} is rendered again: {damage}"))

    def missing(self, wait: bool) -> tuple[Mapping[str, str], int]:
        """Leads, starts hosts, renders. Returns the shots given up and how often a performer was loaded."""
        with contextlib.ExitStack() as stack:
            session = None
            if self.hosts is None:
                session = self._start_ray(stack)
            leader = self._lead(wait)
            if leader is None:
                return {}, 0
            stack.callback(lambda: resign(self.ledger, leader, time.time()))
            ledger_takes.revoke_leases(self.ledger, leader, time.time(), failure="leader", error="its leader is gone")
            ledger_records.end_orphaned_hosts(self.ledger, time.time())
            performers = [role.performer for role in self.episode.cast.values()]
            ledger_records.record_performers(self.ledger, performers)
            slots = divide(self.settings, cores=cores(), gpus=0, memory=memory())
            if session is None:
                return self._dispatch(stack, leader, self.hosts, slots, self._break_down_here, room=True)
            from cluster.ray_hosts import RayHosts

            session.wait()
            if not session.own:
                from cluster.ray_session import cluster_size

                cpus, gpus = cluster_size()
                slots = divide(self.settings, cores=max(1, cpus - 1), gpus=gpus, memory=memory())
            return self._dispatch(
                stack, leader, RayHosts(), slots, lambda: self._break_down_on_ray(slots), room=session.own
            )

    def _dispatch(
        self,
        stack: contextlib.ExitStack,
        leader: Leader,
        hosts: Hosts,
        slots: Sequence[Slot],
        manifests: Callable[[], Sequence[Manifest]],
        room: bool,  # for hosts and breakdown at the same time
    ) -> tuple[Mapping[str, str], int]:
        dispatcher = Dispatcher(
            self.episode,
            self.manifests,
            crew=self.crew,
            hosts=hosts,
            slots=slots,
            ledger=self.ledger,
            leader=leader,
            store=self.store,
            settings=self.settings,
            tell=self.tell,
            cancelled=self.cancelled,
            leash=Leash.of_this_process(self.settings.leash_seconds) if self.hosts is None else None,
        )
        stack.callback(dispatcher.close)
        if room:
            dispatcher.start_hosts()  # they import and compile while the episode is broken down
        ledger_work.submit(self.ledger, self.episode, manifests(), time.time())
        if not room:
            dispatcher.start_hosts()
        dispatcher.run()
        return dispatcher.failed, dispatcher.loads

    def _start_ray(self, stack: contextlib.ExitStack):
        from cluster.ray_session import RaySession

        slots = divide(self.settings, cores=cores(), gpus=0, memory=memory())
        session = RaySession(self.settings, cpus=sum(slot.threads for slot in slots)).start()
        (self.keep or stack).callback(session.close)
        return session

    def _break_down_here(self) -> Sequence[Manifest]:
        self.cached(deep=True)
        return self.manifests

    def _break_down_on_ray(self, slots: Sequence[Slot]) -> Sequence[Manifest]:
        from cluster.ray_breakdown import ray_breakdown

        takes = self.cached(deep=False)  # again: the last leader may have added some
        blobs = {key: _blob(take) for key, take in takes.items()}
        rows = ray_breakdown(self.episode, self.crew, self.store, blobs, workers=max(1, len(slots)))
        for row in rows:
            take = takes.get(row.manifest.take_key)
            if row.damage is not None and take is not None:
                self.lose(take, row.damage)
        return [row.manifest for row in rows]

    def _lead(self, wait: bool) -> Leader | None:
        """Leadership; None: cancelled while waiting for it."""
        told = False
        while not self.cancelled.is_set():
            try:
                return lead(self.ledger, process_name(), time.time(), self.settings.lease_seconds)
            except LedgerLed as error:
                if not wait:
                    raise
                if not told:
                    self.tell(LeaderAwaited(holder=error.args[1]))
                    told = True
                self.cancelled.wait(RETRY_SECONDS)
        return None


def _blob(take: CommittedTake) -> Blob:
    return Blob(take.sha256, take.size)


def _shot_take(manifest: Manifest, take: CommittedTake, store: FolderStore, cached: bool) -> ShotTake:
    return ShotTake(
        shot_id=manifest.shot_id,
        take_key=manifest.take_key,
        path=store.path(take.sha256),
        sha256=take.sha256,
        size=take.size,
        frames=manifest.frames,
        cached=cached,
        render_seconds=float(take.facts["seconds"]),
        host_id=take.host_id,
        attempt=take.attempt,
        facts=take.facts["shoot"],
    )
