"""The pages of notices at the desk, as an owner, an editor and a reviewer have them."""

from __future__ import annotations

import re

import pytest

from webapp.notices.deliveries import PAGE
from webapp.notices.outcomes import Reason

from ..bench.statements import counted
from ..conftest import SignInAs
from ..desk import Desk
from ..running import free_port
from .conftest import SENDER, SLUG, School
from .receivers import Inbox, asks_for, mail_server, receiver

LIST = f"/desk/forms/{SLUG}/notices"
LOG = f"{LIST}/deliveries"
MAIL = "/desk/settings/mail"


def add(desk: Desk, kind: str, **values: str) -> str:
    """Adds a notice through its page; gives the path of the page to change it."""
    path = f"{LIST}/new/{kind}"
    answer = desk.submit(desk.open(path), path, values)
    assert answer.status == 303, answer.text
    paths = re.findall(rf'href="({LIST}/[0-9a-f]{{32}})"', desk.open(LIST).text)
    return str(paths[-1])


def test_an_empty_list_says_what_to_do(desk: Desk, school: School) -> None:
    page = desk.open(LIST)
    assert "Nobody is told yet." in page.text
    assert f'href="{MAIL}"' in page.text
    for kind in ("mail", "receipt", "webhook"):
        assert f"{LIST}/new/{kind}" in page.text
    assert "Nothing was delivered yet." in desk.open(LOG).text


def test_from_the_page_to_the_mail(desk: Desk, school: School, inbox: Inbox) -> None:
    path = add(desk, "mail", addresses="head@school.example, deputy@school.example")
    assert "head@school.example" in desk.open(LIST).text
    assert "Owner Lee" in desk.open(LIST).text  # who adds a notice is ticked
    assert "head@school.example\ndeputy@school.example" in desk.open(path).text
    reference = school.hand_in()
    school.work()
    recipients = {mail.recipient for mail in inbox.mails}
    assert recipients == {"head@school.example", "deputy@school.example", "owner@example.org"}
    log = desk.open(LOG)
    assert reference in log.text
    assert "Delivered" in log.text


def test_a_mistake_keeps_all_that_was_typed(desk: Desk, school: School) -> None:
    path = f"{LIST}/new/mail"
    typed = {"addresses": "head@school.example\nnobody", "language": "zh", "users": []}
    page = desk.submit(desk.open(path), path, typed)
    assert page.status == 422
    assert page.problems == ["E-mail addresses: “nobody” is none; write name@example.org"]
    assert "head@school.example\nnobody</textarea>" in page.text
    assert re.search('value="zh"\\s+selected', page.text)
    assert "checked" not in re.findall('name="users".*', page.text)[0]
    nobody = desk.submit(desk.open(path), path, {"addresses": "", "users": []})
    assert nobody.problems == ["E-mail addresses: write one, or choose a user below"]


def test_switching_off_and_on_and_deleting(desk: Desk, school: School, inbox: Inbox) -> None:
    path = add(desk, "mail", addresses="head@school.example", users="")
    for word, count in (("off", 0), ("on", 1)):
        answer = desk.submit(desk.open(LIST), f"{path}/switch")
        assert answer.status == 303
        assert f"The notice is {word}." in desk.open(LIST).text
        school.hand_in()
        school.work()
        assert len(inbox.mails) == count
    page = desk.open(f"{path}/delete")
    assert "Delete this notice?" in page.text
    assert desk.submit(page, f"{path}/delete").status == 303
    assert "Nobody is told yet." in desk.open(LIST).text
    assert school.deliveries() == []
    school.hand_in()
    school.work()
    assert len(inbox.mails) == 1


def test_a_receipt_needs_a_question_for_an_address(
    desk: Desk, school: School, inbox: Inbox
) -> None:
    path = f"{LIST}/new/receipt"
    page = desk.submit(desk.open(path), path, {"field": "none"})
    assert (page.status, page.problems) == (422, ["Send it to: please choose a question"])
    add(desk, "receipt")
    assert "Your e-mail address" in desk.open(LIST).text
    school.hand_in()
    school.work()
    assert len(inbox.to("ann@example.org")) == 1


