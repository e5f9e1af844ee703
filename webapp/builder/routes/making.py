"""`/desk/forms/new`: a form from a starter, from nothing, or from a file."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...database import now, unit_of_work
from ...forms import rules as forms
from ...forms import slugs, starters, typed
from ...forms.definition import Definition
from ...forms.rules import Terms
from ...forms.tables import Form
from ...forms.toml_file import FormFileError, read_form
from ...forms.typed import Mistakes
from ...i18n import gettext
from .. import rules
from .blueprint import blueprint, seen_revision

TOP = "/desk/forms/new"


@blueprint.get(TOP)
@needs(Action.EDIT_FORMS)
def new() -> Response:
    """What a form can be made from."""
    return _new_page({}, {})


def _new_page(values: Mapping[str, str], problems: Mapping[str, str], code: int = 200) -> Response:
    offered = [starter for starter in starters.starters() if starter.name != starters.BLANK]
    html = render_template("builder/new.html", starters=offered, values=values, problems=problems)
    return make_response(html, code)


@blueprint.post(TOP)
@needs(Action.EDIT_FORMS)
def make() -> BaseResponse:
    """Makes the form of a starter, which is open at once."""
    try:
        with unit_of_work() as session:
            name, zone = request.form.get("starter", ""), rules.zone_of_desk(session)
            form = starters.make(session, name, zone, now(), user_id=current_user().id)
            slug = form.slug
    except KeyError:
        return _new_page({}, {"starter": gettext("Please choose a form to start from")}, 422)
    flash(gettext("Your form is ready."))
    return redirect(url_for(".share", slug=slug), 303)


@blueprint.post(f"{TOP}/blank")
@needs(Action.EDIT_FORMS)
def make_blank() -> BaseResponse:
    """Makes a draft without questions."""
    title = request.form.get("title", "")
    try:
        with unit_of_work() as session:
            given = typed.read(Definition, {"title": title}, only=("title",))
            user_id, zone = current_user().id, rules.zone_of_desk(session)
            slug = starters.make_blank(session, given["title"], zone, now(), user_id=user_id).slug
    except Mistakes as wrong:
        return _new_page({"title": title}, wrong.problems, 422)
    return redirect(url_for(".edit", slug=slug, _anchor="questions"), 303)


@blueprint.post(f"{TOP}/import")
@needs(Action.EDIT_FORMS)
def import_form() -> BaseResponse:
    """Makes a form from a file or a text; where one has its slug, asks whether to replace it.
    With a state other than draft it is published at once."""
    try:
        text = _given_text()
        definition, terms = read_form(text)
    except FormFileError as wrong:
        return _new_page({"text": request.form.get("text", "")}, {"text": str(wrong)}, 422)
    except UnicodeDecodeError:
        return _new_page({}, {"file": gettext("The file is not a text in UTF-8")}, 422)
    user_id = current_user().id
    with unit_of_work() as session:
        slugs.wait_for_turn(session)  # before the form, as all who take both
        there = forms.find_form(session, terms.slug)
        is_seen = there is not None and there.revision == seen_revision()
        if there is None or (request.form.get("replace") == terms.slug and is_seen):
            there = None
            forms.save(session, definition, terms, now(), user_id=user_id)
    if there is not None:
        return _ask_to_replace(there, definition, terms, text)
    flash(gettext("The form is imported."))
    return redirect(url_for(".edit", slug=terms.slug), 303)


def _given_text() -> str:
    """What was chosen as a file, else what was pasted. Raises UnicodeDecodeError, FormFileError."""
    file = request.files.get("file")
    content = file.read() if file else b""
    text = content.decode("utf-8-sig") if content else request.form.get("text", "")
    if not text.strip():
        raise FormFileError(gettext("Choose a file, or paste its text"))
    return text


def _ask_to_replace(form: Form, definition: Definition, terms: Terms, text: str) -> BaseResponse:
    after = {
        "draft": gettext("Afterwards nobody can fill it in, until you open it."),
        "open": gettext("It is published at once, for everybody to fill in."),
        "closed": gettext("Afterwards it is closed."),
    }[terms.state]
    html = render_template(
        "builder/replace.html", form=form, definition=definition, text=text, after=after
    )
    return make_response(html, 422)
