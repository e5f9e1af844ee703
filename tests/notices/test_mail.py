"""Mail to people and receipts to senders, through real SMTP servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from webapp.database import now, snapshot, unit_of_work
from webapp.i18n import speaking
from webapp.notices import deliveries, messages, rules, smtp
from webapp.notices.configs import Kind, MailConfig
from webapp.notices.content import read_content
from webapp.notices.deliveries import RECEIPTS_A_DAY
from webapp.notices.outcomes import Reason, trouble_of
from webapp.notices.smtp import MailServer
from webapp.submissions.details import find_submission

from ..conftest import ImportForm
from ..desk import add_user
from ..forms_in_languages import TRIP_IN_LANGUAGES
from ..running import free_port
from ..visitor import Visitor
from .conftest import SENDER, SLUG, School
from .receivers import Inbox, asks_for, mail_server, make_certificate


def test_people_are_told_of_a_submission(school: School, inbox: Inbox) -> None:
    school.tell("head@school.example", reply_field=school.field_id("email"))
    reference = school.hand_in([("papers", "简历.pdf", b"x" * 3000)])
    school.work()
    (mail,) = inbox.mails
    assert (mail.sender, mail.recipient) == (SENDER, "head@school.example")
    assert mail.message["Subject"] == f"Job application: submission {reference}"
    assert mail.message["From"] == f"Office <{SENDER}>"
    assert mail.message["To"] == "head@school.example"
    assert mail.message["Reply-To"] == "ann@example.org"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Date"].datetime is not None
    for shown in ("Ann Lee", "Cook", "English", "简历.pdf (2.9 KB)", "Because."):
        assert shown in mail.text
    assert f"http://127.0.0.1:8080/desk/forms/{SLUG}/submissions/{reference}" in mail.text
    delivery = school.delivery()
    assert (delivery.state, delivery.attempts, delivery.status) == ("delivered", 1, 250)
    assert mail.message["Message-ID"] == f"<{delivery.public_id}@school.example>"
    assert school.jobs() == []


def test_without_answers_nothing_that_was_answered_is_in_the_mail(
    school: School, inbox: Inbox
) -> None:
    school.tell("head@school.example", with_answers=False)
    school.hand_in([("papers", "secret.pdf", b"x")])
    school.work()
    for hidden in ("Ann", "Because", "secret.pdf", "ann@example.org"):
        assert hidden not in inbox.mails[0].raw.decode()


def test_users_are_told_in_their_language_and_others_in_the_notices(
    school: School, inbox: Inbox
) -> None:
    with school.app.app_context():
        add_user(school.app, "editor", "wang@school.example")
        with unit_of_work() as session:
            (user,) = rules.people(session)
            user.language = "zh"
    config = MailConfig(addresses=("a@school.example",), user_ids=(user.id,), language="en")
    school.add(Kind.MAIL, config)
    school.hand_in()
    school.work()
    (english,), (chinese,) = inbox.to("a@school.example"), inbox.to("wang@school.example")
    assert ("年" in english.text, "年" in chinese.text) == (False, True)  # of the date
    assert school.delivery().recipients == {"a@school.example": "", "wang@school.example": ""}


def test_the_sender_gets_a_receipt_in_their_language(school: School, inbox: Inbox) -> None:
    school.send_receipts()
    school.visitor.headers["Accept-Language"] = "zh"
    reference = school.hand_in()
    school.work()
    (mail,) = inbox.to("ann@example.org")
    assert reference in mail.message["Subject"]
    assert "年" in mail.text  # of the date
    assert "Ann Lee" not in mail.text
    assert "/r/" not in mail.text  # nobody else can open 127.0.0.1


def test_a_receipt_names_the_questions_as_the_sender_has_read_them(
    app: Flask, visitor: Visitor, import_form: ImportForm
) -> None:
    import_form(TRIP_IN_LANGUAGES)
    answers = {"name": "Lee", "class": "b", "skills.swim": "well", "email": "lee@example.org"}
    page = visitor.open("/f/school-trip", Accept_Language="zh")
    answer = visitor.hand_in(page, "/f/school-trip", answers, Accept_Language="zh")
    reference = answer.location.split("/r/")[1].split("?")[0]
    with app.app_context(), snapshot() as session:
        one = find_submission(session, "school-trip", reference)
        assert one is not None
        content = read_content(session, one.id)
    assert content is not None
    with speaking("zh"):
        _, text = messages.receipt(content.to_sender(), "http://a.example", with_answers=True)
    for said in ("学校旅行", "孩子的姓名", "乙班", "游泳：很好"):
        assert said in text, said
    with speaking("zh"):
        _, text = messages.notice(content, "http://a.example", with_answers=True)
    for said in ("School trip", "Your child's name", "Class B", "Swimming：Well"):
        assert said in text, said


def test_a_receipt_links_to_its_page_where_others_can_open_it(school: School, inbox: Inbox) -> None:
    from dataclasses import replace

    settings = school.app.config["INTRAY"]
    school.app.config["INTRAY"] = replace(settings, public_url="https://forms.example.org")
    school.send_receipts(with_answers=True)
    reference = school.hand_in(name="Ann\u202eLee")
    school.work()
    text = inbox.mails[0].text
    assert f"https://forms.example.org/r/{reference}?key=" in text
    assert "Because.\n    Really." in text


def test_one_address_gets_so_many_receipts_a_day_and_no_more(school: School, inbox: Inbox) -> None:
    school.send_receipts()
    for _ in range(RECEIPTS_A_DAY + 1):
        school.hand_in(email="Victim@example.org")
    school.work()
    assert len(inbox.mails) == RECEIPTS_A_DAY
    assert school.deliveries()[-1].reason == Reason.LIMIT
    school.hand_in(email="other@example.org")
    school.work()
    assert len(inbox.to("other@example.org")) == 1


def test_a_plus_makes_no_other_person_of_an_address(school: School, inbox: Inbox) -> None:
    school.send_receipts()
    for number in range(RECEIPTS_A_DAY + 1):
        school.hand_in(email=f"victim+{number}@example.org")
    school.work()
    assert len(inbox.mails) == RECEIPTS_A_DAY


def test_a_form_sends_so_many_receipts_a_day_and_no_more(
    school: School, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FORM_RECEIPTS_A_DAY", 2)
    school.send_receipts()
    for number in range(3):
        school.hand_in(email=f"ann{number}@example.org")
    school.work()
    assert len(inbox.mails) == 2
    assert school.deliveries()[-1].reason == Reason.LIMIT


def test_a_notice_that_is_off_says_nothing_and_its_form_costs_nothing(
    school: School, inbox: Inbox
) -> None:
    public_id = school.tell("head@school.example")
    with school.app.app_context(), unit_of_work() as session:
        notice = rules.find_notice(session, school.form.id, public_id)
        assert notice is not None
        rules.switch(session, notice, now(), on=False)
    school.hand_in()
    school.work()
    assert (school.deliveries(), inbox.mails) == ([], [])


def test_a_recipient_that_is_refused_for_good_is_told_and_the_others_have_it(
    school: School, inbox: Inbox
) -> None:
    inbox.refusals["gone@school.example"] = "550 No such user here"
    school.tell("gone@school.example", "head@school.example")
    school.hand_in()
    school.work()
    delivery = school.delivery()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("failed", 1, Reason.REFUSED)
    assert delivery.error == "gone@school.example: 550 No such user here"
    assert len(inbox.to("head@school.example")) == 1


def test_a_recipient_who_cannot_have_it_now_gets_it_later_and_the_others_once(
    school: School, inbox: Inbox
) -> None:
    inbox.refusals["grey@school.example"] = "451 Try again later"
    school.tell("grey@school.example", "head@school.example")
    school.hand_in()
    school.work()
    delivery = school.delivery()
    assert (delivery.state, delivery.reason, delivery.status) == ("waiting", Reason.NOT_NOW, 451)
    assert delivery.next_try_at is not None
    inbox.refusals.clear()
    school.work_until_settled()
    assert school.delivery().state == "delivered"
    assert [len(inbox.to(a)) for a in ("grey@school.example", "head@school.example")] == [1, 1]


class OneMailAtATime(Inbox):
    """Takes one mail on each connection, and refuses the sender of the next."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Session] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if session in self.seen:
            return "450 4.7.1 Too many mails"
        self.seen.append(session)
        envelope.mail_from = address
        return "250 OK"


