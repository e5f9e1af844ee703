"""Forms of several pages with personal links, or with a passcode: the draft carries what lets somebody in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp import preparation
from webapp.database import now, snapshot
from webapp.filling.tables import FillingDraft
from webapp.forms.tables import Form
from webapp.invited.tables import InvitedPerson
from webapp.submissions import erasing
from webapp.submissions.tables import StoredFile, Submission
from webapp.uploads.tables import Upload

from ..conftest import ImportForm, SignInAs
from ..forms_with_rules import TRIP
from ..invited.inviting import change_form, change_person, close_ago, invite
from ..visitor import Page, Visitor, in_process

OPEN = 'state = "open"\n'
PERSONAL = TRIP.replace(OPEN, OPEN + 'access = "personal"\n')
PASSCODE = TRIP.replace(OPEN, OPEN + 'access = "passcode"\npasscode = "Open Sesame"\n')
NOTE = [("nuts", "note.txt", b"a note")]
PEOPLE = "Anna Schmidt\nBen Wang"
JOURNEY: dict[str, str | list[str]] = {"people": "1", "diets": ["nuts"], "note_sent": "Dr. Yes"}


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(PERSONAL)


@pytest.fixture
def anna(app: Flask, form: Form) -> str:
    """The path of Anna's link."""
    return invite(app, form, PEOPLE)["Anna Schmidt"]


def draft_of(link: str) -> str:
    return link.replace("/p/", "/c/")


def start(visitor: Visitor, link: str) -> str:
    """Begins by a personal link; gives the path of the draft."""
    began = visitor.post_form(f"{link}/start", {})
    assert (began.status, began.location) == (303, draft_of(link))
    return began.location


def save(visitor: Visitor, draft: str, number: int, given: dict[str, str | list[str]]) -> Page:
    path = f"{draft}?page={number}"
    files = NOTE if "diets" in given else []
    return visitor.hand_in(visitor.open(path), path, given, files)


def hand_in(visitor: Visitor, draft: str) -> Page:
    return visitor.hand_in(visitor.open(f"{draft}/check"), f"{draft}/check", {})


def fill_in(visitor: Visitor, draft: str) -> None:
    save(visitor, draft, 1, {"coming": "yes"})
    save(visitor, draft, 2, JOURNEY)


def submissions(app: Flask) -> list[Submission]:
    with app.app_context(), snapshot() as session:
        return list(session.scalars(select(Submission).order_by(Submission.id)))


def person_id(app: Flask, name: str) -> int:
    with app.app_context(), snapshot() as session:
        return session.scalars(select(InvitedPerson.id).where(InvitedPerson.name == name)).one()


