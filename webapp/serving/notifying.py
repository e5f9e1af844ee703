"""What systemd is told of a service's state (sd_notify(3)), where it has asked for that."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from functools import cache

VARIABLE = "NOTIFY_SOCKET"


class Manager:
    """Who has started this process and listens at that address; nobody, where it is empty."""

    def __init__(self, address: str = "") -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.status = ""  # a line for people, from the next `ready` on

    @property
    def is_there(self) -> bool:
        return bool(self._address)

    def ready(self, trouble: str = "") -> None:
        """It serves; also at the end of `reloading`, where something may have been in the way."""
        self._tell("READY=1", f"STATUS={trouble or self.status}")

    def reloading(self) -> None:
        """Until `ready`."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    if sys.platform == "win32":

        def _tell(self, *lines: str) -> None:
            pass

    else:

        def _tell(self, *lines: str) -> None:
            """From a signal handler too: it waits for nobody."""
            if not self._address:
                return
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
                telling.setblocking(False)
                telling.sendto("\n".join(lines).encode(), self._address)


@cache
def manager() -> Manager:
    """That of this process alone: what it starts from now on, or serves, does not see the address."""
    address = os.environ.pop(VARIABLE, "")
    return Manager(address if address.startswith(("/", "@")) else "")
