"""Webhooks, to a real program over HTTP and HTTPS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from webapp.database import now, unit_of_work
from webapp.notices import deliveries, rules, webhook
from webapp.notices.outcomes import Reason
from webapp.notices.tables import Notice

from ..running import free_port
from .conftest import SLUG, School
from .receivers import Answer, Call, make_certificate, receiver


def is_signed(call: Call, secret: str) -> bool:
    """As the specification says, and not as we do it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = (
        f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    )
    good = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{good}" in call.headers["webhook-signature"].split(" ")


def test_a_program_is_told_of_a_submission(school: School) -> None:
    with receiver() as program:
        notice_id = school.call(program.url)
        reference = school.hand_in([("papers", "简历.pdf", b"x" * 3000)])
        school.work()
    (call,) = program.calls
    assert call.path == "/hook?from=intray"
    assert call.headers["content-type"] == "application/json"
    assert is_signed(call, school.secret(notice_id))
    assert abs(int(call.headers["webhook-timestamp"]) - time.time()) < 300
    delivery = school.delivery()
    assert (delivery.state, delivery.status, call.id) == ("delivered", 204, delivery.public_id)
    event = call.json
    assert event["type"] == "submission.received"
    submission = event["data"]["submission"]
    assert event["data"]["form"] == {"slug": SLUG, "title": "Job application"}
    assert (submission["reference"], submission["version"]) == (reference, 1)
    assert submission["received_at"] == event["timestamp"]
    assert submission["received_at"].endswith("Z")
    assert submission["link"].endswith(f"/desk/forms/{SLUG}/submissions/{reference}")
    answers = submission["answers"]
    assert answers["name"] == {"label": "Your name", "value": "Ann Lee", "text": "Ann Lee"}
    assert answers["years"]["text"] == "12.5"
    assert answers["position"]["value"] == "cook"
    assert answers["languages"] == {
        "label": "Languages",
        "value": ["en", "zh"],
        "text": "English\n中文",
    }
    assert answers["agreed"]["value"] is True
    (file,) = answers["papers"]["files"]
    assert (file["name"], file["size"]) == ("简历.pdf", 3000)
    assert file["sha256"] == hashlib.sha256(b"x" * 3000).hexdigest()


