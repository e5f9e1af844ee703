"""A form's settings at the desk: its link, its times, a copy, and its end."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from webapp.config import Settings
from webapp.database import now, snapshot
from webapp.forms import rules
from webapp.forms.tables import Form

from ..conftest import ImportForm
from ..desk import Desk, form_on
from ..forms_in_toml import EVERY_KIND, HOMEWORK
from ..visitor import Visitor

TOP = "/desk/forms/homework-3"
SETTINGS = f"{TOP}/settings"
PDF = ("essay", "a.pdf", b"%PDF-1 content")


def stored(app: Flask, slug: str = "homework-3") -> Form | None:
    with app.app_context(), snapshot() as session:
        form = rules.find_form(session, slug)
        if form is not None:
            assert form.draft  # read while there is a session
        return form


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(HOMEWORK)


def hand_in(visitor: Visitor, path: str = "/f/homework-3") -> str:
    taken = visitor.hand_in(visitor.open(path), path, {"name": "Ann"}, [PDF])
    assert taken.status == 303
    return taken.location


def test_no_two_ways_from_a_page_have_one_name(desk: Desk, form: Form) -> None:
    for page in map(desk.open, (SETTINGS, f"{TOP}/edit", f"{TOP}/people", TOP)):
        navs = re.findall(r"<nav.*?</nav>", page.text, re.DOTALL)
        named = [html.strip() for nav in navs for html in re.findall(r"<a.*?>(.*?)</a>", nav)]
        assert "Settings" in named
        assert len(set(named)) == len(named), named


def test_terms_are_set_in_the_forms_zone(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    values = {
        "opens_at": "2026-03-01T08:00", "closes_at": "1.4.2099 12:00", "max_submissions": "10",
        "time_zone": "Europe/Berlin",
    }  # fmt: skip
    assert desk.submit(desk.open(SETTINGS), SETTINGS, values).status == 303
    found = stored(app)
    assert found is not None
    assert found.opens_at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert found.closes_at == datetime(2099, 4, 1, 10, tzinfo=UTC)
    assert (found.max_submissions, found.time_zone) == (10, "Europe/Berlin")
    shown = dict(form_on(desk.open(SETTINGS), SETTINGS).inputs)
    assert (shown["opens_at"], shown["closes_at"]) == ("2026-03-01T08:00", "2099-04-01T12:00")
    assert "Open until 1 April 2099, 12:00 (Europe/Berlin)" in visitor.open("/f/homework-3").text
    emptied = dict.fromkeys(("opens_at", "closes_at", "max_submissions"), "")
    assert desk.submit(desk.open(SETTINGS), SETTINGS, emptied).status == 303
    found = stored(app)
    assert found is not None
    assert (found.opens_at, found.closes_at, found.max_submissions) == (None, None, None)


def test_mistakes_are_told_and_kept(app: Flask, desk: Desk, form: Form) -> None:
    values = {
        "opens_at": "soon", "closes_at": "2026-03-29 02:30", "max_submissions": "many",
        "slug": "Ho mework", "time_zone": "Europe/Berlin",
    }  # fmt: skip
    page = desk.submit(desk.open(SETTINGS), SETTINGS, values)
    assert page.status == 422
    assert len(page.problems) == 4
    assert "the clocks in Europe/Berlin skip it" in page.text
    kept = dict(form_on(page, SETTINGS).inputs)
    assert {name: kept[name] for name in values} == values
    assert 'type="text" id="f-opens_at"' in page.text
    found = stored(app)
    assert found is not None
    assert found.time_zone == "Asia/Shanghai"


def test_two_windows_lose_nothing_of_each_other(app: Flask, desk: Desk, form: Form) -> None:
    first, second = desk.open(SETTINGS), desk.open(SETTINGS)
    assert desk.submit(first, SETTINGS, {"max_submissions": "5"}).status == 303
    page = desk.submit(second, SETTINGS, {"closes_at": "2099-01-01 12:00"})
    assert (page.status, "In the other window:" in page.text) == (409, True)
    assert desk.submit(page, SETTINGS, {"max_submissions": "5"}).status == 303
    found = stored(app)
    assert found is not None
    assert found.max_submissions == 5
    assert found.closes_at is not None


def test_a_new_link_is_asked_about_once_there_are_submissions(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    moved = desk.submit(desk.open(SETTINGS), SETTINGS, {"slug": "essay"})
    assert moved.location == "/desk/forms/essay/settings"
    receipt = hand_in(visitor, "/f/essay")
    path = moved.location
    asked = desk.submit(desk.open(path), path, {"slug": "essay-2"})
    assert asked.status == 422
    assert asked.problems == [
        "The old link will stop working: please confirm that you want a new one"
    ]
    assert visitor.open("/f/essay").status == 200
    assert desk.submit(asked, path, {"new_slug": "yes"}).status == 303
    assert [visitor.open(f"/f/{slug}").status for slug in ("essay", "essay-2")] == [404, 200]
    assert visitor.open(receipt).status == 200


@pytest.mark.parametrize("slug", ["other", "new", "", "a b", "a\x00"])
def test_a_slug_that_cannot_be_is_told(
    app: Flask, desk: Desk, form: Form, import_form: ImportForm, slug: str
) -> None:
    import_form(HOMEWORK.replace('"homework-3"', '"other"'))
    page = desk.submit(desk.open(SETTINGS), SETTINGS, {"slug": slug})
    assert page.status == 422
    assert page.problems[0].startswith("Last part of the link must ")
    assert stored(app) is not None


def test_the_question_that_names_the_folders_is_chosen(
    app: Flask, settings: Settings, desk: Desk, visitor: Visitor, form: Form
) -> None:
    def folder() -> str:
        hand_in(visitor)
        return max(
            (settings.data / "files" / "Homework 3").iterdir(), key=lambda p: p.stat().st_mtime_ns
        ).name

    assert folder().endswith(" Ann")
    desk.submit(desk.open(SETTINGS), SETTINGS, {"folder_label": ""})
    desk.submit(desk.open(SETTINGS), f"{TOP}/publish")
    assert not folder().endswith("Ann")
    wrong = desk.submit(desk.open(SETTINGS), SETTINGS, {"folder_label": "essay"})
    assert wrong.status == 422
    assert wrong.problems[0].startswith("Question that names the folders must be")


def test_a_copy_is_a_draft_of_its_own(app: Flask, desk: Desk, import_form: ImportForm) -> None:
    original = import_form(EVERY_KIND)
    path = "/desk/forms/job-application/duplicate"
    made = desk.submit(desk.open("/desk/forms/job-application/settings"), path)
    assert made.location == "/desk/forms/copy-of-job-application/edit"
    copy = stored(app, "copy-of-job-application")
    assert copy is not None
    assert (copy.state, copy.draft["title"]) == ("draft", "Copy of Job application")
    assert not {f["id"] for f in copy.draft["fields"]} & {f["id"] for f in original.draft["fields"]}
    assert [f["key"] for f in copy.draft["fields"]] == [f["key"] for f in original.draft["fields"]]
    again = desk.submit(desk.open("/desk/forms/job-application/settings"), path)
    assert again.location == "/desk/forms/copy-of-job-application-2/edit"


def test_a_form_without_submissions_goes_after_one_question(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    path = f"{TOP}/delete"
    page = desk.open(path)
    assert "Nothing has come in." in page.text
    assert desk.submit(page, path).status == 303
    assert stored(app) is None
    assert visitor.open("/f/homework-3").status == 404
    assert desk.open(f"{TOP}/edit").status == 404


def files_of(settings: Settings) -> list[Path]:
    return [path for path in (settings.data / "files").rglob("*") if path.is_file()]


def test_a_form_with_submissions_goes_when_it_is_named(
    app: Flask, settings: Settings, desk: Desk, visitor: Visitor, form: Form
) -> None:
    receipt = hand_in(visitor)
    path = f"{TOP}/delete"
    page = desk.open(path)
    assert "1 submission goes with it." in page.text
    assert "1 file is removed from the disk." in page.text
    for name in ("", "Homework", "Homework 3\x00"):
        refused = desk.submit(page, path, {"name": name})
        assert (refused.status, refused.problems) == (
            422,
            ["Please type the title of the form, to confirm"],
        )
    assert stored(app) is not None
    assert len(files_of(settings)) == 1
    assert desk.submit(page, path, {"name": " homework  3 "}).status == 303
    assert visitor.open("/f/homework-3").status == 404
    with app.app_context():
        _do_all_jobs(app)
    assert files_of(settings) == []
    assert visitor.open(receipt).status == 404
    made = desk.submit(desk.open("/desk/forms/new"), "/desk/forms/new/import", {"text": HOMEWORK})
    assert made.status == 303


def _do_all_jobs(app: Flask) -> None:
    deadline = now() + timedelta(seconds=60)
    while app.extensions["intray.jobs"].run_due() and now() < deadline:
        pass


def test_what_has_come_in_meanwhile_is_not_deleted_unseen(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    path = f"{TOP}/delete"
    page = desk.open(path)
    hand_in(visitor)
    answer = desk.submit(page, path)
    assert answer.status == 422
    assert answer.problems == ["Its submissions have changed in number: please look again"]
    assert "1 submission goes with it." in answer.text
    assert stored(app) is not None


def test_who_may_fill_in_is_set_with_a_passcode_that_is_needed(
    desk: Desk, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    path = "/desk/forms/homework-3/settings"
    wrong = desk.submit(desk.open(path), path, {"access": "passcode"})
    assert wrong.status == 422
    assert wrong.problems == ["Passcode must not be empty"]
    right = {"access": "passcode", "passcode": "Open Sesame", "late_days": "3"}
    assert desk.submit(wrong, path, right).status == 303
    shown = desk.open(path).text
    assert 'value="Open Sesame"' in shown
    assert "csrf_token" not in visitor.open("/f/homework-3").text
    assert "Open Sesame" in desk.open("/desk/forms/homework-3/share").text
    assert desk.submit(desk.open(path), path, {"access": "link"}).status == 303
    assert "csrf_token" in visitor.open("/f/homework-3").text


def test_people_may_go_on_later_where_the_settings_say_so(
    desk: Desk, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    path = "/desk/forms/homework-3/settings"
    for value, offers in (("yes", True), ("no", False)):
        assert desk.submit(desk.open(path), path, {"save_later": value}).status == 303
        assert ('name="save-later"' in visitor.open("/f/homework-3").text) is offers
        assert f'<option value="{value}" selected' in desk.open(path).text
