"""Episodes, shots and takes: every transition is one conditional statement under the live fencing tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jobs.episode import Episode
from jobs.errors import FarmError
from jobs.ledger import Ledger
from jobs.ledger_audit import record
from jobs.ledger_leader import LEADER, Leader
from jobs.manifest import Manifest
from jobs.states import EpisodeState, ShotState, TakeState, sources
from jobs.tables import EPISODES, LEASES, SCENES, SHOTS, TAKES


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedTake:
    """A take that exists: ledger row and blob."""

    take_id: int
    shot_id: str  # the shot it was rendered for
    take_key: str
    sha256: str
    size: int  # bytes
    attempt: int
    host_id: str
    seconds: float  # wall time from lease to commit
    facts: Mapping[str, Any]


def submit(ledger: Ledger, episode: Episode, manifests: Sequence[Manifest], now: float, *, priority: int = 0) -> None:
    """Upserts an episode with its scenes and shots, by id.

    A shot whose take key is already joined to a committed take is done; one whose key changed is queued again; one
    that left the call sheet is retired. Safe to repeat.
    """
    from jobs.ledger import process_name

    with ledger.write() as connection:
        values = {
            "title": episode.title,
            "project": episode.project.id,
            "priority": priority,
            "deadline": episode.deadline.timestamp() if episode.deadline else None,
            "fps": str(episode.fps),
            "width": episode.width,
            "height": episode.height,
        }
        state = {"state": EpisodeState.QUEUED, "submitted_at": now}
        _upsert(connection, EPISODES, [{"id": episode.id, **values, **state}], values)
        scenes = {m.scene_id: m.scene_position for m in manifests}
        rows = [{"id": key, "episode_id": episode.id, "position": place} for key, place in scenes.items()]
        _upsert(connection, SCENES, rows, ("position",))
        before = {
            row.id: row
            for row in connection.execute(
                sa.select(SHOTS.c.id, SHOTS.c.state, SHOTS.c.take_key).where(SHOTS.c.episode_id == episode.id)
            )
        }
        _upsert(
            connection,
            SHOTS,
            [_shot_row(manifest, now) for manifest in manifests],
            ("scene_id", "episode_id", "position", "frames", "take_key", "performers", "cost"),
        )
        for manifest in manifests:
            old = before.get(manifest.shot_id)
            if old is not None and (old.take_key != manifest.take_key or old.state in _REOPENED):
                _queue_again(connection, manifest.shot_id, now)
        gone = sorted(set(before) - {m.shot_id for m in manifests})
        connection.execute(
            SHOTS.update()
            .where(SHOTS.c.id.in_(gone), SHOTS.c.state.in_(sources(ShotState.RETIRED)))
            .values(state=ShotState.RETIRED, reason="no longer in the call sheet")
        )
        _join(connection, [m.take_key for m in manifests])
        _settle_episode(connection, episode.id)
        keys = {m.shot_id: m.take_key for m in manifests}
        changed = sorted(s for s, key in keys.items() if s not in before or before[s].take_key != key)
        if changed or gone:
            record(connection, now, process_name(), "episode.submitted", episode.id, shots=changed, retired=gone)


_REOPENED = (ShotState.FAILED, ShotState.RETIRED)  # submitting an episode again gives these another chance


def committed(ledger: Ledger, keys: Iterable[str]) -> dict[str, CommittedTake]:
    """The committed take of each key that has one."""
    wanted, found = sorted(set(keys)), {}
    with ledger.read() as connection:
        for start in range(0, len(wanted), 500):
            query = sa.select(TAKES).where(
                TAKES.c.take_key.in_(wanted[start : start + 500]), TAKES.c.state == TakeState.COMMITTED
            )
            for row in connection.execute(query):
                found[row.take_key] = _take(row)
    return found


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
        _join(connection, [lease.take_key])  # other shots that wait for the same key
        _settle_episode(connection, _episode_of(connection, lease.shot_id))
        detail = {"take": lease.take_id, "key": lease.take_key, "host": lease.host_id, "sha256": sha256}
        record(connection, now, leader.holder, "take.committed", lease.shot_id, **detail)
        row = connection.execute(sa.select(TAKES).where(TAKES.c.id == lease.take_id)).one()
    return _take(row)


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
        _settle_episode(connection, _episode_of(connection, lease.shot_id))
        detail = {"take": lease.take_id, "host": lease.host_id, "failure": failure, "error": error}
        record(connection, now, leader.holder, f"take.{take}", lease.shot_id, **detail)


def revoke_orphans(ledger: Ledger, leader: Leader, now: float) -> list[str]:
    """Takes back every lease that an earlier leader gave; returns the shots, which are queued again."""
    with ledger.write() as connection:
        _assert_leads(connection, leader, "")
        orphans = connection.execute(
            TAKES.update()
            .where(TAKES.c.state == TakeState.RENDERING, TAKES.c.epoch < leader.token)
            .values(state=TakeState.REVOKED, ended_at=now, failure="leader", error="its leader is gone")
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
            detail = {"take": orphan.id, "host": orphan.host_id, "failure": "leader", "error": "its leader is gone"}
            record(connection, now, leader.holder, "take.revoked", orphan.shot_id, **detail)
    return shots


def lose_take(ledger: Ledger, take: CommittedTake, now: float, why: str) -> None:
    """A committed take whose blob is missing or damaged exists no more; its shots are queued again."""
    from jobs.ledger import process_name

    with ledger.write() as connection:
        gone = connection.execute(
            TAKES.update()
            .where(TAKES.c.id == take.take_id, TAKES.c.state.in_(sources(TakeState.LOST)))
            .values(state=TakeState.LOST, error=why)
        )
        if gone.rowcount != 1:
            return  # another process said so already
        shots = connection.execute(
            sa.select(SHOTS.c.id, SHOTS.c.episode_id).where(
                SHOTS.c.take_id == take.take_id, SHOTS.c.state == ShotState.DONE
            )
        ).all()
        for shot in shots:
            _queue_again(connection, shot.id, now)
        for episode_id in sorted({shot.episode_id for shot in shots}):
            _settle_episode(connection, episode_id)
        record(connection, now, process_name(), "take.lost", take.shot_id, take=take.take_id, why=why)


def shots(ledger: Ledger, episode_id: str) -> list[dict[str, Any]]:
    """The shots of an episode in playing order, as rows of jobs.tables.SHOTS; retired ones left out."""
    query = (
        sa.select(SHOTS)
        .where(SHOTS.c.episode_id == episode_id, SHOTS.c.state != ShotState.RETIRED)
        .order_by(SHOTS.c.position)
    )
    with ledger.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def episode_state(ledger: Ledger, episode_id: str) -> EpisodeState | None:
    """None: the ledger does not know the episode."""
    with ledger.read() as connection:
        state = connection.execute(sa.select(EPISODES.c.state).where(EPISODES.c.id == episode_id)).scalar()
    return EpisodeState(state) if state else None


def explain(ledger: Ledger, reasons: Mapping[str, str]) -> None:
    """Keeps why each waiting shot waits."""
    with ledger.write() as connection:
        for shot_id, reason in reasons.items():
            connection.execute(
                SHOTS.update().where(SHOTS.c.id == shot_id, SHOTS.c.state == ShotState.QUEUED).values(reason=reason)
            )


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
    claim = _dialect_insert(connection, LEASES).values(**lease)
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


def _queue_again(connection: Connection, shot_id: str, now: float) -> None:
    connection.execute(
        SHOTS.update()
        .where(SHOTS.c.id == shot_id, SHOTS.c.state.in_(sources(ShotState.QUEUED)))
        .values(state=ShotState.QUEUED, take_id=None, queued_at=now, reason=None)
    )


def _join(connection: Connection, keys: Sequence[str]) -> None:
    """Joins shots that are not rendering to the committed take of their key, where there is one."""
    for start in range(0, len(keys), 500):
        take = sa.select(TAKES.c.id).where(TAKES.c.take_key == SHOTS.c.take_key, TAKES.c.state == TakeState.COMMITTED)
        connection.execute(
            SHOTS.update()
            .where(
                SHOTS.c.take_key.in_(keys[start : start + 500]),
                SHOTS.c.state.in_((ShotState.QUEUED, ShotState.FAILED)),
                sa.exists(take),
            )
            .values(state=ShotState.DONE, take_id=take.scalar_subquery(), reason=None)
        )


def _settle_episode(connection: Connection, episode_id: str | None) -> None:
    """Moves an episode to what its shots add up to."""
    if episode_id is None:
        return
    query = (
        sa.select(SHOTS.c.state, sa.func.count())
        .where(SHOTS.c.episode_id == episode_id, SHOTS.c.state != ShotState.RETIRED)
        .group_by(SHOTS.c.state)
    )
    count = {state: number for state, number in connection.execute(query)}
    if set(count) <= {ShotState.DONE}:
        target, leave = EpisodeState.RENDERED, (EpisodeState.DELIVERED,)
    elif set(count) <= {ShotState.DONE, ShotState.FAILED}:
        target, leave = EpisodeState.FAILED, ()
    elif count.get(ShotState.RENDERING):
        target, leave = EpisodeState.RENDERING, ()
    else:
        target, leave = EpisodeState.QUEUED, (EpisodeState.RENDERING,) if count.get(ShotState.DONE) else ()
    legal = [state for state in sources(target) if state not in leave]
    connection.execute(
        EPISODES.update().where(EPISODES.c.id == episode_id, EPISODES.c.state.in_(legal)).values(state=target)
    )


def _episode_of(connection: Connection, shot_id: str) -> str | None:
    return connection.execute(sa.select(SHOTS.c.episode_id).where(SHOTS.c.id == shot_id)).scalar()


def _take(row) -> CommittedTake:
    return CommittedTake(
        take_id=row.id,
        shot_id=row.shot_id,
        take_key=row.take_key,
        sha256=row.sha256,
        size=row.size,
        attempt=row.attempt,
        host_id=row.host_id,
        seconds=row.ended_at - row.leased_at,
        facts=row.facts,
    )


def _shot_row(manifest: Manifest, now: float) -> dict[str, Any]:
    return {
        "id": manifest.shot_id,
        "scene_id": manifest.scene_id,
        "episode_id": manifest.episode_id,
        "position": manifest.position,
        "frames": manifest.frames,
        "take_key": manifest.take_key,
        "performers": list(manifest.performers),
        "cost": manifest.cost,
        "state": ShotState.QUEUED,
        "queued_at": now,
    }


def _upsert(connection: Connection, table: sa.Table, rows: list[dict[str, Any]], update: Iterable[str]) -> None:
    if not rows:
        return
    insert = _dialect_insert(connection, table)
    changes = {column: insert.excluded[column] for column in update}
    connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


def _dialect_insert(connection: Connection, table: sa.Table):
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(table)
