"""Data folders with a school's submissions (webapp/demo), and servers on them with somebody signed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from webapp.database import now, snapshot, unit_of_work
from webapp.demo.bulk import Filler
from webapp.demo.school import make_forms
from webapp.forms.rules import find_form

from ..desk import Desk, add_user
from ..running import Server
from ..visitor import over_http
from .folders import application

SLUG = "absence-note"  # the form that most submissions are of
INBOX = f"/desk/forms/{SLUG}"
EMAIL = "owner@example.org"


@dataclass(frozen=True)
class School:
    """A data folder with so many submissions."""

    submissions: int
    data: Path


def make(data: Path, submissions: int) -> School:
    """The school in that data folder, which is filled if it is not there. A million take some minutes."""
    if not (data / "intray.db").exists():
        with application(data) as app:
            with app.app_context():
                with unit_of_work() as session:
                    make_forms(session, now())
                filler = Filler(app.extensions["intray.storage"], Random(1), 0)
                filler.fill(submissions, now(), lambda count: None)
            add_user(app, "owner", EMAIL)
    return School(submissions, data)


def lines(school: School) -> int:
    """How many submissions the form has."""
    with application(school.data) as app, app.app_context(), snapshot() as session:
        form = find_form(session, SLUG)
    assert form is not None
    return form.submission_count


def signed_in(server: Server) -> str:
    """The cookie of the owner at that server."""
    desk = Desk(over_http(server.url))
    answer = desk.sign_in(EMAIL)
    assert answer.status == 303, answer.text
    return desk.cookie
