"""The builder speaks the language of whoever works at the desk, also where something is wrong."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from webapp.database import snapshot
from webapp.forms import rules
from webapp.forms.kinds import KINDS

from ..conftest import ImportForm
from ..desk import Desk
from ..forms.test_editing import TYPED
from ..test_translations import EVERY_KIND, HAN, texts_of
from ..visitor import Page

TOP = "/desk/forms/ruxue"
# What is the same in every language: names, formats, units, what people typed.
SAME = re.compile(
    r"(?:(?:given-|family-)?name|organization(?:-title)?|street-address|address-level2|postal-code"
    r"|country-name|tel|email|url)\b(?=,|$)|Intray|Owner Lee|TOML|Markdown|PNG|Ctrl\+P|UTF-8|\b[KMGT]?B\b|\.(?:pdf|docx)\b|https?://\S+"
    r"|/f/ruxue|ruxue|[A-Z][A-Za-z]+/[A-Za-z_/+-]+[A-Za-z]|UTC|\bpage\b|“[^”]*”|SHA-256|name@example\.org"
)


@pytest.fixture
def zh(desk: Desk, import_form: ImportForm) -> Desk:
    import_form(EVERY_KIND)
    desk.headers["Accept-Language"] = "zh-CN"
    return desk


def speaks_chinese(page: Page, where: str) -> None:
    said = texts_of(page)
    assert said.language == "zh", where
    assert any(HAN.search(text) for text in said.texts), where
    english = [text for text in said.texts if re.search("[A-Za-z]", SAME.sub("", text))]
    assert english == [], where


def test_every_page_speaks_chinese(app: Flask, zh: Desk) -> None:
    with app.app_context(), snapshot() as session:
        form = rules.find_form(session, "ruxue")
        assert form is not None
        ids = [field["id"] for field in form.draft["fields"]]
    pages = ["edit", "settings", "share", "poster", "preview", "delete"]
    pages += [f"questions/{id}" for id in ids]
    pages += [f"questions/new/{kind}" for kind in KINDS]
    for path in ["/desk/forms/new", *(f"{TOP}/{page}" for page in pages)]:
        answer = zh.open(path)
        assert answer.status == 200, path
        speaks_chinese(answer, path)


def test_every_mistake_is_told_in_chinese(zh: Desk) -> None:
    for kind in KINDS:
        path = f"{TOP}/questions/new/{kind}"
        wrong = dict.fromkeys(TYPED[kind], "一\x00") | {"key": "page", "label": ""}
        page = zh.submit(zh.open(path), path, wrong, [])
        assert page.status == 422
        speaks_chinese(page, kind)
    settings = f"{TOP}/settings"
    wrong = dict.fromkeys(("opens_at", "closes_at", "max_submissions", "slug"), "一")
    page = zh.submit(zh.open(settings), settings, wrong)
    assert page.status == 422
    speaks_chinese(page, settings)


def test_what_is_done_and_what_stands_against_it_is_told_in_chinese(zh: Desk) -> None:
    edit = f"{TOP}/edit"
    stale = zh.open(edit)
    assert zh.submit(stale, edit, {"title": "申请"}).status == 303
    speaks_chinese(zh.open(edit), "unpublished changes")
    conflict = zh.submit(stale, edit, {"title": "报名"})
    assert conflict.status == 409
    speaks_chinese(conflict, "conflict")
    again = zh.submit(zh.open("/desk/forms/new"), "/desk/forms/new/import", {"text": EVERY_KIND})
    assert again.status == 422
    speaks_chinese(again, "replace")
    for action in (f"{TOP}/publish", f"{TOP}/duplicate"):
        page = zh.open(f"{TOP}/settings")
        done = zh.submit(page, action)
        assert done.status == 303
        speaks_chinese(zh.open(done.location), action)
