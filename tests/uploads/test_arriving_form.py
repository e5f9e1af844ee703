"""Hand-ins parsed while they arrive: the same as Werkzeug makes of the whole body, however it is cut."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from webapp.forms.capacity import Capacity
from webapp.serving.bodies import NO_ROOM
from webapp.storage.local import LocalStorage
from webapp.uploads.arriving_form import DROPPED_BYTES, ArrivingForm
from webapp.uploads.incoming import IncomingFile

from ..visitor import multipart

MB = 1024**2
CAPACITY = Capacity(body_bytes=20 * MB, text_bytes=600_000, file_bytes=5 * MB, parts=3000)
SIMPLE = "multipart/form-data; boundary=cut"
CD = b"Content-Disposition: form-data; "


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    (tmp_path / "incoming").mkdir()
    return LocalStorage(tmp_path)


def part(head: bytes, content: bytes = b"content", boundary: bytes = b"cut") -> bytes:
    return b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def whole(*parts: bytes, boundary: bytes = b"cut") -> bytes:
    return b"".join(parts) + b"--" + boundary + b"--\r\n"


def noise(size: int, letters: bytes = bytes(range(256))) -> bytes:
    return bytes(random.Random(size).choices(letters, k=size))


TEXT = part(CD + b'name="name"', "Änn\r\nLee".encode())
FILE = part(CD + b'name="essay"; filename="a.pdf"\r\nContent-Type: application/pdf', noise(3000))
ODD = "'()+_,-./:=? x"  # all that RFC 2046, section 5.1.1 allows
BODIES: dict[str, tuple[str, bytes]] = {
    "a browser's": multipart([("name", "Ann"), ("text", "a\nb")], [("essay", "a.pdf", b"x" * 99)])[
        ::-1
    ],
    "in order": (SIMPLE, whole(TEXT, FILE, TEXT, FILE, part(CD + b'name="other"'))),
    "a large file": (SIMPLE, whole(part(CD + b'name="f"; filename="x"', noise(300_000)), TEXT)),
    "a file of line breaks": (
        SIMPLE,
        whole(part(CD + b'name="f"; filename="x"', noise(50_000, b"\r\n"))),
    ),
    "a file of near boundaries": (
        SIMPLE,
        whole(part(CD + b'name="f"; filename="x"', noise(20_000, b"\r\n--cut"))),
    ),
    "a file with a boundary inside a line": (
        SIMPLE,
        whole(part(CD + b'name="f"; filename="x"', b"a--cut\r\nb\r\n--cutter\r\nc\r\n --cut--")),
    ),
    "an empty file": (SIMPLE, whole(part(CD + b'name="f"; filename="x.pdf"', b""))),
    "no file chosen": (SIMPLE, whole(part(CD + b'name="f"; filename=""', b""), TEXT)),
    "no name": (SIMPLE, whole(part(CD + b'filename="x"'), part(b"Content-Disposition: form-data"))),
    "an encoded name": (SIMPLE, whole(part(CD + b"name=f; filename*=UTF-8''%e4%bd%9c.pdf"))),
    "two names": (SIMPLE, whole(part(CD + b"name=f; filename=\"a\"; filename*=UTF-8''%e4%bd%9c"))),
    "a broken encoded name": (SIMPLE, whole(part(CD + b"name=f; filename*=nonsense''%ff%zz"))),
    "a name in parts": (SIMPLE, whole(part(CD + b'name=f; filename*0="a"; filename*1="b.pdf"'))),
    "a Chinese name": (SIMPLE, whole(part(CD + 'name="f"; filename="作业.pdf"'.encode()))),
    "a name of bytes": (SIMPLE, whole(part(CD + b'name="f"; filename="\xff\xfe.pdf"'))),
    "an escaped name": (SIMPLE, whole(part(CD + b'name="f"; filename="a%22b%0D%0A\\"c.pdf"'))),
    "Latin-1": (
        SIMPLE,
        whole(part(CD + b"name=t\r\nContent-Type: text/plain; charset=ISO-8859-1", b"\xe4")),
    ),
    "an unknown charset": (
        SIMPLE,
        whole(part(CD + b"name=t\r\nContent-Type: text/plain; charset=utf-7", b"+AOQ-\xe4")),
    ),
    "no UTF-8": (SIMPLE, whole(part(CD + b'name="t"', b"\xff\xfe\x00 \xc3"))),
    "a folded header": (SIMPLE, whole(part(b'Content-Disposition: form-data;\r\n\tname="t"'))),
    "many headers": (SIMPLE, whole(part(CD + b'name="t"' + b"\r\nX-A: b" * 50))),
    "an odd header": (SIMPLE, whole(part(b"nonsense\r\n:\r\n" + CD + b'name="t"'))),
    "no disposition": (SIMPLE, whole(part(b"Content-Type: text/plain"))),
    "no headers": (SIMPLE, whole(b"--cut\r\n\r\ncontent\r\n")),
    "a length and an encoding": (
        SIMPLE,
        whole(part(CD + b"name=t\r\nContent-Length: 9x\r\nContent-Transfer-Encoding: base64")),
    ),
    "line feeds alone": (SIMPLE, whole(TEXT, FILE).replace(b"\r\n", b"\n")),
    "a preamble and an epilogue": (SIMPLE, b"before\r\n" + whole(TEXT, FILE) + b"after\r\n" * 99),
    "spaces behind the boundary": (SIMPLE, whole(TEXT, FILE).replace(b"cut\r\n", b"cut \t\r\n")),
    "an odd boundary": (
        f'multipart/form-data; boundary="{ODD}"',
        whole(part(CD + b'name="t"', boundary=ODD.encode()), boundary=ODD.encode()),
    ),
    "one that is like a pattern": (
        'multipart/form-data; Boundary="(a+)+.*"',
        whole(part(CD + b'name="t"', boundary=b"(a+)+.*"), boundary=b"(a+)+.*"),
    ),
    "no boundary": ("multipart/form-data", whole(TEXT)),
    "an empty boundary": ('multipart/form-data; boundary=""', whole(TEXT)),
    "a Chinese boundary": ("multipart/form-data; boundary=作", whole(TEXT)),
    "another boundary": ("multipart/form-data; boundary=other", whole(TEXT)),
    "no end": (SIMPLE, whole(TEXT, FILE)[:-8]),
    "an end without its last line break": (SIMPLE, whole(TEXT, FILE)[:-2]),
    "cut in a file": (SIMPLE, TEXT + FILE[:500]),
    "cut in a header": (SIMPLE, TEXT + FILE[:40]),
    "no parts": (SIMPLE, whole()),
    "nothing": (SIMPLE, b""),
    "nonsense": (SIMPLE, noise(5000)),
    "a text of the most": (SIMPLE, whole(part(CD + b'name="t"', b"x" * 500_000))),
    "a text of more": (SIMPLE, whole(part(CD + b'name="t"', b"x" * 700_000))),
    "a preamble of more": (SIMPLE, b"x" * 700_000 + whole(TEXT)),
    "a file of more": (SIMPLE, whole(part(CD + b'name="f"; filename="x"', b"x" * 6 * MB), TEXT)),
    "parts of the most": (SIMPLE, whole(part(CD + b'name="t"', b"") * 3000)),
    "parts of more": (SIMPLE, whole(part(CD + b'name="t"', b"") * 3001)),
    "many small files": (SIMPLE, whole(part(CD + b'name="f"; filename="x"', b"1") * 300)),
    "many empty files": (SIMPLE, whole(part(CD + b'name="f"; filename=""', b"") * 3000)),
    "a body of more": (SIMPLE, whole(part(CD + b'name="f"; filename="x"', b"x" * 4 * MB) * 6)),
}
Outcome = tuple[Any, ...] | str


def as_it_was(storage: LocalStorage, content_type: str, body: bytes) -> Outcome:
    """What Werkzeug's own parser makes of the whole body."""

    made: list[IncomingFile] = []

    def make(*_: Any, **__: Any) -> Any:
        made.append(IncomingFile(storage, CAPACITY.file_bytes))
        return made[-1]

    environ = {
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
    }
    parser = FormDataParser(
        make,
        max_form_memory_size=CAPACITY.text_bytes,
        max_content_length=CAPACITY.body_bytes,
        max_form_parts=CAPACITY.parts,
        silent=False,
    )
    try:
        _, fields, files = parser.parse_from_environ(environ)
        return described(fields, files)
    except (ValueError, HTTPException) as wrong:
        return kind(wrong)
    finally:
        for file in made:
            file.discard()


