"""Episodes, their shots, and the takes that exist. What changes takes under a lease is in ``ledger_takes``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jobs.episode import Episode
from jobs.ledger import Ledger, process_name, upsert
from jobs.ledger_audit import record
from jobs.manifest import Manifest
from jobs.states import EpisodeState, ShotState, TakeState, sources
from jobs.tables import EPISODES, SCENES, SHOTS, TAKES


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
        _upsert_all(connection, EPISODES, [{"id": episode.id, **values, **state}], values)
        scenes = {m.scene_id: m.scene_position for m in manifests}
        rows = [{"id": key, "episode_id": episode.id, "position": place} for key, place in scenes.items()]
        _upsert_all(connection, SCENES, rows, ("position",))
        before = {
            row.id: row
            for row in connection.execute(
                sa.select(SHOTS.c.id, SHOTS.c.state, SHOTS.c.take_key).where(SHOTS.c.episode_id == episode.id)
            )
        }
        _upsert_all(
            connection,
            SHOTS,
            [_shot_row(manifest, now) for manifest in manifests],
            ("scene_id", "episode_id", "position", "frames", "take_key", "performers", "cost"),
        )
        for manifest in manifests:
            old = before.get(manifest.shot_id)
            if old is not None and (old.take_key != manifest.take_key or old.state in _REOPENED):
                queue_again(connection, manifest.shot_id, now)
        gone = sorted(set(before) - {m.shot_id for m in manifests})
        connection.execute(
            SHOTS.update()
            .where(SHOTS.c.id.in_(gone), SHOTS.c.state.in_(sources(ShotState.RETIRED)))
            .values(state=ShotState.RETIRED, reason="no longer in the call sheet")
        )
        join(connection, [m.take_key for m in manifests])
        settle_episode(connection, episode.id)
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
                found[row.take_key] = take_of(row)
    return found


def lose_take(ledger: Ledger, take: CommittedTake, now: float, why: str) -> None:
    """A committed take whose blob is missing or damaged exists no more; its shots are queued again."""
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
            queue_again(connection, shot.id, now)
        for episode_id in sorted({shot.episode_id for shot in shots}):
            settle_episode(connection, episode_id)
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


def shot_of_take(ledger: Ledger, prefix: str) -> tuple[str, str] | None:
    """(episode id, shot id) of the newest take that was ever committed under a key starting with ``prefix`` (hex)."""
    query = (
        sa.select(SHOTS.c.episode_id, SHOTS.c.id)
        .join(TAKES, TAKES.c.shot_id == SHOTS.c.id)
        .where(
            TAKES.c.take_key >= prefix,
            TAKES.c.take_key < prefix + "g",  # sorts after every hex digit
            TAKES.c.state.in_((TakeState.COMMITTED, TakeState.LOST)),
        )
        .order_by(TAKES.c.id.desc())
        .limit(1)
    )
    with ledger.read() as connection:
        row = connection.execute(query).first()
    return (row.episode_id, row.id) if row else None


def reasons(ledger: Ledger, episode_id: str) -> dict[str, str]:
    """Why each queued shot of an episode waits, as last kept."""
    return {row["id"]: row["reason"] for row in shots(ledger, episode_id) if row["state"] == "queued" and row["reason"]}


def explain(ledger: Ledger, reasons: Mapping[str, str]) -> None:
    """Keeps why each waiting shot waits."""
    with ledger.write() as connection:
        for shot_id, reason in reasons.items():
            connection.execute(
                SHOTS.update().where(SHOTS.c.id == shot_id, SHOTS.c.state == ShotState.QUEUED).values(reason=reason)
            )


def queue_again(connection: Connection, shot_id: str, now: float) -> None:
    connection.execute(
        SHOTS.update()
        .where(SHOTS.c.id == shot_id, SHOTS.c.state.in_(sources(ShotState.QUEUED)))
        .values(state=ShotState.QUEUED, take_id=None, queued_at=now, reason=None)
    )


def join(connection: Connection, keys: Sequence[str]) -> None:
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


def settle_episode(connection: Connection, episode_id: str | None) -> None:
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


def episode_of(connection: Connection, shot_id: str) -> str | None:
    return connection.execute(sa.select(SHOTS.c.episode_id).where(SHOTS.c.id == shot_id)).scalar()


def take_of(row) -> CommittedTake:
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


def _upsert_all(connection: Connection, table: sa.Table, rows: list[dict[str, Any]], update: Iterable[str]) -> None:
    if not rows:
        return
    insert = upsert(connection, table)
    changes = {column: insert.excluded[column] for column in update}
    connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=changes), rows)
