"""`verify` finds what is not as the database says, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from webapp.commands import main
from webapp.database import snapshot
from webapp.submissions.verifying import verify

from ..conftest import ImportForm
from ..forms_in_toml import HOMEWORK
from ..visitor import Visitor

PATH = "/f/homework-3"


@pytest.fixture
def stored(app: Flask, visitor: Visitor, import_form: ImportForm) -> list[Path]:
    """The two files of a submission, where they lie."""
    import_form(HOMEWORK)
    files = [("essay", "one.pdf", b"%PDF-1 one"), ("essay", "two.pdf", b"%PDF-1 two")]
    answer = visitor.hand_in(visitor.open(PATH), PATH, {"name": "Ann"}, files)
    assert answer.status == 303
    return sorted((app.config["INTRAY"].data / "files").rglob("*.pdf"))


def problems(app: Flask) -> list[str]:
    with app.app_context(), snapshot() as session:
        return list(verify(session, app.extensions["intray.storage"]))


def test_all_is_well(app: Flask, stored: list[Path]) -> None:
    assert problems(app) == []


def test_what_is_missing_changed_or_unknown_is_named(app: Flask, stored: list[Path]) -> None:
    stored[0].unlink()
    stored[1].write_bytes(b"2wo")
    (stored[0].parent / "notes.txt").write_bytes(b"mine")
    missing, changed, unknown = problems(app)
    assert "one.pdf: it cannot be read" in missing
    assert "two.pdf: its content is not what was received." in changed
    assert "notes.txt: no submission has this file." in unknown
    assert stored[1].read_bytes() == b"2wo"


def test_the_command_ends_with_1_if_something_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["--data", str(data), "verify"]) == 0
    (data / "files" / "stranger.txt").write_bytes(b"mine")
    assert main(["--data", str(data), "verify"]) == 1
    assert "stranger.txt: no submission has this file." in capsys.readouterr().out
