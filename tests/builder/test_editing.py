"""Editing a form at the desk: questions of every kind, their order, two windows, what is published."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.database import snapshot
from webapp.events.tables import Event
from webapp.forms import rules
from webapp.forms.kinds import KINDS
from webapp.forms.toml_file import read_form, write_form

from ..conftest import ImportForm, SignInAs
from ..desk import Desk, form_on
from ..forms.test_definition import EVERY_RULE
from ..forms.test_editing import TYPED
from ..forms_in_toml import EVERY_KIND, HOMEWORK
from ..visitor import Page, Visitor

TOP = "/desk/forms/homework-3"
EDIT = f"{TOP}/edit"
# An answer that each kind takes under the rules in TYPED.
FITTING: dict[str, dict[str, str | list[str]]] = {
    "short_text": {"tell": "abc"},
    "long_text": {"tell": "ab"},
    "email": {"tell": "ann@example.org"},
    "phone": {"tell": "+49 30 12345"},
    "number": {"tell": "12.5"},
    "date": {"tell": "2026-12-01"},
    "time": {"tell": "8.30"},
    "birthday": {"tell.day": "1", "tell.month": "2", "tell.year": "2003"},
    "choice": {"tell": "a"},
    "choices": {"tell": ["a", "b"]},
    "rating": {"tell": "7"},
    "matrix": {"tell.a": "c", "tell.b": "d"},
    "consent": {"tell": "yes"},
    "signature": {"tell": "Ann Lee"},
}


def draft(app: Flask, slug: str = "homework-3") -> dict[str, Any]:
    with app.app_context(), snapshot() as session:
        form = rules.find_form(session, slug)
        assert form is not None
        return form.draft


def labels(app: Flask) -> list[str]:
    return [field["label"] for field in draft(app).get("fields", [])]


def question(app: Flask, label: str) -> str:
    """The address of a question's page."""
    ids = {field["label"]: field["id"] for field in draft(app)["fields"]}
    return f"{TOP}/questions/{ids[label]}"


def press(desk: Desk, app: Flask, button: str, label: str, page: Page | None = None) -> Page:
    """Presses a button in the list of questions."""
    field_id = question(app, label).rpartition("/")[2]
    return desk.submit(page or desk.open(EDIT), EDIT, {button: field_id})


@pytest.fixture
def form(import_form: ImportForm) -> None:
    import_form(HOMEWORK)


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_of_every_kind_with_every_option_goes_all_the_way(
    app: Flask, desk: Desk, visitor: Visitor, form: None, kind: str
) -> None:
    """Chosen, typed, published, exported as TOML, handed in."""
    chosen = desk.submit(desk.open(EDIT), EDIT, {"add": kind})
    assert (chosen.status, chosen.location) == (303, f"{TOP}/questions/new/{kind}")
    given = {"label": "Tell us", "help": "a\nb", "required": "yes", "key": "tell", **TYPED[kind]}
    added = desk.submit(desk.open(chosen.location), chosen.location, given, [])
    assert added.status == 303, added.problems
    assert added.location.startswith(f"{EDIT}#question-")
    shown = form_on(desk.open(question(app, "Tell us")), question(app, "Tell us"))
    saved = desk.submit(desk.open(question(app, "Tell us")), question(app, "Tell us"))
    assert saved.status == 303
    table = draft(app)["fields"][-1]
    assert set(table) == {"kind", "key", "label", "help", "required", "id", *EVERY_RULE[kind]}
    assert dict(shown.inputs)["label"] == "Tell us"

    assert desk.submit(desk.open(EDIT), f"{TOP}/publish").status == 303
    definition, _ = read_form(desk.open(f"{TOP}/form.toml").text)
    assert definition.write()["fields"][-1] == table
    page = visitor.open("/f/homework-3")
    refused = visitor.hand_in(page, "/f/homework-3", {"name": "Ann"})
    assert any("Tell us" in problem for problem in refused.problems)
    files = [("tell", "a.pdf", b"%PDF-1.7 x")] if kind == "files" else []
    answers = {"name": "Ann", **FITTING.get(kind, {})}
    taken = visitor.hand_in(page, "/f/homework-3", answers, files)
    assert taken.status == 303, taken.problems


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_keeps_all_that_was_typed(desk: Desk, form: None, kind: str) -> None:
    path = f"{TOP}/questions/new/{kind}"
    given = {"label": " ", "help": "Kept", "key": "Bad!", "required": "yes", **TYPED[kind]}
    page = desk.submit(desk.open(path), path, given, [])
    assert page.status == 422
    assert [p.split(" must")[0] for p in page.problems] == ["Question", "Short name"]
    kept = {name: _lines(value) for name, value in form_on(page, path).inputs}
    assert {name: kept[name] for name in given if name not in ("label", "choices")} == {
        name: value for name, value in given.items() if name not in ("label", "choices")
    }
    assert 'href="#f-label"' in page.text
    assert 'aria-describedby="f-label-error"' in page.text
    assert 'aria-invalid="true"' in page.text


