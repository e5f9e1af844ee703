"""Giving a form in several languages at the desk."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import undefer

from webapp.database import snapshot
from webapp.forms.definition import Definition, read_definition
from webapp.forms.kinds.choices import Choice
from webapp.forms.tables import Form
from webapp.forms.toml_file import read_form

from ..conftest import ImportForm
from ..desk import Desk, forms_of
from ..forms_in_languages import TRIP_IN_LANGUAGES
from ..visitor import Page, Visitor, in_process

TOP = "/desk/forms/school-trip"
LANGUAGES = f"{TOP}/languages"
CHINESE = f"{LANGUAGES}/zh"
PLAIN = re.sub(
    r"(?m)^(languages? = .*|translations = .*|\[translations.*(\n.+)+)$", "", TRIP_IN_LANGUAGES
)
PLAIN = re.sub(r", translations = { zh = { label = \"[^\"]+\" } }", "", PLAIN)


def draft_of(app: Flask, slug: str = "school-trip") -> Definition:
    with app.app_context(), snapshot() as session:
        query = select(Form).where(Form.slug == slug).options(undefer(Form.draft))
        return read_definition(session.scalars(query).one().draft)


def inputs_of(page: Page, action: str = CHINESE) -> dict[str, str]:
    return dict(next(form for form in forms_of(page) if form.action == action).inputs)


def name_of(page: Page, original: str) -> str:
    """The name of the input beside that text."""
    found = re.search(
        rf'for="f-([^"]+)">(?:(?!<label).)*original-text">{re.escape(original)}<', page.text, re.S
    )
    assert found is not None, original
    return found[1]


def test_a_form_is_given_in_a_second_language_and_read_in_it(
    app: Flask, desk: Desk, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(PLAIN)
    page = desk.open(LANGUAGES)
    assert inputs_of(page, LANGUAGES)["language"] == "en"
    answer = desk.submit(page, LANGUAGES, {"add": "zh"})
    assert (answer.status, answer.location) == (303, CHINESE)
    page = desk.open(CHINESE)
    assert "17 of 17 texts are not translated." in page.text
    swimming = name_of(page, "Swimming")
    typed = {"title": "学校旅行", name_of(page, "Class B"): "乙班", swimming: "  游泳 "}
    assert desk.submit(page, CHINESE, typed).location == CHINESE
    page = desk.open(CHINESE)
    assert "14 of 17 texts are not translated." in page.text
    assert inputs_of(page)[swimming] == "游泳"
    assert "学校旅行" not in visitor.open("/f/school-trip", Accept_Language="zh").text
    assert "Title, introduction, languages, look" in page.text
    publish = f"{TOP}/publish"
    assert desk.submit(page, publish).location == LANGUAGES
    shown = visitor.open("/f/school-trip", Accept_Language="zh").text
    assert "学校旅行" in shown
    assert "乙班" in shown
    assert "学校旅行" in desk.open(f"{TOP}/preview?language=zh").text
    assert "School trip" in desk.open(f"{TOP}/preview").text


def test_each_text_says_what_it_is(desk: Desk, import_form: ImportForm) -> None:
    import_form(TRIP_IN_LANGUAGES)
    called = re.findall(
        r'<label class="original"[^>]*><span class="hint">([^<·]+?)(?: ·.*?)?</span> <span [^>]*>([^<]+)<',
        desk.open(CHINESE).text,
    )
    assert {"Class A": "Choice 1", "Class B": "Choice 2", "Swimming": "Row 1"}.items() <= {
        original: what for what, original in called
    }.items()
    assert ("Column 2", "A little") in called
    assert "第 1 行" in desk.open(CHINESE, Accept_Language="zh").text


def test_what_is_too_long_is_told_and_what_was_typed_stays(
    desk: Desk, import_form: ImportForm
) -> None:
    import_form(TRIP_IN_LANGUAGES)
    page = desk.open(CHINESE)
    label = name_of(page, "Your child&#39;s name")
    answer = desk.submit(page, CHINESE, {label: "长" * 301, "title": "别的"})
    assert answer.status == 422
    told = "The translation of “Your child&#39;s name” must have 1 to 300 characters, and has 301"
    assert answer.text.count(told) == 2
    assert f'<a href="#f-{label}">' in answer.text
    assert inputs_of(answer)["title"] == "别的"
    assert inputs_of(desk.open(CHINESE))["title"] == "学校旅行"


def test_two_windows_do_not_lose_each_other_s_translations(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(TRIP_IN_LANGUAGES)
    page = desk.open(CHINESE)
    assert desk.submit(page, CHINESE, {"title": "先"}).status == 303
    answer = desk.submit(page, CHINESE, {"title": "后"})
    assert answer.status == 409
    assert "In the other window: <bdi>先</bdi>" in answer.text
    assert desk.submit(answer, CHINESE).status == 303
    assert draft_of(app).in_language("zh").title == "后"


def test_a_text_that_was_changed_since_asks_for_another_look(
    desk: Desk, import_form: ImportForm
) -> None:
    import_form(TRIP_IN_LANGUAGES)
    assert "does it still say the same?" not in desk.open(CHINESE).text
    page = desk.open(f"{TOP}/edit")
    assert desk.submit(page, f"{TOP}/edit", {"title": "Journey"}).status == 303
    page = desk.open(CHINESE)
    assert page.text.count("does it still say the same?") == 1
    assert desk.submit(page, CHINESE, {"title": "旅程"}).status == 303
    assert "does it still say the same?" not in desk.open(CHINESE).text


def test_a_language_that_is_removed_comes_back_with_its_translations(
    app: Flask, desk: Desk, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(TRIP_IN_LANGUAGES)
    assert desk.submit(desk.open(LANGUAGES), LANGUAGES, {"remove": "zh"}).status == 303
    assert desk.open(CHINESE).status == 404
    assert draft_of(app).languages == ("de",)
    assert desk.submit(desk.open(LANGUAGES), LANGUAGES, {"add": "zh"}).location == CHINESE
    assert inputs_of(desk.open(CHINESE))["title"] == "学校旅行"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"add": "en"}, "cannot be among the others"),
        ({"language": "zh"}, "cannot be among the others"),
        ({"language": "tlh"}, "Please choose a language from the list"),
        ({"add": "../zh"}, "Please choose a language from the list"),
    ],
)
def test_languages_that_cannot_be_are_told(
    desk: Desk, import_form: ImportForm, values: dict[str, str], told: str
) -> None:
    import_form(TRIP_IN_LANGUAGES)
    answer = desk.submit(desk.open(LANGUAGES), LANGUAGES, values)
    assert answer.status == 422
    assert told in answer.text


def test_translations_go_where_their_questions_go(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(
        TRIP_IN_LANGUAGES.replace("de =", "id =").replace('"de"', '"id"').replace(".de]", ".id]")
    )
    name, cls = draft_of(app).fields[:2]
    edit = f"{TOP}/edit"
    assert desk.submit(desk.open(edit), edit, {"duplicate": name.id}).status == 303
    doubled = draft_of(app).fields[1]
    assert doubled.translations == name.translations
    assert doubled.translations.of("id") == {"label": "Name des Kindes"}
    assert desk.submit(desk.open(edit), edit, {"remove": doubled.id}).status == 303
    kept = re.search(r'name="kept" value="([^"]+)"', desk.open(edit).text)
    assert kept is None or draft_of(app).fields[1].id != doubled.id
    question = f"{TOP}/questions/{cls.id}"
    typed = {"label": "Which class?", "choices": "Class B\nClass C\nClass A"}
    assert desk.submit(desk.open(question), question, typed).status == 303
    chinese = draft_of(app).in_language("zh").fields[1]
    assert isinstance(chinese, Choice)
    assert [option.label for option in chinese.choices] == ["乙班", "Class C", "甲班"]
    assert chinese.label == "班级"
    settings = f"{TOP}/settings"
    copied = desk.submit(desk.open(settings), f"{TOP}/duplicate")
    slug = copied.location.split("/")[3]
    copy = draft_of(app, slug).in_language("id")
    assert copy.fields[0].label == "Name des Kindes"
    assert copy.codes == ("en", "zh", "id")


def test_a_file_keeps_them_as_they_are(app: Flask, desk: Desk, import_form: ImportForm) -> None:
    import_form(TRIP_IN_LANGUAGES)
    text = desk.open(f"{TOP}/form.toml").text
    again, _ = read_form(text)
    assert again.write_by_keys() == draft_of(app).write_by_keys()
    assert import_form(text).version == 1  # nothing has changed


def test_many_texts_are_translated_part_by_part(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    choices = [f"Choice {n}" for n in range(200)]
    more = "".join(
        f'\n[[fields]]\nkey = "q{n}"\nkind = "choice"\nlabel = "Q{n}"\nchoices = {choices}\n'
        for n in range(3)
    )
    import_form(TRIP_IN_LANGUAGES + more)
    first, last = desk.open(CHINESE), desk.open(f"{CHINESE}?part=3")
    assert "Part 1 of 3" in first.text
    action = f"{CHINESE}?part=3"
    label = name_of(last, "Q2")
    assert desk.submit(last, action, {label: "最后"}).location == action
    draft = draft_of(app).in_language("zh")
    assert (draft.title, draft.fields[-1].label) == ("学校旅行", "最后")


def test_reviewers_do_not_translate(app: Flask, import_form: ImportForm) -> None:
    import_form(TRIP_IN_LANGUAGES)
    assert Desk(in_process(app)).open(CHINESE).status == 303
