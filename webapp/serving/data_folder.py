"""The data folder as the launcher sees it: a place that it can write to, for one server at a time."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from ..locks import FileLock
from .errors import CannotServe

ADDRESS = "serve.address"
CLOUD_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
CLOUD_FOLDERS = ("dropbox", "onedrive", "google drive", "iclouddrive")
NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs")


def prove_writable(folder: Path) -> None:
    """Makes the folder if need be, and a file in it. Raises CannotServe with one sentence."""
    probe = folder / f".probe-{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with probe.open("xb") as file:
            file.write(b"\0")  # a full disk lets an empty file be made
        probe.unlink()
    except OSError as wrong:
        reason = wrong.strerror or type(wrong).__name__
        raise CannotServe(f"The data folder {folder} cannot be written: {reason}.") from None


def served_at(folder: Path) -> str:
    """The address of the server that has the folder; empty where none is known."""
    with contextlib.suppress(OSError):  # it may have only just started, or be about to end
        return (folder / ADDRESS).read_text(encoding="utf-8")
    return ""


def is_served(folder: Path) -> bool:
    """Whether a server has the folder now."""
    try:
        Claim(folder).refuse_second()
    except CannotServe:
        return True
    return False


class Claim:
    """That this process, and no other, serves a data folder; kept until the process ends."""

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "serve.lock")
        self._folder = folder

    def refuse_second(self) -> None:
        """Raises CannotServe where another server has the folder; makes nothing."""
        with contextlib.suppress(OSError):
            if self._lock.path.exists():
                self._take()
                self._lock.release()

    def take(self, address: str) -> None:
        """Claims the folder for the server at `address`. Raises CannotServe."""
        self._take()
        (self._folder / ADDRESS).write_text(address, encoding="utf-8")

    def release(self) -> None:
        with contextlib.suppress(OSError):  # on Windows another start may be reading it
            (self._folder / ADDRESS).unlink()
        self._lock.release()

    def _take(self) -> None:
        try:
            free = self._lock.acquire(0)
        except OSError as wrong:
            raise CannotServe(f"{self._lock.path} cannot be locked: {wrong.strerror}.") from None
        if not free:
            raise CannotServe(f"Intray already runs on this data folder{self._where()}.")

    def _where(self) -> str:
        address = served_at(self._folder)
        return f" at {address}" if address else ""


def worry(folder: Path, environ: Mapping[str, str]) -> str | None:
    """A sentence of warning where the data folder lies in an unsuitable place, else None."""
    if _is_in_cloud_folder(folder, environ):
        return (
            f"Warning: the data folder {folder} is copied to a cloud while it is written, which "
            "can damage it; choose another one with --data."
        )
    if is_on_network(folder):
        return (
            f"Warning: the data folder {folder} is on another computer, where a database is not "
            "safe; choose one on this computer with --data."
        )
    return None


def _is_in_cloud_folder(folder: Path, environ: Mapping[str, str]) -> bool:
    clouds = [Path(environ[name]) for name in CLOUD_VARIABLES if environ.get(name)]
    names = {part.lower() for part in folder.parts}
    return any(folder.is_relative_to(cloud) for cloud in clouds) or any(
        name in CLOUD_FOLDERS or name.startswith("onedrive - ") for name in names
    )


if sys.platform == "win32":
    import ctypes

    DRIVE_REMOTE = 4

    def is_on_network(folder: Path) -> bool:
        """Whether the folder is on a share, by its name (\\\\server\\share) or by its drive."""
        drive: int = ctypes.WinDLL("kernel32").GetDriveTypeW(folder.anchor)
        return folder.drive.startswith("\\\\") or drive == DRIVE_REMOTE

else:
    MOUNTS = Path("/proc/self/mounts")  # on Linux; elsewhere nothing cheap tells

    def is_on_network(folder: Path) -> bool:
        """Whether the folder is on a file system of the network, as far as the system tells."""
        try:
            lines = os.fsdecode(MOUNTS.read_bytes()).splitlines()
        except OSError:
            return False
        mounts = [line.split(" ")[1:3] for line in lines]
        inside = [mount for mount in mounts if folder.is_relative_to(_unescaped(mount[0]))]
        _, kind = max(inside, key=lambda mount: len(mount[0]), default=("", ""))
        return kind in NETWORK_FILE_SYSTEMS

    def _unescaped(path: str) -> str:
        return path.replace("\\040", " ")
