"""The page of the design system, in dev mode alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from webapp.forms.kinds import KINDS
from webapp.showcase import samples

from ..running import Server
from ..visitor import Visitor, in_process
from .looking import LOOKS, complaints_of, context_of, fits, is_accessible

pytestmark = pytest.mark.browser
PATHS = ("/dev/components", *(f"/dev/components/questions/{state}" for state in samples.STATES))


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server("--dev", data=tmp_path_factory.mktemp("dev") / "data") as server:
        yield server


def test_it_has_a_question_of_each_kind() -> None:
    assert {field.kind for field in samples.definition().fields} == set(KINDS)


def test_what_is_not_answered_or_wrong_is_said_of_each_that_can_be() -> None:
    for state in ("missing", "wrong"):
        page = samples.page(state)
        assert len(page.problems) >= 7, state


def test_where_people_are_served_there_is_none(sqlite_app: Flask) -> None:
    assert Visitor(in_process(sqlite_app)).open("/dev/components").status == 404


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_each_state_fits_and_is_accessible(
    browser: Browser, dev: Server, size: tuple[int, int], scheme: str, language: str
) -> None:
    context = context_of(browser, size, scheme, locale=language)
    page = context.new_page()
    complaints = complaints_of(page)
    for path in PATHS:
        page.goto(dev.url + path)
        fits(page)
        is_accessible(page)
    assert complaints == []
    context.close()
