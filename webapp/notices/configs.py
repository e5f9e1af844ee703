"""What each kind of notice is told to do, as its row keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..i18n import gettext
from .webhook import new_secret


class Kind(StrEnum):
    """Whom a notice tells."""

    MAIL = "mail"
    RECEIPT = "receipt"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class MailConfig:
    """Mail to people: to addresses, each in `language`, and to users, each in their own."""

    addresses: tuple[str, ...] = ()
    user_ids: tuple[int, ...] = ()
    with_answers: bool = True
    reply_field: str = ""  # the id of the field whose address is answered
    language: str = "en"

    def write(self) -> dict[str, Any]:
        return {**asdict(self), "addresses": list(self.addresses), "user_ids": list(self.user_ids)}


@dataclass(frozen=True)
class ReceiptConfig:
    """A receipt to the sender. Without their answers unless chosen: whoever can make the form mail what
    they wrote to an address that they wrote can send anything to anybody."""

    field_id: str = ""
    with_answers: bool = False

    def write(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class WebhookConfig:
    """A call to a program. After the secret was renewed the old one signs as well, for a while."""

    url: str = ""
    secret: str = ""
    old_secret: str = ""
    old_until: str = ""  # ISO 8601

    def secrets(self, now: datetime) -> list[str]:
        """Those that sign now."""
        is_old_good = self.old_secret and datetime.fromisoformat(self.old_until) > now
        return [self.secret, self.old_secret] if is_old_good else [self.secret]

    def renewed(self, until: datetime) -> WebhookConfig:
        """With a new secret, the one of now good until then."""
        return WebhookConfig(self.url, new_secret(), self.secret, until.isoformat())

    def write(self) -> dict[str, Any]:
        return asdict(self)


Config = MailConfig | ReceiptConfig | WebhookConfig


def read_mail(table: dict[str, Any]) -> MailConfig:
    values = {**table, "addresses": tuple(table["addresses"]), "user_ids": tuple(table["user_ids"])}
    return MailConfig(**values)


def read_receipt(table: dict[str, Any]) -> ReceiptConfig:
    return ReceiptConfig(**table)


def read_webhook(table: dict[str, Any]) -> WebhookConfig:
    return WebhookConfig(**table)


def kind_name(kind: str) -> str:
    """The kind in words, in the reader's language."""
    names = {
        Kind.MAIL: gettext("E-mail"),
        Kind.RECEIPT: gettext("Receipt to the sender"),
        Kind.WEBHOOK: gettext("Webhook"),
    }
    return names[Kind(kind)]
