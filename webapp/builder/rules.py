"""What is done to a whole form: its terms, a copy of it, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import clock
from ..forms import drafts, editing, rules, slugs, terms, typed
from ..forms.definition import Definition, read_definition
from ..forms.drafts import Stale
from ..forms.rules import Terms
from ..forms.tables import Form
from ..forms.typed import Mistakes
from ..i18n import gettext
from ..look import logos
from ..look.logos import Picture
from ..settings import rules as settings
from ..submissions.form_erasing import erase_form
from ..submissions.tables import StoredFile, Submission

MOST_TITLE = 200  # characters
MOST_COUNTED = 10_000  # files
MOST_LOGO_WORDS = 200  # characters


class NotConfirmed(Exception):
    """What cannot be undone was not confirmed; the text says what is wrong."""


def zone_of_desk(session: Session) -> str:
    """The zone of new forms: as chosen at set-up, else that of this computer."""
    zone: str | None = settings.get(session, settings.TIME_ZONE)
    return zone or clock.local_zone()


def save_terms(
    session: Session,
    slug: str,
    revision: int,
    given: Mapping[str, str],
    now: datetime,
    *,
    user_id: int | None,
) -> Form:
    """Sets the form's terms, and the question that names its folders, as they were typed. Raises Mistakes,
    Stale, NoForm."""
    slugs.wait_for_turn(session)  # before the form, as all who take both
    form = drafts.locked(session, slug)
    wanted = terms.read(given, form)
    draft = editing.name_folders_by(read_definition(form.draft), given.get("folder_label", ""))
    if terms.of(form) == wanted and draft.write() == form.draft:
        return form
    if form.revision != revision:
        raise Stale(slug)
    if wanted.slug != form.slug:
        _check_new_slug(session, form, wanted.slug, is_confirmed="new_slug" in given)
    wanted.set(form)
    form.draft = draft.write()
    drafts.touch(session, form, now, user_id=user_id, what="settings")
    return form


def dress(
    session: Session,
    slug: str,
    revision: int,
    given: Mapping[str, str],
    picture: Picture | None,
    now: datetime,
    *,
    user_id: int | None,
) -> None:
    """Sets the draft's colour and closing text as they were typed, and the form's logo: a new one, none,
    or the one that it has. Raises Mistakes, Stale, NoForm."""
    form = drafts.locked(session, slug)
    draft = editing.dress(read_definition(form.draft), given)
    words = " ".join(given.get("logo_words", "").split())[:MOST_LOGO_WORDS]
    goes = "remove_logo" in given and picture is None and bool(form.logo)
    if draft.write() == form.draft and words == form.logo_words and not (picture or goes):
        return
    if form.revision != revision:
        raise Stale(slug)
    form.draft = draft.write()
    form.logo_words = words
    if picture is not None:
        logos.put(session, form, picture)
    elif goes:
        logos.remove(session, form)
    drafts.touch(session, form, now, user_id=user_id, what="look")


def _check_new_slug(session: Session, form: Form, slug: str, *, is_confirmed: bool) -> None:
    if slugs.is_taken(session, slug):
        label = gettext("Last part of the link")
        raise Mistakes({"slug": typed.told(label, gettext("must not be another form's"))})
    if form.submission_count and not is_confirmed:
        text = gettext("The old link will stop working: please confirm that you want a new one")
        raise Mistakes({"new_slug": text})


def duplicate(session: Session, slug: str, now: datetime, *, user_id: int | None) -> Form:
    """Makes a draft that asks the same, under another title and slug. Raises NoForm."""
    slugs.wait_for_turn(session)
    form = drafts.locked(session, slug)
    draft = read_definition(form.draft)
    title = gettext("Copy of %(title)s", title=draft.title)[:MOST_TITLE]
    own = Terms(
        slug=slugs.unused_slug(session, title),
        time_zone=form.time_zone,
        max_submissions=form.max_submissions,
        corrections=form.corrections,
        save_later=form.save_later,
        access=form.access,
        passcode=form.passcode,
        late_days=form.late_days,
    )
    return rules.save(session, editing.copy(draft, title), own, now, user_id=user_id)


def count_files(session: Session, form_id: int) -> int:
    """How many files its submissions have, counted to MOST_COUNTED and one more."""
    own = select(StoredFile.id).join(Submission).where(Submission.form_id == form_id)
    counted = own.limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def delete(
    session: Session,
    slug: str,
    seen: int,
    name: str,
    now: datetime,
    *,
    user_id: int | None,
) -> None:
    """Takes the form away, with its submissions; wake the worker when that is committed. With submissions
    it must be named by its title or slug, and their number be the one that was `seen`. Raises
    NotConfirmed, NoForm."""
    form = drafts.locked(session, slug)
    if form.submission_count != seen:
        raise NotConfirmed(gettext("Its submissions have changed in number: please look again"))
    if seen and not _is_named(form, read_definition(form.draft), name):
        raise NotConfirmed(gettext("Please type the title of the form, to confirm"))
    erase_form(session, form.id, user_id, now)


def _is_named(form: Form, draft: Definition, name: str) -> bool:
    return " ".join(name.split()).casefold() in (
        form.slug,
        " ".join(draft.title.split()).casefold(),
    )
