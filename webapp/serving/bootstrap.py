"""Makes `python serve.py` work on a machine that has nothing but Python.

Where all that setup.cfg asks for is there, it just goes on. Where something is missing it installs
the project into `.venv` beside serve.py, once, and goes on in the Python of that folder.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn

from . import console, requirements
from .environment import Environment
from .errors import CannotServe
from .handover import hand_over, was_handed_over


def ensure(top: Path, extras: Collection[str] = ()) -> None:
    """Returns where all that is needed can be imported; else goes on in `.venv`, or exits.

    `top` is the folder with setup.cfg; where it has none Intray was installed as a package, and
    nothing is done. `extras` are those of setup.cfg, such as "test". What keeps it from working is
    said in one sentence, and the exit code is 1 then.
    """
    if not (top / "setup.cfg").is_file():
        return
    console.prepare()
    try:
        _ensure(top, extras)
    except CannotServe as stopped:
        _give_up(str(stopped))
    except OSError as wrong:
        reason = wrong.strerror or type(wrong).__name__
        _give_up(
            f"Intray cannot set itself up in {top} ({reason}: {wrong.filename}): "
            "put it into a folder that you may write to."
        )
    except KeyboardInterrupt:
        console.say_aside("Setting up was interrupted; the next start does it over.")
        sys.exit(130)


def _ensure(top: Path, extras: Collection[str]) -> None:
    handed_over = was_handed_over()
    missing = requirements.missing(requirements.read(top / "setup.cfg", extras))
    if not missing:
        return
    environment = Environment(top, extras)
    if not environment.is_ready():
        environment.make_ready()
    elif handed_over or environment.is_running():
        names = ", ".join(one.name for one in missing)
        raise CannotServe(
            f"{environment.folder} was set up, yet lacks {names}: remove that folder, start again."
        )
    hand_over(environment.python)


def _give_up(sentence: str) -> NoReturn:
    console.say_aside(sentence)
    console.hold_window()
    sys.exit(1)
