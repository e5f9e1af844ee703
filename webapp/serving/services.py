"""What has the system start a server by itself: a unit for systemd, a file for WinSW on Windows."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

_GRACE_SECONDS = 15  # beyond the server's own time to stop, before it is killed


@dataclass(frozen=True)
class Service:
    """How the server is started by hand, where it writes, and how long it may take to stop."""

    command: Sequence[str]
    folder: Path
    logs: Path
    stop_seconds: int


def systemd(service: Service) -> str:
    """A unit (systemd.service(5)), for /etc/systemd/system/intray.service."""
    command = " ".join(_quoted(part) for part in service.command)
    return f"""\
[Unit]
Description=Intray
Wants=network-online.target
After=network-online.target

[Service]
User={getpass.getuser()}
WorkingDirectory={_plain(str(service.folder))}
ExecStart={command}
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec={service.stop_seconds + _GRACE_SECONDS}
NoNewPrivileges=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""


def winsw(service: Service) -> str:
    """A file for WinSW 2 and 3 (github.com/winsw/winsw), which stops a program by Ctrl-C."""
    program, *arguments = service.command
    return f"""\
<service>
  <id>intray</id>
  <name>Intray</name>
  <description>Collects forms and files.</description>
  <executable>{escape(program)}</executable>
  <arguments>{escape(subprocess.list2cmdline(arguments))}</arguments>
  <workingdirectory>{escape(str(service.folder))}</workingdirectory>
  <startmode>Automatic</startmode>
  <stoptimeout>{service.stop_seconds + _GRACE_SECONDS} sec</stoptimeout>
  <onfailure action="restart" delay="5 sec"/>
  <logpath>{escape(str(service.logs))}</logpath>
  <log mode="roll"/>
</service>
"""


KINDS: Mapping[str, Callable[[Service], str]] = {"systemd": systemd, "winsw": winsw}


def _quoted(part: str) -> str:
    """One word of a command (systemd.syntax(7), "Quoting"), in which $ and % mean themselves."""
    text = part.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_plain(text)}"'


def _plain(text: str) -> str:
    return text.replace("%", "%%")
