"""Making a form at the desk: from a starter, from nothing, from a file."""

from __future__ import annotations

import pytest
from flask import Flask

from webapp.database import snapshot, unit_of_work
from webapp.forms import rules
from webapp.forms.tables import Form
from webapp.forms.toml_file import read_form
from webapp.settings import rules as settings

from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, HOMEWORK
from ..visitor import Visitor

NEW = "/desk/forms/new"


def stored(app: Flask, slug: str) -> Form | None:
    with app.app_context(), snapshot() as session:
        form = rules.find_form(session, slug)
        if form is not None:
            assert form.draft  # read while there is a session
        return form


@pytest.mark.parametrize("name", ["homework", "feedback"])
def test_a_starter_is_a_form_with_its_link_at_once(desk: Desk, visitor: Visitor, name: str) -> None:
    made = desk.submit(desk.open(NEW), NEW, {"starter": name})
    assert (made.status, made.location) == (303, f"/desk/forms/{name}/share")
    page = desk.open(made.location)
    assert "Your form is ready." in page.text
    assert f"/f/{name}" in page.text
    assert visitor.open(f"/f/{name}").status == 200


def test_a_form_is_in_the_zone_that_was_chosen_at_set_up(app: Flask, desk: Desk) -> None:
    with app.app_context(), unit_of_work() as session:
        settings.put(session, settings.TIME_ZONE, "Pacific/Apia")
    desk.submit(desk.open(NEW), NEW, {"starter": "event"})
    desk.submit(desk.open(NEW), f"{NEW}/blank", {"title": "Mine"})
    for slug in ("event", "mine"):
        form = stored(app, slug)
        assert form is not None
        assert form.time_zone == "Pacific/Apia"


def test_what_is_no_starter_is_told(desk: Desk) -> None:
    page = desk.submit(desk.open(NEW), NEW, {"starter": "x\x00"})
    assert (page.status, page.problems) == (422, ["Please choose a form to start from"])


def test_a_form_from_nothing_is_a_draft_with_that_title(desk: Desk, visitor: Visitor) -> None:
    made = desk.submit(desk.open(NEW), f"{NEW}/blank", {"title": "Lost & found"})
    assert made.status == 303
    assert made.location.startswith("/desk/forms/lost-found/edit")
    page = desk.open("/desk/forms/lost-found/edit")
    assert "Lost &amp; found" in page.text
    assert "Nobody else can see it yet." in page.text
    assert visitor.open("/f/lost-found").status == 404


@pytest.mark.parametrize("title", ["", " ", "x" * 201, "a\x00b"])
def test_a_title_that_is_none_is_told_and_kept(desk: Desk, title: str) -> None:
    page = desk.submit(desk.open(NEW), f"{NEW}/blank", {"title": title})
    assert page.status == 422
    assert len(page.problems) == 1
    assert page.problems[0].startswith("Title must ")


@pytest.mark.parametrize("as_file", [True, False])
def test_a_file_becomes_a_form(app: Flask, desk: Desk, as_file: bool) -> None:
    content = "\ufeff" + EVERY_KIND if as_file else EVERY_KIND
    page = desk.open(NEW)
    values = {} if as_file else {"text": content}
    files = [("file", "form.toml", content.encode())] if as_file else []
    made = desk.submit(page, f"{NEW}/import", values, files)
    assert (made.status, made.location) == (303, "/desk/forms/job-application/edit")
    form = stored(app, "job-application")
    assert form is not None
    assert (form.state, form.version) == ("open", 1)


