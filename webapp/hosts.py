"""The names under which Intray answers.

A page of another site can make its own name lead to this computer ("DNS rebinding"), and a browser
then lets it read what is here. It cannot make the browser send another `Host` than that name.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Container
from functools import cache
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.exceptions import BadRequest, HTTPException

from .config import Settings
from .framework import current_request

CHECKS = ("/healthz", "/readyz")  # load balancers ask by any name, and nothing is to be read there
# RFC 9110, section 7.2: a name or an address, and perhaps a port
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z._-]+))(?::[0-9]*)?")
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


class UnknownName(HTTPException):
    """A request for a name that is not one of ours (RFC 9110, section 15.5.20)."""

    code = 421

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host

    @property
    def name(self) -> str:
        return "Misdirected Request"


def init_app(app: Flask) -> None:
    """From now on requests for names that are not ours are refused."""
    app.before_request(check_host)


def check_host() -> None:
    """Raises UnknownName, and BadRequest for a `Host` that is none."""
    asking = current_request()
    if asking.path in CHECKS:
        return
    given = asking.environ.get("HTTP_HOST")
    if given is None:
        if asking.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            return  # it knew no `Host`; browsers do
        raise BadRequest
    host = plain_name(given)
    if not host:
        raise BadRequest
    if not is_ours(host, current_app.config["INTRAY"]):
        raise UnknownName(host)


def plain_name(host: str) -> str:
    """What is named by a `Host` header: without port and brackets, in small letters; empty where the
    header is malformed."""
    found = _HOST.fullmatch(host)
    if found is None:
        return ""
    if found[1] is None:
        return found[2].lower().removesuffix(".")
    return found[1] if _is_ipv6(found[1]) else ""


def is_ours(name: str, settings: Settings) -> bool:
    """Whether we answer to this name: it is an address, or a name of this computer or of the settings."""
    if _IPV4.fullmatch(name) or ":" in name or name == "localhost" or name.endswith(".localhost"):
        return True
    if name in settings.allowed_hosts or name == _public_name(settings.public_url):
        return True
    return name in _own_names(socket.gethostname()) or name == _full_name()


@cache
def _own_names(host_name: str) -> Container[str]:
    """This computer's names: its own, and the one that neighbours find it by (RFC 6762)."""
    full = host_name.lower()
    bare = full.partition(".")[0]
    return {full, bare, bare + ".local"} - {""}


@cache
def _full_name() -> str:
    """The name that the network gives this computer, which may take seconds to find out."""
    return socket.getfqdn().lower().removesuffix(".")


@cache
def _public_name(public_url: str) -> str:
    return urlsplit(public_url).hostname or ""


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
