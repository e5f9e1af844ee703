"""`/desk/forms/<slug>/people`: who may fill in by a personal link, and who has. HTTP in, HTML out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from flask import (
    Response,
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
from ...extensions import db
from ...forms import terms, typed
from ...forms.availability import closing_text
from ...forms.rulebook import RuleBroken
from ...i18n import gettext, ngettext
from ...inbox.downloads import content_disposition
from ...invited import lists, rules
from ...invited.lists import Line, NoList
from ...links import personal_url, qr_inline, qr_svg
from .. import pages
from .. import people as roster
from ..pages import ListPage, Row
from ..people import FormHead, HandedIn, Order, Show
from .blueprint import TOP, blueprint, head_of

if TYPE_CHECKING:
    pass

ONE = f"{TOP}/<id:person_id>"

E = TypeVar("E", bound=StrEnum)


def _asked(name: str, default: E) -> E:
    wanted = request.args.get(name, "")
    kind = type(default)
    return kind(wanted) if wanted in list(kind) else default


def _link(token: str) -> str:
    return personal_url(current_app.config["INTRAY"], token)


def _list_page(head: FormHead) -> ListPage:
    """The part of the list that the address asks for."""
    everyone = roster.everyone(db.session, head.form, now())
    show, order = _asked("show", Show.ALL), _asked("order", Order.NAME)
    query = request.args.get("q", "").strip()[:200]
    part = roster.part(
        roster.chosen(everyone, show, order, query), request.args.get("page", 1, type=int)
    )
    zone = head.form.time_zone
    return ListPage(part, show, order, query, roster.counts(everyone), zone)


@blueprint.get(TOP)
@needs(Action.SEE_SUBMISSIONS)
def people(slug: str) -> str:
    """The list: `?show=` a part of it, `?order=`, `?q=`, `?page=`."""
    head = head_of(db.session, slug)
    return render_template("roster/people.html", head=head, page=_list_page(head), orders=Order)


@blueprint.get(f"{TOP}/cards")
@needs(Action.EDIT_FORMS)
def cards(slug: str) -> str:
    """The links to print and cut, of the same part of the list."""
    head = head_of(db.session, slug)
    page = _list_page(head)
    links = {row.listed.person.id: _link(row.listed.person.token) for row in page.rows}
    codes = {person_id: qr_inline(link) for person_id, link in links.items()}
    return render_template("roster/cards.html", head=head, page=page, links=links, codes=codes)


@blueprint.get(f"{TOP}/links.csv")
@needs(Action.EDIT_FORMS)
def links(slug: str) -> Response:
    """The whole list with its links, as CSV."""
    head = head_of(db.session, slug)
    content = pages.as_csv(head.form, roster.everyone(db.session, head.form, now()), _link)
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = content_disposition(f"{head.title}.csv")
    return response


@blueprint.get(f"{TOP}/add")
@needs(Action.EDIT_FORMS)
def new_people(slug: str) -> str:
    """A page for a list of names."""
    return render_template("roster/add.html", head=head_of(db.session, slug), text="", problem="")


@blueprint.post(f"{TOP}/add")
@needs(Action.EDIT_FORMS)
def add_people(slug: str) -> BaseResponse:
    """Shows what a list says and what is wrong with it; adds the people where the button says so."""
    with snapshot() as session:
        head = head_of(session, slug)
        known = rules.known_people(session, head.form.id)
    text = request.form.get("list", "")
    try:
        file = request.files.get("file")
        content = file.read() if file else b""
        text = lists.decoded(content) if content else text
        lines = lists.read_list(text, known)
        if not lines:
            raise NoList(gettext("Paste a list, or choose a file"))
        if "add" not in request.form or content:
            return _preview(head, text, lines)
        return _add(head, lines)
    except NoList as wrong:
        html = render_template("roster/add.html", head=head, text=text, problem=str(wrong))
        return make_response(html, 422)


def _preview(head: FormHead, text: str, lines: Sequence[Line]) -> BaseResponse:
    good = [line for line in lines if not line.problem]
    twice = [line for line in good if line.twice]
    html = render_template(
        "roster/add.html",
        head=head,
        text=text,
        problem="",
        lines=lines,
        new=len(good) - len(twice),
        twice=len(twice),
        wrong=len(lines) - len(good),
    )
    return make_response(html)


def _add(head: FormHead, lines: Sequence[Line]) -> BaseResponse:
    with_twice = "twice" in request.form
    good = [line for line in lines if not line.problem and (with_twice or not line.twice)]
    try:
        with unit_of_work() as session:
            user_id = current_user().id
            count = rules.add_people(session, head.form.id, good, now(), user_id=user_id)
    except rules.TooManyPeople:
        most = rules.MOST_PEOPLE
        raise NoList(gettext("A form can have %(n)s people at most", n=most)) from None
    flash(ngettext("%(n)s person was added.", "%(n)s people were added.", count))
    return redirect(url_for(".people", slug=head.form.slug), 303)


@blueprint.get(ONE)
@needs(Action.EDIT_FORMS)
def person(slug: str, person_id: int) -> BaseResponse:
    """One person: the link, and what can be done about it."""
    return _person_page(slug, person_id)


def _person_page(
    slug: str, person_id: int, given: str | None = None, problem: str = "", code: int = 200
) -> BaseResponse:
    with snapshot() as session:
        head = head_of(session, slug)
        listed = roster.one(session, head.form, person_id, now()) or abort(404)
    form = head.form
    deadline = terms.show_moment(listed.person.closes_at, form.time_zone)
    html = render_template(
        "roster/person.html",
        head=head,
        row=Row(listed, form.time_zone),
        person=listed.person,
        link=_link(listed.person.token),
        own_deadline=closing_text(form) or "",
        deadline=deadline if given is None else given,
        problems={"closes_at": problem} if problem else {},
    )
    return make_response(html, code)


@blueprint.get(f"{ONE}/qr.svg")
@needs(Action.EDIT_FORMS)
def qr_as_svg(slug: str, person_id: int) -> Response:
    """The person's link as a QR code."""
    head = head_of(db.session, slug)
    found = rules.find_person(db.session, head.form.id, person_id) or abort(404)
    return Response(qr_svg(_link(found.token)), mimetype="image/svg+xml")


