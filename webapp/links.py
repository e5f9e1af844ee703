"""The links that leave this computer, in mails, QR codes and on the share page: they come from the
settings and never from what a browser sent."""

from __future__ import annotations

import io
import time
from functools import lru_cache
from urllib.parse import quote, urlsplit

import segno

from .config import Settings
from .serving import addresses

FRESH_SECONDS = 5  # a computer may change networks while it serves


def base_url(settings: Settings) -> str:
    """Where others open Intray, such as `http://192.168.1.20:8080`, without a slash at its end: the
    public address, else that in the network if Intray listens there, else the one on this computer.

    `settings` are those of the application now (`current_app.config["INTRAY"]`): what Intray listens on
    can change while it runs.
    """
    if settings.public_url:
        return settings.public_url
    host = settings.host
    if addresses.is_wildcard(host):
        host = _network_address(int(time.monotonic()) // FRESH_SECONDS) or host
    return addresses.url(host, settings.port).rstrip("/")


def form_url(settings: Settings, slug: str) -> str:
    """Where others fill in the form."""
    return f"{base_url(settings)}/f/{quote(slug)}"


def personal_url(settings: Settings, token: str) -> str:
    """Where one invited person fills in the form."""
    return f"{base_url(settings)}/p/{token}"


def reaches_others(address: str) -> bool:
    """Whether anybody but this computer can open links that begin with the address."""
    return not addresses.is_loopback(urlsplit(address).hostname or "")


def qr_svg(text: str) -> bytes:
    """The text as a QR code (ISO/IEC 18004), an SVG that an <img> may show at any size: dark on white,
    with its quiet zone."""
    picture = io.BytesIO()
    segno.make(text, micro=False).save(
        picture, "svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return picture.getvalue()


def qr_inline(text: str) -> str:
    """The same for the text of a page that has many of them."""
    made: str = segno.make(text, micro=False).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return made


def qr_png(text: str) -> bytes:
    """The text as a QR code, a PNG of 12 pixels a module, to be printed or put into a document."""
    picture = io.BytesIO()
    segno.make(text, micro=False).save(picture, "png", scale=12, border=4)
    return picture.getvalue()


@lru_cache(maxsize=1)
def _network_address(period: int) -> str:
    """The first address in the network, empty if there is none."""
    return next(iter(addresses.lan_addresses()), "")
