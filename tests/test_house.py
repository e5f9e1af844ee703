"""The house of DESIGN.md: which way the arrows point, read from the imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
WEBAPP = TOP / "webapp"
MOST_LINES = 300


@dataclass(frozen=True)
class Import:
    """One module that another imports. It is not `early` where it stands in a function, which runs
    when all modules are loaded."""

    module: str
    early: bool


def name_of(path: Path) -> str:
    parts = path.relative_to(TOP).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """All modules of webapp by their full names; the migrations are scripts of Alembic's."""
    paths = sorted(WEBAPP.rglob("*.py"))
    return {name_of(path): path for path in paths if "migrations" not in path.parts}


@cache
def imports_of(name: str) -> tuple[Import, ...]:
    """What a module imports when the program runs."""
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    return tuple(Import(m, early) for m, early in _imports(tree, name, early=True) if m != name)


def _imports(node: ast.AST, name: str, *, early: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from ((alias.name, early) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from ((module, early) for module in _from(child, name))
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, name, early=early and not inside)


def _from(statement: ast.ImportFrom, name: str) -> Iterator[str]:
    """`from . import a` imports the module a, where there is one, and else the package."""
    base = statement.module or ""
    if statement.level:
        is_package = modules()[name].name == "__init__.py"
        parts = name.split(".")
        kept = len(parts) - statement.level + is_package
        base = ".".join([*parts[:kept], *([statement.module] if statement.module else [])])
    for alias in statement.names:
        inner = f"{base}.{alias.name}"
        yield inner if inner in modules() else base


def room_of(name: str) -> str:
    """The folder that a module is in; a module of no folder is a room of its own."""
    return name.split(".")[1] if "." in name else ""


def imported(name: str) -> set[str]:
    return {found.module for found in imports_of(name)}


def outside(names: set[str]) -> set[str]:
    """The packages among them that are neither ours nor Python's."""
    tops = {name.split(".")[0] for name in names}
    return tops - sys.stdlib_module_names - {"webapp", "__future__"}


def loops(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The ways from a node back to itself; none if the arrows point one way."""
    found: list[list[str]] = []
    done: set[str] = set()

    def follow(node: str, way: list[str]) -> None:
        if node in way:
            found.append([*way[way.index(node) :], node])
        elif node not in done:
            for other in sorted(arrows.get(node, ())):
                follow(other, [*way, node])
            done.add(node)

    for node in arrows:
        follow(node, [])
    return found


def test_the_imports_are_read_right() -> None:
    """All else here would pass if none were found."""
    assert len(modules()) > 60
    assert "webapp.forms.kinds" in imported("webapp.forms.definition")
    assert "webapp.forms.rulebook" in imported("webapp.forms.kinds.base")
    assert Import("webapp.config", early=False) in imports_of("webapp")
    assert Import("flask", early=True) in imports_of("webapp.filling.routes")
    assert "flask" not in imported("webapp")
    assert loops({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c", "b"]]


BARE = ("webapp", "webapp.config", "webapp.setting_kinds", "webapp.locks", "webapp.failpoints")


@pytest.mark.parametrize("name", BARE)
def test_what_a_bare_machine_runs_needs_nothing_installed(name: str) -> None:
    early = {found.module for found in imports_of(name) if found.early}
    assert outside(early) == set()
    assert {other for other in early if other.startswith("webapp")} <= set(BARE)


def serving() -> list[str]:
    return [name for name in modules() if room_of(name) == "serving"]


@pytest.mark.parametrize("name", serving())
def test_serving_knows_sockets_and_processes_and_nothing_of_forms(name: str) -> None:
    ours = {room_of(other) for other in imported(name) if other.startswith("webapp.")}
    assert ours <= {"serving", "locks"}
    assert not outside(imported(name)) & {"flask", "sqlalchemy", "flask_sqlalchemy_lite"}


# Where HTTP comes in and goes out. All else takes values and returns values.
KNOWS_REQUESTS = {
    "accounts.guard", "accounts.security", "accounts.signing",
    "application", "assets", "errors", "framework", "headers", "hosts", "language", "origins",
    "preparation", "sessions", "filling.answering", "filling.attempt", "uploads.multipart",
    "jobs.worker",
}  # fmt: skip


def is_route(name: str) -> bool:
    """Also a module of a package `routes`, where one does not hold them all."""
    return name.endswith(".routes") or ".routes." in name


def rules() -> list[str]:
    def is_rule(name: str) -> bool:
        inner = name.removeprefix("webapp.")
        return (
            inner not in KNOWS_REQUESTS and not is_route(name) and not inner.endswith(".commands")
        )

    return [name for name in modules() if is_rule(name)]


@pytest.mark.parametrize("name", rules())
def test_rules_know_no_request(name: str) -> None:
    assert "flask" not in outside(imported(name))


def test_the_exceptions_are_needed() -> None:
    for inner in KNOWS_REQUESTS:
        assert "flask" in outside(imported(f"webapp.{inner}")), inner


def routes() -> list[str]:
    return [name for name in modules() if is_route(name)]


def test_only_the_application_knows_the_routes() -> None:
    for name in modules():
        known = {other for other in imported(name) & set(routes()) if not are_together(name, other)}
        assert not known or name == "webapp.application", f"{name} imports {known}"


def are_together(one: str, other: str) -> bool:
    """Whether both are of one package `routes`."""
    return ".routes" in one and one.partition(".routes")[0] == other.partition(".routes")[0]


@pytest.mark.parametrize("name", routes())
def test_routes_hold_no_sql(name: str) -> None:
    assert not outside(imported(name)) & {"sqlalchemy"}


def test_tables_know_no_rules() -> None:
    for name in modules():
        if name.endswith(".tables"):
            ours = {other for other in imported(name) if other.startswith("webapp.")}
            assert ours <= {"webapp.database"}, name


def test_no_module_imports_itself_by_way_of_others() -> None:
    arrows = {
        name: {found.module for found in imports_of(name) if found.early} & modules().keys()
        for name in modules()
    }
    assert loops(arrows) == []


def test_no_room_needs_a_room_that_needs_it() -> None:
    """Even in a function: an import there breaks the loop for Python and not for the reader."""
    rooms = {room_of(name) for name in modules() if (WEBAPP / room_of(name)).is_dir()} - {""}
    arrows: dict[str, set[str]] = {room: set() for room in rooms}
    for name in modules():
        if room_of(name) in rooms:
            arrows[room_of(name)] |= {room_of(other) for other in imported(name) & modules().keys()}
    assert loops({room: (others & rooms) - {room} for room, others in arrows.items()}) == []


LOWEST = {
    "storage": {"files", "failpoints", "locks", "texts"},
    "events": {"database"},
    "forms": {
        "clock",
        "config",
        "database",
        "events",
        "extensions",
        "i18n",
        "ids",
        "sizes",
        "storage",
        "texts",
    },
}


@pytest.mark.parametrize("room", LOWEST)
def test_what_many_stand_on_stands_on_little(room: str) -> None:
    needed = {
        room_of(other)
        for name in modules()
        if room_of(name) == room
        for other in imported(name) & modules().keys()
    }
    assert needed - {room} <= LOWEST[room]


@pytest.mark.parametrize("name", modules())
def test_a_module_is_small_and_named_for_what_it_is(name: str) -> None:
    path = modules()[name]
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert path.stem not in ("utils", "util", "helpers", "common", "misc")


def test_every_room_says_what_it_owns() -> None:
    for path in WEBAPP.rglob("__init__.py"):
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert doc is not None, path
        assert doc.endswith("."), path