def _lines(text: str) -> str:
    """As it was typed, before a browser's line ends."""
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "\ud83d", "\u202e\u2066", "\u0301" * 40_000, "x" * 90_000]
)
@pytest.mark.timeout(60)
def test_hostile_texts_are_refused_or_kept_and_break_nothing(
    app: Flask, desk: Desk, form: None, text: str
) -> None:
    sent = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for kind in KINDS:
        path = f"{TOP}/questions/new/{kind}"
        names = dict(form_on(desk.open(path), path).inputs)
        values = dict.fromkeys({*names, "choices"} - {"csrf_token"}, sent)
        assert desk.submit(desk.open(path), path, values, []).status in (303, 422)
    for values in ({"title": sent}, {"description": sent}, {"up": sent}, {"question": sent}):
        page = desk.open(EDIT)
        assert desk.submit(page, EDIT, values, []).status in (303, 409, 422)
    page = desk.open(f"{TOP}/settings")
    names = dict(form_on(page, f"{TOP}/settings").inputs)
    for name in set(names) - {"csrf_token"}:
        answer = desk.submit(page, f"{TOP}/settings", {name: sent}, [])
        assert answer.status in (303, 409, 422), name
    assert desk.open(EDIT).status == 200
    assert desk.open(f"{TOP}/preview").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/desk/forms/nobody/edit", "/desk/forms/%00/edit", "/desk/forms/A/settings",
        f"{TOP}/questions/nobody", f"{TOP}/questions/%00", f"{TOP}/questions/new/stars",
        "/desk/forms/nobody/share", "/desk/forms/x/qr.svg",
        "/desk/forms/nobody/form.toml", "/desk/forms/nobody/preview",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(desk: Desk, form: None, path: str) -> None:
    assert desk.open(path).status == 404


def test_title_and_introduction_are_saved_with_whatever_is_pressed(
    app: Flask, desk: Desk, form: None
) -> None:
    page = desk.open(EDIT)
    head = {"title": "Homework 4", "description": "Do *it*."}
    assert desk.submit(page, EDIT, head).status == 303
    assert (draft(app)["title"], draft(app)["description"]) == ("Homework 4", "Do *it*.")
    moved = desk.submit(desk.open(EDIT), EDIT, {"title": "Homework 5", "add": "email"})
    assert moved.location == f"{TOP}/questions/new/email"
    assert draft(app)["title"] == "Homework 5"
    wrong = desk.submit(desk.open(EDIT), EDIT, {"title": "", "description": "Kept", "add": "email"})
    assert (wrong.status, wrong.problems) == (422, ["Title must not be empty"])
    assert "Kept" in wrong.text


def test_questions_are_moved_duplicated_and_removed(app: Flask, desk: Desk, form: None) -> None:
    assert labels(app) == ["Your name", "Your essay"]
    assert press(desk, app, "up", "Your essay").status == 303
    assert labels(app) == ["Your essay", "Your name"]
    assert press(desk, app, "down", "Your essay").status == 303
    assert press(desk, app, "duplicate", "Your name").status == 303
    assert labels(app) == ["Your name", "Your name", "Your essay"]
    assert len({field["id"] for field in draft(app)["fields"]}) == 3
    path = question(app, "Your essay")
    assert desk.submit(desk.open(path), f"{path}/move", {"place": "1"}).status == 303
    assert labels(app)[0] == "Your essay"
    assert desk.submit(desk.open(path), f"{path}/move", {"place": "x"}).problems == [
        "The place must be a number from 1"
    ]
    assert press(desk, app, "remove", "Your essay").status == 303
    assert labels(app) == ["Your name", "Your name"]


