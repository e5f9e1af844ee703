"""Saving, publishing and finding forms, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.config import load
from webapp.database import now, snapshot, unit_of_work
from webapp.events.tables import Event
from webapp.forms import rules
from webapp.forms.availability import Availability, availability
from webapp.forms.tables import Form, FormVersion
from webapp.forms.toml_file import read_form, write_form

from ..conftest import ImportForm, import_text, running_app
from ..forms_in_toml import EVERY_KIND, HOMEWORK

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def versions(app: Flask) -> list[tuple[int, str]]:
    """The numbers and titles of all published versions."""
    with app.app_context(), snapshot() as session:
        rows = session.scalars(select(FormVersion).order_by(FormVersion.number))
        return [(row.number, row.definition["title"]) for row in rows]


def test_a_draft_has_no_version_until_it_is_opened(app: Flask, import_form: ImportForm) -> None:
    draft = HOMEWORK.replace('"open"', '"draft"')
    assert import_form(draft).version == 0
    assert import_form(draft.replace("Homework 3", "Homework 4")).version == 0
    assert versions(app) == []
    assert import_form(HOMEWORK).version == 1
    # taken back, it keeps its version, and the next is another
    assert import_form(draft).version == 1
    assert import_form(HOMEWORK.replace("Homework 3", "Homework 5")).version == 2
    assert versions(app) == [(1, "Homework 3"), (2, "Homework 5")]


def test_publishing_freezes_a_version_only_if_something_changed(
    app: Flask, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    same = [
        HOMEWORK,
        HOMEWORK.replace("\n", "\r\n"),
        HOMEWORK.replace('"1 MB"', '"1024 KB"'),
        HOMEWORK.replace('"open"', '"closed"'),
        HOMEWORK.replace("Asia/Shanghai", "Europe/Berlin"),
        HOMEWORK.replace('state = "open"', 'state = "open"\nmax_submissions = 3'),
    ]
    for text in same:
        assert import_form(text).version == 1
    other = [
        HOMEWORK.replace("Homework 3", "Homework 4"),
        HOMEWORK.replace("**and**", "and"),
        HOMEWORK.replace('"Your name"', '"Name"'),
        HOMEWORK.replace("max_files = 3", "max_files = 4"),
    ]
    for number, text in enumerate(other, start=2):
        assert import_form(text).version == number
    assert [number for number, _ in versions(app)] == [1, 2, 3, 4, 5]
    with app.app_context(), snapshot() as session:
        told = select(Event.details).where(Event.kind == "form.published").order_by(Event.id)
        assert [row["version"] for row in session.scalars(told)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", [HOMEWORK, EVERY_KIND], ids=["homework", "every kind"])
def test_an_exported_form_publishes_nothing_new(
    app: Flask, import_form: ImportForm, text: str
) -> None:
    times = "opens_at = 2026-11-01T00:00:00.25\ncloses_at = 2026-12-24T18:00:00-05:00"
    form = import_form(text.replace('state = "open"', f'state = "open"\n{times}'))
    exported = write_form(form)
    again = import_form(exported)
    assert again.id == form.id
    assert again.version == 1
    assert (again.opens_at, again.closes_at) == (form.opens_at, form.closes_at)
    assert again.time_zone == form.time_zone
    assert write_form(again) == exported


def test_a_form_moves_to_another_server_with_its_ids(
    tmp_path: Path, import_form: ImportForm
) -> None:
    form = import_form(EVERY_KIND)
    for other in running_app(load({"data": str(tmp_path / "other")}, {})):
        moved = import_text(other, write_form(form))
    assert moved.draft == form.draft
    assert moved.public_id != form.public_id


def test_the_slug_tells_which_form_it_is(app: Flask, import_form: ImportForm) -> None:
    first = import_form(HOMEWORK)
    second = import_form(HOMEWORK.replace('"homework-3"', '"homework-4"'))
    assert second.id != first.id
    assert second.public_id != first.public_id
    with app.app_context(), snapshot() as session:
        assert [form.slug for form in rules.all_forms(session)] == ["homework-3", "homework-4"]


def test_what_is_no_slug_finds_nothing(app: Flask, import_form: ImportForm) -> None:
    import_form(HOMEWORK)
    with app.app_context(), snapshot() as session:
        for slug in ("", "HOMEWORK-3", "homework-3\x00", "\x00", "a" * 9999, "\ud800", "ä"):
            assert rules.find_form(session, slug) is None
            assert rules.find_published(session, slug) is None


def test_folders_differ_on_every_file_system(import_form: ImportForm) -> None:
    titles = [
        "Straße", "STRASSE", "Strasse ", "Café", "Cafe\u0301", "CAFÉ", "CON", "_con", "...", "form",
        "a/b", "a:b", "x" * 41, "X" * 60, "Straße (2)",
    ]  # fmt: skip
    folders = []
    for number, title in enumerate(titles):
        text = HOMEWORK.replace('"homework-3"', f'"form-{number}"').replace("Homework 3", title)
        folders.append(import_form(text).folder)
    assert folders[:3] == ["Straße", "STRASSE (2)", "Strasse (3)"]
    assert folders[3:6] == ["Café", "Café (2)", "CAFÉ (3)"]
    folded = [folder.casefold() for folder in folders]
    assert len(set(folded)) == len(titles)
    assert all(len(folder) <= 40 for folder in folders)


def test_a_folder_stays_when_the_title_changes(import_form: ImportForm) -> None:
    first = import_form(HOMEWORK)
    assert import_form(HOMEWORK.replace("Homework 3", "Other")).folder == first.folder


def in_state(state: str = "open", **terms: object) -> Form:
    fields = {"version": 1, "submission_count": 0, "opens_at": None, "closes_at": None}
    return Form(state=state, **{**fields, "max_submissions": None, **terms})


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (in_state(), Availability.OPEN),
        (in_state("draft"), Availability.UNPUBLISHED),
        (in_state(version=0), Availability.UNPUBLISHED),
        (in_state("closed"), Availability.CLOSED),
        (in_state(opens_at=NOON + SECOND), Availability.NOT_YET),
        (in_state(opens_at=NOON), Availability.OPEN),
        (in_state(closes_at=NOON + SECOND), Availability.OPEN),
        (in_state(closes_at=NOON), Availability.CLOSED),
        (in_state(opens_at=NOON + SECOND, closes_at=NOON), Availability.CLOSED),
        (in_state("closed", opens_at=NOON + SECOND), Availability.CLOSED),
        (in_state(max_submissions=2, submission_count=1), Availability.OPEN),
        (in_state(max_submissions=2, submission_count=2), Availability.FULL),
        (in_state(max_submissions=2, submission_count=2, closes_at=NOON), Availability.CLOSED),
    ],
)
def test_a_form_is_open_from_its_first_moment_to_just_before_its_last(
    form: Form, expected: Availability
) -> None:
    assert availability(form, NOON) is expected


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2026-12-01T23:59:00", "Asia/Shanghai", "2026-12-01T15:59:00"),
        ("2026-12-01T23:59:00+01:00", "Asia/Shanghai", "2026-12-01T22:59:00"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00"),  # skipped: does not exist
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00"),  # twice: the first
        ("2011-12-30T12:00:00", "Pacific/Apia", "2011-12-30T22:00:00"),  # a day that never was
        ("9998-12-31T23:59:59.999999", "America/New_York", "9999-01-01T04:59:59.999999"),
        ("2000-01-01T00:00:00", "Pacific/Kiritimati", "1999-12-31T10:00:00"),
    ],
)
def test_a_time_without_an_offset_is_in_the_forms_zone(
    app: Flask, import_form: ImportForm, local: str, zone: str, utc: str
) -> None:
    text = HOMEWORK.replace("Asia/Shanghai", zone)
    form = import_form(text.replace('state = "open"', f'state = "open"\ncloses_at = {local}'))
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    with app.app_context(), snapshot() as session:
        assert session.scalars(select(Form.closes_at)).one() == expected
    terms = read_form(write_form(form))[1]
    assert terms.closes_at is not None
    assert terms.closes_at.astimezone(UTC) == expected


def test_only_forms_that_are_open_now_are_listed_newest_first(
    app: Flask, import_form: ImportForm
) -> None:
    changes = {
        "one": "", "two": "", "draft": 'state = "draft"', "closed": 'state = "closed"',
        "over": "closes_at = 2020-01-01T00:00:00Z", "later": "opens_at = 2999-01-01T00:00:00Z",
    }  # fmt: skip
    for slug, change in changes.items():
        text = HOMEWORK.replace('"homework-3"', f'"{slug}"')
        state = "" if "state" in change else 'state = "open"'
        import_form(text.replace('state = "open"', f"{state}\n{change}"))
    with app.app_context(), snapshot() as session:
        assert [form.slug for form, _ in rules.open_forms(session, now())] == ["two", "one"]


def test_a_form_that_cannot_be_saved_leaves_nothing(app: Flask) -> None:
    def save_and_fail() -> None:
        with unit_of_work() as session:
            rules.save(session, *read_form(HOMEWORK), now())
            raise RuntimeError("afterwards")

    with app.app_context():
        with pytest.raises(RuntimeError, match="afterwards"):
            save_and_fail()
        with snapshot() as session:
            for table in (Form, FormVersion, Event):
                assert session.scalar(select(func.count()).select_from(table)) == 0


def test_imports_at_the_same_moment_each_make_or_change_their_form(app: Flask) -> None:
    """Four of one slug, and four of one title: all succeed, and no revision is there twice."""

    def save(number: int) -> int:
        text = HOMEWORK.replace("Homework 3", f"Title {number % 2}")
        if number >= 4:
            text = text.replace('slug = "homework-3"', f'slug = "other-{number}"')
        definition, terms = read_form(text)
        with app.app_context(), unit_of_work() as session:
            return rules.save(session, definition, terms, now()).revision

    with ThreadPoolExecutor(8) as threads:
        revisions = list(threads.map(save, range(8)))
    assert len(set(revisions[:4])) == 4
    with app.app_context(), snapshot() as session:
        assert len(rules.all_forms(session)) == 5
