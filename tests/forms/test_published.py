"""A published form is found as it is now, also where it was kept."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import create_engine, delete, update

from webapp.commits import Commits
from webapp.extensions import db
from webapp.forms.published import PublishedForms
from webapp.forms.tables import Form, FormVersion

from ..bench.statements import counted
from ..conftest import ImportForm, import_text
from ..forms_in_toml import HOMEWORK
from ..visitor import Visitor

PATH = "/f/homework-3"


def test_it_is_read_once_for_all_who_come(sqlite_app: Flask) -> None:
    import_text(sqlite_app, HOMEWORK)
    with sqlite_app.app_context():
        forms = PublishedForms(Commits(db.engine).mark)
        first = forms.find("homework-3")
        with counted(sqlite_app) as count:
            assert forms.find("homework-3") is first
        assert count.statements == []
        assert forms.find("homework-4") is None
        assert forms.find("no\0slug") is None


def test_what_another_program_changes_shows_at_once(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    with app.app_context():
        other = create_engine(db.engine.url)
    for state, status in (("open", 200), ("draft", 404), ("open", 200)):
        with other.begin() as connection:
            connection.execute(update(Form).values(state=state))
        assert [visitor.open(PATH).status for _ in range(2)] == [status] * 2
    with other.begin() as connection:
        connection.execute(update(Form).values(max_submissions=0))
    assert "csrf_token" not in visitor.open(PATH).text
    with other.begin() as connection:
        connection.execute(delete(FormVersion))
        connection.execute(delete(Form))
    assert visitor.open(PATH).status == 404
    other.dispose()