def test_a_server_that_takes_few_mails_at_a_time_gets_each_once(school: School) -> None:
    inbox = OneMailAtATime()
    addresses = [f"{name}@school.example" for name in ("ann", "bob", "eve")]
    school.tell(*addresses)
    with mail_server(inbox) as port:
        school.mail_by(port)
        school.hand_in()
        school.work_until_settled()
    assert [len(inbox.to(address)) for address in addresses] == [1, 1, 1]
    assert school.delivery().state == "delivered"


def test_a_server_that_is_down_and_comes_back_gets_every_mail_once(school: School) -> None:
    port = free_port()
    school.mail_by(port)
    school.tell("head@school.example")
    references = {school.hand_in() for _ in range(3)}
    school.work()
    first, *others = school.deliveries()
    assert (first.attempts, first.reason) == (1, Reason.UNREACHABLE)
    assert [delivery.attempts for delivery in others] == [0, 0]  # the first has found out for all
    inbox = Inbox()
    with mail_server(inbox, port):
        school.work_until_settled()
    subjects = {mail.message["Subject"].split()[-1] for mail in inbox.mails}
    assert subjects == references
    assert len(inbox.mails) == 3
    ids = {mail.message["Message-ID"] for mail in inbox.mails}
    assert ids == {f"<{d.public_id}@school.example>" for d in school.deliveries()}


