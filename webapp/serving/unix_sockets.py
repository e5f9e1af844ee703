"""A listening socket that is a file, for a proxy on the same computer (unix(7))."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import CannotServe
from .sockets import BACKLOG

PREFIX = "unix:"  # before the path, where a socket stands among addresses

if sys.platform == "win32":

    @contextmanager
    def listening(path: str, mode: int) -> Iterator[list[socket.socket]]:
        raise CannotServe("On Windows Python has no Unix sockets: start it without --socket.")
        yield []

else:

    @contextmanager
    def listening(path: str, mode: int) -> Iterator[list[socket.socket]]:
        """A socket at the path with these permissions, which is removed at the end. One that an earlier
        server has left is replaced; nothing else ever is. Raises CannotServe with one sentence."""
        _make_way(path)
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(path)
            Path(path).chmod(mode)  # nobody can connect before it listens
            ours = _identity(path)
            listener.listen(BACKLOG)
        except OSError as wrong:
            listener.close()
            raise CannotServe(_explain(wrong, path)) from None
        try:
            yield [listener]
        finally:
            listener.close()
            with suppress(OSError):
                if _identity(path) == ours:  # and not that of a server which has begun meanwhile
                    Path(path).unlink()

    def _make_way(path: str) -> None:
        try:
            found = Path(path).lstat()
            if not stat.S_ISSOCK(found.st_mode):
                raise CannotServe(f"{path} is no socket, and stays: choose another --socket.")
            if _is_left_over(path):
                Path(path).unlink()
        except FileNotFoundError:
            return
        except OSError as wrong:
            raise CannotServe(_explain(wrong, path)) from None

    def _is_left_over(path: str) -> bool:
        """Whether nobody listens on it. Raises OSError where somebody may."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.setblocking(False)  # whose queue is full would have us wait
            try:
                asking.connect(path)
            except ConnectionRefusedError:
                return True
            except BlockingIOError:
                pass
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    def _identity(path: str) -> tuple[int, int, int]:
        """The numbers of files that are gone are given again, but not with the same time."""
        found = Path(path).lstat()
        return found.st_dev, found.st_ino, found.st_mtime_ns

    def _explain(wrong: OSError, path: str) -> str:
        if wrong.errno in (errno.EADDRINUSE, errno.EPROTOTYPE):
            return (
                f"The socket {path} is in use by another program: choose another one with --socket."
            )
        if wrong.errno is None or wrong.errno == errno.ENAMETOOLONG:  # Python's own, for the former
            return f"The path {path} is too long for a socket: choose a shorter one with --socket."
        return f"The socket {path} cannot be made: {os.strerror(wrong.errno)}."
