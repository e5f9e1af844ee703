"""A hand-in that is parsed while it arrives: its files go straight to storage, its texts to memory.

The result is what Werkzeug's own parser makes of a body that comes in one piece, and so are the
errors; the application meets them where it asks for the form.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import suppress

from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.sansio import multipart

from ..forms.capacity import Capacity
from ..serving.bodies import NO_ROOM, TOO_LARGE, Refusal
from ..storage.base import Storage
from .boundaries import Boundaries
from .incoming import IncomingFile

MULTIPART = "multipart/form-data"
DROPPED_BYTES = (
    256 * 1024**2
)  # read on after a refusal, so that the sender comes to read the answer
# Pieces for the parser, which copies what it holds: less than 500 kB, which it may hold of any form.
_PIECE_BYTES = 64 * 1024
_HEAD_BYTES = 64 * 1024  # of one part; the parser takes its time for them

Fields = ImmutableMultiDict[str, str]
Files = ImmutableMultiDict[str, FileStorage]


class ArrivingForm:
    """The body of a POST to a form's page. Where it is refused, what still comes is dropped, within
    bounds, and the application answers as it would to any other."""

    refusal: Refusal | None = None

    def __init__(
        self, storage: Storage, capacity: Capacity | None, headers: Mapping[str, str]
    ) -> None:
        """`headers` are named as CGI names them, without `HTTP_`. Without a capacity nothing is kept."""
        self._storage = storage
        self._capacity = capacity
        self._problem: Exception | None = None
        self._size = self._dropped = 0
        self._fields: list[tuple[str, str]] = []
        self._files: list[tuple[str, FileStorage]] = []
        self._incoming: list[IncomingFile] = []
        self._part: multipart.Field | multipart.File | None = None
        self._text: list[bytes] = []
        self._text_size = 0
        self._decoder: multipart.MultipartDecoder | None = None
        self._boundaries = Boundaries(b"")
        self._is_asked_for = "100-continue" not in headers.get("EXPECT", "").lower()
        try:
            self._begin(headers)
        except (RequestEntityTooLarge, ValueError) as wrong:
            self._fail(wrong)

    def _begin(self, headers: Mapping[str, str]) -> None:
        if self._capacity is None:
            raise ValueError("There was no such form when it came")
        length = headers.get("CONTENT_LENGTH", "")
        if length.isdigit() and int(length) > self._capacity.body_bytes:
            raise RequestEntityTooLarge
        _, options = parse_options_header(headers.get("CONTENT_TYPE"))
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("Missing boundary")
        self._boundaries = Boundaries(boundary)
        self._decoder = multipart.MultipartDecoder(
            boundary, self._capacity.text_bytes, max_parts=self._capacity.parts
        )

    @property
    def has_failed(self) -> bool:
        """Whether what still comes is of no use."""
        return self._problem is not None

    def append(self, data: bytes) -> None:
        """The next bytes, as they arrive."""
        self._is_asked_for = True
        if self._problem is None:
            self._attempt(data)
        else:
            self._dropped += len(data)
            if self._dropped > DROPPED_BYTES:
                self._refuse()

    def _attempt(self, data: bytes | None) -> None:
        """Keeps what goes wrong for the application: whoever feeds this has others to serve."""
        try:
            self._take(data)
        except Exception as wrong:
            self._fail(wrong)

    def _fail(self, problem: Exception) -> None:
        self._problem = problem
        self._let_go()
        if not self._is_asked_for and not isinstance(problem, ValueError):
            self._refuse()  # nothing has been sent yet, and need not be

    def _refuse(self) -> None:
        self.refusal = NO_ROOM if isinstance(self._problem, OSError) else TOO_LARGE

    def _take(self, data: bytes | None) -> None:
        assert self._capacity is not None
        if data is None:
            self._parse(self._boundaries.rest())
            self._parse(None)
            return
        self._size += len(data)
        if self._size > self._capacity.body_bytes:
            raise RequestEntityTooLarge
        step = len(data) if self._is_within_a_file(data) else _PIECE_BYTES
        for start in range(0, len(data), step):
            self._hand_on(self._boundaries.next(data[start : start + step]))

    def _hand_on(self, decided: bytes) -> None:
        assert self._decoder is not None
        if not self._is_within_a_file(decided):
            self._parse(decided)
            return
        # Nothing that the parser would have to look at, and copy several times: most of a large file.
        self._incoming[-1].write(b"".join((self._decoder.buffer, decided)))
        self._decoder.buffer.clear()

    def _is_within_a_file(self, data: bytes) -> bool:
        assert self._decoder is not None
        is_in_file = isinstance(self._part, multipart.File)
        is_in_data = self._decoder.state is multipart.State.DATA
        return is_in_file and is_in_data and self._boundaries.mark not in data

    def _parse(self, piece: bytes | None) -> None:
        assert self._decoder is not None
        self._decoder.receive_data(piece)
        event = self._decoder.next_event()
        while not isinstance(event, multipart.Epilogue | multipart.NeedData):
            self._handle(event)
            event = self._decoder.next_event()
        is_in_head = self._decoder.state is multipart.State.PART
        if is_in_head and len(self._decoder.buffer) > _HEAD_BYTES:
            raise ValueError("The headers of a part are too long")

    def _handle(self, event: multipart.Event) -> None:
        if isinstance(event, multipart.Field):
            self._part, self._text = event, []
        elif isinstance(event, multipart.File):
            assert self._capacity is not None
            self._part = event
            self._incoming.append(IncomingFile(self._storage, self._capacity.file_bytes))
        elif isinstance(event, multipart.Data):
            if isinstance(self._part, multipart.File):
                self._take_file(self._part, event)
            elif self._part is not None:
                self._take_text(self._part, event)

    def _take_file(self, part: multipart.File, event: multipart.Data) -> None:
        incoming = self._incoming[-1]
        incoming.write(event.data)
        if not event.more_data:
            incoming.seek(0)
            file = FileStorage(
                incoming,  # type: ignore[arg-type]
                part.filename,
                part.name,
                headers=part.headers,
            )
            self._files.append((part.name, file))

    def _take_text(self, part: multipart.Field, event: multipart.Data) -> None:
        assert self._capacity is not None
        # of all together, where Werkzeug counts each: here many requests may wait for their rest
        self._text_size += len(event.data)
        if self._text_size > self._capacity.text_bytes:
            raise RequestEntityTooLarge
        self._text.append(event.data)
        if not event.more_data:
            charset = MultiPartParser().get_part_charset(part.headers)
            self._fields.append((part.name, b"".join(self._text).decode(charset, "replace")))

    def end(self) -> None:
        """All has arrived."""
        if self._problem is None:
            self._attempt(None)

    def abandon(self) -> None:
        """The request has broken off, or is not to be answered."""
        self._problem = self._problem or ValueError("It broke off")
        self._let_go()

    def result(self) -> tuple[Fields, Files]:
        """The texts and the files, each in the order in which they came. Raises RequestEntityTooLarge,
        ValueError where it is no form or broke off, OSError where the disk failed."""
        if self._problem is not None:
            raise self._problem
        return ImmutableMultiDict(self._fields), ImmutableMultiDict(self._files)

    def _let_go(self) -> None:
        self.forget_files()
        self._decoder = None
        self._text, self._fields, self._files = [], [], []

    def forget_files(self) -> None:
        """Discards the files that nobody has finished."""
        for incoming in self._incoming:
            with suppress(OSError):  # it is a stray then, which the sweep removes
                incoming.discard()

    def instead_of(self, refusal: Refusal) -> Refusal | None:
        """There is no room for what is still to come, which is dropped."""
        if self._problem is None:
            self._fail(OSError(errno.ENOSPC, refusal.sentence))
        return self.refusal

    def read(self, size: int = -1) -> bytes:
        """Nothing more to read: it has been parsed."""
        return b""

    def close(self) -> None:
        """The request is over, whether or not the application has seen it."""
        self.forget_files()
