"""Takes: leased, committed, ended. Every transition is one conditional statement under the live fencing tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jobs.errors import FarmError
from jobs.ledger import Ledger, upsert
from jobs.ledger_audit import record
from jobs.ledger_leader import LEADER, Leader
from jobs.ledger_work import CommittedTake, episode_of, join, settle_episode, take_of
from jobs.states import EpisodeState, ShotState, TakeState, sources
from jobs.tables import EPISODES, LEASES, SHOTS, TAKES


class StaleLease(FarmError):
    """A lease was taken away before its holder was done; what it made does not exist."""

    def __init__(self, shot_id: str, token: int) -> None:
        super().__init__(shot_id, token)

    def __str__(self) -> str:
        return (
            "the lease {1} on shot {0} is no longer valid, so this take is dropped; whoever holds the newer lease "
            "renders the shot"
        ).format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to make one take, until it is revoked or outlived."""

    take_id: int
    shot_id: str
    take_key: str
    host_id: str
    attempt: int  # of this take key, from 1
    token: int  # fences the shot
    epoch: int  # the leader's token


def lease_shot(ledger: Ledger, leader: Leader, shot_id: str, host_id: str, now: float, seconds: float) -> Lease | None:
    """Leases a queued shot to a host until ``now + seconds``.

    None when it is not to be had: no longer queued, leased, or its key is being rendered for another shot. Raises
    StaleLease when ``leader`` no longer leads.
    """
    with ledger.write() as connection:
        _assert_leads(connection, leader, shot_id)
        shot = connection.execute(sa.select(SHOTS.c.take_key).where(SHOTS.c.id == shot_id)).one()
        same = sa.select(TAKES.c.id).where(
            TAKES.c.take_key == shot.take_key, TAKES.c.state.in_((TakeState.RENDERING, TakeState.COMMITTED))
        )
        held = sa.select(LEASES.c.name).where(
            LEASES.c.name == f"shot/{shot_id}", LEASES.c.holder.is_not(None), LEASES.c.expires_at >= now
        )
        claim = (
            SHOTS.update()
            .where(SHOTS.c.id == shot_id, SHOTS.c.state == ShotState.QUEUED, ~sa.exists(same), ~sa.exists(held))
            .values(state=ShotState.RENDERING, reason=None)
        )
        if connection.execute(claim).rowcount != 1:
            return None
        token = _new_token(connection, f"shot/{shot_id}", host_id, now, seconds)
        assert token is not None, f"shot {shot_id} was free and then was not, inside one transaction"
        attempts = sa.select(sa.func.count()).where(
            TAKES.c.take_key == shot.take_key, TAKES.c.state == TakeState.FAILED
        )
        attempt = connection.execute(attempts).scalar_one() + 1
        row = {
            "shot_id": shot_id,
            "take_key": shot.take_key,
            "attempt": attempt,
            "state": TakeState.RENDERING,
            "host_id": host_id,
            "epoch": leader.token,
            "token": token,
            "leased_at": now,
        }
        take_id = connection.execute(TAKES.insert().values(**row).returning(TAKES.c.id)).scalar_one()
        connection.execute(
            EPISODES.update()
            .where(
                EPISODES.c.id == sa.select(SHOTS.c.episode_id).where(SHOTS.c.id == shot_id).scalar_subquery(),
                EPISODES.c.state.in_(sources(EpisodeState.RENDERING)),
            )
            .values(state=EpisodeState.RENDERING)
        )
        detail = {"take": take_id, "key": shot.take_key, "host": host_id, "token": token}
        record(connection, now, leader.holder, "take.leased", shot_id, **detail)
    return Lease(
        take_id=take_id,
        shot_id=shot_id,
        take_key=shot.take_key,
        host_id=host_id,
        attempt=attempt,
        token=token,
        epoch=leader.token,
    )


def extend(ledger: Ledger, leader: Leader, leases: Iterable[Lease], until: float) -> None:
    """Keeps running leases alive until ``until``; those that are no longer live stay so."""
    with ledger.write() as connection:
        _assert_leads(connection, leader, "")
        for lease in leases:
            mine = (LEASES.c.name == f"shot/{lease.shot_id}") & (LEASES.c.token == lease.token)
            connection.execute(LEASES.update().where(mine, LEASES.c.holder == lease.host_id).values(expires_at=until))


def commit_take(
    ledger: Ledger, leader: Leader, lease: Lease, now: float, *, sha256: str, size: int, facts: Mapping[str, Any]
) -> CommittedTake:
    """Makes a take exist. Raises StaleLease unless both the shot's and the leader's token are the live ones."""
    with ledger.write() as connection:
        values = {"state": TakeState.COMMITTED, "ended_at": now, "sha256": sha256, "size": size, "facts": dict(facts)}
        _end(connection, lease, values)
        connection.execute(
            SHOTS.update()
            .where(
                SHOTS.c.id == lease.shot_id, SHOTS.c.take_key == lease.take_key, SHOTS.c.state == ShotState.RENDERING
            )
            .values(state=ShotState.DONE, take_id=lease.take_id)
        )
        _free(connection, lease, now)
        join(connection, [lease.take_key])  # other shots that wait for the same key
        settle_episode(connection, episode_of(connection, lease.shot_id))
        detail = {"take": lease.take_id, "key": lease.take_key, "host": lease.host_id, "sha256": sha256}
        record(connection, now, leader.holder, "take.committed", lease.shot_id, **detail)
        row = connection.execute(sa.select(TAKES).where(TAKES.c.id == lease.take_id)).one()
    return take_of(row)


