"""The head of a plain request, read in one pass.

Waitress reads each line by itself, with an expression for its name and value, and that is half of what it
does for a request. Most requests are plain: they have no body, and no byte that needs thought. Whatever is
not plain is left to Waitress as it came, so that what is refused, and why, stays its own matter.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_to_bytes

# RFC 9112, section 3: method, path and query in visible ASCII. A path that begins with two slashes, or a
# fragment, is not plain; what is forbidden further on in a target, Waitress does not look for either.
_LINE = re.compile(r"([A-Z]+) (/(?!/)[!-\"$->@-~]*)(?:\?([!-\"$-~]*))? HTTP/1\.1")
# Section 5: a name that is a token, but without "_", and what its line has after the colon
_FIELDS = re.compile(r"\r\n([!#$%&'*+.^`|~0-9A-Za-z-]+):([^\r\n]*)(?=\r\n)")
_TEXT = bytes(
    [9, *range(32, 127), *range(128, 256)]
)  # tab, VCHAR, SP and obs-text of RFC 9110, 5.5
# Fields that tell of a body: how long a request is must be found in one way only.
_OF_A_BODY = frozenset(["CONTENT_LENGTH", "TRANSFER_ENCODING", "EXPECT"])


class Head:
    """What a request parser of Waitress does differently, as a class to be put before that one."""

    adj: Any
    command: str
    connection_close: bool
    first_line: bytes
    fragment: str
    headers: dict[str, str]
    path: str
    proxy_netloc: str
    proxy_scheme: str
    query: str
    request_uri: str
    url_scheme: str
    version: str

    def parse_header(self, header_plus: bytes) -> None:
        """`header_plus` is all up to the empty line, with that one."""
        if not self._read_plain(header_plus):
            super().parse_header(header_plus)  # type: ignore[misc]

    def _read_plain(self, head: bytes) -> bool:
        """Whether it was plain; where it was not, nothing has changed."""
        text = head.decode("latin-1")
        ends = text.count("\r\n")
        found = _FIELDS.findall(text)
        line = _LINE.match(text)
        # Two are no field's: that of the request line, and the empty line.
        if line is None or not text.startswith("\r\n", line.end()) or len(found) != ends - 2:
            return False
        if len(head.translate(None, _TEXT)) != 2 * ends:
            return False  # a control character, or a CR or LF that ends no line
        headers: dict[str, str] = {}
        for name, value in found:
            key = name.upper().replace("-", "_")
            value = value.strip(" \t")
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        if not _OF_A_BODY.isdisjoint(headers):
            return False
        self.headers = headers
        self._take(line, head)
        return True

    def _take(self, line: re.Match[str], head: bytes) -> None:
        self.first_line = head[: line.end()]
        self.command, path, query = line.groups("")
        self.request_uri = line[0].split(" ")[1]
        self.path = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
        self.query = query
        self.version = "1.1"
        self.proxy_scheme = self.proxy_netloc = self.fragment = ""
        self.url_scheme = self.adj.url_scheme
        self.connection_close = self.headers.get("CONNECTION", "").lower() == "close"
