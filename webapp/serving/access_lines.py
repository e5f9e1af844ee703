"""What the access log says of a request: in the combined format, or as JSON.

Links that are private are no more so once they stand in a log. So the values of a query are left out,
and what an application says of its paths.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted  # all that JSONEncoder does to a text

_VALUES = re.compile(r"=[^&;]*")
_CONTROL = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"\\]')

Hidden = Callable[[str], str]  # a path without what is private in it


@dataclass(slots=True)
class Exchange:
    """A request, and how it was answered."""

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


def combined(exchange: Exchange, hidden: Hidden) -> str:
    """The format that log readers know; the request's id and its seconds come at the end."""
    target = without_values(exchange.target, hidden)
    request = safe(f"{exchange.method} {target} HTTP/{exchange.version}")
    return (
        f"{exchange.remote_addr or '-'} - - [{_time(int(exchange.started))}] "
        f'"{request}" {exchange.status} {exchange.sent} "{safe(_site(exchange.referrer) or "-")}" '
        f'"{safe(exchange.user_agent or "-")}" {exchange.request_id or "-"} '
        f"{exchange.seconds:.6f}\n"
    )


def as_json(exchange: Exchange, hidden: Hidden) -> str:
    """An object on a line by itself, in ASCII; the time is that of RFC 3339."""
    target = without_values(exchange.target, hidden)
    return (
        f'{{"time":"{_rfc3339(exchange.started)}","remote_addr":{_quoted(exchange.remote_addr)},'
        f'"method":{_quoted(exchange.method)},"target":{_quoted(target)},'
        f'"version":"{exchange.version}","status":{exchange.status},"sent":{exchange.sent},'
        f'"referrer":{_quoted(_site(exchange.referrer))},'
        f'"user_agent":{_quoted(exchange.user_agent)},'
        f'"request_id":"{exchange.request_id}","seconds":{exchange.seconds:.6f}}}\n'
    )


FORMATS: Mapping[str, Callable[[Exchange, Hidden], str]] = {"combined": combined, "json": as_json}


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


def _rfc3339(moment: float) -> str:
    whole = int(moment)
    return f"{_date_and_time(whole)}.{int((moment - whole) * 1000):03d}Z"


@lru_cache(maxsize=4)
def _date_and_time(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
