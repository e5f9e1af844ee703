"""`serve.py --processes` on the Windows Python: sockets that are handed on, Ctrl-C, and a reload."""

from __future__ import annotations

import http.client
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from ..running import TOP, WINDOWS_PYTHON, Server, answers, poll, run
from ..serving.test_processes import (
    Asking,
    asked,
    asked_as_text,
    wait_for_processes,
    whoever_answers,
)

pytestmark = pytest.mark.windows
APPLICATIONS = "tests.serving.applications:"


def several(name: str, *arguments: str) -> Server:
    more = ("--app", APPLICATIONS + name, "--processes", "2", *arguments)
    return Server(*more, python=WINDOWS_PYTHON, cwd=TOP)


def test_two_answer_at_one_port_which_no_other_server_gets(tmp_path: Path) -> None:
    with several("slow", "--access-log", "access.log", "--data", str(tmp_path)) as server:
        assert len(wait_for_processes(server, 2)) == 2
        assert "On Windows each process holds up to 480 connections at once." in server.output
        done = run(
            "serve.py", "--port", str(server.port), python=WINDOWS_PYTHON, data=tmp_path / "d"
        )
        assert done.returncode == 2
        assert f"Port {server.port} is in use by another program" in done.stdout + done.stderr
        logs = [tmp_path / "logs" / name for name in ("access.log", "access.2.log")]
        poll(lambda: all("GET / HTTP" in log.read_text() for log in logs), "a line in both logs")
        assert server.stop() == 0
        assert "Traceback" not in server.output


def test_a_request_in_flight_is_answered_and_a_second_ctrl_c_forces(tmp_path: Path) -> None:
    may_go = tmp_path / "go"
    with several("slow") as server:
        asking = Asking(server, may_go)
        server.process.send_signal(signal.SIGINT)
        poll(lambda: not answers(server.port), "a closed door")
        may_go.touch()
        assert server.wait() == 0
        asking.join()
        assert asking.answer[1] is True
    with several("slow") as server:
        Asking(server, tmp_path / "never")
        server.process.send_signal(signal.SIGINT)
        poll(lambda: not answers(server.port), "a closed door")
        assert server.stop() == 0
        assert "Ended before all was finished: " in server.output


def test_each_that_dies_is_replaced_and_those_that_live_go_on() -> None:
    """Whether a socket blocks is a matter of all its copies: one made for a new process must not have
    those that run wait in accept()."""
    with several("dying") as server:
        first = wait_for_processes(server, 2)
        second = _after_one_has_died(server, first)
        assert len(_after_one_has_died(server, first | second) & second) == 1
        assert server.output.count("has ended (exit code 9): replaced ") == 2
        assert server.stop() == 0
    assert not answers(server.port)


def _after_one_has_died(server: Server, known: set[int]) -> set[int]:
    """The processes that answer once one has died, and another one has come for it."""
    with pytest.raises((OSError, http.client.HTTPException)):
        asked(server.url + "/die")
    poll(lambda: whoever_answers(server) not in {None, *known}, "a new process")
    return wait_for_processes(server, 2)


def test_they_end_when_whoever_watches_is_gone() -> None:
    with several("slow") as server:
        wait_for_processes(server, 2)
        server.process.kill()
        poll(lambda: not answers(server.port), "a free port")


def test_what_keeps_the_first_from_starting_is_one_sentence() -> None:
    done = run("serve.py", "--app", "nothing:here", "--processes", "2", python=WINDOWS_PYTHON)
    assert done.returncode == 2
    assert (done.stdout + done.stderr).startswith("--app names the module nothing, but neither ")


def test_a_command_has_intrays_processes_be_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data-of-two-processes"
    with Server("--processes", "2", data=data, python=WINDOWS_PYTHON, path="/index") as server:
        before = _workers(data)
        assert len(before) == 2
        said = Server.command("reload", data=data, python=WINDOWS_PYTHON)
        assert said == "The server replaces its processes, one after another.\n"
        assert not (data / "serve.reload").exists()
        poll(lambda: len(_workers(data) - before) == 2, "two others")
        poll(lambda: not _workers(data) & before, "the end of those that were there")
        assert asked_as_text(server) == "Hello World!"
        assert server.stop() == 0
        assert "Traceback" not in server.output


def _workers(data: Path) -> set[int]:
    """The processes on this machine that work for the server of a data folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
            if b"--multiprocessing-fork" in command and data.name.encode() in environment:
                found.add(int(process.name))
    return found
