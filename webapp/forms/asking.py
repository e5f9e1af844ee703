"""How the builder asks for a value of a definition: in words, with an input, and forgiving what is typed.

Each value says so beside its rule, so that a new kind of field has its page as soon as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..texts import nfkc

Words = Callable[[], str]  # spoken when they are shown, in the reader's language
Numbered = Callable[[int], str]  # the same, of the first, the second and so on


def _nothing() -> str:
    return ""


def _as_typed(text: str, earlier: Any) -> Any:
    return text


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Ask:
    """How one value is asked for. `read` takes what was typed, and the value before or None, and gives
    what a definition's table holds, or raises RuleBroken; `show` turns the table's value back."""

    label: Words
    hint: Words = _nothing
    input: str = "line"  # which of the builder's inputs: line, area, tick, select
    read: Callable[[str, Any], Any] = _as_typed
    show: Callable[[Any], str] = _shown
    is_needed: bool = False  # cannot be left at its default, which only the other values rule out
    is_further: bool = False  # stands with what most people never need
    mode: str = ""  # which keys a phone shows: HTML's `inputmode`
    choices: Callable[[], Sequence[tuple[str, str]]] = tuple  # of a select: values and their texts
    one: Numbered | None = None  # of a list: what each thing in it is called


def line(label: Words, hint: Words = _nothing) -> Ask:
    return Ask(label, hint)


def further(label: Words, hint: Words = _nothing) -> Ask:
    """A line that most people never need."""
    return Ask(label, hint, is_further=True)


def area(label: Words, hint: Words = _nothing) -> Ask:
    return Ask(label, hint, "area")


def select(
    label: Words, choices: Callable[[], Sequence[tuple[str, str]]], hint: Words = _nothing
) -> Ask:
    """One of several values, which most people never need."""
    return Ask(label, hint, "select", is_further=True, choices=choices)


def tick(label: Words, hint: Words = _nothing) -> Ask:
    return Ask(
        label,
        hint,
        "tick",
        read=lambda text, _: bool(text),
        show=lambda value: "yes" if value else "",
    )


def whole(label: Words, hint: Words = _nothing) -> Ask:
    return Ask(label, hint, read=_read_whole, mode="numeric")


def number(label: Words, hint: Words = _nothing) -> Ask:
    return Ask(label, hint, mode="decimal")


def _read_whole(text: str, earlier: Any) -> Any:
    """The number; what is none goes on as it is, for the rule to refuse."""
    digits = nfkc(text[:100]).replace(" ", "").replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text
