"""Whether anything was committed to the database since, without reading what."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine, event


class Commits:
    """Of SQLite, whoever commits, in this process or another. Safe for threads."""

    def __init__(self, engine: Engine) -> None:
        self._path = _path(engine)
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._connections = 0  # that there have been: each counts from the same number on
        # What goes on without the database, or forks, keeps no connection to it.
        event.listen(engine, "engine_disposed", self._close)

    def mark(self) -> tuple[int, int] | None:
        """Another mark than before where anything was committed in between; None where that cannot be
        told but by a query, as with PostgreSQL."""
        if not self._path:
            return None
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = _connect(self._path)
                    self._connections += 1
                connections = self._connections
                # The same connection each time, which never writes: the number counts what others commit.
                # (SQLite documentation, "PRAGMA data_version")
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return None  # whoever asks the database itself is told why
        return connections, int(version)

    def _close(self, engine: Any) -> None:
        with self._lock, suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def _path(engine: Engine) -> str:
    """Of the file that the database is in; empty where there is none, or it is named by a URI."""
    path = engine.url.database or ""
    is_file = engine.dialect.name == "sqlite" and not path.startswith((":", "file:"))
    return path if is_file else ""


def _connect(path: str) -> sqlite3.Connection:
    # It makes no database where there is none.
    address = f"{Path(path).absolute().as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
