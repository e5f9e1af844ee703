"""Mailing people their personal links, and reminding those who are missing: one job for each mail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from ..config import Settings
from ..database import now, snapshot, unit_of_work
from ..events.rules import record
from ..forms.definition import read_definition
from ..forms.kinds.base import clean
from ..forms.rulebook import RuleBroken
from ..forms.speaking import to
from ..forms.tables import Form
from ..i18n import LANGUAGES, SOURCE, gettext, speaking
from ..ids import public_id
from ..invited.admission import admit
from ..invited.tables import InvitedPerson
from ..jobs import queue
from ..jobs.worker import Worker
from ..links import personal_url
from ..notices import messages, smtp
from ..notices.deliveries import MAIL_TARGET
from ..notices.delivering import GIVE_UP_AFTER, note_target
from ..notices.mail_settings import mail_server
from ..notices.messages import one_line
from ..notices.outcomes import Outcome, Reason, Result, shortened, trouble_of
from ..notices.smtp import MailServer
from ..notices.tables import RestingTarget
from ..submissions.tables import Submission
from .people import MISSING, FormHead, Listed

log = logging.getLogger("intray.roster")

MAIL_JOB = "roster.mail"
APART = timedelta(days=1)  # between two mails to one person
AGAIN_AFTER = timedelta(minutes=15)
MOST_MESSAGE = 1000  # characters of what staff say in their own words: each mail's job has them


class Kind(StrEnum):
    """What is written."""

    LINK = "link"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Wording:
    """What is written, in which language, and what staff say in their own words."""

    kind: Kind
    language: str
    message: str = ""


def message(typed: str) -> str:
    """Those words as they are sent. Raises RuleBroken."""
    text = clean(typed, lines=True)
    if len(text) > MOST_MESSAGE:
        raise RuleBroken(gettext("must have %(n)s characters or fewer.", n=MOST_MESSAGE))
    return text


@dataclass(frozen=True)
class Recipients:
    """Who gets a mail of the people who have not handed in, and how many of them do not, and why."""

    those: Sequence[InvitedPerson]
    without_address: int
    too_soon: int  # they had one within a day


def recipients(people: Sequence[Listed], kind: Kind, moment: datetime) -> Recipients:
    """A reminder is for all who are missing; a link for those of them who had no mail yet."""
    missing = [one.person for one in people if one.state in MISSING]
    if kind is Kind.LINK:
        missing = [person for person in missing if person.mail_state in ("", "failed")]
    written = [person for person in missing if person.email]
    those = [person for person in written if not _is_too_soon(person, moment)]
    return Recipients(those, len(missing) - len(written), len(written) - len(those))


def _is_too_soon(person: InvitedPerson, moment: datetime) -> bool:
    if person.mail_state == "waiting":
        return True
    at = person.mail_at
    return person.mail_state == "sent" and at is not None and at > moment - APART


def ask(
    session: Session,
    form: Form,
    those: Sequence[InvitedPerson],
    wording: Wording,
    moment: datetime,
    *,
    user_id: int | None,
) -> int:
    """Has them written to, and tells how many they are; whoever has been written to meanwhile is not. Wake
    the worker when that is committed."""
    wanted = {person.id for person in those}
    query = select(InvitedPerson).where(InvitedPerson.form_id == form.id).with_for_update()
    asked = 0
    for person in session.scalars(query):
        if person.id not in wanted or _is_too_soon(person, moment):
            continue
        person.mail_state, person.mail_at, person.mail_error = "waiting", moment, ""
        payload = {"person_id": person.id, **asdict(wording), "id": public_id()}
        queue.add(session, MAIL_JOB, moment, payload)
        asked += 1
    record(session, f"people.{wording.kind}", moment, form_id=form.id, user_id=user_id, count=asked)
    return asked


def register(worker: Worker, settings: Callable[[], Settings]) -> None:
    """From now on the worker sends these mails, in the lane of all mail."""
    worker.handles(MAIL_JOB, MailJob(settings), lane="mail")


class MailJob:
    """Sends one mail; due again while the server cannot take it, for three days."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        moment = now()
        with snapshot() as session:
            rest = session.get(RestingTarget, MAIL_TARGET)
            if rest is not None and rest.until > moment:
                return rest.until
            mail = _read(session, payload, self._settings())
        outcome = None if mail is None else _try(mail, moment)
        with unit_of_work() as session:
            return _conclude(session, payload["person_id"], outcome, now())


