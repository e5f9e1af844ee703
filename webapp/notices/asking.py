"""Writing to a sender whose submission the desk asks to have corrected. It is no notice of the form: it
goes to one person, once, and the submission's history tells what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session

from ..config import Settings
from ..database import now, snapshot, unit_of_work
from ..events.rules import record
from ..i18n import SOURCE, nearest, speaking
from ..links import base_url
from ..submissions.permits import is_asked
from ..submissions.tables import Submission
from . import messages, smtp
from .content import Content, read_content
from .deliveries import MAIL_TARGET, count_receipt, has_had_many
from .mail_settings import mail_server
from .smtp import MailServer
from .tables import RestingTarget


@dataclass(frozen=True)
class _Letter:
    """A mail that is to be sent now."""

    server: MailServer
    to: str
    mail: EmailMessage
    form_id: int


class NotSent(Exception):
    """The mail server does not take it now."""


class AskJob:
    """Sends the mail; due again while the mail server rests. Without a server or an address nothing is
    sent, and the desk hands the link on itself."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        base, moment = base_url(self._settings()), now()
        with snapshot() as session:
            rest = session.get(RestingTarget, MAIL_TARGET)
            if rest is not None and rest.until > moment:
                return rest.until
            letter = _letter(session, payload, base, moment)
        if letter is not None:
            reply = smtp.send(letter.server, {letter.to: letter.mail}).get(letter.to)
            if reply is None or not reply.is_final:
                raise NotSent("" if reply is None else f"{reply.status} {reply.text}")
            _note(payload["submission_id"], letter, is_taken=reply.is_taken)
        return None


def _letter(
    session: Session, payload: dict[str, Any], base: str, moment: datetime
) -> _Letter | None:
    """None where nobody is to be written to, or not any more."""
    server, submission = mail_server(session), session.get(Submission, payload["submission_id"])
    if submission is None or submission.asked_at is None or not server.is_set:
        return None
    if submission.asked_at.isoformat() != payload["asked_at"] or not is_asked(submission, moment):
        return None
    content = read_content(session, submission.id)
    address = "" if content is None else content.any_address()
    if content is None or not address:
        return None
    to = messages.on_the_wire(address)
    if has_had_many(session, to, submission.form_id, moment):
        return None
    mail = _compose(server, to, content, submission, payload["mail_id"], base, moment)
    return _Letter(server, to, mail, submission.form_id)


def _compose(
    server: MailServer,
    to: str,
    content: Content,
    submission: Submission,
    mail_id: str,
    base: str,
    moment: datetime,
) -> EmailMessage:
    with speaking(nearest(content.language) or SOURCE):
        asked = submission.asked_text, submission.asked_until
        subject, text = messages.please_correct(content.to_sender(), base, *asked)
    return messages.compose(server, to, subject, text, mail_id, moment)


def _note(submission_id: int, letter: _Letter, *, is_taken: bool) -> None:
    kind = "submission.correction_mailed" if is_taken else "submission.correction_not_mailed"
    with unit_of_work() as session:
        count_receipt(session, letter.to, letter.form_id, now())
        record(session, kind, now(), form_id=letter.form_id, submission_id=submission_id)
