"""Which requests are hand-ins, to be parsed while they arrive."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from werkzeug.http import parse_options_header

from ..forms.capacity import Capacity
from ..storage.base import Storage
from .arriving_form import MULTIPART, ArrivingForm
from .capacities import Capacities, NotKnown

# Where a form is handed in: by its slug, by a personal link, in a draft, or at the page that corrects a
# submission, by that one's reference.
_PAGE = re.compile(r"/f/([^/]+)|/([pc]/[^/]+)|/r/([^/]+)/correct")


class HandIns:
    """The receiver of what is posted to the pages of forms."""

    def __init__(self, storage: Storage, find: Callable[[str], Capacity | None]) -> None:
        """`find` gives what may be sent to the form of a slug, of a personal link (`p/<token>`), of a draft
        (`c/<token>`), or of a submission's reference, and may be called in any thread."""
        self._storage = storage
        self._capacity_of = Capacities(find)

    def __call__(self, method: str, path: str, headers: Mapping[str, str]) -> ArrivingForm | None:
        """None leaves the body to the server. What comes for no form at all is kept nowhere."""
        page = _PAGE.fullmatch(path)
        mimetype, _ = parse_options_header(headers.get("CONTENT_TYPE"))
        if page is None or method != "POST" or mimetype.lower() != MULTIPART:
            return None
        try:
            capacity = self._capacity_of(page[1] or page[2] or page[3])
        except NotKnown:
            return None  # then the application decides, with the whole body at hand
        return ArrivingForm(self._storage, capacity, headers)