def test_a_webhook_with_its_secret_its_test_and_its_log(desk: Desk, school: School) -> None:
    with receiver(lambda call, number: (500, b"<b>not today</b>", {})) as program:
        path = add(desk, "webhook", url=program.url)
        page = desk.open(path)
        assert "allowed on purpose" in page.text
        secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page.text)
        assert secret is not None
        desk.submit(page, path, {"url": program.url + "&more=1"})
        assert secret[0] in desk.open(path).text
        desk.submit(desk.open(path), f"{path}/secret")
        assert secret[0] not in desk.open(path).text
        answer = desk.submit(desk.open(path), f"{path}/test")
        assert answer.location == LOG
        school.work()
    log = desk.open(LOG).text
    for shown in ("Test", "Waiting", "Status 500", "&lt;b&gt;not today&lt;/b&gt;", "Next try"):
        assert shown in log, shown
    assert program.calls[0].path.endswith("&more=1")


def test_a_webhook_that_cannot_be_is_told(desk: Desk, school: School) -> None:
    path = f"{LIST}/new/webhook"
    page = desk.submit(desk.open(path), path, {"url": "ftp://school.example/"})
    assert page.status == 422
    assert "begins with https://" in page.problems[0]
    assert 'value="ftp://school.example/"' in page.text


def test_delivering_again_from_the_log(desk: Desk, school: School) -> None:
    with receiver(lambda call, number: 410 if number == 0 else 204) as program:
        path = add(desk, "webhook", url=program.url)
        school.hand_in()
        school.work()
        assert "410 Gone" in desk.open(LIST).text
        desk.submit(desk.open(LIST), f"{path}/switch")
        assert "410 Gone" not in desk.open(LIST).text
        assert desk.submit(desk.open(LOG), LOG).status == 303
        assert "1 is tried again." in desk.open(LOG).text
        school.work()
        log = desk.open(LOG)
        assert "Try all that were given up again" not in log.text
        delivery = school.delivery()
        again = f"{LOG}/{delivery.public_id}"
        assert desk.submit(log, again).status == 303
        school.work()
    assert len(program.taken) == 2
    assert {call.id for call in program.calls} == {delivery.public_id}


def test_the_log_is_paged_and_takes_as_many_statements_however_long_it_is(
    desk: Desk, school: School
) -> None:
    school.call(f"http://127.0.0.1:{free_port()}/")
    school.hand_in()
    school.work()
    desk.open(LOG)  # the first page of a sign-in notes that it is used
    with counted(school.app) as few:
        desk.open(LOG)
    for _ in range(PAGE):
        school.hand_in()
    school.work()
    with counted(school.app) as many:
        first = desk.open(LOG)
    assert len(many.statements) == len(few.statements)
    older = re.search(rf'href="({LOG}\?before=\d+)"', first.text)
    assert older is not None
    second = desk.open(older[1])
    references = [
        re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}(?=<|\n)", page.text) for page in (first, second)
    ]
    assert not set(references[0]) & set(references[1])
    assert second.text.count("<tr>") == 2  # its head, and the one
    for odd in ("x", "-1", "9" * 40):
        assert desk.open(f"{LOG}?before={odd}").status == 200


