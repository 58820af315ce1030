"""Alembic's entry: runs the revisions on the connection that ``jobs.ledger`` hands in."""

from alembic import context

from jobs.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
