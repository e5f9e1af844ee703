"""A page that saves itself while somebody types: answers for a script, in JSON."""

from __future__ import annotations

from flask import Response, jsonify, request
from werkzeug.datastructures import FileStorage, MultiDict

from ....database import now, unit_of_work
from ....forms.definition import Definition
from ... import drafts
from ...drafts import Opened, Overtaken, Saved
from ...posted import read_posted

ON_TOP_OF = "save-on-top-of"  # the revision that the page shows; no field can have this key


def save_by_itself(opened: Opened, asked: Definition, number: int) -> Response:
    """200 with the page's new revision; 409 where another window has saved it, or the draft is gone."""
    posted = read_posted(asked, request.form, MultiDict[str, FileStorage]())
    keys = {field.key for field in asked.fields}
    seen = request.form.get(ON_TOP_OF, -1, type=int)
    saved = Saved(keys, posted.texts, posted.carried, seen)
    try:
        with unit_of_work() as session:
            revision = drafts.save(session, opened, saved, number, now())
    except Overtaken:
        revision = None
    response = jsonify(revision=revision)
    response.status_code = 409 if revision is None else 200
    response.headers["Cache-Control"] = "no-store"
    return response
