"""A form as a TOML file: mistakes are told with their line, and what is written is read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.forms.definition import Definition, read_definition
from webapp.forms.tables import Form
from webapp.forms.toml_file import FormFileError, read_form, write_form

from ..forms_in_toml import EVERY_KIND, HOMEWORK

HEAD = 'format = 1\ntitle = "T"\nslug = "t"\n'
FIELD = '[[fields]]\nkind = "short_text"\nkey = "a"\nlabel = "A"\n'


def told(text: str) -> str:
    with pytest.raises(FormFileError) as wrong:
        read_form(text)
    return str(wrong.value)


def written(definition: Definition, **terms: Any) -> str:
    """The file of a form with this draft."""
    settings = {"slug": "t", "state": "open", "time_zone": "UTC", "max_submissions": None, **terms}
    return write_form(Form(draft=definition.write(), **settings))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: format is missing; write format = 1."),
        ('title = "T"\n\nformat = 2', "line 3: format must be 1, the only one that this Intray knows."),
        ("format = true", "line 1: format must be 1, the only one that this Intray knows."),
        ('format = "1"', "line 1: format must be 1, the only one that this Intray knows."),
        ('format = 1\nslug = "t"', "line 1: title is missing."),
        ('format = 1\ntitle = "T"', "line 1: slug is missing."),
        (HEAD + 'colour = "red"', "line 4: colour is none of: accent, access, closes_at, closing,"),
        (HEAD + 'state = "opened"', "line 4: state must be one of: draft, open, closed."),
        (HEAD + "state = [1]", "line 4: state must be one of: draft, open, closed."),
        (HEAD + 'opens_at = "2026-12-01"', "line 4: opens_at must be a date and time such as"),
        (HEAD + "opens_at = 2026-12-01", "line 4: opens_at must be a date and time such as"),
        (HEAD + "opens_at = 23:59:00", "line 4: opens_at must be a date and time such as"),
        (HEAD + "closes_at = 9999-12-31T23:59:59-08:00", "line 4: closes_at must be in a year from 2000"),
        (HEAD + "closes_at = 0001-01-01T00:00:00+08:00", "line 4: closes_at must be in a year from 2000"),
        (HEAD + 'time_zone = "Mars/Olympus"', "line 4: time_zone must be a time zone such as Europe/Berlin."),
        (HEAD + 'time_zone = "Europe"', "line 4: time_zone must be a time zone such as"),
        (HEAD + 'time_zone = ""', "line 4: time_zone must be a time zone such as"),
        (HEAD + 'time_zone = "../../etc/passwd"', "line 4: time_zone must be a time zone such as"),
        (HEAD + r'time_zone = "a\u0000b"', "line 4: time_zone must be a time zone such as"),
        (HEAD + "max_submissions = 0", "line 4: max_submissions must be a whole number from 1 to"),
        (HEAD + "max_submissions = 1.0", "line 4: max_submissions must be a whole number from"),
        ('format = 1\ntitle = "T"\nslug = "T"', "line 3: slug must be small letters and digits, with single"),
        (HEAD + FIELD + "required = 1", "line 8: field 1, required must be true or false."),
        (HEAD + FIELD + "max_length = 0", "line 8: field 1, max_length must be a whole number"),
        (HEAD + '[[fields]]\nkind = "email"\nkey = "a"', "line 4: field 1, label is missing."),
        (HEAD + FIELD + "[[fields]]\n" + 'kind = "emial"', "line 9: field 2, kind must be one of:"),
        (HEAD + FIELD + FIELD, "line 10: field 2, key 'a' is taken."),
        (HEAD + '[fields]\nkey = "a"', "line 4: fields must be written as [[fields]] tables."),
        (HEAD + "fields = 3", "line 4: fields must be written as [[fields]] tables."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_its_key_and_its_rule(text: str, message: str) -> None:
    assert told(text).startswith(message)


@pytest.mark.parametrize(
    "slug", ["", "-a", "a-", "a--b", "a_b", "ä", "a b", "a/b", "..", "x" * 81, "a\\n"]
)
def test_a_slug_that_is_no_part_of_an_address_is_told(slug: str) -> None:
    assert told(f'format = 1\ntitle = "T"\nslug = "{slug}"').startswith("line 3: slug must be")


WRONG = "state = 1"


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ('description = """\n\n[[fields]]\nstate = 2\n"""\n', 9),
        ("description = '''\n\"\"\"\n# not a comment '''\n", 7),
        ('description = """a\n\\"""\n""""\n', 7),
        ('description = "# \\" [ { \'" # state = 3 [\n', 5),
        ("description = 'C:\\'\n", 5),
        ('# state = "open"\n#state=\n\n  \t# x = [\n', 8),
        ("# a line separator \u2028 and others \x85\u2029\n", 5),
        ('"title " = 1\n', None),
        ("description = 'a=b'\n", 5),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_line_is_right_whatever_stands_before(before: str, line: int | None, end: str) -> None:
    text = (HEAD + before + WRONG).replace("\n", end)
    if line is None:
        assert told(text).startswith("line 4: title ")
    else:
        assert told(text).startswith(f"line {line}: state must be")


