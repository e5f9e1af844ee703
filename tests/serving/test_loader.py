"""Another application by its name, and the sentences where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.serving.errors import CannotServe
from webapp.serving.loader import load

SHOP = """
def application(environ, start_response):
    return [b"the shop"]

def make():
    return application

class Deep:
    application = staticmethod(application)

price = 5
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The current folder, with the package `shop` and modules that cannot be imported."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "wsgi.py").write_text(SHOP)
    (tmp_path / "needy.py").write_text("import nobody_made_this")
    (tmp_path / "broken.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    "name", ["shop.wsgi:application", "shop.wsgi:make()", "shop.wsgi:Deep.application"]
)
def test_an_application_is_found_in_the_current_folder(name: str) -> None:
    assert load(name)({}, None) == [b"the shop"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("stop.wsgi:application", "names the module stop.wsgi, but neither .+ nor Python has it"),
        ("shop.nothing:application", "names the module shop.nothing, but neither .+ has it"),
        ("shop.wsgi.deeper:application", "names the module shop.wsgi.deeper, but neither"),
        ("needy:application", "names the module needy, which needs nobody_made_this"),
        ("shop.wsgi:app", "but the module shop.wsgi has no app"),
        ("shop.wsgi:Deep.app", "but the module shop.wsgi has no Deep.app"),
        ("shop.wsgi:price", "but that is no WSGI application"),
        ("shop.wsgi:price()", "but that is no WSGI application"),
    ],
)
def test_a_bad_name_is_said_in_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(CannotServe, match=rf"^--app .*{sentence}.*\.$"):
        load(name)


def test_an_error_inside_the_module_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        load("broken:application")
