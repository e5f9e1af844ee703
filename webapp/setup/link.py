"""The link that sets Intray up, for the terminal of the computer that it runs on."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from ..accounts import rules as accounts
from ..accounts.first_run import setup_key
from ..config import Settings
from ..database import snapshot
from ..serving import addresses, data_folder, unix_sockets


def setup_path(settings: Settings, now: datetime) -> str:
    """The path of the set-up page with its key; empty where Intray is set up. Asks the database of the
    application at hand; raises OSError where the key cannot be kept."""
    with snapshot() as session:
        if accounts.has_users(session):
            return ""
    return f"/setup?key={quote(setup_key(settings.data, now))}"


def setup_link(settings: Settings, now: datetime) -> str:
    """The address of the set-up page on this computer, or behind a Unix socket what follows the address
    of the proxy where that is not known; empty where Intray is set up. Otherwise as `setup_path`."""
    path = setup_path(settings, now)
    served_at = data_folder.served_at(settings.data) or addresses.url(settings.host, settings.port)
    if settings.socket or served_at.startswith(unix_sockets.PREFIX):
        served_at = settings.public_url
    return path and served_at.rstrip("/") + path
