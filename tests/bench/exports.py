"""How fast a form's submissions are exported, and how much memory the server takes for it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Sequence

from ..running import Server
from . import processes
from .schools import INBOX, School, lines, signed_in
from .tables import Row

CHUNK = 256 * 1024  # bytes
SECONDS = 3600.0  # after which an export is given up
MOST_IN_WORKBOOKS = 100_000  # submissions: XLSX takes some times as long

ABOUT = """\
The export of a form that six in ten submissions are of, by a server that has just been started, from the
request to the last byte, by a client that keeps nothing. The server's memory (resident, 10^6 bytes) before
it and at its highest. Aim: 20,000 lines a second as CSV, in flat memory. In a workbook the first 65,530
lines have links, each of which takes a kilobyte."""


def measure(schools: Sequence[School]) -> list[Row]:
    """A row for each kind of export of each school."""
    wanted = [("csv", school) for school in schools]
    wanted += [("xlsx", one) for one in schools if one.submissions <= MOST_IN_WORKBOOKS]
    return [_measure(ending, school) for ending, school in wanted]


def _measure(ending: str, school: School) -> Row:
    count = lines(school)
    with Server(data=school.data) as server:
        cookie = signed_in(server)
        _fetch(server, INBOX, cookie)
        before = processes.memory(server.process.pid)
        processor = processes.processor_seconds(server.process.pid)
        started = time.perf_counter()
        size = _fetch(server, f"{INBOX}/submissions.{ending}", cookie)
        seconds = time.perf_counter() - started
        used = processes.processor_seconds(server.process.pid)
        highest = processes.highest_memory(server.process.pid)
    return {
        "export": ending,
        "submissions": school.submissions,
        "lines": count,
        "MB": size / 1e6,
        "seconds": seconds,
        "lines per second": count / seconds,
        "cpu us a line": None
        if used is None or processor is None
        else 1e6 * (used - processor) / count,
        "resident MB before": None if before is None else before.resident / 1e6,
        "highest resident MB": None if highest is None else highest / 1e6,
    }


def _fetch(server: Server, path: str, cookie: str) -> int:
    """How many bytes came."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        size = 0
        while chunk := answer.read(CHUNK):
            size += len(chunk)
        return size
    finally:
        connection.close()
