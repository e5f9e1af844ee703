"""What a page needs to know of its form's look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..forms.definition import Definition


class HasLogo(Protocol):
    """What is asked of a form."""

    public_id: str
    logo: str
    logo_words: str


@dataclass(frozen=True)
class Look:
    """The look of one form; all empty where it is Intray's own."""

    colour: str = ""  # six hexadecimal digits
    logo: str = ""  # the digest of the logo, which its address carries
    logo_words: str = ""  # for those who do not see it
    form_id: str = ""  # public


def look_of(form: HasLogo, definition: Definition) -> Look:
    """The look that the definition's page has."""
    return Look(definition.accent.removeprefix("#"), form.logo, form.logo_words, form.public_id)
