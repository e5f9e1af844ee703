"""The inbox through its pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from webapp.database import unit_of_work
from webapp.forms.tables import Form
from webapp.inbox import news
from webapp.submissions.accepting import Accepted
from webapp.submissions.tables import Submission

from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import EVERY_KIND, HOMEWORK
from ..submissions.handing_in import form_count, hand_in
from ..visitor import Page

INBOX = "/desk/forms/homework-3"
FILES = [("Essay über 中文.pdf", b"%PDF first"), ("data.csv", b"a,b")]

SignInAs = Callable[[str], Desk]


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(HOMEWORK)


def labels(page: Page) -> list[str]:
    """The names in a list, in their order."""
    return re.findall(r'<th scope="row">.*?<bdi>(.*?)</bdi>', page.text)


def marked_new(page: Page) -> list[str]:
    """The names beside which the page says "New"."""
    rows = re.findall(r'<th scope="row">(.*?)</th>', page.text, re.DOTALL)
    return [re.findall("<bdi>(.*?)</bdi>", row)[0] for row in rows if ">New<" in row]


def link(page: Page, text: str) -> str:
    found = re.search(rf'<a [^>]*?href="([^"]+)"[^>]*>{text}', page.text)
    assert found, f"no link {text!r} in {page.text}"
    return found[1].replace("&amp;", "&")


def path_of(accepted: Accepted) -> str:
    return f"{INBOX}/submissions/{accepted.reference}"


def test_without_a_form_the_desk_says_what_to_do(sign_in: SignInAs) -> None:
    page = sign_in("owner").open("/desk")
    assert page.status == 200
    assert "There is no form yet" in page.text
    assert "As soon as somebody has made one" in sign_in("reviewer").open("/desk").text


def test_an_empty_inbox_says_which_link_to_pass_on(desk: Desk, form: Form) -> None:
    page = desk.open(INBOX)
    assert "Nothing was handed in yet" in page.text
    assert "/f/homework-3" in page.text


def test_the_overview_tells_of_each_form(
    app: Flask, desk: Desk, form: Form, import_form: ImportForm
) -> None:
    closes = HOMEWORK.replace('"open"', '"open"\ncloses_at = 2990-12-01T23:59:00')
    import_form(closes.replace("homework-3", "later").replace("Homework 3", "Later <b>"))
    import_form(HOMEWORK.replace("homework-3", "draft").replace('"open"', '"draft"'))
    import_form(HOMEWORK.replace("homework-3", "closed").replace('"open"', '"closed"'))
    for name in ("Ann", "Bob"):
        hand_in(app, form, {"name": name})
    page = desk.open("/desk")
    assert labels(page) == ["Homework 3", "Homework 3", "Later &lt;b&gt;", "Homework 3"]
    rows = re.findall(r'<tr>\n<th scope="row">.*?</tr>', page.text, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(?:<[a-z]+[^>]*>)*([^<]*)", row)[:3] for row in rows]
    assert cells == [
        ["Closed", "0", "0"],
        ["Draft", "0", "0"],
        ["Open until 1 December 2990, 23:59 (Asia/Shanghai)", "0", "0"],
        ["Open", "2", "2"],
    ]


def test_new_ones_are_told_until_somebody_has_looked(
    app: Flask, sign_in: SignInAs, form: Form
) -> None:
    ann, bob = sign_in("owner"), sign_in("reviewer")
    hand_in(app, form, {"name": "First"})
    assert marked_new(ann.open(INBOX)) == ["First"]
    assert marked_new(ann.open(INBOX)) == []
    hand_in(app, form, {"name": "Second"})
    assert "<strong>1</strong>" in ann.open("/desk").text
    assert marked_new(ann.open(INBOX + "?order=name")) == ["Second"]  # only who sees them all has
    assert marked_new(ann.open(INBOX)) == ["Second"]
    assert "<strong>" not in ann.open("/desk").text
    assert marked_new(bob.open(INBOX)) == ["Second", "First"]  # each user for themselves


def test_what_was_new_stays_marked_on_the_next_pages(app: Flask, desk: Desk, form: Form) -> None:
    for number in range(60):
        hand_in(app, form, {"name": f"n{number}"})
    first = desk.open(INBOX)
    assert len(marked_new(first)) == 50
    assert marked_new(desk.open(link(first, "Older"))) == [f"n{n}" for n in range(9, -1, -1)]
    assert marked_new(desk.open(INBOX)) == []


def test_pages_lead_to_one_another(app: Flask, desk: Desk, form: Form) -> None:
    for number in range(120):
        hand_in(app, form, {"name": f"n{number:03}"})
    first = desk.open(INBOX)
    second = desk.open(link(first, "Older"))
    third = desk.open(link(second, "Older"))
    assert labels(first) + labels(second) + labels(third) == [
        f"n{n:03}" for n in range(119, -1, -1)
    ]
    assert labels(desk.open(link(third, "Newer"))) == labels(second)
    assert labels(desk.open(link(third, "Newest"))) == labels(first)
    assert labels(desk.open(link(first, "Oldest"))) == [f"n{n:03}" for n in range(49, -1, -1)]
    by_name = desk.open(link(desk.open(link(first, "Name")), "Name"))
    assert labels(by_name) == [f"n{n:03}" for n in range(50)]
    assert 'aria-sort="ascending"><a' in by_name.text
    assert labels(desk.open(link(by_name, "Next")))[0] == "n050"


def test_a_search_finds_in_the_form_and_everywhere(
    app: Flask, desk: Desk, form: Form, import_form: ImportForm
) -> None:
    other = import_form(EVERY_KIND)
    hand_in(app, form, {"name": "王小明"}, FILES)
    gone = hand_in(app, other, {"name": "小明 <i>"})
    assert labels(desk.open(f"{INBOX}?q={quote('小明')}")) == ["王小明"]
    found = desk.open(f"/desk?q={quote('小明')}")
    assert "Job application" in found.text
    assert found.text.index("小明 &lt;i&gt;") < found.text.index("王小明")
    assert gone.reference in found.text
    nothing = desk.open(f"{INBOX}?q=nobody")
    assert "Nothing was found" in nothing.text
    assert "Nothing was found" in desk.open("/desk?q=*").text


def test_a_submission_shows_all_that_was_handed_in(app: Flask, desk: Desk, form: Form) -> None:
    first = hand_in(app, form, {"name": "Ann <b>Lee</b>"}, FILES)
    second = hand_in(app, form, {})
    page = desk.open(path_of(first))
    assert page.status == 200
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in page.text
    assert first.reference in page.text
    assert first.receipt_key not in page.text
    assert "Essay über 中文.pdf" in page.text
    assert "(Asia/Shanghai)" in page.text
    for _, content in FILES:
        assert hashlib.sha256(content).hexdigest() in page.text
    assert page.headers["cache-control"] == "no-store"
    assert link(page, "Newer") == path_of(second)
    unnamed = desk.open(path_of(second))
    assert "not answered" in unnamed.text
    assert link(unnamed, "Older") == path_of(first)
    assert "(no name)" in desk.open(INBOX).text


@pytest.mark.parametrize(
    "path",
    [
        "/desk/forms/none",
        "/desk/forms/none/news",
        f"{INBOX}/submissions/2222-2222",
        f"{INBOX}/submissions/x",
        f"{INBOX}/submissions/2222-2222/delete",
        f"{INBOX}/submissions/2222-2222/files/{'0' * 32}",
        f"{INBOX}/submissions/%00/files/%00",
    ],
)
def test_what_is_not_there_is_a_404(desk: Desk, form: Form, path: str) -> None:
    assert desk.open(path).status == 404


def test_a_submission_is_not_another_forms(
    app: Flask, desk: Desk, form: Form, import_form: ImportForm
) -> None:
    other = import_form(EVERY_KIND)
    theirs = hand_in(app, other, {"name": "Ann"}, FILES[:1])
    assert desk.open(path_of(theirs)).status == 404
    page = desk.open(f"/desk/forms/job-application/submissions/{theirs.reference.lower()}")
    file = link(page, "<bdi>Essay")
    assert desk.open(file).status == 200
    assert desk.open(file.replace("job-application", "homework-3")).status == 404


def test_deleting_asks_first_and_takes_everything(app: Flask, desk: Desk, form: Form) -> None:
    kept = hand_in(app, form, {"name": "Bob"}, FILES)
    gone = hand_in(app, form, {"name": "Ann"}, FILES)
    asked = desk.open(link(desk.open(path_of(gone)), "Delete"))
    assert "2 files go for good" in asked.text
    answer = desk.submit(asked, path_of(gone) + "/delete")
    assert (answer.status, answer.location) == (303, INBOX)
    page = desk.open(INBOX)
    assert f"The submission {gone.reference} is deleted" in page.text
    assert labels(page) == ["Bob"]
    assert desk.open(path_of(gone)).status == 404
    assert desk.open(f"/r/{gone.reference}?key={gone.receipt_key}").status == 404
    assert desk.open(f"/r/{kept.reference}?key={kept.receipt_key}").status == 200
    assert len(list((app.config["INTRAY"].data / "files").glob("*/*"))) == 1
    twice = desk.submit(asked, path_of(gone) + "/delete")
    assert (twice.status, twice.location) == (303, INBOX)
    assert "is deleted" not in desk.open(INBOX).text
    assert form_count(app, form) == 1


def test_a_reviewer_sees_and_does_not_delete(app: Flask, sign_in: SignInAs, form: Form) -> None:
    reviewer, editor = sign_in("reviewer"), sign_in("editor")
    one = hand_in(app, form, {"name": "Ann"}, FILES)
    page = reviewer.open(path_of(one))
    assert page.status == 200
    assert "Delete" not in page.text
    assert reviewer.open(path_of(one) + "/delete").status == 403
    assert reviewer.post_form(path_of(one) + "/delete", {}).status == 403
    assert editor.post_form(path_of(one) + "/delete", {}).status == 403  # without its page's token
    assert form_count(app, form) == 1
    assert reviewer.open(link(page, "<bdi>Essay")).body == FILES[0][1]
    asked = editor.open(path_of(one) + "/delete")
    assert editor.submit(asked, path_of(one) + "/delete").status == 303
    assert form_count(app, form) == 0


def test_what_is_not_indexed_yet_has_its_pages_and_is_told_of(
    app: Flask, desk: Desk, form: Form
) -> None:
    old = hand_in(app, form, {"name": "Ann"}, FILES)
    told = "still being made findable"
    assert told not in desk.open(INBOX).text + desk.open("/desk?q=ann").text
    with app.app_context(), unit_of_work() as session:  # as it is after the migration
        bare = {"label": None, "label_key": None, "file_count": 0}
        session.execute(update(Submission).values(bare))
    page = desk.open(path_of(old))
    assert page.status == 200
    assert old.reference in page.text
    assert "2 files go for good" in desk.open(path_of(old) + "/delete").text
    for path in (INBOX, INBOX + "?q=ann", "/desk?q=ann"):
        assert told in desk.open(path).text, path


def test_a_list_is_shown_even_where_nothing_can_be_written(
    app: Flask, desk: Desk, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(app, form, {"name": "Ann"})

    def too_long(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(news, "mark_seen", too_long)
    assert labels(desk.open(INBOX)) == ["Ann"]
    monkeypatch.undo()
    assert marked_new(desk.open(INBOX)) == ["Ann"]


@pytest.mark.parametrize("name", ["\u2800\u3164", "\ufe0f \u200b"])
def test_a_name_of_which_nothing_is_seen_is_none(
    app: Flask, desk: Desk, form: Form, name: str
) -> None:
    hand_in(app, form, {"name": name})
    assert "(no name)" in desk.open(INBOX).text


def test_large_numbers_are_grouped(app: Flask, desk: Desk, form: Form) -> None:
    hand_in(app, form, {"name": "Ann"})
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).values(submission_count=1850))
    assert "1,850" in desk.open("/desk").text
    assert "1,850" in desk.open(INBOX).text
