"""`/desk/forms/<slug>/preview` and a question's own: the draft as people will see it. Nothing is kept."""

from __future__ import annotations

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import needs
from ...accounts.permissions import Action
from ...filling.pages import FormPage
from ...forms import editing
from ...forms.definition import Definition
from ...forms.drafts import OpenedForm
from ...forms.kinds import Element
from ...forms.speaking import on_page
from ...forms.typed import Mistakes
from ...headers import policy
from ...i18n import write_in
from .. import trying
from ..trying import Tried
from .blueprint import blueprint, opened
from .questions import TOP, kind_of, read_question


@blueprint.get("/desk/forms/<slug>/preview")
@needs(Action.EDIT_FORMS)
def preview(slug: str) -> BaseResponse:
    """The draft as people will see it; nothing can be handed in. With `language`, in that one; with `pane`,
    to stand in a frame."""
    shown = opened(slug)
    if "pane" in request.args:
        return _pane(_page(shown, _in_language(shown.draft)))
    return _preview_page(shown)


def _in_language(draft: Definition) -> Definition:
    """The draft in the language that the address names, if it is given in that."""
    code = request.args.get("language", draft.language)
    if code in draft.codes:
        return on_page(draft, code)
    write_in(draft.language)
    return draft


@blueprint.post("/desk/forms/<slug>/preview")
@needs(Action.EDIT_FORMS)
def check(slug: str) -> BaseResponse:
    """The same, with what people would be told for these answers."""
    shown = opened(slug)
    tried = trying.try_out(_in_language(shown.draft), request.form)
    return _preview_page(shown, tried)


def _preview_page(shown: OpenedForm, tried: Tried | None = None) -> BaseResponse:
    html = render_template(
        "builder/preview.html",
        page=_page(shown, _in_language(shown.draft), tried),
        slug=shown.form.slug,
        is_fine=tried is not None and not tried.problems,
    )
    return make_response(html, 422 if tried and tried.problems else 200)


def _page(shown: OpenedForm, definition: Definition, tried: Tried | None = None) -> FormPage:
    texts, problems = (tried.texts, tried.problems) if tried else ({}, {})
    return FormPage(shown.form, definition, "", "", texts=texts, errors=problems)


def _pane(page: FormPage | None, problems: list[str] | None = None) -> BaseResponse:
    """A page that our own pages may show in a frame."""
    html = render_template("builder/pane.html", page=page, problems=problems or [])
    response = make_response(html)
    response.headers["Content-Security-Policy"] = policy(
        frame_ancestors="'self'", form_action="'none'"
    )
    return response


@blueprint.post(f"{TOP}/new/<kind>/preview")
@needs(Action.EDIT_FORMS)
def preview_new_question(slug: str, kind: str) -> BaseResponse:
    """A question that is being written, as people will see it."""
    return _question_pane(opened(slug), kind_of(kind))


@blueprint.post(f"{TOP}/<field_id>/preview")
@needs(Action.EDIT_FORMS)
def preview_question(slug: str, field_id: str) -> BaseResponse:
    """A question as it stands in the inputs. One that is gone is shown as a new one."""
    shown = opened(slug)
    was = editing.find(shown.draft, field_id)
    kind = type(was) if was else kind_of(request.form.get("kind", ""))
    return _question_pane(shown, kind, was)


def _question_pane(
    shown: OpenedForm, kind: type[Element], was: Element | None = None
) -> BaseResponse:
    try:
        element = read_question(shown.draft, kind, was)
    except Mistakes as wrong:
        return _pane(None, list(wrong.problems.values()))
    return _pane(_page(shown, trying.alone(shown.draft, element)))
