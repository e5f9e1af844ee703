"""Real servers for tests: `serve.py`, or any other command line, as a process on a free port.

    with Server(data=tmp_path / "data") as server:
        urlopen(server.url + "/index")

A Windows Python, named by WINDOWS_PYTHON, runs it as `Server(python=WINDOWS_PYTHON, …)`.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TOP = Path(__file__).resolve().parent.parent
WINDOWS_PYTHON = os.environ.get("WINDOWS_PYTHON", "")
SECONDS = 60.0  # a deadline, not a wait: for two slow cores with a browser beside them

# Below the ports that systems give to outgoing connections; each worker of xdist has its own.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_first = 20_000 + _worker % 20 * 500
_ports = itertools.cycle(random.sample(range(_first, _first + 500), 500))


def free_port() -> int:
    """A TCP port that nobody listens on, and that no other test is given soon."""
    return next(port for port in _ports if not answers(port))


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def poll(condition: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Returns once the condition holds; raises AssertionError that says `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)


def run(
    *arguments: str | Path,
    python: str = sys.executable,
    data: Path | None = None,
    environ: Mapping[str, str] | None = None,
    top: Path = TOP,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs Python with these arguments to its end: `serve.py …` or `-m webapp …`."""
    return subprocess.run(
        [python, *_for(python, arguments)],
        cwd=cwd or top,
        env=environment(data, environ, python),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=2 * SECONDS,
        check=False,
    )


def environment(
    data: Path | None, more: Mapping[str, str] | None, python: str = sys.executable
) -> dict[str, str]:
    """The environment of a child: this one without its INTRAY_… variables, then `data` and `more`."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("INTRAY_", "WERKZEUG_", "PYTEST_"))
    }
    folder = {} if data is None else {"INTRAY_DATA": _for(python, [data])[0]}
    return {**inherited, "PYTHONIOENCODING": "utf-8", **folder, **(more or {})}


def _for(python: str, arguments: Sequence[str | Path]) -> list[str]:
    """The arguments as texts; paths as the Windows Python sees them where it is that one."""
    windows = python == WINDOWS_PYTHON
    return [
        "Z:" + str(one).replace("/", "\\") if windows and isinstance(one, Path) else str(one)
        for one in arguments
    ]


class Server:
    """A server process: started by `with` or `start`, ended with all its children by leaving it."""

    def __init__(
        self,
        *arguments: str | Path,
        data: Path | None = None,
        environ: Mapping[str, str] | None = None,
        command: Sequence[str | Path] | None = None,
        python: str = sys.executable,
        path: str = "/healthz",
        port: int | None = None,
        cwd: Path | None = None,
    ) -> None:
        """`command` is run in place of `serve.py --port …`, its `{port}` filled in; `arguments` come
        after either. Any answer to `path` tells that it serves."""
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._path = path
        self._cwd = cwd or TOP
        self._environ = environment(data, environ, python)
        command = command or (python, TOP / "serve.py", "--port", "{port}")
        texts = _for(python, [*command, *arguments])
        self._command = [text.replace("{port}", str(self.port)) for text in texts]
        self._windows = python == WINDOWS_PYTHON
        self._lines: list[str] = []

    @staticmethod
    def command(
        *arguments: str | Path,
        data: Path | None = None,
        environ: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> str:
        """What `python -m webapp …` prints; raises AssertionError where its exit code is not 0."""
        done = run("-m", "webapp", *arguments, python=python, data=data, environ=environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Starts the process and returns at once."""
        self.process = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **_OWN_GROUP,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Returns once it answers; raises AssertionError where it ended instead."""
        poll(self._is_ready_or_ended, f"an answer from {self.url}{self._path}")
        assert self.process.poll() is None, f"it ended with exit code {self.wait()}"

    @property
    def output(self) -> str:
        """What it has printed so far, standard output and error together."""
        return "".join(self._lines)

    def wait_for_output(self, text: str) -> None:
        poll(lambda: text in self.output, f"{text!r} in the output")

    def wait(self) -> int:
        """The exit code, once it has ended by itself and all its output has been read."""
        code = self.process.wait(SECONDS)
        self._reader.join(5)  # Wine's own server may hold the pipe a little longer
        return code

    def stop(self) -> int:
        """Asks it to stop, by SIGTERM or as Windows can, and gives the exit code."""
        return self.signal(signal.SIGINT if self._windows else _STOP)

    def signal(self, number: signal.Signals) -> int:
        """Sends it a signal, which Wine turns into Ctrl-C where it is SIGINT; gives the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        """Ends it and its children at once, as a power cut would as far as they can tell."""
        _kill_group(self.process)
        self.wait()

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_ready()
        except BaseException as error:
            self._clear_up(error)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self.process.poll() is None and error is None:
                self.stop()
        finally:
            self._clear_up(error)

    def _clear_up(self, error: BaseException | None) -> None:
        self.kill()
        if error is not None:
            error.add_note(f"The server printed:\n{self.output}")

    def _is_ready_or_ended(self) -> bool:
        return self.process.poll() is not None or self._is_ready()

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self._path)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _read(self) -> None:
        """Whoever else holds the pipe, as Wine's own server does for a while, it is closed here."""
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._lines.append(line.decode("utf-8", "replace").replace("\r\n", "\n"))


if sys.platform == "win32":
    _OWN_GROUP: dict[str, Any] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    _STOP = signal.CTRL_BREAK_EVENT

    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        process.kill()  # its children are in a job that ends with it

else:
    _OWN_GROUP: dict[str, Any] = {"start_new_session": True}
    _STOP = signal.SIGTERM

    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def occupied_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]
