"""Uploads over a network that cuts and alters at random: what is handed in is right, or it is not taken.

`python -m tests --slow tests/faults/test_uploads_bad_network.py` goes on for longer.
"""

from __future__ import annotations

import http.client
import random
import time
from pathlib import Path

import pytest

from ..running import Server, poll
from ..uploads.sending import (
    FIELD,
    SLUG,
    assert_handed_in,
    assert_stored,
    client_of,
    content_of,
    left_over,
    serving,
)
from ..uploads.tus_client import Refused, TusClient
from ..visitor import Visitor, over_http
from .bad_network import BadNetwork

MB = 1024**2
PIECE = 256 * 1024
AMOUNTS = [(8, 25), pytest.param(60, 200, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]


def send_through(network: BadNetwork, path: str, content: bytes, algorithm: str) -> None:
    """Sends until all is there, whatever happens; what is refused for what it never was is sent again."""
    tus = TusClient.at(network.url, timeout=10)
    deadline = time.monotonic() + 280
    while True:
        assert time.monotonic() < deadline
        try:
            tus.send_rest(path, content, piece=PIECE, algorithm=algorithm, seconds=250)
        except (Refused, ValueError, KeyError):
            continue  # an altered request or answer
        return


def send_and_hand_in(server: Server, data: Path, size: int, *, alters: bool, least: int) -> None:
    """Has so many bytes sent, and more of them until there were `least` faults."""
    seed = random.randrange(10**6)
    print("seed", seed)
    direct, faults = client_of(server), 0
    while faults < least:
        content = content_of(size, seed)
        with BadNetwork(server.port, seed, alters=alters, most_bytes=2 * PIECE) as network:
            path = direct.created(SLUG, FIELD, "a.mp4", size)
            while direct.offset(path) < size:  # an altered answer may have told that all is there
                send_through(network, path, content, "crc32" if alters else "")
        assert_handed_in(server.url, data, {"a.mp4": content}, [path])
        faults += len(network.faults)
        seed += 1


@pytest.mark.parametrize(("megabytes", "least"), AMOUNTS)
def test_connections_are_cut(tmp_path: Path, megabytes: int, least: int) -> None:
    with serving(tmp_path / "data") as server:
        send_and_hand_in(server, tmp_path / "data", megabytes * MB, alters=False, least=least)
        assert "Traceback" not in server.output


@pytest.mark.parametrize(("megabytes", "least"), AMOUNTS)
def test_bytes_are_altered_and_connections_cut(tmp_path: Path, megabytes: int, least: int) -> None:
    with serving(tmp_path / "data") as server:
        send_and_hand_in(server, tmp_path / "data", megabytes * MB, alters=True, least=least)
        assert "Traceback" not in server.output


def test_a_hand_in_that_is_cut_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    content = content_of(MB)
    with serving(tmp_path / "data") as server:
        taken = []
        with BadNetwork(server.port, 7, alters=False, most_bytes=MB) as network:
            visitor = Visitor(over_http(server.url))
            through = Visitor(over_http(network.url, timeout=10))
            for _ in range(30):
                page = visitor.open("/f/videos")
                try:
                    answer = through.hand_in(
                        page, "/f/videos", {"name": "Ann"}, [(FIELD, "a.mp4", content)]
                    )
                except (OSError, http.client.HTTPException):
                    continue
                assert answer.status == 303
                if "location" in answer.headers:  # of an answer that was cut, not all is there
                    taken.append(answer.location)
        assert taken
        for location in taken:
            assert_stored(server.url, location, tmp_path / "data", {"a.mp4": content})
        for stored in (tmp_path / "data" / "files").rglob("*.mp4"):
            assert stored.read_bytes() == content
        poll(lambda: left_over(tmp_path / "data") == [], "an end of what was cut")
