"""What the pages of notices show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

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
    notices: Sequence[Notice], form: FormAtHand, users: Sequence[User], *, with_urls: bool
) -> list[NoticeRow]:
    """A form's notices as its page lists them; the whole addresses of webhooks only `with_urls`."""
    names = {user.id: f"{user.name} <{user.email}>" for user in users}
    return [
        NoticeRow(
            notice.public_id,
            notice.kind,
            kind_name(notice.kind),
            _to(notice, form, names, with_urls),
            notice.is_on,
            words(notice.off_reason),
        )
        for notice in notices
    ]


def _to(notice: Notice, form: FormAtHand, names: Mapping[int, str], with_urls: bool) -> list[str]:
    if notice.kind == Kind.WEBHOOK:
        return [_url(notice, with_urls)]
    if notice.kind == Kind.RECEIPT:
        field_id = read_receipt(notice.config).field_id
        labels = [field.label for field in form.address_fields if field.id == field_id]
        return labels or [gettext("The question is no longer in the form.")]
    config = read_mail(notice.config)
    return [*(names[id] for id in config.user_ids if id in names), *config.addresses]


def _url(notice: Notice, is_whole: bool) -> str:
    """Where a webhook calls; its path may be all that a caller must know, so not everybody is shown it.
    Empty for other notices."""
    url = read_webhook(notice.config).url if notice.kind == Kind.WEBHOOK else ""
    if is_whole or not url:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"


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
    may_again: bool


@dataclass(frozen=True)
class Log:
    """A page of the log, newest first."""

    rows: Sequence[DeliveryRow]
    older: int | None  # the `before` of the next page


def log_page(logged: Sequence[Logged], zone: str, *, with_webhooks: bool) -> Log:
    """A page, of which `logged` may hold one more than it shows; what webhooks were answered and where they
    call only `with_webhooks`."""
    shown = logged[:PAGE]
    older = shown[-1].delivery.id if len(logged) > PAGE else None
    return Log(
        [_row(one, zone, with_webhooks or one.notice.kind != Kind.WEBHOOK) for one in shown], older
    )


def _row(logged: Logged, zone: str, is_all_told: bool) -> DeliveryRow:
    delivery = logged.delivery
    next_try_at = delivery.next_try_at
    return DeliveryRow(
        delivery.public_id,
        kind_name(logged.notice.kind),
        _url(logged.notice, is_all_told),
        logged.reference,
        format_moment(delivery.created_at, zone),
        delivery.state,
        _state_name(delivery.state),
        delivery.attempts,
        format_moment(next_try_at, zone) if next_try_at and delivery.attempts else "",
        words(delivery.reason),
        delivery.error if is_all_told else "",
        delivery.status,
        delivery.answer if is_all_told else "",
        is_all_told,
    )


def _state_name(state: str) -> str:
    names = {
        "waiting": gettext("Waiting"),
        "delivered": gettext("Delivered"),
        "failed": gettext("Given up"),
    }
    return names[state]
