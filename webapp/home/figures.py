"""What Intray counts, for whoever watches over it: numbers alone, and nothing of what is in a form."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..forms.rules import count_submissions
from ..jobs.queue import count_jobs
from ..serving.exposition import Family, gauge
from ..uploads.rules import count_waiting


def families(session: Session) -> list[Family]:
    """By three statements, whatever there is; that the database does not answer is a figure as well."""
    try:
        found = _of_database(session)
    except SQLAlchemyError:
        found = []
    return [gauge("intray_database_up", "Whether the database answers.", bool(found)), *found]


def _of_database(session: Session) -> list[Family]:
    jobs = count_jobs(session)
    uploads, size = count_waiting(session)
    return [
        gauge("intray_jobs_waiting", "Jobs to be done, now or later.", jobs.waiting),
        gauge(
            "intray_jobs_failing", "Those of them that failed and are tried again.", jobs.failing
        ),
        gauge("intray_jobs_given_up", "Jobs that failed for good.", jobs.given_up),
        gauge("intray_uploads_waiting", "Uploads that are not handed in yet.", uploads),
        gauge("intray_uploads_waiting_bytes", "Their sizes in all.", size),
        gauge("intray_submissions", "Submissions in all forms.", count_submissions(session)),
    ]
