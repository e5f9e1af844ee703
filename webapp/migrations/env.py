"""What Alembic runs to migrate; `preparation.py` gives the connection and commits."""

from __future__ import annotations

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes["metadata"],
    render_as_batch=True,  # SQLite cannot alter most of a table: Alembic copies it
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
