"""What Intray is measured against: Flask that does next to nothing, under the same server; and what servers
are measured with, which does nothing at all.

`python serve.py --app tests.bench.bare:app`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, redirect, render_template_string, request
from werkzeug.wrappers import Response

PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"

app = Flask(__name__)


@app.get("/form")
def show_form() -> str:
    """A page from a template that is compiled once."""
    return render_template_string(PAGE, title="Job application")


@app.post("/form")
def hand_in() -> Response:
    """Has the body parsed, forgets it, and leads elsewhere."""
    assert request.form["name"]
    return redirect("/form", 303)


def hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The least that a WSGI application can do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])
    return [b"Hello World!"]
