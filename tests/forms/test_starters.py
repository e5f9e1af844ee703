"""Forms to start from: each can be filled in as it is, in each language, and gets a slug of its own."""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from webapp import i18n
from webapp.database import now, snapshot, unit_of_work
from webapp.forms import rules, slugs, starters
from webapp.forms.definition import Definition
from webapp.forms.rulebook import DefinitionError
from webapp.forms.tables import Form

from ..conftest import ImportForm
from ..forms_in_toml import HOMEWORK
from ..visitor import Visitor

NAMES = ["homework", "absence", "event", "application", "documents", "feedback", "incident"]
# What fits each kind, in every starter.
FITTING = {
    "short_text": "安 Ann",
    "long_text": "一\nTwo",
    "email": "ann@example.org",
    "phone": "030 1234567",
    "number": "2",
    "date": "2026-12-01",
    "time": "9:30",
    "rating": "4",
    "consent": "yes",
    "signature": "安 Ann",
}


def made(app: Flask, name: str, language: str) -> Form:
    with app.app_context(), i18n.speaking(language), unit_of_work() as session:
        return starters.make(session, name, "Asia/Shanghai", now())


def asked(app: Flask, slug: str) -> Definition:
    with app.app_context(), snapshot() as session:
        found = rules.find_published(session, slug)
        assert found is not None
        return rules.definition_of(found[1])


def test_these_are_offered_and_told_in_each_language() -> None:
    offered = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            offered[language] = starters.starters()
    assert [s.name for s in offered["en"]] == [*NAMES, "blank"]
    for own, other in zip(offered["en"], offered["zh"], strict=True):
        assert own.name == other.name
        assert own.title != other.title
        assert own.description
        assert other.description


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_starter_is_open_at_once_and_can_be_filled_in(
    app: Flask, visitor: Visitor, name: str, language: str
) -> None:
    form = made(app, name, language)
    assert (form.slug, form.state, form.version, form.time_zone) == (
        name,
        "open",
        1,
        "Asia/Shanghai",
    )
    answers: dict[str, str | list[str]] = {}
    files = []
    for field in asked(app, name).fields:
        if field.takes_files:
            files.append(
                (field.key, f"文件 a{(getattr(field, 'accept', ()) or ['.pdf'])[0]}", b"%PDF-1")
            )
        else:
            table = field.write()
            answers[field.key] = (
                table["choices"][0]["key"] if "choices" in table else FITTING[field.kind]
            )
    page = visitor.open(f"/f/{name}")
    taken = visitor.hand_in(page, f"/f/{name}", answers, files)
    assert taken.status == 303, taken.problems


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_of_a_starter_ask_the_same(name: str) -> None:
    tables = [tomllib.loads(path.read_text("utf-8")) for path in starters.FOLDER.glob(f"{name}.*")]
    assert len(tables) == len(i18n.LANGUAGES)
    assert len({table["title"] for table in tables}) == len(tables)

    def rules_of(table: dict[str, object]) -> list[dict[str, object]]:
        fields: list[dict[str, object]] = table["fields"]  # type: ignore[assignment]
        spoken = ("label", "help", "choices", "low_label", "high_label")
        return [{k: v for k, v in field.items() if k not in spoken} for field in fields]

    assert rules_of(tables[0]) == rules_of(tables[1])


def test_the_blank_one_is_a_draft_that_asks_nothing(app: Flask) -> None:
    form = made(app, "blank", "zh")
    assert (form.state, form.version, form.draft.get("fields", [])) == ("draft", 0, [])
    assert form.slug == "form"


def test_each_form_gets_a_slug_of_its_own(app: Flask) -> None:
    assert [made(app, "event", "en").slug for _ in range(3)] == ["event", "event-2", "event-3"]


def test_an_unknown_starter_makes_nothing(app: Flask) -> None:
    with pytest.raises(KeyError):
        made(app, "../../intray", "en")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Homework 3", "homework-3"),
        ("  Élan & Straße!  ", "elan-strasse"),
        ("Parents' evening", "parents-evening"),
        ("作业提交", "form"),
        ("作业 3", "form"),
        ("2026", "form"),
        ("报名 Summer Camp", "summer-camp"),
        ("New", "new-2"),
        ("x" * 200, "x" * 40),
        ("A very long title that nobody would like to type", "a-very-long-title-that-nobody-would-like"),
        ("---", "form"),
        ("%_%", "form"),
    ],
)  # fmt: skip
def test_a_slug_is_made_of_what_can_be_typed_of_the_title(
    app: Flask, title: str, slug: str
) -> None:
    with app.app_context(), snapshot() as session:
        assert slugs.unused_slug(session, title) == slug
        assert slugs.slug(slug) == slug


def test_a_taken_slug_gets_the_next_number(app: Flask, import_form: ImportForm) -> None:
    for slug in ("form", "form-3", "form-letter", "homework-3"):
        import_form(HOMEWORK.replace('"homework-3"', f'"{slug}"'))
    with app.app_context(), snapshot() as session:
        assert slugs.unused_slug(session, "表") == "form-2"
        assert slugs.unused_slug(session, "Form 3") == "form-3-2"
        assert slugs.unused_slug(session, "Homework 3") == "homework-3-2"
        assert slugs.unused_slug(session, "Homework") == "homework"


def test_a_blank_form_must_have_a_title(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        with pytest.raises(DefinitionError):
            starters.make_blank(session, " ", "UTC", now())
        assert starters.make_blank(session, "Lost & found", "UTC", now()).slug == "lost-found"


def test_forms_that_are_made_at_the_same_moment_get_different_slugs(app: Flask) -> None:
    with ThreadPoolExecutor(4) as pool:
        forms = list(pool.map(lambda _: made(app, "event", "en"), range(4)))
    assert sorted(form.slug for form in forms) == ["event", "event-2", "event-3", "event-4"]
