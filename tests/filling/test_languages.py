"""A form that its owner has given in several languages, as those who fill it in meet it."""

from __future__ import annotations

import base64
import json
import re

import pytest
from flask import Flask
from sqlalchemy import select

from webapp import language as reader_language
from webapp.database import snapshot
from webapp.submissions.tables import Submission

from ..conftest import import_text
from ..desk import Desk
from ..forms_in_languages import IN_PAGES, RIHLA, TRIP_IN_LANGUAGES
from ..visitor import Page, Visitor, in_process

PATH = "/f/school-trip"
ANSWERS = {"name": "Lee", "class": "b", "skills.swim": "well", "liked": "5"}


@pytest.fixture
def person(sqlite_app: Flask) -> Desk:
    """Who keeps cookies, as browsers do."""
    import_text(sqlite_app, TRIP_IN_LANGUAGES)
    import_text(sqlite_app, IN_PAGES)
    return Desk(in_process(sqlite_app))


def hand_in(person: Desk, language: str, **more: str) -> Page:
    page = person.open(PATH, Accept_Language=language)
    return person.hand_in(page, PATH, {**ANSWERS, **more}, Accept_Language=language)


def submission(app: Flask) -> Submission:
    with app.app_context(), snapshot() as session:
        query = select(Submission).order_by(Submission.id.desc()).limit(1)
        return session.scalars(query).one()


@pytest.mark.parametrize(
    ("asked", "title", "page_language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "学校旅行", "zh"),
        ("en-GB", "School trip", "en"),
        ("de-AT, zh;q=0.5", "Klassenfahrt", "zh"),
        ("fr, zh;q=0.5", "学校旅行", "zh"),
        ("fr", "School trip", "en"),
        ("", "School trip", "en"),
    ],
)
def test_the_reader_gets_a_language_that_the_form_has(
    person: Desk, asked: str, title: str, page_language: str
) -> None:
    page = person.open(PATH, Accept_Language=asked)
    assert f">{title}</h1>" in page.text
    assert f'<html lang="{page_language}">' in page.text
    assert page.headers["content-language"] == page_language
    assert "Accept-Language" in page.headers["vary"]


def test_all_that_the_owner_wrote_is_translated_and_the_rest_says_its_language(
    person: Desk,
) -> None:
    text = person.open(PATH, Accept_Language="zh").text
    for said in (
        "谁<strong>参加</strong>？",
        "孩子的姓名",
        "甲班",
        "其他班级",
        "游泳",
        "一点",
        "不好",
        "仅当“班级”是“乙班”",
    ):
        assert said in text, said
    assert '<p dir="auto" lang="en">As in the passport.</p>' in text
    assert len(re.findall(r"<[^>]+ lang=", text)) == 5  # the page, the help, and the switch's three
    german = person.open(PATH, Accept_Language="de").text
    assert '<h1 dir="auto" lang="de">Klassenfahrt</h1>' in german
    assert '<span lang="de">Name des Kindes</span>' in german
    assert '<span dir="auto" lang="en">' not in german  # the page is in English


def test_answers_are_the_same_in_every_language(person: Desk, sqlite_app: Flask) -> None:
    stored = []
    for language in ("en", "zh", "de"):
        assert hand_in(person, language, **{"class": "-other", "class.other": "C"}).status == 303
        assert hand_in(person, language).status == 303
        one = submission(sqlite_app)
        assert one.language == language
        stored.append((one.answers, one.label, one.content_hash))
    assert stored[0] == stored[1] == stored[2]
    assert stored[0][1] == "Class B"  # which names the folder, and what lists show


def test_what_is_wrong_names_the_question_as_it_is_read(person: Desk) -> None:
    page = hand_in(person, "zh", name="", **{"class": "-other"})
    assert page.status == 422
    assert "孩子的姓名：请填写此项" in page.text
    assert "其他班级" in page.text


def test_the_switch_keeps_what_was_typed_and_is_remembered(person: Desk) -> None:
    page = person.open(PATH, Accept_Language="en")
    assert re.search(
        r'<span class="tongue" lang="en" aria-current="true">English</span>', page.text
    )
    assert 'name="switch-language" value="zh" lang="zh" form="filling">中文</button>' in page.text
    assert "Deutsch</button>" in page.text
    switch = {**ANSWERS, "name": "Half typed", "switch-language": "de"}
    page = person.hand_in(page, PATH, switch, Accept_Language="en")
    assert page.status == 200
    assert "Klassenfahrt" in page.text
    assert ("name", "Half typed") in page.inputs
    assert "Klassenfahrt" in person.open(PATH, Accept_Language="en").text
    chinese = person.post_form("/language", {"language": "zh", "next": PATH})
    assert (chinese.status, chinese.location) == (303, PATH)
    assert "学校旅行" in person.open(PATH, Accept_Language="en").text


def test_receipts_and_corrections_come_in_the_reader_s_language(person: Desk) -> None:
    receipt = hand_in(person, "zh").location
    chinese = person.open(receipt, Accept_Language="zh").text
    for said in (
        "学校旅行",
        "孩子的姓名",
        "乙班",
        "游泳：很好",
        "我们会给您写信。",
        'aria-current="true">中文',
    ):
        assert said in chinese, said
    german = person.open(receipt, Accept_Language="de").text
    assert '<dt dir="auto" lang="de">Name des Kindes</dt>' in german
    assert "Class B" in german


