"""`/metrics`: what all processes together have done, for those who may read it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from webapp.serving import exposition
from webapp.serving.figures import PROCESSES, SENT, UPLOADS, Figures, Watched
from webapp.serving.metrics import Readers
from webapp.serving.proxies import FORWARDED, KNOWN, UNKNOWN, Proxies
from webapp.serving.receiving import Intake

from ..running import TOP, Server, poll, run
from .taking_in import Taken

APPLICATIONS = "tests.serving.applications:"
Found = dict[str, float]


def read(text: str) -> Found:
    """Each figure, by its name and labels as they stand there; Prometheus's own parser reads them."""
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def asked(server: Server, path: str = "/metrics", **headers: str) -> tuple[int, str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.url + path, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers["Content-Type"], refused.read().decode()


def figures(server: Server) -> Found:
    status, kind, text = asked(server)
    assert (status, kind) == (200, exposition.CONTENT_TYPE)
    return read(text)


def until(server: Server, condition: Callable[[Found], bool], what: str) -> Found:
    last: Found = {}

    def look() -> bool:
        nonlocal last
        last = figures(server)
        return condition(last)

    poll(look, what)
    return last


def test_intray_tells_what_it_did(tmp_path: Path) -> None:
    with Server(data=tmp_path, path="/index") as server:
        asked(server, "/nothing")
        found = until(
            server, lambda f: f.get("serving_requests_total GET 4xx") == 1, "the answer's count"
        )
        assert found["serving_requests_total GET 2xx"] >= 1
        counted = sum(found[name] for name in found if name.startswith("serving_requests_total"))
        assert found["serving_request_seconds_bucket +Inf"] == counted
        assert found["serving_request_seconds_count"] == counted
        assert found["serving_processes"] == 1
        assert found["serving_threads_busy"] == 1
        assert found["serving_connections"] >= 1
        assert found["serving_connections_total"] >= 2
        assert found["serving_received_bytes_total"] > 100
        assert found["serving_sent_bytes_total"] > 100
        assert found["intray_database_up"] == 1
        assert found["intray_submissions"] == found["intray_uploads_waiting"] == 0
        with socket.create_connection(("127.0.0.1", server.port), 60) as slow:
            slow.sendall(
                b"POST /uploads HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                b"Content-Length: 9\r\n\r\n1234"
            )
            until(server, lambda f: f["serving_connections"] >= 2, "the open connection")


def test_strangers_find_nothing(tmp_path: Path) -> None:
    with Server(
        "--trusted-proxy", "127.0.0.1", "--metrics-from", "203.0.113.0/24", data=tmp_path
    ) as server:
        assert asked(server)[0] == 200
        assert asked(server, X_Forwarded_For="203.0.113.7")[0] == 200
        assert asked(server, X_Forwarded_For="198.51.100.7")[0] == 404
        assert asked(server, X_Forwarded_For="nonsense")[0] == 404
        assert asked(server, Forwarded="for=203.0.113.7")[0] == 404
        assert asked(server, Host="evil.example")[0] == 421


@pytest.mark.parametrize(
    ("environ", "may"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "10.1.2.3"}, True),
        ({"REMOTE_ADDR": "10.1.2.3", FORWARDED: KNOWN}, True),
        ({"REMOTE_ADDR": "10.1.2.3", FORWARDED: UNKNOWN}, False),
        ({"REMOTE_ADDR": "127.0.0.1", FORWARDED: KNOWN}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}, False),
        ({"REMOTE_ADDR": "11.1.2.3"}, False),
        ({"REMOTE_ADDR": ""}, False),
        ({}, False),
    ],
)
def test_who_may_read(environ: dict[str, str], may: bool) -> None:
    assert Readers.parse("10.0.0.0/8, 192.0.2.1").may_read(environ) is may


def test_a_proxy_that_is_not_believed_makes_nobody_of_this_computer() -> None:
    environ: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    Proxies.parse("").apply(environ, "127.0.0.1")
    assert not Readers.parse("").may_read(environ)


def test_another_application_gets_it_where_it_is_asked_for() -> None:
    options = ("--app", APPLICATIONS + "meet")
    with Server(*options, "--metrics-from", "127.0.0.1", cwd=TOP) as server:
        assert "serving_requests_total" in asked(server)[2]
        assert asked(server, X_Forwarded_For="127.0.0.1")[2].isdigit()
    with Server(*options, cwd=TOP) as server:
        assert asked(server)[2].isdigit()


