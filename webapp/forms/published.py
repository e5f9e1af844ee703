"""Published forms as the database has them now, read anew only where anything was committed.

When hundreds come to a form at once, most of what they cost is to ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from ..database import snapshot
from .definition import Definition
from .rules import definition_of, find_published
from .tables import Form, FormVersion

# All of a form that its page may show. What nobody has published is in `draft`, and its pages of before do
# not change with each submission.
_SHOWN = attrgetter(*(set(Form.__table__.columns.keys()) - {"draft", "submission_count"}))


@dataclass(frozen=True)
class Published:
    """A form with its newest version; to be read alone, since others read the same. It may be a draft
    again by now."""

    form: Form
    version: FormVersion

    @cached_property
    def definition(self) -> Definition:
        return definition_of(self.version)

    @cached_property
    def shown(self) -> tuple[Any, ...]:
        """All that its page may show. With it, the number of the version, which never changes: whatever
        becomes of a form, this is another."""
        shown: tuple[Any, ...] = _SHOWN(self.form)
        return shown


class PublishedForms:
    """Those that were asked for since the last commit. Safe for threads."""

    def __init__(self, find_mark: Callable[[], Hashable | None]) -> None:
        """`find_mark` gives another mark than before where anything was committed in between; None where
        that is not known."""
        self._find_mark = find_mark
        self._mark: Hashable | None = None
        self._found: dict[str, tuple[Hashable, Published]] = {}

    def find(self, slug: str) -> Published | None:
        """The form of that slug, as it is now."""
        # Before the form is read: what is committed meanwhile is seen next time.
        mark = self._find_mark()
        if mark != self._mark:
            self._mark, self._found = mark, {}
        kept = self._found.get(slug)
        if kept is not None and kept[0] == mark:
            return kept[1]
        with snapshot() as session:
            row = find_published(session, slug)
        if row is None:
            return None
        found = Published(*row)
        if mark is not None:
            self._found[slug] = mark, found
        return found
