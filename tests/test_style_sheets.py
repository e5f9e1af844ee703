"""The style sheets: each class in them is some page's, and each room of the desk has one that can be read."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from webapp import assets

ROOMS = Path(assets.__file__).parent
SHEETS = sorted(assets.FOLDER.rglob("*.css"))
MOST_LINES = 300
STARS = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def written(*suffixes: str) -> str:
    paths = (path for path in sorted(ROOMS.rglob("*")) if path.suffix in suffixes)
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())


@pytest.fixture(scope="module")
def used() -> tuple[list[str], str]:
    """The classes that templates name, with a star for what is filled in; and all scripts."""
    templates = written(".html")
    words = set(re.findall(r"[\w-]+", templates))
    made = {STARS.sub("*", word) for word in re.findall(r"[\w-]*\{\{[^{}]*\}\}[\w-]*", templates)}
    return [*words, *(word for word in made if len(word) > 1)], written(".js")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_each_class_is_used(sheet: Path, used: tuple[list[str], str]) -> None:
    words, scripts = used
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", rules))
    unused = {
        name
        for name in classes
        if not any(fnmatchcase(name, word) for word in words)
        and not re.search(rf"[\"'. ]{name}\b", scripts)
    }
    assert unused == set()


def test_the_sheets_of_the_desk_are_short() -> None:
    for sheet in (assets.FOLDER / "css" / "desk").iterdir():
        assert len(sheet.read_text(encoding="utf-8").splitlines()) <= MOST_LINES, sheet.name
