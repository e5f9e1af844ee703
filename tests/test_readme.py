"""The README says what is so."""

from __future__ import annotations

import configparser
import re
from dataclasses import fields
from pathlib import Path

from webapp.config import TABLE
from webapp.forms.kinds import ELEMENTS
from webapp.forms.toml_file import read_form

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = re.split(r"^#{2,3} ", README.split(f" {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_settings_are_those_of_the_table_in_the_code() -> None:
    written = [
        [
            f"`{row.name}`",
            f"`{row.metadata['default']}`" if row.metadata["default"] else "",
            "yes" if row.metadata["in_file"] else "no",
            row.metadata["help"].replace("`", ""),
        ]
        for row in TABLE
    ]
    shown = [[*row[:3], row[3].replace("`", "")] for row in table("Settings")]
    assert shown == written


def test_the_kinds_and_their_rules_are_those_of_the_code() -> None:
    common = {"key", "label", "help", "required", "id", "show_if", "translations"}
    for kind, _, adds in table("What a form's file can say"):
        rules = {row.name for row in fields(ELEMENTS[kind.strip("`")])} - common
        assert set(re.findall(r"`(\w+)`", adds)) - common == rules, kind
    assert [row[0].strip("`") for row in table("What a form's file can say")] == list(ELEMENTS)


def test_every_dependency_has_its_reason() -> None:
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg", encoding="utf-8")
    wanted = setup["options"]["install_requires"].split("\n")
    wanted += setup["options.extras_require"]["postgresql"].split("\n")
    names = {re.split(r"[\[<>=;]", line)[0].strip().lower() for line in wanted if line.strip()}
    first = " ".join(row[0] for row in table("What Intray is built on")).lower()
    given = {name for name in re.split(r"[,\s]+", re.sub(r"\(.*?\)", "", first)) if name}
    assert given == names


def test_the_first_form_can_be_imported() -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.S)
    assert example is not None
    definition, terms = read_form(example[1])
    assert definition.title == "Homework 3"
    assert terms.slug == "homework-3"
