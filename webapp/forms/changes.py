"""What of a draft is not published yet, in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .definition import Definition
from .kinds import Field


@dataclass(frozen=True)
class Changes:
    """How a draft differs from the newest version: labels of questions, and what else."""

    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    is_reordered: bool = False
    is_described_anew: bool = False  # title, introduction, look, or what names the folders

    def __bool__(self) -> bool:
        lists = self.added or self.changed or self.removed
        return bool(lists or self.is_reordered or self.is_described_anew)


def changes(published: Definition, draft: Definition) -> Changes:
    """What publishing would change."""
    old = {field.id: field for field in published.fields}
    new = {field.id: field for field in draft.fields}
    stayed = [id for id in new if id in old]
    return Changes(
        _labels([field for id, field in new.items() if id not in old]),
        _labels([new[id] for id in stayed if new[id].write() != old[id].write()]),
        _labels([field for id, field in old.items() if id not in new]),
        stayed != [id for id in old if id in new],
        _head(published) != _head(draft),
    )


def _labels(fields: Sequence[Field]) -> Sequence[str]:
    return [field.label for field in fields]


def _head(definition: Definition) -> tuple[str, ...]:
    return (
        definition.title,
        definition.description,
        definition.folder_label,
        definition.accent,
        definition.closing,
    )
