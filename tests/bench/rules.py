"""A long form with show-if rules, beside a bare WTForms form that asks the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask, render_template
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Form,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
    validators,
)

from webapp.config import load
from webapp.filling.pages import FormPage
from webapp.forms.definition import Definition, read_definition
from webapp.forms.kinds import Given
from webapp.forms.tables import Form as StoredForm
from webapp.submissions.answers import validate

from ..conftest import running_app
from .plan import Plan
from .tables import Row

FIELDS = 200
AT_ONCE = 5  # pages in one measurement, so that it is long enough to be measured

ABOUT = f"""\
A form of {FIELDS} questions, all but the first with a rule (Intray), and a bare WTForms form of the same
fields in a plain template, in one process: rendering the page with what was typed, and validating what was
posted. They take turns; ratios are the medians of the rounds' ratios. 1.5 is the most that both may take."""

CHOICES = ["Yes", "No", "Perhaps"]
KINDS: Sequence[tuple[str, Mapping[str, Any], str]] = (
    ("choice", {"choices": CHOICES}, "yes"),
    ("short_text", {"max_length": 200}, "Ann Lee"),
    ("number", {"min": 0, "max": 100}, "12.5"),
    ("long_text", {"max_length": 2000}, "Because\nI can."),
    ("date", {}, "2026-12-01"),
    ("consent", {}, "yes"),
)
TEMPLATE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title></head><body>
<form method="post">
{% for field in form %}
<div class="question{{ ' wrong' if field.errors }}">{{ field.label }}
{% if field.description %}<p class="hint">{{ field.description }}</p>{% endif %}
{% for error in field.errors %}<p class="error">{{ error }}</p>{% endfor %}
{{ field() }}</div>
{% endfor %}
<button>Hand in</button></form></body></html>"""


def _definition() -> Definition:
    elements: list[dict[str, Any]] = []
    for n in range(FIELDS):
        kind, more, _ = KINDS[n % len(KINDS)]
        element = {"kind": kind, "key": f"q{n}", "label": f"Question {n}", "help": "Help.", **more}
        if n:
            element["show_if"] = {"field": f"q{(n - 1) // 6 * 6}", "is": "yes"}
        if n and n % 6 == 0:
            element["show_if"] = {"field": f"q{n - 6}", "is_not": "no"}
        elements.append({**element, "required": True})
    return read_definition({"title": "Long", "fields": elements}).with_ids(None)


def _wtform() -> type[Form]:
    need = [validators.InputRequired()]
    make: Mapping[str, Callable[..., Any]] = {
        "choice": lambda **more: RadioField(
            choices=[SelectChoice(c.lower(), c) for c in CHOICES], validators=need, **more
        ),
        "short_text": lambda **more: StringField(
            validators=[*need, validators.Length(max=200)], **more
        ),
        "number": lambda **more: DecimalField(
            validators=[*need, validators.NumberRange(0, 100)], **more
        ),
        "long_text": lambda **more: TextAreaField(
            validators=[*need, validators.Length(max=2000)], **more
        ),
        "date": lambda **more: DateField(validators=need, **more),
        "consent": lambda **more: BooleanField(validators=need, **more),
    }
    fields = {
        f"q{n}": make[KINDS[n % len(KINDS)][0]](label=f"Question {n}", description="Help.")
        for n in range(FIELDS)
    }
    return type("Bare", (Form,), fields)


TEXTS = {f"q{n}": [KINDS[n % len(KINDS)][2]] for n in range(FIELDS)}


def measure(folder: Path, plan: Plan) -> list[Row]:
    """A row for each of rendering, validating and both together."""
    for app in running_app(load({"data": str(folder)}, {})):
        with app.test_request_context("/f/long"):
            return list(_rows(app, plan))
    raise AssertionError("no application ran")


def _rows(app: Flask, plan: Plan) -> Iterator[Row]:
    definition, bare = _definition(), _wtform()
    plain = app.jinja_env.from_string(TEMPLATE)
    posted = MultiDict(TEXTS)
    given = {key: Given(texts) for key, texts in TEXTS.items()}
    form = StoredForm(slug="long", state="open", time_zone="UTC")

    def render() -> str:
        page = FormPage(form, definition, "/f/long", "token", texts=TEXTS)
        return render_template("filling/form.html", page=page)

    def check() -> None:
        answers, problems = validate(definition, given)
        assert (len(answers), problems) == (FIELDS, {})

    def bare_render() -> str:
        return plain.render(form=bare(posted))

    def bare_check() -> None:
        filled = bare(posted)
        assert filled.validate(), filled.errors

    pairs = {"render": (render, bare_render), "validate": (check, bare_check)}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pairs}
    for _ in range(2 + 5 * plan.rounds):
        for name, (ours, theirs) in pairs.items():
            taken[name].append((_seconds(ours), _seconds(theirs)))
    rounds = {name: seconds[2:] for name, seconds in taken.items()}  # the first read templates
    both = zip(*rounds.values(), strict=True)
    rounds["both"] = [(a[0] + b[0], a[1] + b[1]) for a, b in both]
    for name, seconds in rounds.items():
        yield {
            "work": name,
            "Intray ms": 1000 * median(ours for ours, _ in seconds),
            "WTForms ms": 1000 * median(theirs for _, theirs in seconds),
            "to WTForms": median(ours / theirs for ours, theirs in seconds),
        }


def _seconds(work: Callable[[], object]) -> float:
    """The time that it takes once."""
    started = perf_counter()
    for _ in range(AT_ONCE):
        work()
    return (perf_counter() - started) / AT_ONCE
