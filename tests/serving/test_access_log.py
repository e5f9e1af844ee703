"""The access log: a line for each request, and no secret in any."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from webapp.serving.access_lines import Asked, Exchange, Told
from webapp.serving.access_log import AccessLog

from ..running import TOP, Server, poll, run
from .answering import Client, serving

ONE = Exchange(
    remote_addr="192.0.2.7",
    asked=Asked(
        method="GET",
        target="/f/a",
        referrer="https://example.org/p/secret?key=1",
        user_agent="Mozilla/5.0",
    ),
    version="1.1",
    status=200,
    sent=123,
    started=1_700_000_000.5,
    seconds=0.0125,
    request_id="1f",
)


def asking(**other: str) -> Exchange:
    """The same, of a request that says something else of itself."""
    return ONE._replace(asked=ONE.asked._replace(**other))


def written(folder: Path, *exchanges: Exchange) -> list[str]:
    target = folder / "logs" / "access.log"
    log = AccessLog(target, hidden=lambda path: path.replace("secret", "…"))
    for exchange in exchanges:
        log.add(exchange)
    log.close()
    return target.read_text(encoding="utf-8").splitlines()


def test_a_line_is_in_the_combined_format(tmp_path: Path) -> None:
    assert written(tmp_path, ONE) == [
        '192.0.2.7 - - [14/Nov/2023:22:13:20 +0000] "GET /f/a HTTP/1.1" 200 123 '
        '"https://example.org" "Mozilla/5.0" 1f 0.012500'
    ]


def test_a_line_may_be_json(tmp_path: Path) -> None:
    """With the same left out, and nothing that anybody sends ends the line."""
    target = tmp_path / "access.log"
    log = AccessLog(target, hidden=lambda path: path.replace("secret", "…"), format="json")
    log.add(asking(target="/p/secret?key=abc", user_agent='a"\r\n\u2028\udcff'))
    log.close()
    (line,) = target.read_bytes().splitlines()
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.500Z",
        "remote_addr": "192.0.2.7",
        "method": "GET",
        "target": "/p/…?key=…",
        "version": "1.1",
        "status": 200,
        "sent": 123,
        "referrer": "https://example.org",
        "user_agent": 'a"\r\n\u2028\udcff',
        "request_id": "1f",
        "seconds": 0.0125,
    }


def test_no_secret_is_in_it(tmp_path: Path) -> None:
    (line,) = written(tmp_path, asking(target="/p/secret?key=abc&token=def;x=1&plain"))
    assert '"GET /p/…?key=…&token=…;x=…&plain HTTP/1.1"' in line
    assert "secret" not in line


@pytest.mark.parametrize(
    "text", ['a" 200 1 "', "a\r\nb", "a\x00b", "a\\", "\x1b[31m", "a\x85\u2028b", "a\udcffb"]
)
def test_nobody_writes_into_it(tmp_path: Path, text: str) -> None:
    for where in ("target", "user_agent", "method"):
        (line,) = written(tmp_path / where, asking(**{where: text}))
        assert len(re.findall('(?<!x)"', line)) == 6
        assert line.isprintable()


def test_it_is_turned_over(tmp_path: Path) -> None:
    target = tmp_path / "access.log"
    log = AccessLog(target, most_bytes=1000, kept=2)
    for number in range(40):
        log.add(ONE._replace(sent=number))
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "access.log",
        "access.log.1",
        "access.log.2",
    ]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert " 39 " in target.read_text(encoding="utf-8").splitlines()[-1]


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    target = tmp_path / "access.log"
    log = AccessLog(target)
    threads = [
        threading.Thread(target=lambda: [log.add(ONE) for _ in range(500)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4000
    assert len(set(lines)) == 1


def test_a_server_writes_all_of_its_answers(tmp_path: Path) -> None:
    """Those to broken requests as well, and whom a proxy speaks for."""
    with Server(
        "--access-log", "access.log", "--trusted-proxy", "127.0.0.1", data=tmp_path
    ) as server:
        with Client(server.port) as client:
            client.ask("/index?key=secret", "X-Forwarded-For: 203.0.113.9")
            client.send("/nothing/\r\n x", "Content-Length: nonsense", method="POST")
            client.rest()
        assert server.stop() == 0
    lines = (tmp_path / "logs" / "access.log").read_text(encoding="utf-8").splitlines()
    assert any(
        line.startswith("203.0.113.9 ") and '"GET /index?key=… HTTP/1.1" 200 12 ' in line
        for line in lines
    )
    assert any(" 400 " in line for line in lines)
    assert "secret" not in "".join(lines)


def test_an_answer_in_place_of_one_that_failed_is_to_its_request() -> None:
    """For Waitress it is to one that asked for nothing, so that even HEAD gets content."""
    told: list[Told] = []
    with serving(exchanges=told.append) as port:
        for method in ("GET", "HEAD"):
            with Client(port) as client:
                client.send("/error?a=b", method=method)
                assert client.read(has_body=method == "GET")[0] == 500
                assert client.rest() == b""
        poll(lambda: len(told) == 2, "both in the log")
    exchanges = [Exchange(*each) for each in told]
    assert [each.asked[:2] for each in exchanges] == [("GET", "/error?a=b"), ("HEAD", "/error?a=b")]
    assert all(each.status == 500 and each.request_id for each in exchanges)


def test_an_application_says_nothing_of_who_asked() -> None:
    """The environ is its own, to be changed."""

    def changing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/without":
            del environ["REMOTE_ADDR"], environ["serving.request_id"]
        else:
            environ["REMOTE_ADDR"] = environ["serving.request_id"] = 'a\nb "'
        start_response("200 OK", [("Content-Length", "0")])
        return []

    told: list[Told] = []
    with serving(changing, exchanges=told.append) as port, Client(port) as client:
        assert client.ask("/without")[0] == client.ask("/other")[0] == 200
        poll(lambda: len(told) == 2, "both in the log")
    assert [Exchange(*each).remote_addr for each in told] == ["127.0.0.1"] * 2
    assert all(re.fullmatch("[0-9a-f]+", Exchange(*each).request_id) for each in told)


@pytest.mark.skipif(sys.platform == "win32", reason="there a file's size cannot be limited")
def test_where_there_is_no_room_only_lines_are_lost(tmp_path: Path) -> None:
    """What has no room is gone, which is said once; after it lines are whole."""
    script = """
