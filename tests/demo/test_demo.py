"""`python -m webapp demo`: what it makes is whole, believable, and beside what was there."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.commands import cli, main
from webapp.config import CannotStart, Settings
from webapp.database import now, snapshot, unit_of_work
from webapp.demo.documents import DOCUMENTS
from webapp.events.tables import Event
from webapp.forms.rules import definition_of
from webapp.forms.tables import Form, FormVersion
from webapp.submissions.tables import Submission

from ..conftest import SignInAs
from ..exports.reading import fetch_csv
from ..forms_in_toml import HOMEWORK

SLUGS = {
    "absence-note",
    "canteen",
    "essay",
    "job-application",
    "parents-evening",
    "summer-school",
    "trip-consent",
}

Run = Callable[..., None]


@pytest.fixture
def run(app: Flask) -> Run:
    """Runs a command on the application's data folder and database."""

    def do(name: str, *arguments: str | Path) -> None:
        with app.app_context():
            code = cli.commands[name].main([str(one) for one in arguments], standalone_mode=False)
        assert not code

    return do


def forms(app: Flask) -> dict[str, Form]:
    with app.app_context(), snapshot() as session:
        return {form.slug: form for form in session.scalars(select(Form))}


def submissions(app: Flask) -> list[tuple[Submission, FormVersion]]:
    query = select(Submission, FormVersion).join(
        FormVersion, FormVersion.id == Submission.form_version_id
    )
    with app.app_context(), snapshot() as session:
        return [(row[0], row[1]) for row in session.execute(query.order_by(Submission.id))]


def test_it_makes_a_school(
    app: Flask, run: Run, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    run("demo", "--submissions", "1500", "--files", "10")
    said = capsys.readouterr().out
    assert "Made 7 forms and 1,500 submissions, 10 of them with files." in said
    assert "python -m webapp user add" in said
    made = forms(app)
    assert set(made) == SLUGS
    assert {form.state for form in made.values()} == {"open", "closed", "draft"}
    assert made["essay"].version == 2
    assert sum(form.submission_count for form in made.values()) == 1500
    assert 700 < made["absence-note"].submission_count < 1100
    assert made["summer-school"].submission_count == 0
    assert all(form.submission_count for form in made.values() if form.state != "draft")
    assert len(list((settings.data / "files").glob("*/*"))) == 10
    assert list((settings.data / "incoming").iterdir()) == []
    run("verify")


def test_its_submissions_are_as_if_people_had_made_them(app: Flask, run: Run) -> None:
    started = now()
    run("demo", "--submissions", "1500", "--files", "0")
    rows = submissions(app)
    assert len(rows) == 1500
    moments = [submission.received_at for submission, _ in rows]
    assert moments == sorted(moments)
    assert started - timedelta(days=366) < moments[0] < started - timedelta(days=360)
    assert started - timedelta(days=5) < moments[-1] <= now()
    versions = {(version.form_id, version.number) for _, version in rows}
    assert len({form_id for form_id, _ in versions}) == 6
    assert len(versions) == 7
    for submission, version in rows:
        assert version.published_at <= submission.received_at
        fields = definition_of(version).fields
        assert set(submission.answers) <= {field.id for field in fields}
        for field in fields:
            value = submission.answers.get(field.id)
            assert value is not None or not field.required, (field, submission.answers)
            assert value is None or field.cell(value) or "".join(field.texts(value))
    names = {submission.label for submission, _ in rows}
    assert len(names) > 500
    assert any(re.search("[\u4e00-\u9fff]", name or "") for name in names)
    with app.app_context(), snapshot() as session:
        received = select(Event.submission_id).where(Event.kind == "submission.received")
        assert set(session.scalars(received)) == {submission.id for submission, _ in rows}


def test_they_can_be_searched_and_exported(app: Flask, run: Run, sign_in: SignInAs) -> None:
    run("demo", "--submissions", "1000", "--files", "3")
    desk = sign_in("reviewer")
    for slug in SLUGS:
        assert len(fetch_csv(desk, slug).lines) == forms(app)[slug].submission_count
    found = fetch_csv(desk, "absence-note", "?q=fever")
    assert found.lines
    assert all("fever" in text for text in found.column("What should we know?"))


def test_another_run_adds_more_and_changes_nothing(
    app: Flask, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("demo", "--submissions", "200", "--files", "0")
    first, before = submissions(app), forms(app)
    capsys.readouterr()
    run("demo", "--submissions", "100", "--files", "2")
    assert "Made 0 forms and 100 submissions, 2 of them with files." in capsys.readouterr().out
    second = submissions(app)
    assert [row.reference for row, _ in second[:200]] == [row.reference for row, _ in first]
    assert len({row.reference for row, _ in second}) == 300
    moments = [row.received_at for row, _ in second]
    assert moments == sorted(moments)
    after = forms(app)
    assert sum(form.submission_count for form in after.values()) == 300
    assert {s: f.revision for s, f in after.items()} == {s: f.revision for s, f in before.items()}
    run("verify")


def test_it_leaves_other_peoples_forms_alone(app: Flask, run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(HOMEWORK.replace("homework-3", "absence-note"), encoding="utf-8")
    run("form", "import", own)
    with pytest.raises(CannotStart, match="There are forms that are not the demo's"):
        run("demo", "--submissions", "10")
    assert set(forms(app)) == {"absence-note"}
    before = forms(app)["absence-note"]
    run("demo", "--submissions", "10", "--yes")
    assert set(forms(app)) == SLUGS | {"absence-note-2"}
    after = forms(app)["absence-note"]
    assert (after.revision, after.submission_count) == (before.revision, 0)
    # its own forms need no --yes
    run("demo", "--submissions", "10", "--yes")
    assert sum(form.submission_count for form in forms(app).values()) == 20


def test_the_same_seed_makes_the_same(tmp_path: Path) -> None:
    exported = []
    for number, seed in enumerate((7, 7, 8)):
        data = tmp_path / str(number)
        arguments = ["demo", "--submissions", "50", "--files", "0", "--seed", str(seed)]
        assert main(["--data", str(data), *arguments]) == 0
        exported.append(_references(data))
    assert exported[0] == exported[1]
    assert exported[0] != exported[2]


def _references(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "intray.db")) as database:
        return [row[0] for row in database.execute("SELECT reference || label FROM submissions")]


def test_a_school_whose_forms_are_all_drafts_takes_nothing(app: Flask, run: Run) -> None:
    run("demo", "--submissions", "0")
    with app.app_context(), unit_of_work() as session:
        for form in session.scalars(select(Form)):
            form.state = "draft"
    with pytest.raises(CannotStart, match="None of the demo's forms takes submissions"):
        run("demo", "--submissions", "10")
    assert submissions(app) == []


def test_its_documents_are_what_their_names_say() -> None:
    made = {ending: make("Essay (1) – 文件 <a>") for ending, (_, make) in DOCUMENTS.items()}
    pdf = made[".pdf"]
    table = int(re.findall(rb"startxref\n(\d+)", pdf)[0])
    assert pdf[table:].startswith(b"xref\n0 6\n")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", pdf), start=1):
        assert pdf[int(place) :].startswith(b"%d 0 obj" % number)
    with zipfile.ZipFile(io.BytesIO(made[".docx"])) as archive:
        assert archive.testzip() is None
        assert "文件 &lt;a&gt;" in archive.read("word/document.xml").decode()
    png = made[".png"]
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    size = int.from_bytes(png[33:37], "big")
    assert len(zlib.decompress(png[41 : 41 + size])) == 64 * (1 + 64 * 3)
    assert made[".txt"].decode() == "Essay (1) – 文件 <a>\n"
