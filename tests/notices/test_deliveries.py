"""What becomes of deliveries over time, and what they cost those who hand in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from webapp.database import now, unit_of_work
from webapp.forms.tables import Form
from webapp.jobs import queue
from webapp.jobs.tables import Job
from webapp.notices import deliveries
from webapp.notices.delivering import GIVE_UP_AFTER
from webapp.notices.outcomes import Reason
from webapp.notices.tables import Delivery
from webapp.submissions.tables import Submission

from ..bench.statements import Count, counted
from ..forms_in_toml import GOOD_ANSWERS
from ..running import free_port
from .conftest import PATH, School
from .receivers import Inbox, receiver


def change_all(school: School, **values: Any) -> None:
    with school.app.app_context(), unit_of_work() as session:
        session.execute(update(Delivery).values(values))


def announce(school: School) -> int:
    """Makes the deliveries of the only submission, as its job does."""
    with school.app.app_context(), unit_of_work() as session:
        submission_id = session.scalars(select(Submission.id)).one()
        return deliveries.announce(session, submission_id, now())


def sweep(school: School) -> None:
    with school.app.app_context(), unit_of_work() as session:
        deliveries.sweep(session, now())


def hand_in_counted(school: School) -> Count:
    page = school.visitor.open(PATH)
    with counted(school.app) as count:
        assert school.visitor.hand_in(page, PATH, GOOD_ANSWERS).status == 303
    return count


def test_a_hand_in_pays_one_statement_for_notices_and_none_without(school: School) -> None:
    hand_in_counted(school)  # what is read once is in memory
    without = hand_in_counted(school)
    for _ in range(3):
        school.tell("head@school.example")
    hand_in_counted(school)
    with_notices = hand_in_counted(school)
    assert len(with_notices.statements) == len(without.statements) + 1
    assert with_notices.commits == without.commits


def test_what_was_settled_long_ago_is_swept_away(school: School) -> None:
    with receiver() as program:
        school.call(program.url)
        school.hand_in()
        school.hand_in()
        school.work()
    change_all(school, settled_at=now() - deliveries.KEPT_FOR + timedelta(hours=1))
    sweep(school)
    assert len(school.deliveries()) == 2
    change_all(school, settled_at=now() - deliveries.KEPT_FOR - timedelta(hours=1))
    sweep(school)
    assert school.deliveries() == []


def test_what_lost_its_job_is_not_said_to_wait(school: School) -> None:
    school.call(f"http://127.0.0.1:{free_port()}/")
    school.hand_in()
    school.work()
    change_all(school, waiting_since=now() - timedelta(days=1))
    sweep(school)
    assert school.delivery().state == "waiting"
    with school.app.app_context(), unit_of_work() as session:  # as if it had ended 20 processes
        session.execute(update(Job).where(Job.kind == "notice.webhook").values(failed_at=now()))
    sweep(school)
    assert (school.delivery().state, school.delivery().reason) == ("failed", Reason.PROGRAM)


def test_a_dead_server_is_given_up_after_as_many_tries_as_a_job_has(school: School) -> None:
    school.call(f"http://127.0.0.1:{free_port()}/")
    school.hand_in()
    school.work_until_settled()
    delivery = school.delivery()
    assert (delivery.state, delivery.reason) == ("failed", Reason.UNREACHABLE)
    assert delivery.attempts == queue.ATTEMPTS


def test_what_a_dead_server_kept_from_being_tried_is_given_up_after_days(school: School) -> None:
    school.call(f"http://127.0.0.1:{free_port()}/")
    school.hand_in()
    school.hand_in()
    school.work()
    change_all(school, waiting_since=now() - GIVE_UP_AFTER - timedelta(seconds=1))
    school.let_time_pass()
    school.work()
    assert [d.reason for d in school.deliveries()] == [Reason.TOO_LONG] * 2
    assert school.jobs() == []


def test_a_mail_that_makes_the_server_break_off_holds_up_no_other(
    school: School, inbox: Inbox
) -> None:
    inbox.breaks_off_at = "evil@school.example"
    school.tell("evil@school.example")
    school.tell("head@school.example")
    for _ in range(3):
        school.hand_in()
    for _ in range(8):
        school.work()
        school.let_rests_end()
    assert len(inbox.to("head@school.example")) == 3
    assert [d.state for d in school.deliveries()].count("delivered") == 3


def test_a_submission_that_is_erased_takes_its_deliveries_along(school: School) -> None:
    with receiver() as program:
        school.call(program.url)
        school.hand_in()
        assert announce(school) == 1
        with school.app.app_context(), unit_of_work() as session:
            session.execute(delete(Submission))
        assert school.deliveries() == []
        school.work()
    assert program.calls == []


def test_nobody_is_told_of_a_form_that_is_deleted(school: School, inbox: Inbox) -> None:
    with receiver(lambda call, number: 500) as program:
        school.call(program.url)
        school.tell("head@school.example")
        inbox.refusals["head@school.example"] = "451 Try again later"
        school.hand_in()
        school.work()
        school.hand_in()  # not announced yet
        with school.app.app_context(), unit_of_work() as session:
            session.get_one(Form, school.form.id).erased_at = now()
        inbox.refusals.clear()
        school.let_time_pass()
        school.work()
        assert len(program.calls) == 1
    assert inbox.mails == []
    assert school.deliveries() == []


def test_receipts_go_by_the_questions_that_are_published(school: School) -> None:
    field_id = school.field_id("email")
    with school.app.app_context(), unit_of_work() as session:
        form = session.get_one(Form, school.form.id)
        kept = [field for field in form.draft["fields"] if field["key"] != "email"]
        assert len(kept) == len(form.draft["fields"]) - 1
        form.draft = {**form.draft, "fields": kept}
    assert school.field_id("email") == field_id


def test_a_submission_is_announced_once_however_often_the_job_is_done(school: School) -> None:
    school.tell("head@school.example")
    school.send_receipts()
    school.hand_in()
    assert [announce(school) for _ in range(3)] == [2, 0, 0]
    assert len(school.jobs()) == 2


def test_what_is_tried_now_does_not_wait_for_its_turn(school: School) -> None:
    with receiver(lambda call, number: None if number == 0 else 204) as program:
        school.call(program.url)
        school.hand_in()
        school.work()
        waiting = school.delivery()
        assert (waiting.state, waiting.reason) == ("waiting", Reason.UNREACHABLE)
        school.work()
        assert len(program.calls) == 1
        with school.app.app_context(), unit_of_work() as session:
            found = deliveries.find_delivery(session, school.form.id, waiting.public_id)
            assert found is not None
            deliveries.again(session, found, now())
        school.work()
    assert len(program.taken) == 1
    assert school.jobs() == []
