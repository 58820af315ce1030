"""What the dispatcher knows of its hosts and of the shots that wait: plain facts, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actors.host import Pulse
from cluster.settings import Settings
from cluster.slots import Slot
from jobs import dispatch, ledger_records, ledger_work
from jobs.episode import Episode
from jobs.ledger import Ledger
from jobs.ledger_takes import Lease
from jobs.manifest import Manifest
from jobs.states import ShotState


@dataclass(frozen=True, slots=True)
class Work:
    """What a host is doing."""

    lease: Lease
    ticket_id: str
    started: float  # monotonic seconds
    frames: int  # done
    total: int


@dataclass(slots=True)
class HostAtWork:
    """A host that was started; times are monotonic seconds."""

    slot: Slot
    heard: float  # last answer, or the start
    pulse: Pulse | None = None  # the last one; None: not ready yet
    beats: int = -1
    beat_at: float = 0.0  # last sign of progress
    work: Work | None = None


def overdue(host: HostAtWork, settings: Settings, now: float) -> str | None:
    """Why a host has to be killed; None: it starts, answers and gets on as it should."""
    if host.pulse is None:
        late = now - host.heard > settings.start_seconds
        return f"it did not start within {settings.start_seconds:.0f} s" if late else None
    patience = settings.hang_seconds
    if host.work is not None and host.work.frames == 0:
        patience = max(patience, settings.first_frame_seconds)
    silence = now - (host.beat_at if host.work is not None else host.heard)
    return f"it hung: no progress for {silence:.0f} s" if silence > patience else None


def as_seen(host_id: str, host: HostAtWork, project: str, frame_seconds: float | None, now: float) -> dispatch.Host:
    """A ready host as ``dispatch.choose`` sees it; ``frame_seconds``: of one host, None: not measured yet."""
    free_at = None
    if host.work is not None and frame_seconds is not None:
        free_at = now + (host.work.total - host.work.frames) * frame_seconds
    return dispatch.Host(
        id=host_id,
        resident=frozenset(digest for digest, _ in host.pulse.residency.resident),
        budget=host.slot.budget,
        shot_id=host.work.lease.shot_id if host.work else None,
        project=project if host.work else None,
        free_at=free_at,
    )


def waiting_shots(ledger: Ledger, episode: Episode, manifests: Mapping[str, Manifest]) -> dict[str, dispatch.Waiting]:
    """The queued shots of an episode by id; of shots with the same take key only the first."""
    sizes = ledger_records.performer_sizes(ledger)
    deadline = episode.deadline.timestamp() if episode.deadline else None
    seen: set[str] = set()
    found = {}
    for row in ledger_work.shots(ledger, episode.id):
        if row["state"] != ShotState.QUEUED or row["take_key"] in seen:
            continue
        seen.add(row["take_key"])
        manifest = manifests[row["id"]]
        found[row["id"]] = dispatch.Waiting(
            shot_id=row["id"],
            project=episode.project.id,
            queued_at=row["queued_at"],
            position=row["position"],
            deadline=deadline,
            cost=manifest.cost,
            needs={digest: sizes.get(digest, 0) for digest in manifest.performers},
        )
    return found
