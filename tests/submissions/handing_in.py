"""Handing in without pages, for tests of what becomes of many submissions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.database import now, snapshot, unit_of_work
from webapp.forms.definition import Definition
from webapp.forms.rules import definition_of, find_version
from webapp.forms.tables import Form, FormVersion
from webapp.ids import public_id
from webapp.storage.base import Storage
from webapp.submissions.accepting import Accepted, HandIn, accept
from webapp.submissions.placing import place_files
from webapp.uploads import rules as uploads
from webapp.uploads.rules import Received, UploadedFile

_nonces = itertools.count()

Files = Sequence[tuple[str, bytes]]  # name, content


@contextmanager
def reading(app: Flask) -> Iterator[Session]:
    with app.app_context(), snapshot() as session:
        yield session


def hand_in(
    app: Flask, form: Form, answers: Mapping[str, Any], files: Files = (), *, place: bool = True
) -> Accepted:
    """Hands in these answers, by field key and as they are stored; the files are those of the field of
    files. `place=False` leaves them where they came in."""
    with app.app_context():
        with snapshot() as session:
            version = find_version(session, form)
        assert version is not None
        kept = receive(app.extensions["intray.storage"], form, definition_of(version), files)
        with unit_of_work() as session:
            accepted = accept(session, _given(form, version, answers, kept), now())
        if place:
            place_files(app.extensions["intray.storage"], accepted.submission_id)
    return accepted


def _given(
    form: Form, version: FormVersion, answers: Mapping[str, Any], kept: Sequence[UploadedFile]
) -> HandIn:
    definition = definition_of(version)
    by_id = {field.id: answers[field.key] for field in definition.fields if field.key in answers}
    return HandIn(form.id, version.id, definition, str(next(_nonces)), by_id, kept, "en")


def receive(
    storage: Storage, form: Form, definition: Definition, files: Files
) -> list[UploadedFile]:
    """Files that wait to be handed in, for the field of files."""
    field_id = next((field.id for field in definition.fields if field.takes_files), "")
    received = []
    for name, content in files:
        staging = storage.stage(public_id())
        staging.append(content)
        received.append(Received(staging, field_id, name, "application/octet-stream"))
    kept = uploads.make_durable(received)
    with unit_of_work() as session:
        uploads.keep(session, form.id, kept, now())
    return kept


def form_count(app: Flask, form: Form) -> int:
    """How many submissions the form's own counter tells."""
    with reading(app) as session:
        return session.scalars(select(Form.submission_count).where(Form.id == form.id)).one()
