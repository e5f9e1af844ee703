"""tus-js-client, which others wrote and which most web pages upload with, under Node against serve.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..conftest import skip_or_fail
from ..running import SECONDS, Server, poll
from .sending import FIELD, SLUG, assert_handed_in, client_of, content_of, left_over, serving
from .tus_client import Refused, id_of

pytestmark = pytest.mark.node

SCRIPT = Path(__file__).with_name("tus_js_client.mjs")
MODULES = os.environ.get("TUS_JS", "")
INSTALL = "npm install --prefix DIR tus-js-client@4, then set TUS_JS=DIR"
CONTENT = content_of(12 * 1024**2 + 17)
CHUNK = 1024**2


@pytest.fixture(autouse=True)
def _needs_node() -> None:
    if not shutil.which("node"):
        skip_or_fail("node", f"Node is missing: apt-get install nodejs npm, {INSTALL}")
    if not MODULES or not (Path(MODULES) / "node_modules" / "tus-js-client").is_dir():
        skip_or_fail("node", f"tus-js-client is missing: {INSTALL}")


@dataclass
class Sender:
    """Uploads one file, each run in a process of its own."""

    server: Server
    data: Path
    file: Path

    def start(self, **task: Any) -> subprocess.Popen[str]:
        told = {
            "endpoint": self.server.url + "/uploads",
            "file": str(self.file),
            "metadata": {
                "form": SLUG,
                "field": FIELD,
                "filename": "视频 1.mp4",
                "filetype": "video/mp4",
            },
            "chunkSize": CHUNK,
            "storage": str(self.file.with_name("urls.json")),
            "modules": MODULES,
        }
        command = ["node", str(SCRIPT), json.dumps(told | task)]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )

    def run(self, *, code: int = 0, **task: Any) -> list[dict[str, Any]]:
        """What it said, to its end with that exit code."""
        with self.start(**task) as process:
            output, _ = process.communicate(timeout=2 * SECONDS)
        assert process.returncode == code, output
        return [json.loads(line) for line in output.splitlines()]


def sender_to(server: Server, data: Path, folder: Path, content: bytes = CONTENT) -> Sender:
    file = folder / "source.mp4"
    file.write_bytes(content)
    return Sender(server, data, file)


@pytest.fixture
def sender(shared_server: tuple[Server, Path], tmp_path: Path) -> Sender:
    return sender_to(*shared_server, tmp_path)


def handed_in(sender: Sender, said: list[dict[str, Any]]) -> None:
    path = said[-1]["done"]
    assert_handed_in(sender.server.url, sender.data, {"视频 1.mp4": CONTENT}, [path])


@pytest.mark.parametrize("with_creation", [False, True])
def test_it_uploads(sender: Sender, with_creation: bool) -> None:
    said = sender.run(withCreation=with_creation)
    methods = [one["method"] for one in said if "method" in one]
    assert methods == ["POST"] + ["PATCH"] * (12 if with_creation else 13)
    handed_in(sender, said)


def test_another_process_goes_on_where_one_stopped(sender: Sender) -> None:
    first = sender.run(code=3, stopAt=5 * CHUNK)
    second = sender.run()
    assert second[0]["previous"] == 1
    methods = [one["method"] for one in second if "method" in one]
    assert methods == ["HEAD"] + ["PATCH"] * 8
    assert second[-1]["done"] == first[-1]["url"]
    handed_in(sender, second)


def test_it_survives_the_server(tmp_path: Path) -> None:
    """One request for the whole file, and the server killed in the middle of it."""
    data, content = tmp_path / "data", content_of(150 * 1024**2, 2)
    lines: list[str] = []
    with (
        serving(data) as server,
        sender_to(server, data, tmp_path, content).start(chunkSize=len(content)) as process,
    ):
        assert process.stdout is not None
        reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        incoming = data / "incoming"
        poll(
            lambda: any(path.stat().st_size > 8 * CHUNK for path in incoming.iterdir()),
            "the first bytes",
        )
        server.kill()
        with Server(data=data, port=server.port) as again:
            assert process.wait(2 * SECONDS) == 0, lines
            reader.join(SECONDS)
            said = [json.loads(line) for line in lines]
            assert "HEAD" in [one.get("method") for one in said], "the kill came too late"
            assert_handed_in(again.url, data, {"视频 1.mp4": content}, [said[-1]["done"]])


def test_it_removes_what_it_began(sender: Sender) -> None:
    said = sender.run(code=4, terminate=4 * CHUNK)
    deleted = said[-1]
    assert (deleted["method"], deleted["status"]) == ("DELETE", 204)
    with pytest.raises(Refused, match="404"):
        client_of(sender.server).offset("/uploads/" + id_of(deleted["url"]))
    assert not [name for name in left_over(sender.data) if id_of(deleted["url"]) in name]


def test_it_is_told_why_a_file_is_not_taken(sender: Sender) -> None:
    metadata = {"form": SLUG, "field": "poster", "filename": "a.exe"}
    said = sender.run(code=1, metadata=metadata, storage=None)
    assert said[-1]["status"] == 413
    assert "must be no larger than 1 MB" in said[-1]["error"]
