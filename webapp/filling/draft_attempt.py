"""Saving one page of a draft, and handing all of it in: attempts like those at a form of one page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from ..database import now as clock_now
from ..database import unit_of_work
from ..forms.rules import definition_of
from . import drafts, tokens
from .attempt import Attempt
from .draft_pages import Progress, inputs_of
from .drafts import Opened, Saved
from .outcomes import Outcome
from .senders import Sender

# No field can have these keys.
BACK_BUTTON = "go-back"
LINK_BUTTON = "show-link"


class PageAttempt(Attempt):
    """One page, which is saved whatever is wrong with it."""

    def __init__(
        self,
        opened: Opened,
        before: Progress,
        number: int,
        action: str,
        inputs: MultiDict[str, str],
        files: MultiDict[str, FileStorage],
        secret: bytes,
        sender: Sender,
    ) -> None:
        self._opened = opened
        self._number = number
        self._keys = {field.key for field in before.alone(number).fields}
        self._goes_away = BACK_BUTTON in inputs or LINK_BUTTON in inputs
        self.revision: int | None = None  # None: the draft is gone
        together = self._with_the_others(inputs)
        own = MultiDict((k, f) for k, f in files.items(multi=True) if k in self._keys)
        given = (together, own, secret, action, sender)
        super().__init__(opened.form, opened.version, *given, opened.admission(clock_now()))

    def _with_the_others(self, inputs: MultiDict[str, str]) -> MultiDict[str, str]:
        """What comes for this page, with what was saved of the others."""
        known = {field.key for field in definition_of(self._opened.version).fields}
        others = known - self._keys
        saved = inputs_of(self._opened.draft.texts, self._opened.draft.uploads)
        kept = [(n, v) for n, v in saved.items(multi=True) if n.split(".")[0] in others]
        came = [(n, v) for n, v in inputs.items(multi=True) if n.split(".")[0] not in others]
        return MultiDict(kept + came)

    @property
    def is_unfinished(self) -> bool:
        """The person stays on the page: a file was removed, or the language is another."""
        return self._to_remove is not None or self._only_language

    @property
    def is_refused(self) -> bool:
        """Whoever comes may not go on: what they have typed is kept all the same."""
        return self._admission.is_refused

    def make(self, now: datetime) -> Outcome:
        if self.is_refused:
            self._posted.received.clear()
        self._keep_files(now)
        outcome = self._do(now)
        with unit_of_work() as session:
            self.revision = drafts.save(session, self._opened, self._saved(), self._number, now)
        return outcome

    def _do(self, now: datetime) -> Outcome:
        if self._to_remove is not None:
            return self._remove(self._to_remove, now)
        if self._only_language or self._goes_away:
            return self._show_unfinished(now)
        self._validate()
        return self._show(now)

    def _saved(self) -> Saved:
        own = [field for field in self._definition.fields if field.key in self._keys]
        texts = {n: t for n, t in self._posted.texts.items() if n.split(".")[0] in self._keys}
        files = {f.key: [u.id for u in self._uploads if u.field_id == f.id] for f in own}
        return Saved(self._keys, texts, files)

    def progress(self) -> Progress:
        """How far the person has come with what this page brings."""
        files = {
            f.key: [u.id for u in self._uploads if u.field_id == f.id]
            for f in self._definition.fields
        }
        return Progress(self._definition, inputs_of(self._posted.texts, files), self._uploads)


class CheckedAttempt(Attempt):
    """All that was saved, handed in; the draft goes in the same transaction."""

    def __init__(
        self, opened: Opened, action: str, csrf_token: str, secret: bytes, sender: Sender
    ) -> None:
        inputs = inputs_of(opened.draft.texts, opened.draft.uploads)
        token = tokens.read(secret, opened.form.public_id, csrf_token)
        if token is not None and token.nonce == opened.draft.nonce:
            inputs["csrf_token"] = csrf_token
        self._nonce = opened.draft.nonce
        given = (inputs, MultiDict[str, FileStorage](), secret, action, sender)
        super().__init__(opened.form, opened.version, *given, opened.admission(clock_now()))

    def _with_it(self, session: Session) -> None:
        drafts.remove(session, self._nonce)
