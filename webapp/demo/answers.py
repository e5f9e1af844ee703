"""What people answer: for each form of the school, answers by field key. Choices are named as their labels
or keys say; all else is as it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from . import sentences
from .people import Person, somebody

Answers = dict[str, Any]
Maker = Callable[[Random, date], Answers]

_CLASSES = [f"{year}{letter}" for year in range(5, 11) for letter in "ab"]
_REASONS = (["Ill", "Seeing a doctor", "Family", "Other"], [70, 85, 95, 100])
_POSITIONS = (
    ["Teacher", "Classroom assistant", "Cook", "Caretaker", "Librarian"],
    [50, 80, 88, 94, 100],
)
_LANGUAGES = ["English", "中文", "Deutsch", "Français", "العربية", "Türkçe", "Español"]
_TIMES = ["16:00", "16:30", "17:00", "17:30", "18:00", "18:30", "19:00"]
_FOODS = ["Meat", "Pork", "Milk", "Nuts", "Gluten", "Eggs"]
_DISHES = ["noodles", "dumplings", "tofu", "rice", "fish", "soup"]
_RATED = ("taste", "portion", "price")
_ADMIRED = (
    "my grandmother", "Marie Curie", "屠呦呦", "Nelson Mandela", "my football coach", "Ada Lovelace", "孔子",
    "Greta Thunberg", "my uncle, who drives a bus", "Malala Yousafzai", "鲁迅", "Alan Turing", "Lionel Messi",
)  # fmt: skip


def absence(random: Random, day: date) -> Answers:
    child = somebody(random)
    parent = somebody(random, child)
    reason = _weighted(random, _REASONS)
    return {
        "child": child.name,
        "class": random.choice(_CLASSES),
        "first_day": (day + timedelta(days=random.choice((0, 0, 0, 1, 1, 3)))).isoformat(),
        "days": random.choice(("0.5", "1", "1", "1", "2", "2", "3", "5")),
        "reason": reason,
        "message": _told(random, parent, sentences.ABSENCE, sentences.ABSENCE_ZH, 0.6),
        "parent": parent.name,
        "email": parent.email if random.random() < 0.8 else None,
        "honest": True,
    }


def homework(random: Random, day: date) -> Answers:
    pupil = somebody(random)
    return {
        "name": pupil.name,
        "class": random.choice(("c9a", "c9b", "c10a", "c10b")),
        "about": random.choice(_ADMIRED),
        "hours": f"{random.randint(1, 24) / 2:g}",
        "text": sentences.several(random, sentences.ESSAY, 4, 9) if random.random() < 0.4 else None,
        "own": True,
    }


def application(random: Random, day: date) -> Answers:
    person = somebody(random)
    spoken = ["中文"] if person.is_chinese else []
    return {
        "name": person.name,
        "email": person.email,
        "position": _weighted(random, _POSITIONS),
        "years": str(int(random.expovariate(0.15)) % 45),
        "start": (day + timedelta(days=random.randint(14, 200))).isoformat(),
        "languages": ["English", *spoken, *_some(random, _LANGUAGES, 0.15)],
        "why": sentences.several(random, sentences.APPLICATION, 2, 6),
        "keep": True,
    }


def evening(random: Random, day: date) -> Answers:
    child = somebody(random)
    parent = somebody(random, child)
    return {
        "child": child.name,
        "class": random.choice(_CLASSES),
        "people": random.choice(("1", "1", "2", "2", "2", "3")),
        "times": _some(random, _TIMES, 0.4) or ["18:00"],
        "email": parent.email,
        "remarks": _told(random, parent, sentences.EVENING, sentences.EVENING_ZH, 0.3),
    }


def trip(random: Random, day: date) -> Answers:
    child = somebody(random)
    born = day - timedelta(days=random.randint(10 * 365, 16 * 365))
    return {
        "child": child.name,
        "born": born.isoformat(),
        "phone": f"0{random.randint(150, 179)} {random.randint(1_000_000, 99_999_999)}",
        "collected": random.choice((None, None, "16:00", "16:15", "16:30", "17:00")),
        "food": _some(random, _FOODS, 0.12) or random.choice(([], ["none:"], ["other:Honey"])),
        "health": _told(random, child, sentences.HEALTH, sentences.HEALTH_ZH, 0.2),
        "may_go": True,
        "photos": random.random() < 0.7 or None,
        "signed": {"typed": somebody(random, child).name},
    }


def canteen(random: Random, day: date) -> Answers:
    person = somebody(random)
    is_named = random.random() < 0.6
    comment = sentences.several(random, sentences.CANTEEN_ZH, 1, 3, "")
    return {
        "name": person.name if is_named else None,
        "class": random.choice(_CLASSES) if is_named else None,
        "score": random.choice(("very", "good", "good", "good", "fair", "fair", "poor")),
        "rated": {row: random.choice(("good", "good", "fair", "poor")) for row in _RATED},
        "recommend": str(random.choice((3, 5, 6, 7, 7, 8, 8, 9, 10))),
        "dishes": _some(random, _DISHES, 0.35)[:3],
        "days": str(random.randint(1, 5)),
        "comment": comment if random.random() < 0.7 else None,
    }


MAKERS: Mapping[str, Maker] = {
    "absence": absence,
    "homework": homework,
    "application": application,
    "evening": evening,
    "trip": trip,
    "canteen": canteen,
}


def _weighted(random: Random, choice: tuple[Sequence[str], Sequence[int]]) -> str:
    labels, cumulative = choice
    return random.choices(labels, cum_weights=cumulative)[0]


def _some(random: Random, of: Sequence[str], share: float) -> list[str]:
    return [one for one in of if random.random() < share]


def _told(
    random: Random,
    person: Person,
    english: Sequence[str],
    chinese: Sequence[str],
    share: float,
) -> str | None:
    """A few sentences in the person's language from so many of them, and nothing from the others."""
    if random.random() >= share:
        return None
    if person.is_chinese and random.random() < 0.7:
        return sentences.several(random, chinese, 1, 3, "")
    return sentences.several(random, english, 1, 4)
