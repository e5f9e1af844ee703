"""Sending files at next to no cost to the client: the bytes go from the system's memory into the socket."""

from __future__ import annotations

import os
import socket
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .load import LoadError

PIECE = 2**20
SECONDS = 600.0  # after which a server that does not answer is given up


@dataclass(frozen=True)
class Source:
    """A file to be sent."""

    path: Path
    size: int

    @classmethod
    def make(cls, path: Path, size: int) -> Source:
        """One in which no part is like another, in the system's memory as it was just written."""
        with path.open("wb") as file:
            for _ in range(size // PIECE):
                file.write(os.urandom(PIECE))
            file.write(os.urandom(size % PIECE))
        return cls(path, size)

    @classmethod
    def hole(cls, path: Path, size: int) -> Source:
        """One that takes no room, for where its bytes do not matter."""
        with path.open("wb") as file:
            file.truncate(size)
        return cls(path, size)

    def crc32s(self, piece: int) -> list[bytes]:
        """Those of its pieces, the greatest byte first."""
        with self.path.open("rb") as file:
            return [zlib.crc32(file.read(piece)).to_bytes(4, "big") for _ in self.pieces(piece)]

    def pieces(self, piece: int) -> Iterator[tuple[int, int]]:
        """Where each begins, and how long it is."""
        for begin in range(0, self.size, piece):
            yield begin, min(piece, self.size - begin)


@dataclass(frozen=True)
class Answer:
    """An answer of the server; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Sender:
    """A connection that sends files, opened anew where the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._file.close()
            self._socket.close()
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._file = self._socket.makefile("rb")
        return self._socket

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        status: int = 200,
    ) -> Answer:
        """A request whose body is at hand. Raises LoadError for another status than this."""
        self._opened().sendall(_head(method, path, headers, len(body)) + body)
        return self._answer(method, status)

    def send_file(
        self,
        method: str,
        path: str,
        source: Source,
        headers: Mapping[str, str] | None = None,
        *,
        part: tuple[int, int] | None = None,
        around: tuple[bytes, bytes] = (b"", b""),
        status: int = 200,
    ) -> Answer:
        """A request whose body is the file, or a part of it (where, how long), with bytes around it."""
        begin, length = part or (0, source.size)
        before, after = around
        connection = self._opened()
        whole = len(before) + length + len(after)
        connection.sendall(_head(method, path, headers, whole) + before)
        with source.path.open("rb") as file:
            connection.sendfile(file, begin, length)
        connection.sendall(after)
        return self._answer(method, status)

    def _answer(self, method: str, status: int) -> Answer:
        version, got, *_ = self._file.readline().decode("latin-1").split()
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = b""
        if method != "HEAD" and got != "204":
            body = self._file.read(int(headers.get("content-length", "0")))
        if version == "HTTP/1.0" or headers.get("connection", "").lower() == "close":
            self.close()
        if int(got) != status:
            raise LoadError(f"{method} was answered {got} {headers}: {body[:500]!r}")
        return Answer(int(got), headers, body)


def _head(method: str, path: str, headers: Mapping[str, str] | None, length: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


@contextmanager
def sender(port: int) -> Iterator[Sender]:
    opened = Sender(port)
    try:
        yield opened
    finally:
        opened.close()
