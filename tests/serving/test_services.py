"""What has the system start Intray: the commands in it are run here as they stand there."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ..running import Server, free_port, run

ODD = 'a b%h$HOME"c'


def printed(kind: str, data: Path, *options: str) -> str:
    done = run("serve.py", "--print-service", kind, "--data", data, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def unit(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def as_systemd_reads(command: str) -> list[str]:
    """systemd.syntax(7): quotes and backslashes as in a shell's double quotes, %% and $$ for % and $."""
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(command)]


@pytest.mark.parametrize("name", ["data", pytest.param(ODD, id="odd")])
def test_systemd_starts_it(tmp_path: Path, name: str) -> None:
    if sys.platform == "win32" and name == ODD:
        pytest.skip("no folder can have that name here")
    port = free_port()
    options = ("--port", str(port), "--access-log", "access.log", "--stop-seconds", "7")
    service = unit(printed("systemd", tmp_path / name, *options))["Service"]
    command = as_systemd_reads(service["ExecStart"])
    assert command[0] == sys.executable
    assert service["TimeoutStopSec"] == "22"
    with Server(command=[*command, "--port={port}"], path="/index") as server:
        assert server.process.poll() is None
    assert (tmp_path / name / "logs" / "access.log").stat().st_size > 0


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is missing: apt-get install systemd")
    file = tmp_path / "intray.service"
    file.write_text(printed("systemd", tmp_path / "data"), encoding="utf-8")
    done = subprocess.run(
        [program, "verify", "--man=no", file], capture_output=True, encoding="utf-8", check=False
    )
    assert "intray.service" not in done.stderr
    assert done.returncode == 0


def test_winsw_starts_it(tmp_path: Path) -> None:
    text = printed("winsw", tmp_path / "a & b", "--public-url", "https://forms.example.org")
    service = ElementTree.fromstring(text)
    arguments = shlex.split(service.findtext("arguments", ""))
    assert service.findtext("executable") == sys.executable
    assert f"--data={tmp_path / 'a & b'}" in arguments
    assert "--public-url=https://forms.example.org" in arguments
    assert service.findtext("logpath") == str(tmp_path / "a & b" / "logs")


def test_switches_have_no_value(tmp_path: Path) -> None:
    assert '"--dev"' in printed("systemd", tmp_path, "--dev")


def test_another_kind_is_none(tmp_path: Path) -> None:
    done = run("serve.py", "--print-service", "upstart", "--data", tmp_path)
    assert done.returncode == 2
    assert "--help lists the options" in done.stderr
