"""`serve.py --processes`: several processes on one port, one that watches over them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..running import TOP, Server, answers, poll, run

# What runs on both systems there is in tests/windows/test_processes_windows.py.
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="these use signals and pids as here"
)
APPLICATIONS = "tests.serving.applications:"


@pytest.fixture(autouse=True)
def hears_of_closed_terminals() -> Iterator[None]:
    """Whoever started the tests may have SIGHUP ignored (nohup), and a server leaves it at that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def several(name: str, *arguments: str, count: str = "2") -> Server:
    return Server("--app", APPLICATIONS + name, "--processes", count, *arguments, cwd=TOP)


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def whoever_answers(server: Server) -> Any:
    """The process that answers; None where a connection was cut off."""
    try:
        found = asked(server.url)
    except (OSError, http.client.HTTPException):
        return None
    return found[0] if isinstance(found, list) else found


def wait_for_processes(server: Server, count: int) -> set[int]:
    seen: set[int] = set()

    def look() -> bool:
        found = whoever_answers(server)
        if found is not None:
            seen.add(found)
        return len(seen) >= count

    poll(look, f"{count} processes that answer")
    return seen


class Asking(threading.Thread):
    """A request that is in flight."""

    def __init__(self, server: Server, may_go: Path) -> None:
        super().__init__(daemon=True)
        self._url = f"{server.url}/slow?{may_go}"
        self.answer: Any = None
        self.start()
        poll(may_go.with_suffix(".begun").exists, "the request")

    def run(self) -> None:
        try:
            self.answer = asked(self._url)
        except (OSError, http.client.HTTPException) as wrong:
            self.answer = wrong


def test_several_processes_answer_at_one_address() -> None:
    with several("slow") as server:
        assert server.process.pid not in wait_for_processes(server, 2)
        assert asked(server.url)[1] is True
        assert server.output == f"{APPLICATIONS}slow is at {server.url}/ - press Ctrl-C to stop.\n"
        assert server.stop() == 0
        assert not answers(server.port)


def test_a_request_in_flight_is_answered_before_they_stop(tmp_path: Path) -> None:
    may_go = tmp_path / "go"
    with several("slow") as server:
        asking = Asking(server, may_go)
        server.process.send_signal(signal.SIGTERM)
        poll(lambda: not answers(server.port), "a closed door")
        assert server.process.poll() is None
        may_go.touch()
        assert server.wait() == 0
        asking.join()
        assert asking.answer[1] is True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups that get Ctrl-C")
def test_ctrl_c_that_reaches_all_of_them_is_asking_once(tmp_path: Path) -> None:
    may_go = tmp_path / "go"
    with several("slow") as server:
        wait_for_processes(server, 2)
        asking = Asking(server, may_go)
        _ctrl_c_to_all(server.process.pid)
        poll(lambda: not answers(server.port), "a closed door")
        may_go.touch()
        assert server.wait() == 0
        asking.join()
        assert asking.answer[1] is True
        assert "Traceback" not in server.output


def test_a_closed_terminal_stops_the_one_process(tmp_path: Path) -> None:
    may_go = tmp_path / "go"
    with several("slow", count="1") as server:
        asking = Asking(server, may_go)
        server.process.send_signal(signal.SIGHUP)
        poll(lambda: not answers(server.port), "a closed door")
        may_go.touch()
        assert server.wait() == 0
        asking.join()
        assert asking.answer[1] is False


def test_a_second_signal_ends_everything_at_once(tmp_path: Path) -> None:
    with several("slow") as server:
        Asking(server, tmp_path / "never")
        server.process.send_signal(signal.SIGTERM)
        poll(lambda: not answers(server.port), "a closed door")
        assert server.stop() == 0
        assert "Ended before all was finished: " in server.output


def test_those_who_take_too_long_are_not_waited_for(tmp_path: Path) -> None:
    with several("slow", "--stop-seconds", "0") as server:
        Asking(server, tmp_path / "never")
        assert server.stop() == 0


def test_a_dead_process_is_replaced_and_the_others_go_on() -> None:
    with several("dying") as server:
        first = wait_for_processes(server, 2)
        with pytest.raises((OSError, http.client.HTTPException)):
            asked(server.url + "/die")
        server.wait_for_output("has ended (exit code 9): replaced at once.")
        assert len(wait_for_processes(server, 2) | first) >= 2
        poll(lambda: whoever_answers(server) not in {None, *first}, "the new process")
        assert server.stop() == 0


def test_one_that_keeps_dying_is_replaced_ever_later() -> None:
    with several("dying", count="2") as server:
        for _ in range(6):
            poll(lambda: whoever_answers(server) is not None, "an answer")
            with pytest.raises((OSError, http.client.HTTPException)):
                asked(server.url + "/die")
        server.wait_for_output("replaced in 0.5 s.")
        wait_for_processes(server, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="the helper ends a whole job there")
