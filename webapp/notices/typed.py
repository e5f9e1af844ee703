"""What somebody typed into a page of notices: read, and told what is wrong with it.

`Given` maps the names of inputs to the texts that came for them, as a request has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..accounts.tables import User
from ..forms.kinds import Field
from ..i18n import LANGUAGES, gettext, ngettext
from . import messages, webhook
from .configs import Config, MailConfig, ReceiptConfig, WebhookConfig, read_mail

Given = Mapping[str, Sequence[str]]

MOST_ADDRESSES = 20


@dataclass(frozen=True)
class Typed:
    """What was meant, if nothing is wrong; and what to show again if something is."""

    values: Mapping[str, Any]
    config: Config | None = None
    problems: Mapping[str, str] = field(default_factory=dict)  # by name of input


def text(given: Given, name: str) -> str:
    """The text of one input, on one line; empty if it did not come."""
    return messages.one_line(next(iter(given.get(name, ())), ""))


def mail_values(config: MailConfig) -> dict[str, Any]:
    """What the page of a mail notice shows."""
    return {
        "addresses": "\n".join(config.addresses),
        "users": [str(id) for id in config.user_ids],
        "with_answers": config.with_answers,
        "reply_field": config.reply_field,
        "language": config.language,
    }


def read_typed_mail(given: Given, users: Sequence[User], fields: Sequence[Field]) -> Typed:
    """A notice by mail. Ids of users and fields that are not there are left out: they were chosen from
    a list, which has changed meanwhile."""
    typed = next(iter(given.get("addresses", ())), "")
    addresses = tuple(dict.fromkeys(re.split(r"[\s,;]+", typed.strip()))) if typed.strip() else ()
    known = {str(user.id): user.id for user in users}
    reply_field = text(given, "reply_field")
    language = text(given, "language")
    config = MailConfig(
        addresses,
        tuple(known[id] for id in given.get("users", ()) if id in known),
        "with_answers" in given,
        reply_field if any(field.id == reply_field for field in fields) else "",
        language if language in LANGUAGES else "en",
    )
    problem = _wrong_addresses(config)
    values = {**mail_values(config), "addresses": typed}
    return Typed(values, None, {"addresses": problem}) if problem else Typed(values, config)


def _wrong_addresses(config: MailConfig) -> str:
    if not config.addresses and not config.user_ids:
        return gettext("E-mail addresses: write one, or choose a user below")
    if len(config.addresses) > MOST_ADDRESSES:
        return ngettext(
            "E-mail addresses: write no more than %(n)s",
            "E-mail addresses: write no more than %(n)s",
            MOST_ADDRESSES,
        )
    wrong = next((address for address in config.addresses if not is_address(address)), None)
    if wrong is None:
        return ""
    return gettext("E-mail addresses: “%(text)s” is none; write name@example.org", text=wrong)


def is_address(text: str) -> bool:
    """Whether mail can be sent there, as far as its form tells."""
    try:
        messages.on_the_wire(text)
    except ValueError:
        return False
    return True


def read_typed_receipt(given: Given, fields: Sequence[Field]) -> Typed:
    """A receipt to the sender."""
    field_id = text(given, "field")
    config = ReceiptConfig(field_id, "with_answers" in given)
    values = {"field": field_id, "with_answers": config.with_answers}
    if any(field.id == field_id for field in fields):
        return Typed(values, config)
    return Typed(values, None, {"field": gettext("Send it to: please choose a question")})


def read_typed_webhook(given: Given, earlier: WebhookConfig | None) -> Typed:
    """A webhook, with the secrets that it had, or a new one."""
    url = text(given, "url")
    if webhook.read_url(url) is None:
        problem = gettext(
            "Address: write one that begins with https:// or http://, without a user or password in it"
        )
        return Typed({"url": url}, None, {"url": problem})
    config = earlier or WebhookConfig(secret=webhook.new_secret())
    return Typed({"url": url}, replace(config, url=url))


def values_of(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a notice shows that is there already."""
    if kind == "mail":
        return mail_values(read_mail(dict(config)))
    return {**config, "field": config.get("field_id", "")}
