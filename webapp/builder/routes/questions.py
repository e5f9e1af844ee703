"""`/desk/forms/<slug>/questions/…`: one question, to be added, changed or moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...database import now, unit_of_work
from ...forms import drafts, editing, typed_rules
from ...forms.conditions import Condition
from ...forms.definition import Definition
from ...forms.drafts import NoForm, OpenedForm, Stale
from ...forms.kinds import ELEMENTS, Element
from ...forms.typed import Mistakes
from ...forms.typed_rules import TypedRule
from ...i18n import gettext
from .. import pages, rule_rows
from .blueprint import (
    CONFLICT,
    blueprint,
    change_draft,
    opened,
    opened_anew,
    page,
    seen_revision,
    with_frame,
)
from .telling import place_told

ADD_RULE = "add-rule"  # the button that has the page shown again, with a rule more
TOP = "/desk/forms/<slug>/questions"


@blueprint.get(f"{TOP}/new/<kind>")
@needs(Action.EDIT_FORMS)
def new_question(slug: str, kind: str) -> BaseResponse:
    """A question of that kind, to be written."""
    return _question_page(opened(slug), kind_of(kind))


def kind_of(name: str) -> type[Element]:
    """The kind of that name. NotFound."""
    return ELEMENTS.get(name) or abort(404)


def _question_page(
    shown: OpenedForm,
    kind: type[Element],
    field: Element | None = None,
    code: int = 200,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    """The page of a question, which is new where there is no `field`."""
    is_stale = code == CONFLICT
    typed = typed_rules.of(field) if given is None else _posted_rules()
    response = page(
        "question.html",
        shown,
        code,
        kind=pages.Kind(kind.kind, *kind.in_words()),
        field=field,
        nth=len(typed_rules.earlier(shown.draft, field)) + 1,  # among the questions
        is_question=kind.is_question(),
        inputs=pages.question_inputs(kind, field, given, is_stale=is_stale),
        rules=rule_rows.rules(shown.draft, field, typed),
        problems=problems or {},
        is_stale=is_stale,
        is_typed=given is not None,
    )
    return with_frame(response)


def _posted_rules() -> Sequence[TypedRule]:
    return typed_rules.posted(request.form.to_dict(flat=False))


def read_question(draft: Definition, kind: type[Element], was: Element | None = None) -> Element:
    """What was typed. Raises Mistakes, with all that is wrong."""
    given, problems = request.form.to_dict(), {}
    conditions: Sequence[Condition] = ()
    try:
        conditions = typed_rules.read(draft, _posted_rules())
    except Mistakes as wrong:
        problems = wrong.problems
    try:
        element = editing.read_typed(draft, kind, given, was, conditions)
    except Mistakes as wrong:
        raise Mistakes({**wrong.problems, **problems}) from None
    if problems:
        raise Mistakes(problems)
    return element


@blueprint.post(f"{TOP}/new/<kind>")
@needs(Action.EDIT_FORMS)
def add_question(slug: str, kind: str) -> BaseResponse:
    """Adds the question at the end. What others have changed meanwhile does not matter to that."""
    cls, given = kind_of(kind), request.form.to_dict()
    if ADD_RULE in given:
        return _question_page(opened(slug), cls, given=given)
    try:
        with unit_of_work() as session:
            form = drafts.change(
                session,
                slug,
                None,
                lambda draft: editing.add(draft, read_question(draft, cls)),
                now(),
                user_id=current_user().id,
                what="question added",
            )
            added = form.draft["fields"][-1]["id"]
    except NoForm:
        abort(404)
    except Mistakes as wrong:
        shown = opened_anew(slug)
        return _question_page(shown, cls, None, 422, given=given, problems=wrong.problems)
    flash(gettext("The question is added.") if cls.is_question() else gettext("Added."))
    return redirect(url_for(".edit", slug=slug, _anchor=f"question-{added}"), 303)


@blueprint.get(f"{TOP}/<field_id>")
@needs(Action.EDIT_FORMS)
def question(slug: str, field_id: str) -> BaseResponse:
    """A question, to be changed."""
    shown = opened(slug)
    field = editing.find(shown.draft, field_id) or abort(404)
    return _question_page(shown, type(field), field)


@blueprint.post(f"{TOP}/<field_id>")
@needs(Action.EDIT_FORMS)
def change_question(slug: str, field_id: str) -> BaseResponse:
    """Changes the question to what was typed."""
    given = request.form.to_dict()
    if ADD_RULE in given:
        return _answer(slug, field_id, 200, given)

    def do(draft: Definition) -> Definition:
        was = draft.elements[editing.place_of(draft, field_id)]
        return editing.change(draft, read_question(draft, type(was), was))

    try:
        change_draft(slug, do, "question changed", seen_revision())
    except Mistakes as wrong:
        return _answer(slug, field_id, 422, given, wrong.problems)
    except Stale:
        return _answer(slug, field_id, CONFLICT, given)
    flash(gettext("Saved."))
    return redirect(url_for(".edit", slug=slug, _anchor=f"question-{field_id}"), 303)


def _answer(
    slug: str,
    field_id: str,
    code: int,
    given: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    """The page with what was typed. Where the question was removed meanwhile, it can be added anew."""
    shown = opened_anew(slug)
    field = editing.find(shown.draft, field_id)
    cls = type(field) if field else kind_of(given.get("kind", ""))
    return _question_page(shown, cls, field, code, given=given, problems=problems)


@blueprint.post(f"{TOP}/<field_id>/move")
@needs(Action.EDIT_FORMS)
def move_question(slug: str, field_id: str) -> BaseResponse:
    """Puts the question at a place that was typed, counted from 1; a heading before the question there."""
    text = request.form.get("place", "").strip()
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if place < 1:
        shown = opened_anew(slug)
        field = editing.find(shown.draft, field_id) or abort(404)
        problems = {"place": gettext("The place must be a number from 1")}
        return _question_page(shown, type(field), field, 422, problems=problems)
    try:
        change_draft(
            slug,
            lambda draft: editing.move_among_questions(draft, field_id, place),
            "question moved",
            seen_revision(),
        )
    except Mistakes as wrong:
        shown = opened_anew(slug)
        field = editing.find(shown.draft, field_id) or abort(404)
        return _question_page(shown, type(field), field, 422, problems=wrong.problems)
    except Stale:
        return _answer(slug, field_id, CONFLICT, request.form.to_dict())
    flash(place_told(opened_anew(slug).draft, field_id))
    return redirect(url_for(".edit", slug=slug, _anchor=f"question-{field_id}"), 303)
