"""How long a start takes, how much memory the server has then, and what it spends its imports on."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from ..forms_in_toml import GOOD_ANSWERS
from ..running import TOP, Server, environment
from ..visitor import Visitor, over_http
from . import load, processes
from .plan import Plan
from .requests import BARE_PATH, FILES, PATH
from .tables import Row

BARE = ("--app", "tests.bench.bare:app")
ABOUT = """\
From the start of the process to the first 200: /healthz of Intray on data folders that exist and on an
empty one, which it makes; and for comparison the page of the bare Flask application. In turn, the median
and the slowest of the runs. Intray is to be under 1.5 s."""
MEMORY_ABOUT = """\
Of the server process with its children, 10^6 bytes, some time after the request: resident (RSS),
proportional (PSS: its share of what it shares), unique (USS: what would be free without it). Intray is to
be under 100 MB after its first request."""
IMPORTS_ABOUT = """\
What making the application imports (python -X importtime), by package: its own modules' time and their
number. It is slower with the clock on than without: read the shares."""


def measure_starts(folders: Sequence[tuple[str, Path]], empty: Path, plan: Plan) -> list[Row]:
    """A row for each named data folder, for empty ones, made within `empty`, and for bare Flask."""
    taken: dict[str, list[float]] = {}
    for number in range(plan.starts):
        servers = {name: (Server(data=data), "/healthz") for name, data in folders}
        servers["an empty folder"] = (Server(data=empty / str(number)), "/healthz")
        servers["bare Flask"] = (Server(*BARE), BARE_PATH)
        for name, (server, path) in servers.items():
            taken.setdefault(name, []).append(_start(server, path))
    return [
        {"start": name, "runs": len(all), "median s": median(all), "slowest s": max(all)}
        for name, all in taken.items()
    ]


def _start(server: Server, path: str) -> float:
    started = time.perf_counter()
    server.start()
    try:
        connection = _connect(server)
        answer = connection.exchange(load.request("GET", path))
        taken = time.perf_counter() - started
        connection.close()
        assert answer.status == 200, answer.head
        server.stop()
    finally:
        server.kill()
    return taken


def _connect(server: Server) -> load.Connection:
    deadline = time.monotonic() + load.SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            return load.Connection(server.port)
        time.sleep(0.002)
    raise load.LoadError(f"The server does not listen. It printed:\n{server.output}")


def measure_memory(data: Path, plan: Plan) -> list[Row]:
    """Rows of the memory after the first request, and after each other kind of request."""
    with ExitStack() as stack:
        server = stack.enter_context(Server(data=data))
        visitor = Visitor(over_http(server.url))
        page = visitor.open(PATH)
        rows = [_memory(server, "after /healthz and one page")]
        answer = visitor.hand_in(page, PATH, GOOD_ANSWERS, FILES)
        assert answer.status == 303, answer.text
        visitor.open(answer.location)
        rows.append(_memory(server, "after a hand-in with a file and its receipt"))
        pages = [load.request("GET", PATH)] * 2000
        load.run(server.port, pages, connections=8, status=200, seconds=plan.seconds)
        rows.append(_memory(server, f"after {plan.seconds:g} s more of pages on 8 connections"))
    with Server(*BARE, path=BARE_PATH) as bare:
        rows.append(_memory(bare, "bare Flask after one page"))
    return rows


def _memory(server: Server, moment: str) -> Row:
    found = processes.memory(server.process.pid)
    sizes = (None,) * 3 if found is None else (found.resident, found.proportional, found.unique)
    names = ("resident MB", "proportional MB", "unique MB")
    row: Row = {"moment": moment}
    for name, size in zip(names, sizes, strict=True):
        row[name] = None if size is None else size / 1e6
    return row


def measure_imports(data: Path, top: int = 10) -> list[Row]:
    """The packages that took most of the time of importing, most first."""
    make = "from webapp import create_app; create_app()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", make],
        cwd=TOP,
        env=environment(data, None),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    own, modules = Counter[str](), Counter[str]()
    for microseconds, name in re.findall(r"import time: +(\d+) \| +\d+ \| +(\S+)", done.stderr):
        package = name.partition(".")[0]
        package = "Python's own" if package in sys.stdlib_module_names else package
        own[package] += int(microseconds)
        modules[package] += 1
    whole = own.total()
    return [
        {"package": name, "modules": modules[name], "ms": spent / 1000, "share": spent / whole}
        for name, spent in own.most_common(top)
    ]
