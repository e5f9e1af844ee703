"""`python -m webapp form …`: forms from files and to files."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app

from .. import clock
from ..config import CannotStart
from ..database import now, unit_of_work
from ..extensions import db
from . import rules
from .tables import Form
from .toml_file import FormFileError, read_form, write_form


@click.group("form", help="Forms, from files and to files.")
def group() -> None:
    pass


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_form(file: Path) -> None:
    """Makes a form from FILE, or changes the one of its slug."""
    try:
        definition, terms = read_form(_read(file))
    except FormFileError as wrong:
        raise CannotStart(f"{file}: {wrong}") from None
    with unit_of_work() as session:
        form = rules.save(session, definition, terms, now())
        click.echo(_told(form))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as wrong:
        raise CannotStart(f"{file} cannot be read: {wrong.strerror}.") from None
    except UnicodeDecodeError as wrong:
        raise CannotStart(f"{file} is not in UTF-8: {wrong}.") from None


def _told(form: Form) -> str:
    address = current_app.config["INTRAY"].address
    if form.state == "draft":
        return f"The form {form.slug} is saved as a draft; nobody can fill it in before its state is open."
    return f"The form {form.slug} is {form.state}, version {form.version}: {address}/f/{form.slug}"


@group.command("export")
@click.argument("slug")
def export_form(slug: str) -> None:
    """Writes the form of SLUG as TOML to standard output."""
    form = rules.find_form(db.session, slug)
    if form is None:
        raise CannotStart(f"There is no form {slug}.")
    # bytes: a file that a Windows console's code page has changed could not be imported again
    sys.stdout.flush()
    sys.stdout.buffer.write(write_form(form).encode())


@group.command("list")
def list_forms() -> None:
    """Lists the forms: slug, state, version, number of submissions, title."""
    for form in rules.all_forms(db.session):
        closes = (
            f"  closes {clock.format_moment(form.closes_at, form.time_zone)}"
            if form.closes_at
            else ""
        )
        click.echo(
            f"{form.slug}  {form.state}  v{form.version}  {form.submission_count} submissions"
            f"  {form.draft['title']}{closes}"
        )
