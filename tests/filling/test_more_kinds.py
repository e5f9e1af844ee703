"""Kinds with several inputs, handed in through the real page: stored, shown, exported, and told of."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.extensions import db
from webapp.notices import content
from webapp.submissions.tables import Submission

from ..conftest import ImportForm, SignInAs
from ..exports.reading import fetch_csv
from ..forms_in_toml import EVERY_KIND, MORE_ANSWERS, MORE_KINDS
from ..visitor import Page, Visitor

PATH = "/f/summer-camp"
DRAWN = "10,10 20,20 30,10 40,40;50,50 60,60"


@pytest.fixture
def camp(visitor: Visitor, import_form: ImportForm) -> Page:
    import_form(MORE_KINDS)
    return visitor.open(PATH)


class Ids(HTMLParser):
    """The ids of a page, and what refers to them."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("aria-describedby", "for", "data-count-of"):
                self.references += (value or "").split()
            elif name == "href" and (value or "").startswith("#"):
                self.references.append((value or "")[1:])


def test_every_kind_is_stored_shown_and_exported(
    app: Flask, visitor: Visitor, camp: Page, sign_in: SignInAs
) -> None:
    answer = visitor.hand_in(camp, PATH, {**MORE_ANSWERS, "signed.drawn": DRAWN})
    assert answer.status == 303, answer.problems
    receipt = visitor.open(answer.location).text
    shown = (
        "3 February 2015", "+49 (0)30 123 45", "20:30", "Other: A poster", "Nuts", "Other: Rice", "9 of 10",
        "Swimming: Well", "Signed by drawing", "Ann Lee", '<path d="M10,10L10,10 20,20 30,10 40,40M50,50',
    )  # fmt: skip
    assert [text for text in shown if text not in receipt] == []
    desk = sign_in("reviewer")
    found = fetch_csv(desk, "summer-camp")
    grid = "How well does your child do these: Swimming"
    assert found.column(grid) == ["Well"]
    assert found.column("When was your child born?") == ["2015-02-03"]
    assert found.column("What can your child not eat?") == ["Nuts; Other: Rice"]
    assert found.column("Your signature") == ["Signed by drawing; Ann Lee"]
    with app.app_context():
        submission = db.session.scalars(select(Submission)).one()
        page = desk.open(f"/desk/forms/summer-camp/submissions/{submission.reference}").text
        told = content.read_content(db.session, submission.id)
        assert told is not None
        sent = json.loads(content.event(told, "https://example.org"))
    assert '<svg class="drawing"' in page
    answers = sent["data"]["submission"]["answers"]
    assert answers["swims"]["value"] == {
        "swimming": "well",
        "cycling": "a_little",
        "climbing": "not_at_all",
    }
    assert answers["food"]["value"] == ["nuts", {"other": "Rice"}]


def test_a_program_may_send_a_birthday_as_one(visitor: Visitor, camp: Page) -> None:
    answers = {k: v for k, v in MORE_ANSWERS.items() if not k.startswith("born.")}
    dropped = {f"born.{part}": [] for part in ("day", "month", "year")}
    refused = visitor.hand_in(
        camp, PATH, {**answers, **dropped, "born": "2015-02-03", "phone": "x"}
    )
    assert refused.status == 422
    assert [refused.input(f"born.{part}") for part in ("day", "month", "year")] == [
        "3",
        "2",
        "2015",
    ]
    assert visitor.hand_in(camp, PATH, {**answers, **dropped, "born": "2015-02-03"}).status == 303


@pytest.mark.parametrize("key", ["born", "swims", "heard", "food", "signed"])
def test_nonsense_for_several_inputs_in_one_is_told(visitor: Visitor, camp: Page, key: str) -> None:
    answers = {k: v for k, v in MORE_ANSWERS.items() if not k.startswith(key)}
    dropped: dict[str, str | list[str]] = {k: [] for k in MORE_ANSWERS if k.startswith(f"{key}.")}
    page = visitor.hand_in(camp, PATH, {**answers, **dropped, key: '{"a": [1]}', "phone": "x"})
    assert page.status == 422


def test_a_page_with_errors_keeps_all_and_leads_to_the_first_wrong_part(
    visitor: Visitor, camp: Page
) -> None:
    wrong = {
        **MORE_ANSWERS,
        "born.month": "13",
        "heard.other": "",
        "swims.cycling": [],
        "food": ["-none", "nuts"],
        "food.other": "",
        "signed.drawn": DRAWN,
    }
    page = visitor.hand_in(camp, PATH, wrong)
    assert page.status == 422
    links = re.findall(r'<li><a href="#([^"]+)"', page.text)
    assert links == ["f-born.month", "f-heard.other", "f-food", "f-swims.cycling"]
    assert set(links) <= set(Ids(page).ids)
    for name, value in (
        ("born.day", "3"),
        ("born.month", "13"),
        ("signed.drawn", DRAWN),
        ("signed", "Ann Lee"),
    ):
        assert page.input(name) == value
    assert page.input("swims.climbing") == "not_at_all"
    assert page.input("heard") == "-other"
    assert "Understood as 20:30" in page.text
    assert "Understood as +49 (0)30 123 45" in page.text


@pytest.mark.parametrize("form", [EVERY_KIND, MORE_KINDS], ids=["first", "more"])
@pytest.mark.parametrize("is_wrong", [False, True])
def test_the_page_of_every_kind_is_well_tied_together(
    visitor: Visitor, import_form: ImportForm, form: str, is_wrong: bool
) -> None:
    import_form(form)
    path = f"/f/{re.findall(r'slug = .(.*).$', form, re.M)[0]}"
    page = visitor.open(path)
    if is_wrong:
        page = visitor.hand_in(page, path, {"heard": "-other"})
        assert page.status == 422
        assert "<title>Error: " in page.text
        inline = re.findall(r"Error: </span>([^<]+)</span></p>", page.text)
        assert [text.strip() for text in inline] == re.findall(
            r'<li><a href="#[^>]*>(.*?)</a>', page.text
        )
        assert "invalid" not in " ".join(inline)
    found = Ids(page)
    assert len(found.ids) == len(set(found.ids))
    assert set(found.references) <= set(found.ids)
    assert "maxlength" not in page.text
    assert "placeholder" not in page.text
    assert " checked" not in page.text.replace('value="-other" checked', "")
    assert "novalidate" in page.text


def test_browsers_are_told_what_is_asked_for(visitor: Visitor, camp: Page) -> None:
    tags = re.findall(r"<input [^>]*>", camp.text)
    told = {
        re.search(r'name="([^"]+)"', tag)[1]: re.search(r'autocomplete="([^"]+)"', tag)[1]  # type: ignore[index]
        for tag in tags
        if "autocomplete=" in tag
    }
    assert told == {
        "child": "name",
        "born.day": "bday-day",
        "born.month": "bday-month",
        "born.year": "bday-year",
        "phone": "tel",
        "signed": "name",
    }
