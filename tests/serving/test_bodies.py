"""Request bodies that are refused before they fill the disk, by real servers."""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp import launcher
from webapp.serving import bodies
from webapp.serving.bodies import NO_ROOM, TOO_LARGE, Limits

from ..forms_in_toml import HOMEWORK
from ..running import TOP, Server, poll
from ..visitor import Visitor, over_http
from .applications import body

MB = 1024**2
PATH = "/f/homework-3"
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def import_form(data: Path, folder: Path) -> None:
    """Imports a form that takes files of up to 40 MB."""
    form = folder / "form.toml"
    form.write_text(HOMEWORK.replace('"1 MB"', '"40 MB"'), encoding="utf-8")
    Server.command("form", "import", str(form), data=data)


class Client:
    """A connection on which a request is sent in pieces, whatever the server thinks of it."""

    def __init__(self, server: Server, path: str, *headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), 60)
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
        self.send("\r\n".join(lines).encode())

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def read(self) -> tuple[int, str]:
        """Status and text of the answer."""
        answer = http.client.HTTPResponse(self._socket)
        answer.begin()
        return answer.status, answer.read().decode()

    def is_waiting(self) -> bool:
        """Whether nothing has been answered so far."""
        self._socket.settimeout(0.2)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(60)
        return False

    def close(self) -> None:
        self._socket.close()


def client(server: Server, path: str, *headers: str) -> contextlib.closing[Client]:
    return contextlib.closing(Client(server, path, *headers))


def fill(sender: Client, piece: bytes, times: int) -> int:
    """Sends the piece so many times, or until the server has hung up; gives how many it was."""
    for sent in range(times):
        try:
            sender.send(piece)
        except ConnectionError:
            return sent
    return times


