"""The mail server in the settings: reading, keeping and trying it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ..events.rules import record
from ..i18n import gettext, in_a_row
from ..ids import public_id
from ..settings import rules as settings
from . import messages, smtp
from .deliveries import mail_again
from .outcomes import Reason, trouble_of, words
from .senders import MAIL_SETTING
from .smtp import MailServer

TEST_SECONDS = 15.0  # somebody is looking at the page meanwhile


def mail_server(session: Session) -> MailServer:
    """The server that is set."""
    return smtp.read_server(settings.get(session, MAIL_SETTING))


def keep(session: Session, server: MailServer, now: datetime, user_id: int) -> None:
    """Sets the server; what waits for one is tried at once."""
    settings.put(session, MAIL_SETTING, server.write())
    mail_again(session, now)
    record(session, "settings.mail", now, user_id=user_id)


def try_out(server: MailServer, address: str, now: datetime) -> str:
    """Sends a test mail at once, and gives what went wrong in words; empty where nothing did."""
    subject = gettext("A test mail from Intray")
    text = gettext("The mail server is set up: Intray can send mail by it.") + "\n"
    try:
        to = messages.on_the_wire(address)
        mail = messages.compose(server, to, subject, text, public_id(), now)
        reply = smtp.check(server, mail, to, TEST_SECONDS)
    except Exception as error:
        trouble = trouble_of(error)
        return in_a_row([words(trouble.reason), f"({trouble.status or ''} {trouble.error})"])
    if reply.is_taken:
        return ""
    reason = Reason.REFUSED if reply.is_final else Reason.NOT_NOW
    return in_a_row([words(reason), f"({reply.status} {reply.text})"])
