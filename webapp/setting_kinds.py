"""What the texts of boot settings may be: each function here makes a value of one, or raises ValueError
with what it should be. Standard library only, as config.py."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def one_of(*names: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(" or ".join(names))
        return text

    return parse


def process_count(text: str) -> int:
    """`auto` is one for each processor."""
    if text.lower() == "auto":
        return min(os.cpu_count() or 1, 30)
    try:
        return whole_number(1, 30)(text)
    except ValueError as wrong:
        raise ValueError(f"auto, or {wrong}") from None


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


def addresses(text: str) -> str:
    """Checked here, and read by what uses them."""
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network("127.0.0.1" if part == "unix" else part)
        except ValueError:
            raise ValueError(
                "addresses such as 127.0.0.1 or 10.0.0.0/8, or unix, separated by commas"
            ) from None
    return text


def socket_path(text: str) -> str:
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # ~name, and there is no such user
        raise ValueError("a file's path") from None
    if "\0" in text:
        raise ValueError("a file's path")
    return str(path.absolute()) if text else ""


def permissions(text: str) -> int:
    """Its owner must be able to use it; so 0o660 in TOML, which is 432, is told rather than misread."""
    if not re.fullmatch(r"0?[67][0-7]{2}", text):
        raise ValueError("permissions in three octal digits, such as 660 or 666")
    return int(text, 8)


def file_name(text: str) -> str:
    if text not in ("", "-") and not re.fullmatch(r"[\w][\w .-]{0,99}", text):
        raise ValueError("a file's name such as access.log, or - for the console")
    return text
