"""What became of a try to deliver, and the words for it."""

from __future__ import annotations

import http.client
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from ..i18n import gettext

MOST_ANSWER_CHARACTERS = 500


class Result(Enum):
    DELIVERED = "delivered"
    TRY_AGAIN = "try again"
    GIVE_UP = "give up"


class Reason(StrEnum):
    """Why something was not delivered. Kept in the table, and told in the reader's language."""

    NONE = ""
    NO_MAIL_SERVER = "no_mail_server"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    SIGN_IN = "sign_in"
    NO_TLS = "no_tls"
    SENDER = "sender"
    REFUSED = "refused"
    NOT_NOW = "not_now"
    NO_RECIPIENT = "no_recipient"
    STATUS = "status"
    REDIRECT = "redirect"
    GONE = "gone"
    LIMIT = "limit"
    OFF = "off"
    TOO_LONG = "too_long"
    PROGRAM = "program"


@dataclass(frozen=True)
class Outcome:
    """What a try came to."""

    result: Result
    reason: Reason = Reason.NONE
    error: str = ""
    status: int | None = None  # of HTTP or SMTP
    answer: str = ""
    recipients: Mapping[str, str] = field(default_factory=dict)
    is_target_down: bool = False  # then nobody else need try for a while


class Trouble(Exception):
    """A server could not be talked to."""

    def __init__(self, reason: Reason, error: str, status: int | None = None) -> None:
        super().__init__(error)
        self.reason = reason
        self.error = error
        self.status = status


def trouble_of(error: Exception) -> Trouble:
    """What a library raised while it talked to a server."""
    if isinstance(error, Trouble):
        return error
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Trouble(Reason.TOO_SLOW, text)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Trouble(Reason.SIGN_IN, _said(error.smtp_error), error.smtp_code)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Trouble(Reason.SENDER, _said(error.smtp_error), error.smtp_code)
    if isinstance(error, smtplib.SMTPResponseException):
        return Trouble(Reason.UNREACHABLE, _said(error.smtp_error), error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Trouble(Reason.NO_TLS if "STARTTLS" in str(error) else Reason.SIGN_IN, text)
    if isinstance(error, OSError | smtplib.SMTPException | http.client.HTTPException):
        return Trouble(Reason.UNREACHABLE, text)
    return Trouble(Reason.PROGRAM, text)


def _said(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def shortened(text: str) -> str:
    """As much of another's text as is kept, and as every database takes it."""
    plain = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return plain[:MOST_ANSWER_CHARACTERS]


def words(reason: str) -> str:
    """The reason as a sentence, in the reader's language; empty for none."""
    sentences = {
        Reason.NO_MAIL_SERVER: gettext("No mail server is set up."),
        Reason.UNREACHABLE: gettext("The server could not be reached, or broke off."),
        Reason.TOO_SLOW: gettext("The server took too long to answer."),
        Reason.SIGN_IN: gettext("The mail server did not accept the user name and password."),
        Reason.NO_TLS: gettext("The mail server does not offer STARTTLS."),
        Reason.SENDER: gettext("The mail server did not accept the sender’s address."),
        Reason.REFUSED: gettext("The mail server refuses this mail for good."),
        Reason.NOT_NOW: gettext("The mail server does not take this mail now."),
        Reason.NO_RECIPIENT: gettext("There is nobody to send it to."),
        Reason.STATUS: gettext("The server did not answer with success."),
        Reason.REDIRECT: gettext(
            "The server answered with another address, which is not followed."
        ),
        Reason.GONE: gettext("The server says that nothing is there any more (410 Gone)."),
        Reason.LIMIT: gettext("This address has had as many receipts as it may have in a day."),
        Reason.OFF: gettext("The notice was switched off before it was delivered."),
        Reason.TOO_LONG: gettext("It could not be delivered in three days."),
        Reason.PROGRAM: gettext("Something went wrong in Intray; its log says more."),
    }
    return sentences.get(reason, "") if reason else ""  # type: ignore[call-overload]
