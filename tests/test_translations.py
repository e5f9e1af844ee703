"""The catalogues are fresh and whole, and the pages speak Chinese and nothing else to who asks for it."""

from __future__ import annotations

import io
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po
from flask import Flask

from . import translations
from .conftest import import_text
from .visitor import Page, Visitor, in_process

HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
SPOKEN = {"alt", "aria-label", "placeholder", "title"}  # attributes that people read or hear
# What is the same in every language: names, addresses, units, types of files, codes, time zones.
UNTRANSLATED = re.compile(
    r"Intray|SHA-256|name@example\.org|ann@example\.org|\b[KMGT]?B\b|\.(?:pdf|exe)\b"
    r"|\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b|Asia/Shanghai"
)

EVERY_KIND = """
format = 1
title = "入学申请"
slug = "ruxue"
description = "请**如实**填写。"
state = "open"
closes_at = 2099-12-01T23:59:00+08:00
time_zone = "Asia/Shanghai"

[[fields]]
key = "name"
kind = "short_text"
label = "姓名"
required = true
max_length = 5

[[fields]]
key = "letter"
kind = "long_text"
label = "自我介绍"
min_length = 5

[[fields]]
key = "email"
kind = "email"
label = "邮箱"
required = true

[[fields]]
key = "years"
kind = "number"
label = "工作年限"
required = true
min = 0
max = 60
decimals = 1

[[fields]]
key = "children"
kind = "number"
label = "子女人数"
decimals = 0

[[fields]]
key = "start"
kind = "date"
label = "入学日期"
required = true
min = 2026-01-01
max = 2026-12-31

[[fields]]
key = "grade"
kind = "choice"
label = "年级"
required = true
choices = ["一年级", "二年级"]

[[fields]]
key = "days"
kind = "choices"
label = "日子"
required = true
min_choices = 2
max_choices = 3
choices = ["周一", "周二", "周三", "周四"]

[[fields]]
key = "agreed"
kind = "consent"
label = "我同意以上条款。"
required = true

[[fields]]
key = "photo"
kind = "files"
label = "照片"
required = true
max_size = "1 KB"

[[fields]]
key = "papers"
kind = "files"
label = "材料"
accept = [".pdf"]
max_files = 2
"""
GOOD: dict[str, str | list[str]] = {
    "name": "安",
    "email": "ann@example.org",
    "years": "2.5",
    "start": "2026-09-01",
    "grade": "一年级",
    "days": ["周一", "周二"],
    "agreed": "yes",
}
DAYS = ["周一", "周二", "周三", "周四"]
PHOTO = ("photo", "照片.pdf", b"%PDF-1 photo")
Bad = tuple[dict[str, str | list[str]], list[tuple[str, str, bytes]], int]
BAD: list[Bad] = [  # answers, files, number of problems: in turn, so that each rule is broken once
    (
        {"years": "很久", "start": "明天", "email": "邮箱", "letter": "短"},
        [("photo", "一", b"")],
        5,
    ),
    ({"years": "-1", "start": "2025-12-31", "grade": "三年级", "days": "周一"}, [PHOTO], 4),
    (
        {"years": "61", "start": "2027-01-01", "grade": ["一年级", "二年级"]},
        [PHOTO, ("papers", "二.exe", b"b"), ("papers", "假.pdf", b"b")],
        4,
    ),
    (
        {"years": "1.25", "children": "1.5", "name": "一二三四五六", "days": DAYS},
        [
            ("photo", "三.pdf", b"%PDF-1" * 200),
            *[("papers", f"{n}.pdf", b"%PDF-1") for n in range(3)],
        ],
        6,
    ),
]


def simple(slug: str, terms: str) -> str:
    """A form of one question on these terms."""
    return f"""
format = 1
title = "报名"
slug = "{slug}"
time_zone = "Asia/Shanghai"
{terms}
fields = [{{ key = "name", kind = "short_text", label = "姓名" }}]
"""


FORMS = [
    EVERY_KIND,
    simple("xian", 'state = "open"\nmax_submissions = 1'),
    simple("weikai", 'state = "open"\nopens_at = 2099-01-01T08:00:00+08:00'),
    simple("guo", 'state = "open"\ncloses_at = 2020-01-01T08:00:00+08:00'),
    simple("guan", 'state = "closed"'),
]


