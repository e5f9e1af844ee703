"""Somebody who works at the desk: signs in, opens its pages, fills in the forms on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from flask import Flask

from webapp.accounts import rules
from webapp.database import now, unit_of_work

from .visitor import Files, Page, Transport, Visitor

PASSWORD = "correct horse battery"
Values = Mapping[str, str | Sequence[str]]


class Desk(Visitor):
    """A visitor who keeps the session cookie, and posts the forms that are on a page."""

    def __init__(self, send: Transport) -> None:
        super().__init__(self._keeping_cookies(send))
        self.cookie = ""

    def _keeping_cookies(self, send: Transport) -> Transport:
        def sending(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
            own = {"Cookie": self.cookie} if self.cookie else {}
            page = send(method, path, body, {**own, **headers})
            given = re.search(r"intray_session=[^;]+", page.headers.get("set-cookie", ""))
            if given is not None:
                self.cookie = given[0]
            return page

        return sending

    def sign_in(self, email: str, password: str = PASSWORD, next: str = "") -> Page:
        return self.post_form("/login", {"email": email, "password": password, "next": next})

    def submit(
        self, page: Page, action: str, values: Values | None = None, files: Files | None = None
    ) -> Page:
        """Posts the form of that action on the page: its inputs, with `values` over them; the value of
        a button that is pressed is among them. Multipart where there are `files`."""
        given = {n: [v] if isinstance(v, str) else list(v) for n, v in (values or {}).items()}
        kept = [(name, value) for name, value in form_on(page, action).inputs if name not in given]
        inputs = kept + [(name, value) for name, many in given.items() for value in many]
        if files is not None:
            return self.send_multipart(action, inputs, files)
        return self.post(action, urlencode(inputs).encode(), "application/x-www-form-urlencoded")


@dataclass
class FormOnPage:
    """A form of a page, with what it would send if no button were pressed."""

    action: str
    inputs: list[tuple[str, str]] = field(default_factory=list)


def form_on(page: Page, action: str) -> FormOnPage:
    """The page's first form that posts to `action`; AssertionError names those that are there."""
    forms = forms_of(page)
    found = next((form for form in forms if form.action == action), None)
    assert found is not None, f"no form posts to {action}, only {[f.action for f in forms]}"
    return found


def forms_of(page: Page) -> list[FormOnPage]:
    """All forms of a page that post."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self._form: FormOnPage | None = None
        self._area: tuple[str, list[str]] | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method", "").lower() == "post":
            self._form = FormOnPage(values.get("action", ""))
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and values.get("name") and self._is_sent(values):
            self._form.inputs.append((values["name"], values.get("value", "")))
        elif tag == "textarea":
            self._area = (values.get("name", ""), [])
        elif tag == "select":
            self._select = (values.get("name", ""), [])
        elif tag == "option" and self._select is not None:
            self._select[1].append((values.get("value", ""), "selected" in values))

    def _is_sent(self, values: Mapping[str, str]) -> bool:
        kind = values.get("type", "text")
        if kind in ("checkbox", "radio"):
            return "checked" in values
        return kind not in ("file", "submit") and "disabled" not in values

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            name, texts = self._area
            self._form.inputs.append((name, "".join(texts).removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None:
            name, options = self._select
            chosen = [value for value, is_chosen in options if is_chosen]
            value = chosen[-1] if chosen else next((value for value, _ in options), "")
            self._form.inputs.append((name, value))
            self._select = None


def add_user(app: Flask, role: str, email: str = "") -> str:
    """Makes a user of that role, with PASSWORD, and gives the e-mail address."""
    address = email or f"{role}@example.org"
    with app.app_context(), unit_of_work() as session:
        rules.add_user(
            session, email=address, name=f"{role.title()} Lee", password=PASSWORD, role=role,
            now=now(),
        )  # fmt: skip
    return address