def count(app: Flask, table: type) -> int:
    with app.app_context(), snapshot() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_person_begins_and_goes_on_by_the_same_link_anywhere(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    first = visitor.open(anna)
    assert "The form has 3 pages." in first.text
    assert "For Anna Schmidt" in first.text
    assert "You have begun" not in first.text
    assert "All questions on one page" in first.text
    assert count(app, FillingDraft) == 0
    draft = start(visitor, anna)
    assert "For Anna Schmidt" in visitor.open(draft).text
    fill_in(visitor, draft)
    elsewhere = Visitor(in_process(app))
    again = elsewhere.open(anna)
    assert "You have begun" in again.text
    assert "All questions on one page" not in again.text, "where nothing is of what was begun"
    assert again.headers["cache-control"] == "no-store"
    assert "set-cookie" not in again.headers
    assert start(elsewhere, anna) == draft
    assert elsewhere.open(f"{draft}?page=2").input("people") == "1"
    assert anna in elsewhere.open(f"{draft}/link").text
    assert count(app, FillingDraft) == 1
    assert hand_in(elsewhere, draft).location.startswith("/r/")
    (one,) = submissions(app)
    assert (one.late, one.invited_id) == (False, person_id(app, "Anna Schmidt"))
    assert (count(app, StoredFile), count(app, FillingDraft)) == (1, 0)
    for path in (draft, f"{draft}/check", f"{draft}/link"):
        assert visitor.open(path).location == anna
    assert visitor.post_form(f"{anna}/start", {}).location == anna
    assert one.reference in visitor.open(anna).text


def test_an_erased_submission_lets_the_person_begin_again(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    for _ in range(2):
        draft = start(visitor, anna)
        assert "Page 1 of 3" in visitor.open(draft).text
        fill_in(visitor, draft)
        assert hand_in(visitor, draft).status == 303
        with app.app_context():
            erasing.erase(app.extensions["intray.storage"], [submissions(app)[0].id], None)
    assert submissions(app) == []


def test_of_many_windows_all_begin_the_one_draft(app: Flask, anna: str) -> None:
    visitors = [Visitor(in_process(app)) for _ in range(6)]
    with ThreadPoolExecutor(len(visitors)) as pool:
        assert set(pool.map(lambda visitor: start(visitor, anna), visitors)) == {draft_of(anna)}
    assert count(app, FillingDraft) == 1


@pytest.mark.parametrize("path", ["/p/x/start", "/p/" + "A" * 22 + "/start", "/f/nothing/start"])
def test_a_link_that_is_none_begins_nothing(
    app: Flask, visitor: Visitor, anna: str, path: str
) -> None:
    assert visitor.post_form(path, {}).status == 404
    assert visitor.open(draft_of(path.removesuffix("/start"))).status in (404, 405)
    assert visitor.post_form("/f/trip/start", {}).location == "/f/trip"  # which says why
    assert count(app, FillingDraft) == 0


def test_a_closed_link_takes_neither_files_nor_a_submission_and_keeps_what_was_typed(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    draft = start(visitor, anna)
    fill_in(visitor, draft)
    page, checked = visitor.open(f"{draft}?page=2"), visitor.open(f"{draft}/check")
    change_person(app, "Anna Schmidt", is_closed=True)
    for path in (anna, draft, f"{draft}/check"):
        assert "This personal link is closed" in visitor.open(path).text
    more = [("nuts", "another.txt", b"another")]
    assert visitor.hand_in(page, f"{draft}?page=2", {"note_sent": "Dr. No"}, more).status == 303
    refused = visitor.hand_in(checked, f"{draft}/check", {})
    assert "This personal link is closed" in refused.problems[0]
    assert (submissions(app), count(app, Upload)) == ([], 1)
    change_person(app, "Anna Schmidt", is_closed=False)
    assert visitor.open(f"{draft}?page=2").input("note_sent") == "Dr. No"
    assert hand_in(visitor, draft).status == 303
    assert count(app, StoredFile) == 1


def test_deadline_more_time_and_late_days_count_at_each_page(
    app: Flask, visitor: Visitor, form: Form, anna: str
) -> None:
    draft = start(visitor, anna)
    fill_in(visitor, draft)
    checked = visitor.open(f"{draft}/check")
    close_ago(app, form, hours=1)
    assert "This form is closed" in visitor.open(f"{draft}?page=2").text
    refused = visitor.hand_in(checked, f"{draft}/check", {})
    assert "This form is closed" in refused.problems[0]
    change_form(app, form, late_days=1)
    for path in (anna, f"{draft}?page=2", f"{draft}/check"):
        assert "it will be marked as late" in visitor.open(path).text
    change_person(app, "Anna Schmidt", closes_at=now() + timedelta(days=2))
    for path in (f"{draft}?page=2", f"{draft}/check"):
        assert "it will be marked as late" not in visitor.open(path).text
    change_person(app, "Anna Schmidt", closes_at=now() - timedelta(hours=2))
    assert hand_in(visitor, draft).status == 303
    assert submissions(app)[0].late is True


def test_handing_in_by_the_link_itself_ends_the_draft(
    app: Flask, visitor: Visitor, anna: str
) -> None:
    draft = start(visitor, anna)
    fill_in(visitor, draft)
    page, checked = visitor.open(f"{draft}?page=2"), visitor.open(f"{draft}/check")
    whole = visitor.open(f"{anna}?whole=1")
    assert visitor.hand_in(whole, anna, {"coming": "yes", "people": "1"}).status == 303
    assert visitor.hand_in(page, f"{draft}?page=2", {"people": "2"}).location == anna
    assert visitor.hand_in(checked, f"{draft}/check", {}).location == anna
    assert (len(submissions(app)), count(app, FillingDraft)) == (1, 0)


def test_the_desk_sees_who_has_begun(
    app: Flask, sign_in: SignInAs, visitor: Visitor, anna: str
) -> None:
    desk = sign_in("reviewer")
    assert "begun, saved" not in desk.open("/desk/forms/trip/people").text
    draft = start(visitor, anna)
    assert desk.open("/desk/forms/trip/people").text.count("begun, saved") == 1
    fill_in(visitor, draft)
    hand_in(visitor, draft)
    assert "begun, saved" not in desk.open("/desk/forms/trip/people").text


def test_whoever_is_taken_off_the_list_leaves_nothing_behind(
    app: Flask, sign_in: SignInAs, visitor: Visitor, anna: str
) -> None:
    draft = start(visitor, anna)
    fill_in(visitor, draft)
    incoming = app.config["INTRAY"].data / "incoming"
    assert (count(app, Upload), len(list(incoming.iterdir()))) == (1, 1)
    person = f"/desk/forms/trip/people/{person_id(app, 'Anna Schmidt')}"
    desk = sign_in("editor")
    assert desk.submit(desk.open(person), f"{person}/remove").status == 303
    assert count(app, FillingDraft) == 0
    assert visitor.open(draft).status == 404
    with app.app_context():
        preparation.sweep()
    assert (count(app, Upload), list(incoming.iterdir())) == (0, [])


class WithPasscode:
    """Somebody who has given the passcode, and begun."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        asked = visitor.open("/f/trip")
        assert "Start" not in asked.text
        page = visitor.open(
            visitor.post_form("/f/trip", {"enter-passcode": "open sesame"}).location
        )
        self.entry = page.text.partition('name="entry-key" value="')[2].partition('"')[0]
        self.draft = visitor.post_form("/f/trip/start", {"entry-key": self.entry}).location
        assert self.draft.startswith("/c/")


def test_a_passcode_is_asked_for_once(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(PASSCODE)
    one = WithPasscode(visitor)
    first = visitor.open(one.draft)
    assert "passcode" not in first.text.lower()
    assert f'data-credential="{one.entry}"' in first.text
    fill_in(visitor, one.draft)
    assert hand_in(visitor, one.draft).status == 303
    assert (len(submissions(app)), count(app, StoredFile)) == (1, 1)


@pytest.mark.parametrize("entry", ["", "A" * 22, "é"])
def test_without_the_passcode_nothing_begins(
    app: Flask, visitor: Visitor, import_form: ImportForm, entry: str
) -> None:
    import_form(PASSCODE)
    assert visitor.post_form("/f/trip/start", {"entry-key": entry}).location == "/f/trip"
    assert count(app, FillingDraft) == 0


def test_another_passcode_is_asked_for_and_nothing_is_lost(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(PASSCODE)
    one = WithPasscode(visitor)
    fill_in(visitor, one.draft)
    page, checked = visitor.open(f"{one.draft}?page=2"), visitor.open(f"{one.draft}/check")
    import_form(PASSCODE.replace("Open Sesame", "Shut Sesame"))
    assert visitor.hand_in(page, f"{one.draft}?page=2", {"note_sent": "Dr. No"}, NOTE).status == 303
    assert visitor.hand_in(checked, f"{one.draft}/check", {}).location == f"{one.draft}/check"
    asked = visitor.open(f"{one.draft}/check")
    assert f'action="{one.draft}/passcode"' in asked.text
    assert "Dr. No" not in asked.text
    assert count(app, Upload) == 1
    wrong = visitor.post_form(f"{one.draft}/passcode", {"enter-passcode": "open sesame"})
    assert (wrong.status, wrong.problems) == (422, ["That is not the passcode of this form"])
    assert visitor.post_form(f"{one.draft}/passcode", {}).status == 422
    right = visitor.post_form(f"{one.draft}/passcode", {"enter-passcode": "shut sesame"})
    assert right.location == one.draft
    assert visitor.open(f"{one.draft}?page=2").input("note_sent") == "Dr. No"
    assert hand_in(visitor, one.draft).status == 303
