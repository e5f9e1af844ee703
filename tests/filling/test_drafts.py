"""A form of several pages, filled in without JavaScript and without cookies, page after page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from webapp import preparation
from webapp.database import now, unit_of_work
from webapp.extensions import db
from webapp.filling.tables import FillingDraft
from webapp.forms.tables import Form
from webapp.submissions.tables import StoredFile, Submission
from webapp.uploads.tables import Upload

from ..bench.statements import counted
from ..conftest import ImportForm
from ..forms_with_rules import TRIP
from ..visitor import Page, Visitor


class Person:
    """Somebody who fills in the trip's form."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        began = visitor.post_form("/f/trip/start", {})
        assert began.status == 303
        self.link = began.location

    def page(self, number: int) -> Page:
        return self.visitor.open(f"{self.link}?page={number}")

    def fill_in(self, number: int, answers: dict[str, str | list[str]], **more: object) -> Page:
        files = more.get("files", ())
        path = f"{self.link}?page={number}" + ("&check=1" if more.get("checking") else "")
        return self.visitor.hand_in(self.visitor.open(path), path, answers, files)  # type: ignore[arg-type]

    def check(self) -> Page:
        return self.visitor.open(f"{self.link}/check")

    def hand_in(self, page: Page | None = None) -> Page:
        return self.visitor.hand_in(page or self.check(), f"{self.link}/check", {})


@pytest.fixture
def person(visitor: Visitor, import_form: ImportForm) -> Person:
    import_form(TRIP)
    return Person(visitor)


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_start_page_says_what_is_needed_and_changes_nothing(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(TRIP)
    page = visitor.open("/f/trip")
    assert "The form has 3 pages." in page.text
    assert "A doctor&#39;s note" in page.text
    assert count(app, FillingDraft) == 0


def test_page_after_page_then_checked_and_handed_in(app: Flask, person: Person) -> None:
    first = person.visitor.open(person.link)
    assert "Page 1 of 3" in first.text
    assert "How many are you" not in first.text
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-robots-tag"] == "noindex"
    refused = person.fill_in(1, {})
    assert (refused.status, refused.problems) == (422, ["Will you come: please choose one"])
    assert person.fill_in(1, {"coming": "yes"}).location == f"{person.link}?page=2"
    note = [("nuts", "note.txt", b"a note")]
    answers: dict[str, str | list[str]] = {"people": "1", "diets": ["nuts"], "note_sent": "Dr. Yes"}
    assert person.fill_in(2, answers, files=note).location == f"{person.link}?page=3"
    assert person.fill_in(3, {}).location == f"{person.link}/check"
    checked = person.check()
    assert "note.txt" in checked.text
    assert re.search(r"file-size\">6\b", checked.text)
    receipt = person.hand_in(checked)
    assert receipt.status == 303, receipt.problems
    assert person.hand_in(checked).status == 200  # pressed twice
    assert "already handed this in" in person.visitor.open(person.link).text
    assert (count(app, Submission), count(app, StoredFile), count(app, FillingDraft)) == (1, 1, 0)


def test_a_page_that_is_not_shown_is_passed_over(person: Person) -> None:
    assert "Page 1 of 2" in person.fill_in(1, {"coming": "no"}).text
    answered = person.fill_in(1, {"coming": "no", "why": "I am ill."})
    assert answered.location == f"{person.link}?page=3"


def test_what_is_wrong_is_kept_and_so_is_what_one_goes_back_from(person: Person) -> None:
    person.fill_in(1, {"coming": "yes"})
    assert person.fill_in(2, {"people": "many"}).status == 422
    assert person.page(2).input("people") == "many"
    back = person.fill_in(2, {"people": "2", "names": "Bob", "go-back": "1"})
    assert back.location == f"{person.link}?page=1"
    assert person.page(2).input("names").strip() == "Bob"
    other = person.fill_in(2, {"people": "3", "switch-language": "zh"})
    assert other.status == 200
    assert person.page(2).input("people") == "3"


def test_what_is_missing_is_told_on_the_check_page(person: Person) -> None:
    person.fill_in(1, {"coming": "yes"})
    refused = person.hand_in()
    assert (refused.status, refused.problems) == (422, ["How many are you: please write a number"])
    assert f'href="{person.link}?page=2&amp;check=1#f-people"' in refused.text
    mended = person.fill_in(2, {"people": "1"}, checking=True)
    assert mended.location == f"{person.link}/check"
    assert person.hand_in().status == 303


def test_two_windows_do_not_lose_each_others_pages(person: Person) -> None:
    person.fill_in(1, {"coming": "yes"})
    second = person.page(2)
    person.fill_in(1, {"coming": "perhaps"})
    person.visitor.hand_in(second, f"{person.link}?page=2", {"people": "1"})
    assert ("coming", "perhaps") in person.page(1).inputs
    assert person.page(2).input("people") == "1"


def test_files_wait_as_long_as_the_draft(app: Flask, person: Person) -> None:
    person.fill_in(1, {"coming": "yes"})
    answers: dict[str, str | list[str]] = {"people": "1", "diets": ["nuts"], "note_sent": "Dr. No"}
    person.fill_in(2, answers, files=[("nuts", "note.txt", b"a note")])
    with app.app_context():
        waits = db.session.scalars(select(Upload.expires_at)).one()
        assert waits == db.session.scalars(select(FillingDraft.expires_at)).one()
    assert "note.txt" in person.page(2).text
    upload = re.search(r'name="remove-upload" value="([^"]+)"', person.page(2).text)
    assert upload is not None
    assert "Removed" in person.fill_in(2, {"remove-upload": upload[1]}).text
    assert "note.txt" not in person.page(2).text


def test_what_nobody_goes_on_with_expires(app: Flask, person: Person) -> None:
    with app.app_context():
        with unit_of_work() as session:
            session.execute(update(FillingDraft).values(expires_at=now() - timedelta(1)))
        assert person.page(1).status == 404
        preparation.sweep()
    assert count(app, FillingDraft) == 0
    assert person.visitor.open("/c/nothing").status == 404


def test_the_form_is_closed_or_published_anew_meanwhile(
    app: Flask, person: Person, import_form: ImportForm
) -> None:
    page = person.page(1)
    import_form(TRIP.replace('key = "coming"', 'key = "goes"').replace('"coming"', '"goes"'))
    assert person.visitor.hand_in(page, f"{person.link}?page=1", {"coming": "yes"}).status == 303
    person.fill_in(2, {"people": "1"})
    checked = person.check()
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(state="closed"))
    assert "This form is closed" in person.page(2).text
    refused = person.hand_in(checked)
    assert refused.status == 422
    assert "This form is closed" in refused.problems[0]
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(state="open"))
    assert person.hand_in().status == 303


