"""Finds another WSGI application by its name: MODULE:NAME, or MODULE:NAME() for a factory."""

from __future__ import annotations

import importlib
import operator
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from .errors import CannotServe

Application = Callable[..., Any]  # (environ, start_response) -> iterable of bytes


def load(name: str) -> Application:
    """The application that `name` says, its module looked for in the current folder first.

    Raises CannotServe where there is none of that name; an error inside the module comes through.
    """
    module_name, _, path = name.partition(":")
    module = _import(module_name)
    try:
        found = operator.attrgetter(path.removesuffix("()"))(module)
    except AttributeError:
        raise CannotServe(f"--app is {name}, but the module {module_name} has no {path}.") from None
    application: Any = found() if path.endswith("()") and callable(found) else found
    if callable(application):
        return cast(Application, application)
    raise CannotServe(f"--app is {name}, but that is no WSGI application: it cannot be called.")


def _import(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  (sys.path holds texts)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name and (name + ".").startswith(missing.name + "."):
            raise CannotServe(
                f"--app names the module {name}, but neither {sys.path[0]} nor Python has it."
            ) from None
        raise CannotServe(
            f"--app names the module {name}, which needs {missing.name}; "
            f"install that for {sys.executable}."
        ) from None
