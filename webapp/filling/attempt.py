"""One attempt to hand in a page: the steps of acceptance in their order, and what to show if it fails."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from flask import current_app, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from ..database import snapshot, unit_of_work
from ..failpoints import reach
from ..forms import rules as forms
from ..forms.speaking import to_reader
from ..forms.tables import Form, FormVersion
from ..i18n import language, listed
from ..invited.admission import ANYONE, Admission
from ..storage import names
from ..storage.base import Storage
from ..submissions.accepting import (
    Accepted,
    HandedInAlready,
    HandIn,
    LinkUsed,
    NotOpen,
    UploadsGone,
    accept,
    handed_in_files,
)
from ..submissions.answers import shown, validate
from ..submissions.placing import place_files
from ..uploads import rules as uploads
from ..uploads.rules import UploadedFile
from . import drafts, tokens
from .afterwards import nothing_raised
from .earlier import find_waiting, tell_of_missing, tell_of_refused
from .outcomes import Outcome
from .pages import Again, Correcting, FormPage
from .posted import Posted, read_posted
from .refusals import link_used, not_handed_in, stale_page
from .senders import Sender

# No field can have these keys.
REMOVE_BUTTON = "remove-upload"
LANGUAGE_BUTTON = "switch-language"


class Attempt:
    """What came with one POST to a form's page."""

    _page_name = ""  # what its token is for, where that is not the form itself

    def __init__(
        self,
        form: Form,
        newest: FormVersion,
        inputs: MultiDict[str, str],
        files: MultiDict[str, FileStorage],
        secret: bytes,
        action: str,
        sender: Sender,
        admission: Admission = ANYONE,
    ) -> None:
        self._form = form
        self._sender = sender
        self._admission = admission
        self._secret = secret
        self._action = action
        self._token = tokens.read(secret, self._token_of(), inputs.get("csrf_token", ""))
        self._version = self._version_of_page(newest)
        self._asked = forms.definition_of(self._version)
        self._definition = to_reader(self._asked)  # the same, as the person reads it
        self._posted: Posted = read_posted(self._definition, inputs, files)
        self._to_remove = inputs.get(REMOVE_BUTTON)
        self._only_language = LANGUAGE_BUTTON in inputs
        self._uploads: list[UploadedFile] = []
        self._errors: dict[str, str] = {}
        self._shown = frozenset(asked.id for asked in self._definition.fields)

    def _token_of(self) -> str:
        return self._page_name or self._form.public_id

    def _version_of_page(self, newest: FormVersion) -> FormVersion:
        """The version that the person saw; the newest where the token tells of none."""
        if self._token is None or self._token.version == newest.number:
            return newest
        with snapshot() as session:
            seen = forms.find_version(session, self._form, self._token.version)
        if seen is None:
            self._token = None
        return seen or newest

    def make(self, now: datetime) -> Outcome:
        """Does what the person asked for."""
        if self._admission.is_refused:
            return self._turn_away(now)
        self._keep_files(now)
        reach("receive: kept")
        if self._to_remove is not None:
            return self._remove(self._to_remove, now)
        if self._only_language:
            return self._show_unfinished(now)
        answers = self._validate()
        if self._token is None:
            return self._show(now, general=stale_page())
        if self._errors:
            return self._show(now)
        return self._accept(self._token.nonce, answers, now)

    def _turn_away(self, now: datetime) -> Outcome:
        """Nothing is kept of who may not fill in. What was, while they might, is carried on."""
        self._find_carried()
        tell_of_refused(self._definition, self._posted)
        self._add_file_problems()
        return self._show(now, general=not_handed_in(self._form, self._admission))

    def _keep_files(self, now: datetime) -> None:
        """Step 1, and finding the files that came with earlier attempts."""
        kept = self._receive(now) if self._posted.received else []
        self._find_carried()
        self._uploads += kept

    def _find_carried(self) -> None:
        carried = [id for ids in self._posted.carried.values() for id in ids]
        self._uploads = self._find(carried) if carried else []
        self._tell_of_missing()

    def _receive(self, now: datetime) -> list[UploadedFile]:
        try:
            kept = uploads.make_durable(self._posted.received)
            with unit_of_work() as session:
                self._sender.check(session, now)
                uploads.keep(session, self._form.id, kept, now, self._sender.uploads_name)
                self._sender.check_waiting(session)
                self._sender.count(session, now)
                reach("receive: not committed")
        except Exception:
            self._discard_what_has_no_row()
            raise
        return kept

    def _discard_what_has_no_row(self) -> None:
        """On a full disk, what could not be kept must not stay until the sweep. A commit that failed
        may have been made all the same, so the database is asked."""
        ids = [file.staging.upload_id for file in self._posted.received]
        with suppress(Exception):
            with snapshot() as session:
                kept = uploads.waiting_ids(session, ids)
            uploads.discard(_storage(), set(ids) - kept)

    def _find(self, carried: list[str]) -> list[UploadedFile]:
        found = self._find_waiting(carried)
        if len(found) < len(carried) and self._token is not None:
            # a double click: the first has handed them in by now
            with snapshot() as session:
                found = found + handed_in_files(session, self._token.nonce)
        return [upload for upload in found if upload.id in carried]

    def _find_waiting(self, ids: list[str]) -> list[UploadedFile]:
        follower = current_app.extensions["intray.follower"]
        return find_waiting(_storage(), follower, self._form.id, ids)

    def _tell_of_missing(self) -> None:
        asked = (self._definition, self._posted, self._uploads, self._form.id)
        tell_of_missing(*asked, self._to_remove)

    def _validate(self) -> dict[str, object]:
        """Step 2."""
        given = self._posted.given(self._definition, self._uploads)
        answers, self._errors = validate(self._definition, given)
        self._shown = shown(self._definition, answers, {u.field_id for u in self._uploads})
        self._add_file_problems()
        return answers

    @property
    def _asked_for(self) -> list[UploadedFile]:
        """The files, but for those of questions that the answers hide."""
        return [upload for upload in self._uploads if upload.field_id in self._shown]

    def _accept(self, nonce: str, answers: dict[str, object], now: datetime) -> Outcome:
        """Steps 3 to 5."""
        asked = (self._form.id, self._version.id, self._asked)
        reads, shown = self._definition.spoken or language(), self._admission.credential
        hand_in = HandIn(*asked, nonce, answers, self._asked_for, reads, shown)
        try:
            with unit_of_work() as session:
                accepted = accept(session, hand_in, now)
                self._sender.count(session, now)
                self._with_it(session)
                reach("accept: not committed")
        except NotOpen as refused:
            state = refused.availability
            return self._show(now, general=not_handed_in(self._form, self._admission, state))
        except LinkUsed as used:
            return self._show(now, general=link_used(self._form, used.earlier))
        except UploadsGone:
            self._uploads = self._find_waiting([upload.id for upload in self._uploads])
            self._tell_of_missing()
            self._validate()
            return self._show(now)
        except HandedInAlready as earlier:
            return self._ask_again(earlier.earlier, now)
        reach("accept: committed")
        if accepted.is_repetition:
            self._forget_what_came_twice()
        else:
            self._place(accepted)
        return Outcome(accepted=accepted)

    def _with_it(self, session: Session) -> None:
        """What else is done in the transaction of the acceptance."""
        if self._admission.person is not None:
            drafts.remove_of_person(session, self._admission.person.id)

    def _place(self, accepted: Accepted) -> None:
        """Step 4, which may fail: readers open the incoming file, and a job tries again."""
        if self._uploads:
            with nothing_raised(f"The files of {accepted.reference} are not all in their places"):
                place_files(_storage(), accepted.submission_id)

    def _forget_what_came_twice(self) -> None:
        """The files of a repetition: the first submission has its own."""
        ids = [file.staging.upload_id for file in self._posted.received]
        if ids:
            with nothing_raised("What came twice stays until it expires"):
                with unit_of_work() as session:
                    gone = [id for id in ids if uploads.remove(session, self._form.id, id)]
                uploads.discard(_storage(), gone)

    def _remove(self, upload_id: str, now: datetime) -> Outcome:
        """The person pressed Remove beside a file: all else stays as it is."""
        removed = next((u for u in self._uploads if u.id == upload_id), None)
        if removed is not None:
            with unit_of_work() as session:
                is_ours = uploads.remove(session, self._form.id, upload_id)
            if is_ours:
                with nothing_raised("A removed file stays until the sweep"):
                    uploads.discard(_storage(), [upload_id])
            self._uploads.remove(removed)
        name = names.shown_name(removed.filename) if removed else None
        return self._show_unfinished(now, removed=name)

    def _show_unfinished(self, now: datetime, removed: str | None = None) -> Outcome:
        """The page as it is: nothing was handed in, so nothing is wrong but files that were not kept."""
        self._add_file_problems()
        return self._show(now, removed=removed, is_editing=True)

    def _add_file_problems(self) -> None:
        for asked in self._definition.fields:
            if asked.id in self._shown and asked.key in self._posted.file_problems:
                self._errors[asked.key] = listed(self._posted.file_problems[asked.key])

    def _ask_again(self, earlier: Accepted, now: datetime) -> Outcome:
        """Files that came before are the first submission's; another one needs them sent anew."""
        waiting = self._find_waiting([upload.id for upload in self._uploads])
        kept = {upload.id for upload in waiting}
        theirs = [names.shown_name(u.filename) for u in self._uploads if u.id not in kept]
        self._uploads = waiting
        url = url_for("filling.show_receipt", reference=earlier.reference, key=earlier.receipt_key)
        return self._show(now, again=Again(earlier.reference, url, theirs))

    def _show(
        self,
        now: datetime,
        *,
        general: str | None = None,
        again: Again | None = None,
        removed: str | None = None,
        is_editing: bool = False,
    ) -> Outcome:
        """The page with all that was given. It keeps its token, so that a repetition is still told,
        unless it is to become another submission."""
        keeps = self._token is not None and again is None
        token = self._token_text() if keeps else self._new_token(now)
        asked = (self._form, self._definition, self._action, token)
        given = (*asked, self._posted.texts, self._uploads, self._errors)
        correcting, admission = self._correcting(), self._admission
        page = FormPage(*given, general, again, removed, correcting, admission)
        return Outcome(page=page, is_editing=is_editing)

    def _correcting(self) -> Correcting | None:
        """What the page corrects, if anything."""
        return None

    def _new_token(self, now: datetime) -> str:
        return tokens.issue(self._secret, self._token_of(), self._version.number, now)

    def _token_text(self) -> str:
        assert self._token is not None
        token = self._token
        return tokens.issue(
            self._secret, token.form_id, token.version, token.issued_at, token.nonce
        )


def _storage() -> Storage:
    storage: Storage = current_app.extensions["intray.storage"]
    return storage
