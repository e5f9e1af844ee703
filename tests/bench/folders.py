"""Data folders to measure with: a form, and submissions of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from flask import Flask

from webapp import create_app
from webapp.config import load
from webapp.database import now, unit_of_work
from webapp.extensions import db
from webapp.forms import rules
from webapp.forms.toml_file import read_form

from ..forms_in_toml import EVERY_KIND
from .rows import add_submissions

SLUG = "job-application"


@contextmanager
def application(data: Path) -> Iterator[Flask]:
    """The application on a data folder, in this process and without its job worker."""
    app = create_app(load({"data": str(data)}, {}))
    app.extensions["intray.jobs"].start = lambda: None
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def make(data: Path, submissions: int) -> None:
    """Makes a data folder with the form of tests.forms_in_toml.EVERY_KIND and so many submissions."""
    definition, terms = read_form(EVERY_KIND)
    with application(data) as app, app.app_context():
        with unit_of_work() as session:
            rules.save(session, definition, terms, now())
        add_submissions(db.engine, SLUG, submissions)


def disk_seconds(folder: Path, times: int = 9) -> float:
    """How long it takes to add 4 KB to a file in the folder and have the disk keep them: the median."""
    path = folder / "disk"
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    path.unlink()
    return median(taken)
