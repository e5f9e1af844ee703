"""What of a draft is not published yet, in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .definition import Definition
from .kinds import Element


@dataclass(frozen=True)
class Changes:
    """How a draft differs from the newest version: labels of questions and headings, and what else."""

    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    is_reordered: bool = False
    is_described_anew: bool = (
        False  # title, introduction, languages, look, or what names the folders
    )

    def __bool__(self) -> bool:
        lists = self.added or self.changed or self.removed
        return bool(lists or self.is_reordered or self.is_described_anew)


def changes(published: Definition, draft: Definition) -> Changes:
    """What publishing would change."""
    old = {one.id: one for one in published.elements}
    new = {one.id: one for one in draft.elements}
    stayed = [id for id in new if id in old]
    return Changes(
        _labels([one for id, one in new.items() if id not in old]),
        _labels([new[id] for id in stayed if new[id].write() != old[id].write()]),
        _labels([one for id, one in old.items() if id not in new]),
        stayed != [id for id in old if id in new],
        _head(published) != _head(draft),
    )


def _labels(elements: Sequence[Element]) -> Sequence[str]:
    return [element.label for element in elements]


def _head(definition: Definition) -> tuple[object, ...]:
    return (
        definition.title,
        definition.description,
        definition.folder_label,
        definition.accent,
        definition.closing,
        definition.codes,
        definition.translations,
    )
