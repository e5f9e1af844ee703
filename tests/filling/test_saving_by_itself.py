"""A page of a draft that saves itself while somebody types: what its script sends, and is told."""

from __future__ import annotations

import json
import re

from flask import Flask
from sqlalchemy import func, select, update

from webapp.database import snapshot, unit_of_work
from webapp.filling.tables import FillingDraft
from webapp.forms.tables import Form
from webapp.submissions.tables import StoredFile, Submission

from ..bench.statements import counted
from ..conftest import ImportForm
from ..invited.inviting import change_person
from ..visitor import Page, Visitor
from .test_drafts import Person, person  # noqa: F401
from .test_saving_for_later import ONE_PAGE, PATH, SAVING, Anna, save

NOTE = [("nuts", "note.txt", b"a note")]


def type_in(visitor: Visitor, path: str, seen: int, **given: str) -> Page:
    """What the script of a page sends that shows this revision."""
    return visitor.post_form(path, {**given, "save-on-top-of": str(seen)})


def revision_of(page: Page) -> int:
    found = re.search(r'data-revision="(\d+)"', page.text)
    assert found is not None
    return int(found[1])


def told(answer: Page) -> tuple[int, object]:
    return answer.status, json.loads(answer.text)["revision"]


def count(app: Flask, table: type) -> int:
    with app.app_context(), snapshot() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_typed_is_saved_and_nothing_is_said_of_mistakes(person: Person) -> None:  # noqa: F811
    one, two = f"{person.link}?page=1", f"{person.link}?page=2"
    seen = revision_of(person.page(1))
    first = type_in(person.visitor, one, seen, coming="yes", people="9")
    assert told(first) == (200, seen + 1)
    assert first.headers["cache-control"] == "no-store"
    assert told(type_in(person.visitor, two, 0, people="many")) == (200, 1)
    assert told(type_in(person.visitor, one, seen + 1, coming="perhaps")) == (200, seen + 2)
    assert ("coming", "perhaps") in person.page(1).inputs
    assert person.page(2).input("people") == "many"  # the first page had no say in it
    assert revision_of(person.page(2)) == 1


def test_a_window_that_is_behind_is_told_and_undoes_nothing(person: Person) -> None:  # noqa: F811
    person.fill_in(1, {"coming": "yes"})
    here, there = person.page(2), person.page(2)
    two = f"{person.link}?page=2"
    assert told(type_in(person.visitor, two, revision_of(there), people="3"))[0] == 200
    assert told(type_in(person.visitor, two, revision_of(here), people="4")) == (409, None)
    assert person.page(2).input("people") == "3"
    # a person who goes on means it; what was on its way from before comes too late
    assert person.visitor.hand_in(here, two, {"people": "5"}).status == 422
    assert told(type_in(person.visitor, two, 1, people="3"))[0] == 409
    assert person.page(2).input("people") == "5"
    for wrong in (-1, 10**9):
        assert told(type_in(person.visitor, two, wrong, people="6"))[0] == 409


def test_a_page_that_was_refused_goes_on_saving_itself(person: Person) -> None:  # noqa: F811
    refused = person.fill_in(1, {})
    assert refused.status == 422
    seen = revision_of(refused)
    assert told(type_in(person.visitor, f"{person.link}?page=1", seen, coming="no"))[0] == 200


def test_no_file_is_lost_to_a_window_that_does_not_know_of_it(
    app: Flask,
    person: Person,  # noqa: F811
) -> None:
    person.fill_in(1, {"coming": "yes"})
    two = f"{person.link}?page=2"
    person.fill_in(2, {"people": "1", "diets": ["nuts"], "note_sent": "Dr. Yes"}, files=NOTE)
    page = person.page(2)
    given = {"people": "1", "diets": "nuts", "note_sent": "Dr. No"}
    assert told(type_in(person.visitor, two, revision_of(page), **given))[0] == 200
    assert "note.txt" in person.page(2).text
    upload = page.input("nuts").removeprefix("upload:")
    gone = person.visitor._send("DELETE", f"/uploads/{upload}", b"", {"Tus-Resumable": "1.0.0"})
    assert gone.status == 204
    assert told(type_in(person.visitor, two, revision_of(page) + 1, **given))[0] == 200
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(FillingDraft.uploads)).one() == {}


def test_what_is_no_upload_is_left_out(app: Flask, person: Person) -> None:  # noqa: F811
    two = f"{person.link}?page=2"
    for seen, id in enumerate(["\0", "é" * 32, "", "0" * 32]):
        given = {"people": "1", "nuts": f"upload:{id}"}
        assert told(type_in(person.visitor, two, seen, **given))[0] == 200
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(FillingDraft.uploads)).one() == {}


def test_a_form_of_one_page_saves_itself_once_it_was_saved(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(ONE_PAGE)
    assert "js/autosave.js" not in visitor.open(PATH).text
    draft = save(visitor)
    page = visitor.open(draft)
    assert "js/autosave.js" in page.text
    assert told(type_in(visitor, draft, revision_of(page), words="77"))[0] == 200
    assert count(app, Submission) == 0
    assert visitor.open(draft).input("words") == "77"
    assert visitor.hand_in(page, draft, {"words": "78"}).location.startswith("/r/")
    late = type_in(visitor, draft, revision_of(page) + 1, words="77")
    assert "json" not in late.headers["content-type"]  # it is handed in: there is nothing to save
    assert (count(app, Submission), count(app, StoredFile)) == (1, 0)


def test_a_file_that_was_refused_leaves_a_page_that_saves_itself(
    visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(ONE_PAGE.replace("max_files = 3", 'accept = [".pdf"]'))
    files = [("essay", "song.mp3", b"ID3")]
    page = visitor.hand_in(visitor.open(PATH), PATH, {"words": "5", **SAVING}, files)
    draft = re.search(r'action="(/c/[^"]+)"', page.text)
    assert draft is not None
    assert told(type_in(visitor, draft[1], revision_of(page), words="6"))[0] == 200


def test_a_closed_link_and_other_sites(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    anna = Anna(app, import_form)
    save(visitor, anna.link)
    change_person(app, "Anna Schmidt", is_closed=True)
    assert (
        told(type_in(visitor, anna.draft, 1, words="6"))[0] == 200
    )  # hers, should it be opened again
    foreign = visitor.post_form(anna.draft, {"save-on-top-of": "2"}, Origin="https://evil.example")
    assert foreign.status == 403
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(most_text_bytes=10))
    assert type_in(visitor, anna.draft, 2, words="6" * 20).status == 413
    assert type_in(visitor, "/c/" + "A" * 22, 0, words="6").status == 404


def test_it_asks_little_of_the_database(app: Flask, person: Person) -> None:  # noqa: F811
    with counted(app) as saving:
        type_in(person.visitor, f"{person.link}?page=1", 0, coming="yes")
    assert (len(saving.statements), saving.commits) <= (4, 1), saving.statements
