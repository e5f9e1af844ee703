"""A form that asks for large files, on a real server, and what has become of a file that was handed in."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..running import Server
from ..visitor import Page, Visitor, over_http
from .tus_client import TusClient, id_of

SLUG = "videos"
PATH = f"/f/{SLUG}"
FIELD = "video"

VIDEOS = """
format = 1
title = "Videos"
slug = "videos"
state = "open"

[[fields]]
key = "name"
kind = "short_text"
label = "Your name"

[[fields]]
key = "video"
kind = "files"
label = "Your videos"
max_files = 3
max_size = "8 GB"

[[fields]]
key = "poster"
kind = "files"
label = "A poster"
accept = [".pdf"]
max_files = 1
max_size = "1 MB"
"""

OTHER = VIDEOS.replace('"Videos"', '"Other"').replace('"videos"', '"other"')


def import_forms(data: Path, *texts: str, python: str = "") -> None:
    """Has the forms in the data folder; the server may run already."""
    more = {"python": python} if python else {}
    for text in texts or (VIDEOS,):
        file = data.parent / "form.toml"
        file.write_text(text, encoding="utf-8")
        Server.command("form", "import", file, data=data, **more)


@contextmanager
def serving(data: Path, *texts: str, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """serve.py with the forms, VIDEOS unless given."""
    import_forms(data, *texts)
    with Server(data=data, environ=environ) as server:
        yield server


def content_of(size: int, seed: int = 1) -> bytes:
    """Bytes in which no part is like another, the same each time."""
    return random.Random(seed).randbytes(size)


def client_of(server: Server) -> TusClient:
    return TusClient.at(server.url)


def hand_in(url: str, *paths: str, field: str = FIELD, path: str = PATH) -> Page:
    """Hands in uploads by a form's page, as a browser without JavaScript would."""
    visitor = Visitor(over_http(url))
    page = visitor.open(path)
    assert page.status == 200, page.text
    return visitor.hand_in(
        page, path, {"name": "Ann", field: [f"upload:{id_of(p)}" for p in paths]}
    )


def assert_handed_in(
    url: str, data: Path, files: Mapping[str, bytes], paths: Sequence[str]
) -> None:
    """Hands the uploads in; the receipt names each file's SHA-256, and the folder holds their bytes."""
    answer = hand_in(url, *paths)
    assert answer.status == 303, answer.text
    assert_stored(url, answer.location, data, files)


def assert_stored(url: str, location: str, data: Path, files: Mapping[str, bytes]) -> None:
    """A receipt's files are these, on the page and on the disk."""
    receipt = Visitor(over_http(url)).open(location)
    assert receipt.status == 200, receipt.text
    reference = location.split("/r/")[1].split("?")[0]
    (folder,) = (data / "files").glob(f"*/* {reference}*")
    assert {path.name: sha256_of(path) for path in folder.iterdir()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    for name, content in files.items():
        assert name in receipt.text
        assert hashlib.sha256(content).hexdigest() in receipt.text


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def left_over(data: Path) -> list[str]:
    """What lies in the place for files on their way in."""
    return sorted(path.name for path in (data / "incoming").iterdir())
