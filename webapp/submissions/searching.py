"""The index of words that searches ask, and the one module that knows what it is made of.

SQLite: an FTS5 table whose rowid is the submission's id. It keeps the words beside the index, which takes
a third more space than a table without content, but what was erased then leaves the index by its id
alone: without content, the very words of then would have to be given again, and a newer Intray may take a
text apart in another way (and `contentless_delete` takes SQLite 3.43). `detail = none` since no two
words are asked for in a row; the `ascii` tokenizer parts at spaces alone, for what words.py gives.
Beginnings of one to eight letters have an index each, by two fifths of the table's size: without it FTS5
puts all that begin so together before it gives the first, which at a million takes it a third of a second
for a common word.
PostgreSQL: the same words as a tsvector, which no parser of its language has seen.

One of a submission's words stands for its form, so that a search in one form is as fast as one in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.orm import Session

from .words import asked_words

NAME = "submission_search"  # the tables that SQLite makes for it begin with this too
MOST_BYTES = 500_000  # of words of one submission: PostgreSQL takes a megabyte, with its own marks

_FTS5 = table(NAME, column("rowid", Integer), column("words"), column(NAME))
_TSVECTOR = table(NAME, column("id", Integer), column("words"))
_ID = bindparam("submission_id", type_=Integer)
_TEXT = bindparam("text", type_=Text)
_ADD_FTS5 = insert(_FTS5).values(rowid=_ID, words=_TEXT)
_ADD_TSVECTOR = insert(_TSVECTOR).values(
    id=_ID, words=func.array_to_tsvector(func.string_to_array(_TEXT, " "))
)


@dataclass(frozen=True)
class Document:
    """The words by which a submission is found."""

    submission_id: int
    form_id: int
    reference: str
    words: Sequence[str]

    @property
    def text(self) -> str:
        halves = self.reference.lower().split("-")
        own = [_form_word(self.form_id), *halves, "".join(halves)]
        return " ".join(dict.fromkeys([*own, *self.words]))


@dataclass(frozen=True)
class Search:
    """What is looked for: in one form, or in all but some."""

    query: str
    form_id: int | None = None
    not_in: Sequence[int] = ()

    def ids(self, session: Session) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int]]:
        """The query for the submissions' ids, and the column that they are in. ValueError if there is
        no word to look for."""
        whole, beginnings = asked_words(self.query)
        if not whole and not beginnings:
            raise ValueError(self.query)
        if self.form_id is not None:
            whole = [_form_word(self.form_id), *whole]
        without = [_form_word(form_id) for form_id in self.not_in]
        if _is_sqlite(session):
            asked = _in_fts5(whole, beginnings, without)
            return select(_FTS5.c.rowid).where(_FTS5.c[NAME].op("MATCH")(asked)), _FTS5.c.rowid
        asked = _in_tsquery(whole, beginnings, without)
        from sqlalchemy.dialects.postgresql import TSQUERY  # slow to load, and seldom needed

        found = _TSVECTOR.c.words.op("@@")(cast(asked, TSQUERY))
        return select(_TSVECTOR.c.id).where(found), _TSVECTOR.c.id


def add(session: Session, documents: Iterable[Document]) -> None:
    """Lets the submissions be found, in the transaction that adds them; for many at once as well."""
    rows: list[dict[str, Any]] = [
        {"submission_id": d.submission_id, "text": d.text} for d in documents
    ]
    if rows:
        session.execute(_ADD_FTS5 if _is_sqlite(session) else _ADD_TSVECTOR, rows)


def remove(session: Session, submission_ids: Sequence[int]) -> None:
    """Lets the submissions be found no more."""
    if _is_sqlite(session):
        session.execute(delete(_FTS5).where(_FTS5.c.rowid.in_(submission_ids)))
    else:
        session.execute(delete(_TSVECTOR).where(_TSVECTOR.c.id.in_(submission_ids)))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _form_word(form_id: int) -> str:
    """A word that no text has: words are letters and digits."""
    return f"§{form_id}"


def _in_fts5(whole: Sequence[str], beginnings: Sequence[str], without: Sequence[str]) -> str:
    """In the words of FTS5. Nothing needs to be escaped, since words are letters and digits."""
    terms = [f'"{word}"' for word in whole] + [f'"{word}"*' for word in beginnings]
    return " AND ".join(terms) + "".join(f' NOT "{word}"' for word in without)


def _in_tsquery(whole: Sequence[str], beginnings: Sequence[str], without: Sequence[str]) -> str:
    terms = [f"'{word}'" for word in whole] + [f"'{word}':*" for word in beginnings]
    return " & ".join(terms + [f"!'{word}'" for word in without])
