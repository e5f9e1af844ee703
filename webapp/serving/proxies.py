"""Proxies that are believed whom they speak for, by `X-Forwarded-For` and its kin.

Waitress knows one trusted address, or all. Here they are addresses and networks, and from anybody
else the headers are taken away, so that an application which reads them is not lied to.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FOR, _PROTO, _HOST = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
_PORT, _PREFIX = "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX"
# RFC 7239's own is understood by few proxies, and read by applications: it goes in any case.
HEADERS = (_FOR, _PROTO, _HOST, _PORT, _PREFIX, "HTTP_X_FORWARDED_BY", "HTTP_FORWARDED")
# In the environ of a request that somebody has sent on: whether it is known for whom
FORWARDED, KNOWN, UNKNOWN = "serving.forwarded", "known", "unknown"
_HOST_AND_PORT = re.compile(r"([0-9A-Za-z._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?")
_PATH = re.compile(r"(?:/[0-9A-Za-z._~-]+)+")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
UNIX = "unix"  # among those that are trusted: whoever comes by a Unix socket, and so has no address


class Proxies:
    """Those that are trusted."""

    def __init__(self, networks: tuple[_Network, ...] = (), *, unix: bool = False) -> None:
        self._networks = networks
        self._unix = unix

    @classmethod
    def parse(cls, text: str) -> Proxies:
        """`10.0.0.0/8, 127.0.0.1, ::1, unix`. Raises ValueError."""
        parts = list(filter(None, (part.strip() for part in text.split(","))))
        networks = networks_of(",".join(part for part in parts if part != UNIX))
        return cls(networks, unix=UNIX in parts)

    def apply(self, environ: dict[str, Any], peer: str) -> None:
        """Makes the request that the proxy has sent the one that it has got, if `peer`, which has sent
        it, is trusted; an empty one came by a Unix socket. What makes no sense is as if it were not there."""
        given = {name: environ.pop(name) for name in HEADERS if name in environ}
        if not given:
            return
        environ[FORWARDED] = UNKNOWN
        if not (self._trusts(address_of(peer)) if peer else self._unix):
            return
        self._tell_who(environ, given.get(_FOR, ""))
        self._tell_where(environ, given)
        _tell_prefix(environ, _last(given.get(_PREFIX, "")))

    def _trusts(self, address: _Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)

    def _tell_who(self, environ: dict[str, Any], chain: str) -> None:
        """Each proxy adds whom it has heard at the end. So the last one that is no proxy of ours is who
        asked; what stands before that, anybody can have written."""
        known = None
        for part in reversed(chain.split(",")):
            address = address_of(part.strip())
            if address is None:
                break
            known = address
            if not self._trusts(address):
                break
        if known is not None:
            environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = str(known)
            environ.pop("REMOTE_PORT", None)
            environ[FORWARDED] = KNOWN

    def _tell_where(self, environ: dict[str, Any], given: dict[str, str]) -> None:
        scheme = _last(given.get(_PROTO, "")).lower()
        if scheme in _DEFAULT_PORTS:
            environ["wsgi.url_scheme"] = scheme
            environ["SERVER_PORT"] = _DEFAULT_PORTS[scheme]
        found = _HOST_AND_PORT.fullmatch(_last(given.get(_HOST, "")))
        if found is not None:
            environ["HTTP_HOST"] = found[0]
            environ["SERVER_NAME"] = found[1]
            if found[2]:
                environ["SERVER_PORT"] = found[2]
        port = _last(given.get(_PORT, ""))
        if re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536:
            environ["SERVER_PORT"] = port


def _tell_prefix(environ: dict[str, Any], prefix: str) -> None:
    prefix = prefix.rstrip("/")
    if not _PATH.fullmatch(prefix) or {".", ".."} & set(prefix.split("/")):
        return
    environ["SCRIPT_NAME"] = prefix
    path = environ.get("PATH_INFO", "")
    if path == prefix or path.startswith(prefix + "/"):
        environ["PATH_INFO"] = path.removeprefix(prefix)


def _last(values: str) -> str:
    """What the nearest proxy has said, where several have."""
    return values.rpartition(",")[2].strip()


def networks_of(text: str) -> tuple[_Network, ...]:
    """`10.0.0.0/8, 127.0.0.1, ::1`. Raises ValueError."""
    parts = filter(None, (part.strip() for part in text.split(",")))
    return tuple(ipaddress.ip_network(part) for part in parts)


def address_of(text: str) -> _Address | None:
    """An address, alone or with a port; None for what is none. The zone of an IPv6 address, which may be
    any text (RFC 4007, section 11), is left out."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
