"""Correcting what was handed in: the same page and the same steps, for one submission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import FileStorage, MultiDict

from .. import clock
from ..database import now as clock_now
from ..database import snapshot, unit_of_work
from ..failpoints import reach
from ..forms.definition import Definition
from ..forms.rules import definition_of
from ..forms.speaking import to_reader
from ..forms.tables import Form, FormVersion
from ..i18n import gettext, in_a_row, language
from ..invited.tables import InvitedPerson
from ..submissions.accepting import UploadsGone
from ..submissions.correcting import (
    CorrectedAlready,
    Correction,
    NotCorrectable,
    correct,
    find_current_files,
)
from ..submissions.permits import Permit, permit
from ..submissions.receipts import correcting_credential
from ..submissions.tables import Submission
from ..uploads.rules import UploadedFile
from . import tokens
from .attempt import Attempt
from .outcomes import Outcome
from .pages import Correcting, FormPage, until_text
from .refusals import no_correction
from .senders import Sender


@dataclass(frozen=True)
class Subject:
    """The submission that is corrected, as it was when the request began."""

    submission: Submission
    form: Form
    version: FormVersion  # that it answers: also where a newer one was published
    person: InvitedPerson | None  # by whose personal link it came in
    receipt_url: str
    action: str

    @property
    def definition(self) -> Definition:
        """As the person reads it."""
        return to_reader(definition_of(self.version))

    def permit(self, submission: Submission, now: datetime) -> Permit | None:
        """The leave to correct it, as it is now."""
        return permit(self.form, submission, now, self.person)

    @property
    def page_name(self) -> str:
        """What a token of its page is for."""
        return f"{self.form.public_id}/{self.submission.reference}"


def first_page(subject: Subject, secret: bytes, now: datetime) -> FormPage:
    """The form with what was handed in."""
    with snapshot() as session:
        files = find_current_files(session, subject.submission.id)
    answers, definition = subject.submission.answers, subject.definition
    texts = {
        f"{field.key}.{part}" if part else field.key: list(values)
        for field in definition.fields
        if field.id in answers
        for part, values in field.inputs(answers[field.id]).items()
    }
    token = tokens.issue(secret, subject.page_name, subject.submission.revision, now)
    return FormPage(
        subject.form,
        definition,
        subject.action,
        token,
        texts,
        files,
        correcting=_correcting(subject, subject.submission, now),
    )


def _correcting(subject: Subject, submission: Submission, now: datetime) -> Correcting:
    known = submission.reference, subject.receipt_url
    leave = subject.permit(submission, now)
    if leave is None:
        return Correcting(*known, "", "", is_asked=False)
    until = until_text(leave, subject.form.time_zone)
    shown = correcting_credential(submission)
    return Correcting(*known, until, leave.asked_text, leave.is_asked, shown)


class CorrectionAttempt(Attempt):
    """What came with one POST to a page that corrects a submission. A file that was handed in before is
    carried by its upload id, as those are that wait; only the submission's own are found."""

    def __init__(
        self,
        subject: Subject,
        inputs: MultiDict[str, str],
        files: MultiDict[str, FileStorage],
        secret: bytes,
        sender: Sender,
    ) -> None:
        self._subject = subject
        self._page_name = subject.page_name
        self._revision = subject.submission.revision  # that a new page is begun on
        self._stored: list[UploadedFile] = []
        form, version = subject.form, subject.version
        super().__init__(form, version, inputs, files, secret, subject.action, sender)

    def _version_of_page(self, newest: FormVersion) -> FormVersion:
        return newest  # the token tells the revision instead

    def _new_token(self, now: datetime) -> str:
        return tokens.issue(self._secret, self._page_name, self._revision, now)

    def _correcting(self) -> Correcting | None:
        return _correcting(self._subject, self._subject.submission, clock_now())

    def _find(self, carried: list[str]) -> list[UploadedFile]:
        waiting = self._find_waiting(carried)
        # after that: a double click may have handed in by now what was waiting
        with snapshot() as session:
            self._stored = find_current_files(session, self._subject.submission.id)
        return [*(file for file in self._stored if file.id in carried), *waiting]

    def _accept(self, nonce: str, answers: dict[str, object], now: datetime) -> Outcome:
        stored = {file.id for file in self._stored}
        assert self._token is not None
        correction = Correction(
            self._subject.submission.id,
            self._token.version,
            self._asked,
            nonce,
            answers,
            [file for file in self._asked_for if file.id in stored],
            [file for file in self._asked_for if file.id not in stored],
            self._definition.spoken or language(),
        )
        try:
            with unit_of_work() as session:
                accepted = correct(session, correction, now)
                self._sender.count(session, now)
                reach("correct: not committed")
        except NotCorrectable:
            heading, text = no_correction()
            return self._show(now, general=in_a_row([f"{heading}.", text]))
        except UploadsGone:
            self._find_again()
            self._validate()
            return self._show(now)
        except CorrectedAlready:
            return self._show_newer(now)
        reach("correct: committed")
        if accepted.is_repetition:
            self._forget_what_came_twice()
        else:
            self._place(accepted)
        return Outcome(accepted=accepted)

    def _find_again(self) -> None:
        """Those of the files that can still be handed in."""
        self._uploads = self._find([upload.id for upload in self._uploads])
        self._tell_of_missing()

    def _show_newer(self, now: datetime) -> Outcome:
        """Somebody, likely in another tab, has corrected it meanwhile: what was typed stays, and is handed
        in over that where the person says so."""
        with snapshot() as session:
            newest = session.get_one(Submission, self._subject.submission.id)
        self._revision = newest.revision
        self._token = None
        self._find_again()
        self._validate()
        moment = newest.corrected_at or newest.received_at
        when = clock.format_moment(moment, self._form.time_zone)
        return self._show(
            now,
            general=gettext(
                "These answers were corrected on %(moment)s, after you had opened this page. What is on "
                "this page is not handed in: look at your receipt, and hand in again if this is to "
                "replace it.",
                moment=when,
            ),
        )
