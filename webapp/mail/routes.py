"""`/desk/settings/mail`: HTTP in, HTML out."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..accounts.guard import current_user, needs
from ..accounts.permissions import Action
from ..database import now, snapshot, unit_of_work
from ..extensions import db
from ..i18n import gettext
from ..jobs.worker import current_worker
from ..notices import mail_settings
from ..notices.smtp import USUAL_PORTS
from ..notices.typed_server import TypedServer, read_typed_server

blueprint = Blueprint("mail", __name__, template_folder="templates")


@blueprint.get("/desk/settings/mail")
@needs(Action.MANAGE)
def settings() -> str:
    """The mail server as it is set."""
    server = mail_settings.mail_server(db.session)
    return _page(TypedServer(server, str(server.port), {}), server.is_set)


def _page(typed: TypedServer, is_set: bool) -> str:
    return render_template(
        "mail/settings.html",
        server=typed.server,
        port=typed.port,
        problems=typed.problems,
        is_set=is_set,
        usual_ports=USUAL_PORTS,
    )


@blueprint.post("/desk/settings/mail")
@needs(Action.MANAGE)
def save() -> BaseResponse:
    """Sets the mail server. What has waited for it goes out."""
    with snapshot() as session:
        earlier = mail_settings.mail_server(session)
    typed = read_typed_server(request.form.to_dict(flat=False), earlier)
    if typed.problems:
        return make_response(_page(typed, earlier.is_set), 422)
    with unit_of_work() as session:
        mail_settings.keep(session, typed.server, now(), current_user().id)
    current_worker().wake()
    flash(gettext("Saved."))
    return redirect(url_for(".settings"), 303)


@blueprint.post("/desk/settings/mail/test")
@needs(Action.MANAGE)
def test() -> BaseResponse:
    """Sends a test mail to who asks, and says what came of it within 15 seconds."""
    with snapshot() as session:
        server = mail_settings.mail_server(session)
    address = current_user().email
    problem = mail_settings.try_out(server, address, now())
    if problem:
        typed = TypedServer(server, str(server.port), {"test": problem})
        return make_response(_page(typed, server.is_set), 422)
    flash(gettext("The mail server has taken a test mail to %(address)s.", address=address))
    return redirect(url_for(".settings"), 303)
