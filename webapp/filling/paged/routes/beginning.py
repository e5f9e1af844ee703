"""Where a draft is begun: by whoever has the link, who knows the passcode, or was invited."""

from __future__ import annotations

from flask import abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ....database import now, unit_of_work
from ....forms import rules as forms
from ....invited.admission import admit, find_link
from ....origins import check_origin
from ....submissions.accepting import find_of_person
from ... import drafts
from ...answering import ENTRY_INPUT, given_entry, limit_body
from .blueprint import ask_for_passcode, blueprint, open_draft, to


@blueprint.post("/f/<slug>/start")
def start(slug: str) -> BaseResponse:
    """Begins to fill in a form of several pages. Where it cannot be, its own page says why."""
    check_origin()
    entry = request.form.get(ENTRY_INPUT, "")
    with unit_of_work() as session:
        form, version = forms.find_published(session, slug) or abort(404)
        admission = admit(form, None, entry, now())
        if admission.is_refused:
            return to(url_for("filling.show_form", slug=slug))
        drafts.count_new(session, request.remote_addr or "", now())
        token = drafts.begin(session, form, version, now(), admission.credential)
    return to(url_for(".show_page", token=token))


@blueprint.post("/p/<token>/start")
def start_personally(token: str) -> BaseResponse:
    """Begins the draft of an invited person, or goes on with it."""
    check_origin()
    with unit_of_work() as session:
        link = find_link(session, token) or abort(404)
        is_used = find_of_person(session, link.person.id) is not None
        if is_used or not admit(link.form, link.person, token, now()).state.takes:
            return to(url_for("filling.show_personal", token=token))
        drafts.begin_personally(session, link, now())
    return to(url_for(".show_page", token=token))


@blueprint.post("/c/<token>/passcode")
def give_passcode(token: str) -> BaseResponse:
    """Lets whoever has the draft go on, where the form's passcode is another one than when it was begun."""
    opened = open_draft(token)
    limit_body(opened.form)
    check_origin()
    entry = given_entry(opened.form)
    if not admit(opened.form, None, entry, now()).credential:
        return ask_for_passcode(opened, is_wrong=True)
    with unit_of_work() as session:
        drafts.let_in(session, opened, entry)
    return to(url_for(".show_page", token=token))
