"""`python -m webapp user …`: users, from the command line of the computer that runs Intray."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from ..config import CannotStart
from ..database import now, unit_of_work
from ..extensions import db
from . import rules
from .permissions import Role
from .rules import AccountError
from .tables import User


@click.group("user", help="Who may sign in to the desk.")
def group() -> None:
    pass


_from_standard_input = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line."
)


@group.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.OWNER.value)
@_from_standard_input
def add(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Makes a user; asks for the password unless --password-stdin is given."""
    password = _password(password_stdin)
    with _writing() as session:
        user = rules.add_user(
            session, email=email, name=name, role=role, password=password, now=now()
        )
    click.echo(f"{user.email} can sign in now, as {user.role}.")


@group.command("list")
def list_users() -> None:
    """Lists the users: e-mail address, role, name."""
    for user in rules.all_users(db.session):
        click.echo(f"{user.email}  {user.role}  {user.name}")


@group.command("password")
@click.argument("email")
@_from_standard_input
def set_password(email: str, password_stdin: bool) -> None:
    """Sets a user's password, and signs that user out everywhere."""
    password = _password(password_stdin)
    with _writing() as session:
        rules.set_password(session, _user(session, email), password, now(), by=None)
    click.echo("The password is set.")


@group.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def change_role(email: str, role: str) -> None:
    """Gives a user another role; the last owner stays one."""
    with _writing() as session:
        user = _user(session, email)
        rules.change_user(session, user, name=user.name, role=role, now=now(), by=None)
    click.echo(f"{user.email} is {role} now.")


@group.command("remove")
@click.argument("email")
def remove(email: str) -> None:
    """Removes a user; never the last owner."""
    with _writing() as session:
        rules.remove_user(session, _user(session, email), now(), by=None)
    click.echo(f"{email} is removed.")


@contextmanager
def _writing() -> Iterator[Session]:
    try:
        with unit_of_work() as session:
            yield session
    except AccountError as wrong:
        raise CannotStart(f"{wrong}.") from None


def _user(session: Session, email: str) -> User:
    user = rules.find_user(session, email)
    present = user and rules.user_to_change(session, user.id)
    if present is None:
        raise CannotStart(f"There is no user {email}.")
    return present


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
