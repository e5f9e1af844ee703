"""The person's own desktop: whether there is one in front of this process, and opening a page on it."""

from __future__ import annotations

import getpass
import sys
import threading
import webbrowser
from collections.abc import Mapping

from .addresses import is_loopback, is_wildcard


def has_desktop(environ: Mapping[str, str], platform: str, interactive: bool) -> bool:
    """Whether a browser that is opened now would be seen by who has started this process; `interactive`
    tells whether there is somebody who reads what it prints."""
    if not interactive or is_remote(environ):
        return False
    return platform in ("win32", "darwin") or any(
        environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether this terminal is on another computer than this process."""
    return bool(environ.get("SSH_CONNECTION"))


def open_page(url: str) -> None:
    """Has the browser open the page, without waiting for it; nothing happens where there is none."""
    threading.Thread(target=_open, args=[url], name="browser", daemon=True).start()


def tunnel(environ: Mapping[str, str], host: str, port: int) -> str:
    """The command that makes a page of this computer's alone open on the computer of who is here by SSH;
    empty where none is needed. `host` and `port` are what the server listens on."""
    ours = environ.get("SSH_CONNECTION", "").split()  # client's address and port, then ours
    if len(ours) != 4 or not (is_loopback(host) or is_wildcard(host)):
        return ""
    host = "127.0.0.1" if is_wildcard(host) else host
    there = f"[{host}]" if ":" in host else host
    other_port = f" -p {ours[3]}" if ours[3] != "22" else ""
    return f"ssh -L {port}:{there}:{port}{other_port} {_user_name()}@{ours[2]}"


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user without a name, as in some containers
        return "USER"


def _open(url: str) -> None:
    try:
        browser = webbrowser.get()
        if not is_text_browser(browser):
            browser.open(url)
    except (OSError, webbrowser.Error) as wrong:
        print(f"The browser cannot be opened: {wrong}", file=sys.stderr)


def is_text_browser(browser: webbrowser.BaseBrowser) -> bool:
    """Whether it would take over the terminal, as w3m and lynx do."""
    return type(browser) is webbrowser.GenericBrowser