def test_the_private_link_leads_to_the_furthest_page(person: Person) -> None:
    person.fill_in(1, {"coming": "yes"})
    person.fill_in(2, {"people": "1"})
    asked = person.fill_in(3, {"day": "soon", "show-link": "1"})
    shown = person.visitor.open(asked.location)
    assert person.page(3).input("day") == "soon"
    assert person.link in shown.text
    assert (
        person.visitor.open(f"{person.link}/qr.svg").headers["content-type"]
        == "image/svg+xml; charset=utf-8"
    )
    assert "Page 3 of 3" in person.visitor.open(person.link).text


def test_all_at_once_is_still_taken(visitor: Visitor, import_form: ImportForm) -> None:
    import_form(TRIP)
    whole = visitor.open("/f/trip?whole=1")
    assert visitor.hand_in(whole, "/f/trip", {"coming": "yes", "people": "1"}).status == 303


# The most statements of each request, and the transactions of saving; raise one for a reason alone.
SHOW, SAVE, SAVE_COMMITS, HAND_IN = 1, 4, 1, 10


def test_each_request_asks_little_of_the_database(app: Flask, person: Person) -> None:
    person.fill_in(1, {"coming": "no", "why": "I am ill."})
    with counted(app) as showing:
        page = person.page(1)
    with counted(app) as saving:
        person.visitor.hand_in(page, f"{person.link}?page=1", {"why": "I am very ill."})
    checked = person.check()
    with counted(app) as handing_in:
        assert person.hand_in(checked).status == 303
    assert len(showing.statements) <= SHOW, showing.statements
    assert len(saving.statements) <= SAVE, saving.statements
    assert saving.commits <= SAVE_COMMITS
    assert len(handing_in.statements) <= HAND_IN, handing_in.statements
