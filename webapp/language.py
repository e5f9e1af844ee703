"""The reader's language: as chosen by the switch on each page, else as the browser asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Request, Response, abort, redirect, request, session
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as BaseResponse

from . import i18n
from .database import now, unit_of_work
from .forms.languages import is_code
from .forms.translations import Said
from .framework import current_request
from .headers import vary_by
from .limits import rules as limits
from .origins import check_origin
from .sizes import format_count, format_size

LONGEST_WISH = 200  # characters of an `Accept-Language` that is remembered; browsers send some 30
MOST_NEW_SESSIONS, NEW_SESSIONS_WINDOW = 200, timedelta(hours=1)  # of one address

blueprint = Blueprint("language", __name__)


def init_app(app: Flask) -> None:
    """Registers the switch, and lets templates speak the reader's language."""
    app.register_blueprint(blueprint)
    app.before_request(follow_the_reader)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    app.jinja_env.filters["filesize"] = format_size
    app.jinja_env.filters["grouped"] = format_count
    app.jinja_env.filters["lang"] = _lang
    app.jinja_env.filters["marked"] = _marked
    app.context_processor(_for_templates)
    app.after_request(_vary)


def _for_templates() -> dict[str, object]:
    return {
        "language": i18n.language(),
        "languages": list(i18n.LANGUAGES.items()),
        "tongues": _tongues(),
        "is_from_right": i18n.is_from_right(),
        "here": here(),
    }


def _tongues() -> Sequence[tuple[str, str, bool]]:
    """The languages to choose from on the page of a form that has several: codes, names, and whether it
    is this one."""
    offered = i18n.offered()
    if offered is None:
        return ()
    return [(code, i18n.own_name(code), code == offered.spoken) for code in offered.codes]


def _lang(text: str) -> Markup:
    """The attribute for a text that is not in the page's language; nothing for all others."""
    if isinstance(text, Said) and text.lang != i18n.language():
        return Markup(' lang="{}"').format(text.lang)
    return _NOTHING


_NOTHING = Markup()


def _marked(text: str) -> str:
    """A text that stands beside the page's own words, in an element of its own where it is in another
    language."""
    attribute = _lang(text)
    return Markup("<span{}>{}</span>").format(attribute, text) if attribute else text


def here() -> str:
    """The page that the reader is on. What a POST answers is at the page that it was sent from."""
    own = request.script_root + request.full_path.removesuffix("?")
    if request.method != "POST":
        return own
    try:
        sent_from = urlsplit(request.referrer or "")
    except ValueError:
        return own
    if sent_from.netloc != request.host:
        return own
    return local_path(sent_from.path + (f"?{sent_from.query}" if sent_from.query else ""))


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        vary_by(response, "Accept-Language")
        response.headers.add("Content-Language", i18n.language())
    return response


def follow_the_reader() -> None:
    """Sets the language for this request, to be found out with its first text: what is no page has
    none, and needs no session."""
    own: MutableMapping[str, Any] = session._get_current_object()  # type: ignore[attr-defined]
    # Asked as late as while an answer is sent, when the request at hand is over.
    reader = own, current_request()
    i18n.find_language_by(partial(_of_reader, *reader), partial(_all_of_reader, *reader))


def _all_of_reader(own: MutableMapping[str, Any], asking: Request) -> Sequence[str]:
    chosen = (own.get("form_language"), own.get("language"))
    return [*(code for code in chosen if isinstance(code, str)), *_asked_languages(asking)]


def _of_reader(own: MutableMapping[str, Any], asking: Request) -> str:
    chosen = own.get("language")
    if isinstance(chosen, str) and chosen in i18n.LANGUAGES:
        return chosen
    return _asked_for(_asked_languages(asking))


def _asked_languages(asking: Request) -> Sequence[str]:
    """The browser's languages, the dearest first."""
    wish = asking.environ.get("HTTP_ACCEPT_LANGUAGE", "")
    return _remembered_tags(wish) if len(wish) <= LONGEST_WISH else _tags(wish)


def _tags(wish: str) -> Sequence[str]:
    return tuple(parse_accept_header(wish, LanguageAccept).values())


_remembered_tags = lru_cache(maxsize=256)(_tags)  # most who come ask for one of a few


def _asked_for(tags: Iterable[str]) -> str:
    """The first language of the browser's that Intray speaks. (Werkzeug's `best_match` takes a later one
    that matches to the letter before an earlier `zh-CN`.)"""
    codes = (re.split("[-_]", tag)[0].lower() for tag in tags)
    return next((code for code in codes if code in i18n.LANGUAGES), i18n.SOURCE)


@blueprint.post("/language")
def switch() -> BaseResponse:
    """Keeps the chosen language in the session, and goes back to the page."""
    check_origin()
    choose(request.form.get("language", ""))
    return redirect(local_path(request.form.get("next", "")), 303)


def _count_new_session() -> None:
    """A stranger's session is a file that is kept for a month: so many of them, and no more."""
    address = request.remote_addr or ""
    if not session.new or limits.is_this_computer(address):
        return
    name = limits.counter_name("language", limits.neighbourhood(address))
    with unit_of_work() as writing:
        count = limits.count(writing, name, now(), NEW_SESSIONS_WINDOW)
    if count > MOST_NEW_SESSIONS:
        abort(429)


def choose(language: str) -> None:
    """Speaks this language from now on, for as long as the session lasts. One that Intray does not speak
    is kept for the forms that have it. BadRequest for what is no language, TooManyRequests where the
    address has begun too many sessions."""
    if language not in i18n.LANGUAGES and not is_code(language):
        abort(400)
    _count_new_session()
    if language in i18n.LANGUAGES:
        session.pop("form_language", None)
        session["language"] = language
        i18n.set_language(language)
    else:
        session["form_language"] = language


def local_path(text: str) -> str:
    """The path, if it is one of this server; else the start page. Browsers read `//host` and `/\\host`
    as other servers, and drop tabs and line ends before they look."""
    is_local = re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", text)
    return text if is_local else "/"
