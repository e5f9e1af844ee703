"""Who may do what: decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a user is at the desk."""

    OWNER = "owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"


class Action(StrEnum):
    """What is done at the desk. Templates ask for these by their values."""

    OWN_ACCOUNT = "own_account"
    SEE_SUBMISSIONS = "see_submissions"
    ASK_FOR_CORRECTIONS = "ask_for_corrections"
    DELETE_SUBMISSIONS = "delete_submissions"
    EDIT_FORMS = "edit_forms"
    EDIT_NOTICES = "edit_notices"
    MANAGE = "manage"  # users, settings, and what makes the server call others


_REVIEWER = frozenset({Action.OWN_ACCOUNT, Action.SEE_SUBMISSIONS})
_EDITOR = _REVIEWER | {
    Action.ASK_FOR_CORRECTIONS, Action.DELETE_SUBMISSIONS, Action.EDIT_FORMS, Action.EDIT_NOTICES
}  # fmt: skip
ALLOWED: Mapping[str, frozenset[Action]] = {
    Role.REVIEWER: _REVIEWER,
    Role.EDITOR: _EDITOR,
    Role.OWNER: frozenset(Action),
}


class HasRole(Protocol):
    """What `can` must know of a user."""

    @property
    def role(self) -> str: ...


def can(user: HasRole | None, action: str, thing: object = None) -> bool:
    """Whether the user may do that. `thing` is what it would be done to, for roles that will be tied
    to single forms; an unknown action is a mistake in the program: ValueError."""
    wanted = Action(action)
    return user is not None and wanted in ALLOWED.get(user.role, frozenset())