def test_editors_have_mail_and_no_webhooks(sign_in: SignInAs, school: School) -> None:
    with receiver() as program:
        notice_id = school.call(program.url)
    editor = sign_in("editor")
    page = editor.open(LIST)
    assert "An owner can change it." in page.text
    assert f"{LIST}/new/webhook" not in page.text
    assert "Please ask an owner" in page.text
    add(editor, "mail", addresses="head@school.example")
    own = editor.open(f"{LIST}/new/mail")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', own.text)[0]
    assert editor.open(f"{LIST}/new/webhook").status == 403
    assert editor.open(f"{LIST}/{notice_id}").status == 403
    assert editor.open(MAIL).status == 403
    for path in (f"{LIST}/new/webhook", f"{LIST}/{notice_id}", f"{LIST}/{notice_id}/switch",
                 f"{LIST}/{notice_id}/delete", f"{LIST}/{notice_id}/secret",
                 f"{LIST}/{notice_id}/test", MAIL, f"{MAIL}/test"):  # fmt: skip
        answer = editor.post_form(path, {"csrf_token": token, "url": "http://a.example/"})
        assert answer.status == 403, path
    assert school.notice(notice_id).config["url"] == program.url


def test_editors_see_no_secret_address_and_replay_no_webhook(
    sign_in: SignInAs, school: School
) -> None:
    with receiver(lambda call, number: (410, b"told-to-owners", {})) as program:
        school.call(program.url)
        school.hand_in()
        school.work()
        editor = sign_in("editor")
        for path in (LIST, LOG):
            page = editor.open(path)
            assert "http://127.0.0.1" in page.text
            assert "/hook" not in page.text
            assert "told-to-owners" not in page.text
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
        again = f"{LOG}/{school.delivery().public_id}"
        assert again not in page.text
        assert editor.post_form(again, {"csrf_token": token}).status == 403
        assert f'action="{LOG}"' not in page.text
        owner = sign_in("owner")
        owner.submit(owner.open(LIST), owner_switch(owner))
        assert editor.post_form(LOG, {"csrf_token": token}).status == 303
        school.work()
        assert len(program.calls) == 1
        assert "/hook" in owner.open(LIST).text
        assert "told-to-owners" in owner.open(LOG).text


def test_who_saves_what_another_has_changed_is_asked_first(desk: Desk, school: School) -> None:
    path = add(desk, "mail", addresses="head@school.example")
    old = desk.open(path)
    assert desk.submit(desk.open(path), path, {"addresses": "first@school.example"}).status == 303
    refused = desk.submit(old, path, {"addresses": "second@school.example"})
    assert refused.status == 409
    assert "meanwhile" in refused.problems[0]
    assert "second@school.example" in refused.text
    assert "first@school.example" in desk.open(LIST).text
    assert desk.submit(refused, path).status == 303
    assert "second@school.example" in desk.open(LIST).text


def test_a_secret_that_was_renewed_meanwhile_stays(desk: Desk, school: School) -> None:
    path = add(desk, "webhook", url="http://127.0.0.1:9/")
    old = desk.open(path)
    desk.submit(desk.open(path), f"{path}/secret")
    assert desk.submit(old, path, {"url": "http://127.0.0.1:10/"}).status == 409


def owner_switch(owner: Desk) -> str:
    """The path of the only notice's switch."""
    return re.findall(rf'action="({LIST}/[0-9a-f]{{32}}/switch)"', owner.open(LIST).text)[0]


def test_a_webhook_whose_address_is_corrected_is_called_at_once(desk: Desk, school: School) -> None:
    path = add(desk, "webhook", url=f"http://127.0.0.1:{free_port()}/")
    for _ in range(2):
        school.hand_in()
    school.work()
    assert [delivery.state for delivery in school.deliveries()] == ["waiting"] * 2
    with receiver() as program:
        assert desk.submit(desk.open(path), path, {"url": program.url}).status == 303
        school.work()
        assert len(program.taken) == 2


def test_reviewers_have_none_of_it(sign_in: SignInAs, school: School) -> None:
    reviewer = sign_in("reviewer")
    for path in (LIST, LOG, f"{LIST}/new/mail", MAIL):
        assert reviewer.open(path).status == 403