def test_what_is_exported_can_be_imported_and_changes_nothing(app: Flask, desk: Desk) -> None:
    made = desk.submit(desk.open(NEW), f"{NEW}/import", {"text": EVERY_KIND})
    before = stored(app, "job-application")
    exported = desk.open("/desk/forms/job-application/form.toml")
    assert exported.headers["content-disposition"] == 'attachment; filename="job-application.toml"'
    assert read_form(exported.text)[1].slug == "job-application"
    asked = desk.submit(desk.open(NEW), f"{NEW}/import", {}, [("file", "x.toml", exported.body)])
    assert asked.status == 422
    assert "Replace the form?" in asked.text
    made = desk.submit(asked, f"{NEW}/import", files=[])
    assert made.status == 303
    after = stored(app, "job-application")
    assert before is not None
    assert after is not None
    assert (after.id, after.draft, after.version) == (before.id, before.draft, 1)


def test_an_import_replaces_only_what_was_asked_about(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    changed = HOMEWORK.replace("Homework 3", "Homework 3b")
    asked = desk.submit(desk.open(NEW), f"{NEW}/import", {"text": changed})
    assert (asked.status, "Homework 3b" in asked.text) == (422, True)
    form = stored(app, "homework-3")
    assert form is not None
    assert form.draft["title"] == "Homework 3"
    other = desk.submit(asked, f"{NEW}/import", {"replace": "another"})
    assert other.status == 422
    assert desk.submit(asked, f"{NEW}/import").status == 303
    form = stored(app, "homework-3")
    assert form is not None
    assert form.draft["title"] == "Homework 3b"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ('state = "open"', "published at once"),
        ('state = "closed"', "it is closed"),
        ("", "nobody can fill it in"),
    ],
)
def test_the_question_says_what_becomes_of_the_form(
    desk: Desk, import_form: ImportForm, state: str, told: str
) -> None:
    import_form(HOMEWORK)
    text = HOMEWORK.replace('state = "open"', state)
    asked = desk.submit(desk.open(NEW), f"{NEW}/import", {"text": text})
    assert told in asked.text


def test_an_import_is_not_put_on_top_of_what_was_not_seen(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    changed = HOMEWORK.replace("Homework 3", "Homework 3b")
    asked = desk.submit(desk.open(NEW), f"{NEW}/import", {"text": changed})
    import_form(HOMEWORK.replace("Homework 3", "A colleague's"))
    again = desk.submit(asked, f"{NEW}/import")
    assert (again.status, "Replace the form?" in again.text) == (422, True)
    form = stored(app, "homework-3")
    assert form is not None
    assert form.draft["title"] == "A colleague's"
    assert desk.submit(again, f"{NEW}/import").status == 303


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Choose a file, or paste its text"),
        ("format = 1\ntitle = ", "This is no valid TOML: "),
        (HOMEWORK.replace("max_files = 3", "max_files = 0"), "line 22: field 2, max_files must be a whole"),
        (HOMEWORK.replace("homework-3", "new"), "line 4: slug must not be 'new', which is reserved."),
        ('format = 1\ntitle = "a\\u0000b"\nslug = "a"', "line 2: title must not have control characters."),
        ("x\x00", "This is no valid TOML: "),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told_with_its_line(desk: Desk, text: str, problem: str) -> None:
    page = desk.submit(desk.open(NEW), f"{NEW}/import", {"text": text})
    assert page.status == 422
    assert len(page.problems) == 1
    assert page.problems[0].startswith(problem)


def test_a_file_that_is_no_text_is_told(desk: Desk) -> None:
    files = [("file", "x.toml", b"\xff\xfe\x00")]
    page = desk.submit(desk.open(NEW), f"{NEW}/import", {}, files)
    assert (page.status, page.problems) == (422, ["The file is not a text in UTF-8"])


def test_more_than_the_server_takes_is_told(desk: Desk) -> None:
    page = desk.submit(desk.open(NEW), f"{NEW}/import", {"text": "#" * 1_200_000}, [])
    assert page.status == 413


def test_reviewers_make_no_forms(sign_in: SignInAs) -> None:
    reviewer = sign_in("reviewer")
    assert reviewer.open(NEW).status == 403
    assert sign_in("editor").open(NEW).status == 200