def test_the_list_says_in_words_what_answers_must_be(desk: Desk, import_form: ImportForm) -> None:
    import_form(EVERY_KIND)
    page = desk.open("/desk/forms/job-application/edit").text
    told = ["At least 5 characters", "From 0 to 60", "1 January 2026 or later"]
    told += ["Cook, Gärtner, 司机", "Up to 2 files of up to 64 KB each"]
    assert [words for words in told if words not in page] == []


def test_publishing_says_what_becomes_of_pages_that_are_open(
    app: Flask, desk: Desk, form: None
) -> None:
    words = "can still hand in the version that they see"
    assert words not in desk.open(EDIT).text
    press(desk, app, "up", "Your essay")
    assert words in desk.open(EDIT).text


def test_what_is_dropped_in_the_list_stands_there(app: Flask, desk: Desk, form: None) -> None:
    essay = question(app, "Your essay").rpartition("/")[2]
    dropped = desk.submit(desk.open(EDIT), EDIT, {"drop": essay, "place": "0"})
    assert (dropped.status, labels(app)) == (303, ["Your essay", "Your name"])
    assert "It is question 1 of 2 now." in desk.open(dropped.location).text
    desk.submit(desk.open(EDIT), EDIT, {"drop": essay, "place": "many"})
    assert labels(app) == ["Your name", "Your essay"]


def test_what_is_removed_can_be_brought_back_as_it_was(app: Flask, desk: Desk, form: None) -> None:
    before = draft(app)
    page = desk.open(press(desk, app, "remove", "Your name").location)
    assert labels(app) == ["Your essay"]
    assert "said removed" in page.text
    assert "said removed" not in desk.open(EDIT).text
    press(desk, app, "duplicate", "Your essay")  # another window
    back = desk.submit(page, f"{TOP}/restore")
    assert back.location == f"{EDIT}#question-{before['fields'][0]['id']}"
    assert draft(app)["fields"][0] == before["fields"][0]
    assert draft(app)["folder_label"] == before["folder_label"]
    assert desk.submit(page, f"{TOP}/restore").status == 303
    assert labels(app) == ["Your name", "Your essay", "Your essay"]
    assert "“Your name” is back." in desk.open(EDIT).text


def test_nothing_is_brought_back_that_was_not_removed_here(
    app: Flask, desk: Desk, form: None, import_form: ImportForm
) -> None:
    import_form(EVERY_KIND)
    page = desk.open(press(desk, app, "remove", "Your name").location)
    other = "/desk/forms/job-application"
    kept = dict(form_on(page, f"{TOP}/restore").inputs)
    assert desk.post_form(f"{other}/restore", kept).status == 400
    assert desk.submit(page, f"{TOP}/restore", {"kept": "forged"}).status == 400


def test_removing_a_question_says_what_becomes_of_its_answers(
    app: Flask, desk: Desk, visitor: Visitor, form: None
) -> None:
    told = desk.open(press(desk, app, "remove", "Your name").location)
    assert "stay with their submissions" not in told.text
    desk.submit(told, f"{TOP}/restore")
    page = visitor.open("/f/homework-3")
    receipt = visitor.hand_in(page, "/f/homework-3", {"name": "Ann Lee"})
    told = desk.open(press(desk, app, "remove", "Your name").location)
    assert "stay with their submissions" in told.text
    desk.submit(desk.open(EDIT), f"{TOP}/publish")
    assert "Ann Lee" in visitor.open(receipt.location).text
    assert "folder_label" not in draft(app)


def test_two_windows_lose_nothing_of_each_other(app: Flask, desk: Desk, form: None) -> None:
    path = question(app, "Your name")
    first, second = desk.open(path), desk.open(path)
    assert desk.submit(first, path, {"label": "Full name", "max_length": "50"}).status == 303
    page = desk.submit(second, path, {"label": "Name", "help": "As in your passport"})
    assert page.status == 409
    assert "changed in another window" in page.text
    assert "Full name" in page.text
    inputs = dict(form_on(page, path).inputs)
    assert (inputs["label"], inputs["help"]) == ("Name", "As in your passport")
    assert labels(app)[0] == "Full name"
    assert desk.submit(page, path, {"max_length": "50"}).status == 303
    assert draft(app)["fields"][0]["help"] == "As in your passport"


