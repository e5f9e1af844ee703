"""Who may read the figures, and an answer with them in front of an application that has none.

Only who asks from this computer itself, unless a setting names others. A request that came by way of
somebody who is not believed, or without a name of who asked, is nobody's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from .exposition import CONTENT_TYPE
from .loader import Application
from .proxies import FORWARDED, HEADERS, KNOWN, address_of, networks_of

PATH = "/metrics"
TEXT = "serving.metrics"  # in the environ: gives the figures of the server, as text


class Readers:
    """Those who may."""

    def __init__(self, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> None:
        self._networks = networks

    @classmethod
    def parse(cls, text: str) -> Readers:
        """`10.0.0.0/8, 192.0.2.7`; this computer where it is empty. Raises ValueError."""
        return cls(networks_of(text))

    def may_read(self, environ: Mapping[str, Any]) -> bool:
        """Whether who has sent this request is one of them."""
        address = address_of(environ.get("REMOTE_ADDR") or "")
        # Another server than ours leaves the headers where they are, and there nobody is believed.
        by_other = environ.get(FORWARDED) or any(name in environ for name in HEADERS)
        if address is None:
            return False
        if address.is_loopback and not by_other:
            return True
        is_sure = not by_other or environ.get(FORWARDED) == KNOWN
        return is_sure and any(address in network for network in self._networks)


def answering(application: Application, readers: Readers) -> Application:
    """The application with `/metrics` for these readers; others get its own answer."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_asked = environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if not is_asked or not readers.may_read(environ):
            found: Iterable[bytes] = application(environ, start_response)
            return found
        content = environ[TEXT]().encode()
        headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(content)))]
        start_response("200 OK", [*headers, ("Cache-Control", "no-store")])
        return [content]

    return answer
