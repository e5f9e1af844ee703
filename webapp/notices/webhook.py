"""Webhooks: a POST of JSON, signed as the Standard Webhooks specification says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import re
import secrets
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, urlsplit

from .. import __version__
from .outcomes import Outcome, Reason, Result, shortened
from .outgoing import cut_after

SECRET_PREFIX = "whsec_"  # noqa: S105
SECRET_BYTES = 32
TIMEOUT_SECONDS = 10.0  # to connect, and for each packet
MOST_SECONDS = 30.0  # for all of it
MOST_ANSWER_BYTES = 4096
MOST_URL_CHARACTERS = 2000
GONE = 410
SERVER_ERROR = 500
SLOW_SECONDS = 5.0  # a server that takes longer to fail rests, so that others have their turn


@dataclass(frozen=True)
class Target:
    """Where a webhook calls."""

    is_https: bool
    host: str  # in ASCII
    port: int | None
    path: str  # with its query


def new_secret() -> str:
    """A new secret, as both sides keep it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secrets_: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of a message sent at `timestamp` (Unix seconds): one signature for each
    secret, so that a receiver who knows one of them is content."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets_)


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def read_url(text: str) -> Target | None:
    """What an address means; None for one that no webhook can have: with another scheme, with a user and
    password, which would be shown to whoever edits notices, or with a fragment, which nobody receives."""
    if len(text) > MOST_URL_CHARACTERS or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        return None  # urlsplit drops some of these in silence
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    is_plain = "@" not in parts.netloc and not parts.fragment and port != 0
    if parts.scheme not in ("http", "https") or not host or not is_plain:
        return None
    query = f"?{parts.query}" if parts.query else ""
    path = quote((parts.path or "/") + query, safe="%/:=&?~#+!$,;'@()*[]")
    return Target(parts.scheme == "https", host, port, path)


def post(
    url: str, message_id: str, body: bytes, signing_secrets: Sequence[str], now: datetime
) -> Outcome:
    """Sends a message and tells what came of it. Raises OSError, HTTPException or ValueError where the
    server could not be talked to.

    A redirect is not followed: it could lead anywhere. Proxies that the environment names are not used,
    certificates are verified.
    """
    target = read_url(url)
    if target is None:
        raise ValueError("the address cannot be called")
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Intray/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(signing_secrets, message_id, timestamp, body),
    }
    connection = _connection(target)
    began = time.monotonic()
    try:
        with cut_after(MOST_SECONDS, connection):
            connection.request("POST", target.path, body, headers)
            response = connection.getresponse()
            outcome = _outcome(response.status, _beginning(response))
            is_slow = time.monotonic() - began > SLOW_SECONDS
            is_down = is_slow and response.status >= SERVER_ERROR
            return replace(outcome, is_target_down=is_down)
    finally:
        connection.close()


def _connection(target: Target) -> http.client.HTTPConnection:
    if not target.is_https:
        return http.client.HTTPConnection(target.host, target.port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(
        target.host, target.port, timeout=TIMEOUT_SECONDS, context=context
    )


def _beginning(response: http.client.HTTPResponse) -> str:
    """The beginning of the answer. With its status it has arrived, whatever becomes of the rest."""
    try:
        content = response.read(MOST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException):
        content = b""
    return shortened(content.decode("utf-8", "replace"))


def _outcome(status: int, answer: str) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Result.DELIVERED, status=status, answer=answer)
    if status == GONE:
        return Outcome(Result.GIVE_UP, Reason.GONE, status=status, answer=answer)
    reason = Reason.REDIRECT if 300 <= status < 400 else Reason.STATUS
    return Outcome(Result.TRY_AGAIN, reason, status=status, answer=answer)
