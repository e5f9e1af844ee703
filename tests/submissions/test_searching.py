"""What searches find, the same on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from webapp import preparation
from webapp.database import now, unit_of_work
from webapp.forms.tables import Form
from webapp.submissions import form_erasing, listing, searching
from webapp.submissions.erasing import erase
from webapp.submissions.searching import Search
from webapp.submissions.tables import Submission
from webapp.submissions.words import most_words

from ..conftest import ImportForm
from ..forms_in_toml import EVERY_KIND
from .handing_in import hand_in, reading

PEOPLE = ["Anna Lee", "Hannah O’Neil", "王小明", "李小明", "José Müller", "山田がく", "김하늘"]
LETTERS = ["I can cook.", "", "我会做饭，也会开车。", "", "Café first; crème brûlée!", "", ""]


@pytest.fixture
def form(import_form: ImportForm) -> Form:
    return import_form(EVERY_KIND)


@pytest.fixture
def references(app: Flask, form: Form) -> dict[str, str]:
    """By name. The option ids of choices are made by the import, so positions are chosen by them."""
    found = {}
    for number, (name, letter) in enumerate(zip(PEOPLE, LETTERS, strict=True)):
        answers = {"name": name, "email": f"p{number}.x@mail-{number}.example.org", "years": "12.5"}
        if letter:
            answers["letter"] = letter
        files = [("Zeugnis_2024 (final).PDF", b"x")] if number == 0 else []
        found[name] = hand_in(app, form, answers, files).reference
    return found


def found(app: Flask, query: str, form: Form | None = None) -> list[str]:
    """Labels, newest first."""
    with reading(app) as session:
        page = listing.found(session, Search(query, form.id if form else None))
    return [row.label or "" for row in page.rows]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ann", ["Anna Lee"]),
        ("ANNA", ["Anna Lee"]),
        ("nna", []),
        ("lee anna", ["Anna Lee"]),
        ("anna hannah", []),
        ("o'neil", ["Hannah O’Neil"]),
        ("小明", ["李小明", "王小明"]),
        ("王小明", ["王小明"]),
        ("王", ["王小明"]),
        ("王明", []),
        ("做饭", ["王小明"]),
        ("做饭 王", ["王小明"]),
        ("cafe", ["José Müller"]),
        ("CAFÉ", ["José Müller"]),
        ("creme", ["José Müller"]),
        ("mull", ["José Müller"]),
        ("ｊｏｓｅ", ["José Müller"]),
        ("がく", ["山田がく"]),
        ("하늘", ["김하늘"]),
        ("zeugnis", ["Anna Lee"]),
        ("zeugnis_2024 (final).pdf", ["Anna Lee"]),
        ("p0.x@mail-0.example.org", ["Anna Lee"]),
        ("mail-0", ["Anna Lee"]),
        ("12.5 hannah", ["Hannah O’Neil"]),
        ("example.org", PEOPLE[::-1]),
    ],
)
def test_what_is_found(app: Flask, form: Form, references: object, query: str, names: str) -> None:
    assert found(app, query) == names
    assert found(app, query, form) == names


def test_references_are_found_however_they_are_written(
    app: Flask, references: dict[str, str]
) -> None:
    reference = references["王小明"]
    for query in (reference, reference.lower(), reference.replace("-", ""), reference[:7]):
        assert found(app, query) == ["王小明"], query


@pytest.mark.parametrize(
    "query",
    ["", " ", '"', "'", "*", '"*"', "\\", "\0", "()", "-", "。", "!!!", "§", "§1*", "🙂", "\ud800"],
)
def test_what_holds_no_word_finds_nothing(app: Flask, references: object, query: str) -> None:
    assert found(app, query) == ([] if query != "§1*" else found(app, "1"))


@pytest.mark.parametrize(
    "query",
    [
        '"anna" OR "bob',
        "anna NEAR(lee)",
        "anna AND NOT lee",
        "words:anna",
        "^hannah:anna",
        "anna'); DROP TABLE submissions; --",
        "anna & !hannah | x:*",
        "a" * 10_000,
        "王" * 10_000,
        "\u0301" * 10_000,
        " ".join(f"w{n}" for n in range(3000)),
        "anna\0lee nothing",
    ],
)
def test_hostile_queries_are_words_like_others(app: Flask, references: object, query: str) -> None:
    assert found(app, query) == []
    assert found(app, "anna") == ["Anna Lee"]


def test_a_search_in_a_form_finds_nothing_of_another(
    app: Flask, form: Form, references: object, import_form: ImportForm
) -> None:
    other = import_form(EVERY_KIND.replace("job-application", "another"))
    hand_in(app, other, {"name": "Anna Other"})
    assert found(app, "anna", form) == ["Anna Lee"]
    assert found(app, "anna", other) == ["Anna Other"]
    assert found(app, "anna") == ["Anna Other", "Anna Lee"]


def test_what_was_erased_is_found_no_more(
    app: Flask, form: Form, references: object, import_form: ImportForm
) -> None:
    other = import_form(EVERY_KIND.replace("job-application", "another"))
    gone = hand_in(app, other, {"name": "Anna Gone"})
    hand_in(app, other, {"name": "Anna Other"})
    with app.app_context():
        erase(app.extensions["intray.storage"], [gone.submission_id], None)
    assert found(app, "anna") == ["Anna Other", "Anna Lee"]
    with app.app_context(), unit_of_work() as session:
        form_erasing.erase_form(session, other.id, None, now())
    assert found(app, "anna") == ["Anna Lee"]


def test_search_results_have_pages(app: Flask, form: Form, references: object) -> None:
    with reading(app) as session:
        search = Search("example", form.id)
        first = listing.found(session, search, most=3)
        second = listing.found(session, search, first.after or "", most=3)
        last = listing.found(session, search, listing.LAST, most=3)
        back = listing.found(session, search, second.before or "", most=3)
    assert [row.label for row in first.rows + second.rows] == PEOPLE[:0:-1]
    assert [row.label for row in last.rows] == PEOPLE[2::-1]
    assert (first.before, last.after, back.rows) == (None, None, first.rows)


def test_what_came_before_there_was_an_index_is_indexed_by_a_job(
    app: Flask, form: Form, references: object
) -> None:
    with app.app_context():
        with unit_of_work() as session:
            ids = session.scalars(select(Submission.id)).all()
            searching.remove(session, ids)
            bare = {"label": None, "label_key": None, "file_count": 0}
            session.execute(update(Submission).values(bare))
        assert found(app, "anna") == []
        preparation.sweep()
        app.extensions["intray.jobs"].run_due()
    assert found(app, "anna") == ["Anna Lee"]
    assert found(app, "小明") == ["李小明", "王小明"]
    with reading(app) as session:
        rows = listing.submissions(session, form.id, listing.Order.NAME).rows
    assert [row.label for row in rows][:2] == ["Anna Lee", "Hannah O’Neil"]
    assert [row.file_count for row in rows][:2] == [1, 0]


def words(text: str) -> set[str]:
    return set(most_words([text], searching.MOST_BYTES))


def test_words_are_taken_apart_alike_wherever_they_stand() -> None:
    assert words("K7Q4-MXD2 a_b") == {"k7q4", "mxd2", "a", "b"}
    assert words("王小明's") == {"王", "小", "明", "王小", "小明", "s"}
    assert words("Straße ﬁn Ёж") == {"strasse", "fin", "еж"}
    assert words("हिन्दी।") == {"हिन्दी।"}
    assert words("") == set()


def test_an_endless_text_gives_as_many_words_as_the_index_takes() -> None:
    text = " ".join(chr(0x4E00 + n % 20000) + chr(0x4E00 + n * 7 % 20000) for n in range(200_000))
    words = most_words([text], searching.MOST_BYTES)
    assert sum(len(word.encode()) + 1 for word in words) <= searching.MOST_BYTES
    assert len(words) > 10_000


def test_the_longest_answers_can_be_indexed(app: Flask, form: Form) -> None:
    letter = "".join(chr(0x4E00 + n * n % 20000) for n in range(100_000)) + "x" * 5000
    hand_in(app, form, {"name": "Long", "letter": letter})
    assert found(app, "long") == ["Long"]
    assert found(app, letter[:3], form) == ["Long"]
