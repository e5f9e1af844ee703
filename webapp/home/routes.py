"""`/`, `/index`, `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)

from ..accounts import rules as accounts
from ..database import now
from ..extensions import db
from ..forms import rules as forms
from ..forms.availability import closing_text
from ..forms.speaking import in_passing
from ..serving import exposition
from ..serving.addresses import is_loopback
from ..serving.metrics import PATH, TEXT, Readers
from .checks import failing_parts
from .figures import families

blueprint = Blueprint("home", __name__, template_folder="templates")


@dataclass(frozen=True)
class ListedForm:
    """A form on the start page."""

    title: str
    url: str
    closes: str | None


@blueprint.get("/")
def start() -> str:
    """The forms that are open to everyone."""
    forms_now = [
        ListedForm(
            in_passing(asked).title,
            url_for("filling.show_form", slug=form.slug),
            closing_text(form),
        )
        for form, asked in forms.open_forms(db.session, now())
    ]
    return render_template("home/index.html", forms=forms_now, set_up_first=_must_be_set_up())


def _must_be_set_up() -> bool:
    """Whether whoever asks sits at this computer and nobody has set Intray up. What they are told is
    where the link is, and never its key: a page of another program may be the one that asks."""
    here = is_loopback(request.remote_addr or "")
    return here and not accounts.has_users(db.session)


@blueprint.get("/index")
def index() -> Response:
    """The simplest proof that the server answers."""
    return Response("Hello World!", mimetype="text/plain")


@blueprint.get("/healthz")
def alive() -> Response:
    """Answers as long as the process lives."""
    return _uncached(Response("ok\n", mimetype="text/plain"))


@blueprint.get("/readyz")
def ready() -> Response:
    """200 if Intray can work, else 503 with the parts that fail."""
    failing = failing_parts(db.session, current_app.config["INTRAY"].data)
    response = make_response(jsonify(ready=not failing, failing=failing), 503 if failing else 200)
    return _uncached(response)


@blueprint.get(PATH)
def metrics() -> Response:
    """Figures for Prometheus: those of the server, where that is ours, and Intray's own. Where somebody may
    not read them there is nothing."""
    readers = Readers.parse(current_app.config["INTRAY"].metrics_from)
    if not readers.may_read(request.environ):
        abort(404)
    serving = request.environ.get(TEXT)
    text = (serving() if serving else "") + exposition.text(families(db.session))
    return _uncached(Response(text, content_type=exposition.CONTENT_TYPE))


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
