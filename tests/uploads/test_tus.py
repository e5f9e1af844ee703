"""tus 1.0.0 as https://tus.io/protocols/resumable-upload has it, read by somebody who means ill."""

from __future__ import annotations

import base64
import json
import re
from email.utils import parsedate_to_datetime

import pytest

from webapp.database import now

from ..visitor import Page
from .conftest import Place
from .sending import FIELD, SLUG, content_of
from .tus_client import checksum, metadata

CONTENT = content_of(300_000)
NOBODY = "/uploads/" + "0" * 32


def problem(answer: Page, status: int) -> dict[str, str]:
    """What an error says to a program (RFC 9457)."""
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["content-type"].startswith("application/problem+json")
    told: dict[str, str] = json.loads(answer.body)
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    return told


# --- what is spoken


@pytest.mark.parametrize("path", ["/uploads", NOBODY])
def test_it_tells_what_it_can_do(place: Place, path: str) -> None:
    tus = place.tus
    tus.headers.clear()
    answer = tus.request("OPTIONS", path)
    assert answer.status in (200, 204)
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-resumable"] == "1.0.0"
    extensions = set(answer.headers["tus-extension"].split(","))
    wanted = {"creation", "creation-with-upload", "expiration", "termination", "checksum"}
    assert extensions >= wanted
    assert set(answer.headers["tus-checksum-algorithm"].split(",")) >= {"sha1", "sha256", "crc32"}
    assert int(answer.headers["tus-max-size"]) > 2**40


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1", "1.0.0, 1.0.0"])
def test_another_version_is_refused_and_nothing_done(place: Place, version: str) -> None:
    path = place.sent(CONTENT)
    tus = place.tus
    tus.headers = {"Tus-Resumable": version} if version else {}
    answers = [
        tus.create(SLUG, FIELD, "a.mp4", 5),
        tus.patch(path, 0, b"x"),
        tus.delete(path),
        tus.head(path),
    ]
    for answer in answers:
        assert answer.status == 412
        assert answer.headers["tus-version"] == "1.0.0"
        assert "upload-offset" not in answer.headers
    problem(answers[0], 412)
    assert place.tus.offset(path) == len(CONTENT)


# --- creation


def test_an_upload_is_begun(place: Place) -> None:
    answer = place.tus.create(SLUG, FIELD, "视频.mp4", len(CONTENT), filetype="video/mp4")
    assert answer.status == 201
    assert re.fullmatch(r"/uploads/[0-9a-f]{32}", answer.location)
    assert answer.headers["upload-offset"] == "0"
    assert parsedate_to_datetime(answer.headers["upload-expires"]) > now()
    assert "intray-checking" not in answer.headers


@pytest.mark.parametrize(
    "length", [None, "", "-1", "+5", "1e3", "0x10", "5.0", "5 5", "5,5", "1_000", "²", "9" * 400]
)
def test_a_length_that_makes_no_sense(place: Place, length: str | None) -> None:
    told = {"Upload-Metadata": metadata(form=SLUG, field=FIELD, filename="a.mp4")}
    if length is not None:
        told["Upload-Length"] = length
    answer = place.tus.request("POST", "/uploads", told)
    assert answer.status in (400, 413), answer.body
    problem(answer, answer.status)


def test_a_deferred_length_is_not_offered(place: Place) -> None:
    told = {
        "Upload-Defer-Length": "1",
        "Upload-Metadata": metadata(form=SLUG, field=FIELD, filename="a.mp4"),
    }
    problem(place.tus.request("POST", "/uploads", told), 400)


@pytest.mark.parametrize("size", [8 * 1024**3 + 1, 2**53, 2**53 + 1, 2**63, 2**64])
def test_too_large_a_file_is_refused_before_it_is_sent(place: Place, size: int) -> None:
    problem(place.tus.create(SLUG, FIELD, "a.mp4", size), 413)


def test_an_empty_file_is_refused_in_the_words_of_the_page(place: Place) -> None:
    told = problem(place.tus.create(SLUG, FIELD, "a.mp4", 0), 422)
    assert told["detail"] == "Your videos: the file a.mp4 is empty"


@pytest.mark.parametrize(
    "header",
    [
        "form",
        "form !!!",
        "form dmlkZW9z,field",
        "form dmlkZW9z,field ////",
        "form /w==,field dmlkZW8=,filename YQ==",
        "form dmlkZW9z,field dmlkZW8=,filename Y",
        "form dmlkZW9z field dmlkZW8=",
        ",,,,",
        " ",
        "=",
    ],
)
def test_metadata_that_make_no_sense(place: Place, header: str) -> None:
    answer = place.tus.request(
        "POST", "/uploads", {"Upload-Length": "5", "Upload-Metadata": header}
    )
    assert answer.status in (400, 404, 422), answer.body
    problem(answer, answer.status)


def test_no_metadata_at_all(place: Place) -> None:
    answer = place.tus.request("POST", "/uploads", {"Upload-Length": "5"})
    problem(answer, answer.status)
    assert answer.status in (400, 404, 422)


