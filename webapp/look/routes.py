"""`/look/…`: style sheets of accent colours, and logos."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort

from ..assets import FOR_EVER
from ..extensions import db
from . import colours, logos

blueprint = Blueprint("look", __name__, url_prefix="/look")


@blueprint.get("/<colour>.css")
def style_sheet(colour: str) -> Response:
    """The tokens of an accent colour of six hexadecimal digits. It depends on its address alone."""
    if not re.fullmatch("[0-9a-f]{6}", colour):
        abort(404)
    response = Response(colours.style_sheet(f"#{colour}"), mimetype="text/css")
    response.headers["Cache-Control"] = FOR_EVER
    return response


@blueprint.get("/logo/<form_id>/<digest>")
def logo(form_id: str, digest: str) -> Response:
    """A form's logo; the digest in the address is for caches."""
    picture = logos.find(db.session, form_id)
    if picture is None:
        abort(404)
    response = Response(picture.content, mimetype=picture.media_type)
    response.headers["Cache-Control"] = FOR_EVER
    # Whatever else the bytes are, they are a picture here and nothing that is run.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
