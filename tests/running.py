"""A real server in a process of its own, for the time of a test.

Nothing else starts servers: the suites for servers, faults, browsers, Windows and benchmarks all use
this part.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

TOP = Path(__file__).resolve().parent.parent
SERVE = ("serve.py", "--port", "{port}")
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def free_port() -> int:
    """A TCP port of loopback that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def windows_python() -> list[str] | None:
    """The command of the Windows Python that WINDOWS_PYTHON names."""
    command = os.environ.get("WINDOWS_PYTHON")
    return shlex.split(command) if command else None


def windows_path(path: Path) -> str:
    """How a Windows program under Wine names a path of this machine."""
    return "Z:" + str(path).replace("/", "\\")


def environment(data: Path | None, more: Mapping[str, str], *, windows: bool) -> dict[str, str]:
    """This process's environment without Intray's variables, and with what is given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("INTRAY_")}
    if data is not None:
        clean["INTRAY_DATA"] = windows_path(data) if windows else str(data)
    if windows:
        clean["PYTHONUTF8"] = "0"  # as on a plain Windows
    return {**clean, "PYTHONUNBUFFERED": "1", **more}


class Server:
    """A server on a free port; `arguments` follow the interpreter, with `{port}` filled in.

    Use it as a context manager: it is killed at the end, if it was not stopped before.
    """

    def __init__(
        self,
        *arguments: str,
        data: Path | None = None,
        environ: Mapping[str, str] | None = None,
        interpreter: Sequence[str] | None = None,
        windows: bool = False,
        check: str = "/index",
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.windows = windows
        self._check = check
        self._lines: list[str] = []
        starter = interpreter or (windows_python() if windows else [sys.executable]) or []
        self._command = [*starter, *(a.format(port=self.port) for a in arguments or SERVE)]
        self._environ = environment(data, environ or {}, windows=windows)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Starts the process, and does not wait for it to answer."""
        self._process = subprocess.Popen(
            self._command,
            cwd=TOP,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its children can be killed with it
        )
        threading.Thread(target=self._read_output, daemon=True).start()

    def wait_until_it_answers(self, seconds: float = START_SECONDS) -> None:
        """Polls until the server answers; AssertionError with its output if it ends or is too slow."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"It ended: {self.output}"
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(self.url + self._check, timeout=5),
            ):
                return
            time.sleep(0.05)
        raise AssertionError(f"It does not answer: {self.output}")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was not started"
        return self._process

    @property
    def output(self) -> str:
        """What it has written so far, to either stream."""
        return "".join(self._lines)

    def wait_for_output(self, text: str, seconds: float = START_SECONDS) -> None:
        """Polls until it has written the text."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < deadline, f"It does not say {text!r}: {self.output}"
            time.sleep(0.02)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """The exit code, once the process has ended by itself."""
        return self.process.wait(seconds)

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Asks it to stop, as a service manager does, and gives the exit code."""
        self.process.send_signal(signal_number)
        return self.wait()

    def kill(self) -> None:
        """Ends it and its children at once, whatever they do."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # closed by kill()
            for line in self.process.stdout:
                self._lines.append(line.decode(errors="replace"))


def run_command(
    *arguments: str,
    data: Path,
    environ: Mapping[str, str] | None = None,
    windows: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m webapp …` on a data folder; AssertionError with its output if it fails."""
    interpreter = (windows_python() if windows else [sys.executable]) or []
    done = subprocess.run(
        [*interpreter, "-m", "webapp", *arguments],
        cwd=TOP,
        env=environment(data, environ or {}, windows=windows),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