def spooled(server: Server, data: Path) -> list[str]:
    """What lies in data/incoming, and the files there that have no name but are still open."""
    named = [path.name for path in (data / "incoming").iterdir()]
    for link in Path(f"/proc/{server.process.pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            named += [target] if target.startswith(str(data / "incoming")) else []
    return named


# --- a path that takes no files


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_a_large_body_is_refused_when_the_headers_are_in(
    data: Path, expect: tuple[str, ...]
) -> None:
    with Server(data=data) as server:
        with client(server, "/index", f"Content-Length: {2 * MB}", *expect) as sender:
            assert sender.read() == (413, TOO_LARGE.sentence + "\n")
        assert spooled(server, data) == []


@pytest.mark.parametrize("path", ["/index", "/", "/f", "/language", "/nothing", "/x/..%2Ff/a"])
def test_a_large_body_that_is_sent_all_the_same_is_not_kept(data: Path, path: str) -> None:
    with Server(data=data) as server:
        with client(server, path, f"Content-Length: {200 * MB}") as sender:
            assert fill(sender, b"x" * MB, 200) == 200
            assert sender.read()[0] == 413  # for who reads it only then
            assert spooled(server, data) == []
        assert over_http(server.url)("GET", "/index", b"", {}).status == 200


def test_a_chunked_body_is_refused_when_it_has_grown_too_large(data: Path) -> None:
    with Server(data=data) as server:
        with client(server, "/index", "Transfer-Encoding: chunked") as sender:
            content = CHUNK * 16
            sender.send(content[:MB])
            assert sender.is_waiting()
            sender.send(content[MB : MB + 1])
            assert sender.read() == (413, TOO_LARGE.sentence + "\n")
        assert spooled(server, data) == []


def test_a_chunked_body_that_goes_on_is_not_kept(data: Path) -> None:
    with Server(data=data) as server:
        with client(server, "/index", "Transfer-Encoding: chunked") as sender:
            fill(sender, CHUNK, 3200)
            assert sender.read()[0] == 413
        poll(lambda: spooled(server, data) == [], "an empty data/incoming")


def test_a_body_of_1_mb_gets_to_the_application(data: Path) -> None:
    with Server(data=data) as server:
        answer = over_http(server.url)("POST", "/nothing", b"x" * MB, {})
    assert answer.status == 404


def test_every_listener_refuses() -> None:
    code = (
        "from pathlib import Path\n"
        "from tests.serving.applications import body\n"
        "from webapp.serving import server, signals, sockets\n"
        "listeners = sockets.listen('::', {port})\n"
        "signals.interrupt_on_stop()\n"
        "server.serve(body, listeners, threads=1, body_limit=lambda path: 1024**2)\n"
    )
    with Server(command=(sys.executable, "-c", code), cwd=TOP) as server:
        for host in ("127.0.0.1", "::1") if socket.has_ipv6 else ("127.0.0.1",):
            connection = http.client.HTTPConnection(host, server.port, timeout=60)
            connection.putrequest("POST", "/")
            connection.putheader("Content-Length", str(2 * MB))
            connection.endheaders()
            assert connection.getresponse().status == 413
            connection.close()


# --- a path that takes files


def test_a_form_takes_large_files(data: Path, tmp_path: Path) -> None:
    import_form(data, tmp_path)
    with Server(data=data) as server:
        visitor = Visitor(over_http(server.url))
        files = [("essay", "essay.pdf", b"%PDF-" + b"x" * (30 * MB - 5))]
        answer = visitor.hand_in(visitor.open(PATH), PATH, {"name": "Ann"}, files)
        assert answer.status == 303, answer.text
        assert "30 MB" in visitor.open(answer.location).text
    (stored,) = (data / "files").rglob("essay.pdf")
    assert stored.stat().st_size == 30 * MB


def test_a_small_disk_is_not_filled(small_disk: Path, tmp_path: Path) -> None:
    data = small_disk / "data"
    import_form(data, tmp_path)
    with Server(data=data) as server:
        free = shutil.disk_usage(data).free
        with client(server, PATH, f"Content-Length: {60 * MB}") as sender:
            assert sender.read() == (507, NO_ROOM.sentence + "\n")
        assert shutil.disk_usage(data).free > free - MB
        assert Visitor(over_http(server.url)).open(PATH).status == 200


def test_a_chunked_body_leaves_the_reserve(small_disk: Path) -> None:
    data = small_disk / "data"
    with Server(data=data) as server:
        with client(server, PATH, "Transfer-Encoding: chunked") as sender:
            fill(sender, CHUNK * 16, 60)
            assert shutil.disk_usage(data).free > MB
        poll(lambda: spooled(server, data) == [], "an empty data/incoming")


def test_bodies_that_arrive_together_leave_the_reserve(small_disk: Path) -> None:
    data = small_disk / "data"
    with Server(data=data) as server, contextlib.ExitStack() as senders:
        announced = f"Content-Length: {30 * MB}"
        first, second = (senders.enter_context(client(server, PATH, announced)) for _ in range(2))
        for sender in (first, second):
            fill(sender, b"x" * MB, 15)
        poll(lambda: shutil.disk_usage(data).free > 20 * MB, "one of the two to be dropped")
        assert first.is_waiting()  # only the one that came to be too much is refused


# --- another application


@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_another_application_takes_what_it_likes(coding: str) -> None:
    with Server("--app", f"{body.__module__}:body", cwd=TOP) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        content = b"x" * 3 * MB if coding == "length" else iter([b"x" * MB] * 3)
        connection.request("POST", "/index", content)
        answer = connection.getresponse().read().decode()
        connection.close()
    assert re.search(rf'"length": {3 * MB}\b', answer)


# --- the rules


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/f/homework-3", bodies.UNLIMITED),
        ("/f/作业", bodies.UNLIMITED),
        ("/f", MB),
        ("/forms/", MB),
        ("//f/homework-3", MB),
        ("/index", MB),
        ("", MB),
    ],
)
def test_only_where_files_are_handed_in_bodies_may_be_large(path: str, limit: int) -> None:
    assert launcher.body_limit(path) == limit


@pytest.mark.parametrize(
    ("total", "free", "left"),
    [
        (1000 * 1024 * MB, 600 * MB, 88 * MB),  # of a large disk 512 MB are kept free
        (100 * MB, 20 * MB, 15 * MB),  # of a small one 5 %
        (100 * MB, 2 * MB, -3 * MB),
    ],
)
def test_the_room_is_what_is_free_above_the_reserve(
    total: int, free: int, left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage(tmp_path))(total, total - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert bodies.room(tmp_path) == left


def test_what_is_still_to_come_must_find_room(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(lambda path: 10, Path())
    monkeypatch.setattr(bodies, "room", lambda _: 5)
    assert limits.refusal("/", 10, 5) is None
    assert limits.refusal("/", 10, 6) is NO_ROOM
    assert limits.refusal("/", 11, 6) is TOO_LARGE
