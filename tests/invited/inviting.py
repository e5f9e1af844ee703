"""Inviting people without pages, for tests of what their links do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from webapp.database import now, unit_of_work
from webapp.forms.tables import Form
from webapp.invited import rules
from webapp.invited.lists import read_list
from webapp.invited.tables import InvitedPerson

PERSONAL = """
format = 1
title = "Homework 3"
slug = "homework-3"
state = "open"
access = "personal"
time_zone = "Asia/Shanghai"

[[fields]]
key = "essay"
kind = "files"
label = "Your essay"
max_files = 3

[[fields]]
key = "words"
kind = "number"
label = "How many words"
"""


def invite(app: Flask, form: Form, text: str) -> Mapping[str, str]:
    """Invites the people of a list; gives the paths of their links by name."""
    with app.app_context(), unit_of_work() as session:
        rules.add_people(session, form.id, read_list(text), now(), user_id=None)
    return links(app, form)


def links(app: Flask, form: Form) -> Mapping[str, str]:
    with app.app_context(), unit_of_work() as session:
        query = select(InvitedPerson).where(InvitedPerson.form_id == form.id)
        return {person.name: f"/p/{person.token}" for person in session.scalars(query)}


def change_person(app: Flask, name: str, **values: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(InvitedPerson).where(InvitedPerson.name == name).values(values))


def change_form(app: Flask, form: Form, **values: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Form).where(Form.id == form.id).values(values))


def close_ago(app: Flask, form: Form, **ago: float) -> None:
    """The form's deadline was so long ago."""
    change_form(app, form, closes_at=now() - timedelta(**ago))
