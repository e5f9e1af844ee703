"""A form with show-if rules of every sort, and what it shows for answers as people type them. Both the
server's evaluation and the browser's are held to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

TRIP = """
format = 1
title = "Trip"
slug = "trip"
state = "open"

[[fields]]
kind = "page"
label = "About you"
help = "Two questions."

[[fields]]
key = "coming"
kind = "choice"
label = "Will you come?"
required = true
choices = ["Yes", "No", { key = "perhaps", label = "Perhaps" }]

[[fields]]
key = "why"
kind = "long_text"
label = "Why not?"
required = true
show_if = { field = "coming", is = "no" }

[[fields]]
kind = "page"
key = "journey"
label = "Your journey"
show_if = [{ field = "coming", is_not = "No" }]

[[fields]]
key = "people"
kind = "number"
label = "How many are you?"
required = true

[[fields]]
key = "names"
kind = "long_text"
label = "Their names"
required = true
show_if = { field = "people", at_least = 2 }

[[fields]]
key = "alone"
kind = "consent"
label = "I travel alone."
show_if = [{ field = "people", is = 1 }]

[[fields]]
key = "taxi"
kind = "short_text"
label = "A taxi from where?"
show_if = [{ field = "alone", answered = true }, { field = "coming", is = ["yes", "perhaps"] }]

[[fields]]
kind = "section"
key = "food"
label = "Food"
help = "What you eat."
show_if = { field = "people", at_most = 10.5 }

[[fields]]
key = "diets"
kind = "choices"
label = "What do you not eat?"
choices = ["Meat", "Milk", "Nuts"]

[[fields]]
key = "nuts"
kind = "files"
label = "A doctor's note"
required = true
show_if = { field = "diets", is = ["nuts", "milk"] }

[[fields]]
key = "note_sent"
kind = "short_text"
label = "Who wrote the note?"
show_if = { field = "nuts", answered = true }

[[fields]]
kind = "page"
label = "The end"

[[fields]]
key = "day"
kind = "date"
label = "Which day?"

[[fields]]
key = "summer"
kind = "short_text"
label = "What for the beach?"
show_if = [{ field = "day", at_least = 2026-06-01 }, { field = "day", at_most = "2026-08-31" }]

[[fields]]
key = "undecided"
kind = "short_text"
label = "When will you know?"
show_if = { field = "day", answered = false }