def test_a_change_of_another_question_is_told_as_well(app: Flask, desk: Desk, form: None) -> None:
    name, essay = question(app, "Your name"), question(app, "Your essay")
    page = desk.open(essay)
    desk.submit(desk.open(name), name, {"label": "Full name"})
    told = desk.submit(page, essay, {"label": "Your text"})
    assert told.status == 409
    assert desk.submit(told, essay).status == 303
    assert labels(app) == ["Full name", "Your text"]


def test_a_question_that_was_removed_in_another_window_can_be_added_again(
    app: Flask, desk: Desk, form: None
) -> None:
    path = question(app, "Your name")
    page = desk.open(path)
    press(desk, app, "remove", "Your name")
    told = desk.submit(page, path, {"label": "Name", "help": "Kept"})
    assert (told.status, "removed there" in told.text) == (409, True)
    again = f"{TOP}/questions/new/short_text"
    assert desk.submit(told, again, files=[]).status == 303
    assert draft(app)["fields"][-1]["help"] == "Kept"


@pytest.mark.parametrize("button", ["up", "duplicate", "remove"])
def test_the_list_is_not_changed_from_a_stale_page(
    app: Flask, desk: Desk, form: None, button: str
) -> None:
    page = desk.open(EDIT)
    press(desk, app, "up", "Your essay")
    answer = press(desk, app, button, "Your name", page)
    assert (answer.status, labels(app)) == (409, ["Your essay", "Your name"])
    typed = desk.submit(page, EDIT, {"title": "Mine"})
    assert typed.status == 409
    assert dict(form_on(typed, EDIT).inputs)["title"] == "Mine"
    assert "In the other window" in typed.text
    assert desk.submit(typed, EDIT).status == 303
    assert draft(app)["title"] == "Mine"


def test_what_changes_nothing_is_no_conflict(app: Flask, desk: Desk, form: None) -> None:
    page = desk.open(question(app, "Your name"))
    press(desk, app, "up", "Your essay")
    assert desk.submit(page, question(app, "Your name")).status == 303


def test_a_question_is_added_whatever_others_do(app: Flask, desk: Desk, form: None) -> None:
    path = f"{TOP}/questions/new/email"
    page = desk.open(path)
    desk.submit(desk.open(path), path, {"label": "E-mail"})
    assert desk.submit(page, path, {"label": "E-mail"}).status == 303
    assert [field["key"] for field in draft(app)["fields"]][2:] == ["e_mail", "e_mail_2"]


def test_a_draft_is_published_by_the_bar_and_not_before(
    app: Flask, desk: Desk, visitor: Visitor, form: None
) -> None:
    name = question(app, "Your name")
    desk.submit(desk.open(name), name, {"label": "Full name"})
    page = desk.open(EDIT)
    assert "Changes that are not published yet" in page.text
    assert "Full name" not in visitor.open("/f/homework-3").text
    assert "Full name" in desk.open(f"{TOP}/preview").text
    published = desk.submit(desk.open(f"{TOP}/settings"), f"{TOP}/publish")
    assert published.location == f"{TOP}/settings"
    assert "Full name" in visitor.open("/f/homework-3").text
    assert "Changes that are not published yet" not in desk.open(EDIT).text


def test_what_was_not_seen_is_not_published(app: Flask, desk: Desk, form: None) -> None:
    page = desk.open(EDIT)
    name = question(app, "Your name")
    desk.submit(desk.open(name), name, {"label": "Oops"})
    assert desk.submit(page, f"{TOP}/publish").status == 409


def test_a_form_is_opened_and_closed(desk: Desk, visitor: Visitor, form: None) -> None:
    def refused() -> bool:
        return "This form is closed" in visitor.open("/f/homework-3").text

    assert desk.submit(desk.open(EDIT), f"{TOP}/publish", {}).status == 303
    page = desk.open(EDIT)
    values = dict(form_on(page, f"{TOP}/publish").inputs)
    assert desk.post_form(f"{TOP}/close", values).location == EDIT
    assert refused()
    assert desk.post_form(f"{TOP}/open", values).status == 303
    assert not refused()


