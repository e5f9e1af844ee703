"""The files that came before this request: those that wait, and what to say of those that do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..database import snapshot
from ..forms.definition import Definition
from ..i18n import gettext
from ..storage import names
from ..storage.base import Storage
from ..uploads import rules as uploads
from ..uploads.finishing import finish_those
from ..uploads.following import Follower
from ..uploads.rules import UploadedFile
from .posted import Posted


def find_waiting(
    storage: Storage, follower: Follower, form_id: int, ids: Sequence[str]
) -> list[UploadedFile]:
    """Those of the uploads that are whole, and wait to be handed in to this form."""
    with snapshot() as session:
        found = uploads.find(session, form_id, ids)
    if len(found) < len(ids):  # some may be all there, and still being checked
        finish_those(storage, follower, form_id, ids)
        with snapshot() as session:
            found = uploads.find(session, form_id, ids)
    return [upload for upload in found if storage.is_waiting(upload.id)]


def tell_of_missing(
    definition: Definition,
    posted: Posted,
    found: Sequence[UploadedFile],
    form_id: int,
    to_remove: str | None,
) -> None:
    """Names the fields whose earlier files are gone, or have not arrived yet."""
    by_id = {upload.id: upload for upload in found}
    for key, ids in posted.carried.items():
        field = definition.field(key)
        assert field is not None
        missing = {id for id in ids if id not in by_id or by_id[id].field_id != field.id}
        if missing - {to_remove}:
            problems = posted.file_problems.setdefault(key, [])
            problems += _why(missing - {to_remove}, form_id, field.named)


def tell_of_refused(definition: Definition, posted: Posted) -> None:
    """Names the fields whose files came with this request, from somebody who may not send any."""
    fields = {field.id: field for field in definition.fields}
    for file in posted.received:
        field = fields[file.field_id]
        posted.file_problems.setdefault(field.key, []).append(
            gettext(
                "%(label)s: the file %(name)s was not kept; please choose it again",
                label=field.named,
                name=names.shown_name(file.filename),
            )
        )


def _why(missing: Collection[str], form_id: int, label: str) -> list[str]:
    with snapshot() as session:
        arriving = uploads.arriving_names(session, form_id, missing)
    told = [
        gettext(
            "%(label)s: the file %(name)s has not arrived whole; please choose it again, and wait "
            "until it has arrived",
            label=label,
            name=names.shown_name(name),
        )
        for name in arriving
    ]
    if len(arriving) < len(missing):
        message = gettext(
            "%(label)s: a file that you sent earlier is no longer here; please choose it again",
            label=label,
        )
        told.append(message)
    return told
