"""The audit log: append-only, each row sealed with the hash of the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jobs.errors import FarmError
from jobs.tables import AUDIT

FIRST = "0" * 64  # what the first row follows


class AuditBroken(FarmError):
    """A row of the audit log was changed, removed or slipped in."""

    def __init__(self, sequence: int, why: str) -> None:
        super().__init__(sequence, why)

    def __str__(self) -> str:
        return (
            "the audit log is broken at row {}: {}; somebody edited the ledger: compare it with a backup of "
            "ledger.sqlite and do not trust entries from this row on"
        ).format(*self.args)


def seal(row: Mapping[str, Any]) -> str:
    """SHA-256 over a row and the hash of the one before it."""
    fields = ("sequence", "at", "holder", "verb", "subject", "detail", "previous")
    text = json.dumps([row[field] for field in fields], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def record(connection: Connection, at: float, holder: str, verb: str, subject: str, **detail: Any) -> None:
    """Appends one row inside the transaction of what it tells about."""
    newest = sa.select(AUDIT.c.sequence, AUDIT.c.hash).order_by(AUDIT.c.sequence.desc()).limit(1)
    last = connection.execute(newest).first()
    row = {
        "sequence": last.sequence + 1 if last else 1,
        "at": float(at),
        "holder": holder,
        "verb": verb,
        "subject": subject,
        "detail": detail,
        "previous": last.hash if last else FIRST,
    }
    connection.execute(AUDIT.insert().values(**row, hash=seal(row)))


def verify(connection: Connection) -> int:
    """Walks the whole chain and returns its length.

    Raises AuditBroken at the first row that does not follow from the one before. Rows cut off at the end cannot be
    seen from inside: keep the returned length and the last hash elsewhere if that matters.
    """
    previous, length = FIRST, 0
    for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.sequence)).mappings():
        length += 1
        if row["sequence"] != length:
            raise AuditBroken(length, f"the next row is numbered {row['sequence']}")
        if row["previous"] != previous:
            raise AuditBroken(length, "it does not follow from the row before")
        if seal(row) != row["hash"]:
            raise AuditBroken(length, "its content does not match its hash")
        previous = row["hash"]
    return length


def entries(connection: Connection, *, verb: str | None = None, subject: str | None = None) -> list[dict[str, Any]]:
    """Rows in order, oldest first."""
    query = sa.select(AUDIT).order_by(AUDIT.c.sequence)
    if verb is not None:
        query = query.where(AUDIT.c.verb == verb)
    if subject is not None:
        query = query.where(AUDIT.c.subject == subject)
    return [dict(row) for row in connection.execute(query).mappings()]