def test_counters_stay_and_what_was_open_goes_with_a_process() -> None:
    watched = Watched()
    slot = watched.take_slot()
    first, second = Figures(watched.board, slot), Figures(watched.board, watched.take_slot())
    first.add(SENT, 5)
    first.add(UPLOADS, 2)
    second.add(SENT, 7)
    assert read(first.text())["serving_uploads"] == 2
    watched.free_slot(slot)
    found = read(second.text())
    assert (found["serving_uploads"], found["serving_processes"]) == (0, 1)
    assert found["serving_sent_bytes_total"] == 12
    again = Figures(watched.board, watched.take_slot())
    again.add(SENT, 1)
    assert read(second.text())["serving_sent_bytes_total"] == 13
    assert again._own[PROCESSES] == 1


@pytest.mark.parametrize("leave", ["end", "abandon"])
def test_an_upload_is_counted_while_it_is_received(leave: str) -> None:
    figures = Figures()
    intake = Intake(Taken("/take"), figures)
    assert read(figures.text())["serving_uploads"] == 1
    getattr(intake, leave)()
    intake.abandon()
    assert read(figures.text())["serving_uploads"] == 0


def assert_counted_together(done: subprocess.CompletedProcess[str]) -> None:
    """That is what tests/serving/sharing.py has printed."""
    assert done.returncode == 0, done.stderr
    first, second, last = (read(part) for part in done.stdout.strip().split("\n\n"))
    names = ("serving_sent_bytes_total", "serving_processes", "serving_uploads")
    assert [first[name] for name in names] == [12, 2, 1]
    assert [second[name] for name in names] == [17, 2, 1]
    assert [last[name] for name in names] == [17, 1, 0]


def test_processes_count_together() -> None:
    assert_counted_together(run("-m", "tests.serving.sharing"))


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows one process serves")
def test_totals_never_go_back_when_a_process_is_killed() -> None:
    options = ("--processes", "2", "--metrics-from", "127.0.0.1")
    with Server("--app", APPLICATIONS + "dying", *options, cwd=TOP) as server:
        until(server, lambda f: f["serving_processes"] == 2, "two processes")
        ids = set()

        def both_have_answered() -> bool:
            ids.add(int(asked(server, "/")[2]))
            return len(ids) == 2

        poll(both_have_answered, "both")
        before = figures(server)
        assert before["serving_requests_total GET 2xx"] >= 2
        os.kill(ids.pop(), signal.SIGKILL)
        last = before
        for _ in range(200):
            try:
                now = figures(server)
            except (OSError, http.client.HTTPException):
                continue  # it was with the one that was killed
            for name in now:
                if "_total" in name or "_bucket" in name or "_sum" in name:
                    assert now[name] >= last.get(name, 0), name
            last = now
            if now["serving_restarts_total"] == 1 and now["serving_processes"] == 2:
                break
        found = until(
            server,
            lambda f: f["serving_restarts_total"] == 1 and f["serving_processes"] == 2,
            "the replacement",
        )
        assert found["serving_requests_total GET 2xx"] > before["serving_requests_total GET 2xx"]
        assert found["serving_connections"] < 5
        assert server.stop() == 0
        assert "Traceback" not in server.output


def test_what_is_written_is_what_the_format_says() -> None:
    odd = exposition.Family(
        "a_total", "counter", "One \\ two\nthree", [("", [("path", 'a"b\\c\nd')], 1.5)]
    )
    times = exposition.histogram("t_seconds", "Times.", [0.1, float("inf")], [2, 1], 3.25)
    (counted, timed) = text_string_to_metric_families(exposition.text([odd, times]))
    assert counted.documentation == "One \\ two\nthree"
    assert counted.samples[0].labels == {"path": 'a"b\\c\nd'}
    assert [(s.name, s.labels, s.value) for s in timed.samples] == [
        ("t_seconds_bucket", {"le": "0.1"}, 2),
        ("t_seconds_bucket", {"le": "+Inf"}, 3),
        ("t_seconds_sum", {}, 3.25),
        ("t_seconds_count", {}, 3),
    ]