def texts(most: int) -> st.SearchStrategy[str]:
    """Texts on one line that a form may hold."""
    unwanted = ["Cc", "Cs", "Zl", "Zp"]
    return st.text(st.characters(exclude_categories=unwanted) | st.just("\t"), max_size=most)


def a_choice(choices: str) -> str:
    return HEAD + f'[[fields]]\nkind = "choice"\nkey = "a"\nlabel = "A"\n{choices}'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (a_choice('choices = [\n  "A",  # the first ] }\n  "A",\n]'), 8),
        (a_choice('choices = [{ key = "a", label = "A" }, { key = "a", label = "B" }]'), 8),
        (a_choice('required = false\n[[fields.choices]]\nkey = "A"\nlabel = "A"'), 9),
        (HEAD + 'fields = [\n  { kind = "email", key = "a", label = "A" },\n  { kind = "x" },\n]', 4),
        (HEAD + 'fields = [{ kind = "email", key = "A", label = "A" }]', 4),
        (HEAD + '[[ "fields" ]] # comment = 1\n' + FIELD.split("\n", 1)[1] + '"required" = 1', 8),
        (HEAD + FIELD + "  'required'\t= 1", 8),
        (HEAD + FIELD + "max_length.a = 1", 8),
        (HEAD + FIELD + "[fields.required]\na = 1", 8),
        (HEAD + FIELD + FIELD.replace('"a"', '"b"') + "[fields.required]\na = 1", 12),
    ],
)  # fmt: skip
def test_the_line_is_right_however_the_tables_are_written(text: str, line: int) -> None:
    assert told(text).startswith(f"line {line}: field")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = \n", "at line 1"),
        (HEAD + 'title = "again"', "Cannot overwrite"),
        (HEAD + "opens_at = 2026-02-30T00:00:00Z", "at line 4"),
        (HEAD + r'description = "\ud800"', "at line 4"),
        (HEAD + 'description = "\x00"', "at line 4"),
        (HEAD + "max_submissions = " + "9" * 5000, "4300 digits"),
    ],
)
def test_what_is_no_toml_is_told(text: str, said: str) -> None:
    message = told(text)
    assert message.startswith("This is no valid TOML: ")
    assert said in message


@pytest.mark.parametrize("deep", ["[" * 5000, "[" * 5000 + "]" * 5000, "{a=" * 5000])
def test_what_is_nested_too_deeply_is_told(deep: str) -> None:
    assert (
        told(HEAD + "description = " + deep) == "This is no form: its values are nested too deeply."
    )


def test_a_mistake_after_a_long_text_is_told_at_once() -> None:
    """It took 13 seconds when statements were found by trying to parse them."""
    text = HEAD + 'description = """\n' + "a\n" * 9000 + '"""\n' + WRONG
    begun = datetime.now(UTC)
    assert told(text).startswith("line 9006: state ")
    assert datetime.now(UTC) - begun < timedelta(seconds=3)


@pytest.mark.parametrize("text", [HOMEWORK, EVERY_KIND], ids=["homework", "every kind"])
def test_a_file_that_was_written_is_read_as_the_same_form(text: str) -> None:
    definition = read_form(text)[0].with_ids(None)
    once = written(definition)
    again, terms = read_form(once)
    assert again == definition
    assert again.content_hash == definition.content_hash
    assert (terms.slug, terms.state) == ("t", "open")
    assert written(again) == once


@settings(deadline=None)
@given(texts(200), texts(60), texts(60))
def test_any_text_survives_a_file(description: str, label: str, choice: str) -> None:
    choices = [{"key": "a", "label": f"{choice}!"}, "B"]
    field = {"kind": "choice", "key": "a", "label": f"{label}?", "choices": choices}
    table = {"title": "T", "description": description, "fields": [field]}
    definition = read_definition(table).with_ids(None)
    assert read_form(written(definition))[0].content_hash == definition.content_hash


@settings(deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 2), datetime(9998, 12, 30)),  # noqa: DTZ001
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "Africa/Monrovia", "Asia/Kathmandu"]),
)
def test_any_moment_survives_a_file_in_any_zone(moment: datetime, zone: str) -> None:
    there = moment.replace(tzinfo=ZoneInfo(zone))
    definition = read_definition({"title": "T"})
    text = written(definition, time_zone=zone, opens_at=there.astimezone(UTC), closes_at=None)
    terms = read_form(text)[1]
    assert terms.opens_at is not None
    assert terms.opens_at.astimezone(UTC) == there.astimezone(UTC)
    assert terms.opens_at.utcoffset() == there.astimezone(UTC).astimezone(there.tzinfo).utcoffset()
    assert terms.closes_at is None