def test_a_form_of_several_pages_is_translated_to_its_end(person: Desk, sqlite_app: Flask) -> None:
    start = person.open("/f/trip-in-pages", Accept_Language="zh").text
    assert "学校旅行" in start
    assert "护照" in start
    draft = person.post_form("/f/trip-in-pages/start", {}).location
    page = person.open(draft, Accept_Language="zh")
    assert "孩子的姓名" in page.text
    answer = person.hand_in(page, draft + "?page=1", {**ANSWERS, "name": ""}, Accept_Language="zh")
    assert "孩子的姓名：请填写此项" in answer.text
    german = {**ANSWERS, "switch-language": "de"}
    page = person.hand_in(page, draft + "?page=1", german)
    assert "Name des Kindes" in page.text
    person.post_form("/language", {"language": "zh", "next": "/"})
    papers = person.hand_in(page, draft + "?page=1", ANSWERS)
    page = person.open(papers.location)
    assert '<h1 dir="auto">文件</h1>' in page.text
    check = person.hand_in(page, papers.location, {}).location
    page = person.open(check)
    for said in ("乙班", "游泳：很好", "护照", 'aria-current="true">中文'):
        assert said in page.text, said
    assert person.submit(page, check).status == 303
    one = submission(sqlite_app)
    assert one.language == "zh"
    assert one.label == "Class B"


def test_a_form_in_one_language_is_as_it_was(person: Desk, sqlite_app: Flask) -> None:
    plain = re.sub(r"(?m)^languages = .*$", "", TRIP_IN_LANGUAGES).replace("school-trip", "plain")
    import_text(sqlite_app, plain.replace('language = "en"', ""))
    page = person.open("/f/plain", Accept_Language="zh").text
    assert "School trip" in page
    assert '<html lang="zh">' in page
    assert 'class="tongues"' not in page
    assert 'name="switch-language" value="en"' in page


def test_a_page_runs_as_the_form_is_written(person: Desk, sqlite_app: Flask) -> None:
    import_text(sqlite_app, RIHLA)
    import_text(sqlite_app, RIHLA.replace("rihla", "alone").replace('["he", "de"]', "[]"))
    for path, accepted, is_from_right in (
        ("/f/rihla", "en", True), ("/f/rihla", "de", False), ("/f/rihla", "he", True),
        ("/f/alone", "de", True), ("/f/school-trip", "ar", False), ("/", "ar", False),
    ):  # fmt: skip
        page = person.open(path, Accept_Language=accepted)
        assert ('<html lang="en" dir="rtl">' in page.text) == is_from_right, (path, accepted)
    page = person.open("/f/rihla")
    assert "1 is “\u2068سيئ\u2069”." in page.text
    answers = {"name": "ليلى", "class": "choice_1"}
    receipt = person.open(person.hand_in(page, "/f/rihla", answers).location)
    assert 'dir="rtl"' in receipt.text


@pytest.mark.parametrize("language", ["", "tlh", "../en", "de-DE-DE", "de\x00"])
def test_what_is_no_language_cannot_be_chosen(person: Desk, language: str) -> None:
    page = person.open(PATH)
    answer = person.hand_in(page, PATH, {**ANSWERS, "switch-language": language})
    assert answer.status == 400


def test_the_start_page_names_forms_in_the_reader_s_language(person: Desk) -> None:
    page = person.open("/", Accept_Language="zh")
    assert page.text.count("学校旅行") == 2
    assert 'class="tongues"' not in page.text


def test_the_passcode_is_asked_for_in_a_language_of_the_form(
    person: Desk, sqlite_app: Flask
) -> None:
    secret = TRIP_IN_LANGUAGES.replace("school-trip", "secret").replace(
        'state = "open"', 'state = "open"\naccess = "passcode"\npasscode = "sesame"'
    )
    import_text(
        sqlite_app,
        secret.replace(
            'language = "en"\nlanguages = ["zh", "de"]', 'language = "zh"\nlanguages = ["de"]'
        ),
    )
    page = person.open("/f/secret", Accept_Language="en")
    assert '<html lang="zh">' in page.text
    wrong = person.post_form("/f/secret", {"enter-passcode": "no"}, Accept_Language="en")
    assert wrong.status == 422
    assert "That is not" not in wrong.text
    assert '<html lang="zh">' in wrong.text


def test_a_file_that_is_refused_is_named_as_it_is_read(person: Desk) -> None:
    named = {"form": "trip-in-pages", "field": "paper", "filename": "a.pdf"}
    told = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in named.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Metadata": told, "Upload-Length": str(10**10)}
    given = {name.replace("-", "_"): value for name, value in headers.items()}
    answer = person.post("/uploads", b"", "", Accept_Language="zh", **given)
    assert answer.status == 413
    assert json.loads(answer.body)["detail"].startswith("护照：文件 a.pdf")


def test_one_address_cannot_begin_any_number_of_sessions(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_language, "MOST_NEW_SESSIONS", 3)
    import_text(
        sqlite_app,
        TRIP_IN_LANGUAGES.replace("[translations.zh]", "save_later = true\n[translations.zh]", 1),
    )
    stranger = Visitor(in_process(sqlite_app, REMOTE_ADDR="203.0.113.5"))  # who keeps no cookie
    draft = stranger.post_form(PATH, {"save-later": "1"}).location.removesuffix("/link")
    ways = [(PATH, "switch-language"), (draft, "switch-language"), ("/language", "language")]
    answers = [stranger.post_form(path, {name: "zh"}).status for path, name in ways * 2]
    assert answers == [200, 200, 303, 429, 429, 429]
    sessions = sqlite_app.config["INTRAY"].data / "sessions"
    assert len(list(sessions.glob("*.json"))) == 3
