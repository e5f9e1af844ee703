"""Names that every system can bear, whatever people type."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.storage import names

# What breaks names, in pieces that hypothesis puts together.
PIECES = [
    "CON", "nul", "COM1", "lpt²", "conin$", "aux", ".", "..", " ", "/", "\\", ":", "*", "?", '"', "<", "|",
    "~$", "\x00", "\n", "\x7f", "\x85", "\u202e", "\u200b", "\u200d", "\ufeff", "\u2028", "\xa0", "\u3000",
    "\ud800", "\ue000", "\U0001f600", "\u0301", "ß", "İ", "ﬁ", "Å", "李" * 90, "x" * 79, "\U0001f600" * 40,
    ".pdf", ".tar.gz", ".lnk", ".URL", ".scf", "desktop.ini", "Thumbs.db", "." + "y" * 15, "." + "y" * 20,
    ".library-ms", ".received", ".{21EC2020-3AEA-1069-A2DD-08002B30309D}",
]  # fmt: skip
hostile_texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=6).map("".join)
any_name = settings(deadline=None, max_examples=100)

RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"} | {
    f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"
}
ACTED_ON = (
    ".lnk", ".url", ".scf", ".library-ms", ".search-ms", ".searchconnector-ms", ".theme", ".themepack",
    ".desktopthemepackfile", ".contact", ".website", ".pif",
)  # fmt: skip


def complaints(name: str, units: int) -> list[str]:
    """What some system has against the name; the rules are Microsoft's ("Naming Files, Paths, and
    Namespaces"), POSIX's and our own."""
    unseen = [c for c in name if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    checks = {
        "is empty": not name,
        "has a forbidden character": re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name),
        "has a character that is not seen": set(unseen) - {"\u200d"},
        "ends in a point or a space": name.endswith((".", " ")),
        "begins with a space": name.startswith(" "),
        "is hidden": name.startswith((".", "~$")),
        "is a device": name.split(".")[0].rstrip(" ").upper() in RESERVED,
        "is too long for Windows": len(name.encode("utf-16-le", "replace")) > 2 * units,
        "is too long for Linux": len(name.encode("utf-8", "replace")) > 255,
        "is not in NFC": not unicodedata.is_normalized("NFC", name),
        "has a class id as its extension": re.search(r"\.\{[0-9a-fA-F-]{36}\}", name),
    }
    return [complaint for complaint, is_so in checks.items() if is_so]


@any_name
@given(hostile_texts)
def test_any_text_gives_names_that_every_system_can_bear(text: str) -> None:
    file = names.file_name(text)
    form = names.form_folder(text)
    submission = names.submission_folder("2026-11-22", "K7Q4-MXD2", text)
    assert complaints(file, 80) == []
    assert not file.casefold().endswith(ACTED_ON)
    assert file.casefold() not in ("desktop.ini", "autorun.inf", "thumbs.db", "folder.htt")
    assert complaints(form, 40) == []
    assert complaints(submission, 60) == []
    assert submission.startswith("2026-11-22 K7Q4-MXD2")


@any_name
@given(hostile_texts)
def test_a_good_name_stays_as_it_is(text: str) -> None:
    for name, again in (
        (names.file_name(text), names.file_name),
        (names.form_folder(text), names.form_folder),
    ):
        assert again(name) == name


@any_name
@given(st.text(max_size=200), st.sampled_from([".pdf", ".tar.gz", ".PDF", ".文档", "." + "e" * 15]))
def test_an_extension_is_kept_however_long_the_name(stem: str, extension: str) -> None:
    assert names.file_name("a" + stem + "z" + extension).endswith(extension)
    assert names.original_name("a" + stem * 10 + extension).endswith(extension)


@any_name
@given(st.lists(hostile_texts, max_size=12))
def test_unused_names_differ_for_every_system(texts: list[str]) -> None:
    for name_of, units in ((names.file_name, 80), (names.form_folder, 40)):
        taken: set[str] = set()
        for text in texts * 3:
            name = names.unused(name_of(text), taken)
            assert complaints(name, units) == []
            assert names.folded(name) not in taken
            taken.add(names.folded(name))
        as_macos = {
            unicodedata.normalize("NFD", unicodedata.normalize("NFD", n).casefold()) for n in taken
        }
        assert len(as_macos) == len(taken) == 3 * len(texts)  # fmt: skip


