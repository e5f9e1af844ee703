"""The forms of requests, whose files are written into the storage's incoming place while they are parsed.

Werkzeug would keep each in a temporary file, from which it would have to be copied. Under serve.py
the request has been parsed while it arrived; under other servers it is here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import Request, current_app
from werkzeug.exceptions import BadRequest

from ..forms.capacity import Capacity
from ..storage.base import Storage
from .arriving_form import DROPPED_BYTES, MULTIPART, ArrivingForm
from .incoming import IncomingFile

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage


PIECE = 64 * 1024
DRAIN_SECONDS = 20.0


class BrokenBody(BadRequest):
    """The body breaks off or is not what its headers say."""


class IntrayRequest(Request):
    """A request whose files go to storage, once a route has said that it wants them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._capacity: Capacity | None = None
        self._received: ArrivingForm | None = None

    def receive_files(self, capacity: Capacity) -> None:
        """To be called before the body is touched: what it may hold; its files go to storage."""
        self._capacity = capacity

    @property
    def cgi_headers(self) -> dict[str, str]:
        """The headers, named as CGI names them, without `HTTP_`."""
        return {name.upper().replace("-", "_"): value for name, value in self.headers}

    def _load_form_data(self) -> None:
        if self._capacity is None or self.mimetype != MULTIPART:
            super()._load_form_data()
        elif "form" not in self.__dict__:
            self._received = self._arrived or self._receive(self._capacity)
            try:
                self.__dict__["form"], self.__dict__["files"] = self._received.result()
            except ValueError as wrong:
                raise BrokenBody from wrong

    @property
    def _arrived(self) -> ArrivingForm | None:
        """What the server has made of the body while it came."""
        body = self.environ.get("wsgi.input")
        return body if isinstance(body, ArrivingForm) else None

    def _receive(self, capacity: Capacity) -> ArrivingForm:
        """Makes the same of it where the server hands on the body itself."""
        storage: Storage = current_app.extensions["intray.storage"]
        form = ArrivingForm(storage, capacity, self.cgi_headers)
        try:
            while not form.has_failed and (piece := self.stream.read(PIECE)):
                form.append(piece)
        except BaseException:
            form.abandon()
            raise
        form.end()
        return form

    def drain(self) -> None:
        """Reads on after a refusal, within bounds: where the server hands the body on as it comes, a
        client that is still sending would meet a closed connection and never read the answer."""
        body = self.environ["wsgi.input"]
        if not self.environ.get("wsgi.input_terminated") or hasattr(body, "seek"):
            return  # it would wait for more than there is, or has been received already
        deadline = time.monotonic() + DRAIN_SECONDS
        left = DROPPED_BYTES
        while left > 0 and time.monotonic() < deadline and (piece := body.read(PIECE)):
            left -= len(piece)

    def forget_files(self) -> None:
        """Discards the files that nobody has finished."""
        for form in (self._arrived, self._received):
            if form is not None:
                form.forget_files()


def incoming_file(file: FileStorage) -> IncomingFile:
    """The file that a part of the request was written to."""
    stream = file.stream
    assert isinstance(stream, IncomingFile)
    return stream
