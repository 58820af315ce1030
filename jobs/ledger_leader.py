"""One leader per ledger: the process that may dispatch, proved by a fencing token.

The lease row with its expiry works for any database. An SQLite ledger has a file lock beside it as well, which the
kernel frees the moment its holder dies: a successor that gets the lock need not wait for the expiry.
"""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from typing import IO

import sqlalchemy as sa

from jobs.errors import FarmError
from jobs.ledger import Ledger, LedgerUnusable, upsert
from jobs.ledger_audit import record
from jobs.tables import LEASES

LEADER = "leader"  # the lease's name


class LedgerLed(FarmError):
    """Another process is dispatching from this ledger."""

    def __init__(self, where: str, holder: str) -> None:
        super().__init__(where, holder)

    def __str__(self) -> str:
        return "{1} is rendering with the ledger {0}: wait for it, or choose another GREENROOM_HOME".format(*self.args)


class LeadershipLost(FarmError):
    """The leader's lease passed to another process while it was at work."""

    def __init__(self, where: str, holder: str) -> None:
        super().__init__(where, holder)

    def __str__(self) -> str:
        return (
            "this process no longer leads the ledger {0}: {1} took over, because this one did not answer for too "
            "long; nothing that is committed is lost, and {1} goes on"
        ).format(*self.args)


@dataclass(frozen=True, slots=True)
class Leader:
    """Proof of leadership; ``token`` fences every write of the dispatcher."""

    holder: str
    token: int
    lock: IO[str] | None  # held open while leading; None on a database server


def lead(ledger: Ledger, holder: str, now: float, seconds: float) -> Leader:
    """Becomes leader until ``now + seconds``. Raises LedgerLed when another one lives."""
    lock = _lock(ledger)
    alone = lock is not None  # the file lock proves that the last holder is dead
    free = sa.or_(LEASES.c.holder.is_(None), LEASES.c.expires_at < now, sa.literal(alone))
    try:
        with ledger.write() as connection:
            claim = upsert(connection, LEASES).values(name=LEADER, token=1, holder=holder, expires_at=now + seconds)
            claim = claim.on_conflict_do_update(
                index_elements=[LEASES.c.name],
                set_={"token": LEASES.c.token + 1, "holder": holder, "expires_at": now + seconds},
                where=free,
            ).returning(LEASES.c.token)
            token = connection.execute(claim).scalar()
            if token is None:
                raise LedgerLed(ledger.where, _holder(connection))
            record(connection, now, holder, "leader.acquired", LEADER, token=token)
    except BaseException:
        if lock is not None:
            lock.close()
        raise
    return Leader(holder, token, lock)


def renew(ledger: Ledger, leader: Leader, now: float, seconds: float) -> None:
    """Extends the lease. Raises LeadershipLost when the token is no longer the live one."""
    with ledger.write() as connection:
        mine = (LEASES.c.name == LEADER) & (LEASES.c.token == leader.token)
        if connection.execute(LEASES.update().where(mine).values(expires_at=now + seconds)).rowcount != 1:
            raise LeadershipLost(ledger.where, _holder(connection))


def resign(ledger: Ledger, leader: Leader, now: float) -> None:
    """Frees the lease at once; harmless when it has already passed to another."""
    try:
        with ledger.write() as connection:
            mine = (LEASES.c.name == LEADER) & (LEASES.c.token == leader.token)
            if connection.execute(LEASES.update().where(mine).values(holder=None, expires_at=now)).rowcount == 1:
                record(connection, now, leader.holder, "leader.resigned", LEADER, token=leader.token)
    finally:
        if leader.lock is not None:
            leader.lock.close()


def _lock(ledger: Ledger) -> IO[str] | None:
    if ledger.folder is None:
        return None
    try:
        lock = open(ledger.folder / "ledger.leader", "a")  # noqa: SIM115
    except OSError as error:
        raise LedgerUnusable(ledger.where, str(error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        with ledger.read() as connection:
            raise LedgerLed(ledger.where, _holder(connection)) from error
    return lock


def _holder(connection) -> str:
    name = connection.execute(sa.select(LEASES.c.holder).where(LEASES.c.name == LEADER)).scalar()
    return name or "another greenroom process"
