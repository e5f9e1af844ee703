"""What forms may be sent, where the database is slow or away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from webapp.forms.capacity import Capacity
from webapp.storage.local import LocalStorage
from webapp.uploads import capacities
from webapp.uploads.arriving_form import ArrivingForm
from webapp.uploads.capacities import Capacities, NotKnown
from webapp.uploads.hand_ins import HandIns

SOME = Capacity(body_bytes=4000, text_bytes=3000, file_bytes=2000, parts=10)


def counting(answer: Capacity | None) -> tuple[list[str], Callable[[str], Capacity | None]]:
    asked: list[str] = []

    def find(slug: str) -> Capacity | None:
        asked.append(slug)
        return answer

    return asked, find


def test_it_is_asked_once_in_a_while() -> None:
    asked, find = counting(SOME)
    known = Capacities(find)
    assert [known("a"), known("a"), known("b")] == [SOME, SOME, SOME]
    assert asked == ["a", "b"]


def test_it_is_asked_again_after_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacities, "KNOWN_SECONDS", 0.0)
    asked, find = counting(SOME)
    known = Capacities(find)
    assert [known("a"), known("a")] == [SOME, SOME]
    assert asked == ["a", "a"]


def test_a_form_that_is_none_may_be_one_at_once() -> None:
    asked, find = counting(None)
    known = Capacities(find)
    assert [known("a"), known("a")] == [None, None]
    assert asked == ["a", "a"]


def test_names_without_end_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacities, "MOST_KNOWN", 3)
    asked, find = counting(SOME)
    known = Capacities(find)
    for slug in "abcda":
        known(slug)
    assert asked == list("abcda")


@pytest.mark.parametrize("is_silent", [True, False])
def test_the_loop_does_not_wait_for_a_database_that_is_away(
    is_silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacities, "WAIT_SECONDS", 0.05)
    asked, over = [], Event()

    def find(slug: str) -> Capacity | None:
        asked.append(slug)
        if is_silent:
            over.wait(60)
        raise OSError("it is away")

    known = Capacities(find)
    for _ in range(3):
        with pytest.raises(NotKnown):
            known("a")
    over.set()
    assert asked == ["a"], "the next one does not wait as well"


MULTIPART = {"CONTENT_TYPE": "Multipart/Form-Data; boundary=b", "CONTENT_LENGTH": "9"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "is_taken"),
    [
        ("POST", "/f/homework-3", MULTIPART, True),
        ("POST", "/f/作业", MULTIPART, True),
        ("POST", "/r/K7Q4-MXD2/correct", MULTIPART, True),
        ("POST", "/r/K7Q4-MXD2", MULTIPART, False),
        ("PUT", "/f/homework-3", MULTIPART, False),
        ("POST", "/f/homework-3/more", MULTIPART, False),
        ("POST", "//f/homework-3", MULTIPART, False),
        ("POST", "/language", MULTIPART, False),
        ("POST", "/f/homework-3", {"CONTENT_TYPE": "application/json"}, False),
        ("POST", "/f/homework-3", {}, False),
    ],
)
def test_only_hand_ins_are_parsed(
    method: str, path: str, headers: dict[str, str], is_taken: bool, tmp_path: Path
) -> None:
    _, find = counting(SOME)
    body = HandIns(LocalStorage(tmp_path), find)(method, path, headers)
    assert isinstance(body, ArrivingForm) == is_taken


def test_where_nothing_is_known_the_application_decides(tmp_path: Path) -> None:
    def find(slug: str) -> Capacity | None:
        raise OSError("it is away")

    assert HandIns(LocalStorage(tmp_path), find)("POST", "/f/a", MULTIPART) is None
