"""Kinds whose answer is chosen: one of several, any of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from ...i18n import gettext, in_a_list, ngettext
from .. import asking, rulebook
from ..rulebook import DefinitionError, rule
from . import comparing, options
from .base import AnswerError, Field, Given, bounded, clean

# What the page's inputs send: no key begins so.
OTHER, NONE = "-other", "-none"
# What is stored, the first with the text behind it: no id has a colon.
_OTHER_STORED, _NONE_STORED = "other:", "none:"
MOST_OTHER = 300  # characters
MOST_NAMED = 4  # choices, where the list of questions tells of them


@dataclass(frozen=True, kw_only=True)
class Chosen(Field):
    """What the two kinds that offer choices share."""

    compared: ClassVar[comparing.Comparing] = comparing.LISTED
    choices: tuple[options.Option, ...] = rule(
        options.read_options,
        (),
        options.write_options,
        options.asked(
            lambda: gettext("Choices"),
            lambda: gettext("One on each line."),
            lambda number: gettext("Choice %(n)s", n=number),
        ),
        said_by_parts=True,
    )
    other: bool = rule(
        rulebook.true_or_false,
        False,
        ask=asking.tick(lambda: gettext("Offer “Other”, with room for a text")),
    )
    other_label: str = rule(
        rulebook.text(options.MOST_LABEL),
        "",
        said=True,
        ask=asking.further(
            lambda: gettext("What “Other” is called"), lambda: gettext("“Other” unless given.")
        ),
    )

    def __post_init__(self) -> None:
        if not self.choices:
            raise DefinitionError(("choices",), gettext("is missing."))

    def with_ids(self, earlier: Any) -> Self:
        old = earlier.choices if isinstance(earlier, Chosen) else ()
        choices = options.with_ids(self.choices, old)
        return replace(super().with_ids(earlier), choices=choices)

    def limits(self) -> list[str]:
        labels = [label for _, label in self.offered()]
        more = [*labels[:MOST_NAMED], "…"] if len(labels) > MOST_NAMED else labels
        return [in_a_list(more)]

    @property
    def other_name(self) -> str:
        return self.other_label or gettext("Other")

    def offered(self) -> list[tuple[str, str]]:
        """What the page offers: values of inputs, with their labels."""
        offered = [(option.key, option.label) for option in self.choices]
        return [*offered, (OTHER, self.other_name)] if self.other else offered

    def parts(self) -> Sequence[str]:
        return ("other",) if self.other else ()

    def scripts(self) -> Sequence[str]:
        return ("js/choices.js",) if len(self.offered()) > len(self.choices) else ()

    def _chosen(self, wanted: AbstractSet[str], given: Given) -> list[str]:
        """What was chosen as it is stored, in the form's order. A label is taken for its key, for those
        who fill in forms by a program."""
        ids = {clean(o.label): o.id for o in self.choices} | {o.key: o.id for o in self.choices}
        text = self._other_text(wanted, given) if self.other else ""
        listed = wanted - {OTHER} if self.other else wanted
        if listed - set(ids):
            raise AnswerError(gettext("%(label)s: please choose from the list", label=self.named))
        chosen = {ids[text] for text in listed}
        found = [option.id for option in self.choices if option.id in chosen]
        return [*found, _OTHER_STORED + text] if text else found

    def _other_text(self, wanted: AbstractSet[str], given: Given) -> str:
        """What stands beside Other: it counts also where Other itself was not chosen."""
        text = bounded(given.part("other"), MOST_OTHER)
        if text is None:
            raise AnswerError(self._too_long(), "other")
        if OTHER in wanted and not text:
            asked = gettext(
                "%(label)s: please write what you mean by “%(other)s”",
                label=self.named,
                other=self.other_name,
            )
            raise AnswerError(asked, "other")
        return text

    def _too_long(self) -> str:
        return gettext(
            "%(label)s: “%(other)s” must have %(n)s characters or fewer",
            label=self.named,
            other=self.other_name,
            n=MOST_OTHER,
        )

    def _in_words(self, stored: str, labels: Mapping[str, str]) -> str:
        if stored.startswith(_OTHER_STORED):
            text = stored.removeprefix(_OTHER_STORED)
            return gettext("%(label)s: %(text)s", label=self.other_name, text=text)
        return labels.get(stored, "")

    def texts(self, value: str | list[str]) -> list[str]:
        labels = {option.id: option.label for option in self.choices}
        told = (self._in_words(one, labels) for one in _listed(value))
        return [text for text in told if text]

    def plain(self, value: str | list[str]) -> Any:
        keys = {option.id: option.key for option in self.choices}
        told = [_plain(one, keys) for one in _listed(value)]
        return told[0] if isinstance(value, str) else told

    def inputs(self, value: str | list[str]) -> Mapping[str, Sequence[str]]:
        told = [_plain(one, {o.id: o.key for o in self.choices}) for one in _listed(value)]
        texts = [one["other"] for one in told if isinstance(one, dict)]
        keys = [OTHER if isinstance(one, dict) else one for one in told]
        return {"": keys, "other": texts}

    def index_text(self, value: str | list[str]) -> str:
        labels = {option.id: option.label for option in self.choices}
        return " ".join(labels.get(one) or one.partition(":")[2] for one in _listed(value)).strip()

    def cell(self, value: str | list[str]) -> str:
        return "; ".join(self.texts(value))

    def most_parts(self) -> int:
        return len(self.choices) + 3

    def most_text_bytes(self) -> int:
        return 1500 * self.most_parts()


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _wanted(given: Given) -> AbstractSet[str]:
    return {clean(text) for text in given.texts} - {""}


def _plain(stored: str, keys: Mapping[str, str]) -> str | dict[str, str]:
    """What was chosen as other programs take it: a key, or what was written beside Other."""
    if stored.startswith(_OTHER_STORED):
        return {"other": stored.removeprefix(_OTHER_STORED)}
    return NONE if stored == _NONE_STORED else keys[stored]


@dataclass(frozen=True, kw_only=True)
class Choice(Chosen):
    """One of several."""

    kind: ClassVar[str] = "choice"

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("One from a list"), gettext("Exactly one of several choices.")

    def parse(self, given: Given) -> str | None:
        wanted = _wanted(given)
        chosen = self._chosen(wanted, given)
        if len(chosen) > 1:
            raise self._too_many(wanted)
        return chosen[0] if chosen else None

    def _too_many(self, wanted: AbstractSet[str]) -> AnswerError:
        if len(wanted) > 1:
            return AnswerError(gettext("%(label)s: please choose only one", label=self.named))
        message = gettext(
            "%(label)s: please choose “%(other)s” as well, or take away what is written there",
            label=self.named,
            other=self.other_name,
        )
        return AnswerError(message, "other")

    def missing(self) -> str:
        return gettext("%(label)s: please choose one", label=self.named)


@dataclass(frozen=True, kw_only=True)
class Choices(Chosen):
    """Any of several, in number between a least and a most."""

    kind: ClassVar[str] = "choices"
    none: bool = rule(
        rulebook.true_or_false,
        False,
        ask=asking.tick(
            lambda: gettext("Offer “None of these”"),
            lambda: gettext("Whoever chooses it can choose nothing else."),
        ),
    )
    none_label: str = rule(
        rulebook.text(options.MOST_LABEL),
        "",
        said=True,
        ask=asking.further(
            lambda: gettext("What “None of these” is called"),
            lambda: gettext("“None of these” unless given."),
        ),
    )
    min_choices: int = rule(
        rulebook.whole(0, options.MOST_OPTIONS),
        0,
        ask=asking.whole(
            lambda: gettext("Fewest choices"), lambda: gettext("Any number unless given.")
        ),
    )
    max_choices: int = rule(
        rulebook.whole(1, options.MOST_OPTIONS),
        options.MOST_OPTIONS,
        ask=asking.whole(
            lambda: gettext("Most choices"), lambda: gettext("Any number unless given.")
        ),
    )

    @classmethod
    def in_words(cls) -> tuple[str, str]:
        return gettext("Several from a list"), gettext("Any of several choices.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.min_choices > min(self.max_choices, len(self.choices) + self.other):
            raise DefinitionError(
                ("min_choices",), gettext("must not be greater than what can be chosen.")
            )

    @property
    def none_name(self) -> str:
        return self.none_label or gettext("None of these")

    def offered(self) -> list[tuple[str, str]]:
        offered = super().offered()
        return [*offered, (NONE, self.none_name)] if self.none else offered

    def parse(self, given: Given) -> list[str] | None:
        wanted = _wanted(given)
        if self.none and NONE in wanted:
            return self._nothing_else(wanted, given)
        chosen = self._chosen(wanted, given)
        self._check_number(len(chosen))
        return chosen or None

    def _nothing_else(self, wanted: AbstractSet[str], given: Given) -> list[str]:
        if len(wanted) > 1 or bounded(given.part("other"), MOST_OTHER) != "":
            raise AnswerError(
                gettext(
                    "%(label)s: please choose either “%(none)s” or others, not both",
                    label=self.named,
                    none=self.none_name,
                )
            )
        return [_NONE_STORED]

    def _check_number(self, count: int) -> None:
        if count > self.max_choices:
            raise AnswerError(
                ngettext(
                    "%(label)s: please choose %(n)s or none",
                    "%(label)s: please choose %(n)s or fewer",
                    self.max_choices,
                    label=self.named,
                )
            )
        if 0 < count < self.min_choices:
            least = self.min_choices
            raise AnswerError(
                gettext("%(label)s: please choose at least %(n)s", label=self.named, n=least)
            )

    def _in_words(self, stored: str, labels: Mapping[str, str]) -> str:
        return self.none_name if stored == _NONE_STORED else super()._in_words(stored, labels)

    def missing(self) -> str:
        return gettext("%(label)s: please choose at least one", label=self.named)
