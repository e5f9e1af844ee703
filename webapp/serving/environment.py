"""The `.venv` beside serve.py: made once, and mended when it is unfinished or out of date.

A note inside it says what was installed and whether that was finished. Only a note that agrees with
the present setup.cfg, Python and folder is trusted, so whatever interrupted an installation, the
next start does it over.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from ..locks import FileLock
from . import console
from .errors import CannotServe


class Environment:
    """The virtual environment of the Intray that lies in the folder `top`."""

    def __init__(self, top: Path, extras: Collection[str]) -> None:
        self.top = top
        self.folder = top / ".venv"
        self.python = self.folder / _PYTHON
        self._extras = frozenset(extras)
        self._note = self.folder / "intray.json"
        self._log = self.folder / "install.log"
        self._lock = FileLock(top / ".venv.lock")

    def is_ready(self) -> bool:
        """Whether all that is wanted was installed there, for this very Python and folder."""
        note = self._read_note()
        return (
            self.python.is_file()
            and note.get("finished") is True
            and self._extras <= self._noted_extras(note)
            and note.items() >= self._present().items()
        )

    def is_running(self) -> bool:
        """Whether this process runs on it."""
        return self.folder.is_dir() and self.folder.samefile(sys.prefix)

    def make_ready(self) -> None:
        """Installs what is missing, unless another start does it meanwhile. Raises CannotServe,
        and OSError where the folder cannot be read or written."""
        try:
            if not self._lock.acquire(0):
                console.say_aside(f"Another start is setting up {self.folder}; waiting for it.")
                self._lock.acquire()
            if not self.is_ready():
                self._install()
        finally:
            self._lock.release()

    def _install(self) -> None:
        anew = not self.is_running() and self._must_be_made_anew()
        if anew:
            _require_venv()
        extras = self._extras | self._noted_extras(self._read_note())
        what = "Setting up Intray" if anew else "Installing what Intray needs now"
        console.say_aside(f"{what} in {self.folder}; this is done once and takes about a minute.")
        if anew:
            self._make_anew()
        if self._note.exists():  # one who made the `.venv` by hand keeps it if this is interrupted
            self._write_note(extras, finished=False)
        self._run("-m", "pip", *_PIP_OPTIONS, "--editable", _with_extras(extras))
        self._write_note(extras, finished=True)

    def _must_be_made_anew(self) -> bool:
        note = self._read_note()
        if not note:
            return not self.python.is_file()
        present = self._present()
        same = all(note.get(name) == present[name] for name in ("python", "folder"))
        return not (note.get("finished") is True and same and self.python.is_file())

    def _make_anew(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._write_note((), finished=False)  # first, so that being interrupted here is seen
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != self._note:
                entry.unlink()
        self._run("-m", "venv", str(self.folder), python=sys.executable)

    def _run(self, *arguments: str, python: str = "") -> None:
        command = [python or str(self.python), *arguments]
        with self._log.open("ab") as log:
            if _run_tied(command, self.top, log.fileno(), self._lock.fileno()) == 0:
                return
        raise CannotServe(
            f"Intray could not set itself up in {self.folder}: its parts come from PyPI, so this "
            f"needs the internet once; what went wrong is told at the end of {self._log}."
        )

    def _present(self) -> dict[str, Any]:
        setup_cfg = (self.top / "setup.cfg").read_bytes()
        return {
            "setup.cfg": hashlib.sha256(setup_cfg).hexdigest(),
            "python": f"{sys.implementation.cache_tag} {sysconfig.get_platform()}",
            "folder": str(self.top),
        }

    def _read_note(self) -> dict[str, Any]:
        try:
            note = json.loads(self._note.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except ValueError:
            note = None
        return note if isinstance(note, dict) else {"finished": False}

    def _noted_extras(self, note: dict[str, Any]) -> frozenset[str]:
        return frozenset(note.get("extras", ()))

    def _write_note(self, extras: Collection[str], *, finished: bool) -> None:
        note = {"finished": finished, "extras": sorted(extras), **self._present()}
        new = self._note.with_suffix(".new")
        new.write_text(json.dumps(note, indent=2), encoding="utf-8")
        new.replace(self._note)


_PYTHON = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
_PIP_OPTIONS = ("install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")


def _with_extras(extras: Collection[str]) -> str:
    return f".[{','.join(sorted(extras))}]" if extras else "."


def _require_venv() -> None:
    """Debian and its relatives leave out of Python what a virtual environment is made with."""
    try:
        for name in ("venv", "ensurepip"):
            importlib.import_module(name)
    except ImportError as wrong:
        raise CannotServe(_how_to_get_venv(wrong.name or "venv")) from None


def _how_to_get_venv(missing: str) -> str:
    if Path("/etc/debian_version").exists() and sys.base_prefix == "/usr":
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        return (
            f"This Python lacks {missing}; install it and start again: sudo apt install {package}"
        )
    return (
        f"This Python ({sys.executable}) lacks {missing}, which comes with every Python from "
        "https://www.python.org/downloads/."
    )


if sys.platform == "win32":
    from .winjob import tie

    def _run_tied(command: Sequence[str], folder: Path, output: int, lock: int) -> int:
        """Runs a command that must not go on changing the folder when this process is gone."""
        with subprocess.Popen(  # noqa: S603
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as child:
            tie(child)
            return child.wait()

else:

    def _run_tied(command: Sequence[str], folder: Path, output: int, lock: int) -> int:
        """Runs a command that holds the lock as long as it lives, should this process be killed."""
        return subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(lock,),
            check=False,
        ).returncode