@dataclass(frozen=True)
class Mail:
    """One mail, read from the database when its turn has come."""

    server: MailServer
    public_id: str
    address: str
    subject: str
    text: str


def _read(session: Session, payload: dict[str, Any], settings: Settings) -> Mail | None:
    """None where there is nothing to be written any more."""
    person = session.get(InvitedPerson, payload["person_id"])
    if person is None or person.mail_state != "waiting":
        return None
    form = session.get_one(Form, person.form_id, options=[undefer(Form.draft)])
    handed_in = select(Submission.id).where(Submission.invited_id == person.id)
    is_open = form.erased_at is None and not person.is_closed
    if not is_open or session.scalar(handed_in) is not None:
        return None
    asked = Kind(payload["kind"]), payload["language"], payload.get("message", "")
    wording = Wording(*asked)
    subject, text = written(head_in(form, wording.language), person, wording, settings)
    return Mail(mail_server(session), payload["id"], person.email, subject, text)


def head_in(form: Form, code: str) -> FormHead:
    """The form as it is called in that language."""
    return FormHead(form, to(read_definition(form.draft), code).title)


def written(
    head: FormHead, person: InvitedPerson, wording: Wording, settings: Settings
) -> tuple[str, str]:
    """Subject and text of the mail that the person gets, in its language."""
    code = wording.language
    with speaking(code if code in LANGUAGES else SOURCE):
        return _words(head, person, wording, personal_url(settings, person.token))


def _words(head: FormHead, person: InvitedPerson, wording: Wording, link: str) -> tuple[str, str]:
    title, name = one_line(head.title), one_line(person.name)
    if wording.kind is Kind.REMINDER:
        subject = gettext("Reminder: %(title)s", title=title)
        first = gettext("“%(title)s” has not come in yet. Please hand it in.", title=title)
    else:
        subject = gettext("Your link: %(title)s", title=title)
        first = gettext("Please fill in “%(title)s”.", title=title)
    until = admit(head.form, person, person.token, now()).until(head.form)
    lines = [
        gettext("For %(name)s", name=name),
        "",
        *([wording.message, ""] if wording.message else []),
        first,
        *([until] if until else []),
        "",
        link,
        "",
        gettext("The link is for you alone: what is handed in by it is handed in in your name."),
    ]
    return subject, "\n".join(lines) + "\n"


def _try(mail: Mail, moment: datetime) -> Outcome:
    if not mail.server.is_set:
        return Outcome(Result.TRY_AGAIN, Reason.NO_MAIL_SERVER, is_target_down=True)
    try:
        to = messages.on_the_wire(mail.address)
        text = messages.compose(mail.server, to, mail.subject, mail.text, mail.public_id, moment)
        reply = smtp.send(mail.server, {to: text})[to]
    except Exception as error:
        trouble = trouble_of(error)
        is_ours = trouble.reason is Reason.PROGRAM  # then nothing is known of the server
        if is_ours:
            log.exception("The mail %s met an error.", mail.public_id)
        result = Result.GIVE_UP if is_ours else Result.TRY_AGAIN
        return Outcome(result, trouble.reason, trouble.error, is_target_down=not is_ours)
    if reply.is_taken:
        return Outcome(Result.DELIVERED)
    answer = f"{reply.status} {reply.text}"
    if reply.is_final:
        return Outcome(Result.GIVE_UP, Reason.REFUSED, answer)
    return Outcome(Result.TRY_AGAIN, Reason.NOT_NOW, answer)


def _conclude(
    session: Session, person_id: int, outcome: Outcome | None, moment: datetime
) -> datetime | None:
    """Notes what became of the mail. Gives when it is tried again; None for no more."""
    rests_until = note_target(session, MAIL_TARGET, outcome, moment) if outcome else None
    person = session.get(InvitedPerson, person_id)
    if person is None or person.mail_state != "waiting":
        return None
    if outcome is None:
        person.mail_state = ""
        return None
    if outcome.result is Result.DELIVERED:
        person.mail_state, person.mail_at, person.mail_error = "sent", moment, ""
        return None
    person.mail_error = shortened(f"{outcome.reason.value} {outcome.error}".strip())
    since = person.mail_at
    if outcome.result is Result.GIVE_UP or since is None or since < moment - GIVE_UP_AFTER:
        person.mail_state = "failed"
        return None
    return rests_until or moment + AGAIN_AFTER
