"""Where a browser is opened by itself, and what is said to who is there by SSH."""

from __future__ import annotations

import getpass
import webbrowser

import pytest

from webapp.serving import desktop

SSH = {"SSH_CONNECTION": "198.51.100.7 50122 192.0.2.2 22"}
SCREEN = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("platform", "environ", "interactive", "expected"),
    [
        ("linux", SCREEN, True, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True, True),
        ("linux", {}, True, False),
        ("linux", {"DISPLAY": ""}, True, False),
        ("linux", SCREEN, False, False),
        ("linux", SCREEN | SSH, True, False),  # ssh -X
        ("darwin", {}, True, True),
        ("darwin", SSH, True, False),
        ("win32", {}, True, True),
        ("win32", {}, False, False),
        ("win32", SSH, True, False),
    ],
)
def test_a_browser_is_opened_where_somebody_sees_it(
    platform: str, environ: dict[str, str], interactive: bool, expected: bool
) -> None:
    assert desktop.has_desktop(environ, platform, interactive) is expected


@pytest.mark.parametrize(
    ("connection", "host", "command"),
    [
        (SSH["SSH_CONNECTION"], "127.0.0.1", "-L 8080:127.0.0.1:8080 {user}@192.0.2.2"),
        (SSH["SSH_CONNECTION"], "::1", "-L 8080:[::1]:8080 {user}@192.0.2.2"),
        ("a 1 2001:db8::2 2222", "localhost", "-L 8080:localhost:8080 -p 2222 {user}@2001:db8::2"),
        (SSH["SSH_CONNECTION"], "0.0.0.0", "-L 8080:127.0.0.1:8080 {user}@192.0.2.2"),
        (SSH["SSH_CONNECTION"], "192.0.2.2", ""),
        ("", "127.0.0.1", ""),
        ("strange", "127.0.0.1", ""),
    ],
)
def test_by_ssh_the_line_that_reaches_this_computer_is_told(
    connection: str, host: str, command: str
) -> None:
    expected = "ssh " + command.format(user=getpass.getuser()) if command else ""
    assert desktop.tunnel({"SSH_CONNECTION": connection}, host, 8080) == expected


def test_a_browser_in_the_terminal_is_none() -> None:
    assert desktop.is_text_browser(webbrowser.GenericBrowser("w3m"))
    assert not desktop.is_text_browser(webbrowser.BackgroundBrowser("xdg-open"))


class Browser(webbrowser.BackgroundBrowser):
    def __init__(self, opened: list[str]) -> None:
        super().__init__("browser")
        self._opened = opened

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self._opened.append(url)
        return True


def test_the_page_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "get", lambda: Browser(opened))
    desktop._open("http://127.0.0.1:8080/")
    assert opened == ["http://127.0.0.1:8080/"]


def test_without_a_browser_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none_found() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none_found)
    desktop._open("http://127.0.0.1:8080/")
    assert "could not locate runnable browser" in capsys.readouterr().err
