"""Counting what a request asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask
from sqlalchemy import Connection, QueuePool, event

from webapp.extensions import db


@dataclass
class Count:
    """What went to the database. BEGIN is left out: PostgreSQL's driver sends it by itself."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0  # of transactions that may have written: each waits for the disk
    connections: int = 0  # in use at a time, at most

    def __str__(self) -> str:
        return "\n".join(
            [f"{len(self.statements)} statements, {self.commits} commits:", *self.statements]
        )


@contextmanager
def counted(app: Flask) -> Iterator[Count]:
    """Counts what the application asks of its database inside the block, in whichever thread."""
    count = Count()

    def on_statement(connection: Connection, cursor: Any, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            count.statements.append(statement)
        count.connections = max(count.connections, pool.checkedout())

    def on_commit(connection: Connection) -> None:
        count.commits += 1

    with app.app_context():
        engine = db.engine
    pool = cast(QueuePool, engine.pool)
    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
        event.remove(engine, "commit", on_commit)
