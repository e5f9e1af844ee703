"""tus 1.0.0: the pieces of an upload, and its end. The sender means ill."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime

import pytest

from webapp.database import now

from .conftest import Place
from .sending import SLUG, content_of
from .test_tus import NOBODY, problem
from .tus_client import ALGORITHMS, STREAM, checksum, id_of

CONTENT = content_of(300_000)


def test_bytes_are_added(place: Place) -> None:
    path = place.begin(len(CONTENT))
    for begin in range(0, len(CONTENT), 70_000):
        answer = place.tus.patch(path, begin, CONTENT[begin : begin + 70_000])
        assert answer.status == 204, answer.body
        assert int(answer.headers["upload-offset"]) == min(begin + 70_000, len(CONTENT))
        assert parsedate_to_datetime(answer.headers["upload-expires"]) > now()
    assert place.hand_in(path).status == 303


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "", STREAM + "x"])
def test_another_type_of_body(place: Place, kind: str) -> None:
    path = place.begin(5)
    problem(place.tus.patch(path, 0, b"hello", headers={"Content-Type": kind}), 415)
    assert place.tus.offset(path) == 0


@pytest.mark.parametrize("offset", ["-1", "", "1.0", "x", "0,0", "9" * 400])
def test_an_offset_that_makes_no_sense(place: Place, offset: str) -> None:
    path = place.begin(5)
    answer = place.tus.patch(path, 0, b"hello", headers={"Upload-Offset": offset})
    assert answer.status in ((400, 409) if offset == "9" * 400 else (400,)), answer.body
    assert place.tus.offset(path) == 0


def test_no_offset_at_all(place: Place) -> None:
    path = place.begin(5)
    problem(place.tus.request("PATCH", path, {"Content-Type": STREAM}, b"hello"), 400)


@pytest.mark.parametrize("offset", [0, 99, 101, 300_000, 2**40])
def test_what_does_not_follow_is_refused(place: Place, offset: int) -> None:
    path = place.begin(len(CONTENT))
    place.tus.patch(path, 0, CONTENT[:100])
    problem(place.tus.patch(path, offset, b"x"), 409)
    assert place.tus.offset(path) == 100
    place.tus.send_rest(path, CONTENT)
    assert place.hand_in(path).status == 303


def test_a_piece_past_the_end_is_refused_whole(place: Place) -> None:
    path = place.begin(100)
    place.tus.patch(path, 0, b"x" * 90)
    problem(place.tus.patch(path, 90, b"x" * 11), 413)
    assert place.tus.offset(path) == 90


def test_nothing_at_all_is_a_piece(place: Place) -> None:
    path = place.begin(100)
    for content in (b"", b"x" * 100, b""):
        offset = place.tus.offset(path)
        answer = place.tus.patch(path, offset, content)
        assert answer.status == 204, answer.body
        assert answer.headers["upload-offset"] == str(offset + len(content))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_piece_that_did_not_arrive_unchanged_does_not_count(place: Place, algorithm: str) -> None:
    path = place.begin(len(CONTENT))
    assert place.tus.patch(path, 0, CONTENT[:100_000], algorithm).status == 204
    altered = {"Upload-Checksum": checksum(algorithm, CONTENT[100_000:])}
    answer = place.tus.patch(path, 100_000, CONTENT[100_000:-1] + b"\0", headers=altered)
    problem(answer, 460)
    assert place.tus.offset(path) == 100_000
    assert place.tus.patch(path, 100_000, CONTENT[100_000:], algorithm).status == 204
    assert place.hand_in(path).status == 303


@pytest.mark.parametrize(
    "header",
    [
        "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
        "crc32",
        "crc32 ",
        "crc32 !!",
        "",
        "sha1 YQ==",
        "crc32 AAAA, x y",
    ],
)
def test_a_checksum_that_makes_no_sense(place: Place, header: str) -> None:
    path = place.begin(5)
    answer = place.tus.patch(path, 0, b"hello", headers={"Upload-Checksum": header})
    assert answer.status in (400, 460), answer.body
    problem(answer, answer.status)
    assert place.tus.offset(path) == 0


# --- its end


def test_what_was_removed_is_gone(place: Place) -> None:
    for content in (CONTENT[:1000], CONTENT):
        path = place.begin(len(CONTENT))
        place.tus.patch(path, 0, content)
        answer = place.tus.delete(path)
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["tus-resumable"] == "1.0.0"
        assert place.files_of(path) == []
        assert place.tus.head(path).status == 404
        problem(place.tus.patch(path, len(content), b"x"), 404)
        problem(place.tus.delete(path), 404)
        assert place.hand_in(path).status == 422


@pytest.mark.parametrize("spelling", ["X-HTTP-Method-Override", "x-http-method-override"])
def test_clients_that_can_post_alone(place: Place, spelling: str) -> None:
    path = place.begin(len(CONTENT))
    told = {spelling: "PATCH", "Upload-Offset": "0", "Content-Type": STREAM}
    answer = place.tus.request("POST", path, told, CONTENT)
    assert (answer.status, answer.headers["upload-offset"]) == (204, str(len(CONTENT)))
    answer = place.tus.request("POST", path, {spelling: "HEAD"})
    assert answer.headers["upload-offset"] == str(len(CONTENT))
    assert place.tus.request("POST", path, {spelling: "DELETE"}).status == 204
    assert place.tus.head(path).status == 404
    for method in ("", "GET", "PUT", "TRACE"):
        assert place.tus.request("POST", path, {spelling: method}).status in (400, 404, 405)


def test_errors_are_in_the_readers_language(place: Place) -> None:
    tus = place.tus
    tus.headers["Accept-Language"] = "zh-CN,zh;q=0.9"
    path = place.begin(5)
    for answer in (
        tus.create(SLUG, "poster", "a.exe", 5),
        tus.patch(path, 3, b"x"),
        tus.patch(path, 0, b"hello", headers={"Upload-Checksum": "crc32 AAAAAA=="}),
        tus.patch(NOBODY, 0, b"x"),
    ):
        told = json.loads(answer.body)
        assert re.search(r"[\u4e00-\u9fff]", told["title"])
        assert re.search(r"[\u4e00-\u9fff]", told["detail"])


def test_ids_cannot_be_guessed(place: Place) -> None:
    ids = {id_of(place.begin(5)) for _ in range(20)}
    assert len(ids) == 20
    assert len({one[:8] for one in ids}) == 20
