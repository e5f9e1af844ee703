"""`/desk/forms/<slug>/people/mail`: mailing people their links, and reminding those who are missing."""

from __future__ import annotations

from dataclasses import replace

from flask import (
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...database import now, snapshot, unit_of_work
from ...forms import typed
from ...forms.rulebook import RuleBroken
from ...i18n import LANGUAGES, gettext, language, ngettext
from ...jobs.worker import current_worker
from ...notices.mail_settings import mail_server
from .. import mailing
from .. import people as roster
from ..mailing import Kind, Wording
from .blueprint import TOP, blueprint, head_of


@blueprint.get(f"{TOP}/mail")
@needs(Action.EDIT_FORMS)
def mail(slug: str) -> BaseResponse:
    """Whom the links or a reminder would be mailed to."""
    return _page(slug, Wording(Kind.LINK, language()))


@blueprint.post(f"{TOP}/mail")
@needs(Action.EDIT_FORMS)
def send_mail(slug: str) -> BaseResponse:
    """Has the links or a reminder mailed; or shows what a mail would say, as the button says."""
    wording = _asked_wording()
    try:
        wording = replace(wording, message=mailing.message(wording.message))
    except RuleBroken as broken:
        problem = typed.told(gettext("Your message"), str(broken))
        return _page(slug, wording, problem=problem)
    if "preview" in request.form:
        return _page(slug, wording, shows_mail=True)
    with unit_of_work() as session:
        head = head_of(session, slug)
        people = roster.everyone(session, head.form, now())
        can_mail = mail_server(session).is_set and head.is_published
        those = mailing.recipients(people, wording.kind, now()).those if can_mail else ()
        user_id = current_user().id
        count = mailing.ask(session, head.form, those, wording, now(), user_id=user_id)
    current_worker().wake()
    flash(ngettext("%(n)s mail is on its way.", "%(n)s mails are on their way.", count))
    return redirect(url_for(".people", slug=slug), 303)


def _asked_wording() -> Wording:
    asked, spoken = request.form.get("kind", ""), request.form.get("language", "")
    kind = Kind(asked) if asked in list(Kind) else abort(400)
    spoken = spoken if spoken in LANGUAGES else language()
    return Wording(kind, spoken, request.form.get(f"message-{kind}", ""))


def _page(
    slug: str, wording: Wording, *, problem: str = "", shows_mail: bool = False
) -> BaseResponse:
    with snapshot() as session:
        head = head_of(session, slug)
        everyone = roster.everyone(session, head.form, now())
        has_mail = mail_server(session).is_set
        mailed = mailing.head_in(head.form, wording.language) if shows_mail else head
    kinds = [(kind.value, mailing.recipients(everyone, kind, now())) for kind in Kind]
    those = mailing.recipients(everyone, wording.kind, now()).those
    settings = current_app.config["INTRAY"]
    html = render_template(
        "roster/mail.html",
        head=head,
        has_mail=has_mail,
        kinds=kinds,
        wording=wording,
        language_names=list(LANGUAGES.items()),
        problem=problem,
        most=mailing.MOST_MESSAGE,
        shown=mailing.written(mailed, those[0], wording, settings)
        if those and shows_mail
        else None,
    )
    return make_response(html, 422 if problem else 200)
