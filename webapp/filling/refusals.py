"""What is said where nothing can be handed in, or was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .. import clock
from ..forms.availability import Availability
from ..forms.definition import Definition
from ..forms.tables import Form
from ..i18n import gettext, in_a_row
from ..invited.admission import Admission
from ..look.wearing import Look, look_of
from ..submissions.tables import Submission


@dataclass(frozen=True)
class UnavailablePage:
    """A form that takes no submissions now."""

    title: str
    heading: str
    text: str
    look: Look
    receipt_url: str = ""


def not_correctable(form: Form, definition: Definition, receipt_url: str) -> UnavailablePage:
    """What to tell instead of a page to correct what was handed in."""
    heading, text = no_correction()
    look = look_of(form, definition)
    return UnavailablePage(definition.title, heading, text, look, receipt_url)


def no_correction() -> tuple[str, str]:
    """Why there is no correcting: a heading, and a sentence."""
    text = gettext(
        "What you handed in stays as it is. If something in it is wrong, tell the people who sent you "
        "here: they can let you correct it."
    )
    return gettext("These answers cannot be corrected now"), text


def unavailable(
    form: Form, definition: Definition, state: Availability, closes_at: datetime | None = None
) -> UnavailablePage:
    """What to tell instead of showing the form."""
    heading, text = refusal(form, state, closes_at)
    return UnavailablePage(definition.title, heading, text, look_of(form, definition))


def refusal(form: Form, state: Availability, closes_at: datetime | None = None) -> tuple[str, str]:
    """Why the form takes no submissions: a heading, and a sentence with the time that matters. `closes_at` is
    the deadline of the one who asks, where it is not the form's."""
    closes_at = closes_at or form.closes_at
    ask = gettext("If you think that this is a mistake, ask the people who sent you here.")
    if state is Availability.NOT_YET:
        text = gettext("It opens on %(moment)s.", moment=_moment(form.opens_at, form))
        return gettext("This form is not open yet"), text
    if state is Availability.FULL:
        text = gettext("It has received as many submissions as it can take.")
        return gettext("This form is full"), in_a_row([text, ask])
    if state in _AT_THE_DOOR:
        return _AT_THE_DOOR[state]()
    if form.state == "open" and closes_at is not None:
        text = gettext("It closed on %(moment)s.", moment=_moment(closes_at, form))
        return gettext("This form is closed"), in_a_row([text, ask])
    return gettext("This form is closed"), ask


def stale_page() -> str:
    """What to say of a page whose token is not ours."""
    return gettext(
        "This page could not be recognised: it may be very old, or was changed on its way. Your answers "
        "are still here; please check them and hand in again."
    )


def not_handed_in(form: Form, admission: Admission, state: Availability | None = None) -> str:
    """What to tell whoever has sent answers that are not taken; `state` is what was found since."""
    heading, text = refusal(form, state or admission.state, admission.closes_at)
    why = gettext("%(heading)s. Your answers were not handed in.", heading=heading)
    return in_a_row([why, text])


def _needs_link() -> tuple[str, str]:
    return gettext("This form needs a personal link"), gettext(
        "Everybody who is to fill it in has a link of their own. Open yours, or ask the people who sent you "
        "here for it."
    )


def _needs_passcode() -> tuple[str, str]:
    return gettext("This form needs its passcode"), gettext(
        "Write it into the field at the end of this page, as it was given to you."
    )


def _link_closed() -> tuple[str, str]:
    return gettext("This personal link is closed"), gettext(
        "If you think that this is a mistake, ask the people who sent you here."
    )


_AT_THE_DOOR = {
    Availability.NEEDS_LINK: _needs_link,
    Availability.NEEDS_PASSCODE: _needs_passcode,
    Availability.LINK_CLOSED: _link_closed,
}


@dataclass(frozen=True)
class UsedPage:
    """A personal link by which something was handed in."""

    title: str
    person: str
    reference: str
    received: str
    receipt_key: str


def used_page(form: Form, definition: Definition, person: str, earlier: Submission) -> UsedPage:
    """What to tell whoever opens that link again."""
    received = _moment(earlier.received_at, form)
    return UsedPage(definition.title, person, earlier.reference, received, earlier.receipt_key)


def link_used(form: Form, earlier: Submission) -> str:
    """Why a second hand-in by a personal link is not taken."""
    return gettext(
        "By this personal link the form was handed in already, on %(moment)s with the reference "
        "%(reference)s. What is on this page now was not handed in.",
        moment=_moment(earlier.received_at, form),
        reference=earlier.reference,
    )


def _moment(moment: datetime | None, form: Form) -> str:
    return clock.format_moment(moment, form.time_zone) if moment else ""
