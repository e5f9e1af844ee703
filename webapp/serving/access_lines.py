"""What the access log says of a request: in the combined format, or as JSON.

Links that are private are no more so once they stand in a log. So the values of a query are left out,
and what an application says of its paths.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted  # all that JSONEncoder does to a text
from typing import NamedTuple

REMEMBERED = 512  # characters that a request says of itself; of one that says more nothing is kept
_VALUES = re.compile(r"=[^&;]*")
_CONTROL = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"\\]')

Hidden = Callable[[str], str]  # a path without what is private in it
_Part = Callable[..., str]
_remembered = lru_cache(maxsize=1024)  # most lines are made of parts that were in others before


class Exchange(NamedTuple):
    """A request, and how it was answered. A tuple of the same is as good: to make one of these takes five
    times as long, for each request."""

    remote_addr: str  # empty by a Unix socket
    method: str
    target: str  # path and query, as they were sent
    version: str
    status: int
    sent: int  # bytes of content
    started: float  # seconds since 1970
    seconds: float
    referrer: str
    user_agent: str
    request_id: str


Told = tuple[str, str, str, str, int, int, float, float, str, str, str]  # an Exchange


def combined(exchange: Told, hidden: Hidden) -> str:
    """The format that log readers know; the request's id and its seconds come at the end."""
    address, method, target, version, status, sent, started, seconds, site, agent, id = exchange
    asked: _Part = _request
    asking: _Part = _client
    if len(method) + len(target) + len(site) + len(agent) > REMEMBERED:
        asked, asking = _request.__wrapped__, _client.__wrapped__
    return (
        f"{address or '-'} - - [{_time(int(started))}] "
        f'"{asked(method, target, hidden)} HTTP/{version}" {status} {sent} '
        f"{asking(site, agent)} {id or '-'} {seconds:.6f}\n"
    )


@_remembered
def _request(method: str, target: str, hidden: Hidden) -> str:
    return safe(f"{method} {without_values(target, hidden)}")


@_remembered
def _client(referrer: str, user_agent: str) -> str:
    return f'"{safe(_site(referrer) or "-")}" "{safe(user_agent or "-")}"'


def as_json(exchange: Told, hidden: Hidden) -> str:
    """An object on a line by itself, in ASCII; the time is that of RFC 3339."""
    address, method, target, version, status, sent, started, seconds, site, agent, id = exchange
    asked: _Part = _request_as_json
    asking: _Part = _client_as_json
    if len(method) + len(target) + len(site) + len(agent) > REMEMBERED:
        asked, asking = _request_as_json.__wrapped__, _client_as_json.__wrapped__
    return (
        f'{{"time":"{_date_and_time(int(started))}.{int(started * 1000) % 1000:03d}Z",'
        f'"remote_addr":{_quoted(address)},'
        f'{asked(method, target, hidden)},"version":"{version}","status":{status},'
        f'"sent":{sent},{asking(site, agent)},"request_id":"{id}","seconds":{seconds:.6f}}}\n'
    )


@_remembered
def _request_as_json(method: str, target: str, hidden: Hidden) -> str:
    return f'"method":{_quoted(method)},"target":{_quoted(without_values(target, hidden))}'


@_remembered
def _client_as_json(referrer: str, user_agent: str) -> str:
    return f'"referrer":{_quoted(_site(referrer))},"user_agent":{_quoted(user_agent)}'


FORMATS: Mapping[str, Callable[[Told, Hidden], str]] = {"combined": combined, "json": as_json}


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