import logging, resource, signal, sys
from pathlib import Path
from tests.serving.test_access_log import ONE
from webapp.serving.access_log import AccessLog

logging.basicConfig(format="%(message)s")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = AccessLog(Path(sys.argv[1]), format="json")
log.add(ONE)
log.flush()
most = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (Path(sys.argv[1]).stat().st_size + 100, most))
for _ in range(3):
    log.add(ONE)
    log.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
log.add(ONE)
log.close()
"""
    target = tmp_path / "access.log"
    done = subprocess.run(
        [sys.executable, "-c", script, str(target)],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("The access log cannot be written") == 1
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert all(json.loads(line)["status"] == 200 for line in lines)


def test_a_log_that_cannot_be_written_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "logs" / "access.log").mkdir(parents=True)
    done = run("serve.py", "--access-log", "access.log", data=tmp_path)
    assert done.returncode == 2
    assert "access.log cannot be written" in done.stderr


def test_a_file_that_somebody_holds_costs_no_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a file that is being read cannot be renamed; here its renaming is refused."""
    target = tmp_path / "access.log"
    log = AccessLog(target, most_bytes=200, kept=3)
    for number in range(4):
        log.add(asking(target=f"/before/{number}"))
    log.flush()
    rename = Path.replace

    def refused(self: Path, to: Path) -> Path:
        if self == target:
            raise PermissionError
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", refused)
    for number in range(9):
        log.add(asking(target=f"/held/{number}"))
    log.flush()
    monkeypatch.undo()
    log.add(asking(target="/after"))
    log.close()
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert all(f"/before/{number} " in text for number in range(1, 4))  # the oldest has gone, once
    assert all(f"/held/{number} " in text for number in range(9))
    assert target.stat().st_size < 400