@pytest.fixture(params=translations.CODES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    """Each language's messages.po in turn."""
    return translations.read(request.param)


def test_the_catalogue_holds_what_the_program_says_and_nothing_else(catalogue: Catalog) -> None:
    said = {message.id for message in translations.extracted()}
    held = {message.id for message in translations.messages(catalogue)}
    assert (said - held, held - said) == (set(), set()), "run python -m tests.translations"
    assert not catalogue.obsolete


def test_every_message_is_translated(catalogue: Catalog) -> None:
    messages = translations.messages(catalogue)
    assert [m.id for m in messages if not translations.is_translated(m)] == []
    forms = {len(m.string) for m in messages if m.pluralizable and m.string}
    assert forms == {catalogue.num_plurals}
    assert {m.id: problems for m, problems in catalogue.check()} == {}


def test_the_compiled_catalogue_is_fresh(catalogue: Catalog) -> None:
    compiled = translations.mo_file(str(catalogue.locale_identifier)).read_bytes()
    fresh = translations.as_mo(translations.updated(catalogue))
    assert compiled == fresh, "run python -m tests.translations"


def test_a_second_update_changes_nothing(catalogue: Catalog) -> None:
    first = translations.as_po(translations.updated(catalogue))
    again = read_po(io.BytesIO(first), catalogue.locale, charset="utf-8")
    assert translations.as_po(translations.updated(again)) == first


def test_an_update_keeps_translations_and_guesses_nothing() -> None:
    old = Catalog("zh")
    old.add("Hand in", "提交")
    old.add("Hand out", "发放")
    old.add("Remove", "移动", flags=["fuzzy"])
    new = translations.updated(old)
    kept = [m for m in translations.messages(new) if translations.is_translated(m)]
    assert [(m.id, m.string) for m in kept] == [("Hand in", "提交")]
    assert "Hand out" not in new


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    """Each translation beside its source; a plural beside the source's last form, which has the number."""

    def last(texts: object) -> str:
        return texts if isinstance(texts, str) else list(texts)[-1]  # type: ignore[call-overload]

    translated = filter(translations.is_translated, translations.messages(catalogue))
    return [(last(m.id), last(m.string)) for m in translated]


def test_the_placeholders_are_those_of_the_source(catalogue: Catalog) -> None:
    for source, text in pairs(catalogue):
        assert Counter(PLACEHOLDER.findall(text)) == Counter(PLACEHOLDER.findall(source)), text
        assert "%" not in PLACEHOLDER.sub("", text).replace("%%", ""), text


def test_white_space_is_that_of_the_source(catalogue: Catalog) -> None:
    for source, text in pairs(catalogue):
        assert (text[0].isspace(), text[-1].isspace()) == (
            source[0].isspace(),
            source[-1].isspace(),
        )
        assert not re.search(r"\s{2}|[^\S\n ]", text), text
        assert text.count("\n") == source.count("\n"), text


def test_chinese_is_punctuated_as_chinese_and_polite() -> None:
    ends = {".": "。", ":": "：", "?": "？", "!": "！", ")": "）"}
    for source, text in pairs(translations.read("zh")):
        bare = PLACEHOLDER.sub("…", text)
        assert HAN.search(bare) or not re.search("[A-Za-z]", PLACEHOLDER.sub("", source)), text
        assert not re.search(r"""[,;:!?()'"]|(?<![A-Za-z0-9])\.|\.(?![A-Za-z0-9])""", bare), text
        assert not re.search(r"\s[，。：；！？（）、]|[，。：；！？（）、]\s", bare), text
        assert not re.search(r"[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u3400-\u9fff]", bare), text
        assert "你" not in text
        if source[-1] in ends or text[-1] in ends.values():
            assert text[-1] == ends.get(source[-1]), text


class _Texts(HTMLParser):
    """Collects what a page says in its own language: texts, and attributes that people read or hear.
    Code, names of files, and what is marked as another language are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.language = ""
        self._open: list[tuple[str, bool]] = []  # each open element, and whether it is left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "html":
            self.language = attributes.get("lang") or ""
        foreign = attributes.get("lang") not in (None, self.language)
        left_out = (
            self._is_left_out or foreign or tag in ("bdi", "code", "script", "style", "textarea")
        )
        if tag not in VOID:
            self._open.append((tag, left_out))
        if not left_out:
            self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass  # elements that need no end tag

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_left_out:
            self.texts.append(" ".join(data.split()))

    @property
    def _is_left_out(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def texts_of(page: Page) -> _Texts:
    parser = _Texts()
    parser.feed(page.text)
    return parser


def walk(app: Flask, visitor: Visitor) -> dict[str, Page]:
    """What a person may come to see: the start page, the life of each form, and what goes wrong."""
    pages = {"no form": visitor.open("/")}
    for form in FORMS:
        import_text(app, form)
    pages["start"] = visitor.open("/")
    _walk_through_the_form(visitor, pages)
    _walk_along_closed_doors(visitor, pages)
    return pages


def _walk_through_the_form(visitor: Visitor, pages: dict[str, Page]) -> None:
    path = "/f/ruxue"
    pages["form"] = form = visitor.open(path)
    pages["empty"] = visitor.hand_in(form, path, {})
    for n, (answers, files, _) in enumerate(BAD):
        pages[f"bad {n}"] = visitor.hand_in(form, path, GOOD | answers, files)
    pages["stale"] = visitor.hand_in(form, path, GOOD | {"csrf_token": ""}, [PHOTO])
    kept = visitor.hand_in(form, path, {}, [PHOTO, ("papers", "证书.pdf", b"%PDF-1 paper")])
    pages["kept"] = kept
    photo = kept.input("photo")
    pages["removed"] = visitor.hand_in(kept, path, {"remove-upload": photo.removeprefix("upload:")})
    pages["lost"] = visitor.hand_in(form, path, GOOD | {"photo": photo})
    pages["receipt"] = visitor.open(visitor.hand_in(form, path, GOOD, [PHOTO]).location)
    pages["again"] = visitor.hand_in(form, path, GOOD | {"name": "李"}, [PHOTO])


def _walk_along_closed_doors(visitor: Visitor, pages: dict[str, Page]) -> None:
    path = "/f/xian"
    first, second = visitor.open(path), visitor.open(path)
    visitor.hand_in(first, path, {"name": "安"})
    pages["full"] = visitor.open(path)
    pages["too late"] = visitor.hand_in(second, path, {"name": "李"})
    for slug in ("weikai", "guo", "guan", "meiyou"):
        pages[slug] = visitor.open(f"/f/{slug}")
    pages["too large"] = visitor.hand_in(second, path, {"name": "安" * 900_000})
    pages["wrong method"] = visitor.open("/language")
    pages["foreign"] = visitor.hand_in(second, path, {}, Origin="http://elsewhere.example")
    pages["broken"] = visitor.post(path, b"--x\r\n", "multipart/form-data; boundary=x")


STATUS = {  # of the pages that are not 200
    **dict.fromkeys(("empty", "stale", "kept", "lost", "again", "too late"), 422),
    **dict.fromkeys((f"bad {n}" for n in range(len(BAD))), 422),
    **{"meiyou": 404, "too large": 413, "wrong method": 405, "foreign": 403, "broken": 400},
}


@pytest.mark.parametrize("way", ["Accept-Language", "switch"])
def test_every_page_speaks_chinese(sqlite_app: Flask, way: str) -> None:
    visitor = Visitor(in_process(sqlite_app))
    if way == "switch":
        visitor.headers["Accept-Language"] = "en"
        answer = visitor.post_form("/language", {"language": "zh", "next": "/f/ruxue"})
        assert (answer.status, answer.location) == (303, "/f/ruxue")
        visitor.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
    else:
        visitor.headers["Accept-Language"] = "zh-CN,zh;q=0.9,en;q=0.8"
    pages = walk(sqlite_app, visitor)
    assert {name: page.status for name, page in pages.items() if page.status != 200} == STATUS
    for n, (_, _, problems) in enumerate(BAD):
        assert len(pages[f"bad {n}"].problems) == problems
    for name, page in pages.items():
        said = texts_of(page)
        assert (said.language, page.headers["content-language"]) == ("zh", "zh"), name
        assert any(HAN.search(text) for text in said.texts)
        english = [text for text in said.texts if re.search("[A-Za-z]", UNTRANSLATED.sub("", text))]
        assert english == [], name


def test_pages_speak_english_to_all_others(sqlite_app: Flask) -> None:
    visitor = Visitor(in_process(sqlite_app))
    visitor.headers["Accept-Language"] = "de,fr;q=0.5"
    for path in ("/", "/f/meiyou"):
        said = texts_of(visitor.open(path))
        assert said.language == "en"
        assert said.texts
        assert not any(HAN.search(text) for text in said.texts)
