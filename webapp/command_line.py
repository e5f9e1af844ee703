"""What was typed behind `python serve.py`. Standard library only, as the launcher."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import Field, dataclass
from typing import Any, NoReturn

from . import __version__, config, setting_kinds
from .serving.errors import CannotServe
from .serving.services import KINDS

_SWITCHES = {row.name for row in config.TABLE if row.metadata["parse"] is setting_kinds.yes_or_no}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        raise CannotServe(f"{message[0].upper()}{message[1:]}; --help lists the options.")


@dataclass(frozen=True)
class Asked:
    """The settings that the command line names, each with its text; and the kind of service that it is to
    be printed for, if any."""

    settings: dict[str, str]
    service: str = ""

    def options(self, beside: Collection[str] = ()) -> list[str]:
        """The same as they would be written again, beside some."""
        given = ((name, text) for name, text in self.settings.items() if name not in beside)
        return [
            f"--{_dashed(name)}" + ("" if name in _SWITCHES else f"={text}") for name, text in given
        ]


def read(arguments: Sequence[str] | None) -> Asked:
    """Of the process, unless given. Raises CannotServe with one sentence."""
    parser = _Parser(
        prog="serve.py",
        description="Serves Intray. Each option is also a variable (INTRAY_PORT for --port), and a "
        f"line of {config.FILE_NAME} in the data folder, except --data, --app and --dev.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"Intray {__version__}")
    for row in config.TABLE:
        parser.add_argument(f"--{_dashed(row.name)}", **_option(row))
    parser.add_argument(
        "--print-service",
        choices=sorted(KINDS),
        help="prints what has the system start Intray with these options by itself, and ends",
    )
    settings = vars(parser.parse_args(arguments))
    return Asked(service=settings.pop("print_service", ""), settings=settings)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _option(row: Field[Any]) -> dict[str, Any]:
    text = row.metadata["help"].replace("%", "%%")
    if row.name in _SWITCHES:
        return {"action": "store_const", "const": "true", "help": text}
    default = row.metadata["default"]
    metavar = "MODULE:NAME" if row.name == "app" else row.name.rpartition("_")[2].upper()
    return {"metavar": metavar, "help": f"{text} ({default})" if default else text}
