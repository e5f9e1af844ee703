"""Server-side sessions: the cookie holds an id alone, and a file in the data folder holds the rest.

No lock is held during a request. At its end the keys that this request changed are put into what
is in the file by then, so that two tabs do not undo each other's work.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SessionInterface, SessionMixin

from .files import patiently, replace_file
from .headers import vary_by
from .locks import FileLock

log = logging.getLogger("intray.sessions")

COOKIE = "intray_session"
LIFETIME_SECONDS = 31 * 24 * 3600
_TOUCH_SECONDS = 24 * 3600  # how stale a live session's file may get before it is written again


class ServerSession(SessionMixin):
    """The state of one browser; `id` is None until there is something to keep. Whatever asks for neither
    costs no look at the cookie or the file."""

    def __init__(self, find: Callable[[], tuple[str | None, dict[str, Any]]]) -> None:
        """`find` gives id and state as they were when the request began; it is called once at most."""
        self._find = find
        self._found: tuple[str | None, dict[str, Any], dict[str, Any]] | None = None
        self.replaced: str | None = None  # the id that this session had before `renew`

    def _load(self) -> tuple[str | None, dict[str, Any], dict[str, Any]]:
        if self._found is None:
            id, state = self._find()
            self._found = id, state, deepcopy(state) if state else {}
        return self._found

    @property
    def id(self) -> str | None:
        return self._load()[0]

    @property
    def _state(self) -> dict[str, Any]:
        return self._load()[1]

    @property
    def _before(self) -> dict[str, Any]:
        return self._load()[2]

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self._state.get(key, default)

    def __setitem__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delitem__(self, key: str) -> None:
        del self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    @property
    def accessed(self) -> bool:
        """Whether the answer may depend on the cookie."""
        return self._found is not None

    @accessed.setter
    def accessed(self, value: bool) -> None:
        """Flask says so as soon as anybody names the session, which is not yet to look into it."""

    @property
    def modified(self) -> bool:  # type: ignore[override]
        return self.accessed and self._state != self._before

    @property
    def new(self) -> bool:  # type: ignore[override]
        return self.id is None

    def renew(self) -> None:
        """Goes on under a new id, and ends the old one: whoever knew that is left behind (OWASP,
        "Session Management Cheat Sheet", renewal after any privilege level change)."""
        self.replaced = self.id or self.replaced
        self._found = None, self._state, {}

    def merged_into(self, state: dict[str, Any]) -> dict[str, Any]:
        """`state` with the changes that were made here."""
        changed = {k: v for k, v in self.items() if k not in self._before or self._before[k] != v}
        kept = {k: v for k, v in state.items() if k not in self._before or k in self}
        return kept | changed


class SessionFiles:
    """The folder of session files. A file is named by the SHA-256 of the id, so that whoever can list
    the folder cannot take a session over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, id: str) -> dict[str, Any] | None:
        """The state kept under the id; None if there is none, or it is too old or unreadable."""
        try:
            return self._read(id)
        except OSError as wrong:
            log.warning("The session file %s is left out: %s", self._path(id).name, wrong)
            return None

    def _read(self, id: str) -> dict[str, Any] | None:
        """As `load`; OSError if there is a file that cannot be read now, which is not the same as none."""
        path = self._path(id)
        try:
            if path.stat().st_mtime < time.time() - LIFETIME_SECONDS:
                return None
            state = json.loads(patiently(path.read_bytes))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as wrong:
            log.warning("The session file %s is left out: %s", path.name, wrong)
            return None
        return state if isinstance(state, dict) else None

    def save(self, id: str, session: ServerSession) -> bool:
        """Puts the session's changes into its file. Tells whether it did: a session that was ended
        while the request went on stays ended. Raises OSError where the disk does."""
        with FileLock(self.folder / ".lock"):
            kept = self._read(id)
            if kept is None and not session.new:
                return False
            state = session.merged_into(kept or {})
            content = json.dumps(state, separators=(",", ":")).encode()
            replace_file(self._path(id), content)
        return True

    def remove(self, id: str) -> None:
        """Ends the session of that id, if there is one."""
        try:
            patiently(lambda: self._path(id).unlink(missing_ok=True))
        except OSError as wrong:
            log.error("The session file %s stays: %s", self._path(id).name, wrong)

    def touch(self, id: str) -> bool:
        """Keeps a session that is used, and not changed, from becoming too old. Tells whether its
        time begins anew."""
        path = self._path(id)
        try:
            if path.stat().st_mtime < time.time() - _TOUCH_SECONDS:
                os.utime(path)
                return True
        except OSError as wrong:
            log.warning("The session file %s cannot be kept fresh: %s", path.name, wrong)
        return False

    def sweep(self) -> None:
        """Removes the files that are too old to be used."""
        oldest = time.time() - LIFETIME_SECONDS
        for path in self._files():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:
                continue  # another process was faster, or Windows has it open: next time

    def _files(self) -> Iterator[Path]:
        return (path for path in self.folder.iterdir() if path.suffix in (".json", ".tmp"))

    def _path(self, id: str) -> Path:
        return self.folder / (hashlib.sha256(id.encode()).hexdigest() + ".json")


class ServerSessions(SessionInterface):
    """Opens and saves the sessions of an application."""

    def __init__(self, files: SessionFiles) -> None:
        self.files = files

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        def find() -> tuple[str | None, dict[str, Any]]:
            # Most who come for a form have none, and to take their cookies apart costs more than to look.
            has_one = COOKIE in request.environ.get("HTTP_COOKIE", "")
            id = request.cookies.get(COOKIE, "") if has_one else ""
            state = self.files.load(id) if id else None
            return (None, {}) if state is None else (id, state)

        return ServerSession(find)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, ServerSession) or not session.accessed:
            return
        vary_by(response, "Cookie")
        if session.replaced is not None:
            self.files.remove(session.replaced)
        if not session.modified:
            if session.id is not None and self.files.touch(session.id):
                self._set_cookie(session.id, response)
            return
        # An id that came without a file is not taken over: the server alone makes ids.
        id = session.id or secrets.token_urlsafe(32)
        try:
            if self.files.save(id, session):
                self._set_cookie(id, response)
        except OSError as wrong:  # on a full disk an error page must still get out
            log.error("A session cannot be saved: %s", wrong)

    def _set_cookie(self, id: str, response: Response) -> None:
        response.set_cookie(
            COOKIE,
            id,
            max_age=LIFETIME_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=is_by_https(),
        )


def is_by_https() -> bool:
    """Whether the browser at hand reaches us by https, perhaps by way of a proxy: then cookies are to
    travel by nothing else."""
    settings = current_app.config.get("INTRAY")
    return request.is_secure or (settings is not None and settings.public_url.startswith("https:"))
