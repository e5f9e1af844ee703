"""The language switch: which language pages come in, and where the switch leads."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from webapp.language import local_path
from webapp.sessions import COOKIE

from .visitor import Page, Visitor, in_process


@pytest.fixture
def person(sqlite_app: Flask) -> Visitor:
    return Visitor(in_process(sqlite_app))


def switch(person: Visitor, language: str = "zh", **inputs: str) -> Page:
    return person.post_form("/language", {"language": language, "next": "/", **inputs})


def test_the_language_switch_keeps_the_language_and_goes_back(person: Visitor) -> None:
    assert 'lang="en"' in person.open("/", Accept_Language="fr").text
    assert 'lang="zh"' in person.open("/", Accept_Language="zh-CN, en;q=0.5").text
    answer = switch(person, "zh", next="/?a=b%20c")
    assert (answer.status, answer.location) == (303, "/?a=b%20c")
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert 'lang="zh"' in person.open("/", Accept_Language="en").text
    switch(person, "en")
    assert 'lang="en"' in person.open("/", Accept_Language="zh").text


@pytest.mark.parametrize("language", ["", "tlh", "en\x00", "../en"])
def test_a_language_that_intray_does_not_speak_is_400(person: Visitor, language: str) -> None:
    answer = switch(person, language)
    assert answer.status == 400
    assert "set-cookie" not in answer.headers


def test_another_site_cannot_switch_the_language(person: Visitor) -> None:
    answer = person.post_form("/language", {"language": "zh"}, Origin="https://evil.example")
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_a_language_in_a_session_that_nobody_speaks_any_more_is_left_out(
    person: Visitor, sqlite_app: Flask
) -> None:
    switch(person, "zh")
    (file,) = (sqlite_app.config["INTRAY"].data / "sessions").glob("*.json")
    file.write_text(json.dumps({"language": ["tlh"]}))
    assert 'lang="en"' in person.open("/").text


ELSEWHERE = [
    "", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "/\r\nSet-Cookie: a=b", "javascript:alert(1)", " /", "/a b", "/\x00", "evil", "/\\",
    "///evil.example", "http:/evil.example", "/\x85x\x00",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE, ids=ascii)
def test_the_way_back_never_leads_to_another_site(target: str) -> None:
    assert local_path(target) == "/"


@pytest.mark.parametrize(
    "target", ["/", "/f/a?b=c", "/r/K7Q4-MXD2?key=a_b-c", "/a//b", "/作业", "/["]
)
def test_the_way_back_leads_to_the_page(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("//evil.example", "/"),
        ("/[", "/%5B"),
        ("/作业", "/%E4%BD%9C%E4%B8%9A"),
        ("/%0d%0a", "/%0d%0a"),
    ],
)
def test_the_way_back_is_an_address(person: Visitor, target: str, location: str) -> None:
    answer = switch(person, next=target)
    assert (answer.status, answer.location) == (303, location)
