"""The desk's list of invited people: added, looked through, changed one by one, taken out of the house."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask

from webapp.database import now
from webapp.forms.tables import Form

from ..bench.statements import counted
from ..conftest import ImportForm, SignInAs
from ..desk import Desk
from ..invited.inviting import PERSONAL, change_form, change_person, close_ago, invite, links
from ..visitor import Page, Visitor

PEOPLE = "/desk/forms/homework-3/people"
ADD = f"{PEOPLE}/add"
CLASS = "Anna Schmidt, anna@example.org, 7b\nBen Wang, , 7a\n王小明"


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(PERSONAL)


def add(desk: Desk, text: str, **more: str) -> Page:
    """Has a list checked, and added as the page then says."""
    checked = desk.submit(desk.open(ADD), ADD, {"list": text}, files=[])
    assert checked.status == 200, checked.text
    return desk.submit(checked, ADD, {"add": "yes", **more}, files=[])


def names(page: Page) -> list[str]:
    rows = re.findall(r'<th scope="row">.*?<bdi>(.*?)</bdi>', page.text, re.DOTALL)
    return [str(name) for name in rows]


def counts(page: Page) -> list[int]:
    """Of all, handed in, missing, late, closed."""
    return [int(n) for n in re.findall(r'filter-count">(\d+)<', page.text)]


def person_path(desk: Desk, name: str) -> str:
    found = re.search(rf'href="({PEOPLE}/\d+)"><bdi>{name}<', desk.open(PEOPLE).text)
    assert found is not None
    return found[1]


def hand_in(visitor: Visitor, path: str) -> str:
    answer = visitor.hand_in(visitor.open(path), path, {"words": "5"})
    assert answer.status == 303, answer.text
    return answer.location.split("/r/")[1].split("?")[0]


def test_a_list_is_looked_at_before_it_is_added(app: Flask, desk: Desk, form: Form) -> None:
    assert "Nobody has a personal link yet" in desk.open(PEOPLE).text
    text = CLASS + '\n"\u200b"\nBen, ben@'
    checked = desk.submit(desk.open(ADD), ADD, {"list": text}, files=[])
    assert "3 people will be added" in checked.text
    assert "2 lines cannot be added" in checked.text
    assert "there is no name" in checked.text
    assert links(app, form) == {}
    assert desk.submit(checked, ADD, {"add": "yes"}, files=[]).status == 303
    listed = desk.open(PEOPLE)
    assert "3 people were added" in listed.text
    assert names(listed) == ["Anna Schmidt", "Ben Wang", "王小明"]


def test_the_same_list_again_adds_nobody_twice(app: Flask, desk: Desk, form: Form) -> None:
    add(desk, CLASS)
    checked = desk.submit(desk.open(ADD), ADD, {"list": f"{CLASS}\nEve"}, files=[])
    assert "1 person will be added" in checked.text
    assert "has a link already" in checked.text
    desk.submit(checked, ADD, {"add": "yes"}, files=[])
    assert len(names(desk.open(PEOPLE))) == 4
    add(desk, "Eve", twice="yes")
    assert names(desk.open(PEOPLE)).count("Eve") == 2


def test_a_file_is_taken_as_excel_saves_it(desk: Desk, form: Form) -> None:
    content = "姓名;电子邮件\n王小明;wang@example.org\n".encode("gb18030")
    checked = desk.submit(desk.open(ADD), ADD, {}, files=[("file", "班.csv", content)])
    assert "1 person will be added" in checked.text
    desk.submit(checked, ADD, {"add": "yes"}, files=[])
    assert names(desk.open(PEOPLE)) == ["王小明"]
    broken = desk.submit(
        desk.open(ADD), ADD, {}, files=[("file", "a.xlsx", b"PK\x03\x04\xff\xff" * 9)]
    )
    assert (broken.status, "save it as CSV" in broken.text) == (422, True)


def test_it_tells_who_has_handed_in_who_is_late_and_who_is_missing(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    paths = invite(app, form, CLASS + "\nEve\nZoe")
    reference = hand_in(visitor, paths["Anna Schmidt"])
    change_form(app, form, late_days=3)
    close_ago(app, form, hours=1)
    hand_in(visitor, paths["Ben Wang"])
    change_person(app, "Eve", closes_at=now() + timedelta(days=1))
    change_person(app, "Zoe", is_closed=True)
    page = desk.open(PEOPLE)
    assert counts(page) == [5, 2, 2, 2, 1]
    assert f"/desk/forms/homework-3/submissions/{reference}" in page.text
    shown = {
        show: names(desk.open(f"{PEOPLE}?show={show}"))
        for show in ("handed-in", "missing", "late", "closed")
    }
    assert shown == {
        "handed-in": ["Anna Schmidt", "Ben Wang"],
        "missing": ["Eve", "王小明"],
        "late": ["Ben Wang", "王小明"],
        "closed": ["Zoe"],
    }
    assert names(desk.open(f"{PEOPLE}?q=7A wang")) == ["Ben Wang"]
    assert names(desk.open(f"{PEOPLE}?order=time"))[:2] == ["Ben Wang", "Anna Schmidt"]
    assert names(desk.open(f"{PEOPLE}?order=group"))[:2] == ["Ben Wang", "Anna Schmidt"]


def test_one_person_gets_more_time_a_closed_link_and_an_open_one(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    link = invite(app, form, "Anna")["Anna"]
    close_ago(app, form, hours=1)
    path = person_path(desk, "Anna")
    assert link in desk.open(path).text
    assert "This form is closed" in visitor.open(link).text
    wrong = desk.submit(desk.open(path), f"{path}/deadline", {"closes_at": "soon"})
    assert wrong.status == 422
    assert "soon" in wrong.text
    later = f"{now() + timedelta(days=2):%Y-%m-%d 12:00}"
    assert desk.submit(desk.open(path), f"{path}/deadline", {"closes_at": later}).status == 303
    assert "csrf_token" in visitor.open(link).text
    desk.submit(desk.open(path), f"{path}/switch")
    assert "This personal link is closed" in visitor.open(link).text
    desk.submit(desk.open(path), f"{path}/switch")
    assert "csrf_token" in visitor.open(link).text
    desk.submit(desk.open(path), f"{path}/deadline", {"closes_at": ""})
    assert "This form is closed" in visitor.open(link).text


def test_who_has_handed_in_stays_on_the_list(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    paths = invite(app, form, "Anna\nBen")
    anna, ben = person_path(desk, "Anna"), person_path(desk, "Ben")
    before = desk.open(anna)
    hand_in(visitor, paths["Anna"])
    assert desk.submit(before, f"{anna}/remove").status == 303  # sent from an older page
    assert desk.submit(desk.open(ben), f"{ben}/remove").status == 303
    assert names(desk.open(PEOPLE)) == ["Anna"]
    assert f"{anna}/remove" not in desk.open(anna).text
    assert visitor.open(paths["Ben"]).status == 404


def test_the_links_are_printed_and_exported(app: Flask, desk: Desk, form: Form) -> None:
    paths = invite(app, form, "=1+1, , 7b\nBen")
    cards = desk.open(f"{PEOPLE}/cards").text
    assert cards.count("<svg") == 2
    exported = desk.open(f"{PEOPLE}/links.csv")
    rows = list(csv.reader(io.StringIO(exported.body.decode("utf-8-sig"))))
    assert rows[0][:5] == ["Name", "E-mail", "Group", "Personal link", "State"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "Ben"]
    assert rows[2][3] == f"http://127.0.0.1:8080{paths['Ben']}"
    for path in paths.values():
        assert path in cards
    code = desk.open(f"{person_path(desk, 'Ben')}/qr.svg")
    assert (code.status, code.headers["content-type"].split(";")[0]) == (200, "image/svg+xml")


def test_a_reviewer_sees_who_is_missing_and_no_link(
    app: Flask, sign_in: SignInAs, form: Form
) -> None:
    link = invite(app, form, "Anna")["Anna"]
    page = sign_in("reviewer").open(PEOPLE)
    assert names(page) == ["Anna"]
    assert link not in page.text
    assert "/people/add" not in page.text


def test_two_thousand_people_take_as_many_statements_as_two(
    app: Flask, desk: Desk, form: Form
) -> None:
    def asked(path: str) -> tuple[int, int]:
        with counted(app) as count:
            assert desk.open(path).status == 200
        return len(count.statements), count.commits

    invite(app, form, "A\nB")
    few = [asked(PEOPLE), asked(f"{PEOPLE}/cards"), asked(f"{PEOPLE}/links.csv")]
    invite(app, form, "\n".join(f"Person {n}" for n in range(2000)))
    many = [asked(PEOPLE), asked(f"{PEOPLE}/cards"), asked(f"{PEOPLE}/links.csv")]
    assert many == few
    assert max(statements for statements, _ in many) <= 3
    page = desk.open(f"{PEOPLE}?page=2")
    assert len(names(page)) == 100
    assert "Page 2 of 21" in page.text


def test_the_inbox_and_the_export_tell_who_it_was_and_what_was_late(
    app: Flask, desk: Desk, visitor: Visitor, form: Form
) -> None:
    inbox, exported = "/desk/forms/homework-3", "/desk/forms/homework-3/submissions.csv"
    paths = invite(app, form, "Anna\nBen")
    first = hand_in(visitor, paths["Anna"])
    assert "came in late" not in desk.open(inbox).text
    assert b",Late," not in desk.open(exported).body
    change_form(app, form, late_days=3)
    close_ago(app, form, hours=1)
    second = hand_in(visitor, paths["Ben"])
    assert "Show only what came in late" in desk.open(inbox).text
    late = desk.open(f"{inbox}?late=yes").text
    assert second in late
    assert first not in late
    assert "By the personal link of" in desk.open(f"{inbox}/submissions/{first}").text
    assert second in desk.open(f"{inbox}?q=ben").text
    rows = list(csv.DictReader(io.StringIO(desk.open(exported).body.decode("utf-8-sig"))))
    assert [(row["Personal link of"], row["Late"]) for row in rows] == [
        ("Anna", ""),
        ("Ben", "yes"),
    ]
