"""`/desk/forms/<slug>/languages`: in which languages the form is given, and its texts in each of them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import needs
from ...accounts.permissions import Action
from ...forms import translating
from ...forms.drafts import OpenedForm, Stale
from ...forms.languages import is_code, name_of
from ...forms.typed import Mistakes
from ...i18n import gettext, own_name
from .. import translating as offered
from .blueprint import CONFLICT, blueprint, change_draft, opened, opened_anew, page, seen_revision

TOP = "/desk/forms/<slug>/languages"


@blueprint.get(TOP)
@needs(Action.EDIT_FORMS)
def languages(slug: str) -> BaseResponse:
    """The languages of the draft."""
    return _languages_page(opened(slug))


def _languages_page(
    shown: OpenedForm,
    code: int = 200,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    first = (given or {}).get("language") or offered.first_language(shown.draft)
    return page(
        "languages.html",
        shown,
        code,
        first=first,
        choices=offered.choices(first),
        given_in=offered.given_in(shown.draft),
        problems=problems or {},
        is_stale=code == CONFLICT,
    )


@blueprint.post(TOP)
@needs(Action.EDIT_FORMS)
def save_languages(slug: str) -> BaseResponse:
    """Sets the draft's languages. One that is new is translated next."""
    given = request.form.to_dict()
    try:
        change_draft(
            slug, lambda draft: translating.give_in(draft, given), "languages", seen_revision()
        )
    except Mistakes as wrong:
        return _languages_page(opened_anew(slug), 422, given=given, problems=wrong.problems)
    except Stale:
        return _languages_page(opened_anew(slug), CONFLICT, given=given)
    if given.get("add") and not given.get("remove"):
        return redirect(url_for(".translations", slug=slug, code=given["add"]), 303)
    flash(gettext("Saved."))
    return redirect(url_for(".languages", slug=slug), 303)


@blueprint.get(f"{TOP}/<code>")
@needs(Action.EDIT_FORMS)
def translations(slug: str, code: str) -> BaseResponse:
    """All texts of the draft beside their translations into one language."""
    shown = opened(slug)
    if code not in shown.draft.languages:
        abort(404)
    return _translations_page(shown, code)


def _translations_page(
    shown: OpenedForm,
    code: str,
    status: int = 200,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    is_stale = status == CONFLICT
    portions = offered.portions(offered.sheets(shown, code, given, is_stale=is_stale))
    number = min(max(request.args.get("part", 1, type=int), 1), len(portions))
    return page(
        "translations.html",
        shown,
        status,
        into=code,
        name=name_of(code),
        own_name=own_name(code),
        sheets=portions[number - 1],
        part=number,
        parts=len(portions),
        still_missing=offered.still_missing(shown.draft, code),
        problems=problems or {},
        is_stale=is_stale,
    )


@blueprint.post(f"{TOP}/<code>")
@needs(Action.EDIT_FORMS)
def save_translations(slug: str, code: str) -> BaseResponse:
    """Saves what was translated. It is kept also where the language was taken away meanwhile."""
    if not is_code(code):
        abort(404)
    given = request.form.to_dict()
    try:
        change_draft(
            slug,
            lambda draft: translating.translate(draft, code, given),
            "translations",
            seen_revision(),
        )
    except Mistakes as wrong:
        shown = opened_anew(slug)
        return _translations_page(shown, code, 422, given=given, problems=wrong.problems)
    except Stale:
        return _translations_page(opened_anew(slug), code, CONFLICT, given=given)
    flash(gettext("Saved."))
    is_there = code in opened_anew(slug).draft.languages
    if not is_there:
        return redirect(url_for(".languages", slug=slug), 303)
    part = request.args.get("part", type=int)
    return redirect(url_for(".translations", slug=slug, code=code, part=part), 303)
