"""`/dev/components`: the design system, to be looked at."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from . import samples

blueprint = Blueprint("showcase", __name__, template_folder="templates", url_prefix="/dev")


@blueprint.get("/components")
def components() -> str:
    """Colours, type, and each component of the desk in its states."""
    return render_template("showcase/components.html", states=samples.STATES)


@blueprint.get("/components/questions/<state>")
def questions(state: str) -> str:
    """A form with a question of each kind, in one of the states."""
    if state not in samples.STATES:
        abort(404)
    return render_template(
        "showcase/questions.html", page=samples.page(state), state=state, states=samples.STATES
    )