[[fields]]
key = "other"
kind = "short_text"
label = "Anything else?"
show_if = { field = "people", is_not = [1, 2] }
"""

ALWAYS = ["coming", "day"]
JOURNEY = ["people"]

Answers = Mapping[str, Sequence[str]]  # as a page's inputs send them


def _day_cases() -> list[tuple[Answers, list[str]]]:
    """Days as they are typed, and whether they are in summer; None for what is no day."""
    days = {
        "2026-06-01": True, "2026-08-31": True, "2026-05-31": False, "2026-09-01": False,
        "2026年7月1日": True, "1.7.2026": True, "２０２６/7/1": True, "\u200e2026-07-01 ": True,
        "0001-01-01": False, "9999-12-31": False, "2026-02-29": None, "2024-02-29": False,
        "2000-2-29": False, "1900-02-29": None, "7/1/2026": None, "0000-07-01": None, "2026-07": None,
        "2026-00-10": None, "2026-13-01": None, " ": None, "\u200b": None, "soon": None,
        "2026 - 7 - 1": True, "٢٠٢٦-٠٧-٠١": None, "2026-07-01\n": True,
    }  # fmt: skip
    cases: list[tuple[Answers, list[str]]] = []
    for typed, is_summer in days.items():
        shown = ["undecided"] if is_summer is None else ["summer"] if is_summer else []
        cases.append(
            ({"coming": ["no"], "day": [typed]}, ["coming", "why", "day", *shown, "other"])
        )
    return cases


def _number_cases() -> list[tuple[Answers, list[str]]]:
    """Numbers as they are typed, with what they are: a text that Python's Decimal takes, or no number."""
    numbers = {
        "1": "1", "１": "1", "1.0": "1", "01": "1", "+1": "1", "1,0": "1", "0,5": "0.5", ".5": "0.5",
        "2": "2", "1,999": "1999", "1.999": "1.999", "10.5": "10.5", "10,5": "10.5", "10.50": "10.5",
        "10.500000000000000000000000001": "10.500000000000000000000000001",
        "0.99999999999999999999999999": "0.99999999999999999999999999",
        "1.000,5": "1000.5", "1.000.000": "1000000", "1 000": "1000", "1'000": "1000", "1_000": "1000",
        "−1": "-1", "- 1": "-1", "-0": "0", "1\u00a0000": "1000", "\u200f2": "2", "2\u00ad": "2",
        "1e3": None, "2²": None, "²": None, "٣": None, "1,2,3": None, "": None, "two": None, "1 2": None,
        "1" * 30: "1" * 30, "1" * 31: None, "1" + " 000" * 33: None, "Ⅳ": None, "1.": "1", "½": None,
        "2\t": "2", "1\u2028": "1", "1 000 000": "1000000", "1,000,000.5": "1000000.5", "1,00,000": None,
        "+": None, "2\x00": "2", "➁": None, "②": "2", "\u0301": None, "₂": None, "1\u0660": None,
    }  # fmt: skip
    from decimal import Decimal

    cases: list[tuple[Answers, list[str]]] = []
    for typed, number in numbers.items():
        value = None if number is None else Decimal(number)
        shown = ["coming", "people"]
        shown += ["names"] if value is not None and value >= 2 else []
        shown += ["alone"] if value == 1 else []
        shown += ["diets"] if value is not None and value <= Decimal("10.5") else []
        shown += ["day", "undecided"]
        shown += ["other"] if value not in (1, 2) else []
        cases.append(({"coming": ["yes"], "people": [typed]}, shown))
    return cases


# What is typed, and the keys of what is shown.
CASES: Sequence[tuple[Answers, Sequence[str]]] = [
    ({}, ["coming", "people", "day", "undecided", "other"]),
    ({"coming": ["no"]}, ["coming", "why", "day", "undecided", "other"]),
    # what is hidden has no answer, whatever is sent for it
    ({"coming": ["no"], "people": ["2"], "diets": ["nuts"], "day": ["2026-07-01"]},
     ["coming", "why", "day", "summer", "other"]),
    ({"coming": ["no"], "alone": ["yes"], "people": ["1"]},
     ["coming", "why", "day", "undecided", "other"]),
    ({"coming": ["perhaps"], "people": ["1"], "alone": ["yes"]},
     ["coming", "people", "alone", "taxi", "diets", "day", "undecided"]),
    ({"coming": ["yes"], "people": ["1"], "alone": ["no"]},
     ["coming", "people", "alone", "diets", "day", "undecided"]),
    ({"people": ["1"], "alone": ["yes"]}, ["coming", "people", "alone", "diets", "day", "undecided"]),
    ({"people": ["11"], "diets": ["nuts"]}, ["coming", "people", "names", "day", "undecided", "other"]),
    ({"people": ["3"], "diets": ["meat", "nuts"]},
     ["coming", "people", "names", "diets", "nuts", "day", "undecided", "other"]),
    ({"people": ["3"], "diets": ["meat"]},
     ["coming", "people", "names", "diets", "day", "undecided", "other"]),
    ({"people": ["2"], "diets": ["milk"], "nuts": ["upload:1"]},
     ["coming", "people", "names", "diets", "nuts", "note_sent", "day", "undecided"]),
    ({"people": ["2"], "nuts": ["upload:1"]}, ["coming", "people", "names", "diets", "day", "undecided"]),
    *_number_cases(),
    *_day_cases(),
]  # fmt: skip
