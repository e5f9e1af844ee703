"""Why an upload is not taken, or not gone on with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException

from ..i18n import gettext
from ..serving.bodies import Refusal
from ..sizes import format_size

Words = tuple[str, str, str]  # what happened, more of it, what to do


class UploadProblem(HTTPException):
    """One of the below, for people and for programs."""

    told: tuple[tuple[str, str], ...] = ()  # headers of the answer

    def words(self) -> Words:
        """What happened, more of it, what to do; in the reader's language."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        return type(self).__name__

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), *self.told]


@dataclass(frozen=True)
class ProblemRefusal(Refusal):
    """A problem, told by the server itself while the rest of a body is still to come; in English, as
    the server knows no reader."""

    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, problem: UploadProblem) -> ProblemRefusal:
        title, text, _ = problem.words()
        content = {"type": "about:blank", "title": title, "status": problem.code, "detail": text}
        return cls(f"{problem.code} {problem.name}", json.dumps(content), headers=problem.told)

    def to_response(self, ident: str | None) -> tuple[str, list[tuple[str, str]], bytes]:
        own = [("Content-Type", "application/problem+json"), ("Tus-Resumable", "1.0.0")]
        return self.status, [*own, *self.headers], self.sentence.encode()


class BadRequestHeaders(UploadProblem):
    """A header of the protocol is missing, or makes no sense."""

    code = 400

    def __init__(self, header: str) -> None:
        super().__init__()
        self.header = header

    def words(self) -> Words:
        return (
            gettext("This request could not be understood"),
            gettext("Its header %(header)s is missing, or makes no sense.", header=self.header),
            gettext("Go back and try again."),
        )


class OtherVersion(UploadProblem):
    """The client speaks another version of the protocol, or none (tus 1.0.0, "Tus-Resumable")."""

    code = 412
    told = (("Tus-Version", "1.0.0"),)

    def words(self) -> Words:
        return (
            gettext("This version is not spoken here"),
            gettext("Uploads are taken by tus 1.0.0, as the header Tus-Resumable is to say."),
            gettext("Go back and try again."),
        )


class NoUpload(UploadProblem):
    """There is no upload with that id: it has expired, was removed or was handed in."""

    code = 404

    def words(self) -> Words:
        return (
            gettext("This file is no longer here"),
            gettext("It was removed or handed in, or it has waited too long."),
            gettext("Please choose it again."),
        )


class OffsetMismatch(UploadProblem):
    """What is sent does not begin where the file ends."""

    code = 409

    def words(self) -> Words:
        return (
            gettext("This part does not follow"),
            gettext("What was sent does not begin where the file ends that is here."),
            gettext("Ask how much is here, and go on from there."),
        )


class SomebodyElseSends(UploadProblem):
    """Another request is sending the same file."""

    code = 423
    told = (("Retry-After", "5"),)

    def words(self) -> Words:
        return (
            gettext("This file is being sent already"),
            gettext("Another window or program is sending it at this moment."),
            gettext("Wait a few seconds and try again."),
        )


class ChecksumMismatch(UploadProblem):
    """What arrived is not what was sent; nothing of it counts (tus 1.0.0, "Checksum")."""

    code = 460

    @property
    def name(self) -> str:
        return "Checksum Mismatch"

    def words(self) -> Words:
        return (
            gettext("It did not arrive unchanged"),
            gettext("A part of the file was altered on its way, and was not kept."),
            gettext("Send this part again."),
        )


class CutOff(UploadProblem):
    """The request broke off."""

    code = 400

    def words(self) -> Words:
        return (
            gettext("It did not arrive whole"),
            gettext("What you sent broke off on its way."),
            gettext("Ask how much is here, and go on from there."),
        )


class NotTaken(UploadProblem):
    """The form, or a rule of its field, does not want the file: the text says which and why."""

    def __init__(self, text: str, code: int = 422) -> None:
        super().__init__()
        self.code = code
        self.text = text

    def words(self) -> Words:
        return gettext("This file cannot be taken"), self.text, gettext("Choose another file.")


class TooMuchWaits(UploadProblem):
    """A limit for what waits to be handed in would be passed."""

    code = 413

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def words(self) -> Words:
        return (
            gettext("Too much is waiting to be handed in"),
            gettext(
                "With this file, what has been sent and is not yet handed in would be more than "
                "%(most)s.",
                most=format_size(self.most),
            ),
            gettext("Hand in what you have sent, or remove some of it; then send this file again."),
        )


class LargerThanAny(UploadProblem):
    """Larger than Tus-Max-Size (tus 1.0.0, "Creation")."""

    code = 413

    def words(self) -> Words:
        return (
            gettext("This is too large"),
            gettext("This file is larger than can be taken in here."),
            gettext("Choose another file."),
        )


class MoreThanAnnounced(UploadProblem):
    """The request goes on past the file's end."""

    code = 413

    def words(self) -> Words:
        return (
            gettext("This is too large"),
            gettext("More was sent than the file was to have."),
            gettext("Please choose it again."),
        )


class NoRoom(UploadProblem):
    """The disk has no room for it; what is there stays (RFC 4918, section 11.5)."""

    code = 507

    @property
    def name(self) -> str:
        return "Insufficient Storage"

    def words(self) -> Words:
        return (
            gettext("There is no room left"),
            gettext("The server's disk is full. What has arrived of your file is kept."),
            gettext("Please tell the people who sent you here, and go on later."),
        )


class NoRoomNow(UploadProblem):
    """Of others so much waits to be handed in that a limit would be passed; that may be over soon."""

    code = 503
    told = (("Retry-After", "60"),)

    def words(self) -> Words:
        return (
            gettext("Too much is waiting to be handed in"),
            gettext(
                "So many files have been sent and not yet handed in that there is no room for more."
            ),
            gettext("Please tell the people who sent you here, and go on later."),
        )


class DiskFails(UploadProblem):
    """The disk does not keep what arrives, for another reason than that it is full."""

    code = 503

    def words(self) -> Words:
        return (
            gettext("The server is busy"),
            gettext("It cannot keep what you send at the moment. What had arrived before is kept."),
            gettext("Try again in a moment."),
        )


class OtherType(UploadProblem):
    """The body is not said to be a piece of an upload (tus 1.0.0, "PATCH")."""

    code = 415

    def words(self) -> Words:
        return (
            gettext("This request could not be understood"),
            gettext("A piece of a file is of the type application/offset+octet-stream."),
            gettext("Go back and try again."),
        )