def test_the_specifications_own_example_is_signed_as_it_says() -> None:
    """From the specification's reference implementations' tests."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = webhook.sign(
        [secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def failing_half(call: Call, number: int) -> Answer:
    """500, cut off, then taken; and so on."""
    return [500, None, 204, (503, b"busy", {}), 200, 204][number % 6]


def test_a_program_that_fails_half_the_time_gets_each_submission_under_one_id(
    school: School,
) -> None:
    with receiver(failing_half) as program:
        notice_id = school.call(program.url)
        references = {school.hand_in() for _ in range(8)}
        school.work_until_settled()
    taken = {call.json["data"]["submission"]["reference"] for call in program.taken}
    assert taken == references
    ids: dict[str, set[str]] = {}
    bodies: dict[str, set[bytes]] = {}
    for call in program.calls:
        reference = call.json["data"]["submission"]["reference"]
        ids.setdefault(reference, set()).add(call.id)
        bodies.setdefault(call.id, set()).add(call.body)
        assert is_signed(call, school.secret(notice_id))
    assert {len(each) for each in ids.values()} == {1}
    assert {len(each) for each in bodies.values()} == {1}
    assert len(bodies) == len(references)
    assert {delivery.state for delivery in school.deliveries()} == {"delivered"}
    assert len(program.taken) == len(references)  # and none twice


def test_a_program_that_does_not_answer_is_left_in_time_and_asked_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.1)

    def slow_once(call: Call, number: int) -> Answer:
        if number == 0:
            time.sleep(0.5)
        return 204

    with receiver(slow_once) as program:
        school.call(program.url)
        school.hand_in()
        school.work()
        assert school.delivery().reason == Reason.TOO_SLOW
        monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 10.0)
        school.work_until_settled()
    assert len({call.id for call in program.calls}) == 1


def test_a_program_that_drips_is_cut_off(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST_SECONDS", 0.2)
    with receiver(lambda call, number: time.sleep(1) or 204) as program:  # type: ignore[func-returns-value]
        school.call(program.url)
        school.hand_in()
        school.work()
        delivery = school.delivery()
        assert (delivery.state, delivery.reason) == ("waiting", Reason.TOO_SLOW)


def test_one_program_that_is_down_holds_up_no_other(school: School) -> None:
    with receiver() as program:
        school.call(f"http://127.0.0.1:{free_port()}/")
        school.call(program.url)
        for _ in range(3):
            school.hand_in()
        school.work()
        assert len(program.taken) == 3
    down = [delivery for delivery in school.deliveries() if delivery.state == "waiting"]
    assert [delivery.attempts for delivery in down] == [1, 0, 0]
    first, second, third = [delivery.next_try_at for delivery in down]
    assert first is not None
    assert second is not None
    assert second == third < first


def test_a_program_that_takes_long_to_fail_rests(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "SLOW_SECONDS", 0.0)
    with receiver(lambda call, number: 503) as program:
        school.call(program.url)
        for _ in range(3):
            school.hand_in()
        school.work()
    assert [delivery.attempts for delivery in school.deliveries()] == [1, 0, 0]


def test_410_switches_the_notice_off_and_says_why(school: School) -> None:
    with receiver(lambda call, number: 410) as program:
        notice_id = school.call(program.url)
        school.hand_in()
        school.hand_in()
        school.work()
        assert len(program.calls) == 1
        school.hand_in()
        school.work()
    notice = school.notice(notice_id)
    assert (notice.is_on, notice.off_reason) == (False, Reason.GONE)
    reasons = [(delivery.state, delivery.reason) for delivery in school.deliveries()]
    assert reasons == [("failed", Reason.GONE), ("failed", Reason.OFF)]


def test_a_redirect_is_not_followed(school: School) -> None:
    with receiver() as other:
        moved = (302, b"", {"Location": other.url})
        with receiver(lambda call, number: moved) as program:
            school.call(program.url)
            school.hand_in()
            school.work()
        assert other.calls == []
    assert (school.delivery().reason, school.delivery().status) == (Reason.REDIRECT, 302)


def test_what_it_answered_is_kept_and_no_more_than_a_little(school: School) -> None:
    text = ("no\0 good \ud83d" + "x" * 100_000).encode("utf-8", "surrogatepass")
    with receiver(lambda call, number: (500, text, {})) as program:
        school.call(program.url)
        school.hand_in()
        school.work()
    answer = school.delivery().answer
    assert answer.startswith("no� good ")
    assert len(answer) == 500


def test_given_up_after_its_attempts_and_delivered_when_asked_for_again(
    school: School, few_attempts: Callable[[int], None]
) -> None:
    few_attempts(3)
    with receiver(lambda call, number: 500 if number < 3 else 204) as program:
        school.call(program.url)
        school.hand_in()
        school.work_until_settled()
        delivery = school.delivery()
        assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 3, 500)
        with school.app.app_context(), unit_of_work() as session:
            assert deliveries.all_failed_again(session, school.form.id, now()) == 1
        school.work()
        assert school.delivery().state == "delivered"
        with school.app.app_context(), unit_of_work() as session:  # a delivered one, too
            found = deliveries.find_delivery(session, school.form.id, delivery.public_id)
            assert found is not None
            deliveries.again(session, found, now())
        school.work()
    assert len(program.taken) == 2
    assert len({call.id for call in program.calls}) == 1


def test_https_where_the_certificate_is_good(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    with receiver(certificate=certificate) as program:
        school.call(program.url)
        school.hand_in()
        school.work()
        assert "certificate verify failed" in school.delivery().error
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
        school.work_until_settled()
        assert len(program.taken) == 1


def test_after_a_renewal_the_old_secret_signs_for_a_day(school: School) -> None:
    with receiver() as program:
        notice_id = school.call(program.url)
        old = school.secret(notice_id)
        with school.app.app_context(), unit_of_work() as session:
            notice = rules.find_notice(session, school.form.id, notice_id)
            assert isinstance(notice, Notice)
            rules.renew_secret(session, notice, now())
        school.hand_in()
        school.work()
        (call,) = program.calls
        assert is_signed(call, old)
        assert is_signed(call, school.secret(notice_id))
        with school.app.app_context(), unit_of_work() as session:
            notice = rules.find_notice(session, school.form.id, notice_id)
            assert notice is not None
            notice.config = {**notice.config, "old_until": (now() - timedelta(1)).isoformat()}
        school.hand_in()
        school.work()
    assert is_signed(program.calls[1], school.secret(notice_id))
    assert not is_signed(program.calls[1], old)


def test_a_test_is_a_delivery_of_its_own(school: School) -> None:
    with receiver() as program:
        notice_id = school.call(program.url)
        with school.app.app_context(), unit_of_work() as session:
            notice = rules.find_notice(session, school.form.id, notice_id)
            assert notice is not None
            deliveries.add_test(session, notice, now())
        school.work()
    (call,) = program.calls
    assert call.json["type"] == "test"
    assert call.json["data"] == {"form": {"slug": SLUG, "title": "Job application"}}
    assert is_signed(call, school.secret(notice_id))


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://a.example/", "http://", "http://user:secret@a.example/", "http://a.example/#x",
        "http://a.example:0/", "http://a.example:99999/", "http://a b.example/", "javascript:x",
        "http://a.example/\r\nX: y", "http://a.example\\@b.example/", "/path", "http://[::1/",
        "http://a.example/" + "x" * 2000, "http://..example/",
    ],
)  # fmt: skip
def test_what_no_webhook_can_call(url: str) -> None:
    assert webhook.read_url(url) is None


def test_what_a_webhook_can_call() -> None:
    read = webhook.read_url("https://bücher.example:8443/ä b?q=ü%20&x=1".replace(" ", ""))
    assert read == webhook.Target(True, "xn--bcher-kva.example", 8443, "/%C3%A4b?q=%C3%BC%20&x=1")
    assert webhook.read_url("http://[::1]:80") == webhook.Target(False, "::1", 80, "/")
