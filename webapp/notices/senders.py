"""What is sent for each kind of notice: read from the database first, and then brought there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from ..accounts.tables import User
from ..forms.tables import Form
from ..i18n import SOURCE, nearest, speaking
from ..settings import rules as settings
from . import messages, smtp, webhook
from .configs import Kind, MailConfig, read_mail, read_receipt, read_webhook
from .content import Content, event, read_content, test_event
from .delivering import Attempt
from .outcomes import Outcome, Reason, Result
from .smtp import MailServer, Reply

MAIL_SETTING = "mail"

Send = Callable[[], Outcome]


def prepare_mail(session: Session, attempt: Attempt, now: datetime) -> Send:
    """Sends a notice, or a receipt, to those who do not have it yet."""
    server = smtp.read_server(settings.get(session, MAIL_SETTING))
    if not server.is_set:
        return lambda: Outcome(Result.TRY_AGAIN, Reason.NO_MAIL_SERVER, is_target_down=True)
    assert attempt.delivery.submission_id is not None
    content = read_content(session, attempt.delivery.submission_id, attempt.delivery.revision)
    mails = {} if content is None else dict(_mails(session, attempt, content, server, now))
    had = attempt.delivery.recipients
    return lambda: _send_mails(server, mails, had)


def _mails(
    session: Session, attempt: Attempt, content: Content, server: MailServer, now: datetime
) -> Iterator[tuple[str, EmailMessage]]:
    """The mails that are still to be sent, by address."""
    config = attempt.notice.config
    is_receipt = attempt.notice.kind == Kind.RECEIPT
    recipients = (
        [(content.address(read_receipt(config).field_id), content.language)]
        if is_receipt
        else _recipients(session, read_mail(config))
    )
    write = messages.receipt if is_receipt else messages.notice
    for address, language in recipients:
        to = messages.on_the_wire(address) if address else ""
        if not to or to in attempt.delivery.recipients:
            continue
        with speaking(nearest(language) or SOURCE):
            told = content.to_sender() if is_receipt else content
            subject, text = write(told, attempt.base, with_answers=config["with_answers"])
        mail = messages.compose(server, to, subject, text, attempt.delivery.public_id, now)
        answer_to = "" if is_receipt else content.address(read_mail(config).reply_field)
        if answer_to:
            messages.reply_to(mail, answer_to)
        yield to, mail


def _recipients(session: Session, config: MailConfig) -> Iterable[tuple[str, str]]:
    """Addresses, each with the language that is read there."""
    query = select(User.email, User.language)
    query = query.where(User.id.in_(config.user_ids), User.active.is_(True))
    found = dict.fromkeys(config.addresses, config.language)
    for email, language in session.execute(query.order_by(User.id)):
        found[email] = language or config.language
    return found.items()


def _send_mails(
    server: MailServer, mails: Mapping[str, EmailMessage], had: Mapping[str, str]
) -> Outcome:
    if not mails and not had:
        return Outcome(Result.GIVE_UP, Reason.NO_RECIPIENT)
    replies = smtp.send(server, mails) if mails else {}
    return _outcome(mails, replies, had)


def _outcome(mails: Iterable[str], replies: Mapping[str, Reply], had: Mapping[str, str]) -> Outcome:
    """What the replies come to: all have it, some never will, or some may the next time."""
    final = {address: reply for address, reply in replies.items() if reply.is_final}
    settled = {a: "" if reply.is_taken else _told(reply) for a, reply in final.items()}
    waiting = [replies.get(address) for address in mails if address not in final]
    if waiting:
        said = next((reply for reply in waiting if reply is not None), None)
        reason = Reason.NOT_NOW if said else Reason.UNREACHABLE
        status, text = (said.status, said.text) if said else (None, "")
        return Outcome(Result.TRY_AGAIN, reason, text, status, recipients=settled)
    refused = {a: why for a, why in {**had, **settled}.items() if why}
    if refused:
        text = "; ".join(f"{address}: {why}" for address, why in refused.items())
        statuses = [reply.status for reply in final.values() if not reply.is_taken]
        status = statuses[0] if statuses else None
        return Outcome(Result.GIVE_UP, Reason.REFUSED, text, status, recipients=settled)
    return Outcome(Result.DELIVERED, status=250, recipients=settled)


def _told(reply: Reply) -> str:
    return f"{reply.status} {reply.text}".strip()


def prepare_webhook(session: Session, attempt: Attempt, now: datetime) -> Send:
    """Calls a program."""
    config = read_webhook(attempt.notice.config)
    delivery = attempt.delivery
    if delivery.submission_id is None:
        form = session.get_one(Form, delivery.form_id, options=[undefer(Form.draft)])
        body = test_event(form.slug or "", form.draft["title"], delivery.created_at)
    else:
        content = read_content(session, delivery.submission_id, delivery.revision)
        if content is None:
            return lambda: Outcome(Result.GIVE_UP, Reason.NO_RECIPIENT)
        body = event(content, attempt.base)
    signing = config.secrets(now)
    return lambda: webhook.post(config.url, delivery.public_id, body, signing, now)
