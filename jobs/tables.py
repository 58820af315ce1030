"""The ledger's tables. Times are seconds since the epoch (UTC); digests and keys are hex SHA-256."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPISODES = Table(
    "episodes",
    METADATA,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("project", String, nullable=False),
    Column("state", String, nullable=False),
    Column("priority", Integer, nullable=False),  # class; higher goes first
    Column("deadline", Float),
    Column("fps", String, nullable=False),  # a fraction, "24" or "24000/1001"
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("submitted_at", Float, nullable=False),
)

SCENES = Table(
    "scenes",
    METADATA,
    Column("id", String, primary_key=True),  # "s01e01/s010"
    Column("episode_id", ForeignKey("episodes.id"), nullable=False),
    Column("position", Integer, nullable=False),  # from 0
)

SHOTS = Table(
    "shots",
    METADATA,
    Column("id", String, primary_key=True),  # "s01e01/s010/0010"
    Column("scene_id", ForeignKey("scenes.id"), nullable=False),
    Column("episode_id", ForeignKey("episodes.id"), nullable=False),
    Column("position", Integer, nullable=False),  # in the episode, from 0
    Column("frames", Integer, nullable=False),
    Column("take_key", String, nullable=False),
    Column("performers", JSON, nullable=False),  # digests, sorted
    Column("cost", Float, nullable=False),  # estimated seconds on one host of speed 1
    Column("state", String, nullable=False),
    Column("take_id", Integer),  # the committed take it is joined to
    Column("queued_at", Float, nullable=False),
    Column("reason", Text),  # why it waits or why it was given up
    Index(None, "episode_id", "state"),
    Index(None, "take_key"),
)

TAKES = Table(
    "takes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("shot_id", String, nullable=False),
    Column("take_key", String, nullable=False),
    Column("attempt", Integer, nullable=False),  # of this key, from 1
    Column("state", String, nullable=False),
    Column("host_id", String, nullable=False),
    Column("epoch", Integer, nullable=False),  # the leader's fencing token when it was leased
    Column("token", Integer, nullable=False),  # the shot lease's fencing token
    Column("leased_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("sha256", String),  # of the blob
    Column("size", Integer),  # bytes
    Column("facts", JSON),
    Column("failure", String),  # failure class
    Column("error", Text),
    Index(None, "take_key", "state"),
    Index(None, "shot_id"),
    Index(
        "uq_takes_committed_key",
        "take_key",
        unique=True,
        sqlite_where=text("state = 'committed'"),
        postgresql_where=text("state = 'committed'"),
    ),
    sqlite_autoincrement=True,  # an id is never given twice
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String, primary_key=True),  # "leader", or "shot/<shot id>"
    Column("token", Integer, nullable=False),  # fencing token: grows with every new holder
    Column("holder", String),  # null: free
    Column("expires_at", Float, nullable=False),
)

HOSTS = Table(
    "hosts",
    METADATA,
    Column("id", String, primary_key=True),
    Column("node", String, nullable=False),
    Column("pid", Integer),
    Column("slot", Integer, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("ending", Text),  # why it ended
    Column("facts", JSON),  # loads, hits, evictions, seconds, bytes
)

PERFORMERS = Table(
    "performers",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("bytes", Integer),  # resident on a host; null until a host has loaded it
)

USAGE = Table(
    "usage",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("master_id", ForeignKey("masters.id"), nullable=False),
    Column("episode_id", ForeignKey("episodes.id"), nullable=False),
    Column("performer", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("role", String, nullable=False),
    Column("seconds", Float, nullable=False),  # on screen in this master
    Index(None, "performer"),
    Index(None, "master_id"),
)

MASTERS = Table(
    "masters",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("episode_id", ForeignKey("episodes.id"), nullable=False),
    Column("sha256", String, nullable=False),  # of the delivered file
    Column("size", Integer, nullable=False),
    Column("path", Text, nullable=False),  # where it was delivered to
    Column("takes", JSON, nullable=False),  # {shot id: take key} in playing order
    Column("made_at", Float, nullable=False),
    Index(None, "sha256"),
    Index(None, "episode_id"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", Integer, primary_key=True),  # from 1, without holes
    Column("at", Float, nullable=False),
    Column("holder", String, nullable=False),  # who did it
    Column("verb", String, nullable=False),  # "take.committed", "leader.acquired", ...
    Column("subject", String, nullable=False),  # shot id, episode id, host id, ...
    Column("detail", JSON, nullable=False),
    Column("previous", String, nullable=False),  # hash of the row before; 64 zeros for the first
    Column("hash", String, nullable=False),
    Index(None, "subject"),
)
