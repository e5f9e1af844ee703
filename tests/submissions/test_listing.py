"""Lists of submissions: every row once, in its order, on every page, whatever comes and goes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from webapp.forms.tables import Form
from webapp.submissions import listing
from webapp.submissions.erasing import erase
from webapp.submissions.listing import LAST, Order, Page
from webapp.submissions.tables import Submission

from ..conftest import ImportForm
from ..forms_in_toml import HOMEWORK
from .handing_in import hand_in, reading

# Ties, both writings, a small letter among capitals, and some without a name.
NAMES = ["Bob", "anna", "王小明", "Bob", "", "Zoë", "Bob", "", "李梅", "Anna", "Bob", "ann"]
PAGE = 3

HandInAs = Callable[[str], int]


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(HOMEWORK.replace("required = true", "required = false"))


@pytest.fixture
def hand_in_as(app: Flask, form: Form) -> HandInAs:
    """Hands in under a name, and gives the submission's id."""

    def do(name: str) -> int:
        return hand_in(app, form, {"name": name} if name else {}).submission_id

    return do


@pytest.fixture
def ids(hand_in_as: HandInAs) -> list[int]:
    return [hand_in_as(name) for name in NAMES]


def key(id: int, ids: list[int]) -> str:
    return NAMES[ids.index(id)].casefold()


def expected(order: Order, ids: list[int]) -> list[int]:
    if order in (Order.NEWEST, Order.OLDEST):
        return sorted(ids, reverse=order is Order.NEWEST)
    named = [id for id in ids if key(id, ids)]
    by_name = sorted(named, key=lambda id: (key(id, ids), id), reverse=order is Order.NAME_DOWN)
    return by_name + [id for id in ids if not key(id, ids)]


def pages(app: Flask, form: Form, order: Order, start: str, onward: str) -> Iterator[Page]:
    cursor: str | None = start
    while cursor is not None:
        with reading(app) as session:
            page = listing.submissions(session, form.id, order, cursor, most=PAGE)
        yield page
        cursor = getattr(page, onward)


@pytest.mark.parametrize("order", Order)
def test_every_row_is_on_one_page_in_its_order(
    app: Flask, form: Form, ids: list[int], order: Order
) -> None:
    down = [[row.id for row in page.rows] for page in pages(app, form, order, "", "after")]
    assert [id for page in down for id in page] == expected(order, ids)
    assert [len(page) for page in down] == [PAGE] * 4
    up = [[row.id for row in page.rows] for page in pages(app, form, order, LAST, "before")]
    assert up[::-1] == down


@pytest.mark.parametrize("order", Order)
def test_what_comes_and_goes_meanwhile_moves_nothing(
    app: Flask, form: Form, ids: list[int], hand_in_as: HandInAs, order: Order
) -> None:
    with reading(app) as session:
        first = listing.submissions(session, form.id, order, most=PAGE)
    new = hand_in_as("aaa")
    with app.app_context():  # the rows on both sides of where the page ends
        gone = expected(order, ids)[PAGE - 1 : PAGE + 1]
        erase(app.extensions["intray.storage"], gone, None)
    seen = [row.id for row in first.rows]
    for page in pages(app, form, order, first.after or "", "after"):
        seen += [row.id for row in page.rows]
    assert [id for id in seen if id != new] == [
        id for id in expected(order, ids) if id not in gone or id in seen[:PAGE]
    ]
    assert len(seen) == len(set(seen))


def test_a_page_whose_rows_are_all_gone_is_the_last_or_the_first(
    app: Flask, form: Form, ids: list[int]
) -> None:
    with reading(app) as session:
        first = listing.submissions(session, form.id, most=PAGE)
        second = listing.submissions(session, form.id, cursor=first.after or "", most=PAGE)
    with app.app_context():
        erase(app.extensions["intray.storage"], ids[:-PAGE], None)
    with reading(app) as session:
        for cursor in (first.after, second.before, second.after, LAST):
            page = listing.submissions(session, form.id, cursor=cursor or "", most=PAGE)
            assert [row.id for row in page.rows] == ids[-PAGE:][::-1]
            assert (page.before, page.after) == (None, None)


@pytest.mark.parametrize(
    "cursor", ["x", "?", "é", "bnVsbA", "W10", "W3RydWUsbnVsbCwwXQ", "A" * 9000]
)
def test_a_cursor_that_is_none_gives_the_first_page(
    app: Flask, form: Form, ids: list[int], cursor: str
) -> None:
    with reading(app) as session:
        page = listing.submissions(session, form.id, cursor=cursor, most=PAGE)
    assert [row.id for row in page.rows] == ids[: -PAGE - 1 : -1]


def test_neighbours_and_what_is_newer(app: Flask, form: Form, ids: list[int]) -> None:
    with reading(app) as session:
        references = [session.get_one(Submission, id).reference for id in ids]
        assert listing.neighbours(session, form.id, ids[0]) == (None, references[1])
        assert listing.neighbours(session, form.id, ids[5]) == (references[4], references[6])
        assert listing.neighbours(session, form.id, ids[-1]) == (references[-2], None)
        newer = listing.newer_than(session, form.id, ids[-3])
        assert [row.id for row in newer] == ids[:-3:-1]


@pytest.mark.parametrize("key", [r"\ud800", r"\u0000"])
def test_a_cursor_that_no_database_bears_gives_the_first_page(
    app: Flask, form: Form, ids: list[int], key: str
) -> None:
    cursor = base64.urlsafe_b64encode(f'[true,"{key}",5]'.encode()).decode()
    with reading(app) as session:
        page = listing.submissions(session, form.id, Order.NAME, cursor, most=PAGE)
    assert [row.id for row in page.rows] == expected(Order.NAME, ids)[:PAGE]
