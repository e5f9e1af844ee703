"""What the pages of notices show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..accounts.tables import User
from ..clock import format_moment
from ..i18n import gettext
from .configs import Kind, kind_name, read_mail, read_receipt, read_webhook
from .deliveries import PAGE, Logged
from .outcomes import words
from .rules import FormAtHand
from .tables import Notice


@dataclass(frozen=True)
class NoticeRow:
    """A notice in the list."""

    id: str
    kind: str
    kind_name: str
    to: Sequence[str]
    is_on: bool
    why_off: str


def notice_rows(
    notices: Sequence[Notice], form: FormAtHand, users: Sequence[User]
) -> list[NoticeRow]:
    """A form's notices as its page lists them."""
    names = {user.id: f"{user.name} <{user.email}>" for user in users}
    return [
        NoticeRow(
            notice.public_id,
            notice.kind,
            kind_name(notice.kind),
            _to(notice, form, names),
            notice.is_on,
            words(notice.off_reason),
        )
        for notice in notices
    ]


def _to(notice: Notice, form: FormAtHand, names: Mapping[int, str]) -> list[str]:
    if notice.kind == Kind.WEBHOOK:
        return [read_webhook(notice.config).url]
    if notice.kind == Kind.RECEIPT:
        field_id = read_receipt(notice.config).field_id
        labels = [field.label for field in form.address_fields if field.id == field_id]
        return labels or [gettext("The question is no longer in the form.")]
    config = read_mail(notice.config)
    return [*(names[id] for id in config.user_ids if id in names), *config.addresses]


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery in the log."""

    id: str
    kind_name: str
    url: str  # of a webhook, since there may be several
    reference: str | None
    created_at: str
    state: str
    state_name: str
    attempts: int
    next_try_at: str
    why: str
    error: str
    status: int | None
    answer: str


@dataclass(frozen=True)
class Log:
    """A page of the log, newest first."""

    rows: Sequence[DeliveryRow]
    older: int | None  # the `before` of the next page


def log_page(logged: Sequence[Logged], zone: str) -> Log:
    """A page, of which `logged` may hold one more than it shows."""
    shown = logged[:PAGE]
    older = shown[-1].delivery.id if len(logged) > PAGE else None
    return Log([_row(one, zone) for one in shown], older)


def _row(logged: Logged, zone: str) -> DeliveryRow:
    delivery = logged.delivery
    next_try_at = delivery.next_try_at
    return DeliveryRow(
        delivery.public_id,
        kind_name(logged.notice.kind),
        logged.notice.config.get("url", ""),
        logged.reference,
        format_moment(delivery.created_at, zone),
        delivery.state,
        _state_name(delivery.state),
        delivery.attempts,
        format_moment(next_try_at, zone) if next_try_at and delivery.attempts else "",
        words(delivery.reason),
        delivery.error,
        delivery.status,
        delivery.answer,
    )


def _state_name(state: str) -> str:
    names = {
        "waiting": gettext("Waiting"),
        "delivered": gettext("Delivered"),
        "failed": gettext("Given up"),
    }
    return names[state]
