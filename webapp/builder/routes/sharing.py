"""What goes out of the builder: the link with its QR code, a poster, the form as a file."""

from __future__ import annotations

from flask import Response, current_app
from werkzeug.wrappers import Response as BaseResponse

from ...accounts.guard import needs
from ...accounts.permissions import Action
from ...forms.availability import closing_text
from ...forms.toml_file import write_form
from ...links import form_url, qr_png, qr_svg, reaches_others
from .blueprint import blueprint, opened, page


@blueprint.get("/desk/forms/<slug>/share")
@needs(Action.EDIT_FORMS)
def share(slug: str) -> BaseResponse:
    """The link, as text and as a QR code."""
    shown = opened(slug)
    link, closes = _link(slug), closing_text(shown.form)
    reaches = reaches_others(link)
    return page("share.html", shown, link=link, closes=closes, reaches_others=reaches)


def _link(slug: str) -> str:
    return form_url(current_app.config["INTRAY"], slug)


@blueprint.get("/desk/forms/<slug>/poster")
@needs(Action.EDIT_FORMS)
def poster(slug: str) -> BaseResponse:
    """A page to print and pin up."""
    shown = opened(slug)
    return page("poster.html", shown, link=_link(slug), closes=closing_text(shown.form))


@blueprint.get("/desk/forms/<slug>/qr.svg")
@needs(Action.EDIT_FORMS)
def qr_as_svg(slug: str) -> Response:
    """The link as a QR code, for pages."""
    opened(slug)
    return Response(qr_svg(_link(slug)), mimetype="image/svg+xml")


@blueprint.get("/desk/forms/<slug>/qr.png")
@needs(Action.EDIT_FORMS)
def qr_as_png(slug: str) -> Response:
    """The link as a QR code, to be put into a document."""
    opened(slug)
    return _download(qr_png(_link(slug)), "image/png", f"{slug}.png")


@blueprint.get("/desk/forms/<slug>/form.toml")
@needs(Action.EDIT_FORMS)
def export_toml(slug: str) -> Response:
    """The draft and its terms as a file that can be imported."""
    text = write_form(opened(slug).form)
    return _download(text.encode(), "application/toml", f"{slug}.toml")


def _download(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
