"""`/desk/forms/<slug>/edit`: title, introduction, and the list of questions."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...database import now, unit_of_work
from ...forms import drafts, editing
from ...forms.definition import Definition
from ...forms.drafts import NoForm, OpenedForm, Stale
from ...forms.kinds import ELEMENTS, KINDS
from ...forms.typed import Mistakes
from ...i18n import gettext
from .. import pages
from .blueprint import CONFLICT, blueprint, opened, opened_anew, page, seen_revision


@blueprint.get("/desk/forms/<slug>/edit")
@needs(Action.EDIT_FORMS)
def edit(slug: str) -> BaseResponse:
    """The draft, to be changed."""
    return edit_page(opened(slug))


def edit_page(
    shown: OpenedForm,
    code: int = 200,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    """The page, with what was typed where it could not be saved."""
    is_stale = code == CONFLICT
    return page(
        "edit.html",
        shown,
        code,
        head=pages.head_inputs(shown.draft, given, is_stale=is_stale),
        rows=pages.rows(shown.draft),
        kinds=pages.kinds(),
        headings=pages.headings(),
        problems=problems or {},
        is_stale=is_stale,
    )


@blueprint.post("/desk/forms/<slug>/edit")
@needs(Action.EDIT_FORMS)
def save(slug: str) -> BaseResponse:
    """Saves title and introduction, and does what the button says that was pressed in the list."""
    given = request.form.to_dict()

    def do(draft: Definition) -> Definition:
        return _arranged(editing.describe(draft, given), given)

    try:
        with unit_of_work() as session:
            form = drafts.change(
                session,
                slug,
                seen_revision(),
                do,
                now(),
                user_id=current_user().id,
                what="questions" if _pressed(given) else "title",
            )
            draft = form.draft
    except NoForm:
        abort(404)
    except Mistakes as wrong:
        return edit_page(opened_anew(slug), 422, given=given, problems=wrong.problems)
    except Stale:
        return edit_page(opened_anew(slug), CONFLICT, given=given)
    return _go_on(slug, given, draft)


def _arranged(draft: Definition, given: Mapping[str, str]) -> Definition:
    """The draft with the list as the button has it. KeyError for a question that is gone."""
    for button, step in (("up", -1), ("down", 1)):
        if button in given:
            field_id = given[button]
            return editing.move(draft, field_id, editing.place_of(draft, field_id) + step)
    return editing.duplicate(draft, given["duplicate"]) if "duplicate" in given else draft


def _pressed(given: Mapping[str, str]) -> str:
    """The id of the question that was moved or duplicated."""
    names = ("up", "down", "duplicate")
    return next((given[name] for name in names if name in given), "")


def _go_on(slug: str, given: Mapping[str, str], draft: Mapping[str, object]) -> BaseResponse:
    """To the page that the button leads to, or back to the question that it has moved."""
    if given.get("add") in ELEMENTS:
        return redirect(url_for(".new_question", slug=slug, kind=given["add"]), 303)
    for button, endpoint in (("question", ".question"), ("remove", ".confirm_removal")):
        if button in given:
            return redirect(url_for(endpoint, slug=slug, field_id=given[button]), 303)
    anchor = f"question-{_pressed(given)}" if _pressed(given) else None
    flash(_said(given, draft))
    return redirect(url_for(".edit", slug=slug, _anchor=anchor), 303)


def _said(given: Mapping[str, str], draft: Mapping[str, object]) -> str:
    if "duplicate" in given:
        return gettext("The question is there twice now.")
    elements: list[Mapping[str, str]] = draft.get("fields", [])  # type: ignore[assignment]
    questions = [element["id"] for element in elements if element["kind"] in KINDS]
    if _pressed(given) in questions:
        number = questions.index(_pressed(given)) + 1
        return gettext("It is question %(n)s of %(all)s now.", n=number, all=len(questions))
    return gettext("Saved.")
