"""What `python serve.py --dev` does: Flask's own server, which starts anew when the code changes.

The standard library alone at module level, as in the launcher.
"""

from __future__ import annotations

from collections.abc import Callable

from . import announcing
from .config import CannotStart, Settings
from .serving import development
from .serving.errors import CannotServe
from .serving.loader import Application


def develop(settings: Settings, make_application: Callable[[], Application]) -> None:
    """Serves until stopped. Raises CannotServe."""
    if not development.is_reloaded():
        announcing.announce(settings)
    development.serve(make_application, settings.host, settings.port)


def debugged(settings: Settings) -> Application:
    """Intray with its debugger. Raises CannotServe."""
    from . import create_app

    try:
        app = create_app(settings)
    except CannotStart as stopped:
        raise CannotServe(str(stopped)) from None  # the debugger shows all that is no CannotServe
    announcing.say_how_to_set_up(app, settings)
    app.debug = True
    return app
