"""The files of a multipart request, written into the storage's incoming place while they are parsed.

Werkzeug would keep each in a temporary file, from which it would have to be copied. Under serve.py
the request has been parsed while it arrived; under other servers it is here.
"""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Any

from flask import Request, current_app
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser, default_stream_factory

from ..storage.base import Storage
from .arriving_form import DROPPED_BYTES, ArrivingForm
from .incoming import IncomingFile

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage


DRAIN_PIECE = 64 * 1024
DRAIN_SECONDS = 20.0


class BrokenBody(BadRequest):
    """The body breaks off or is not what its headers say."""


class IntrayRequest(Request):
    """A request whose files go to storage, once a route has said that it wants them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most_file_bytes: int | None = None
        self._incoming: list[IncomingFile] = []

    def receive_files(self, most_file_bytes: int) -> None:
        """To be called before the body is touched: files up to this size go to storage."""
        self._most_file_bytes = most_file_bytes

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self._most_file_bytes is None:
            return default_stream_factory(
                total_content_length, content_type, filename, content_length
            )
        storage: Storage = current_app.extensions["intray.storage"]
        incoming = IncomingFile(storage, self._most_file_bytes)
        self._incoming.append(incoming)
        return incoming  # type: ignore[return-value]

    def _load_form_data(self) -> None:
        arrived = self._arrived
        try:
            if arrived is None:
                super()._load_form_data()
            elif "form" not in self.__dict__:
                self.__dict__["form"], self.__dict__["files"] = arrived.result()
        except ValueError as wrong:
            raise BrokenBody from wrong

    @property
    def _arrived(self) -> ArrivingForm | None:
        """What the server has made of the body while it came."""
        body = self.environ.get("wsgi.input")
        return body if isinstance(body, ArrivingForm) else None

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        parser.silent = False  # a body that breaks off must not pass for an empty form
        return parser

    def drain(self) -> None:
        """Reads on after a refusal, within bounds: where the server hands the body on as it comes, a
        client that is still sending would meet a closed connection and never read the answer."""
        body = self.environ["wsgi.input"]
        if not self.environ.get("wsgi.input_terminated") or hasattr(body, "seek"):
            return  # it would wait for more than there is, or has been received already
        deadline = time.monotonic() + DRAIN_SECONDS
        left = DROPPED_BYTES
        while left > 0 and time.monotonic() < deadline and (piece := body.read(DRAIN_PIECE)):
            left -= len(piece)

    def forget_files(self) -> None:
        """Discards the files that nobody has finished."""
        if self._arrived is not None:
            self._arrived.forget_files()
        for incoming in self._incoming:
            incoming.discard()


def incoming_file(file: FileStorage) -> IncomingFile:
    """The file that a part of the request was written to."""
    stream = file.stream
    assert isinstance(stream, IncomingFile)
    return stream
