"""The private link of a draft, to go on with on another device."""

from __future__ import annotations

from flask import Response, current_app, render_template, request, url_for

from ....forms import rules as forms
from ....forms.speaking import to_reader
from ....links import base_url, personal_url, qr_svg
from ...draft_pages import kept_until
from ...drafts import Opened
from ...pages import FormPage
from .blueprint import blueprint, for_one, open_draft


@blueprint.get("/c/<token>/link")
def show_link(token: str) -> Response:
    """The private link, to go on with on another device."""
    opened = open_draft(token)
    definition = to_reader(forms.definition_of(opened.version))
    page = FormPage(opened.form, definition, "", "")
    told: dict[str, object] = {"link": _link(opened), "token": token, "until": kept_until(opened)}
    told["is_whole"] = opened.is_whole
    return for_one(render_template("filling/draft_link.html", page=page, **told))


@blueprint.get("/c/<token>/qr.svg")
def link_as_qr(token: str) -> Response:
    """The same as a QR code."""
    response = Response(qr_svg(_link(open_draft(token))), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


def _link(opened: Opened) -> str:
    """The address to go on with: for an invited person, the link that they have anyway."""
    settings = current_app.config["INTRAY"]
    if opened.person is not None:
        return personal_url(settings, opened.token)
    base: str = base_url(settings)
    return base + url_for(".show_page", token=opened.token).removeprefix(request.script_root)
