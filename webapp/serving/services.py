"""What has the system start a server by itself: units for systemd, a file for WinSW on Windows."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from . import sockets

_GRACE_SECONDS = 15  # beyond the server's own time to stop, before it is killed


@dataclass(frozen=True)
class Service:
    """How the server is started by hand, where it writes, how long it may take to stop, whether it can be
    had to load a new version while it serves, and what it listens on: a Unix socket, or host and port."""

    command: Sequence[str]
    folder: Path
    logs: Path
    stop_seconds: int
    reloads: bool
    socket: str
    socket_mode: int
    host: str
    port: int


def systemd(service: Service) -> str:
    """A unit (systemd.service(5)), for /etc/systemd/system/intray.service. The start may take long: a
    large database may have to be migrated, and what Intray is built on to be fetched."""
    command = " ".join(_quoted(part) for part in service.command)
    reload = "ExecReload=/bin/kill -HUP $MAINPID\n" if service.reloads else ""
    own = re.fullmatch(r"/run/([\w.-]+)/[^/]+", service.socket)
    # kept, since the socket in it may be that of a .socket unit
    folder = f"RuntimeDirectory={own[1]}\nRuntimeDirectoryPreserve=yes\n" if own else ""
    return f"""\
[Unit]
Description=Intray
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User={getpass.getuser()}
WorkingDirectory={_plain(str(service.folder))}
ExecStart={command}
{reload}{folder}TimeoutStartSec=infinity
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec={service.stop_seconds + _GRACE_SECONDS}
NoNewPrivileges=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""


def systemd_socket(service: Service) -> str:
    """A unit (systemd.socket(5)), for /etc/systemd/system/intray.socket. Raises CannotServe."""
    if service.socket:
        streams, options = [service.socket], f"SocketMode={service.socket_mode:04o}\n"
    else:
        streams, options = sockets.texts(service.host, service.port), "BindIPv6Only=ipv6-only\n"
    listed = "\n".join(f"ListenStream={_plain(stream)}" for stream in streams)
    return f"""\
[Unit]
Description=Where Intray listens

[Socket]
{listed}
{options}Backlog={sockets.BACKLOG}

[Install]
WantedBy=sockets.target
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


KINDS: Mapping[str, Callable[[Service], str]] = {
    "systemd": systemd,
    "systemd-socket": systemd_socket,
    "winsw": winsw,
}


def _quoted(part: str) -> str:
    """One word of a command (systemd.syntax(7), "Quoting"), in which $ and % mean themselves."""
    text = part.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_plain(text)}"'


def _plain(text: str) -> str:
    return text.replace("%", "%%")
