"""What the access log says of a request: in the combined format, or as JSON.

Links that are private are no more so once they stand in a log. So the values of a query are left out,
and what an application says of its paths.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted  # all that JSONEncoder does to a text
from typing import NamedTuple

_VALUES = re.compile(r"=[^&;]*")
_CONTROL = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"\\]')

Hidden = Callable[[str], str]  # a path without what is private in it


class Asked(NamedTuple):
    """What a request says of itself."""

    method: str
    target: str  # path and query, as they were sent
    referrer: str
    user_agent: str


class Exchange(NamedTuple):
    """A request, and how it was answered. Tuples of the same are as good: to make one of these takes five
    times as long, for each request."""

    remote_addr: str  # empty by a Unix socket
    asked: Asked
    version: str
    status: int
    sent: int  # bytes of content
    started: float  # seconds since 1970
    seconds: float
    request_id: str


Request = tuple[str, str, str, str]  # an Asked
Told = tuple[str, Request, str, int, int, float, float, str]  # an Exchange, in its order


class Format(NamedTuple):
    """How a line is written: `parts` gives what is told of the request, and of who asked; `line` is given
    the exchange, and these."""

    parts: Callable[[Request, Hidden], tuple[str, str]]
    line: Callable[[Told, str, str], str]


def lines_of(exchanges: Iterable[Told], format: Format, hidden: Hidden) -> list[str]:
    """A line for each. Much of what is told together is alike, and put together once."""
    known: dict[Request, tuple[str, str]] = {}
    parts, line = format
    return [
        line(each, *(known.get(each[1]) or known.setdefault(each[1], parts(each[1], hidden))))
        for each in exchanges
    ]


def _combined_parts(asked: Request, hidden: Hidden) -> tuple[str, str]:
    method, target, referrer, agent = asked
    request = safe(f"{method} {without_values(target, hidden)}")
    return request, f'"{safe(_site(referrer) or "-")}" "{safe(agent or "-")}"'


def _combined_line(exchange: Told, request: str, client: str) -> str:
    address, _, version, status, sent, started, seconds, request_id = exchange
    return (
        f'{address or "-"} - - [{_time(int(started))}] "{request} HTTP/{version}" '
        f"{status} {sent} {client} {request_id or '-'} {seconds:.6f}\n"
    )


def _json_parts(asked: Request, hidden: Hidden) -> tuple[str, str]:
    method, target, referrer, agent = asked
    request = f'"method":{_quoted(method)},"target":{_quoted(without_values(target, hidden))}'
    return request, f'"referrer":{_quoted(_site(referrer))},"user_agent":{_quoted(agent)}'


def _json_line(exchange: Told, request: str, client: str) -> str:
    address, _, version, status, sent, started, seconds, request_id = exchange
    return (
        f'{{"time":"{_date_and_time(int(started))}.{int(started * 1000) % 1000:03d}Z",'
        f'"remote_addr":{_quoted(address)},{request},"version":"{version}","status":{status},'
        f'"sent":{sent},{client},"request_id":"{request_id}","seconds":{seconds:.6f}}}\n'
    )


# The format that log readers know, with the request's id and its seconds at the end; and an object on a line
# by itself, in ASCII, whose time is that of RFC 3339.
FORMATS: Mapping[str, Format] = {
    "combined": Format(_combined_parts, _combined_line),
    "json": Format(_json_parts, _json_line),
}


def without_values(target: str, hidden: Hidden) -> str:
    """A path and its query without what is private in them."""
    if "?" not in target:
        return hidden(target)
    path, mark, query = target.partition("?")
    return hidden(path) + mark + _VALUES.sub("=…", query)


def safe(text: str) -> str:
    """Without what would end the line, or the field."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _site(referrer: str) -> str:
    """Its site alone: the page may be a private link."""
    if not referrer:
        return ""
    parts = referrer.split("/", 3)
    return "/".join(parts[:3]) if len(parts) > 2 else ""


@lru_cache(maxsize=4)
def _time(second: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))


@lru_cache(maxsize=4)
def _date_and_time(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
