"""Response headers that every page has."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.wrappers import Response as BaseResponse

_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(**changed: str) -> str:
    """The content security policy of a page, with directives that differ: `frame_src="'self'"`."""
    directives = _POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


# No inline script and no style attribute anywhere; nothing comes from elsewhere.
CONTENT_SECURITY_POLICY = policy()

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # with no-referrer, browsers would send `Origin: null` with a hand-in
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # nothing here asks for a place, a microphone or a camera: files come from the system's own chooser
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_HEADERS = [(name, name.lower(), value) for name, value in HEADERS.items()]


def init_app(app: Flask) -> None:
    """From now on every response has the headers, unless its route has set others."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Asked of each response: `setdefault` would look through all of its headers for each of these."""
    set_by_route = {name.lower() for name, _ in response.headers}
    for name, lower, value in _HEADERS:
        if lower not in set_by_route:
            response.headers.add(name, value)
    return response


def vary_by(response: BaseResponse, name: str) -> None:
    """Tells caches that the answer depends on this header of the request. (Werkzeug's `vary` takes the
    header apart, and puts it together again.)"""
    for key, given in response.headers:  # which takes less than to ask for one that is not there
        if key.lower() == "vary":
            if name.lower() not in given.lower().split(", "):
                response.headers["Vary"] = f"{given}, {name}"
            return
    response.headers.add("Vary", name)
