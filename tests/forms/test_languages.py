"""The languages of a form in its file: their codes, what can be translated, and which one a reader gets."""

from __future__ import annotations

from typing import Any

import pytest

from webapp import i18n
from webapp.forms import languages, speaking, translating
from webapp.forms.definition import Definition, read_definition
from webapp.forms.rulebook import DefinitionError
from webapp.forms.toml_file import FormFileError, read_form
from webapp.forms.translations import Said

from ..forms_in_languages import TRIP_IN_LANGUAGES


def form_of(**values: Any) -> Definition:
    field = {"key": "job", "kind": "choice", "label": "Job", "choices": ["Cook", "Baker"]}
    return read_definition({"title": "Form", "fields": [field], **values})


@pytest.mark.parametrize(
    ("values", "place", "rule"),
    [
        ({"language": "tlh"}, ("language",), "must be the code of a language"),
        ({"language": "EN"}, ("language",), "must be the code of a language"),
        ({"language": 3}, ("language",), "must be the code of a language"),
        ({"languages": ["zh"]}, ("language",), "is missing."),
        ({"language": "en", "languages": ["en"]}, ("language",), "must not be among the other"),
        ({"language": "en", "languages": "zh"}, ("languages",), "must be a list of languages"),
        ({"language": "en", "languages": [""]}, ("languages",), "must be a list of languages"),
        ({"translations": {"zh": "x"}}, ("translations",), "must be a table such as"),
        ({"translations": {"xx": {}}}, ("translations", "xx"), "must be the code of a language"),
        ({"translations": {"zh": {"accent": "x"}}}, ("translations", "zh", "accent"), "is none of"),
        ({"translations": {"zh": {"title": 3}}}, ("translations", "zh", "title"), "must be a text"),
        (
            {"translations": {"zh": {"title": "x" * 201}}},
            ("translations", "zh", "title"),
            "must have 1 to 200 characters, and has 201.",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    values: dict[str, Any], place: tuple[str, ...], rule: str
) -> None:
    with pytest.raises(DefinitionError) as wrong:
        form_of(**values)
    assert wrong.value.place == place
    assert wrong.value.rule.startswith(rule)


def test_a_mistake_in_a_translation_is_told_with_its_line() -> None:
    text = TRIP_IN_LANGUAGES.replace('title = "学校旅行"', 'title = "' + "长" * 201 + '"')
    with pytest.raises(
        FormFileError, match=r"^line 13: translations\.zh\.title must have 1 to 200"
    ):
        read_form(text)


@pytest.mark.parametrize(
    ("codes", "wanted", "found"),
    [
        (("en", "zh"), ["zh-CN"], "zh"),
        (("en", "zh", "zh-Hant"), ["zh-TW"], "zh-Hant"),
        (("en", "zh", "zh-Hant"), ["zh-SG"], "zh"),
        (("en", "zh-Hant"), ["zh-CN"], "zh-Hant"),
        (("en", "pt-BR"), ["fr", "pt-PT", "en"], "pt-BR"),
        (("en", "pt", "pt-BR"), ["pt_br"], "pt-BR"),
        (("zh", "de"), ["*", "", "x" * 500, "-"], "zh"),
        (("zh", "de"), [], "zh"),
    ],
)
def test_a_reader_gets_what_suits_best(
    codes: tuple[str, ...], wanted: list[str], found: str
) -> None:
    assert languages.best(codes, wanted) == found


def test_all_languages_that_are_offered_have_names() -> None:
    for code, name in languages.choices():
        assert languages.is_code(code)
        assert name != code
        assert i18n.own_name(code) != code


def test_a_translated_form_is_the_same_form() -> None:
    table = form_of().with_ids(None).write()
    option = table["fields"][0]["choices"][0]
    option["translations"] = {"zh": {"label": "厨师"}}
    table |= {"language": "en", "languages": ["zh"], "translations": {"zh": {"title": " "}}}
    form = read_definition(table)
    chinese = speaking.to(form, "zh-CN")
    assert [one.id for one in chinese.fields] == [one.id for one in form.fields]
    assert chinese.fields[0].texts(option["id"]) == ["厨师"]
    assert isinstance(chinese.title, Said)
    assert (chinese.title, chinese.title.lang, chinese.spoken) == ("Form", "en", "zh")
    assert form.in_language("zh") is chinese
    assert speaking.to(form_of(), "zh").title.__class__ is str


def test_the_first_language_is_that_of_the_texts_as_they_are() -> None:
    form = read_definition(
        form_of().write()
        | {"language": "en", "languages": ["zh"], "translations": {"zh": {"title": "表格"}}}
    )
    form = translating.give_in(form, {"language": "en", "remove": "zh"})
    form = translating.give_in(form, {"language": "zh", "add": "en"})
    assert speaking.to(form, "zh").title == "Form", "what is written under Edit is what people read"
    form = translating.give_in(form, {"language": "zh", "remove": "en"})
    form = translating.give_in(form, {"language": "en", "add": "zh"})
    assert speaking.to(form, "zh").title == "表格"
