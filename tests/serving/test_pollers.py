"""What tells which connections are ready, where this system has it; and what of kqueue is not the system's.

No test here runs kqueue unless it is run on macOS or a BSD.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from webapp.serving.pollers import READ, WRITE, Poller, joined, poller


@pytest.fixture
def ready() -> Iterator[Poller]:
    found = poller()
    if found is None:
        pytest.skip("Windows has select() alone")
    yield found
    found.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_both_directions_are_told_together() -> None:
    assert joined([(3, READ), (4, WRITE), (3, WRITE)]) == [(3, READ | WRITE), (4, WRITE)]


def test_one_event_disarms_both_directions(
    ready: Poller, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ready.arm(ours.fileno(), READ | WRITE)
    assert ready.wait(10) == [(ours.fileno(), WRITE)]
    theirs.sendall(b"x")
    assert ready.wait(0) == []
    ready.arm(ours.fileno(), READ)
    assert ready.wait(10) == [(ours.fileno(), READ)]
    assert ready.wait(0) == []


def test_what_is_not_asked_for_any_more_is_not_told(
    ready: Poller, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ready.arm(ours.fileno(), READ)
    ready.arm(ours.fileno(), WRITE)
    theirs.sendall(b"x")
    assert ready.wait(10) == [(ours.fileno(), WRITE)]
    ready.arm(ours.fileno(), READ)
    ready.remove(ours.fileno())
    ready.remove(ours.fileno())  # which does nothing
    assert ready.wait(0) == []


def test_what_is_added_is_told_again_and_again(
    ready: Poller, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ready.add(ours.fileno())
    theirs.sendall(b"x")
    for _ in range(2):
        assert ready.wait(10) == [(ours.fileno(), READ)]


def test_the_end_of_the_other_side_is_told(
    ready: Poller, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ready.arm(ours.fileno(), READ)
    theirs.close()
    ((descriptor, events),) = ready.wait(10)
    assert descriptor == ours.fileno()
    assert events & READ


def test_what_is_closed_cannot_be_armed(ready: Poller) -> None:
    with socket.socket() as gone:
        number = gone.fileno()
    with pytest.raises(OSError, match="descriptor"):
        ready.arm(number, READ)
