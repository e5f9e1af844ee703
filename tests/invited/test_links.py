"""Personal links: one person, one submission, and nobody else."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.database import now, snapshot, unit_of_work
from webapp.forms.tables import Form
from webapp.forms.toml_file import read_form, write_form
from webapp.invited.tables import InvitedPerson
from webapp.submissions import erasing, form_erasing
from webapp.submissions.tables import StoredFile, Submission

from ..conftest import ImportForm
from ..visitor import Page, Visitor, in_process
from .inviting import PERSONAL, change_form, change_person, close_ago, invite

FORM = "/f/homework-3"
ESSAY = [("essay", "essay.pdf", b"%PDF-1.7 an essay")]
PEOPLE = "Anna Schmidt, anna@example.org\nBen Wang"


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(PERSONAL)


@pytest.fixture
def anna(app: Flask, form: Form) -> str:
    """The path of Anna's link."""
    return invite(app, form, PEOPLE)["Anna Schmidt"]


def hand_in(visitor: Visitor, path: str, words: str = "500") -> Page:
    return visitor.hand_in(visitor.open(path), path, {"words": words}, ESSAY)


def submissions(app: Flask) -> list[Submission]:
    with app.app_context(), snapshot() as session:
        return list(session.scalars(select(Submission).order_by(Submission.id)))


