"""Every boot setting in one table: its name, its default and what it does.

A setting is looked for on the command line (`--port`), then in the environment (`INTRAY_PORT`),
then in the data folder's `intray.toml` (`port = 8080`). Standard library only: the launcher reads
its options here before anything is installed.
"""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from .setting_kinds import (
    addresses,
    application_name,
    database_address,
    default_data_folder,
    file_name,
    folder,
    host_name,
    host_names,
    one_of,
    permissions,
    process_count,
    size,
    socket_path,
    web_address,
    whole_number,
    yes_or_no,
)

PREFIX = "INTRAY_"
FILE_NAME = "intray.toml"

log = logging.getLogger("intray")


class CannotStart(Exception):
    """Something that stops Intray from starting; its text is one sentence for the person at hand."""


class SettingError(CannotStart):
    """A setting has a value that it cannot have."""


def setting(
    default: str, help_text: str, parse: Callable[[str], Any], *, in_file: bool = True
) -> Any:
    """One row of the table. `parse` turns text into the value, or raises ValueError with what it
    should be; `in_file` tells whether `intray.toml` may hold it."""
    metadata = {"default": default, "help": help_text, "parse": parse, "in_file": in_file}
    return field(default_factory=lambda: parse(default), metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The boot settings of one process."""

    host: str = setting(
        "127.0.0.1",
        "the address to listen on; 0.0.0.0 is every address of this computer",
        host_name,
    )
    port: int = setting("8080", "the TCP port to listen on", whole_number(1, 65535))
    socket: str = setting(
        "",
        "a Unix socket to listen on in place of host and port, such as /run/intray/intray.sock",
        socket_path,
    )
    socket_mode: int = setting(
        "660", "who may connect to that socket: its permissions, in octal digits", permissions
    )
    processes: int = setting(
        "1",
        "how many processes serve, or auto for one on each processor; each has so many threads",
        process_count,
    )
    threads: int = setting("8", "how many requests are worked on at once", whole_number(1, 1000))
    data: Path = setting(
        "",
        "the data folder; `data` beside serve.py unless given",
        folder,
        in_file=False,
    )
    public_url: str = setting(
        "",
        "the address that people outside use, such as https://forms.example.org; "
        "links are made from it",
        web_address,
    )
    allowed_hosts: tuple[str, ...] = setting(
        "", "other names under which people open Intray, separated by commas", host_names
    )
    database_url: str = setting(
        "",
        "a PostgreSQL database, such as postgresql://user:password@host/name; "
        "SQLite in the data folder unless given",
        database_address,
    )
    hand_ins_per_hour: int = setting(
        "2000",
        "how many submissions one network address may hand in within an hour",
        whole_number(1, 10**9 - 1),
    )
    waiting_per_address: int = setting(
        "50 GB", "how much one network address may have sent and not handed in", size
    )
    waiting_per_form: int = setting("500 GB", "how much may wait to be handed in to one form", size)
    waiting_in_all: int = setting("1 TB", "how much may wait to be handed in, in all", size)
    trusted_proxy: str = setting(
        "",
        "the addresses of proxies that are believed whom they speak for, such as 127.0.0.1, 10.0.0.0/8; "
        "unix is whoever comes by a Unix socket",
        addresses,
    )
    access_log: str = setting(
        "",
        "a file in the data folder's logs that gets a line for each request; - is the console",
        file_name,
    )
    access_log_format: str = setting(
        "combined",
        "how such a line is written: combined, which log readers know, or json",
        one_of("combined", "json"),
    )
    metrics_from: str = setting(
        "",
        "the addresses that may read /metrics beside this computer's own, such as 192.0.2.7, 10.0.0.0/8",
        addresses,
    )
    stop_seconds: int = setting(
        "30", "how long requests in progress are waited for when it stops", whole_number(0, 3600)
    )
    app: str = setting(
        "",
        "serves another WSGI application, MODULE:NAME, in place of Intray",
        application_name,
        in_file=False,
    )
    dev: bool = setting(
        "false", "Flask's own server with its debugger, on loopback only", yes_or_no, in_file=False
    )

    @property
    def address(self) -> str:
        """Where a person on this computer, or outside if that is known, opens Intray."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"http://{host}:{self.port}"


TABLE: tuple[Field[Any], ...] = fields(Settings)


def load(
    command_line: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """The settings: command line over environment over `intray.toml` over defaults.

    `command_line` maps setting names to texts; `environ` is the process's environment unless given.
    Raises SettingError with one sentence that names the setting, where it was said and its rule.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    _warn_of_unknown_variables(environ)
    for row in TABLE:
        text, source = _said(row.name, command_line or {}, environ)
        if text is not None:
            values[row.name] = _parse(row, text, source)
    data = values.get("data") or default_data_folder()
    for row, text, source in _file_lines(data / FILE_NAME):
        values.setdefault(row.name, _parse(row, text, source))
    return Settings(**values)


def said_at_start(
    name: str, command_line: Mapping[str, str], environ: Mapping[str, str] | None = None
) -> str:
    """What says a setting for this start alone, such as `--host` or `INTRAY_HOST`, and wins over
    `intray.toml`; empty where nothing does."""
    text, source = _said(name, command_line, os.environ if environ is None else environ)
    return "" if text is None else source


def _said(
    name: str, command_line: Mapping[str, str], environ: Mapping[str, str]
) -> tuple[str | None, str]:
    if name in command_line:
        return command_line[name], "--" + name.replace("_", "-")
    return environ.get(_variable(name)), _variable(name)


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _parse(row: Field[Any], text: str, source: str) -> Any:
    try:
        return row.metadata["parse"](text)
    except ValueError as wrong:
        shown = re.sub(r"(?<=://).*@", "…@", text)  # a password is not for the console
        raise SettingError(f"{source} is {shown!r}, but must be {wrong}.") from None


def _warn_of_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {_variable(row.name) for row in TABLE}
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in known:
            log.warning("%s is set, but Intray has no such setting.", variable)


def _file_lines(path: Path) -> list[tuple[Field[Any], str, str]]:
    """The rows that `intray.toml` sets, each with its text and where it was said."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as wrong:
        raise SettingError(f"{path} cannot be read: {wrong.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SettingError(f"{path} is no valid TOML: {wrong}.") from None
    rows = {row.name: row for row in TABLE if row.metadata["in_file"]}
    lines = []
    for name, value in content.items():
        if name not in rows:
            known = ", ".join(rows)
            raise SettingError(f"{path} has the key {name!r}, which is none of: {known}.")
        if isinstance(value, bool):
            value = str(value).lower()
        if not isinstance(value, str | int):
            raise SettingError(f"{path}: {name} must be a text or a whole number.")
        lines.append((rows[name], str(value), f"{name} in {path}"))
    return lines