def test_other_metadata_are_no_harm(place: Place) -> None:
    answer = place.tus.create(
        SLUG, FIELD, "a.mp4", 5, relativePath="", name="a.mp4", type="video/mp4", is_confidential=""
    )
    assert answer.status == 201, answer.body


@pytest.mark.parametrize(("form", "field"), [("none", FIELD), (SLUG, "none"), (SLUG, "name")])
def test_what_no_form_asks_for(place: Place, form: str, field: str) -> None:
    answer = place.tus.create(form, field, "a.mp4", 5)
    problem(answer, 404 if form == "none" else 422)
    answer = place.tus.create(form, field, "a.mp4", len(CONTENT), body=CONTENT)
    problem(answer, 404 if form == "none" else 422)


@pytest.mark.parametrize(
    "filename", ["../../up.mp4", "con", "a\nb", "a\0b", "\u202egpj.exe", "x" * 5000, ".", "", "🙂"]
)
def test_any_name_is_made_harmless(place: Place, filename: str) -> None:
    path = place.begin(5, filename)
    assert re.fullmatch(r"/uploads/[0-9a-f]{32}", path)
    assert place.tus.patch(path, 0, b"hello").status == 204
    answer = place.hand_in(path)
    assert answer.status == 303, answer.text


def test_the_rules_of_the_field_count_from_the_start(place: Place) -> None:
    told = problem(place.tus.create(SLUG, "poster", "a.exe", 5), 422)
    assert "must be of the type .pdf" in told["detail"]
    told = problem(place.tus.create(SLUG, "poster", "a.pdf", 2 * 1024**2), 413)
    assert "must be no larger than 1 MB" in told["detail"]


def test_what_a_name_says_must_be_inside(place: Place) -> None:
    path = place.begin(len(CONTENT), "a.pdf", "poster")
    told = problem(place.tus.patch(path, 0, CONTENT), 422)
    assert "A poster: " in told["detail"]
    problem(place.tus.patch(path, 0, CONTENT), 404)
    assert place.files_of(path) == []


# --- creation with upload


@pytest.mark.parametrize("part", [0, 1, 100_000, len(CONTENT)])
def test_the_first_bytes_may_come_along(place: Place, part: int) -> None:
    answer = place.tus.create(SLUG, FIELD, "a.mp4", len(CONTENT), body=CONTENT[:part])
    assert answer.status == 201, answer.body
    assert answer.headers["upload-offset"] == str(part)
    place.tus.send_rest(answer.location, CONTENT)
    assert place.hand_in(answer.location).status == 303


def test_more_than_announced_is_refused(place: Place) -> None:
    problem(place.tus.create(SLUG, FIELD, "a.mp4", 10, body=b"x" * 11), 413)


def test_first_bytes_that_did_not_arrive_unchanged(place: Place) -> None:
    sent = {"Upload-Checksum": checksum("crc32", b"else")}
    problem(place.tus.create(SLUG, FIELD, "a.mp4", 10, body=b"some", headers=sent), 460)


def test_a_body_of_another_type_is_no_beginning(place: Place) -> None:
    sent = {"Content-Type": "text/plain"}
    answer = place.tus.create(SLUG, FIELD, "a.mp4", 10, body=b"hello", headers=sent)
    assert answer.status in (201, 400, 415)
    if answer.status == 201:
        assert answer.headers["upload-offset"] == "0"


# --- how much is there


def test_it_is_told_how_much_is_there(place: Place) -> None:
    about = {"form": SLUG, "field": FIELD, "filename": "视频.mp4", "filetype": "video/mp4"}
    path = place.tus.created(**{**about, "size": len(CONTENT)})  # type: ignore[arg-type]
    assert place.tus.patch(path, 0, CONTENT[:1000]).status == 204
    answer = place.tus.head(path)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["upload-offset"] == "1000"
    assert answer.headers["upload-length"] == str(len(CONTENT))
    assert answer.headers["cache-control"] == "no-store"
    assert parsedate_to_datetime(answer.headers["upload-expires"]) > now()
    pairs = (pair.split(" ") for pair in answer.headers["upload-metadata"].split(","))
    assert {key: base64.b64decode(value).decode() for key, value in pairs} == about


@pytest.mark.parametrize(
    "name", ["0" * 32, "x", "A" * 32, "..%2fintray.db", "..%5Cintray.db", "%00", ".", "0" * 5000]
)
def test_what_is_not_there(place: Place, name: str) -> None:
    path = f"/uploads/{name}"
    tus = place.tus
    answers = [tus.head(path), tus.patch(path, 0, b"x"), tus.delete(path)]
    assert [answer.status for answer in answers] == [404] * 3
    assert all("upload-offset" not in answer.headers for answer in answers)
    assert answers[0].headers["cache-control"] == "no-store"


def test_nobody_reads_an_upload(place: Place) -> None:
    path = place.sent(CONTENT)
    answer = place.tus.request("GET", path)
    assert answer.status in (404, 405)
    assert CONTENT[:100] not in answer.body
