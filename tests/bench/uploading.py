"""The ways in which files are sent to Intray and to its peers."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..running import Server
from ..uploads.tus_client import STREAM, metadata
from .peers import Copyparty
from .sending import Sender, Source

PIECE = 16 * 2**20  # bytes of a PATCH with a checksum
SMALL = 1024  # bytes
IN_A_FIELD = 1000  # files
TUS = {"Tus-Resumable": "1.0.0"}
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gWx"  # as long as browsers make them
END = f"\r\n--{BOUNDARY}--\r\n".encode()
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
COMPARED = "copyparty, PUT"
SECONDS = 600.0

FORM = """
format = 1
title = "Bench"
slug = "bench"
state = "open"

[[fields]]
key = "first"
kind = "files"
label = "First"
max_files = 1000
max_size = "9 GB"

[[fields]]
key = "second"
kind = "files"
label = "Second"
max_files = 1000
max_size = "9 GB"
"""


@dataclass(frozen=True)
class Side:
    """One way to have a file taken in. `send` returns when it is answered, and gives what returns when
    its hash is known."""

    name: str
    port: int
    process_id: int
    send: Callable[[Sender, Source], Callable[[], None]]


# --- Intray


def of_intray(server: Server, large: Source, count: int) -> tuple[list[Side], list[Side]]:
    """Its ways for a large file, and for so many small ones."""
    at = (server.port, server.process.pid)
    in_pieces = partial(by_tus, piece=PIECE, checksums=large.crc32s(PIECE))
    one = [
        Side("Intray, tus", *at, by_tus),
        Side("Intray, tus in pieces", *at, in_pieces),
        Side("Intray, form", *at, by_form),
        Side("SHA-256 alone", server.port, os.getpid(), _by_hashing),
    ]
    many = [
        Side("Intray, tus", *at, partial(_many_by_tus, count=count)),
        Side("Intray, form", *at, partial(_many_by_form, count=count)),
    ]
    return one, many


def _nothing() -> None:
    """It was verified before it was answered."""


def by_tus(
    connection: Sender, source: Source, piece: int = 0, checksums: Sequence[bytes] = ()
) -> Callable[[], None]:
    """In one PATCH, or in pieces with their checksums."""
    path = _begun(connection, source.size)
    for number, (begin, length) in enumerate(source.pieces(piece or source.size)):
        told = {"Upload-Offset": str(begin), "Content-Type": STREAM}
        if checksums:
            told["Upload-Checksum"] = "crc32 " + base64.b64encode(checksums[number]).decode()
        last = connection.send_file(
            "PATCH", path, source, TUS | told, part=(begin, length), status=204
        )
    if "intray-checking" in last.headers:
        return lambda: _wait_for_check(connection, path)
    return _nothing


def _begun(connection: Sender, size: int) -> str:
    told = {
        "Upload-Length": str(size),
        "Upload-Metadata": metadata(form="bench", field="first", filename="large.bin"),
    }
    return connection.ask("POST", "/uploads", TUS | told, status=201).headers["location"]


def _wait_for_check(connection: Sender, path: str) -> None:
    """Asks as seldom as a page does, which must not be what takes the time."""
    deadline = time.monotonic() + SECONDS
    while "intray-checking" in connection.ask("HEAD", path, TUS).headers:
        assert time.monotonic() < deadline, f"no SHA-256 of {path}"
        time.sleep(0.1)


def _many_by_tus(connection: Sender, source: Source, count: int) -> Callable[[], None]:
    content = source.path.read_bytes()
    told = {
        "Upload-Length": str(source.size),
        "Upload-Metadata": metadata(form="bench", field="first", filename="small.bin"),
        "Content-Type": STREAM,
    }
    for _ in range(count):
        connection.ask("POST", "/uploads", TUS | told, content, 201)
    return _nothing


def _by_hashing(connection: Sender, source: Source) -> Callable[[], None]:
    """What Intray cannot be faster than until the file is verified: here, from memory, without a server."""
    with source.path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return _nothing


def by_form(connection: Sender, source: Source) -> Callable[[], None]:
    """As a browser without JavaScript hands it in."""
    before = _text("csrf_token", _token(connection)) + _part("first", "large.bin")
    around = before, END
    connection.send_file("POST", "/f/bench", source, MULTIPART, around=around, status=303)
    return _nothing


def _many_by_form(connection: Sender, source: Source, count: int) -> Callable[[], None]:
    content = source.path.read_bytes() + b"\r\n"
    parts = [_text("csrf_token", _token(connection))]
    for number in range(count):
        field = "first" if number < IN_A_FIELD else "second"
        parts.append(_part(field, f"{number}.bin") + content)
    body = b"".join(parts).removesuffix(b"\r\n") + END
    connection.ask("POST", "/f/bench", MULTIPART, body, 303)
    return _nothing


def _token(connection: Sender) -> str:
    page = connection.ask("GET", "/f/bench").body
    found = re.search(rb'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1].decode()


def _text(name: str, value: str) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n".encode()


def _part(name: str, filename: str) -> bytes:
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()


# --- others


def of_copyparty(server: Copyparty, count: int) -> tuple[list[Side], list[Side]]:
    """Its ways for a large file, and the one for so many small ones."""
    at = (server.port, server.process_id)
    numbers = itertools.count()

    def put(connection: Sender, source: Source) -> Callable[[], None]:
        connection.send_file("PUT", f"/{next(numbers)}.bin", source, status=201)
        return _nothing

    def post(connection: Sender, source: Source) -> Callable[[], None]:
        before = _text("act", "bput") + _part("f", f"{next(numbers)}.bin")
        around = before, END
        connection.send_file("POST", "/", source, MULTIPART, around=around, status=201)
        return _nothing

    def put_many(connection: Sender, source: Source) -> Callable[[], None]:
        content = source.path.read_bytes()
        for _ in range(count):
            connection.ask("PUT", f"/{next(numbers)}.bin", None, content, 201)
        return _nothing

    one = [Side("copyparty, POST", *at, post), Side(COMPARED, *at, put)]
    return one, [Side(COMPARED, *at, put_many)]


def of_uploadserver(server: Server) -> list[Side]:
    """Its only way."""
    numbers = itertools.count()

    def post(connection: Sender, source: Source) -> Callable[[], None]:
        around = _part("files", f"{next(numbers)}.bin"), END
        connection.send_file("POST", "/upload", source, MULTIPART, around=around, status=204)
        return _nothing

    return [Side("uploadserver", server.port, server.process.pid, post)]
