"""A PostgreSQL server of the tests' own: made in a temporary folder, stopped and removed at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def find_programs() -> Path | None:
    """The folder with initdb and pg_ctl: Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Cluster:
    """A running server that listens on a Unix socket alone."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._count = 0

    def start(self) -> None:
        self._run("initdb", "-D", self._data, "-U", "intray", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        log = self._folder / "log"
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        # nothing may hold on to a pipe: the server outlives pg_ctl
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def make_database(self) -> str:
        """A new empty database, as an address for INTRAY_DATABASE_URL."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def copy_database(self, source: str, target: str) -> None:
        """Puts a copy of one database, which nobody is connected to, in place of another."""
        self.drop_database(target)
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            names = (_name(target), _name(source))
            connection.execute('CREATE DATABASE "{}" TEMPLATE "{}"'.format(*names))

    def drop_database(self, address: str) -> None:
        name = _name(address)
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _address(self, name: str) -> str:
        return f"postgresql://intray@/{name}?host={self._folder}"


def _name(address: str) -> str:
    return address.split("?")[0].rsplit("/", 1)[1]


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """A cluster for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="intray-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    cluster = Cluster(programs, folder)
    try:
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
