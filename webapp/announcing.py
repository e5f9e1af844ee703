"""What the launcher tells about a server: where it is, how others reach it, how it is set up.

The standard library alone at module level, as in the launcher.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from .config import Settings
from .opening import where
from .serving import addresses, console, desktop
from .serving.capacity import most_connections

if TYPE_CHECKING:
    from flask import Flask

FEW = 1000  # connections, for which a larger school is too many


def explain_the_firewall(settings: Settings) -> None:
    """Windows asks when a program listens to the network for the first time, in a window that comes a
    moment later; who has not expected the question says no."""
    if sys.platform == "win32" and not addresses.is_loopback(settings.host):
        console.say(
            "Windows may ask now whether Python may be reached from your network: allow it for "
            "private networks, or nobody but this computer gets in."
        )


def announce(settings: Settings) -> None:
    """Says where the server is."""
    console.say(f"{settings.app or 'Intray'} is at {where(settings)} - press Ctrl-C to stop.")
    if settings.socket and not (settings.app or settings.public_url):
        console.say_aside("Say --public-url as well, or the links that Intray makes lead nowhere.")
    _say_how_many(settings.processes)
    announce_to_the_network(settings)


def status(settings: Settings) -> str:
    """The same for who asks the system how the service is."""
    several = f" in each of {settings.processes} processes" if settings.processes > 1 else ""
    return f"At {where(settings)}, for up to {most_connections()} connections{several}."


def _say_how_many(processes: int) -> None:
    """Only where that may be too few: the README has what else there is."""
    most = most_connections()
    if most < FEW:
        each = "each process" if processes > 1 else "it"
        why = "On Windows" if sys.platform == "win32" else "By the limit on open files (ulimit -n)"
        console.say(f"{why} {each} holds up to {most} connections at once.")


def announce_to_the_network(settings: Settings) -> None:
    """Says how others reach the server, if it listens for them."""
    if addresses.is_wildcard(settings.host) and not settings.socket:
        for address in addresses.lan_addresses():
            _show_to_neighbours(addresses.url(address, settings.port))


def announce_to_the_network_aside(settings: Settings) -> None:
    """The same without waiting for the console: whoever selects text in it on Windows stops those who
    write to it."""
    threading.Thread(target=announce_to_the_network, args=[settings], daemon=True).start()


def say_how_to_set_up(app: Flask, settings: Settings) -> str:
    """Shows the link of set-up, and gives it where it leads here; empty once somebody has followed it.
    Raises OSError."""
    from .database import now
    from .setup.link import setup_link

    with app.app_context():
        link = setup_link(settings, now())
    if link:
        console.say(f"Set Intray up: {link}")
        if settings.socket:
            return ""  # it leads to the proxy, which may not be here
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
