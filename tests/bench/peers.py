"""Other programs that people hand files about with, run beside Intray."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from ..running import Server

HOW_TO = (
    "copyparty is not there: `python -m venv DIR`, `DIR/bin/pip install copyparty`, and set "
    "COPYPARTY=DIR/bin/copyparty"
)


def copyparty() -> str | None:
    """The command that starts copyparty: what COPYPARTY names, or one on the path; None if there is none."""
    return os.environ.get("COPYPARTY") or shutil.which("copyparty")


class Copyparty:
    """A copyparty that gives out what is in `folder` to everybody, and takes files into it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        """`arguments` are more of its own."""
        self.folder = folder
        self._arguments = arguments
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        command = copyparty()
        assert command is not None, HOW_TO
        with ExitStack() as stack:
            own = Path(stack.enter_context(TemporaryDirectory(prefix="copyparty-")))
            options = ["-q", "--http-only", "-i", "127.0.0.1", "-p", "{port}", "-v"]
            options += [f"{self.folder}::rw", "--hist", str(own / "hist"), *self._arguments]
            server = Server(
                command=[command, *options],
                environ={"HOME": str(own), "XDG_CONFIG_HOME": str(own)},
                path="/",
                cwd=own,
            )
            self._server = stack.enter_context(server)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def process_id(self) -> int:
        return self._server.process.pid
