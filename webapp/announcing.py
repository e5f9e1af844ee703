"""What the launcher tells about a server: where it is, how others reach it, how it is set up.

The standard library alone at module level, as in the launcher.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from .config import Settings
from .serving import addresses, console, desktop
from .serving.capacity import most_connections

if TYPE_CHECKING:
    from flask import Flask


def explain_the_firewall(host: str) -> None:
    """Windows asks when a program listens to the network for the first time, in a window that comes a
    moment later; who has not expected the question says no."""
    if sys.platform == "win32" and not addresses.is_loopback(host):
        console.say(
            "Windows may ask now whether Python may be reached from your network: allow it for "
            "private networks, or nobody but this computer gets in."
        )


def announce(settings: Settings) -> None:
    """Says where the server is."""
    url = addresses.url(settings.host, settings.port)
    console.say(f"{settings.app or 'Intray'} is at {url} - press Ctrl-C to stop.")
    if sys.platform == "win32":
        console.say(f"On Windows it holds up to {most_connections()} connections at once.")
    announce_to_the_network(settings)


def announce_to_the_network(settings: Settings) -> None:
    """Says how others reach the server, if it listens for them."""
    if addresses.is_wildcard(settings.host):
        for address in addresses.lan_addresses():
            _show_to_neighbours(addresses.url(address, settings.port))


def announce_to_the_network_aside(settings: Settings) -> None:
    """The same without waiting for the console: whoever selects text in it on Windows stops those who
    write to it."""
    threading.Thread(target=announce_to_the_network, args=[settings], daemon=True).start()


def say_how_to_set_up(app: Flask, settings: Settings) -> str:
    """Shows the link of set-up and gives it; empty once somebody has followed it. Raises OSError."""
    from .database import now
    from .setup.link import setup_link

    with app.app_context():
        link = setup_link(settings, now())
    if link:
        console.say(f"Set Intray up: {link}")
        tunnel = desktop.tunnel(os.environ, settings.host, settings.port)
        if tunnel:
            console.say(f"To open that on your own computer, run this there first: {tunnel}")
    return link


def open_where_seen(link: str) -> None:
    """Opens a link in the browser, where there is one that the person in front of this sees."""
    interactive = sys.stdout is not None and sys.stdout.isatty()
    if link and desktop.has_desktop(os.environ, sys.platform, interactive):
        desktop.open_page(link)


def _show_to_neighbours(url: str) -> None:
    console.say(f"Others in your network open {url}")
    picture = addresses.qr_code(url)
    if picture:
        console.say(picture)