def test_a_link_is_one_persons_page_and_takes_one_submission(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    page = visitor.open(anna)
    assert page.status == 200
    assert "For Anna Schmidt" in page.text
    answer = hand_in(visitor, anna)
    assert answer.status == 303
    assert answer.location.startswith("/r/")
    (one,) = submissions(app)
    assert (one.label, one.late) == ("Anna Schmidt", False)
    with app.app_context(), snapshot() as session:
        assert session.get_one(InvitedPerson, one.invited_id).name == "Anna Schmidt"
        key = session.scalars(select(StoredFile.storage_key)).one()
    assert re.fullmatch(rf"Homework 3/[\d-]{{10}} {one.reference} Anna Schmidt/essay\.pdf", key)
    again = visitor.open(anna)
    assert again.status == 200
    assert one.reference in again.text
    assert "500" not in again.text
    assert "essay.pdf" not in again.text
    link = re.search(r'href="(/r/[^"]+)"', again.text)
    assert link is not None
    assert "essay.pdf" in visitor.open(link[1].replace("&amp;", "&")).text


def test_a_link_is_private_and_opening_it_changes_nothing(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    handed_in = visitor.hand_in(visitor.open(anna), anna, {"words": "many"})
    assert handed_in.status == 422
    for page in (visitor.open(anna), handed_in):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in page.headers
    assert submissions(app) == []


@pytest.mark.parametrize("path", ["/p/x", "/p/" + "A" * 22, "/p/%00", "/p/" + "é" * 22])
def test_a_link_that_is_none_is_a_page_that_is_not_there(
    visitor: Visitor, anna: str, path: str
) -> None:
    assert visitor.open(path).status == 404
    assert visitor.hand_in(visitor.open(anna), path, {"words": "5"}).status == 404


def test_a_second_hand_in_by_the_same_link_is_refused_in_words(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    first, second = visitor.open(anna), visitor.open(anna)
    answer = visitor.hand_in(first, anna, {"words": "500"})
    assert answer.status == 303
    assert visitor.hand_in(first, anna, {"words": "500"}).location == answer.location
    refused = visitor.hand_in(second, anna, {"words": "700"})
    assert refused.status == 422
    (problem,) = refused.problems
    assert submissions(app)[0].reference in problem
    assert refused.input("words") == "700"
    assert len(submissions(app)) == 1


def test_of_two_windows_at_the_same_moment_one_hands_in(app: Flask, anna: str) -> None:
    visitors = [Visitor(in_process(app)) for _ in range(6)]
    pages = [visitor.open(anna) for visitor in visitors]
    with ThreadPoolExecutor(len(visitors)) as pool:
        answers = list(
            pool.map(lambda v, p: v.hand_in(p, anna, {"words": "5"}).status, visitors, pages)
        )
    assert sorted(answers) == [303, 422, 422, 422, 422, 422]
    assert len(submissions(app)) == 1


def test_without_a_link_the_form_says_that_it_needs_one(
    app: Flask, visitor: Visitor, form: Form, anna: str
) -> None:
    page = visitor.open(FORM)
    assert "needs a personal link" in page.text
    assert "csrf_token" not in page.text
    assert "Homework 3" not in visitor.open("/").text
    change_form(app, form, access="link")
    opened = visitor.open(FORM)
    assert "Homework 3" in visitor.open("/").text
    change_form(app, form, access="personal")
    refused = visitor.hand_in(opened, FORM, {"words": "5"}, ESSAY)
    assert refused.status == 422
    assert refused.input("words") == "5"
    assert submissions(app) == []


def test_a_link_of_another_form_does_not_help(
    app: Flask, visitor: Visitor, import_form: ImportForm, form: Form
) -> None:
    other = import_form(PERSONAL.replace("homework-3", "other"))
    theirs = invite(app, other, "Eve")["Eve"]
    page = visitor.open(theirs)
    change_form(app, form, access="link")
    given = visitor.open(FORM)
    change_form(app, form, access="personal")
    credential = theirs.removeprefix("/p/")
    answers = {"words": "5", "entry-key": credential, "csrf_token": given.input("csrf_token")}
    assert visitor.hand_in(page, FORM, answers).status == 422
    assert submissions(app) == []


def test_a_closed_link_says_so_and_takes_nothing(app: Flask, visitor: Visitor, anna: str) -> None:
    opened = visitor.open(anna)
    change_person(app, "Anna Schmidt", is_closed=True)
    assert "This personal link is closed" in visitor.open(anna).text
    refused = visitor.hand_in(opened, anna, {"words": "5"})
    assert "This personal link is closed" in refused.problems[0]
    assert submissions(app) == []


def test_one_person_can_have_more_time(app: Flask, visitor: Visitor, form: Form, anna: str) -> None:
    opened = visitor.open(anna)
    close_ago(app, form, hours=1)
    assert "This form is closed" in visitor.open(anna).text
    assert "This form is closed" in visitor.hand_in(opened, anna, {"words": "5"}).problems[0]
    change_person(app, "Anna Schmidt", closes_at=now() + timedelta(days=2))
    assert "Open until" in visitor.open(anna).text
    assert hand_in(visitor, anna).status == 303
    assert submissions(app)[0].late is False


def test_late_hand_ins_are_taken_for_some_days_and_marked(
    app: Flask, visitor: Visitor, form: Form, anna: str
) -> None:
    change_form(app, form, late_days=2)
    close_ago(app, form, days=1)
    page = visitor.open(anna)
    assert "it will be marked as late" in page.text
    assert visitor.hand_in(page, anna, {"words": "5"}).status == 303
    assert submissions(app)[0].late is True
    close_ago(app, form, days=2, minutes=1)
    change_form(app, form, access="link")
    assert "This form is closed" in visitor.open(FORM).text


def test_an_erased_submission_frees_the_link(app: Flask, visitor: Visitor, anna: str) -> None:
    hand_in(visitor, anna)
    with app.app_context():
        erasing.erase(app.extensions["intray.storage"], [submissions(app)[0].id], None)
    assert "csrf_token" in visitor.open(anna).text
    assert hand_in(visitor, anna).status == 303


def test_an_erased_form_takes_its_people_with_it(
    app: Flask, visitor: Visitor, form: Form, anna: str
) -> None:
    hand_in(visitor, anna)
    with app.app_context(), unit_of_work() as session:
        form_erasing.erase_form(session, form.id, None, now())
    assert visitor.open(anna).status == 404
    app.extensions["intray.jobs"].run_due()
    with app.app_context(), snapshot() as session:
        assert session.scalar(select(func.count(InvitedPerson.id))) == 0
        assert session.scalar(select(func.count(Form.id))) == 0


def test_a_forms_file_says_who_may_fill_it_in(form: Form) -> None:
    _, terms = read_form(write_form_with_terms(form, access="passcode", passcode="open sesame"))
    assert (terms.access, terms.passcode, terms.late_days) == ("passcode", "open sesame", 3)


def write_form_with_terms(form: Form, **values: str) -> str:
    form.late_days = 3
    for name, value in values.items():
        setattr(form, name, value)
    return write_form(form)
