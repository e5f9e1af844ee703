"""Filling in a form and handing it in, without JavaScript and without a cookie."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.database import now, unit_of_work
from webapp.extensions import db
from webapp.filling import attempt
from webapp.submissions import form_erasing
from webapp.submissions.tables import StoredFile, Submission
from webapp.uploads.tables import Upload

from ..conftest import ImportForm
from ..forms_in_toml import EVERY_KIND, GOOD_ANSWERS, HOMEWORK
from ..visitor import Page, Visitor

PATH = "/f/homework-3"


@pytest.fixture
def homework(visitor: Visitor, import_form: ImportForm) -> Page:
    """The open page of a form with a name and up to three files."""
    import_form(HOMEWORK)
    return visitor.open(PATH)


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def files_of(app: Flask) -> dict[str, bytes]:
    """What lies under files/: relative path and content."""
    top: Path = app.config["INTRAY"].data / "files"
    paths = (path for path in top.rglob("*") if path.is_file())
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in paths}


def incoming_of(app: Flask) -> list[str]:
    return sorted(path.name for path in (app.config["INTRAY"].data / "incoming").iterdir())


def test_it_takes_answers_and_files_and_shows_the_receipt(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    content = b"%PDF-1.7 an essay"
    answer = visitor.hand_in(
        homework, PATH, {"name": "Ann Lee"}, [("essay", "my essay.pdf", content)]
    )
    assert answer.status == 303
    receipt = visitor.open(answer.location)
    assert receipt.status == 200
    reference = re.search(r"/r/([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})\?key=", answer.location)
    assert reference is not None
    for shown in (
        reference[1],
        "Ann Lee",
        "my essay.pdf",
        hashlib.sha256(content).hexdigest(),
        "17 B",
    ):
        assert shown in receipt.text
    ((path, stored),) = files_of(app).items()
    assert re.fullmatch(rf"Homework 3/\d{{4}}-\d\d-\d\d {reference[1]} Ann Lee/my essay\.pdf", path)
    assert stored == content
    assert incoming_of(app) == []


def test_neither_the_form_nor_the_receipt_sets_a_cookie(visitor: Visitor, homework: Page) -> None:
    answer = visitor.hand_in(homework, PATH, {"name": "Ann"})
    receipt = visitor.open(answer.location)
    for page in (homework, answer, receipt):
        assert "set-cookie" not in page.headers


def test_every_kind_is_normalised_and_shown(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(EVERY_KIND)
    page = visitor.open("/f/job-application")
    answer = visitor.hand_in(
        page, "/f/job-application", GOOD_ANSWERS, [("papers", "cv.txt", b"cv")]
    )
    assert answer.status == 303, answer.text
    with app.app_context():
        stored = db.session.scalars(select(Submission.answers)).one()
    assert "12.5" in stored.values()
    assert "2026-12-01" in stored.values()
    receipt = visitor.open(answer.location).text
    for shown in (
        "Because.",
        "12.5",
        "1 December 2026",
        "Cook",
        "English",
        "中文",
        "Yes",
        "cv.txt",
    ):
        assert shown in receipt
    assert "cook" not in receipt


def test_a_choice_may_be_given_by_its_label(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(EVERY_KIND)
    page = visitor.open("/f/job-application")
    answers = {**GOOD_ANSWERS, "position": "司机", "languages": "العربية"}
    answer = visitor.hand_in(page, "/f/job-application", answers)
    assert answer.status == 303
    receipt = visitor.open(answer.location).text
    assert "司机" in receipt
    assert "العربية" in receipt


def test_a_refused_hand_in_keeps_answers_and_good_files(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    good, bad = b"%PDF-1.7 good bytes", b"MZ bad bytes"
    refused = visitor.hand_in(
        homework, PATH, {"name": ""}, [("essay", "good.pdf", good), ("essay", "bad.exe", bad)]
    )
    assert refused.status == 422
    assert refused.problems == [
        "Your name: please write an answer",
        "Your essay: the file bad.exe must be of the type .pdf, .docx",
    ]
    assert "<title>Error: " in refused.text
    (value,) = [value for name, value in refused.inputs if name == "essay"]
    assert re.fullmatch(r"upload:[0-9a-f]{32}", value)
    assert incoming_of(app) == [value.removeprefix("upload:")]

    answer = visitor.hand_in(refused, PATH, {"name": "Ann"})
    assert answer.status == 303
    assert list(files_of(app).values()) == [good]
    assert incoming_of(app) == []
    assert count(app, Upload) == 0


def test_typed_answers_of_every_kind_come_back(visitor: Visitor, import_form: ImportForm) -> None:
    import_form(EVERY_KIND)
    page = visitor.open("/f/job-application")
    answers = {**GOOD_ANSWERS, "name": "", "letter": "<b>\n\nAnd & so</b>"}
    refused = visitor.hand_in(page, "/f/job-application", answers)
    assert refused.status == 422
    again = dict(refused.inputs)
    assert again["letter"] == "<b>\n\nAnd & so</b>"
    assert again["years"] == "１２,5"
    assert again["position"] == "cook"
    assert again["email"] == "ann@example.org"
    assert [v for n, v in refused.inputs if n == "languages"] == ["en", "zh"]
    assert "agreed" in again


def test_a_kept_file_is_removed_by_its_button(app: Flask, visitor: Visitor, homework: Page) -> None:
    files = [("essay", "one.pdf", b"%PDF-1"), ("essay", "two.pdf", b"%PDF-22")]
    refused = visitor.hand_in(homework, PATH, {"name": ""}, files)
    first = refused.input("essay").removeprefix("upload:")
    page = visitor.hand_in(refused, PATH, {"name": "Ann", "remove-upload": first})
    assert page.status == 200
    assert page.problems == []
    assert "one.pdf" in page.text  # "… was removed"
    assert page.input("name") == "Ann"
    assert first not in incoming_of(app)
    assert visitor.hand_in(page, PATH, {}).status == 303
    assert list(files_of(app).values()) == [b"%PDF-22"]


def test_removing_keeps_a_file_that_came_with_the_same_request(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    refused = visitor.hand_in(homework, PATH, {"name": ""}, [("essay", "one.pdf", b"%PDF-1")])
    first = refused.input("essay").removeprefix("upload:")
    page = visitor.hand_in(
        refused, PATH, {"remove-upload": first}, [("essay", "two.pdf", b"%PDF-22")]
    )
    assert page.status == 200
    visitor.hand_in(page, PATH, {"name": "Ann"})
    assert list(files_of(app).values()) == [b"%PDF-22"]


def test_switching_the_language_keeps_what_was_typed_and_chosen(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    answers = {"name": "Ann", "switch-language": "zh"}
    chinese = visitor.hand_in(homework, PATH, answers, [("essay", "a.pdf", b"%PDF-aaa")])
    assert chinese.status == 200
    assert 'lang="zh"' in chinese.text
    assert chinese.problems == []
    assert chinese.input("name") == "Ann"
    assert count(app, Submission) == 0
    assert visitor.hand_in(chinese, PATH, {}).status == 303
    assert list(files_of(app).values()) == [b"%PDF-aaa"]
    assert visitor.hand_in(homework, PATH, {"switch-language": "xx"}).status == 400


def test_a_double_click_is_one_submission(app: Flask, visitor: Visitor, homework: Page) -> None:
    files = [("essay", "a.pdf", b"%PDF-aaa")]
    first = visitor.hand_in(homework, PATH, {"name": "Ann"}, files)
    second = visitor.hand_in(homework, PATH, {"name": "Ann"}, files)
    assert (first.status, second.status) == (303, 303)
    assert first.location == second.location
    assert count(app, Submission) == count(app, StoredFile) == 1
    assert incoming_of(app) == []


def test_a_double_click_with_kept_files_is_one_submission(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    refused = visitor.hand_in(homework, PATH, {"name": ""}, [("essay", "a.pdf", b"%PDF-aaa")])
    first = visitor.hand_in(refused, PATH, {"name": "Ann"})
    second = visitor.hand_in(refused, PATH, {"name": "Ann"})
    assert first.location == second.location
    assert count(app, Submission) == 1


def test_the_same_page_with_other_answers_asks_whether_to_hand_in_again(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    first = visitor.hand_in(homework, PATH, {"name": "Ann"})
    asked = visitor.hand_in(homework, PATH, {"name": "Ben"})
    assert asked.status == 422
    assert first.location.replace("&", "&amp;") in asked.text
    assert asked.input("name") == "Ben"
    assert count(app, Submission) == 1
    second = visitor.hand_in(asked, PATH, {})
    assert second.status == 303
    assert second.location != first.location
    assert count(app, Submission) == 2


def test_two_tabs_are_two_submissions(app: Flask, visitor: Visitor, homework: Page) -> None:
    other = visitor.open(PATH)
    first = visitor.hand_in(homework, PATH, {"name": "Ann"})
    second = visitor.hand_in(other, PATH, {"name": "Ann"})
    assert first.location != second.location
    assert count(app, Submission) == 2


def test_what_is_handed_in_again_cannot_take_the_first_ones_files(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    refused = visitor.hand_in(homework, PATH, {"name": ""}, [("essay", "a.pdf", b"%PDF-aaa")])
    visitor.hand_in(refused, PATH, {"name": "Ann"})
    asked = visitor.hand_in(refused, PATH, {"name": "Ben"})
    assert asked.status == 422
    assert asked.problems == []
    assert "These files went with the first one" in asked.text
    assert [n for n, _ in asked.inputs].count("essay") == 0
    assert visitor.hand_in(asked, PATH, {}, [("essay", "a.pdf", b"%PDF-aaa")]).status == 303
    assert count(app, Submission) == 2


@pytest.mark.parametrize("token", ["", "forged", "WyJhIl0.c2ln", "\U0001f600" * 50, "a" * 9000])
def test_a_forged_token_is_answered_with_a_good_one(
    app: Flask, visitor: Visitor, homework: Page, token: str
) -> None:
    refused = visitor.hand_in(homework, PATH, {"name": "Ann", "csrf_token": token})
    assert refused.status == 422
    assert "could not be recognised" in refused.problems[0]
    assert count(app, Submission) == 0
    assert visitor.hand_in(refused, PATH, {}).status == 303


def test_another_forms_token_is_not_taken(
    visitor: Visitor, homework: Page, import_form: ImportForm
) -> None:
    import_form(HOMEWORK.replace("homework-3", "other"))
    refused = visitor.hand_in(homework, "/f/other", {"name": "Ann"})
    assert refused.status == 422


def test_a_page_of_an_earlier_version_is_validated_by_it(
    app: Flask, visitor: Visitor, homework: Page, import_form: ImportForm
) -> None:
    import_form(
        HOMEWORK.replace("max_length = 200", "max_length = 2").replace("Your name", "Initials")
    )
    answer = visitor.hand_in(homework, PATH, {"name": "Ann Lee"})
    assert answer.status == 303
    assert "Your name" in visitor.open(answer.location).text
    newer = visitor.open(PATH)
    assert visitor.hand_in(newer, PATH, {"name": "Ann Lee"}).problems == [
        "Initials must have 2 characters or fewer; it has 7"
    ]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 303),
        ("http://LOCALHOST:80", 303),
        ("https://evil.example", 403),
        ("http://localhost:8081", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_a_hand_in_from_another_site_is_refused(
    app: Flask, visitor: Visitor, homework: Page, origin: str, status: int
) -> None:
    answer = visitor.hand_in(homework, PATH, {"name": "Ann"}, Origin=origin)
    assert answer.status == status
    assert count(app, Submission) == (1 if status == 303 else 0)


def test_files_beyond_the_limit_are_told_and_can_be_removed(
    visitor: Visitor, homework: Page
) -> None:
    files = [("essay", f"{n}.pdf", b"%PDF-") for n in range(4)]
    refused = visitor.hand_in(homework, PATH, {"name": "Ann"}, files)
    assert refused.problems == ["Your essay takes 3 files; please remove one or more"]
    first = refused.input("essay").removeprefix("upload:")
    page = visitor.hand_in(refused, PATH, {"remove-upload": first})
    assert visitor.hand_in(page, PATH, {}).status == 303


def test_empty_and_too_large_files_are_told(app: Flask, visitor: Visitor, homework: Page) -> None:
    files = [("essay", "empty.pdf", b""), ("essay", "large.pdf", b"x" * (1024**2 + 1))]
    refused = visitor.hand_in(homework, PATH, {"name": "Ann"}, files)
    assert refused.status == 422
    assert refused.problems == [
        "Your essay: the file empty.pdf is empty; "
        "Your essay: the file large.pdf must be no larger than 1 MB"
    ]
    assert incoming_of(app) == []


def test_a_file_that_is_not_what_its_name_says_is_told(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    files = [("essay", "a.pdf", b"MZ\x90\0"), ("essay", "b.docx", b"PK\3\4 b")]
    refused = visitor.hand_in(homework, PATH, {"name": "Ann"}, files)
    assert refused.problems == [
        "Your essay: the file a.pdf is named as a .pdf file, but holds something else; please save it as "
        "that type and choose it again"
    ]
    assert [value for name, value in refused.inputs if name == "essay"] == [
        "upload:" + name for name in incoming_of(app)
    ]
    assert visitor.hand_in(refused, PATH, {}).status == 303
    assert list(files_of(app).values()) == [b"PK\3\4 b"]


def test_a_file_for_a_field_that_takes_none_is_left_out(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    files = [("name", "name.pdf", b"x"), ("nobody", "x.pdf", b"x")]
    assert visitor.hand_in(homework, PATH, {"name": "Ann"}, files).status == 303
    assert incoming_of(app) == []
    assert files_of(app) == {}


def test_a_body_of_more_than_the_form_takes_is_413(
    app: Flask, visitor: Visitor, homework: Page
) -> None:
    large = visitor.hand_in(
        homework, PATH, {"name": "Ann"}, [("essay", "a.pdf", b"x" * (36 * 1024**2))]
    )
    assert large.status == 413
    many = visitor.hand_in(homework, PATH, {"name": ["x"] * 100})
    assert many.status == 413
    long = visitor.hand_in(homework, PATH, {"name": "x" * 10**6})
    assert long.status == 413
    assert incoming_of(app) == []


def test_without_parts_there_is_room_for_texts_alone(visitor: Visitor, homework: Page) -> None:
    typed = dict(homework.inputs) | {"name": "Ann"}
    assert visitor.post_form(PATH, typed | {"name": "x" * 10**6}).status == 413
    assert visitor.post_form(PATH, typed).status == 303


def test_an_over_long_answer_is_told(visitor: Visitor, homework: Page) -> None:
    refused = visitor.hand_in(homework, PATH, {"name": "é" * 201})
    assert refused.problems == ["Your name must have 200 characters or fewer; it has 201"]
    assert refused.input("name") == "é" * 201


def test_a_body_that_breaks_off_is_told(app: Flask, visitor: Visitor, homework: Page) -> None:
    kind = "multipart/form-data; boundary=b"
    body = b'--b\r\nContent-Disposition: form-data; name="essay"; filename="a.pdf"\r\n\r\nhalf a fi'
    answer = visitor.post(PATH, body, kind)
    assert answer.status == 400
    assert "broke off" in answer.text
    assert incoming_of(app) == []


def test_an_upload_of_another_form_cannot_be_attached(
    app: Flask, visitor: Visitor, homework: Page, import_form: ImportForm
) -> None:
    import_form(HOMEWORK.replace('"homework-3"', '"other"'))
    refused = visitor.hand_in(homework, PATH, {"name": ""}, [("essay", "a.pdf", b"%PDF-aaa")])
    stolen = refused.input("essay")
    other = visitor.open("/f/other")
    answer = visitor.hand_in(other, "/f/other", {"name": "Eve", "essay": stolen})
    assert answer.status == 422
    assert "no longer here" in answer.problems[0]
    assert visitor.hand_in(refused, PATH, {"name": "Ann"}).status == 303


@pytest.mark.parametrize(
    "carried", ["upload:", "upload:../../x", "upload:" + "0" * 32, "upload:\x00"]
)
def test_an_upload_that_is_none_is_told(visitor: Visitor, homework: Page, carried: str) -> None:
    answer = visitor.hand_in(homework, PATH, {"name": "Ann", "essay": carried})
    assert answer.status == 422
    assert "no longer here" in answer.problems[0]


HOSTILE_NAMES = [
    "a\x00b.pdf", "../../etc/passwd.pdf", "..\\..\\boot.pdf", "C:\\con.pdf", "\U0001f600.pdf",
    "\u202egpj.exe.pdf", "x" * 5000 + ".pdf", "CON.pdf", "aux.pdf", "nul .pdf", ".pdf", "...pdf", " .pdf",
    "a:b*c?.pdf", "李" * 300 + ".pdf", "a\r\nb.pdf", 'quo"te.pdf', "COM¹.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_file_of_any_name_is_taken_and_kept_within_its_folder(
    app: Flask, visitor: Visitor, homework: Page, name: str
) -> None:
    answer = visitor.hand_in(homework, PATH, {"name": name[:150]}, [("essay", name, b"%PDF-1")])
    assert answer.status == 303, answer.text
    ((path, content),) = files_of(app).items()
    assert content == b"%PDF-1"
    assert path.count("/") == 2
    assert visitor.open(answer.location).status == 200


def test_an_unknown_slug_is_404(visitor: Visitor, homework: Page) -> None:
    assert visitor.open("/f/nothing").status == 404
    gone = visitor.hand_in(homework, "/f/nothing", {"name": "Ann"})
    assert gone.status == 404
    assert "what you typed should still be" in gone.text


def test_a_draft_is_not_shown(visitor: Visitor, import_form: ImportForm) -> None:
    import_form(HOMEWORK.replace('"open"', '"draft"'))
    assert visitor.open(PATH).status == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('state = "closed"', "This form is closed"),
        ('state = "open"\ncloses_at = 2020-01-01T00:00:00Z', "This form is closed"),
        ('state = "open"\nopens_at = 2999-01-01T00:00:00Z', "This form is not open yet"),
    ],
)
def test_a_form_that_is_not_open_says_so_and_keeps_what_was_typed(
    app: Flask, visitor: Visitor, homework: Page, import_form: ImportForm, change: str, said: str
) -> None:
    import_form(HOMEWORK.replace('state = "open"', change))
    page = visitor.open(PATH)
    assert page.status == 200
    assert said in page.text
    assert "csrf_token" not in page.text
    refused = visitor.hand_in(homework, PATH, {"name": "Ann"})
    assert refused.status == 422
    assert said in refused.problems[0]
    assert refused.input("name") == "Ann"
    assert count(app, Submission) == 0


def test_a_full_form_says_so(app: Flask, visitor: Visitor, import_form: ImportForm) -> None:
    import_form(HOMEWORK.replace('state = "open"', 'state = "open"\nmax_submissions = 1'))
    first, second = visitor.open(PATH), visitor.open(PATH)
    assert visitor.hand_in(first, PATH, {"name": "Ann"}).status == 303
    refused = visitor.hand_in(second, PATH, {"name": "Ben"})
    assert refused.status == 422
    assert "This form is full" in refused.problems[0]
    assert "This form is full" in visitor.open(PATH).text
    # the page that was handed in before it was full still leads to its receipt
    assert visitor.hand_in(first, PATH, {"name": "Ann"}).status == 303
    assert count(app, Submission) == 1


def test_a_wrong_key_or_reference_is_404(visitor: Visitor, homework: Page) -> None:
    link = visitor.hand_in(homework, PATH, {"name": "Ann"}).location
    reference, key = re.fullmatch(r"/r/(.+)\?key=(.+)", link).groups()  # type: ignore[union-attr]
    assert visitor.open(f"/r/{reference.lower().replace('-', '')}?key={key}").status == 200
    for wrong in (
        f"/r/{reference}",
        f"/r/{reference}?key=",
        f"/r/{reference}?key={key}x",
        f"/r/2222-2222?key={key}",
        f"/r/x?key={key}",
        f"/r/{reference}?key=%00%ff",
    ):
        assert visitor.open(wrong).status == 404, wrong


def test_private_pages_are_not_cached_or_indexed(visitor: Visitor, homework: Page) -> None:
    link = visitor.hand_in(homework, PATH, {"name": "Ann"}).location
    receipt = visitor.open(link)
    assert receipt.headers["cache-control"] == "no-store"
    assert receipt.headers["x-robots-tag"] == "noindex"


def test_a_form_that_became_a_draft_again_keeps_what_was_typed(
    visitor: Visitor, homework: Page, import_form: ImportForm
) -> None:
    import_form(HOMEWORK.replace('"open"', '"draft"'))
    refused = visitor.hand_in(homework, PATH, {"name": "Ann"})
    assert refused.status == 422
    assert "This form is closed" in refused.problems[0]
    assert refused.input("name") == "Ann"


def test_thousands_of_files_that_are_none_are_told(visitor: Visitor, homework: Page) -> None:
    carried = "&".join(f"essay=upload:{n:032x}" for n in range(10_000))
    body = f"csrf_token={homework.input('csrf_token')}&name=Ann&{carried}".encode()
    refused = visitor.post(PATH, body, "application/x-www-form-urlencoded")
    assert refused.status == 422
    assert "no longer here" in refused.problems[0]


def test_a_form_that_is_deleted_while_it_is_handed_in_loses_nothing_that_was_typed(
    app: Flask, visitor: Visitor, import_form: ImportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = import_form(HOMEWORK)
    page = visitor.open(PATH)
    validated = attempt.validate

    def delete_meanwhile(*given: Any) -> Any:
        with unit_of_work() as session:
            form_erasing.erase_form(session, form.id, None, now())
        app.extensions["intray.jobs"].run_due()
        return validated(*given)

    monkeypatch.setattr(attempt, "validate", delete_meanwhile)
    answer = visitor.hand_in(page, PATH, {"name": "Ann Lee"})
    assert answer.status == 422
    assert "Your answers were not handed in" in answer.text
    assert "Ann Lee" in answer.text
