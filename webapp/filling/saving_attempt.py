"""Saving a form of one page, to go on with it later, and handing in what was saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from ..database import now as clock_now
from ..database import unit_of_work
from ..i18n import gettext
from . import drafts, tokens
from .attempt import Attempt
from .drafts import Opened, Saved
from .outcomes import Outcome
from .senders import Sender

SAVE_BUTTON = "save-later"  # no field can have this key


class SavingAttempt(Attempt):
    """A page of all questions that is saved for the first time, whatever is wrong with it."""

    revision: int | None = None  # None: it is not saved, or the draft is gone

    def make(self, now: datetime) -> Outcome:
        if self._admission.is_refused:
            return super().make(now)
        self._keep_files(now)
        with unit_of_work() as session:
            drafts.count_new(session, self._sender.address, now)
            asked = (self._form, self._version, self._admission)
            token, self.revision = drafts.save_new(session, *asked, self._saved(), now)
        return self._concluded(token, now)

    def _concluded(self, token: str, now: datetime) -> Outcome:
        """It is saved; the page is shown again where a file of this request was not."""
        outcome = self._show_unfinished(now)
        assert outcome.page is not None
        if not outcome.page.errors:
            return Outcome(saved=token)
        general = gettext("Your answers are saved, but not all of the files")
        number, nonce = self._version.number, drafts.nonce_of(token)
        csrf_token = tokens.issue(self._secret, self._form.public_id, number, now, nonce)
        page = replace(outcome.page, general=general, token=csrf_token, draft=token)
        page = replace(page, revision=self.revision or 0)
        return Outcome(saved=token, page=page)

    def _saved(self) -> Saved:
        fields = self._definition.fields
        uploads = {f.key: [u.id for u in self._uploads if u.field_id == f.id] for f in fields}
        return Saved({field.key for field in fields}, self._posted.texts, uploads)


class SavedAttempt(SavingAttempt):
    """A page of all questions that was saved before. Whatever comes is saved, unless it is accepted."""

    def __init__(
        self,
        opened: Opened,
        action: str,
        inputs: MultiDict[str, str],
        files: MultiDict[str, FileStorage],
        secret: bytes,
        sender: Sender,
    ) -> None:
        self._opened = opened
        self._only_saves = SAVE_BUTTON in inputs
        given = (inputs, files, secret, action, sender)
        super().__init__(opened.form, opened.version, *given, opened.admission(clock_now()))
        if self._token is not None and self._token.nonce != opened.draft.nonce:
            self._token = None

    @property
    def is_refused(self) -> bool:
        """Whoever comes may not go on: what they have typed is kept all the same."""
        return self._admission.is_refused

    def make(self, now: datetime) -> Outcome:
        if self.is_refused or self._only_saves:
            if self.is_refused:
                self._posted.received.clear()
            self._keep_files(now)
            self._save(now)
            return self._concluded(self._opened.token, now)
        outcome = Attempt.make(self, now)
        if outcome.accepted is None:
            self._save(now)
        return outcome

    def _new_token(self, now: datetime) -> str:
        """One that the draft takes: what comes with it is to become its submission."""
        nonce = self._opened.draft.nonce
        return tokens.issue(self._secret, self._token_of(), self._version.number, now, nonce)

    def _save(self, now: datetime) -> None:
        with unit_of_work() as session:
            self.revision = drafts.save(session, self._opened, self._saved(), 0, now)

    def _with_it(self, session: Session) -> None:
        drafts.remove(session, self._opened.draft.nonce)
