"""What `--print-service` prints. Standard library only, as the launcher."""

from __future__ import annotations

import sys
from pathlib import Path

from .command_line import Asked
from .config import Settings
from .serving import console, services
from .serving.services import Service


def print_service(asked: Asked, settings: Settings) -> None:
    """The data folder and a socket by their whole paths: where a service starts is for its manager
    to say."""
    top = Path(__file__).resolve().parent.parent
    options = asked.options(beside=("data", "socket"))
    if "socket" in asked.settings:
        options.append(f"--socket={settings.socket}")
    command = [sys.executable, str(top / "serve.py"), f"--data={settings.data}", *options]
    service = Service(
        command,
        top,
        settings.data / "logs",
        settings.stop_seconds,
        reloads=settings.processes > 1,
        socket=settings.socket,
        socket_mode=settings.socket_mode,
        host=settings.host,
        port=settings.port,
    )
    console.say(services.KINDS[asked.service](service).rstrip())
