"""`/desk/forms/<slug>/notices`: HTTP in, HTML out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ..accounts.guard import current_user, needs, require
from ..accounts.permissions import Action, can
from ..database import now, snapshot, unit_of_work
from ..extensions import db
from ..i18n import LANGUAGES, gettext, language, ngettext
from ..jobs.worker import current_worker
from . import deliveries, mail_settings, rules
from .configs import Kind, kind_name, read_webhook
from .pages import log_page, notice_rows
from .rules import FormAtHand
from .tables import Notice
from .typed import Typed, read_typed_mail, read_typed_receipt, read_typed_webhook, values_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("notices", __name__, template_folder="templates")

TOP = "/desk/forms/<slug>/notices"
ONE = f"{TOP}/<notice_id>"
MOST_IDS = 2**31  # what a database takes for one


def _form(session: Session, slug: str) -> FormAtHand:
    return rules.form_at_hand(session, slug) or abort(404)


def _kind(text: str) -> Kind:
    """The kind of a new notice. Webhooks call out into the network in which the server is, so they are
    for owners."""
    kind = Kind(text) if text in list(Kind) else abort(404)
    if kind is Kind.WEBHOOK:
        require(Action.MANAGE)
    return kind


def _notice(session: Session, form: FormAtHand, notice_id: str) -> Notice:
    """The notice, if it is this user's to change."""
    notice = rules.find_notice(session, form.id, notice_id) or abort(404)
    _kind(notice.kind)
    return notice


def _sees_webhooks() -> bool:
    """Whether this user may see where webhooks call, which may be a secret, and what was answered."""
    return can(current_user(), Action.MANAGE)


def _own_kinds() -> list[Kind]:
    """The kinds of notices that are this user's to change."""
    return [kind for kind in Kind if kind is not Kind.WEBHOOK or _sees_webhooks()]


def _to_list(slug: str) -> BaseResponse:
    return redirect(url_for(".list_notices", slug=slug), 303)


@blueprint.get(TOP)
@needs(Action.EDIT_NOTICES)
def list_notices(slug: str) -> str:
    """Who is told of a form's submissions."""
    form = _form(db.session, slug)
    notices = rules.notices_of(db.session, form.id)
    return render_template(
        "notices/list.html",
        form=form,
        notices=notice_rows(notices, form, rules.people(db.session), with_urls=_sees_webhooks()),
        has_mail=mail_settings.mail_server(db.session).is_set,
    )


@blueprint.get(f"{TOP}/new/<kind>")
@needs(Action.EDIT_NOTICES)
def new_notice(slug: str, kind: str) -> str:
    """A page for a new notice."""
    form = _form(db.session, slug)
    fields = form.address_fields
    values = {
        "with_answers": kind == Kind.MAIL,
        "language": language(),
        "field": fields[0].id if fields else "",
        "reply_field": fields[0].id if fields else "",
        "users": [str(current_user().id)],
    }
    return _edit_page(db.session, form, _kind(kind), Typed(values))


@blueprint.post(f"{TOP}/new/<kind>")
@needs(Action.EDIT_NOTICES)
def add_notice(slug: str, kind: str) -> BaseResponse:
    """Adds a notice, switched on."""
    return _save(slug, _kind(kind), None)


@blueprint.get(ONE)
@needs(Action.EDIT_NOTICES)
def notice(slug: str, notice_id: str) -> str:
    """A page for changing a notice."""
    form = _form(db.session, slug)
    found = _notice(db.session, form, notice_id)
    typed = Typed(values_of(found.kind, found.config))
    return _edit_page(db.session, form, Kind(found.kind), typed, found)


@blueprint.post(ONE)
@needs(Action.EDIT_NOTICES)
def change_notice(slug: str, notice_id: str) -> BaseResponse:
    """Changes a notice."""
    return _save(slug, None, notice_id)


def _save(slug: str, kind: Kind | None, notice_id: str | None) -> BaseResponse:
    user_id = current_user().id
    with snapshot() as session:
        form = _form(session, slug)
        found = _notice(session, form, notice_id) if notice_id else None
        wanted = kind or Kind(found.kind if found else "")
        typed = _typed(session, form, wanted, found)
        page = "" if typed.config else _edit_page(session, form, wanted, typed, found)
    if typed.config is None:
        return make_response(page, 422)
    with unit_of_work() as session:
        if notice_id is not None:
            found = _notice(session, form, notice_id)
            if request.form.get("revision", "") != found.revision:
                return _changed_meanwhile(session, form, typed, found)
            rules.change(session, found, typed.config, now(), user_id)
        else:
            try:
                rules.add_notice(session, form.id, wanted, typed.config, now(), user_id)
            except rules.TooMany:
                flash(gettext("This form has as many notices as it may have."))
                return _to_list(slug)
    current_worker().wake()  # what waits for a webhook is tried at its new address
    flash(gettext("Saved."))
    return _to_list(slug)


def _changed_meanwhile(
    session: Session, form: FormAtHand, typed: Typed, found: Notice
) -> BaseResponse:
    """Shows what was typed once more; who saves it again means it."""
    text = gettext(
        "Somebody has changed this notice meanwhile. Nothing is saved; save again to put yours in its place."
    )
    typed = Typed(typed.values, problems={"form": text})
    return make_response(_edit_page(session, form, Kind(found.kind), typed, found), 409)