def test_a_form_without_questions_cannot_be_published(app: Flask, desk: Desk) -> None:
    new = "/desk/forms/new"
    desk.submit(desk.open(new), f"{new}/blank", {"title": "Empty"})
    page = desk.open("/desk/forms/empty/edit")
    assert "No questions yet." in page.text
    answer = desk.submit(page, "/desk/forms/empty/publish")
    assert (answer.status, answer.problems) == (
        422,
        ["Add a question first, then publish the form"],
    )
    add = "/desk/forms/empty/questions/new/email"
    desk.submit(desk.open(add), add, {"label": "E-mail"})
    opened = desk.submit(desk.open("/desk/forms/empty/edit"), "/desk/forms/empty/publish")
    assert opened.status == 303
    assert "It takes submissions." in desk.open("/desk/forms/empty/edit").text


def test_a_draft_is_not_opened_past_publishing(desk: Desk, visitor: Visitor) -> None:
    new = "/desk/forms/new"
    desk.submit(desk.open(new), f"{new}/blank", {"title": "Empty"})
    page = desk.open("/desk/forms/empty/edit")
    values = dict(form_on(page, "/desk/forms/empty/publish").inputs)
    desk.post_form("/desk/forms/empty/open", values)
    assert visitor.open("/f/empty").status == 404


def test_each_change_is_told_in_the_history_with_who_made_it(
    app: Flask, desk: Desk, form: None
) -> None:
    name = question(app, "Your name")
    desk.submit(desk.open(name), name, {"label": "Full name"})
    desk.submit(desk.open(EDIT), f"{TOP}/publish")
    with app.app_context(), snapshot() as session:
        events = session.scalars(select(Event).order_by(Event.id)).all()
        told = [(e.kind, e.details) for e in events if e.user_id is not None and "form." in e.kind]
    assert told == [
        ("form.changed", {"what": "question changed"}),
        ("form.published", {"version": 2}),
    ]


