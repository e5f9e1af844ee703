"""The link that sets Intray up, as the terminal shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from webapp.database import now
from webapp.setup.link import setup_link

from ..desk import PASSWORD, add_user
from ..running import TOP, Server, environment, free_port, poll, run

LINE = r"^Set Intray up: (http://127\.0\.0\.1:\d+/setup\?key=[\w-]+)$"


def link_in(output: str) -> str:
    found = re.search(LINE, output, re.M)
    assert found is not None, output
    return found[1]


def make_owner(data: Path) -> None:
    """Makes a user by the command line."""
    done = run(
        "-c",
        "import io, sys; sys.stdin = io.StringIO(sys.argv[1]); from webapp.commands import main;"
        "sys.exit(main(['user', 'add', 'ann@example.org', '--name', 'Ann', '--password-stdin']))",
        PASSWORD,
        data=data,
    )
    assert done.returncode == 0, done.stderr


def test_it_is_printed_and_the_same_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    links, port = [], free_port()
    for _ in range(2):
        with Server(data=data, port=port) as server:
            links.append(link_in(server.output))
            printed = Server.command("setup", data=data)
            assert printed == f"Set Intray up: {links[-1]}\n"
            assert server.output.index("Intray is at") < server.output.index("Set Intray up")
    assert links[0] == links[1]
    assert links[0].startswith(f"http://127.0.0.1:{port}/")


def test_it_is_of_this_computer_whatever_the_public_address(tmp_path: Path) -> None:
    settings = ("--host", "0.0.0.0", "--public-url", "https://forms.example.org")
    with Server(*settings, data=tmp_path / "data") as server:
        assert link_in(server.output).startswith(server.url)


def test_once_there_is_a_user_it_is_told_no_more(tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_owner(data)
    with Server(data=data) as server:
        assert "Set Intray up" not in server.output
        assert Server.command("setup", data=data).startswith("Intray is set up")


def test_by_ssh_the_line_that_makes_it_work_is_printed(tmp_path: Path) -> None:
    environ = {"SSH_CONNECTION": "198.51.100.7 50122 192.0.2.2 22"}
    with Server(data=tmp_path / "data", environ=environ) as server:
        there = f"127.0.0.1:{server.port}"
        assert re.search(rf" ssh -L {server.port}:{there} \S+@192\.0\.2\.2$", server.output, re.M)


def test_dev_prints_it_too(tmp_path: Path) -> None:
    with Server("--dev", data=tmp_path / "data") as server:
        server.wait_for_output("Set Intray up: ")
        assert link_in(server.output).startswith(server.url)


def test_a_command_does_not_print_it(tmp_path: Path) -> None:
    assert Server.command("form", "list", data=tmp_path / "data") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn is for POSIX")
def test_two_processes_of_gunicorn_log_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = (
        sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "2",
        "webapp:create_app()",
    )  # fmt: skip
    with Server(command=command, data=data, cwd=TOP) as server:
        said = r"Set Intray up: open at its address (/setup\?key=[\w-]+)"
        poll(lambda: len(re.findall(said, server.output)) == 2, "both processes to say it")
        first, second = re.findall(said, server.output)
        assert first == second
        assert link_in(Server.command("setup", data=data)).endswith(first)


def test_each_process_that_serves_one_database_knows_when_it_is_set_up(app: Flask) -> None:
    settings = app.config["INTRAY"]
    with app.app_context():
        link = setup_link(settings, now())
        assert link == setup_link(settings, now())
        assert link.startswith("http://127.0.0.1:8080/setup?key=")
    add_user(app, "owner")
    with app.app_context():
        assert setup_link(settings, now()) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_it_is_opened_in_the_browser_of_who_sits_there(tmp_path: Path) -> None:
    import pty

    data, browser, opened = tmp_path / "data", tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part\nmv {opened}.part {opened}\n')
    browser.chmod(0o755)
    environ = {"DISPLAY": ":0", "BROWSER": f"{browser} %s &", "SSH_CONNECTION": ""}
    ours, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, TOP / "serve.py", "--port", str(free_port())],
        env=environment(data, environ),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    )
    try:
        poll(opened.exists, "the browser to be opened")
        assert f"Set Intray up: {opened.read_text()}\n" == Server.command("setup", data=data)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        os.close(ours)
