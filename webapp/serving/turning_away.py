"""The end of a listening socket: closed just so, it would reset those who have connected to it and have
not been accepted yet, at a busy server some at every stop."""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from contextlib import suppress

# A filter for the packets of a socket, in BPF (Linux: Documentation/networking/filter.rst). It sees a
# packet from its TCP header on (RFC 9293, 3.1), and gives how many bytes are to be kept.
_FLAGS, _SYN = 13, 0x02
_DROP_EACH_SYN = [
    (0x30, 0, 0, _FLAGS),  # load this byte
    (0x45, 0, 1, _SYN),  # where the bit is not set, skip one
    (0x06, 0, 0, 0),  # nothing is kept
    (0x06, 0, 0, 0xFFFFFFFF),  # all is
]
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h; Python has no name for it


def turn_away(listener: socket.socket) -> None:
    """Has the system begin no new connections on a listening socket; those that it has begun can still be
    accepted. Once that gives none, closing it resets only whose last packet of the handshake is on its way.

    It is for good, and for all who share the socket. TCP clients ask again after a second (RFC 6298, 2.1),
    and find the socket closed, or another server's. Linux only: elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    if listener.family == socket.AF_UNIX:
        listener.shutdown(socket.SHUT_RD)
        return
    program = ctypes.create_string_buffer(
        b"".join(struct.pack("HBBI", *each) for each in _DROP_EACH_SYN)
    )
    given = struct.pack("HL", len(_DROP_EACH_SYN), ctypes.addressof(program))
    with suppress(OSError):  # in a container's own kernel, which may have none
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, given)
