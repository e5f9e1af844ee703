"""What a POST to a form's page brings, sorted by the fields it was given for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import FileStorage, MultiDict

from ..forms.definition import Definition
from ..forms.kinds import AnswerError, Field, Files, Given, ReceivedFile
from ..storage import names
from ..uploads.media_types import media_type
from ..uploads.multipart import incoming_file
from ..uploads.rules import Received, UploadedFile

CARRIED = "upload:"  # a file that came earlier is handed in as `<key>=upload:<id>`


@dataclass
class Posted:
    """The inputs of one POST: what was typed, which files came with it and which came before."""

    texts: dict[str, list[str]]
    carried: dict[str, list[str]]  # upload ids by field key
    received: list[Received] = field(default_factory=list)
    file_problems: dict[str, list[str]] = field(default_factory=dict)

    def given(self, definition: Definition, uploads: Sequence[UploadedFile]) -> dict[str, Given]:
        """What the kinds parse: the texts, and those of the uploads that are for the field."""
        return {
            f.key: Given(self.texts.get(f.key, []), _files_of(f, uploads), self._parts(f))
            for f in definition.fields
        }

    def _parts(self, field: Field) -> dict[str, list[str]]:
        return {part: self.texts.get(f"{field.key}.{part}", []) for part in field.parts()}


def _files_of(field: Field, uploads: Sequence[UploadedFile]) -> list[ReceivedFile]:
    own = (upload for upload in uploads if upload.field_id == field.id)
    return [ReceivedFile(names.shown_name(u.filename), u.size, u.media_type) for u in own]


def read_posted(
    definition: Definition,
    form: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
) -> Posted:
    """Sorts the request's inputs. Files that break a rule of their field are named, and not kept."""
    posted = Posted({}, {})
    for asked in definition.fields:
        values = form.getlist(asked.key)
        if isinstance(asked, Files):
            carried = [v.removeprefix(CARRIED) for v in values if v.startswith(CARRIED)]
            # one more than may be is enough to tell that there are too many
            posted.carried[asked.key] = list(dict.fromkeys(carried))[: asked.max_files + 1]
            _sort_files(posted, asked, files.getlist(asked.key))
        else:
            posted.texts[asked.key] = values
            for part in asked.parts():
                posted.texts[f"{asked.key}.{part}"] = form.getlist(f"{asked.key}.{part}")
    return posted


def _sort_files(posted: Posted, asked: Files, files: Sequence[FileStorage]) -> None:
    for file in files:
        incoming = incoming_file(file)
        filename = names.original_name(file.filename or "")
        if not file.filename and not incoming.size:
            continue  # what a browser sends where no file was chosen
        claimed = media_type(file.mimetype)
        shown = names.shown_name(filename)
        try:
            asked.check(ReceivedFile(shown, incoming.size, claimed, incoming.head))
        except AnswerError as wrong:
            posted.file_problems.setdefault(asked.key, []).append(str(wrong))
            continue
        posted.received.append(Received(incoming.keep(), asked.id, filename, claimed))
