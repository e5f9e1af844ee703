"""How much may wait to be handed in: from one address, for one form, in all; and a disk without room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from webapp.config import load
from webapp.storage.local import LocalStorage

from ..conftest import import_text, running_app
from ..visitor import in_process
from .sending import OTHER, SLUG, VIDEOS
from .tus_client import TusClient

MB = 1024**2


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Flask]:
    most = {"waiting_per_address": "3 MB", "waiting_per_form": "5 MB", "waiting_in_all": "7 MB"}
    for app in running_app(load({"data": str(tmp_path / "data"), **most}, {})):
        for text in (VIDEOS, OTHER):
            import_text(app, text)
        yield app


def at(app: Flask, address: str) -> TusClient:
    """Somebody elsewhere."""
    return TusClient(in_process(app, REMOTE_ADDR=address))


def begun(tus: TusClient, slug: str, size: int) -> str:
    return tus.created(slug, "video", "a.mp4", size)


def is_told_of_own(tus: TusClient, slug: str, most: str, size: int) -> None:
    """Too much of the sender's own waits, about which the sender can do something."""
    answer = tus.create(slug, "video", "a.mp4", size)
    assert answer.status == 413, answer.body
    assert most in json.loads(answer.body)["detail"]


def is_told_to_wait(tus: TusClient, slug: str) -> None:
    """Too much of others waits."""
    answer = tus.create(slug, "video", "a.mp4", 1)
    assert answer.status == 503, answer.body
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_one_address(limited: Flask) -> None:
    ann, bob = at(limited, "192.0.2.1"), at(limited, "198.51.100.1")
    first = begun(ann, SLUG, 3 * MB)
    is_told_of_own(ann, SLUG, "3 MB", 1)
    begun(bob, SLUG, MB)
    assert ann.delete(first).status == 204
    begun(ann, SLUG, MB)


def test_one_form(limited: Flask) -> None:
    for number in range(5):
        begun(at(limited, f"192.0.2.{number + 1}"), SLUG, MB)
    ann = at(limited, "192.0.2.77")
    is_told_to_wait(ann, SLUG)
    begun(ann, "other", 2 * MB)


def test_in_all(limited: Flask) -> None:
    for number in range(7):
        begun(at(limited, f"192.0.2.{number + 1}"), SLUG if number < 4 else "other", MB)
    is_told_to_wait(at(limited, "192.0.2.77"), SLUG)


def test_this_computer_may_send_what_the_form_may_have(limited: Flask) -> None:
    """A proxy on it is everybody."""
    begun(at(limited, "127.0.0.1"), SLUG, 5 * MB)


def test_more_than_the_disk_has_room_for(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalStorage, "room", lambda storage: MB)
    ann = at(limited, "192.0.2.1")
    answer = ann.create(SLUG, "video", "a.mp4", MB + 1)
    assert answer.status == 507, answer.body
    assert answer.headers["content-type"].startswith("application/problem+json")
    monkeypatch.undo()
    begun(ann, SLUG, MB + 1)
