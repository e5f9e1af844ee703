"""`python -m webapp form …`: what is done, and the sentence and code of what cannot be done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.commands import main

from ..forms_in_toml import HOMEWORK

TOP = Path(__file__).parents[2]


class Commands:
    """The commands on one data folder, in this process; what they said is in `out` and `err`."""

    def __init__(self, data: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capture = capture
        self.out = self.err = ""

    def __call__(self, *arguments: str | Path) -> int:
        code = main(["--data", str(self.data), *map(str, arguments)])
        self.out, self.err = self._capture.readouterr()
        return code

    def refuses(self, *arguments: str | Path) -> str:
        """The one sentence with which the command is refused."""
        assert self(*arguments) == 2
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        return self.err.removesuffix("\n")


@pytest.fixture
def commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name in [name for name in os.environ if name.startswith("INTRAY_")]:
        monkeypatch.delenv(name)
    return Commands(tmp_path / "data", capsys)


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    path = tmp_path / "Hausaufgabe 3 – 作业.toml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return path


def test_a_form_is_imported_listed_and_exported(commands: Commands, homework: Path) -> None:
    assert commands("form", "list") == 0
    assert commands.out == ""
    assert commands("form", "import", homework) == 0
    assert (
        commands.out
        == "The form homework-3 is open, version 1: http://127.0.0.1:8080/f/homework-3\n"
    )
    assert commands("form", "list") == 0
    assert commands.out == "homework-3  open  v1  0 submissions  Homework 3\n"
    assert commands("form", "export", "homework-3") == 0
    assert commands.err == ""
    exported = commands.out
    homework.write_bytes(exported.replace("\n", "\r\n").encode("utf-8-sig"))
    assert commands("form", "import", homework) == 0
    assert "version 1" in commands.out
    assert commands("form", "export", "homework-3") == 0
    assert commands.out == exported


def test_what_is_told_of_a_form_fits_its_state(
    commands: Commands, homework: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTRAY_PUBLIC_URL", "https://forms.example.org/")
    text = HOMEWORK.replace('"open"', '"draft"\ncloses_at = 2026-12-01T23:59:00')
    homework.write_text(text, encoding="utf-8")
    commands("form", "import", homework)
    assert "is saved as a draft; nobody can fill it in" in commands.out
    homework.write_text(text.replace('"draft"', '"open"'), encoding="utf-8")
    commands("form", "import", homework)
    assert "is open, version 1: https://forms.example.org/f/homework-3\n" in commands.out
    commands("form", "list")
    assert commands.out.endswith("Homework 3  closes 1 December 2026, 23:59 (Asia/Shanghai)\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"title = \xe4", "is not in UTF-8: "),
        (HOMEWORK.encode("utf-16"), "is not in UTF-8: "),
        (b"title = ", "This is no valid TOML: "),
        (b"\x00", "This is no valid TOML: "),
        (HOMEWORK.replace("200\n", "0\n").encode(),
         "line 15: field 1, max_length must be a whole number from 1 to 100000."),
        (HOMEWORK.replace('"1 MB"', '"much"').encode("utf-8-sig"),
         'line 23: field 2, max_size must be a size such as "200 MB".'),
    ],
)  # fmt: skip
def test_a_file_that_is_no_form_is_told_in_a_sentence(
    commands: Commands, homework: Path, content: bytes | None, said: str
) -> None:
    if content is None:
        homework.unlink()
    else:
        homework.write_bytes(content)
    sentence = commands.refuses("form", "import", homework)
    assert sentence.startswith(str(homework))
    assert said in sentence
    assert commands("form", "list") == 0
    assert commands.out == ""


def test_a_folder_is_no_form(commands: Commands, tmp_path: Path) -> None:
    assert "cannot be read: " in commands.refuses("form", "import", tmp_path)


@pytest.mark.parametrize("slug", ["nothing", "", "Homework-3", "../x", "\udcff", "--", "作业"])
def test_an_unknown_form_is_told(commands: Commands, homework: Path, slug: str) -> None:
    commands("form", "import", homework)
    assert commands("form", "export", slug) == 2
    assert commands.out == ""
    assert commands.err.strip()
    assert "Traceback" not in commands.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["form"], ["from"], ["form", "imprt"], ["form", "import"], ["form", "export", "a", "b"], ["--x"]],
)  # fmt: skip
def test_a_wrong_command_line_is_2_and_says_how_it_is_used(
    commands: Commands, arguments: list[str]
) -> None:
    assert commands(*arguments) == 2
    assert "Usage: python -m webapp" in commands.err


def test_a_data_folder_that_cannot_be_written_is_told(commands: Commands, homework: Path) -> None:
    commands.data = homework / "data"
    assert commands.refuses("form", "list").startswith(f"The data folder {commands.data} cannot be")


def test_a_database_that_is_none_is_told(commands: Commands) -> None:
    commands.data.mkdir()
    (commands.data / "intray.db").write_bytes(b"This is a letter and no database. " * 100)
    assert commands.refuses("form", "list").startswith("The database cannot be used: ")


def test_it_is_a_program_of_its_own(tmp_path: Path, homework: Path) -> None:
    """On a console that knows no Chinese, too."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("INTRAY_")}
    environment |= {"INTRAY_DATA": str(tmp_path / "data"), "PYTHONIOENCODING": "ascii"}
    homework.write_text(HOMEWORK.replace("Homework 3", "作业"), encoding="utf-8")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "webapp", "form", *map(str, arguments)]
        return subprocess.run(
            command, cwd=TOP, env=environment, capture_output=True, check=False, timeout=60
        )

    done = run("import", homework)
    assert (done.returncode, done.stderr) == (0, b"")
    listed = run("list")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert listed.stdout.startswith(b"homework-3  open  v1  0 submissions  ")
    exported = run("export", "homework-3")
    assert 'title = "作业"'.encode() in exported.stdout
    refused = run("export", "other")
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [b"There is no form other."]
