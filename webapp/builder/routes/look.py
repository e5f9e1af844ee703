"""`/desk/forms/<slug>/look`: the form's colour, logo and closing text."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import current_user, needs
from ...accounts.permissions import Action
from ...database import now, unit_of_work
from ...forms import typed
from ...forms.definition import Definition
from ...forms.drafts import NoForm, OpenedForm, Stale
from ...forms.typed import Mistakes
from ...i18n import gettext
from ...look import logos
from ...look.colours import is_moved
from ...look.logos import NoLogo, Picture
from ...look.wearing import look_of
from .. import look as offered
from .. import rules
from .blueprint import CONFLICT, blueprint, opened, opened_anew, page, seen_revision


@blueprint.get("/desk/forms/<slug>/look")
@needs(Action.EDIT_FORMS)
def look(slug: str) -> BaseResponse:
    """The draft's colour and closing text, and the logo."""
    return _look_page(opened(slug))


def _look_page(
    shown: OpenedForm,
    code: int = 200,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> BaseResponse:
    draft, form = shown.draft, shown.form
    asked = {one.name: one for one in typed.inputs(Definition, draft, given, ("accent", "closing"))}
    words = form.logo_words if given is None else given.get("logo_words", "")
    return page(
        "look.html",
        shown,
        code,
        look=look_of(form, draft),
        asked=asked,
        colours=offered.colours(),
        chosen=offered.choice_of(asked["accent"].value),
        logo_words=words,
        is_moved=bool(draft.accent) and is_moved(draft.accent),
        problems=problems or {},
        is_stale=code == CONFLICT,
    )


@blueprint.post("/desk/forms/<slug>/look")
@needs(Action.EDIT_FORMS)
def save_look(slug: str) -> BaseResponse:
    """Saves them: colour and closing text in the draft, the logo at once."""
    given = offered.with_own_colour(request.form.to_dict())
    try:
        picture = _picture()
        with unit_of_work() as session:
            rules.dress(
                session, slug, seen_revision(), given, picture, now(), user_id=current_user().id
            )
    except NoForm:
        abort(404)
    except NoLogo as wrong:
        return _look_page(opened_anew(slug), 422, given=given, problems={"logo": str(wrong)})
    except Mistakes as wrong:
        return _look_page(opened_anew(slug), 422, given=given, problems=wrong.problems)
    except Stale:
        return _look_page(opened_anew(slug), CONFLICT, given=given)
    flash(gettext("Saved."))
    return redirect(url_for(".look", slug=slug), 303)


def _picture() -> Picture | None:
    """The logo that was chosen. Raises NoLogo."""
    file = request.files.get("logo")
    content = file.read() if file else b""
    return logos.read(content) if content else None
