"""Where people find the server: its addresses as text and as a QR code."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import socket
import sys
from collections.abc import Iterable

from . import console
from .sockets import IPV4_WILDCARD, IPV6_WILDCARD

# Of the documentation's network (RFC 5737). Connecting a UDP socket sends nothing: it only asks the
# system which of its addresses it would send from.
SOMEWHERE_ELSE = ("192.0.2.1", 9)
QR_BLOCKS = "█▀▄"


def is_wildcard(host: str) -> bool:
    return host in (IPV4_WILDCARD, IPV6_WILDCARD)


def is_loopback(host: str) -> bool:
    """Whether only programs on this computer reach that host."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.lower() == "localhost"


def url(host: str, port: int) -> str:
    """The address to open in a browser on this computer."""
    if is_wildcard(host):
        host = "127.0.0.1"
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}/" if port == 80 else f"http://{name}:{port}/"


def lan_addresses() -> list[str]:
    """The IPv4 addresses at which its neighbours in the network find this computer, if any.

    The one that it uses itself, where there is a way out: others belong to virtual machines mostly.
    """
    outgoing = _outgoing_address()
    return _reached_by_others([outgoing]) if outgoing else own_addresses()


def own_addresses() -> list[str]:
    """All IPv4 addresses of this computer that others may reach, as far as the system tells."""
    return _reached_by_others(_all_addresses())


def _reached_by_others(found: Iterable[str]) -> list[str]:
    return [one for one in found if one and not ipaddress.IPv4Address(one).is_loopback]


def qr_code(text: str) -> str | None:
    """The text as a QR code of block characters; None where the console has no such characters."""
    if not console.can_show(QR_BLOCKS):
        return None
    import segno

    picture = io.StringIO()
    segno.make(text, micro=False).terminal(picture, compact=True)
    return picture.getvalue().rstrip("\n")


def _outgoing_address() -> str:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(SOMEWHERE_ELSE)
        address: str = asking.getsockname()[0]
        return address
    return ""


if sys.platform == "win32":

    def _all_addresses() -> list[str]:
        """Windows answers its own name from its adapters."""
        with contextlib.suppress(OSError):
            return socket.gethostbyname_ex(socket.gethostname())[2]
        return []

elif sys.platform == "linux":
    import fcntl
    import struct

    SIOCGIFADDR = 0x8915

    def _all_addresses() -> list[str]:
        """Network without a way out, such as a lab's, has no outgoing address: ask each interface."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            return [_address_of(name, asking) for _, name in socket.if_nameindex()]

    def _address_of(interface: str, asking: socket.socket) -> str:
        with contextlib.suppress(OSError):
            request = struct.pack("256s", interface.encode()[:15])
            return socket.inet_ntoa(fcntl.ioctl(asking, SIOCGIFADDR, request)[20:24])
        return ""

else:

    def _all_addresses() -> list[str]:
        return []
