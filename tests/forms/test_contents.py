"""Files that are not what their names say."""

from __future__ import annotations

import gzip
import io
import tarfile
import wave
import zipfile

import pytest

from webapp.forms.kinds import HEAD_BYTES, AnswerError, Files, ReceivedFile, read_field
from webapp.forms.kinds.contents import ENDINGS, contradicts


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return content.getvalue()


def sound() -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0" * 100)
    return content.getvalue()


def tar() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as file:
        file.addfile(tarfile.TarInfo("x"))
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe1\0\x10Exif\0\0"
HEIC = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 "
MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2"
MOV = b"\0\0\0\x14ftypqt  \0\0\0\0qt  "
OLD_MOV = b"\0\0\0\x08wide\x0c\x34\x56\x78mdat"
MKV = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01"
MP3 = b"\xff\xfb\x90\x64\0\0"
TAGGED_MP3 = b"ID3\x03\0\0\0\0\0\x0f"
DOCX = zipped("[Content_Types].xml", "word/document.xml")
ODT = zipped("mimetype", "content.xml")
RTF = b"{\\rtf1\\ansi Hello}"
HTML = b"<html><table><tr><td>1</td></tr></table></html>"
SVG = b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'
CSV = "Name;Größe\r\nÄnn;3\r\n".encode()
UTF_16 = "Name\tGröße\r\n".encode("utf-16")
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\0\x04"
RAR = b"Rar!\x1a\x07\x01\0"
GZIP = gzip.compress(b"x", mtime=0)
BMP = b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0"
TIFF = b"II*\0\x08\0\0\0"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"
ELF = b"\x7fELF\x02\x01\x01\0"
WORDS = b"Just words, and free of any format."

RIGHT = [
    (".pdf", PDF),
    (".pdf", b"\xef\xbb\xbf" + PDF),
    (".pdf", b"\0" * 128 + PDF),  # with a header of an old Macintosh
    (".pdf", b"\n" * (HEAD_BYTES - 5) + PDF),
    (".png", PNG), (".jpg", JPEG), (".jpeg", JPEG), (".gif", b"GIF89a\x01\0"), (".webp", WEBP),
    (".heic", HEIC), (".tif", TIFF), (".tiff", b"MM\0*\0\0\0\x08"), (".bmp", BMP), (".svg", SVG),
    (".jpg", PNG), (".jpg", HEIC), (".jpg", WEBP), (".heic", JPEG), (".png", JPEG),  # phones
    (".docx", DOCX), (".xlsx", DOCX), (".pptx", DOCX), (".odt", ODT), (".ods", ODT), (".odp", ODT),
    (".docx", OLE),  # with a password
    (".doc", OLE), (".xls", OLE), (".ppt", OLE), (".rtf", RTF),
    (".doc", RTF), (".doc", DOCX), (".doc", HTML), (".xls", HTML), (".xls", CSV), (".xls", DOCX),
    (".xls", b"\x09\x08\x10\0\0\x06"), (".rtf", OLE),
    (".zip", zipped("a")), (".zip", zipped()), (".zip", RAR), (".7z", SEVEN_ZIP), (".rar", RAR),
    (".gz", GZIP), (".tgz", GZIP), (".tgz", tar()),
    (".mp4", MP4), (".mp4", MOV), (".mov", MOV), (".mov", OLD_MOV), (".m4a", MP4), (".mp4", MKV),
    (".mkv", MKV), (".webm", MKV), (".wav", sound()), (".avi", b"RIFF\x24\0\0\0AVI LIST"),
    (".mp3", MP3), (".mp3", TAGGED_MP3), (".mp3", b"\0" * 400 + MP3), (".mp3", MP4),
    (".mp4", (b"G" + b"\0" * 187) * 3),
    (".txt", WORDS), (".txt", UTF_16), (".csv", CSV), (".csv", UTF_16), (".txt", b"BMW"),
    (".txt", b"Carefree"), (".txt", b"MZ 3, Room 4"), (".txt", b"ID3 tags"), (".txt", b"PK and more"),
    (".py", EXE), ("", EXE),  # of which nothing is known
]  # fmt: skip
WRONG = [
    (".pdf", b"x"), (".pdf", WORDS), (".pdf", DOCX), (".pdf", JPEG), (".pdf", EXE), (".pdf", HTML),
    (".pdf", b"\n" * HEAD_BYTES),
    (".jpg", b"x"), (".jpg", PDF), (".jpg", MP4), (".jpg", HTML), (".png", EXE), (".heic", MP4),
    (".bmp", b"BMW"), (".svg", PNG), (".svg", GZIP),
    (".docx", PDF), (".docx", RTF), (".docx", JPEG), (".docx", WORDS), (".xlsx", CSV), (".odt", EXE),
    (".doc", PDF), (".doc", JPEG), (".doc", EXE), (".xls", MP4), (".rtf", PNG), (".ppt", RAR),
    (".zip", WORDS), (".zip", EXE), (".7z", PDF), (".gz", JPEG),
    (".mp4", WORDS), (".mp4", PDF), (".mov", DOCX), (".mkv", EXE), (".wav", b"x"),
    (".mp3", PDF), (".mp3", DOCX), (".mp3", EXE), (".mp3", ELF),
    (".txt", DOCX), (".txt", PDF), (".csv", DOCX), (".csv", OLE), (".txt", EXE), (".txt", JPEG),
]  # fmt: skip


@pytest.mark.parametrize(("ending", "head"), RIGHT)
def test_what_may_be_meant_is_taken(ending: str, head: bytes) -> None:
    assert not contradicts(ending, head[:HEAD_BYTES])


@pytest.mark.parametrize(("ending", "head"), WRONG)
def test_what_is_plainly_something_else_is_not(ending: str, head: bytes) -> None:
    assert contradicts(ending, head[:HEAD_BYTES])


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_each_ending_has_files_that_are_right_and_that_are_wrong(ending: str) -> None:
    assert any(not contradicts(ending, head) for _, head in RIGHT)
    assert contradicts(ending, EXE)
    assert not contradicts(ending, b""), "of which nothing is known"


def files(**rules: object) -> Files:
    field = read_field({"key": "f", "kind": "files", "label": "Essay", **rules}, ()).with_ids(None)
    assert isinstance(field, Files)
    return field


def test_the_person_is_told_what_to_do() -> None:
    with pytest.raises(AnswerError) as told:
        files(accept=[".pdf", ".tar.gz"]).check(ReceivedFile("Essay.PDF. ", 9, "", WORDS))
    assert str(told.value) == (
        "Essay: the file Essay.PDF.  is named as a .pdf file, but holds something else; please save it "
        "as that type and choose it again"
    )
    with pytest.raises(AnswerError, match=r"named as a \.gz file"):
        files(accept=[".pdf", ".tar.gz"]).check(ReceivedFile("a.tar.gz", 9, "", WORDS))


def test_a_field_that_takes_any_file_takes_it() -> None:
    files().check(ReceivedFile("essay.pdf", 9, "", WORDS))


def test_an_ending_that_nothing_is_known_of_is_taken() -> None:
    files(accept=[".py"]).check(ReceivedFile("a.py", 9, "", EXE))
