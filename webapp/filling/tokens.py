"""The hidden `csrf_token` of a public form: it needs no cookie, and makes a page count once.

It is an HMAC over the form, the version that the page shows, the time and a nonce. It is good for as
long as the form takes submissions, and stands beside a check of `Origin`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.signer import SigningAlgorithm

from ..ids import public_id

_SALT = "filling.csrf_token"


@dataclass(frozen=True)
class Token:
    """What a page's token says."""

    form_id: str  # the form's public id
    version: int
    issued_at: datetime
    nonce: str


def issue(secret: bytes, form_id: str, version: int, now: datetime, nonce: str = "") -> str:
    """A token for a page that shows this version of the form: a new one, or that of a nonce."""
    content = [form_id, version, int(now.timestamp()), nonce or public_id()]
    return _serializer(secret).dumps(content)


def read(secret: bytes, form_id: str, text: str) -> Token | None:
    """The token's content; None if it is not ours or is another form's."""
    try:
        content = _serializer(secret).loads(text)
        form, version, issued_at, nonce = content
    except (BadData, ValueError, TypeError):
        return None
    if form != form_id:
        return None
    return Token(form, version, datetime.fromtimestamp(issued_at, UTC), nonce)


class _OneShot(SigningAlgorithm):
    """HMAC-SHA256 (RFC 2104) in one call, which is the quickest for a text as short as this."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


class _Serializer(URLSafeSerializer):
    """Does not try to make so short a text shorter; one that was, is still read. Signs all with one key,
    which is derived once."""

    _encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

    def __init__(self, secret: bytes) -> None:
        key = Signer(
            secret, _SALT, key_derivation="hmac", digest_method=hashlib.sha256
        ).derive_key()
        self._signer = Signer(key, key_derivation="none", algorithm=_OneShot())
        super().__init__(key)

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(self._encode(obj).encode())

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer

    def iter_unsigners(self, salt: str | bytes | None = None) -> Iterator[Signer]:
        yield self._signer


_serializer = lru_cache(maxsize=4)(_Serializer)
