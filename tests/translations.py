"""Keeps the catalogues of translations: `python -m tests.translations`, after texts have changed.

It reads the texts out of the code and the templates, updates each language's messages.po (what is
translated stays, what no page says any more goes, nothing is guessed), and compiles messages.mo. Both
are committed. Then translate what it names in messages.po, and run it again.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from webapp.i18n import FOLDER, LANGUAGES, SOURCE

CODES = [code for code in LANGUAGES if code != SOURCE]

_WEBAPP = FOLDER.parent
_TEMPLATES = "**/templates/**.html"
_METHODS = [("**.py", "python"), (_TEMPLATES, "jinja2.ext.babel_extract")]
_OPTIONS = {  # as language.init_app and application.build set Jinja up; and no broken template is skipped
    _TEMPLATES: {
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}
_KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


class Catalogue(Catalog):
    """A catalogue whose header tells only what is needed to read it, so that it never changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale_identifier)),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def po_file(code: str) -> Path:
    """The catalogue that people edit."""
    return FOLDER / code / "LC_MESSAGES" / "messages.po"


def mo_file(code: str) -> Path:
    """The catalogue that the program reads."""
    return po_file(code).with_suffix(".mo")


def read(code: str) -> Catalog:
    """The language's catalogue as it is on disk; an empty one for a new language."""
    if not po_file(code).exists():
        return Catalog(code, header_comment="")
    with po_file(code).open("rb") as file:
        return read_po(file, code, charset="utf-8")


def messages(catalogue: Catalog) -> list[Message]:
    """The messages without the header, which Babel takes for the first of them."""
    return [message for message in catalogue if message.id]


def is_translated(message: Message) -> bool:
    """Whether every form of the message is there, and nobody doubts it."""
    forms = [message.string] if isinstance(message.string, str) else message.string or [""]
    return all(forms) and not message.fuzzy


def extracted() -> Iterator[Message]:
    """The texts of the code and the templates, in the order of files and lines; one may come twice."""
    found = extract_from_dir(_WEBAPP, _METHODS, _OPTIONS, _KEYWORDS)
    for path, line, text, _, _ in found:
        yield Message(text, locations=[(f"webapp/{path}", line)])


def updated(old: Catalog) -> Catalog:
    """What the catalogue should be now: the texts that are said, as far as the old one has them."""
    new = Catalogue(old.locale, header_comment=old.header_comment, charset="utf-8", fuzzy=False)
    for message in extracted():
        known = old.get(message.id)
        if known is not None and known.id == message.id and is_translated(known):
            message.string, message.user_comments = known.string, known.user_comments
        new[message.id] = message
    return new


def as_po(catalogue: Catalog) -> bytes:
    """The catalogue as messages.po has it: its places without lines, which move all the time."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, include_lineno=False)
    return file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue as messages.mo has it."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    """Updates and compiles each language's catalogue, and names what is to be translated."""
    for code in CODES:
        catalogue = updated(read(code))
        po_file(code).parent.mkdir(parents=True, exist_ok=True)
        po_file(code).write_bytes(as_po(catalogue))
        mo_file(code).write_bytes(as_mo(catalogue))
        missing = [message for message in messages(catalogue) if not is_translated(message)]
        print(f"{code}: {len(messages(catalogue))} messages, {len(missing)} to translate")
        for message in missing:
            print(f"  {message.id!r}")


if __name__ == "__main__":
    main()