def test_they_are_all_replaced_and_no_request_is_lost(tmp_path: Path) -> None:
    """Clients that come and go find somebody at any time; what is in flight is finished by who has it."""
    may_go = tmp_path / "go"
    with several("slow") as server:
        before = wait_for_processes(server, 2)
        asking = Asking(server, may_go)
        lost: list[Exception] = []
        found: list[int] = []
        is_over = threading.Event()

        def ask_on() -> None:
            while not is_over.is_set():
                try:
                    found.append(asked(server.url)[0])
                except (OSError, http.client.HTTPException) as wrong:
                    lost.append(wrong)

        threads = [threading.Thread(target=ask_on) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            server.process.send_signal(signal.SIGHUP)
            poll(lambda: len(found) > 100 and before.isdisjoint(found[-100:]), "two others")
            may_go.touch()
            asking.join(60)
        finally:
            is_over.set()
            for thread in threads:
                thread.join()
        assert not lost
        assert asking.answer[0] in before
        assert len(wait_for_processes(server, 2)) == 2
        assert server.stop() == 0


def test_those_who_cannot_be_replaced_go_on(tmp_path: Path) -> None:
    module = tmp_path / "shop.py"
    code = "def application(environ, start_response):\n"
    code += "    start_response('200 OK', [])\n    return [b'[1]']\n"
    module.write_text(code, encoding="utf-8")
    with Server("--app", "shop:application", "--processes", "2", cwd=tmp_path) as server:
        module.write_text("raise ValueError('a mistake')\n", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_output("those that run go on")
        assert asked(server.url) == [1]
        module.write_text(code.replace("[1]", "[2]"), encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        poll(lambda: {asked(server.url)[0] for _ in range(20)} == {2}, "the new code")
        assert server.stop() == 0


def test_they_stop_when_whoever_watches_is_gone() -> None:
    with several("slow") as server:
        wait_for_processes(server, 2)
        server.process.kill()
        poll(lambda: not answers(server.port), "a free port")


def test_what_keeps_the_first_from_starting_is_one_sentence(tmp_path: Path) -> None:
    done = run("serve.py", "--app", "nothing:here", "--processes", "3")
    sentence = f"--app names the module nothing, but neither {TOP} nor Python has it.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)


def test_intray_prepares_once_and_the_process_that_watches_loads_none_of_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server("--processes", "2", "--access-log", "access.log", data=data) as server:
        second = data / "logs" / "access.2.log"
        poll(lambda: asked_as_text(server) == "Hello World!" and second.exists(), "both logs")
        assert server.output.count("Set Intray up: ") == 1
        maps = Path(f"/proc/{server.process.pid}/maps")
        if maps.exists():
            assert "sqlite3" not in maps.read_text()
        said = run("serve.py", "--port", str(server.port), data=data)
        assert (said.returncode, said.stdout) == (2, "")
        assert said.stderr == f"Intray already runs on this data folder at {server.url}/.\n"
        assert server.stop() == 0
        assert "Traceback" not in server.output
    assert not (data / "serve.address").exists()


def test_a_command_has_them_be_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server("--processes", "2", "--metrics-from", "127.0.0.1", data=data) as server:
        poll(lambda: "serving_processes 2" in _metrics(server), "two processes")
        said = Server.command("reload", data=data)
        assert said == "The server replaces its processes, one after another.\n"
        poll(lambda: "serving_processes 3" in _metrics(server), "a third process, for a while")
        poll(lambda: "serving_processes 2" in _metrics(server), "two processes again")
        assert server.stop() == 0
    done = run("-m", "webapp", "reload", data=data)
    sentence = "Error: No server with several processes runs on this data folder.\n"
    assert (done.returncode, done.stderr) == (2, sentence)


def _metrics(server: Server) -> str:
    with urllib.request.urlopen(server.url + "/metrics", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def asked_as_text(server: Server) -> str:
    with urllib.request.urlopen(server.url + "/index", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def test_a_broken_data_folder_is_one_sentence(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "secret.key").write_text("short")
    done = run("serve.py", "--processes", "2", data=data)
    assert done.returncode == 2
    assert (
        done.stderr == f"{data / 'secret.key'} is damaged: remove it, and Intray makes a new one.\n"
    )


@pytest.mark.parametrize("text", ["0", "31", "many"])
def test_a_bad_number_is_one_sentence(text: str) -> None:
    done = run("serve.py", "--processes", text)
    sentence = f"--processes is '{text}', but must be auto, or a whole number from 1 to 30.\n"
    assert (done.returncode, done.stderr) == (2, sentence)


def test_auto_and_dev() -> None:
    done = run("serve.py", "--dev", "--processes", "2")
    assert done.stderr == "--dev serves with one process, so it goes without --processes.\n"
    with several("slow", count="auto") as server:
        assert asked(server.url)[1] is ((os.cpu_count() or 1) > 1)


if sys.platform != "win32":

    def _ctrl_c_to_all(group: int) -> None:
        os.killpg(group, signal.SIGINT)

else:

    def _ctrl_c_to_all(group: int) -> None:
        raise NotImplementedError
