"""Forms with a passcode: asked for first, carried without a cookie, and not to be guessed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.database import snapshot
from webapp.forms.toml_file import FormFileError, read_form
from webapp.invited import passcodes
from webapp.submissions.tables import Submission
from webapp.uploads.tables import Upload

from ..conftest import ImportForm
from ..uploads.tus_client import TusClient, metadata
from ..visitor import Page, Visitor, in_process
from .inviting import PERSONAL, change_form

FORM = "/f/homework-3"
PASSCODE = PERSONAL.replace('access = "personal"', 'access = "passcode"\npasscode = "Open Sesame"')


def give(visitor: Visitor, word: str) -> Page:
    return visitor.post_form(FORM, {"enter-passcode": word})


def count(app: Flask, table: type) -> int:
    with app.app_context(), snapshot() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("word", ["Open Sesame", " open  sesame ", "ＯＰＥＮsesame"])
def test_whoever_gives_it_fills_in_and_hands_in(
    app: Flask, visitor: Visitor, import_form: ImportForm, word: str
) -> None:
    import_form(PASSCODE)
    asked = visitor.open(FORM)
    assert "csrf_token" not in asked.text
    assert "How many words" not in asked.text
    answer = give(visitor, word)
    assert answer.status == 303
    assert "set-cookie" not in answer.headers
    page = visitor.open(answer.location)
    refused = visitor.hand_in(page, FORM, {"words": "many"})
    assert refused.status == 422
    assert visitor.hand_in(refused, FORM, {"words": "5"}).status == 303
    assert count(app, Submission) == 1


def test_a_wrong_one_opens_nothing(app: Flask, visitor: Visitor, import_form: ImportForm) -> None:
    form = import_form(PASSCODE)
    assert give(visitor, "open barley").status == 422
    assert "csrf_token" not in visitor.open(f"{FORM}?entry=").text
    assert "csrf_token" not in visitor.open(f"{FORM}?entry={'A' * 22}").text
    change_form(app, form, access="link")
    page = visitor.open(FORM)
    change_form(app, form, access="passcode")
    files = [("essay", "a.pdf", b"x" * 100)]
    refused = visitor.hand_in(page, FORM, {"words": "5"}, files)
    assert refused.status == 422
    assert refused.input("words") == "5"
    assert count(app, Submission) == count(app, Upload) == 0
    assert "essay: the file a.pdf was not kept; please choose it again" in " ".join(
        refused.problems
    )
    # the page asks for it, with all that was typed
    assert visitor.hand_in(refused, FORM, {"enter-passcode": "wrong one"}).status == 422
    assert visitor.hand_in(refused, FORM, {"enter-passcode": "open sesame"}).status == 303


def test_another_passcode_ends_what_the_one_before_has_opened(
    visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(PASSCODE)
    page = visitor.open(give(visitor, "open sesame").location)
    import_form(PASSCODE.replace("Open Sesame", "Shut Sesame"))
    assert "passcode" in visitor.hand_in(page, FORM, {"words": "5"}).problems[0]


def test_files_that_were_kept_are_carried_on_where_the_passcode_is_another(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(PASSCODE)
    page = visitor.open(give(visitor, "open sesame").location)
    files = [("essay", "mine.pdf", b"%PDF-1.7 mine")]
    wrong = visitor.hand_in(page, FORM, {"words": "many"}, files)
    kept = wrong.input("essay")
    import_form(PASSCODE.replace("Open Sesame", "Shut Sesame"))
    refused = visitor.hand_in(wrong, FORM, {"words": "5"})
    assert refused.status == 422
    assert refused.input("essay") == kept
    mistyped = visitor.hand_in(refused, FORM, {"enter-passcode": "open sesame"})
    assert mistyped.input("essay") == kept
    answer = visitor.hand_in(mistyped, FORM, {"enter-passcode": "shut sesame"})
    assert answer.status == 303
    assert "mine.pdf" in visitor.open(answer.location).text


def test_guesses_are_counted_by_form_and_address(
    app: Flask, import_form: ImportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passcodes, "MOST_WRONG", 3)
    import_form(PASSCODE)
    stranger = Visitor(in_process(app, REMOTE_ADDR="203.0.113.5"))
    for _ in range(5):
        assert give(stranger, "open sesame").status == 303  # the right one does not count
    assert [give(stranger, "a wrong one").status for _ in range(4)] == [422, 422, 422, 429]
    assert give(stranger, "open sesame").status == 429
    other = Visitor(in_process(app, REMOTE_ADDR="203.0.113.6"))
    assert give(other, "open sesame").status == 303


def test_files_come_ahead_only_with_it(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(PASSCODE)
    page = visitor.open(give(visitor, "open sesame").location)
    client = TusClient(in_process(app))

    def begin(**more: str) -> int:
        about = metadata(form="homework-3", field="essay", filename="a.pdf", **more)
        return client.request(
            "POST", "/uploads", {"Upload-Length": "3", "Upload-Metadata": about}
        ).status

    assert begin() == 403
    assert begin(credential="A" * 22) == 403
    assert begin(credential=page.input("entry-key")) == 201


@pytest.mark.parametrize("line", ["", 'passcode = ""', 'passcode = "12345"'])
def test_a_form_with_a_passcode_has_one_that_is_not_too_short(line: str) -> None:
    with pytest.raises(FormFileError, match="passcode must"):
        read_form(PASSCODE.replace('passcode = "Open Sesame"', line))