@pytest.mark.parametrize(
    ("original", "stored"),
    [
        ("essay.pdf", "essay.pdf"),
        ("Mein Aufsatz (2).docx", "Mein Aufsatz (2).docx"),
        ("论文.pdf", "论文.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("e\u200b\u0301.pdf", "é.pdf"),
        ("../../etc/passwd", "_.._._etc_passwd"),
        ("..\\..\\boot.ini", "_.._.._boot.ini"),
        ("C:\\con.pdf", "C__con.pdf"),
        ("/etc/passwd", "_etc_passwd"),
        ("CON", "_CON"),
        ("con.pdf", "_con.pdf"),
        ("nul .tar.gz", "_nul.tar.gz"),
        ("COM¹.txt", "_COM¹.txt"),
        ("console.txt", "console.txt"),
        (".htaccess", "_.htaccess"),
        ("~$essay.docx", "_~$essay.docx"),
        ("essay.pdf. . ", "essay.pdf"),
        ("essay .pdf", "essay.pdf"),
        ("a:b*c?.pdf", "a_b_c_.pdf"),
        ("a\x00b\r\n.pdf", "a_b__.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\xa0\u3000\tb.pdf", "a _b.pdf"),
        ("\U0001f468\u200d\U0001f469.png", "\U0001f468\u200d\U0001f469.png"),
        ("", "file"),
        ("...", "file"),
        (".", "file"),
        ("   ", "file"),
        ("\u202e\u200b", "file"),
        ("\ud800.pdf", "_.pdf"),
        (".pdf", "_.pdf"),
        ("setup.lnk", "setup.lnk.received"),
        ("a.LNK ", "a.LNK.received"),
        ("a.Url.", "a.Url.received"),
        ("desktop.ini", "desktop.ini.received"),
        ("Desktop.ini", "Desktop.ini.received"),
        ("my desktop.ini", "my desktop.ini"),
        ("AUTORUN.INF", "AUTORUN.INF.received"),
        ("\u202ethumbs.db", "thumbs.db.received"),
        ("a.search-ms:query", "a.search-ms_query"),
        ("x" * 76 + ".url" + "y" * 30, "x" * 71 + ".received"),
        ("x" * 76 + ".lnk and more", "x" * 71 + ".received"),
        ("a.{21EC2020-3AEA-1069-A2DD-08002B30309D}", "a_{21EC2020-3AEA-1069-A2DD-08002B30309D}"),
        ("x" * 300 + ".pdf", "x" * 76 + ".pdf"),
        ("\U0001f600" * 100 + ".pdf", "\U0001f600" * 38 + ".pdf"),
        ("李" * 300, "李" * 80),
        ("\u0924\u0903" * 300 + ".pdf", "\u0924\u0903" * 38 + ".pdf"),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_hostile_name_is_made_harmless(original: str, stored: str) -> None:
    assert names.file_name(original) == stored
    assert complaints(stored, 80) == []


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Homework 3", "Homework 3"),
        ("", "form"),
        ("..", "form"),
        ("PRN", "_PRN"),
        ("Q1/Q2: what? ", "Q1_Q2_ what_"),
        ("x" * 39 + " . y", "x" * 39),
        ("\U0001f600" * 30, "\U0001f600" * 20),
        ("Printers.{2227A280-3AEA-1069-A2DE-08002B3D}", "Printers.{2227A280-3AEA-1069-A2DE-08002B"),
        ("P.{2227A280-3AEA-1069-A2DE-08002B30309D}", "P_{2227A280-3AEA-1069-A2DE-08002B30309D}"),
    ],
)
def test_a_form_has_a_folder(title: str, folder: str) -> None:
    assert names.form_folder(title) == folder


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Ann Lee", "2026-11-22 K7Q4-MXD2 Ann Lee"),
        ("", "2026-11-22 K7Q4-MXD2"),
        (" . ", "2026-11-22 K7Q4-MXD2"),
        ("../..", "2026-11-22 K7Q4-MXD2 _.._"),
        ("x" * 100, "2026-11-22 K7Q4-MXD2 " + "x" * 39),
        ("李" * 100, "2026-11-22 K7Q4-MXD2 " + "李" * 39),
    ],
)
def test_a_submission_has_a_folder(name: str, folder: str) -> None:
    assert names.submission_folder("2026-11-22", "K7Q4-MXD2", name) == folder


@pytest.mark.parametrize(
    ("name", "taken", "unused"),
    [
        ("a.pdf", [], "a.pdf"),
        ("a.pdf", ["A.PDF"], "a (2).pdf"),
        ("a.pdf", ["a.pdf", "A (2).pdf"], "a (3).pdf"),
        ("a.tar.gz", ["a.tar.gz"], "a (2).tar.gz"),
        ("Straße", ["STRASSE"], "Straße (2)"),
        ("Café", ["CAFE\u0301"], "Café (2)"),
        ("x" * 76 + ".pdf", ["x" * 76 + ".pdf"], "x" * 72 + " (2).pdf"),
        ("李" * 80, ["李" * 80], "李" * 76 + " (2)"),
        ("a.lnk.received", ["a.lnk.received"], "a.lnk (2).received"),
    ],
    ids=ascii,
)
def test_a_name_that_is_taken_gets_a_number(name: str, taken: list[str], unused: str) -> None:
    assert names.unused(name, {names.folded(other) for other in taken}) == unused


@any_name
@given(hostile_texts)
def test_an_original_name_can_be_kept_and_shown(text: str) -> None:
    original = names.original_name(text)
    assert 0 < len(original) <= 1000
    assert names.original_name(original) == original
    assert "\x00" not in original
    assert original.encode().decode() == original
    shown = names.shown_name(original)
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )


@pytest.mark.parametrize(
    ("given_name", "original"),
    [
        ("Aufsatz – 论文.pdf", "Aufsatz – 论文.pdf"),
        ("C:\\Users\\Ann\\a.pdf", "C:\\Users\\Ann\\a.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        (" \ud800 ", "file"),
        ("x" * 5000 + ".pdf", "x" * 996 + ".pdf"),
        ("x" * 5000, "x" * 1000),
    ],
    ids=lambda name: ascii(name)[:20],
)
def test_the_original_name_is_kept_as_it_was(given_name: str, original: str) -> None:
    assert names.original_name(given_name) == original