def test_the_preview_shows_every_kind_and_hands_nothing_in(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(EVERY_KIND)
    page = desk.open("/desk/forms/job-application/preview")
    assert page.text.count('class="question"') == len(draft(app, "job-application")["fields"])
    assert "Nothing is handed in or kept here" in page.text
    wrong = desk.submit(page, "/desk/forms/job-application/preview")
    assert wrong.status == 422
    assert "Your name: please write an answer" in wrong.problems


def test_a_draft_is_tried_out_and_nothing_is_kept(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(HOMEWORK)
    path = f"{TOP}/preview"
    wrong = desk.submit(desk.open(path), path, {"name": ""})
    assert (wrong.status, len(wrong.problems)) == (422, 1)
    tried = desk.submit(desk.open(path), path, {"name": "Ann", "essay": "essay.pdf"})
    assert (tried.status, "All is well" in tried.text, 'value="Ann"' in tried.text) == (
        200,
        True,
        True,
    )
    with app.app_context(), snapshot() as session:
        form = rules.find_form(session, "homework-3")
        assert form is not None
        assert form.submission_count == 0


def test_a_question_is_shown_as_it_is_typed_and_not_saved(
    app: Flask, desk: Desk, form: None
) -> None:
    path, before = question(app, "Your name"), draft(app)
    page = desk.open(path)
    typed = {**dict(form_on(page, path).inputs), "label": "What are you called?"}
    shown = desk.post_form(f"{path}/preview", typed)
    assert (shown.status, "What are you called?" in shown.text) == (200, True)
    assert "frame-ancestors 'self'" in shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'; frame-src 'self'" in page.headers["content-security-policy"]
    refused = desk.post_form(f"{path}/preview", {**typed, "label": ""})
    assert "Question must not be empty" in refused.text
    new = f"{TOP}/questions/new/email/preview"
    assert "Your e-mail" in desk.post_form(new, {**typed, "key": "", "label": "Your e-mail"}).text
    assert draft(app) == before


def test_a_form_of_500_questions_is_edited(app: Flask, desk: Desk, import_form: ImportForm) -> None:
    fields = "".join(
        f'[[fields]]\nkey = "k{n}"\nkind = "short_text"\nlabel = "{"问" * 290} {n}"\n'
        for n in range(500)
    )
    head = 'format = 1\ntitle = "Long"\nslug = "long"\n'
    page = desk.open("/desk/forms/new")
    made = desk.submit(page, "/desk/forms/new/import", {"text": head + fields}, [])
    assert made.status == 303
    edit = "/desk/forms/long/edit"
    last = draft(app, "long")["fields"][-1]["id"]
    assert desk.submit(desk.open(edit), edit, {"up": last}).status == 303
    assert draft(app, "long")["fields"][-2]["id"] == last
    path = "/desk/forms/long/questions/new/email"
    full = desk.submit(desk.open(path), path, {"label": "One more"})
    assert (full.status, full.problems) == (
        422,
        ["A form can have 500 questions at most, with its pages and sections"],
    )


def test_500_long_choices_fit(app: Flask, desk: Desk, form: None) -> None:
    path = f"{TOP}/questions/new/choice"
    choices = "\n".join(f"{'选' * 295} {n}" for n in range(500))
    values = {"label": "Which?", "choices": choices}
    assert desk.submit(desk.open(path), path, values, []).status == 303
    assert len(draft(app)["fields"][-1]["choices"]) == 500


def test_every_control_has_a_name_that_is_said(
    app: Flask, desk: Desk, import_form: ImportForm
) -> None:
    import_form(EVERY_KIND)
    top = "/desk/forms/job-application"
    ids = [field["id"] for field in draft(app, "job-application")["fields"]]
    paths = ["/desk/forms/new", *(f"{top}/{p}" for p in ("edit", "settings", "share", "delete"))]
    for path in [*paths, *(f"{top}/questions/{id}" for id in ids)]:
        text = desk.open(path).text
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            if 'type="hidden"' in tag:
                continue
            found = re.search(r' id="([^"]+)"', tag)
            assert found, (path, tag)
            inside = re.search(rf'<label class="option">[^<]*<input[^>]* id="{found[1]}"', text)
            assert found[1] in labelled or inside, (path, tag)
        described = re.findall(r'aria-describedby="([^"]+)"', text)
        for target in " ".join(described).split():
            assert f'id="{target}"' in text, (path, target)
        every = re.findall(r' id="([^"]+)"', text)
        assert len(every) == len(set(every)), path
        assert " style=" not in text
        assert "<script" not in text.replace('<script type="module" src=', "")


@pytest.mark.parametrize(
    "path",
    ["edit", "settings", "preview", "share", "poster", "qr.svg", "qr.png", "form.toml", "delete"],
)
def test_reviewers_are_refused(sign_in: SignInAs, form: None, path: str) -> None:
    assert sign_in("reviewer").open(f"{TOP}/{path}").status == 403


def test_editors_make_forms_and_reviewers_change_nothing(
    app: Flask, sign_in: SignInAs, form: None
) -> None:
    reviewer, editor = sign_in("reviewer"), sign_in("editor")
    values = dict(form_on(editor.open(EDIT), EDIT).inputs)
    account = form_on(reviewer.open("/account"), "/account")
    values |= {"csrf_token": dict(account.inputs)["csrf_token"], "title": "Mine"}
    for path in ("edit", "publish", "close", "settings", "duplicate", "delete"):
        assert reviewer.post_form(f"{TOP}/{path}", values).status == 403
    assert draft(app)["title"] == "Homework 3"
    assert editor.submit(editor.open(EDIT), EDIT, {"title": "Theirs"}).status == 303
    assert draft(app)["title"] == "Theirs"


def test_an_untouched_draft_is_written_as_before(app: Flask, desk: Desk, form: None) -> None:
    before = draft(app)
    for field in before["fields"]:
        path = f"{TOP}/questions/{field['id']}"
        assert desk.submit(desk.open(path), path).status == 303
    assert desk.submit(desk.open(EDIT), EDIT).status == 303
    assert desk.submit(desk.open(f"{TOP}/settings"), f"{TOP}/settings").status == 303
    assert draft(app) == before
    with app.app_context(), snapshot() as session:
        form_now = rules.find_form(session, "homework-3")
        assert form_now is not None
        assert form_now.revision == 1
        assert "homework-3" in write_form(form_now)
