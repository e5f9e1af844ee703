"""Intray: collects forms and files from people, on your own computer.

Standard library alone at module level, in syntax that an old Python can read: the launcher and
`serve.py --app other:app` never load Flask, and a bare machine gets a sentence, no ImportError.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from .config import Settings

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python is what this is for)
    sys.exit("Intray needs Python 3.11 or newer; this is Python " + sys.version.split()[0] + ".")


def create_app(
    settings: "Settings | None" = None, may_migrate: "Callable[[], bool] | None" = None
) -> "Flask":
    """The WSGI application for these settings, or for those of the environment and `intray.toml`, as
    other servers ask for it: then the log says how Intray is set up. `may_migrate` is asked before the
    database is changed for a newer version; it may be, unless given.

    Raises webapp.config.CannotStart with one sentence.
    """
    from .application import build, log_how_to_set_up
    from .config import load
    from .preparation import always

    if settings is not None:
        return build(settings, may_migrate or always)
    app = build(load())
    log_how_to_set_up(app)
    return app