def end_take(
    ledger: Ledger,
    leader: Leader,
    lease: Lease,
    now: float,
    *,
    take: TakeState,
    shot: ShotState,
    failure: str,
    error: str,
) -> None:
    """Ends a take that was not committed: ``take`` is FAILED or REVOKED, the shot goes to QUEUED or FAILED.

    Raises StaleLease when the lease is no longer the live one.
    """
    assert take in (TakeState.FAILED, TakeState.REVOKED) and shot in (ShotState.QUEUED, ShotState.FAILED)
    with ledger.write() as connection:
        _end(connection, lease, {"state": take, "ended_at": now, "failure": failure, "error": error})
        connection.execute(
            SHOTS.update()
            .where(SHOTS.c.id == lease.shot_id, SHOTS.c.state == ShotState.RENDERING)
            .values(state=shot, reason=error if shot is ShotState.FAILED else None)
        )
        _free(connection, lease, now)
        settle_episode(connection, episode_of(connection, lease.shot_id))
        detail = {"take": lease.take_id, "host": lease.host_id, "failure": failure, "error": error}
        record(connection, now, leader.holder, f"take.{take}", lease.shot_id, **detail)


def revoke_leases(ledger: Ledger, leader: Leader, now: float, *, failure: str, error: str) -> list[str]:
    """Takes back every lease that this or an earlier leader gave; returns the shots, which are queued again."""
    with ledger.write() as connection:
        _assert_leads(connection, leader, "")
        orphans = connection.execute(
            TAKES.update()
            .where(TAKES.c.state == TakeState.RENDERING, TAKES.c.epoch <= leader.token)
            .values(state=TakeState.REVOKED, ended_at=now, failure=failure, error=error)
            .returning(TAKES.c.id, TAKES.c.shot_id, TAKES.c.host_id)
        ).all()
        shots = sorted({orphan.shot_id for orphan in orphans})
        for shot_id in shots:
            connection.execute(
                SHOTS.update()
                .where(SHOTS.c.id == shot_id, SHOTS.c.state == ShotState.RENDERING)
                .values(state=ShotState.QUEUED)
            )
            name = f"shot/{shot_id}"
            connection.execute(LEASES.update().where(LEASES.c.name == name).values(holder=None, expires_at=now))
        for orphan in orphans:
            detail = {"take": orphan.id, "host": orphan.host_id, "failure": failure, "error": error}
            record(connection, now, leader.holder, "take.revoked", orphan.shot_id, **detail)
    return shots


def _end(connection: Connection, lease: Lease, values: Mapping[str, Any]) -> None:
    """The one conditional statement that ends a take, under both fencing tokens."""
    held = sa.select(LEASES.c.token).where(LEASES.c.name == f"shot/{lease.shot_id}", LEASES.c.holder == lease.host_id)
    leading = sa.select(LEASES.c.token).where(LEASES.c.name == LEADER)
    ended = connection.execute(
        TAKES.update()
        .where(
            TAKES.c.id == lease.take_id,
            TAKES.c.state.in_(sources(values["state"])),
            TAKES.c.token == held.scalar_subquery(),
            TAKES.c.epoch == leading.scalar_subquery(),
        )
        .values(**values)
    )
    if ended.rowcount != 1:
        raise StaleLease(lease.shot_id, lease.token)


def _free(connection: Connection, lease: Lease, now: float) -> None:
    mine = (LEASES.c.name == f"shot/{lease.shot_id}") & (LEASES.c.token == lease.token)
    connection.execute(LEASES.update().where(mine).values(holder=None, expires_at=now))


def _new_token(connection: Connection, name: str, holder: str, now: float, seconds: float) -> int | None:
    lease = {"name": name, "token": 1, "holder": holder, "expires_at": now + seconds}
    claim = upsert(connection, LEASES).values(**lease)
    claim = claim.on_conflict_do_update(
        index_elements=["name"],
        set_={"token": LEASES.c.token + 1, "holder": holder, "expires_at": now + seconds},
        where=sa.or_(LEASES.c.holder.is_(None), LEASES.c.expires_at < now),
    )
    return connection.execute(claim.returning(LEASES.c.token)).scalar()


def _assert_leads(connection: Connection, leader: Leader, shot_id: str) -> None:
    token = connection.execute(sa.select(LEASES.c.token).where(LEASES.c.name == LEADER)).scalar()
    if token != leader.token:
        raise StaleLease(shot_id, leader.token)
