"""The kind whose answer is files. They are stored beside the answers, so the value here is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...i18n import gettext, ngettext
from ...sizes import format_size, parse_size, write_size
from ...texts import nfkc
from .. import asking, rulebook
from ..rulebook import RuleBroken, rule
from .base import AnswerError, Field, Given, ReceivedFile
from .contents import contradicts

EXAMPLE = '[".pdf", ".docx"]'
MAX_SIZE = 100 * 1024**2  # bytes, unless the form says otherwise


def _read_size(value: Any) -> int:
    try:
        return parse_size(value if isinstance(value, str) else "")
    except ValueError:
        raise RuleBroken(gettext('must be a size such as "200 MB".')) from None


def _read_endings(value: Any) -> tuple[str, ...]:
    endings = value if isinstance(value, list) else None
    if not endings or len(endings) > 100:
        raise RuleBroken(
            gettext("must be a list of file endings such as %(example)s.", example=EXAMPLE)
        )
    for ending in endings:
        if not isinstance(ending, str) or not re.fullmatch(r"(\.[^\s./\\]{1,20}){1,3}", ending):
            raise RuleBroken(
                gettext(
                    "must hold endings such as %(example)s, and holds %(ending)s.",
                    example='".pdf"',
                    ending=repr(ending),
                )
            )
    return tuple(dict.fromkeys(ending.lower() for ending in endings))


def _read_typed_endings(text: str, earlier: Any) -> list[str]:
    """Endings as people write them: `pdf`, `.pdf` and `*.pdf`, with commas or spaces between."""
    words = re.split(r"[\s,;、，；|]+", nfkc(text.strip(" \t\r\n,;、，；|")))
    return ["." + word.removeprefix("*").removeprefix(".") for word in words]


def _read_typed_size(text: str, earlier: Any) -> str:
    """A size as people write it: with a decimal comma, and in MB where they say nothing."""
    size = nfkc(text[:100]).strip().replace(",", ".")
    return f"{size} MB" if re.fullmatch(r"[0-9.]+", size) else size


def _plain(filename: str) -> str:
    # Windows drops dots and spaces at the end, so that `virus.exe. ` is `virus.exe` there
    return nfkc(filename).lower().rstrip(". ")


def _ending(filename: str) -> str:
    _, dot, ending = _plain(filename).rpartition(".")
    return dot + ending


@dataclass(frozen=True, kw_only=True)
class Files(Field):
    """One file or several, of certain kinds by their names' endings, up to a size each."""

    kind: ClassVar[str] = "files"
    takes_files: ClassVar[bool] = True

    accept: tuple[str, ...] = rule(
        _read_endings,
        (),
        list,
        asking.Ask(
            lambda: gettext("Types of files"),
            lambda: gettext(
                "Endings of names, such as %(example)s; any unless given.", example=".pdf, .docx"
            ),
            read=_read_typed_endings,
            show=lambda endings: ", ".join(endings),
        ),
    )
    max_files: int = rule(
        rulebook.whole(1, 1000),
        1,
        ask=asking.whole(lambda: gettext("Most files"), lambda: gettext("One file unless given.")),
    )
    max_size: int = rule(
        _read_size,
        MAX_SIZE,
        write_size,
        asking.Ask(
            lambda: gettext("Largest size of a file"),
            lambda: gettext("Such as 20 MB or 1.5 GB; 100 MB unless given."),
            read=_read_typed_size,
        ),
    )

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Files"), gettext("Documents, photos, anything on their device.")

    def parse(self, given: Given) -> bool | None:
        if len(given.files) > self.max_files:
            raise AnswerError(self.too_many())
        for file in given.files:
            self.check(file)
        return True if given.files else None

    def too_many(self) -> str:
        """What to say to more files than there may be."""
        return ngettext(
            "%(label)s takes %(n)s file; please remove one or more",
            "%(label)s takes %(n)s files; please remove one or more",
            self.max_files,
            label=self.named,
        )

    def check(self, file: ReceivedFile) -> None:
        """Raises AnswerError if this one file breaks a rule."""
        if file.size == 0:
            message = gettext(
                "%(label)s: the file %(name)s is empty", label=self.named, name=file.filename
            )
            raise AnswerError(message)
        if file.size > self.max_size:
            raise AnswerError(
                gettext(
                    "%(label)s: the file %(name)s must be no larger than %(most)s",
                    label=self.named,
                    name=file.filename,
                    most=format_size(self.max_size),
                )
            )
        if self.accept and not self._has_an_allowed_ending(file.filename):
            raise AnswerError(
                gettext(
                    "%(label)s: the file %(name)s must be of the type %(types)s",
                    label=self.named,
                    name=file.filename,
                    types=self._types(),
                )
            )
        ending = _ending(file.filename)
        if self.accept and contradicts(ending, file.head):
            raise AnswerError(
                gettext(
                    "%(label)s: the file %(name)s is named as a %(type)s file, but holds something "
                    "else; please save it as that type and choose it again",
                    label=self.named,
                    name=file.filename,
                    type=ending,
                )
            )

    def _has_an_allowed_ending(self, filename: str) -> bool:
        return _plain(filename).endswith(self.accept)

    def _types(self) -> str:
        return ", ".join(self.accept)

    def missing(self) -> str:
        return gettext("%(label)s: please choose a file", label=self.named)

    def texts(self, value: bool) -> list[str]:
        return []

    def inputs(self, value: bool) -> Mapping[str, Sequence[str]]:
        return {}  # what was received is carried by the page

    def index_text(self, value: bool) -> str:
        return ""

    def hints(self) -> list[str]:
        return [*super().hints(), *self.limits()]

    def limits(self) -> list[str]:
        size = format_size(self.max_size)
        if self.max_files == 1:
            limits = [gettext("One file of up to %(size)s", size=size)]
        else:
            limits = [
                ngettext(
                    "Up to %(n)s file of up to %(size)s each",
                    "Up to %(n)s files of up to %(size)s each",
                    self.max_files,
                    size=size,
                )
            ]
        if self.accept:
            limits.append(gettext("Allowed types: %(types)s", types=self._types()))
        return limits

    def most_parts(self) -> int:
        return self.max_files

    def most_file_bytes(self) -> int:
        return self.max_size
