"""The ledger: the database that is the truth about episodes, shots, takes, leases and masters.

SQLite in WAL mode by default; what is written here runs on PostgreSQL too. The statements live beside this file:
``ledger_leader`` (who may dispatch), ``ledger_work`` (episodes and shots), ``ledger_takes`` (takes under lease),
``ledger_records`` (hosts, performers, masters, usage), ``ledger_audit`` (the hash chain).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from jobs.errors import FarmError

HEAD = "0001"  # the newest revision in jobs/migrations; a test compares it with Alembic's
BUSY_SECONDS = 30  # how long a writer waits for another one


class LedgerUnusable(FarmError):
    """The ledger cannot be opened, read or written."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)

    def __str__(self) -> str:
        where, why = self.args
        return (
            f"the ledger {where} cannot be used: {why}; check that its folder exists, has free space and may be "
            "written, then run the same command again: committed takes are kept"
        )


class LedgerFromTheFuture(FarmError):
    """The ledger was written by a newer Greenroom."""

    def __init__(self, where: str, revision: str) -> None:
        super().__init__(where, revision)

    def __str__(self) -> str:
        return (
            "the ledger {} has schema revision {}, which this Greenroom does not know (it knows " + HEAD + "): "
            "update Greenroom, or choose another GREENROOM_HOME"
        ).format(*self.args)


def process_name() -> str:
    """Who is writing, for leases and the audit log: "greenroom 4711 on stage7"."""
    return f"greenroom {os.getpid()} on {socket.gethostname()}"


class Ledger:
    """An open database with the newest schema."""

    def __init__(self, engine: Engine, where: str, folder: Path | None) -> None:
        self.engine = engine
        self.where = where
        self.folder = folder  # of an SQLite ledger; None: a database server

    @staticmethod
    def open(where: Path | str) -> Ledger:
        """Opens an SQLite file (made if missing) or a database URL; brings the schema up to date."""
        if isinstance(where, Path):
            folder, url = where.parent, sa.URL.create("sqlite+pysqlite", database=str(where))
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LedgerUnusable(str(where), str(error)) from error
        else:
            folder, url = None, where
        engine = sa.create_engine(url)
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        ledger = Ledger(engine, str(where), folder)
        ledger._migrate()
        return ledger

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot: all statements see the same state."""
        with self._mapped(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it happens or nothing; on SQLite only one at a time."""
        with (
            self._mapped(),
            self.engine.connect().execution_options(greenroom_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextlib.contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.DatabaseError) as error:
            if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError):
                raise
            raise LedgerUnusable(self.where, str(error.orig)) from error

    def revision(self) -> str | None:
        """The schema revision the database has; None: an empty one."""
        with self.read() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()

    def _migrate(self) -> None:
        if self.revision() == HEAD:  # the usual case; Alembic takes a while to import
            return
        from alembic import command, script
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        known = {revision.revision for revision in script.ScriptDirectory.from_config(config).walk_revisions()}
        with self._one_migration_at_a_time():
            current = self.revision()
            if current is not None and current not in known:
                raise LedgerFromTheFuture(self.where, current)
            with self.write() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    @contextlib.contextmanager
    def _one_migration_at_a_time(self) -> Iterator[None]:
        if self.folder is None:
            yield
            return
        try:
            lock = open(self.folder / "ledger.migrating", "w")  # noqa: SIM115
        except OSError as error:
            raise LedgerUnusable(self.where, str(error)) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def upsert(connection: Connection, table: sa.Table):
    """An INSERT that knows ON CONFLICT, in the database's own dialect."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(table)


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, every commit synced to disk, and transactions that say at their start whether they write."""

    @sa.event.listens_for(engine, "connect")
    def _connect(connection, _record) -> None:
        connection.isolation_level = None  # SQLAlchemy sends BEGIN itself, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("greenroom_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
