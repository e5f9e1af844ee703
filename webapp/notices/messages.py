"""Mails: a notice to people, a receipt to the sender, a test.

Plain text in UTF-8, in 7 bits on the way (RFC 2045): every server takes that. Each says that a program
wrote it (RFC 3834, section 5.1), so that nobody's absence is told back.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from email_validator import EmailNotValidError, validate_email

from ..clock import format_moment
from ..i18n import gettext
from ..links import reaches_others
from ..sizes import format_size
from .content import Answer, Content
from .smtp import MailServer

_POLICY = email.policy.SMTP.clone(cte_type="7bit")
MOST_SUBJECT_CHARACTERS = 200


def on_the_wire(address: str) -> str:
    """The address as servers have it: its domain in ASCII (RFC 5890). The part before the @ stays as it
    is, and needs SMTPUTF8 where it is not ASCII (RFC 6531). Raises ValueError if it is no address."""
    try:
        parsed = validate_email(address, check_deliverability=False)
    except EmailNotValidError as wrong:
        raise ValueError(str(wrong)) from None
    return parsed.ascii_email or f"{parsed.local_part}@{parsed.ascii_domain}"


def notice(content: Content, base: str, *, with_answers: bool) -> tuple[str, str]:
    """Subject and text of the mail that tells people of a submission, in the reader's language."""
    is_first = content.revision == 1
    title, reference = content.title, content.reference
    lines = [
        gettext("A submission to “%(title)s” has come in.", title=title)
        if is_first
        else gettext("A submission to “%(title)s” was corrected.", title=title),
        "",
        *_facts(content),
        gettext("To read it: %(link)s", link=base + content.desk_path()),
    ]
    if with_answers:
        lines += ["", *_answers(content.answers)]
    subject = (
        gettext("%(title)s: submission %(reference)s", title=title, reference=reference)
        if is_first
        else gettext("%(title)s: %(reference)s was corrected", title=title, reference=reference)
    )
    return subject, _text(lines)


def receipt(content: Content, base: str, *, with_answers: bool) -> tuple[str, str]:
    """Subject and text of the sender's receipt. Nothing that they wrote is in the subject."""
    lines = [
        gettext("We have received what you handed in to “%(title)s”.", title=content.title)
        if content.revision == 1
        else gettext("We have received your correction to “%(title)s”.", title=content.title),
        "",
        *_facts(content),
    ]
    if reaches_others(base):
        lines.append(gettext("Your receipt: %(link)s", link=base + content.receipt_path()))
    if with_answers:
        lines += ["", *_answers(content.answers)]
    lines += ["", gettext("You did not hand this in? Then somebody else wrote your address.")]
    title, reference = content.title, content.reference
    return gettext("Received: %(title)s (%(reference)s)", title=title, reference=reference), _text(
        lines
    )


def please_correct(
    content: Content, base: str, asked_text: str, until: datetime | None
) -> tuple[str, str]:
    """Subject and text of the mail that asks a sender to correct what they handed in."""
    title, reference = content.title, content.reference
    lines = [
        gettext("Please correct what you handed in to “%(title)s”.", title=title),
        "",
        *(f"    {line}" for line in asked_text.split("\n")),
        "",
        *_facts(content),
    ]
    if until is not None:
        moment = format_moment(until, content.time_zone)
        lines.append(gettext("You can correct your answers until %(moment)s.", moment=moment))
    if reaches_others(base):
        link = base + content.correction_path()
        lines.append(gettext("To correct your answers: %(link)s", link=link))
    lines += ["", gettext("You did not hand this in? Then somebody else wrote your address.")]
    subject = gettext("Please correct: %(title)s (%(reference)s)", title=title, reference=reference)
    return subject, _text(lines)


def _facts(content: Content) -> list[str]:
    moment = format_moment(content.received_at, content.time_zone)
    facts = [
        gettext("Reference: %(reference)s", reference=content.reference),
        gettext("Received: %(moment)s", moment=moment),
    ]
    if content.revision > 1:
        moment = format_moment(content.revised_at, content.time_zone)
        facts.append(gettext("Corrected: %(moment)s", moment=moment))
    return facts


def _answers(answers: Iterable[Answer]) -> list[str]:
    lines = []
    for answer in answers:
        texts = [*answer.texts(), *(_file(f.filename, f.size) for f in answer.files)]
        indented = [f"    {line}" for text in texts for line in text.split("\n")]
        lines += [
            one_line(answer.field.label),
            *(indented or ["    " + gettext("not answered")]),
            "",
        ]
    return lines


def _file(filename: str, size: int) -> str:
    return f"{one_line(filename)} ({format_size(size)})"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def one_line(text: str) -> str:
    """The text without line ends and other control characters: in a header they would begin another
    header, in a mail's text another line."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()


def compose(
    server: MailServer, to: str, subject: str, text: str, public_id: str, now: datetime
) -> EmailMessage:
    """A mail to one address (RFC 5322). Its Message-ID is the same whenever it is sent again. Raises
    ValueError for an address that cannot be in a header."""
    sender = on_the_wire(server.address)
    message = EmailMessage(_POLICY)
    message["From"] = _named(sender, one_line(server.name))
    message["To"] = _named(to)
    message["Subject"] = one_line(subject)[:MOST_SUBJECT_CHARACTERS]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{public_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # the same for Microsoft Exchange
    message.set_content(text)
    return message


def _named(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def reply_to(message: EmailMessage, address: str) -> None:
    """Lets an answer to this mail go to an address; not to one that only newer servers understand, for
    then the whole mail would need them."""
    wire = on_the_wire(address)
    if wire.isascii():
        message["Reply-To"] = _named(wire)