def _typed(session: Session, form: FormAtHand, kind: Kind, found: Notice | None) -> Typed:
    given = request.form.to_dict(flat=False)
    if kind is Kind.MAIL:
        return read_typed_mail(given, rules.people(session), form.address_fields)
    if kind is Kind.RECEIPT:
        return read_typed_receipt(given, form.address_fields)
    return read_typed_webhook(given, read_webhook(found.config) if found else None)


def _edit_page(
    session: Session, form: FormAtHand, kind: Kind, typed: Typed, found: Notice | None = None
) -> str:
    return render_template(
        f"notices/{kind.value}.html",
        form=form,
        kind_name=kind_name(kind),
        notice=found,
        values=typed.values,
        problems=typed.problems,
        users=rules.people(session),
        language_names=list(LANGUAGES.items()),
    )


@blueprint.post(f"{ONE}/switch")
@needs(Action.EDIT_NOTICES)
def switch_notice(slug: str, notice_id: str) -> BaseResponse:
    """Switches a notice on or off, as the button says."""
    on = request.form.get("on") == "yes"
    with unit_of_work() as session:
        found = _notice(session, _form(session, slug), notice_id)
        rules.switch(session, found, now(), on=on, by=current_user().id)
    flash(gettext("The notice is on.") if on else gettext("The notice is off."))
    return _to_list(slug)


@blueprint.get(f"{ONE}/delete")
@needs(Action.EDIT_NOTICES)
def confirm_delete(slug: str, notice_id: str) -> str:
    """Asks whether a notice is really to go."""
    form = _form(db.session, slug)
    found = _notice(db.session, form, notice_id)  # refused where it is a webhook, and this no owner
    row = notice_rows([found], form, rules.people(db.session), with_urls=True)[0]
    return render_template("notices/delete.html", form=form, notice=row)


@blueprint.post(f"{ONE}/delete")
@needs(Action.EDIT_NOTICES)
def delete_notice(slug: str, notice_id: str) -> BaseResponse:
    """Removes a notice and what it had to deliver."""
    with unit_of_work() as session:
        found = _notice(session, _form(session, slug), notice_id)
        rules.remove(session, found, now(), current_user().id)
    flash(gettext("The notice is deleted."))
    return _to_list(slug)


@blueprint.post(f"{ONE}/secret")
@needs(Action.MANAGE)
def renew_secret(slug: str, notice_id: str) -> BaseResponse:
    """Gives a webhook a new secret."""
    with unit_of_work() as session:
        found = _webhook(session, slug, notice_id)
        rules.renew_secret(session, found, now(), current_user().id)
    flash(gettext("There is a new secret. The old one signs as well for 24 hours."))
    return redirect(url_for(".notice", slug=slug, notice_id=notice_id), 303)


@blueprint.post(f"{ONE}/test")
@needs(Action.MANAGE)
def test_webhook(slug: str, notice_id: str) -> BaseResponse:
    """Has a test event delivered; the log shows what came of it."""
    with unit_of_work() as session:
        deliveries.add_test(session, _webhook(session, slug, notice_id), now())
    current_worker().wake()
    flash(gettext("A test is on its way. Load this page again to see what comes of it."))
    return redirect(url_for(".log", slug=slug), 303)


def _webhook(session: Session, slug: str, notice_id: str) -> Notice:
    found = _notice(session, _form(session, slug), notice_id)
    return found if found.kind == Kind.WEBHOOK else abort(404)


@blueprint.get(f"{TOP}/deliveries")
@needs(Action.EDIT_NOTICES)
def log(slug: str) -> str:
    """What was delivered, what waits and what was given up."""
    form = _form(db.session, slug)
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < MOST_IDS:
        before = None
    return render_template(
        "notices/deliveries.html",
        form=form,
        log=log_page(
            deliveries.log(db.session, form.id, before),
            form.time_zone,
            with_webhooks=_sees_webhooks(),
        ),
        is_first=before is None,
        has_failed=deliveries.has_failed(db.session, form.id, _own_kinds()),
    )


@blueprint.post(f"{TOP}/deliveries/<delivery_id>")
@needs(Action.EDIT_NOTICES)
def deliver_again(slug: str, delivery_id: str) -> BaseResponse:
    """Delivers once more what was delivered or given up, and tries now what waits."""
    with unit_of_work() as session:
        form = _form(session, slug)
        found = deliveries.find_delivery(session, form.id, delivery_id) or abort(404)
        _kind(rules.kind_of(session, found.notice_id))
        deliveries.again(session, found, now())
    current_worker().wake()
    flash(gettext("It is delivered again. Load this page again to see what comes of it."))
    return redirect(url_for(".log", slug=slug), 303)


@blueprint.post(f"{TOP}/deliveries")
@needs(Action.EDIT_NOTICES)
def deliver_all_again(slug: str) -> BaseResponse:
    """Tries once more what was given up."""
    with unit_of_work() as session:
        form = _form(session, slug)
        count = deliveries.all_failed_again(session, form.id, now(), _own_kinds())
    current_worker().wake()
    flash(ngettext("%(n)s is tried again.", "%(n)s are tried again.", count))
    return redirect(url_for(".log", slug=slug), 303)
