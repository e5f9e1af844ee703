"""An export is sent while it is made, ends when nobody takes it, and leaves room for all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from webapp.database import snapshot, unit_of_work
from webapp.events.tables import Event
from webapp.exports import csv_file, reading
from webapp.exports.running import Places

from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS
from ..visitor import Visitor
from .test_exports import SLUG, hand_in

PATH = f"/desk/forms/{SLUG}/submissions"


@pytest.fixture(autouse=True)
def small_pieces(
    import_form: ImportForm, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three submissions, each read by itself and a piece of its own."""
    monkeypatch.setattr(reading, "AT_ONCE", 1)
    monkeypatch.setattr(csv_file, "PIECE", 1)
    import_form(EVERY_KIND)
    for name in ("Ann", "Bo", "Cy"):
        hand_in(visitor, {**GOOD_ANSWERS, "name": name})


def begin(app: Flask, desk: Desk, ending: str = "csv", **environ: str) -> TestResponse:
    """The answer, of which nothing has been read."""
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": desk.cookie}
    return client.get(f"{PATH}.{ending}", headers=headers, environ_overrides=environ)


def pieces(answer: TestResponse) -> Iterator[bytes]:
    return iter(answer.response)  # type: ignore[arg-type]


def exported(app: Flask) -> list[dict[str, Any]]:
    with app.app_context(), snapshot() as session:
        query = select(Event.details).where(Event.kind == "submissions.exported")
        return list(session.scalars(query.order_by(Event.id)))


def test_the_headings_come_first_and_each_piece_when_it_is_asked_for(
    app: Flask, desk: Desk, visitor: Visitor
) -> None:
    answer = begin(app, desk)
    parts = pieces(answer)
    assert next(parts).startswith("\ufeffReference".encode())
    assert "content-length" not in answer.headers
    assert b"Ann" in next(parts)
    hand_in(visitor, {**GOOD_ANSWERS, "name": "Dee"})  # nothing that was read is held open
    assert b"Dee" in b"".join(parts)
    answer.close()
    assert exported(app) == [{"format": "csv", "count": 4, "q": ""}]


def test_a_client_that_goes_away_ends_it(app: Flask, desk: Desk) -> None:
    """And the history says how much it was given."""
    answer = begin(app, desk)
    parts = pieces(answer)
    next(parts), next(parts)
    assert exported(app) == []
    answer.close()
    assert list(parts) == []
    assert exported(app) == [{"format": "csv", "count": 1, "q": ""}]
    assert desk.open(f"{PATH}.csv").status == 200


def test_one_that_fails_midway_does_not_end_as_if_it_were_whole(app: Flask, desk: Desk) -> None:
    answer = begin(app, desk)
    parts = pieces(answer)
    next(parts), next(parts)
    with app.app_context(), unit_of_work() as session:
        session.execute(text("ALTER TABLE submissions RENAME TO elsewhere"))
    with pytest.raises(DBAPIError):
        next(parts)
    with app.app_context(), unit_of_work() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO submissions"))
    answer.close()
    assert exported(app) == [{"format": "csv", "count": 1, "q": ""}]
    assert desk.open(f"{PATH}.csv").status == 200


def test_where_a_part_would_look_whole_it_has_a_length(app: Flask, desk: Desk) -> None:
    """HTTP/1.0, as some proxies speak it to the server: there the end of the answer is its only end."""
    answer = begin(app, desk, SERVER_PROTOCOL="HTTP/1.0")
    assert int(answer.headers["content-length"]) == len(answer.get_data())
    answer.close()
    assert exported(app) == [{"format": "csv", "count": 3, "q": ""}]


def test_who_has_got_all_of_it_may_ask_for_another(app: Flask, desk: Desk) -> None:
    """gunicorn says that an answer is over, and only then closes what it came from."""
    answer = begin(app, desk)
    assert len(list(pieces(answer))) == 4
    assert desk.open(f"{PATH}.csv").status == 200
    answer.close()
    assert [event["count"] for event in exported(app)] == [3, 3]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_user_exports_one_thing_at_a_time(app: Flask, desk: Desk, ending: str) -> None:
    running = begin(app, desk)
    refused = desk.open(f"{PATH}.{ending}")
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "An export is still running" in refused.text
    running.close()
    assert desk.open(f"{PATH}.{ending}").status == 200
    assert desk.open(f"{PATH}.{ending}").status == 200


def test_exports_leave_threads_for_all_else(app: Flask, sign_in: SignInAs) -> None:
    app.extensions["intray.exports"] = Places(1)
    one, other = sign_in("owner"), sign_in("reviewer")
    running = begin(app, one)
    assert other.open(f"{PATH}.xlsx").status == 429
    assert other.open(f"/desk/forms/{SLUG}").status == 200
    running.close()
    assert other.open(f"{PATH}.xlsx").status == 200


def test_an_answer_that_was_never_sent_gives_its_place_back(app: Flask, desk: Desk) -> None:
    """Such as one that something else failed behind."""
    places: Places = app.extensions["intray.exports"]
    place = places.take(1)
    del place
    places.take(1).close()
