"""The field kinds: what they take, what they store, and what they say of what they do not take."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from webapp import i18n
from webapp.forms.kinds import KINDS, AnswerError, Field, Given, ReceivedFile, read_field

LONGEST = "123456789012345678901234567890"


def field(kind: str, **rules: Any) -> Field:
    options: dict[str, Any] = {}
    if kind in ("choice", "choices", "matrix"):
        options["choices"] = ["Cook", "Gärtner", "司机"]
    if kind == "matrix":
        options["rows"] = ["One", "Two"]
    table = {"kind": kind, "key": "asked", "label": "Your answer", **options, **rules}
    return read_field(table, ()).with_ids(None)


def answer(asked: Field, *texts: str) -> Any:
    return asked.answer(Given(texts))


def told(asked: Field, *texts: str) -> str:
    with pytest.raises(AnswerError) as refused:
        answer(asked, *texts)
    return str(refused.value)


NOTHING = ["", " ", "\u3000\xa0\t\r\n", "\x00", "\u200b\u200e\ufeff", "\u202e\u202c", "\ud800"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "files"])
@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_shows_nothing_is_no_answer(kind: str, text: str) -> None:
    assert answer(field(kind), text) is None
    assert told(field(kind, required=True), text)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("short_text", "Your answer: please write an answer"),
        ("long_text", "Your answer: please write an answer"),
        ("email", "Your answer: please write an e-mail address"),
        ("number", "Your answer: please write a number"),
        ("date", "Your answer: please give a date"),
        ("choice", "Your answer: please choose one"),
        ("choices", "Your answer: please choose at least one"),
        ("consent", "Please tick this box to go on: Your answer"),
        ("phone", "Your answer: please write a telephone number"),
        ("time", "Your answer: please give a time"),
        ("birthday", "Your answer: please give day, month and year"),
        ("rating", "Your answer: please choose a number from 1 to 5"),
        ("matrix", "Your answer: please choose one in each row"),
        ("signature", "Your answer: please sign, or type your name"),
        ("files", "Your answer: please choose a file"),
    ],
)
def test_a_required_answer_that_is_missing_is_asked_for_by_its_label(
    kind: str, message: str
) -> None:
    assert told(field(kind, required=True)) == message
    assert answer(field(kind)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_complains_in_the_readers_language(kind: str) -> None:
    with i18n.speaking("zh"):
        message = told(field(kind, required=True, label="姓名"))
    assert re.fullmatch(r"[^A-Za-z]*姓名[^A-Za-z]*", message)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("  Ann\tLee \r\n", "Ann Lee"),
        ("Ann\nLee\u2028Wu", "Ann Lee Wu"),
        ("A\x00n\x1b[1mn\x7f\ud800", "An[1mn"),
        ("e\u0301", "é"),
        ("\u200fسلام", "\u200fسلام"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_a_line_of_text_is_kept_without_what_cannot_be_shown(text: str, stored: str) -> None:
    assert answer(field("short_text"), text) == stored


def test_a_long_text_keeps_its_lines() -> None:
    text = "\r\n\tone\r\n\r\n  two\rthree\x0bfour\u2029five\x00\r\n"
    assert answer(field("long_text"), text) == "one\n\n  two\nthree\nfour\nfive"


@pytest.mark.parametrize(
    ("rules", "text", "message"),
    [
        ({"max_length": 3}, "four", "Your answer must have 3 characters or fewer; it has 4"),
        ({"max_length": 1}, "ab", "Your answer must have 1 character or fewer; it has 2"),
        ({"min_length": 3}, "ab", "Your answer must have 3 characters or more; it has 2"),
        ({"min_length": 3}, "a\x00\u2028 b\n\n", None),
        ({"max_length": 3}, "\U0001f600\U0001f600\U0001f600", None),
        ({"min_length": 3}, "", None),
        ({}, "x" * 100_001, "Your answer must have {} characters or fewer; it has 100001"),
    ],
)
@pytest.mark.parametrize(("kind", "most"), [("short_text", 1000), ("long_text", 20_000)])
def test_texts_have_a_least_and_a_most_length(
    kind: str, most: int, rules: dict[str, int], text: str, message: str | None
) -> None:
    if message is None:
        answer(field(kind, **rules), text)
    else:
        assert told(field(kind, **rules), text) == message.format(most)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (" ann@example.org ", "ann@example.org"),
        ("Ann.Lee+forms@EXAMPLE.org", "Ann.Lee+forms@example.org"),
        ("\u202aann@example.org\u202c\u200b", "ann@example.org"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ann@example.org"),
        ("李@例え.jp", "李@例え.jp"),
    ],
)
def test_an_email_address_is_taken_as_it_is_meant(text: str, stored: str) -> None:
    assert answer(field("email"), text) == stored


@pytest.mark.parametrize(
    "text",
    ["ann", "ann@", "@example.org", "ann@example..org", "a@b@example.org", "ann@example.org, b@c.de",
     "Ann <ann@example.org>", "a b@example.org", "a@" + "b" * 300 + ".org", "a@xn--\ud800", "a@[::1]"],
)  # fmt: skip
def test_what_is_no_email_address_is_told(text: str) -> None:
    assert told(field("email"), text) == (
        "Your answer must be an e-mail address, such as name@example.org"
    )


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("12", "12"), ("+12", "12"), ("-12", "-12"), ("−12", "-12"), ("–12", "-12"), ("- 12", "-12"),
        ("１２．５", "12.5"), ("12,5", "12.5"), ("12.50", "12.50"), (",5", "0.5"), ("5.", "5"),
        ("007", "7"), ("-0", "0"), ("-0.00", "0.00"), ("1,234", "1234"), ("1,234,567.8", "1234567.8"),
        ("1.234.567,8", "1234567.8"), ("1.234.567", "1234567"), ("1 234 567,8", "1234567.8"),
        ("1\u202f234", "1234"), ("1'234’567", "1234567"), ("\u202d12\u202c", "12"), ("\u200e-\u200e5", "-5"),
        (LONGEST, LONGEST), ("0." + LONGEST[:28], "0." + LONGEST[:28]),
        ("-" + LONGEST[:29], "-" + LONGEST[:29]),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_people_write_it_and_kept_exactly(text: str, stored: str) -> None:
    assert answer(field("number"), text) == stored
    assert answer(field("number"), stored) == stored


@pytest.mark.parametrize(
    "text",
    ["NaN", "nan", "Infinity", "-inf", "1e5", "1e999", "1E-999999", "0x10", "١٢", "१२", "10²", "½", "12 5",
     "1,2,3", "1,00,000", "1.2.3", "--5", "5-", "5-6", "+", ".", "12 EUR", "twelve",
     LONGEST + "1", "9" * 100_000],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_what_is_no_number_for_sure_is_told(text: str) -> None:
    assert told(field("number"), text) == "Your answer must be a number, such as 12.5"


@pytest.mark.parametrize(
    ("rules", "text", "message"),
    [
        ({"min": 1}, "0.9", "Your answer must be 1 or more"),
        ({"min": 1}, "1,0", None),
        ({"max": 1234.5}, "1234.51", "Your answer must be 1,234.5 or less"),
        ({"max": 1234.5}, "1234.50", None),
        ({"min": 0.00001}, "0.000009", "Your answer must be 0.00001 or more"),
        ({"max": 1e16}, LONGEST, "Your answer must be 10,000,000,000,000,000 or less"),
        ({"decimals": 0}, "1.5", "Your answer must be a whole number"),
        ({"decimals": 0}, "1.0", None),
        ({"decimals": 1}, "1.25", "Your answer must have 1 decimal place or fewer"),
        ({"decimals": 2}, "1.125", "Your answer must have 2 decimal places or fewer"),
        ({"decimals": 10}, LONGEST, None),
        ({"decimals": 10}, "0." + LONGEST[:28], "Your answer must have 10 decimal places or fewer"),
    ],
)
def test_a_number_has_limits(rules: dict[str, Any], text: str, message: str | None) -> None:
    if message is None:
        answer(field("number", **rules), text)
    else:
        assert told(field("number", **rules), text) == message


@pytest.mark.parametrize("stored", ["12.50", "-0.5", LONGEST, "0." + LONGEST[:28]])
def test_a_number_is_shown_with_all_its_digits(stored: str) -> None:
    (shown,) = field("number").texts(stored)
    assert Decimal(shown.replace(",", "")) == Decimal(stored)


@pytest.mark.parametrize(
    "text",
    ["2026-12-01", "2026/12/1", "2026.12.01", "2026年12月1日", "2026 年 12 月 1 日", "２０２６－１２－０１",
     "1.12.2026", "01. 12. 2026", "\u202d2026‑12‑01\u202c", " 2026-12-01\n"],
)  # fmt: skip
def test_a_day_is_taken_as_people_write_it(text: str) -> None:
    assert answer(field("date"), text) == "2026-12-01"


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-13-01", "0000-01-01", "1/12/2026", "12/1/26", "26-12-01", "10000-01-01", "today",
     "2026-12-01T00:00", "٢٠٢٦-١٢-٠١", "-2026-12-01", "2026-12", "9" * 100_000],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_what_is_no_day_for_sure_is_told(text: str) -> None:
    assert told(field("date"), text) == "Your answer must be a date, such as 2026-12-01"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-01-01", None),
        ("2025-12-31", "Your answer must be 1 January 2026 or later"),
        ("2026-12-31", None),
        ("2027-01-01", "Your answer must be 31 December 2026 or earlier"),
    ],
)
def test_a_day_has_limits(text: str, message: str | None) -> None:
    asked = field("date", min="2026-01-01", max="2026-12-31")
    if message is None:
        assert answer(asked, text) == text
    else:
        assert told(asked, text) == message


@pytest.mark.parametrize("day", ["0001-01-01", "1582-10-10", "2024-02-29", "9999-12-31"])
def test_any_day_of_the_calendar_can_be_shown(day: str) -> None:
    assert answer(field("date"), day) == day
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            assert str(int(day[:4])) in field("date").texts(day)[0]


@pytest.mark.parametrize(
    ("text", "stored"),
    [("yes", True), ("on", True), ("1", True), ("No", None), ("false", None), ("0", None), ("OFF", None)],
)  # fmt: skip
def test_only_a_yes_is_consent(text: str, stored: bool | None) -> None:
    assert answer(field("consent", required=False), text) is stored


@pytest.mark.parametrize(
    ("rules", "name", "size", "message"),
    [
        ({}, "any.thing", 1, None),
        ({"accept": [".PDF"]}, "a.pdf", 1, None),
        ({"accept": [".pdf"]}, "a.ＰＤＦ", 1, None),
        ({"accept": [".tar.gz"]}, "a.tar.GZ", 1, None),
        ({"accept": [".pdf", ".docx"]}, "a.pdf.exe", 1,
         "Your answer: the file a.pdf.exe must be of the type .pdf, .docx"),
        ({"accept": [".pdf"]}, "pdf", 1, "Your answer: the file pdf must be of the type .pdf"),
        ({"max_size": "1 KB"}, "a.pdf", 1024, None),
        ({"max_size": "1 KB"}, "a.pdf", 1025, "Your answer: the file a.pdf must be no larger than 1 KB"),
        ({}, "a.pdf", 0, "Your answer: the file a.pdf is empty"),
    ],
)  # fmt: skip
def test_a_file_has_limits(
    rules: dict[str, Any], name: str, size: int, message: str | None
) -> None:
    given = Given(files=[ReceivedFile(name, size, "application/pdf")])
    asked = field("files", required=True, **rules)
    if message is None:
        asked.answer(given)
        return
    with pytest.raises(AnswerError) as refused:
        asked.answer(given)
    assert str(refused.value) == message


def test_files_have_a_most_number() -> None:
    files = [ReceivedFile(f"{n}.pdf", 1, "application/pdf") for n in range(3)]
    field("files", max_files=3).answer(Given(files=files))
    with pytest.raises(AnswerError, match="takes 2 files; please remove one or more"):
        field("files", max_files=2).answer(Given(files=files))


@pytest.mark.parametrize("label", ["Your name:", "Your name?", "Your name.", "姓名：", "!?"])
def test_a_message_goes_on_after_the_labels_last_sign(label: str) -> None:
    message = told(field("short_text", label=label, required=True))
    assert message.startswith(label.rstrip(":?.：") or label)
    assert ":: " not in message
    assert "?: " not in message.replace("!?", "")
