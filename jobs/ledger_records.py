"""Hosts, performers, masters and usage: what the ledger keeps beside the takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from jobs.episode import PerformerRef
from jobs.ledger import Ledger, process_name
from jobs.ledger_audit import record
from jobs.states import EpisodeState, sources
from jobs.tables import EPISODES, HOSTS, MASTERS, PERFORMERS, USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class OnScreen:
    """How long one performer is seen in one master."""

    role: str
    performer: PerformerRef
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A delivered file, pinned by its content."""

    episode_id: str
    sha256: str
    size: int  # bytes
    path: str  # where it was delivered to
    takes: Mapping[str, str]  # {shot id: take key} in playing order
    made_at: float  # seconds since the epoch


def record_master(ledger: Ledger, master: Master, usage: Sequence[OnScreen]) -> None:
    """Keeps a delivered master and who is seen in it; the episode is delivered."""
    with ledger.write() as connection:
        values = {
            "episode_id": master.episode_id,
            "sha256": master.sha256,
            "size": master.size,
            "path": master.path,
            "takes": dict(master.takes),
            "made_at": master.made_at,
        }
        master_id = connection.execute(MASTERS.insert().values(**values).returning(MASTERS.c.id)).scalar_one()
        for seen in usage:
            connection.execute(
                USAGE.insert().values(
                    master_id=master_id,
                    episode_id=master.episode_id,
                    performer=seen.performer.id,
                    version=seen.performer.version,
                    digest=seen.performer.digest,
                    role=seen.role,
                    seconds=seen.seconds,
                )
            )
        connection.execute(
            EPISODES.update()
            .where(EPISODES.c.id == master.episode_id, EPISODES.c.state.in_(sources(EpisodeState.DELIVERED)))
            .values(state=EpisodeState.DELIVERED)
        )
        detail = {"sha256": master.sha256, "size": master.size, "path": master.path}
        record(connection, master.made_at, process_name(), "master.delivered", master.episode_id, **detail)


def find_master(ledger: Ledger, sha256: str) -> Master | None:
    """The newest master with exactly this content."""
    return _newest(ledger, MASTERS.c.sha256 == sha256)


def latest_master(ledger: Ledger, episode_id: str) -> Master | None:
    """The newest master of an episode: what a changed file is compared with."""
    return _newest(ledger, MASTERS.c.episode_id == episode_id)


def record_host(ledger: Ledger, host_id: str, *, node: str, slot: int, threads: int, now: float) -> None:
    """A host was started."""
    with ledger.write() as connection:
        connection.execute(HOSTS.insert().values(id=host_id, node=node, slot=slot, threads=threads, started_at=now))
        record(connection, now, process_name(), "host.started", host_id, node=node, threads=threads)


def end_host(
    ledger: Ledger, host_id: str, *, why: str, now: float, pid: int | None, facts: Mapping[str, Any] | None
) -> None:
    """A host was stopped or lost; only the first reason counts."""
    with ledger.write() as connection:
        values = {"ended_at": now, "ending": why, "pid": pid, "facts": dict(facts) if facts else None}
        ended = HOSTS.update().where(HOSTS.c.id == host_id, HOSTS.c.ended_at.is_(None)).values(**values)
        if connection.execute(ended).rowcount == 1:
            record(connection, now, process_name(), "host.ended", host_id, why=why)


def end_orphaned_hosts(ledger: Ledger, now: float) -> None:
    """Closes the rows of hosts whose dispatcher died before it could."""
    with ledger.write() as connection:
        connection.execute(
            HOSTS.update().where(HOSTS.c.ended_at.is_(None)).values(ended_at=now, ending="its leader is gone")
        )


def record_performers(ledger: Ledger, performers: Sequence[PerformerRef]) -> None:
    """Keeps which performers the ledger's shots need."""
    with ledger.write() as connection:
        known = set(connection.execute(sa.select(PERFORMERS.c.digest)).scalars())
        for performer in {ref.digest: ref for ref in performers}.values():
            if performer.digest not in known:
                row = {"digest": performer.digest, "id": performer.id, "version": performer.version}
                connection.execute(PERFORMERS.insert().values(**row))


def weigh_performers(ledger: Ledger, sizes: Mapping[str, int]) -> None:
    """Keeps the resident size in bytes of performers, as hosts measured them."""
    with ledger.write() as connection:
        for digest, size in sizes.items():
            connection.execute(PERFORMERS.update().where(PERFORMERS.c.digest == digest).values(bytes=size))


def performer_sizes(ledger: Ledger) -> dict[str, int]:
    """Resident bytes by digest, of those that were ever loaded."""
    with ledger.read() as connection:
        query = sa.select(PERFORMERS.c.digest, PERFORMERS.c.bytes).where(PERFORMERS.c.bytes.is_not(None))
        return {row.digest: row.bytes for row in connection.execute(query)}


def _newest(ledger: Ledger, condition) -> Master | None:
    query = sa.select(MASTERS).where(condition).order_by(MASTERS.c.id.desc()).limit(1)
    with ledger.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    return Master(
        episode_id=row.episode_id,
        sha256=row.sha256,
        size=row.size,
        path=row.path,
        takes=row.takes,
        made_at=row.made_at,
    )
