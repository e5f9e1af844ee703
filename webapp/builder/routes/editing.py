"""`/desk/forms/<slug>/edit`: title, introduction, and the list of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, get_flashed_messages, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...accounts.signing import secret
from ...database import now, unit_of_work
from ...forms import drafts, editing
from ...forms.definition import MOST_FIELDS, Definition, read_definition
from ...forms.drafts import NoForm, OpenedForm, Stale
from ...forms.kinds import ELEMENTS
from ...forms.typed import Mistakes
from ...i18n import gettext
from .. import pages, undo
from ..undo import Removed
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
from .telling import doubled, place_told

REMOVED = "removed"  # the category of the notice that something was removed


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
    response = page(
        "edit.html",
        shown,
        code,
        head=pages.head_inputs(shown.draft, given, is_stale=is_stale),
        rows=pages.rows(shown.draft),
        kinds=pages.kinds(),
        headings=pages.headings(),
        removed=_removed_notices(shown),
        problems=problems or {},
        is_stale=is_stale,
    )
    return with_frame(response)


def _removed_notices(shown: OpenedForm) -> Sequence[Mapping[str, object]]:
    """What was removed just now, with whether answers to it have come in."""
    told: Any = get_flashed_messages(category_filter=[REMOVED])
    published = {one.id for one in shown.published.fields} if shown.published else set()
    has_answers = bool(shown.form.submission_count)
    return [{**one, "has_answers": has_answers and one["id"] in published} for one in told]


@blueprint.post("/desk/forms/<slug>/edit")
@needs(Action.EDIT_FORMS)
def save(slug: str) -> BaseResponse:
    """Saves title and introduction, and does what the button says that was pressed in the list."""
    given = request.form.to_dict()
    before: list[Definition] = []  # as it was when it was changed, to bring back what is removed

    def do(draft: Definition) -> Definition:
        before[:] = [draft]
        return _arranged(_described(draft, given), given)

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
            form_id, draft = form.public_id, read_definition(form.draft)
    except NoForm:
        abort(404)
    except Mistakes as wrong:
        return edit_page(opened_anew(slug), 422, given=given, problems=wrong.problems)
    except Stale:
        return edit_page(opened_anew(slug), CONFLICT, given=given)
    if "remove" in given:
        gone = undo.removed(form_id, before[0], given["remove"])
        _tell_of_removal(gone)
    return _go_on(slug, given, draft)


def _tell_of_removal(gone: Removed) -> None:
    label, kept = gone.element.label, undo.sign(secret(), gone)
    flash({"id": gone.element.id, "label": label, "kept": kept}, REMOVED)  # type: ignore[arg-type]


def _described(draft: Definition, given: Mapping[str, str]) -> Definition:
    """With title and introduction, where they came along."""
    return editing.describe(draft, given) if "title" in given else draft


def _arranged(draft: Definition, given: Mapping[str, str]) -> Definition:
    """The draft with the list as the button has it. KeyError for a question that is gone."""
    for button, step in (("up", -1), ("down", 1)):
        if button in given:
            field_id = given[button]
            return editing.move(draft, field_id, editing.place_of(draft, field_id) + step)
    if "drop" in given:
        return editing.move(draft, given["drop"], _place_dropped(given))
    if "remove" in given:
        return editing.remove(draft, given["remove"])
    return editing.duplicate(draft, given["duplicate"]) if "duplicate" in given else draft


def _place_dropped(given: Mapping[str, str]) -> int:
    """Where the question was dropped, from 0; at the end for what is no number."""
    text = given.get("place", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else MOST_FIELDS


def _pressed(given: Mapping[str, str]) -> str:
    """The id of the question that was moved, duplicated or removed."""
    names = ("up", "down", "drop", "duplicate", "remove")
    return next((given[name] for name in names if name in given), "")


def _go_on(slug: str, given: Mapping[str, str], draft: Definition) -> BaseResponse:
    """To the page that the button leads to, or back to the question that it has moved."""
    if given.get("add") in ELEMENTS:
        return redirect(url_for(".new_question", slug=slug, kind=given["add"]), 303)
    if "question" in given:
        return redirect(url_for(".question", slug=slug, field_id=given["question"]), 303)
    if "remove" in given:
        return redirect(url_for(".edit", slug=slug), 303)
    anchor = f"question-{_pressed(given)}" if _pressed(given) else None
    flash(_said(given, draft))
    return redirect(url_for(".edit", slug=slug, _anchor=anchor), 303)


def _said(given: Mapping[str, str], draft: Definition) -> str:
    if "duplicate" in given:
        return doubled(draft, given["duplicate"])
    return place_told(draft, _pressed(given)) if _pressed(given) else gettext("Saved.")


@blueprint.post("/desk/forms/<slug>/restore")
@needs(Action.EDIT_FORMS)
def restore(slug: str) -> BaseResponse:
    """Brings back what was removed. What others have changed meanwhile does not matter to that."""
    gone = undo.read(secret(), opened(slug).form.public_id, request.form.get("kept", ""))
    if gone is None:
        abort(400)
    try:
        change_draft(
            slug, lambda draft: undo.bring_back(draft, gone), "question brought back", None
        )
    except Mistakes as wrong:
        return edit_page(
            opened_anew(slug), 422, problems={"rules": next(iter(wrong.problems.values()))}
        )
    flash(gettext("“%(label)s” is back.", label=gone.element.label))
    return redirect(url_for(".edit", slug=slug, _anchor=f"question-{gone.element.id}"), 303)
