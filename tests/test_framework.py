"""What is left out of Flask changes no answer: each is compared with Flask's own."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from webapp.framework import LONGEST_HOST, Answer, Intray

FLASK, OURS = Flask("flask", static_folder=None), Intray("ours", static_folder=None)
for each in (FLASK, OURS):
    each.add_url_rule("/a/<name>", "a", lambda name: name)
    each.add_url_rule("/b/", "b", lambda: "b")


def environ(**changed: Any) -> dict[str, Any]:
    return EnvironBuilder("/a/x?y=1", base_url="http://localhost:5000").get_environ() | changed


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"HTTP_HOST": "EXAMPLE.org:80"},
        {"HTTP_HOST": "example.org:443", "wsgi.url_scheme": "https"},
        {"HTTP_HOST": "example.org:443"},
        {"HTTP_HOST": "[::1]:8080"},
        {"HTTP_HOST": "a" * 64 + ".example.org"},  # longer than a label may be
        {"HTTP_HOST": "a." * LONGEST_HOST + "example.org"},
        {"HTTP_HOST": "no name"},
        {"HTTP_HOST": ""},
        {"HTTP_HOST": "b\xc3\xbccher.example"},
        {"PATH_INFO": "/a/\xc3\xbc\xff"},
        {"PATH_INFO": ""},
        {"PATH_INFO": "/b"},
        {"PATH_INFO": "/nothing"},
        {"SCRIPT_NAME": "/intray\xc3\xbc"},
        {"QUERY_STRING": "q=\xc3\xbc"},
        {"REQUEST_METHOD": "POST"},
        {"HTTP_CONNECTION": "Upgrade", "HTTP_UPGRADE": "websocket"},
    ],
)
def test_a_request_is_routed_as_by_flask(changed: dict[str, Any]) -> None:
    assert routed(OURS, environ(**changed)) == routed(FLASK, environ(**changed))


def test_a_request_without_a_name_is_routed_as_by_flask() -> None:
    asked = environ()
    del asked["HTTP_HOST"]
    assert routed(OURS, dict(asked)) == routed(FLASK, dict(asked))


def test_names_that_are_configured_count() -> None:
    for name, value in (("SERVER_NAME", "example.org"), ("TRUSTED_HOSTS", ["example.org"])):
        flask, ours = Flask("flask", static_folder=None), Intray("ours", static_folder=None)
        flask.config[name] = ours.config[name] = value
        assert routed(ours, environ()) == routed(flask, environ()), name


def routed(app: Flask, asked: dict[str, Any]) -> object:
    """All that comes of a request's address."""
    asking = Request(asked)
    try:
        adapter = app.create_url_adapter(asking)
        assert adapter is not None
        found = {**vars(adapter), "map": None}
        try:
            return asking.host, found, adapter.match(), adapter.build("b", force_external=True)
        except HTTPException as wrong:
            return asking.host, found, wrong.code, getattr(wrong, "new_url", "")
    except HTTPException as wrong:
        return type(wrong), str(wrong)


@pytest.mark.parametrize("status", [200, 204, 301, 304, 404])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Location": "/b/?ü"},
        {"content-location": "/ü"},
        {"Content-Length": "7", "ETag": '"x"', "Set-Cookie": "a=b"},
    ],
)
@pytest.mark.parametrize("body", ["text", b"", [b"a", b"b"], None])
def test_a_response_is_sent_as_by_flask(status: int, headers: dict[str, str], body: Any) -> None:
    def sent(kind: type[Response]) -> object:
        response = kind(body, status=status, headers=headers)
        content, line, pairs = response.get_wsgi_response(environ())
        return b"".join(content), line, pairs

    assert sent(Answer) == sent(Response)
