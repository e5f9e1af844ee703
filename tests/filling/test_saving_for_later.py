"""A form of one page that is saved, and gone on with later by a private link; without JavaScript."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from webapp import preparation
from webapp.database import now, snapshot, unit_of_work
from webapp.filling import drafts
from webapp.filling.tables import FillingDraft
from webapp.forms.toml_file import read_form, write_form
from webapp.submissions.tables import StoredFile, Submission
from webapp.uploads.tables import Upload

from ..conftest import ImportForm
from ..invited.inviting import PERSONAL, change_form, change_person, invite
from ..visitor import Page, Visitor, in_process

PATH = "/f/homework-3"
ONE_PAGE = PERSONAL.replace('access = "personal"', "save_later = true")
SAVING = {"save-later": "1"}
ESSAY = [("essay", "essay.pdf", b"%PDF-1.7 an essay")]


def count(app: Flask, table: type) -> int:
    with app.app_context(), snapshot() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def save(visitor: Visitor, path: str = PATH, words: str = "5", **more: object) -> str:
    """Saves what is on the page and a little more; gives the path of the draft."""
    given = {"words": words, **SAVING}
    answer = visitor.hand_in(visitor.open(path), path, given, more.get("files", ()))  # type: ignore[arg-type]
    assert answer.status == 303, answer.problems
    assert answer.headers["cache-control"] == "no-store"
    return answer.location.removesuffix("/link")


def test_what_was_saved_is_gone_on_with_elsewhere_and_handed_in(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(ONE_PAGE)
    draft = save(visitor, words="many", files=ESSAY)  # which is wrong, and saved all the same
    assert draft.startswith("/c/")
    told = visitor.open(f"{draft}/link")
    assert "Your answers are saved" in told.text
    assert draft in told.text
    assert visitor.open(f"{draft}/qr.svg").status == 200
    elsewhere = Visitor(in_process(app))
    page = elsewhere.open(draft)
    assert page.input("words") == "many"
    assert "essay.pdf" in page.text
    assert (page.headers["cache-control"], page.headers["x-robots-tag"]) == ("no-store", "noindex")
    refused = elsewhere.hand_in(page, draft, {"words": "lots"})
    assert refused.status == 422
    assert elsewhere.open(draft).input("words") == "lots"
    assert save(elsewhere, draft, "7") == draft
    assert count(app, FillingDraft) == 1
    last = elsewhere.open(draft)
    receipt = elsewhere.hand_in(last, draft, {})
    assert receipt.location.startswith("/r/")
    assert "essay.pdf" in elsewhere.open(receipt.location).text
    assert elsewhere.hand_in(last, draft, {}).status == 200  # pressed twice
    assert "already handed this in" in visitor.open(draft).text
    assert (count(app, Submission), count(app, StoredFile), count(app, FillingDraft)) == (1, 1, 0)


def test_files_wait_as_long_as_what_was_saved(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(ONE_PAGE)
    draft = save(visitor, files=ESSAY)
    with app.app_context():
        with snapshot() as session:
            kept = session.scalars(select(Upload.expires_at)).one()
            assert kept == session.scalars(select(FillingDraft.expires_at)).one()
        assert kept > now() + drafts.KEPT_FOR - timedelta(minutes=1)
    page = visitor.open(draft)
    button = re.search(r'name="remove-upload" value="([^"]+)"', page.text)
    assert button is not None
    removed = visitor.hand_in(page, draft, {"remove-upload": button[1], "words": "8"})
    assert "Removed:" in removed.text
    again = visitor.open(draft)
    assert ("essay.pdf" in again.text, again.input("words")) == (False, "8")
    with app.app_context():
        with unit_of_work() as session:
            session.execute(update(FillingDraft).values(expires_at=now() - timedelta(1)))
        assert visitor.open(draft).status == 404
        preparation.sweep()
    assert count(app, FillingDraft) == 0


def test_a_file_that_cannot_be_kept_is_told_and_all_else_is_saved(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(ONE_PAGE.replace("max_files = 3", 'max_files = 3\naccept = [".pdf"]'))
    files = [*ESSAY, ("essay", "song.mp3", b"ID3")]
    given = {"words": "5", **SAVING}
    told = visitor.hand_in(visitor.open(PATH), PATH, given, files)
    assert told.status == 422
    assert told.problems[0] == "Your answers are saved, but not all of the files"
    assert "song.mp3" in told.problems[1]
    action = re.search(r'<form id="filling"[^>]* action="(/c/[^"]+)"', told.text)
    assert action is not None
    assert "essay.pdf" in visitor.open(action[1]).text
    assert visitor.hand_in(told, action[1], SAVING).location == f"{action[1]}/link"
    assert visitor.hand_in(told, action[1], {}).location.startswith("/r/")
    assert (count(app, Submission), count(app, StoredFile)) == (1, 1)


def test_it_is_offered_where_the_form_allows_it(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    form = import_form(ONE_PAGE)
    assert 'name="save-later"' in visitor.open(PATH).text
    draft, open_since_before = save(visitor), visitor.open(PATH)
    change_form(app, form, save_later=False)
    page = visitor.open(PATH)
    assert 'name="save-later"' not in page.text
    saved = visitor.hand_in(open_since_before, PATH, {"words": "5", **SAVING})
    assert saved.location.startswith("/c/"), "whoever saves does not want to hand in"
    assert count(app, Submission) == 0
    assert visitor.open(draft).input("words") == "5"  # what was saved is not lost
    _, terms = read_form(ONE_PAGE)
    assert terms.save_later is True
    form.save_later = True
    assert read_form(write_form(form))[1].save_later is True


def test_pages_of_other_drafts_are_not_taken(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(ONE_PAGE)
    one, other = save(visitor), save(visitor, words="6")
    refused = visitor.hand_in(visitor.open(one), other, {})
    assert refused.status == 422
    assert "could not be recognised" in refused.problems[0]
    assert refused.input("words") == "5"
    for path in ("/c/x", "/c/" + "A" * 22):
        assert visitor.open(path).status == 404
        assert visitor.hand_in(visitor.open(one), path, SAVING).status == 404
    foreign = visitor.hand_in(visitor.open(one), one, SAVING, Origin="https://evil.example")
    assert foreign.status == 403
    assert count(app, Submission) == 0
    # checked, as it had asked for
    assert visitor.hand_in(refused, other, {}).location.startswith("/r/")
    assert count(app, Submission) == 1


def test_two_windows_hand_in_once(app: Flask, visitor: Visitor, import_form: ImportForm) -> None:
    import_form(ONE_PAGE)
    draft = save(visitor)
    first, second = visitor.open(draft), visitor.open(draft)
    receipt = visitor.hand_in(first, draft, {"words": "6"})
    assert receipt.status == 303
    told = visitor.hand_in(second, draft, {"words": "7"})
    assert "already handed this in" in told.text
    assert count(app, Submission) == 1


class Anna:
    """An invited person whose form has one page."""

    def __init__(self, app: Flask, import_form: ImportForm) -> None:
        self.form = import_form(ONE_PAGE.replace("save_later", 'access = "personal"\nsave_later'))
        self.link = invite(app, self.form, "Anna Schmidt")["Anna Schmidt"]
        self.draft = self.link.replace("/p/", "/c/")


def test_a_person_goes_on_by_their_own_link(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    anna = Anna(app, import_form)
    other = visitor.open(anna.link)  # another window, from before
    assert save(visitor, anna.link, files=ESSAY) == anna.draft
    assert anna.link in visitor.open(f"{anna.draft}/link").text
    assert visitor.open(anna.link).location == anna.draft
    more = [("essay", "notes.pdf", b"%PDF-1.7 notes")]
    visitor.hand_in(other, anna.link, {"words": "9", **SAVING}, more)
    page = visitor.open(anna.draft)
    assert page.input("words") == "9"
    assert "For Anna Schmidt" in page.text
    assert "essay.pdf" in page.text
    assert "notes.pdf" in page.text
    assert count(app, FillingDraft) == 1
    assert visitor.hand_in(page, anna.draft, {}).status == 303
    assert visitor.open(anna.draft).location == anna.link
    assert visitor.hand_in(other, anna.link, {"words": "1", **SAVING}).status == 303
    assert "This was handed in" in visitor.open(anna.link).text
    assert (count(app, Submission), count(app, StoredFile)) == (1, 2)


def test_saving_and_handing_in_at_once_do_not_stand_in_each_others_way(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    anna = Anna(app, import_form)
    fresh = visitor.open(anna.link)
    save(visitor, anna.link, files=ESSAY)
    page = visitor.open(anna.draft)

    def act(number: int) -> int:
        someone = Visitor(in_process(app))
        path, shown = (anna.draft, page) if number % 2 else (anna.link, fresh)
        more = SAVING if number % 3 else {}
        return someone.hand_in(shown, path, {"words": str(number), **more}, ESSAY).status

    with ThreadPoolExecutor(12) as pool:
        answers = set(pool.map(act, range(12)))
    assert answers <= {200, 303, 422}, "PostgreSQL ends what waits in a circle"
    assert count(app, Submission) == 1


def test_a_closed_link_keeps_what_is_typed_and_takes_no_file(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    anna = Anna(app, import_form)
    save(visitor, anna.link)
    page, first = visitor.open(anna.draft), visitor.open(anna.draft)
    change_person(app, "Anna Schmidt", is_closed=True)
    for given in ({"words": "6"}, {"words": "7", **SAVING}):
        refused: Page = visitor.hand_in(page, anna.draft, given, ESSAY)
        assert refused.location == anna.draft
        assert "This personal link is closed" in visitor.open(anna.draft).text
    change_person(app, "Anna Schmidt", is_closed=False)
    assert visitor.open(anna.draft).input("words") == "7"
    assert (count(app, Submission), count(app, Upload)) == (0, 0)
    assert visitor.hand_in(first, anna.draft, {"words": "8"}).location.startswith("/r/")


def test_with_a_passcode_it_is_remembered(visitor: Visitor, import_form: ImportForm) -> None:
    import_form(
        ONE_PAGE.replace("save_later", 'access = "passcode"\npasscode = "Sesame!"\nsave_later')
    )
    entered = visitor.post_form(PATH, {"enter-passcode": "sesame!"}).location
    page = visitor.open(entered)
    draft = visitor.hand_in(page, PATH, {"words": "5", **SAVING}).location.removesuffix("/link")
    assert visitor.open(draft).input("words") == "5"
    assert visitor.hand_in(visitor.open(draft), draft, {}).location.startswith("/r/")


def test_one_address_cannot_begin_any_number(
    app: Flask, import_form: ImportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_NEW", 2)
    import_form(ONE_PAGE)
    stranger = Visitor(in_process(app, REMOTE_ADDR="203.0.113.5"))
    page = stranger.open(PATH)
    answers = [stranger.hand_in(page, PATH, {"words": "5", **SAVING}).status for _ in range(3)]
    assert answers == [303, 303, 429]
    assert count(app, FillingDraft) == 2
