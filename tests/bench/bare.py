"""What Intray is measured against: Flask that does next to nothing, under the same server.

`python serve.py --app tests.bench.bare:app`
"""

from __future__ import annotations

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
