"""What goes out of the builder: link, QR code, poster."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree

import segno
from flask import Flask

from webapp.config import Settings, load
from webapp.links import form_url

from ..conftest import ImportForm
from ..desk import Desk
from ..forms_in_toml import HOMEWORK

TOP = "/desk/forms/homework-3"


def test_the_link_is_that_of_the_settings_whatever_the_browser_says(
    app: Flask, settings: Settings, desk: Desk, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    app.config["INTRAY"] = load(
        {
            "data": str(settings.data),
            "database_url": settings.database_url,
            "public_url": "https://forms.example.org",
        },
        {},
    )
    link = "https://forms.example.org/f/homework-3"
    assert form_url(app.config["INTRAY"], "homework-3") == link
    for path in ("share", "poster"):
        page = desk.open(f"{TOP}/{path}")
        assert (page.status, link in page.text) == (200, True)
        assert f"{TOP}/qr.svg" in page.text
    assert desk.open(f"{TOP}/qr.png").body == _png(link)
    svg = desk.open(f"{TOP}/qr.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert ElementTree.fromstring(svg.text).tag.endswith("svg")


def _png(text: str) -> bytes:
    picture = io.BytesIO()
    segno.make(text, micro=False).save(picture, "png", scale=12, border=4)
    return picture.getvalue()


def test_the_picture_is_a_download_and_nothing_is_cached(
    desk: Desk, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    png = desk.open(f"{TOP}/qr.png")
    assert png.headers["content-disposition"] == 'attachment; filename="homework-3.png"'
    assert png.headers["cache-control"] == "no-store"
    assert png.headers["x-content-type-options"] == "nosniff"


def test_the_share_page_says_what_people_can_do_now(desk: Desk, import_form: ImportForm) -> None:
    import_form(HOMEWORK.replace('"open"', '"draft"'))
    assert "Nobody else can see it yet." in desk.open(f"{TOP}/share").text
    opened = desk.submit(desk.open(f"{TOP}/share"), f"{TOP}/publish")
    assert opened.location == f"{TOP}/share"
    page = desk.open(f"{TOP}/share")
    assert "It takes submissions." in page.text
    assert re.search(r"<textarea[^>]*readonly[^>]*>\s*Homework 3\nhttp\S+/f/homework-3", page.text)
