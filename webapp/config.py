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
from urllib.parse import urlsplit

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


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def size(text: str) -> int:
    """Bytes; sizes.py reads more kinds of them, and is not of the standard library."""
    units = {"MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
    found = re.fullmatch(r"([0-9]{1,6}) ?(MB|GB|TB)", text.strip().upper())
    if not found or not int(found[1]):
        raise ValueError("a size such as 500 MB or 20 GB")
    return int(found[1]) * units[found[2]]


def yes_or_no(text: str) -> bool:
    answers = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
        "": False,
    }
    if text.lower() not in answers:
        raise ValueError("true or false")
    return answers[text.lower()]


def host_name(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:_-]{1,253}", text):
        raise ValueError("an address of this computer or a host name, such as 127.0.0.1 or 0.0.0.0")
    return text


def folder(text: str) -> Path:
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # ~name, and there is no such user
        raise ValueError("a folder's path") from None
    if "\0" in text:
        raise ValueError("a folder's path")
    return path.absolute() if text else default_data_folder()


def default_data_folder() -> Path:
    """`data` beside serve.py; where Intray is installed as a package, in the current folder."""
    top = Path(__file__).resolve().parent.parent
    return (top if (top / "serve.py").is_file() else Path.cwd()) / "data"


def application_name(text: str) -> str:
    if text and not re.fullmatch(r"[\w.]+:[\w.]+(\(\))?", text):
        raise ValueError("MODULE:NAME, such as shop.wsgi:application")
    return text


def web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        plain = not (
            parts.path.strip("/")
            or parts.query
            or parts.fragment
            or parts.username
            or "@" in parts.netloc
        )
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and plain
        good = good and (parts.port is None or parts.port > 0)
        good = good and not re.search(r"[\s\x00-\x1f\x7f]", text)  # urlsplit drops them in silence
        good = good and bool(in_ascii(parts.hostname or "").strip("."))
    except ValueError:
        good = False
    if text and not good:
        raise ValueError("an address such as https://forms.example.org")
    return _as_sent(text).rstrip("/") if text else ""


def _as_sent(address: str) -> str:
    """The address with its host as a browser sends it: in ASCII, without a dot at the end."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    plain = host if ":" in host else in_ascii(host).rstrip(".")
    if plain == host:
        return address
    port = "" if parts.port is None else f":{parts.port}"
    return parts._replace(netloc=plain + port).geturl()


def in_ascii(name: str) -> str:
    """The name as it stands in `Host` (RFC 3490): `xn--…` for what is not ASCII. Raises ValueError."""
    return name if name.isascii() else name.encode("idna").decode("ascii")


def host_names(text: str) -> tuple[str, ...]:
    given = (in_ascii(name.strip().lower()) for name in text.split(",") if name.strip())
    names = tuple(name.rstrip(".") for name in given)
    if not all(re.fullmatch(r"[0-9a-z_-]+(\.[0-9a-z_-]+)*", name) for name in names):
        raise ValueError("names such as forms.example.org, separated by commas")
    return names


def database_address(text: str) -> str:
    """Names the driver: people write `postgresql://…`, as every other program has it."""
    for plain in ("postgresql://", "postgres://"):
        if text.startswith(plain):
            return "postgresql+psycopg://" + text.removeprefix(plain)
    if text and not text.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise ValueError("an address such as postgresql://user:password@host/name")
    return text


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The boot settings of one process."""

    host: str = setting(
        "127.0.0.1",
        "the address to listen on; 0.0.0.0 is every address of this computer",
        host_name,
    )
    port: int = setting("8080", "the TCP port to listen on", whole_number(1, 65535))
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
