"""The listening sockets: opened before anything else is made, so that a port in use costs nothing."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterable

from .errors import CannotServe

BACKLOG = 1024
IPV4_WILDCARD, IPV6_WILDCARD = "0.0.0.0", "::"  # noqa: S104


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address that `host` stands for; `::` is all of IPv6 and IPv4.

    Connections are queued from now on. Raises CannotServe with one sentence, all closed again.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            sockets.append(_listen_on(family, address))
    except OSError as wrong:
        close(sockets)
        raise CannotServe(_explain(wrong, host, port)) from None
    return sockets


def listen_on_each(hosts: Iterable[str], port: int) -> list[socket.socket]:
    """Sockets that listen on all of these hosts. Raises CannotServe with one sentence, all closed."""
    opened: list[socket.socket] = []
    try:
        for host in hosts:
            opened += listen(host, port)
    except CannotServe:
        close(opened)
        raise
    return opened


def texts(host: str, port: int) -> list[str]:
    """All that `listen` would listen on, as `127.0.0.1:80` and `[::1]:80`. Raises CannotServe."""
    try:
        found = [address for _, address in _addresses(host, port)]
    except OSError as wrong:
        raise CannotServe(_explain(wrong, host, port)) from None
    return [f"[{ip}]:{port}" if ":" in str(ip) else f"{ip}:{port}" for ip, *_ in found]


def close(sockets: list[socket.socket]) -> None:
    for opened in sockets:
        opened.close()


def _addresses(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    hosts = (IPV6_WILDCARD, IPV4_WILDCARD) if host == IPV6_WILDCARD else (host,)
    found = [
        (family, address)
        for one in hosts
        for family, _, _, _, address in socket.getaddrinfo(one, port, type=socket.SOCK_STREAM)
        if family in (socket.AF_INET, socket.AF_INET6)
    ]
    return list(dict.fromkeys(found))


def _listen_on(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        _claim_port_alone(listener)
        if family == socket.AF_INET6:
            # With it an IPv4 client would show up as ::ffff:192.0.2.1; IPv4 has a socket of its own.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)  # at once: Linux lets two bind the same port until one listens
    except BaseException:
        listener.close()
        raise
    return listener


def _claim_port_alone(listener: socket.socket) -> None:
    if sys.platform == "win32":
        # SO_REUSEADDR there lets a second server take the same port without a word.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        # Else a restart would have to wait for the old connections' TIME_WAIT.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _explain(wrong: OSError, host: str, port: int) -> str:
    if isinstance(wrong, socket.gaierror):
        return f"There is no host {host}: choose an address of this computer, such as 127.0.0.1."
    refused = wrong.errno in (errno.EACCES, errno.EPERM)
    if wrong.errno == errno.EADDRINUSE or (refused and sys.platform == "win32"):
        return f"Port {port} is in use by another program: choose another one with --port."
    if refused:
        return f"Port {port} is for administrators: choose one from 1024 up with --port."
    if wrong.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return f"This computer has no address {host}: try --host 127.0.0.1, or 0.0.0.0 for all."
    reason = os.strerror(wrong.errno) if wrong.errno else str(wrong)
    return f"Intray cannot listen on {host}, port {port}: {reason}."
