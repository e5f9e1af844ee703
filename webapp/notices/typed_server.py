"""What somebody typed into the page of the mail server: read, and told what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..i18n import gettext
from . import messages
from .smtp import SECURITIES, MailServer
from .typed import Given, is_address, text

MOST_PORT = 65535
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class TypedServer:
    """A mail server as typed."""

    server: MailServer
    port: str
    problems: Mapping[str, str]


def read_typed_server(given: Given, earlier: MailServer) -> TypedServer:
    """The mail server. An empty password keeps the one that there is; for another server or port, or
    without encryption, it must be written again: so that nobody can have it sent to a server of theirs, and
    nobody sends it in the clear by mistake."""
    port = text(given, "port")
    security = text(given, "security")
    password = next(iter(given.get("password", ())), "")
    server = MailServer(
        host=text(given, "host"),
        port=int(port) if re.fullmatch(r"[0-9]{1,5}", port) else 0,
        security=security if security in SECURITIES else "starttls",
        user=text(given, "user"),
        password=password,
        address=text(given, "address"),
        name=text(given, "name"),
    )
    problems = _server_problems(server, earlier)
    if not problems:
        server = replace(server, address=messages.on_the_wire(server.address))
    if server.user and not password and _is_as_safe(server, earlier):
        server = replace(server, password=earlier.password)
    return TypedServer(server, port, problems)


def _is_as_safe(server: MailServer, earlier: MailServer) -> bool:
    """Whether a password that was meant for the earlier server may go to this one."""
    is_same = (server.host, server.port) == (earlier.host, earlier.port)
    return is_same and (server.security != "none" or earlier.security == "none")


def _server_problems(server: MailServer, earlier: MailServer) -> dict[str, str]:
    problems = {}
    if not _is_host(server.host):
        problems["host"] = gettext("Server: write its name, such as smtp.example.org")
    if not 1 <= server.port <= MOST_PORT:
        problems["port"] = gettext("Port: write a number from 1 to 65535, such as 587")
    if not (server.user + server.password).isascii():
        problems["user"] = gettext("User name and password: only plain letters, digits and signs")
    if len(server.user) > MOST_CHARACTERS or len(server.password) > MOST_CHARACTERS:
        problems["user"] = gettext("User name and password: too long")
    is_kept = bool(earlier.password) and _is_as_safe(server, earlier)
    if server.user and not server.password and not is_kept:
        problems["password"] = gettext("Password: please write it")
    if not is_address(server.address) or not messages.on_the_wire(server.address).isascii():
        problems["address"] = gettext("Sender’s address: write one such as office@example.org")
    if len(server.name) > MOST_CHARACTERS:
        problems["name"] = gettext("Sender’s name: too long")
    return problems


def _is_host(text: str) -> bool:
    try:
        return re.fullmatch(r"[0-9A-Za-z.:_-]{1,253}", text.encode("idna").decode()) is not None
    except UnicodeError:
        return False
