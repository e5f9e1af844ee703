"""A person with a plain browser: opens pages, fills in the form that is on them, hands it in.

No JavaScript and no cookies, unless the server sets one. It talks over HTTP to a real server, or to
an application in this process.
"""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

Files = Iterable[tuple[str, str, bytes]]  # field key, file name, content


@dataclass
class Page:
    """An answer of the server."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def inputs(self) -> list[tuple[str, str]]:
        """The names and values that the page's main form would send, buttons and files left out."""
        parser = _Inputs()
        parser.feed(self.text)
        return parser.inputs

    def input(self, name: str) -> str:
        return next(value for key, value in self.inputs if key == name)

    @property
    def problems(self) -> list[str]:
        """What the error summary says."""
        parser = _Summary()
        parser.feed(self.text)
        return parser.problems


class Transport(Protocol):
    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page: ...


class Visitor:
    """One person."""

    def __init__(self, send: Transport) -> None:
        self._send = send
        self.headers: dict[str, str] = {}

    def open(self, path: str, **headers: str) -> Page:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("GET", path, b"", self.headers | named)

    def post(self, path: str, body: bytes, content_type: str, **headers: str) -> Page:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("POST", path, body, self.headers | {"Content-Type": content_type} | named)

    def post_form(self, path: str, inputs: Mapping[str, str], **headers: str) -> Page:
        body = urlencode(inputs).encode()
        return self.post(path, body, "application/x-www-form-urlencoded", **headers)

    def hand_in(
        self,
        page: Page,
        path: str,
        answers: Mapping[str, str | list[str]],
        files: Files = (),
        **headers: str,
    ) -> Page:
        """Fills in the form of a page and hands it in: what the page holds goes along, unless
        `answers` says otherwise."""
        kept = [(name, value) for name, value in page.inputs if name not in answers]
        given = [(n, v) for n, vs in answers.items() for v in ([vs] if isinstance(vs, str) else vs)]
        return self.send_multipart(path, kept + given, files, **headers)

    def send_multipart(
        self, path: str, inputs: Iterable[tuple[str, str]], files: Files = (), **headers: str
    ) -> Page:
        body, content_type = multipart(inputs, files)
        return self.post(path, body, content_type, **headers)


def multipart(inputs: Iterable[tuple[str, str]], files: Files = ()) -> tuple[bytes, str]:
    """A multipart body as browsers write it (WHATWG HTML, "multipart/form-data encoding algorithm"),
    and its content type."""
    boundary = "----visitor" + secrets.token_hex(8)
    parts = []
    for name, value in inputs:
        head = f'Content-Disposition: form-data; name="{_escaped(name)}"\r\n\r\n'
        parts.append(head.encode() + value.replace("\n", "\r\n").encode())
    for name, filename, content in files:
        head = (
            f'Content-Disposition: form-data; name="{_escaped(name)}"; '
            f'filename="{_escaped(filename)}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        parts.append(head.encode() + content)
    body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _escaped(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def over_http(url: str, timeout: float = 60) -> Transport:
    """Talks to a real server, with a new connection for each request."""
    parts = urlsplit(url)
    assert parts.hostname is not None

    def send(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        try:
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            named = _by_name(answer.getheaders())
            return Page(answer.status, named, answer.read())
        finally:
            connection.close()

    return send


def in_process(app: Any, **environ: str) -> Transport:
    """Talks to a Flask application without a server; `environ` is what a server would say of the client."""
    client = app.test_client(use_cookies=False)

    def send(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        answer = client.open(
            path,
            method=method,
            data=body,
            headers=dict(headers),
            buffered=True,
            environ_overrides=environ,
        )
        named = _by_name(answer.headers)
        page = Page(answer.status_code, named, answer.get_data())
        answer.close()
        return page

    return send


def _by_name(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers by their names in lower case; those that come several times in one, with commas."""
    named: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        named[key] = f"{named[key]}, {value}" if key in named else value
    return named


class _Inputs(HTMLParser):
    """Collects what the multipart form of a page would send."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[tuple[str, str]] = []
        self._inside = False
        self._area: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        if tag == "form":
            self._inside = attributes.get("enctype") == "multipart/form-data"
        elif not self._inside or not name:
            return
        elif tag == "textarea":
            self._area = (name, [])
        elif tag == "input" and self._is_sent(attributes):
            self.inputs.append((name, value))

    def _is_sent(self, attributes: Mapping[str, str | None]) -> bool:
        kind = attributes.get("type", "text")
        if kind in ("checkbox", "radio"):
            return "checked" in attributes
        return kind not in ("file", "submit")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area is not None:
            name, texts = self._area
            self.inputs.append((name, "".join(texts).replace("\r\n", "\n").removeprefix("\n")))
            self._area = None


@dataclass
class _Summary(HTMLParser):
    """Collects the items of the error summary."""

    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = self._item = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ("role", "alert") in attrs:
            self._inside = True
        elif self._inside and tag == "li":
            self._item = True
            self.problems.append("")

    def handle_data(self, data: str) -> None:
        if self._item:
            self.problems[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "li":
            self._item = False
        elif tag == "ul":
            self._inside = False