def kind(wrong: Exception) -> str:
    return "too large" if isinstance(wrong, RequestEntityTooLarge) else "broken"


def described(fields: Any, files: Any) -> Outcome:
    return list(fields.items(multi=True)), [
        (key, file.filename, file.name, file.headers.to_wsgi_list(), *content_of(file))
        for key, file in files.items(multi=True)
    ]


def content_of(file: FileStorage) -> tuple[int, bytes, bytes | None]:
    incoming = file.stream
    assert isinstance(incoming, IncomingFile)
    if incoming.staging is None:
        return incoming.size, incoming.head, None
    with incoming.staging.open() as opened:
        return incoming.size, incoming.head, opened.read()


def arriving(
    storage: LocalStorage, content_type: str, body: bytes | None = None, **headers: str
) -> ArrivingForm:
    length = {} if body is None else {"CONTENT_LENGTH": str(len(body))}
    return ArrivingForm(storage, CAPACITY, {"CONTENT_TYPE": content_type} | length | headers)


def as_it_arrives(form: ArrivingForm, pieces: Iterator[bytes]) -> Outcome:
    for piece in pieces:
        form.append(piece)
    form.end()
    try:
        return described(*form.result())
    except (ValueError, HTTPException) as wrong:
        return kind(wrong)


def cut(body: bytes, seed: int) -> Iterator[bytes]:
    """The body in pieces of random sizes, now of a few bytes and now of many."""
    chance = random.Random(seed)
    start = 0
    while start < len(body):
        most = chance.choice([3, 30, 1000, 100_000, 2 * MB])
        end = start + max(chance.randint(1, most), len(body) // 5000)
        yield body[start:end]
        start = end


@pytest.mark.parametrize("name", BODIES)
def test_it_is_what_it_would_be_as_a_whole(storage: LocalStorage, name: str) -> None:
    content_type, body = BODIES[name]
    expected = as_it_was(storage, content_type, body)
    assert as_it_arrives(arriving(storage, content_type, body), iter([body])) == expected
    for seed in range(20 if len(body) < MB else 3):
        for form in (arriving(storage, content_type, body), arriving(storage, content_type)):
            assert as_it_arrives(form, cut(body, seed)) == expected, seed
            form.forget_files()


@pytest.mark.parametrize(
    "body",
    [
        whole(part(CD + b'name="f"; filename="x"', b"abc"), TEXT),
        whole(part(CD + b'name="f"; filename="x"', b"a\r\n-"), TEXT).replace(b"\r\n", b"\n"),
        whole(part(CD + b'name="f"; filename="x"', b"\r\n--cut-"), TEXT),
        whole(part(CD + b'name="f"; filename="x"', b"\r"), TEXT).replace(b"cut\r", b"cut \t\r"),
        b"--cut\r\n" * 3 + TEXT + b"--cut\r\n--cut--\r\n",
    ],
    ids=["usual", "line feeds alone", "like an end", "spaces behind the boundary", "three"],
)
def test_it_may_be_cut_anywhere(storage: LocalStorage, body: bytes) -> None:
    """Werkzeug's parser alone adds a byte to what stands before some cuts."""
    expected = as_it_was(storage, SIMPLE, body)
    for first in range(len(body)):
        for length in (0, 1, 3):
            second = first + length
            pieces = filter(None, (body[:first], body[first:second], body[second:]))
            form = arriving(storage, SIMPLE, body)
            assert as_it_arrives(form, iter(pieces)) == expected, (first, second)
            form.forget_files()


def test_the_bodies_are_of_all_kinds(storage: LocalStorage) -> None:
    """All else here would pass if each were refused."""
    outcomes = {name: as_it_was(storage, *BODIES[name]) for name in BODIES}
    assert list(outcomes.values()).count("too large") == 4
    assert 8 < list(outcomes.values()).count("broken") < 16


def test_all_texts_together_have_the_limit(storage: LocalStorage) -> None:
    """A thousand senders who never finish must not fill the memory."""
    body = whole(part(CD + b'name="t"', b"x" * 500_000) * 2)
    assert as_it_arrives(arriving(storage, SIMPLE, body), iter([body])) == "too large"


def test_endless_headers_are_refused(storage: LocalStorage) -> None:
    body = whole(part(CD + b'name="t"' + b"\r\nX-A: b" * 30_000))
    assert as_it_arrives(arriving(storage, SIMPLE, body), iter([body])) == "broken"


# --- what stays on disk


def incoming(storage: LocalStorage) -> list[str]:
    return [path.name for path in storage.incoming.iterdir()]


def test_files_are_there_before_the_rest_arrives(storage: LocalStorage) -> None:
    form = arriving(storage, SIMPLE)
    form.append(FILE + FILE[:2000])
    assert len(incoming(storage)) == 2
    form.abandon()


@pytest.mark.parametrize("then", ["abandon", "forget_files", "close"])
def test_nothing_is_left_of_what_is_not_handed_in(storage: LocalStorage, then: str) -> None:
    form = arriving(storage, SIMPLE)
    form.append(FILE + FILE[:2000])
    getattr(form, then)()
    assert incoming(storage) == []


def test_what_is_kept_stays(storage: LocalStorage) -> None:
    form = arriving(storage, SIMPLE)
    form.append(whole(FILE, FILE))
    form.end()
    (_, first), _ = form.result()[1].items(multi=True)
    assert isinstance(first.stream, IncomingFile)
    first.stream.keep().finish()
    form.forget_files()
    form.close()
    assert len(incoming(storage)) == 1


@pytest.mark.parametrize("more", [b"nonsense" * 10, b"x" * MB])
def test_nothing_is_left_of_what_turns_out_wrong(storage: LocalStorage, more: bytes) -> None:
    form = arriving(storage, SIMPLE)
    form.append(FILE + part(b"nonsense") + more)
    assert incoming(storage) == []
    with pytest.raises(ValueError, match="Content-Disposition"):
        form.result()


def test_what_is_announced_too_large_is_never_written(storage: LocalStorage) -> None:
    form = arriving(storage, SIMPLE, CONTENT_LENGTH=str(CAPACITY.body_bytes + 1))
    form.append(FILE + FILE[:2000])
    assert incoming(storage) == []
    assert form.refusal is None, "the rest is read, so that the answer is"
    with pytest.raises(RequestEntityTooLarge):
        form.result()


def test_a_sender_who_waits_is_answered_at_once(storage: LocalStorage) -> None:
    length = str(CAPACITY.body_bytes + 1)
    form = arriving(storage, SIMPLE, CONTENT_LENGTH=length, EXPECT="100-continue")
    assert form.refusal is not None


def test_what_comes_for_no_form_is_never_written(storage: LocalStorage) -> None:
    form = ArrivingForm(storage, None, {"CONTENT_TYPE": SIMPLE})
    form.append(FILE)
    assert incoming(storage) == []


def test_a_refused_sender_is_heard_only_so_long(storage: LocalStorage) -> None:
    form = ArrivingForm(storage, None, {"CONTENT_TYPE": SIMPLE})
    piece = b"x" * 16 * MB
    for _ in range(DROPPED_BYTES // len(piece)):
        form.append(piece)
    assert form.refusal is None
    form.append(b"x")
    assert form.refusal is not None


def test_a_failing_disk_is_told_to_the_application(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(upload_id: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "stage", fail)
    form = arriving(storage, SIMPLE)
    form.append(FILE)
    form.append(whole(FILE))
    form.end()
    with pytest.raises(OSError, match="No space left"):
        form.result()


def test_what_the_disk_has_no_room_for_is_dropped(storage: LocalStorage) -> None:
    form = arriving(storage, SIMPLE)
    form.append(FILE)
    assert form.instead_of(NO_ROOM) is None, "the rest is read, so that the answer is"
    assert incoming(storage) == []
    form.append(whole(FILE))
    form.end()
    with pytest.raises(OSError, match="disk space") as told:
        form.result()
    assert told.value.errno == errno.ENOSPC


def test_a_sender_who_waits_is_told_of_a_full_disk_at_once(storage: LocalStorage) -> None:
    form = arriving(storage, SIMPLE, EXPECT="100-continue")
    assert form.instead_of(NO_ROOM) == NO_ROOM
