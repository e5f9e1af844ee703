"""Any key that the format allows can be a field's, whatever it means to a library of forms."""

from __future__ import annotations

import wtforms
from flask import Flask
from sqlalchemy import select

from webapp.extensions import db
from webapp.forms.definition import Definition
from webapp.forms.kinds import Field
from webapp.forms.rulebook import KEY, RESERVED_KEYS
from webapp.forms.tables import Form
from webapp.submissions.tables import Submission

from ..conftest import import_text
from ..visitor import Visitor, in_process

HEAD = 'format = 1\ntitle = "Keys"\nslug = "keys"\nstate = "open"\n'


def attributes() -> list[str]:
    """The names that a field's key could hide: WTForms' own, and those of our rows and fields."""
    form = wtforms.form.BaseForm({"asked": wtforms.StringField()})
    things = (
        wtforms.Form,
        wtforms.form.BaseForm,
        form,
        wtforms.Form(),
        Definition,
        Field,
        Form,
        dict,
    )
    names = {name for thing in things for name in (*dir(thing), *getattr(thing, "__dict__", ()))}
    return sorted(name for name in names - RESERVED_KEYS if KEY.fullmatch(name))


def test_a_field_may_have_the_key_of_any_attribute(sqlite_app: Flask) -> None:
    keys = attributes()
    assert {"validate", "data", "errors", "process", "populate_obj", "meta", "items"} <= set(keys)
    fields = [
        f'[[fields]]\nkind = "short_text"\nkey = "{key}"\nlabel = "Asked {n}"\nmax_length = 50\n'
        "required = true\n"
        for n, key in enumerate(keys)
    ]
    import_text(sqlite_app, HEAD + "".join(fields))
    visitor = Visitor(in_process(sqlite_app))
    page = visitor.open("/f/keys")
    assert [name for name, _ in page.inputs] == ["csrf_token", *keys]

    long = {key: f"{key} " * 20 for key in keys}
    refused = visitor.hand_in(page, "/f/keys", long)
    assert len(refused.problems) == len(keys)
    assert {key: refused.input(key) for key in keys} == long

    answer = visitor.hand_in(refused, "/f/keys", {key: f"it is {key}" for key in keys})
    assert answer.status == 303
    with sqlite_app.app_context():
        answers = db.session.scalars(select(Submission.answers)).one()
    assert sorted(answers.values()) == sorted(f"it is {key}" for key in keys)