@pytest.mark.parametrize(
    "path",
    [
        f"{LIST}/new/pigeon",
        f"{LIST}/{'0' * 32}",
        f"{LIST}/%00",
        f"{LIST}/%00/delete",
        "/desk/forms/none/notices",
        "/desk/forms/%00/notices/deliveries",
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, school: School, path: str) -> None:
    assert desk.open(path).status == 404


SERVER = {"host": "127.0.0.1", "security": "none", "address": SENDER, "name": "Büro"}


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_the_mail_server_is_set_and_tried(desk: Desk, school: School) -> None:
    inbox = Inbox()
    with mail_server(inbox, **asks_for("office", "pass word")) as port:
        signed = {**SERVER, "port": str(port), "user": "office", "password": "pass word"}
        assert desk.submit(desk.open(MAIL), MAIL, signed).status == 303
        page = desk.open(MAIL)
        assert "A password is set" in page.text
        assert "pass word" not in page.text
        assert desk.submit(page, MAIL, {"name": "Office"}).status == 303  # keeps the password
        answer = desk.submit(desk.open(MAIL), f"{MAIL}/test")
        assert answer.status == 303, answer.text
        assert "has taken a test mail to owner@example.org" in desk.open(MAIL).text
        assert inbox.mails[0].message["From"] == f"Office <{SENDER}>"
        elsewhere = desk.submit(desk.open(MAIL), MAIL, {"host": "localhost"})
        assert elsewhere.problems == ["Password: please write it"]
        wrong = desk.submit(desk.open(MAIL), MAIL, {"password": "wrong"})
        assert wrong.status == 303
        refused = desk.submit(desk.open(MAIL), f"{MAIL}/test")
        assert refused.status == 422
        assert "did not accept the user name and password" in refused.problems[0]
        assert "535" in refused.problems[0]


def test_a_senders_address_in_other_letters_is_one_that_can_send(
    desk: Desk, school: School
) -> None:
    inbox = Inbox()
    school.tell("head@school.example")
    with mail_server(inbox) as port:
        typed = {**SERVER, "port": str(port), "address": "office@schüle.example"}
        assert desk.submit(desk.open(MAIL), MAIL, typed).status == 303
        school.hand_in()
        school.work()
    assert [mail.sender for mail in inbox.mails] == ["office@xn--schle-mva.example"]


@pytest.mark.parametrize("change", [{"security": "none"}, {"port": "588"}])
def test_a_password_is_asked_for_again_where_it_would_go_elsewhere_or_in_the_clear(
    desk: Desk, school: School, change: dict[str, str]
) -> None:
    signed = {**SERVER, "port": "587", "security": "starttls", "user": "o", "password": "secret"}
    assert desk.submit(desk.open(MAIL), MAIL, signed).status == 303
    page = desk.submit(desk.open(MAIL), MAIL, change)
    assert (page.status, page.problems) == (422, ["Password: please write it"])
    assert desk.submit(desk.open(MAIL), MAIL, {"security": "tls"}).status == 303


def test_a_mail_server_that_cannot_be_is_told_with_all_that_was_typed(
    desk: Desk, school: School
) -> None:
    typed = {**SERVER, "host": "a b", "port": "0x10", "address": "nobody", "user": "ü"}
    page = desk.submit(desk.open(MAIL), MAIL, typed)
    assert page.status == 422
    assert len(page.problems) == 5
    for value in ("a b", "0x10", "nobody", "ü", "Büro"):
        assert f'value="{value}"' in page.text
    assert "Try it" not in page.text


def test_what_has_waited_for_a_mail_server_leaves_when_there_is_one(
    desk: Desk, school: School
) -> None:
    school.tell("head@school.example")
    school.hand_in()
    school.work()
    assert school.delivery().reason == Reason.NO_MAIL_SERVER
    assert "No mail server is set up." in desk.open(LOG).text
    inbox = Inbox()
    with mail_server(inbox) as port:
        desk.submit(desk.open(MAIL), MAIL, {**SERVER, "port": str(port)})
        school.work()
    assert len(inbox.mails) == 1
