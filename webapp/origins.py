"""Where a POST comes from: a page of ours, or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import Forbidden


class ForeignOrigin(Forbidden):
    """A browser sends a page of another site's making."""


def check_origin() -> None:
    """Raises ForeignOrigin for a request that a browser sends on behalf of another site."""
    public = urlsplit(current_app.config["INTRAY"].public_url).netloc
    if not is_same_origin(request.headers.get("Origin"), [request.host, public]):
        raise ForeignOrigin


def is_same_origin(origin: str | None, hosts: Iterable[str]) -> bool:
    """Whether a request with this `Origin` header (RFC 6454, section 7) comes from one of our hosts
    (`name` or `name:port`). Programs send none, which is fine: they carry nobody's cookies."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    own = {_with_port(host, parts.scheme) for host in hosts if host}
    return _with_port(parts.netloc, parts.scheme) in own


def _with_port(host: str, scheme: str) -> str:
    if re.search(r":\d+$", host):
        return host.lower()
    return f"{host.lower()}:{443 if scheme == 'https' else 80}"
