"""What a file is, by its first bytes: whether they contradict the ending of its name.

Lenient on purpose. A false refusal costs people their application, a false acceptance costs little:
phones name pictures wrongly, web sites give out HTML as `.xls`, and players open any container.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def _pattern(*alternatives: bytes) -> re.Pattern[bytes]:
    return re.compile(b"|".join(alternatives), re.DOTALL)


# Anchored at the start of the file, and long enough not to be met in texts by chance.
_PDF = _pattern(rb".{0,1019}%PDF-", rb"%!PS-Adobe-[0-9.]+ PDF-")  # PDF 1.7, appendix H.3.4.1
_IMAGE = _pattern(
    rb"\x89PNG\r\n\x1a\n",
    rb"\xff\xd8\xff",  # JPEG
    rb"GIF8[79]a",
    rb"RIFF.{4}WEBP",
    rb"BM.{4}\0{4}",
    rb"II[*+]\0|MM\0[*+]",  # TIFF, and what cameras make of it
    rb"\0{3}.ftyp(?:he[ivx]|hevc|mi[fa]1|msf1|avi[fs])",  # HEIC, AVIF
    rb"\0{3}\x0c(?:JXL |jP  )",
    rb"\xff\x0a",  # JPEG XL as a bare stream
    rb"8BPS\0",
)
_MEDIA = _pattern(
    rb"\0\0.{2}(?:ftyp|moov|styp)",  # MP4, MOV, M4A, 3GP
    rb"\x1aE\xdf\xa3",  # Matroska, WebM
    rb"RIFF.{4}(?:WAVE|AVI )|RF64.{4}WAVE|FORM.{4}AIF[FC]",
    rb"OggS\0|fLaC|caff\0|FLV\x01|#!AMR",
    rb"ID3[\x02-\x04]",
    rb"0&\xb2u\x8ef\xcf\x11",  # WMV, WMA
    rb"\0\0\x01[\xb3\xba]",  # MPEG
)
# What only a film or a sound is likely to begin with where the name says that it is one.
_PERHAPS_MEDIA = _pattern(
    rb".{4}(?:mdat|wide|free|skip|pnot|moof|uuid|junk)",
    rb"\xff[\xe2-\xfd]",  # MP3 and AAC without a header
    rb"G.{187}G|.{4}G.{191}G",  # MPEG transport streams
)
_ZIP = _pattern(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)")
_OLE = _pattern(
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)  # the older Office, and all that has a password
_ARCHIVE = _pattern(
    rb"7z\xbc\xaf'\x1c",
    rb"Rar!\x1a\x07",
    rb"\x1f\x8b\x08",  # gzip
    rb"BZh[1-9]1AY",
    rb"\xfd7zXZ\0",
    rb".{257}ustar",
)
_PROGRAM = _pattern(
    rb"MZ.{0,62}\0", rb"\x7fELF", rb"\xfe\xed\xfa[\xce\xcf]", rb"[\xce\xcf]\xfa\xed\xfe"
)
_MARKUP = _pattern(rb"(?:\xef\xbb\xbf)?\s*<", rb"\xff\xfe|\xfe\xff")


@dataclass(frozen=True)
class _Rule:
    """What a file must be one of, or else what it must not be."""

    one_of: tuple[re.Pattern[bytes], ...] = ()
    none_of: tuple[re.Pattern[bytes], ...] = ()

    def is_broken_by(self, head: bytes) -> bool:
        if self.one_of:
            return not any(pattern.match(head) for pattern in self.one_of)
        return any(pattern.match(head) for pattern in self.none_of)


_AN_IMAGE = _Rule(one_of=(_IMAGE,))
_A_FILM = _Rule(one_of=(_MEDIA, _PERHAPS_MEDIA))
_A_SOUND = _Rule(none_of=(_PDF, _IMAGE, _ZIP, _OLE, _ARCHIVE, _PROGRAM))  # MP3 begins with anything
_AN_ARCHIVE = _Rule(one_of=(_ZIP, _ARCHIVE))
_NEW_OFFICE = _Rule(one_of=(_ZIP, _OLE))
# Also RTF, HTML, XML and CSV, which Office opens under these names.
_OLD_OFFICE = _Rule(none_of=(_PDF, _IMAGE, _MEDIA, _ARCHIVE, _PROGRAM))
_A_TEXT = _Rule(none_of=(_PDF, _IMAGE, _MEDIA, _ZIP, _OLE, _ARCHIVE, _PROGRAM))

_RULES: dict[str, _Rule] = {
    ".pdf": _Rule(one_of=(_PDF,)),
    ".svg": _Rule(one_of=(_MARKUP,)),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".jfif", ".gif", ".webp", ".heic"), _AN_IMAGE),
    **dict.fromkeys((".heif", ".avif", ".tif", ".tiff", ".bmp"), _AN_IMAGE),
    **dict.fromkeys((".mp4", ".mov", ".m4a", ".m4v", ".3gp", ".avi", ".mkv"), _A_FILM),
    **dict.fromkeys((".webm", ".wav"), _A_FILM),
    ".mp3": _A_SOUND,
    **dict.fromkeys((".zip", ".7z", ".rar", ".gz", ".tgz"), _AN_ARCHIVE),
    **dict.fromkeys((".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"), _NEW_OFFICE),
    **dict.fromkeys((".doc", ".xls", ".ppt", ".rtf"), _OLD_OFFICE),
    **dict.fromkeys((".txt", ".csv"), _A_TEXT),
}
ENDINGS = frozenset(_RULES)


def contradicts(ending: str, head: bytes) -> bool:
    """Whether a file that begins with these bytes, its first 1,024, is plainly not what files of that
    ending are. Nothing is known of an ending that is not one of ENDINGS, nor of an empty beginning."""
    rule = _RULES.get(ending)
    return rule is not None and bool(head) and rule.is_broken_by(head)
