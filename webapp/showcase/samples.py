"""A form with a question of each kind, in the states that its page can be in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ..filling.pages import FormPage
from ..forms.definition import Definition
from ..forms.kinds import Field, Given
from ..forms.tables import Form
from ..forms.toml_file import read_form
from ..submissions.answers import validate
from ..uploads.rules import UploadedFile

FILE = Path(__file__).parent / "samples" / "every_kind.toml"
WRONG = "?" * 2000  # too long, no number, no day, no address: each kind has something to say


STATES = ("empty", "missing", "wrong")


def definition() -> Definition:
    """The form, with ids."""
    asked, _ = read_form(FILE.read_text(encoding="utf-8"))
    return asked.with_ids(None)


def page(state: str) -> FormPage:
    """The questions in one of the STATES."""
    asked = definition()
    if state == "wrong":
        fields = [field for field in asked.fields if not field.takes_files]
        wrong = {name: [WRONG] for field in fields for name in _inputs_of(field)}
        return _page(asked, wrong, _problems(asked, wrong))
    return _page(asked, {}, _problems(asked, {}) if state == "missing" else {})


def _inputs_of(field: Field) -> list[str]:
    """The names of its inputs."""
    return [f"{field.key}.{part}" for part in field.parts()] or [field.key]


def _problems(asked: Definition, texts: Mapping[str, list[str]]) -> dict[str, str]:
    given = {
        field.key: Given(
            texts.get(field.key, ()),
            parts={part: texts.get(f"{field.key}.{part}", ()) for part in field.parts()},
        )
        for field in asked.fields
    }
    return validate(asked, given)[1]


def _page(asked: Definition, texts: Mapping[str, list[str]], problems: dict[str, str]) -> FormPage:
    form = Form(
        slug="every-kind",
        state="open",
        time_zone="UTC",
        version=1,
        submission_count=0,
        closes_at=datetime(2031, 12, 1, 22, 0, tzinfo=UTC),
    )
    return FormPage(form, asked, "#", "", texts, _files(asked), problems)


def _files(asked: Definition) -> list[UploadedFile]:
    """One that has arrived, for each question that takes several."""
    takers = [field for field in asked.fields if field.takes_files and field.most_parts() > 1]
    return [
        UploadedFile(f"sample-{field.key}", field.id, "Essay.pdf", "application/pdf", 734_003, "")
        for field in takers
    ]