def test_without_a_mail_server_it_waits_until_one_is_set(school: School) -> None:
    school.tell("head@school.example")
    school.hand_in()
    school.work()
    assert school.delivery().reason == Reason.NO_MAIL_SERVER
    inbox = Inbox()
    with mail_server(inbox) as port:
        school.mail_by(port)
        school.work()
    assert len(inbox.mails) == 1
    assert school.delivery().state == "delivered"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_it_signs_in_where_it_must(school: School) -> None:
    inbox = Inbox()
    school.tell("head@school.example")
    with mail_server(inbox, **asks_for("office", "pass word")) as port:
        school.mail_by(port, user="office", password="wrong")
        school.hand_in()
        school.work()
        assert (school.delivery().reason, school.delivery().status) == (Reason.SIGN_IN, 535)
        school.mail_by(port, user="office", password="pass word")
        school.work()
    assert len(inbox.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_speaks_tls_with_those_whose_certificate_is_good(
    school: School, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    name = "tls_context" if security == "starttls" else "ssl_context"
    inbox = Inbox()
    school.tell("head@school.example")
    with mail_server(inbox, **{name: certificate.context}) as port:
        school.mail_by(port, security=security)
        school.hand_in()
        school.work()
        assert "certificate verify failed" in school.delivery().error
        assert inbox.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
        school.work_until_settled()
    assert len(inbox.mails) == 1


def test_without_starttls_nothing_is_sent(school: School, inbox: Inbox) -> None:
    with mail_server(inbox) as port:
        school.mail_by(port, security="starttls", user="office", password="secret")
        school.tell("head@school.example")
        school.hand_in()
        school.work()
    assert (school.delivery().reason, inbox.mails) == (Reason.NO_TLS, [])


def test_given_up_after_its_attempts(
    school: School, inbox: Inbox, few_attempts: Callable[[int], None]
) -> None:
    few_attempts(3)
    inbox.refusals["grey@school.example"] = "451 Try again later"
    school.tell("grey@school.example")
    school.hand_in()
    school.work_until_settled()
    delivery = school.delivery()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("failed", 3, Reason.NOT_NOW)
    assert school.jobs() == []


SERVER = MailServer(host="x", address="office@schule.example", name="Büro\r\nBcc: x@y.example")


def test_no_name_and_no_title_makes_a_header_of_its_own() -> None:
    subject = "Title\r\nBcc: everybody@example.org\u2028X: y"
    mail = messages.compose(SERVER, "a@b.example", subject, "text", "id", now())
    raw = mail.as_bytes().decode()
    assert "\r\nBcc:" not in raw
    assert "\nX:" not in raw
    assert mail["Subject"] == "Title Bcc: everybody@example.org X: y"
    assert raw.isascii()


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("安@例え.example", "安@xn--r8jz45g.example"),
    ],
)
def test_domains_travel_in_ascii(address: str, wire: str) -> None:
    assert messages.on_the_wire(address) == wire


def test_only_an_address_in_other_letters_needs_smtputf8(school: School, inbox: Inbox) -> None:
    school.tell("安@例え.example", "ann@bücher.example")
    school.hand_in()
    school.work()
    assert {mail.recipient: mail.with_utf8 for mail in inbox.mails} == {
        "安@xn--r8jz45g.example": True,
        "ann@xn--bcher-kva.example": False,
    }


def test_a_server_that_never_ends_its_greeting_is_left_in_time() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer(
            host="127.0.0.1", port=silent.getsockname()[1], security="none", address=SENDER
        )
        mail = messages.compose(server, "a@b.example", "s", "t", "id", now())
        with pytest.raises(TimeoutError) as raised:
            smtp.send(server, {"a@b.example": mail}, timeout=60, most_seconds=0.2)
        assert trouble_of(raised.value).reason is Reason.TOO_SLOW
