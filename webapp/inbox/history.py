"""What has happened to a submission, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.tables import User
from ..events.tables import Event
from ..i18n import gettext

MOST_EVENTS = 200


@dataclass(frozen=True)
class Happened:
    """One thing that happened, and who did it where somebody at the desk did."""

    at: datetime
    text: str
    by: str | None


def history(session: Session, submission_id: int) -> Sequence[Happened]:
    """What has happened to the submission, the first first."""
    query = (
        select(Event.happened_at, Event.kind, User.name)
        .outerjoin(User, User.id == Event.user_id)
        .where(Event.submission_id == submission_id)
        .order_by(Event.id)
    )
    rows = session.execute(query.limit(MOST_EVENTS))
    return [Happened(row.happened_at, _in_words(row.kind), row.name) for row in rows]


def _in_words(kind: str) -> str:
    """Of what no words are known, its name is better than nothing."""
    words = {
        "submission.received": gettext("This submission came in"),
        "submission.corrected": gettext("A correction came in"),
        "submission.correction_asked": gettext("Asked for a correction"),
        "submission.correction_closed": gettext("Asks for no correction any more"),
        "submission.correction_mailed": gettext("The sender was written to"),
        "submission.correction_not_mailed": gettext("The mail to the sender was refused"),
    }
    return words.get(kind, kind)
