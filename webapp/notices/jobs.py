"""The jobs of notices, and who does them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..config import Settings
from ..database import now, unit_of_work
from ..failpoints import reach
from ..jobs.worker import Worker
from ..submissions.accepting import ANNOUNCE_JOB
from ..submissions.permits import ASK_JOB
from .asking import AskJob
from .deliveries import MAIL_JOB, WEBHOOK_JOB, announce
from .delivering import DeliverJob
from .senders import prepare_mail, prepare_webhook


def register(worker: Worker, settings: Callable[[], Settings]) -> None:
    """From now on the worker tells of submissions. Mail and webhooks have a lane each: neither waits for
    the other, nor does anything else for them."""
    worker.handles(ANNOUNCE_JOB, AnnounceJob(worker))
    worker.handles(ASK_JOB, AskJob(settings), lane="mail")
    worker.handles(MAIL_JOB, DeliverJob(settings, prepare_mail), lane="mail")
    worker.handles(WEBHOOK_JOB, DeliverJob(settings, prepare_webhook), lane="webhooks")


class AnnounceJob:
    """Makes the deliveries of a submission, all or none."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def __call__(self, payload: dict[str, Any]) -> datetime | None:
        with unit_of_work() as session:
            revision = payload.get("revision", 1)
            made = announce(session, payload["submission_id"], now(), revision)
            reach("announce: not committed")
        reach("announce: committed")
        if made:
            self._worker.wake()
        return None
