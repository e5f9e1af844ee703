"""tuspy, which others wrote, against serve.py: it uploads, goes on after a stop, is told what is wrong."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.storage.interface import Storage
from tusclient.uploader import Uploader

from ..running import Server, poll
from .sending import FIELD, SLUG, assert_handed_in, client_of, content_of, left_over, serving
from .tus_client import Refused, id_of

CONTENT = content_of(6 * 1024**2 + 1)
CHUNK = 1024**2


class Urls(Storage):
    """Which upload was begun for which file, as tuspy wants to be able to remember it."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_item(self, key: str) -> str | None:
        return self.kept.get(key)

    def set_item(self, key: str, value: str) -> None:
        if value:
            self.kept[key] = value

    def remove_item(self, key: str) -> None:
        self.kept.pop(key, None)


@pytest.fixture
def server(shared_server: tuple[Server, Path]) -> Server:
    return shared_server[0]


@pytest.fixture
def data(shared_server: tuple[Server, Path]) -> Path:
    return shared_server[1]


class Source(io.BytesIO):
    """A file to be sent. tuspy closes it between, and wants it again."""

    def close(self) -> None:
        self.seek(0)


def uploader(server: Server, content: bytes, **options: object) -> Uploader:
    about = {"form": SLUG, "field": FIELD, "filename": "视频.mp4", "filetype": "video/mp4"}
    with_defaults = {"metadata": about, "chunk_size": CHUNK, **options}
    client = TusClient(server.url + "/uploads")
    return client.uploader(file_stream=Source(content), **with_defaults)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
class TestTuspy:
    @pytest.mark.parametrize("checksum", [False, True])
    @pytest.mark.parametrize("chunk", [CHUNK, 2**40])
    def test_it_uploads(self, server: Server, data: Path, checksum: bool, chunk: int) -> None:
        sender = uploader(server, CONTENT, upload_checksum=checksum, chunk_size=chunk)
        sender.upload()
        assert sender.offset == len(CONTENT)
        assert_handed_in(server.url, data, {"视频.mp4": CONTENT}, [sender.url])

    def test_an_empty_file(self, server: Server) -> None:
        sender = uploader(server, b"")
        with pytest.raises(TusCommunicationError) as told:
            sender.upload()  # an empty file is none, as on the page
        assert told.value.status_code == 422

    def test_another_goes_on_where_one_stopped(self, server: Server, data: Path) -> None:
        urls = Urls()
        first = uploader(server, CONTENT, store_url=True, url_storage=urls)
        first.upload(stop_at=3 * CHUNK)
        second = uploader(server, CONTENT, store_url=True, url_storage=urls)
        assert (second.url, second.offset) == (first.url, 3 * CHUNK)
        second.upload()
        assert_handed_in(server.url, data, {"视频.mp4": CONTENT}, [second.url])

    def test_it_survives_the_server(self, tmp_path: Path) -> None:
        content = content_of(60 * 1024**2, 3)
        data = tmp_path / "data"
        with serving(data) as server:
            sender = uploader(server, content, retries=200, retry_delay=0.1)
            thread = threading.Thread(target=sender.upload, daemon=True)
            thread.start()
            poll(lambda: sender.offset >= 5 * CHUNK, "the first chunks")
            server.kill()
            assert sender.offset < len(content), "the kill came too late to show anything"
            with Server(data=data, port=server.port) as again:
                thread.join(60)
                assert sender.offset == len(content)
                assert_handed_in(again.url, data, {"视频.mp4": content}, [sender.url])

    def test_the_answer_to_the_last_piece_may_be_lost(self, server: Server, data: Path) -> None:
        """tuspy asks, and then sends nothing at all behind the end."""
        sender = uploader(server, CONTENT)
        sender.upload(stop_at=5 * CHUNK)
        last = client_of(server).patch(
            "/uploads/" + id_of(sender.url), 5 * CHUNK, CONTENT[5 * CHUNK :]
        )
        assert last.status == 204
        sender.stop_at, sender.retries, sender.retry_delay = len(CONTENT), 1, 0
        sender.upload_chunk()
        assert sender.offset == len(CONTENT)
        assert_handed_in(server.url, data, {"视频.mp4": CONTENT}, [sender.url])

    def test_it_is_told_why_a_file_is_not_taken(self, server: Server) -> None:
        about = {"form": SLUG, "field": "poster", "filename": "a.exe"}
        sender = uploader(server, b"MZ", metadata=about)
        with pytest.raises(TusCommunicationError) as told:
            sender.upload()
        assert told.value.status_code == 422

    def test_what_was_begun_can_be_removed(self, server: Server, data: Path) -> None:
        """tuspy cannot; its way of talking can."""
        sender = uploader(server, CONTENT)
        sender.upload(stop_at=CHUNK)
        with requests.delete(sender.url, headers=sender.get_headers(), timeout=60) as answer:
            assert answer.status_code == 204
        with pytest.raises(Refused, match="404"):
            client_of(server).offset("/uploads/" + id_of(sender.url))
        assert not [name for name in left_over(data) if id_of(sender.url) in name]