@blueprint.post(f"{ONE}/deadline")
@needs(Action.EDIT_FORMS)
def set_deadline(slug: str, person_id: int) -> BaseResponse:
    """Gives one person a deadline of their own; an empty one is the form's again."""
    text = request.form.get("closes_at", "").strip()
    try:
        with unit_of_work() as session:
            form = head_of(session, slug).form
            found = rules.find_person(session, form.id, person_id, lock=True) or abort(404)
            moment = terms.read_moment(text, form.time_zone, time(23, 59)) if text else None
            rules.set_deadline(session, found, moment, now(), user_id=current_user().id)
    except RuleBroken as broken:
        problem = typed.told(gettext("Own deadline"), str(broken))
        return _person_page(slug, person_id, text, problem, 422)
    return _saved(slug, person_id)


@blueprint.post(f"{ONE}/switch")
@needs(Action.EDIT_FORMS)
def switch(slug: str, person_id: int) -> BaseResponse:
    """Closes or opens one person's link, as the button says."""
    closed = request.form.get("closed") == "yes"
    with unit_of_work() as session:
        form = head_of(session, slug).form
        found = rules.find_person(session, form.id, person_id, lock=True) or abort(404)
        rules.switch(session, found, now(), closed=closed, user_id=current_user().id)
    return _saved(slug, person_id)


@blueprint.post(f"{ONE}/remove")
@needs(Action.EDIT_FORMS)
def remove(slug: str, person_id: int) -> BaseResponse:
    """Takes one person off the list, unless something has come in from them."""
    try:
        with unit_of_work() as session:
            form = head_of(session, slug).form
            found = rules.find_person(session, form.id, person_id) or abort(404)
            name = found.name
            roster.remove(session, form, found, now(), user_id=current_user().id)
    except HandedIn:
        flash(gettext("Something has come in by this link meanwhile, so it stays on the list."))
        return redirect(url_for(".person", slug=slug, person_id=person_id), 303)
    flash(gettext("%(name)s is off the list; the link leads nowhere now.", name=name))
    return redirect(url_for(".people", slug=slug), 303)


def _saved(slug: str, person_id: int) -> BaseResponse:
    flash(gettext("Saved."))
    return redirect(url_for(".person", slug=slug, person_id=person_id), 303)
