"""Flask, without what costs each request and is of no use here, and with discretion."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import Headers
from werkzeug.routing import Map, MapAdapter
from werkzeug.wsgi import get_host

from .log_paths import without_secrets

LONGEST_HOST = 300  # characters of a `Host` that is remembered; names of the DNS end at 253

# Headers that Werkzeug puts right, and statuses whose answers have no content (RFC 9110, section 6.4.1)
_TO_BE_PUT_RIGHT = frozenset(["location", "content-location"])
_NO_CONTENT = frozenset([204, 304, *range(100, 200)])

_ANY = Map()  # which makes of a name what routing calls it, in ASCII (RFC 5891)


class Intray(Flask):
    """The application."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask asks each view and hook in each request whether it is a coroutine; none is."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """As Flask does, but for what makes a link a private one."""
        path = without_secrets(request.path)
        self.logger.error("Exception on %s [%s]", path, request.method, exc_info=exc_info)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask takes the name that a request asks by apart, twice, and encodes it, which is much of all that
        is done for a small page. Few names are asked by, so what came of each is kept. As Flask does where it
        matches neither hosts nor subdomains; we do not."""
        if request is None or not self._is_plain(request.environ):
            return super().create_url_adapter(request)
        environ = request.environ
        request.host, name = _names(environ["wsgi.url_scheme"], environ["HTTP_HOST"])
        return MapAdapter(
            self.url_map,
            name,
            _text(environ.get("SCRIPT_NAME", "")),
            self.url_map.default_subdomain,
            environ["wsgi.url_scheme"],
            _text(environ.get("PATH_INFO", "/")),
            environ["REQUEST_METHOD"],
            _text(environ.get("QUERY_STRING", "")),
        )

    def _is_plain(self, environ: dict[str, Any]) -> bool:
        return (
            0 < len(environ.get("HTTP_HOST", "")) <= LONGEST_HOST
            and "HTTP_UPGRADE" not in environ
            and self.config["SERVER_NAME"] is None
            and self.config["TRUSTED_HOSTS"] is None
        )


def current_request() -> Request:
    """The request at hand itself: `request` looks for it again at each use, and is another's once this is
    over."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]
    return found


@lru_cache(maxsize=256)
def _names(scheme: str, given: str) -> tuple[str, str]:
    """What `Host` names, and what routing calls it. Raises SecurityError and BadHost as Werkzeug does."""
    host = get_host({"wsgi.url_scheme": scheme, "HTTP_HOST": given})
    return host, _ANY.bind(host).server_name


def _text(given: str) -> str:
    """A text of the environ (PEP 3333), in which each character is a byte of what was sent."""
    return given if given.isascii() else given.encode("latin-1").decode("utf-8", "replace")


class Answer(Response):
    """A response. Most are sent as they are: Werkzeug makes a copy of the headers, one by one, in which
    to change some. Flask makes one of these of whatever a view gives, so a view's own class would be lost."""

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        names = {name.lower() for name, _ in self.headers}
        if (
            "content-length" not in names
            or not _TO_BE_PUT_RIGHT.isdisjoint(names)
            or self.status_code in _NO_CONTENT
        ):
            return super().get_wsgi_headers(environ)
        return self.headers
