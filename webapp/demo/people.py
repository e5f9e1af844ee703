"""People of the school: children and grown-ups, with English and Chinese names."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

# The further behind, the rarer.
_FIRST = (
    "Emma Noah Olivia Liam Sophia Elias Mia Ben Amelia Jonas Lea Adam Hannah Leo Zoe Samuel Maya Oscar "
    "Clara Yusuf Ella Theo Nora Mateo Ida David Alma Omar Lucy Felix Rosa Ahmed Julia Anton Leyla Hugo "
    "Anna Ivan Sara Malik Freya Arthur Amina Emil Grace Björn Zeynep Łukasz Chloé Séamus"
)
_LAST = (
    "Smith Müller Garcia Jones Nguyen Novak Brown Rossi Yılmaz Kowalski Taylor Silva Johansson Martin "
    "Okafor Ivanov Davies Khan Larsen Moreau Wilson Haddad Fischer Costa Evans Popescu Weber Ali Roberts "
    "Horvath Walker Lindqvist O'Brien Schneider Thomas Papadopoulos White Dubois Hughes Bakker Green "
    "Kaya Hall Virtanen Wood Żak Clarke Nkemelu Hill Featherstone"
)
_FAMILY = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"),
    ("黄", "huang"), ("赵", "zhao"), ("吴", "wu"), ("周", "zhou"), ("徐", "xu"), ("孙", "sun"),
    ("马", "ma"), ("朱", "zhu"), ("胡", "hu"), ("郭", "guo"), ("林", "lin"), ("何", "he"),
    ("高", "gao"), ("梁", "liang"), ("欧阳", "ouyang"),
)  # fmt: skip
_GIVEN = (
    ("小明", "xiaoming"), ("梓涵", "zihan"), ("浩然", "haoran"), ("欣怡", "xinyi"), ("子轩", "zixuan"),
    ("雨桐", "yutong"), ("宇航", "yuhang"), ("诗涵", "shihan"), ("一诺", "yinuo"), ("俊杰", "junjie"),
    ("佳怡", "jiayi"), ("思远", "siyuan"), ("伟", "wei"), ("静", "jing"), ("强", "qiang"),
    ("芳", "fang"), ("磊", "lei"), ("丽", "li"), ("建国", "jianguo"), ("晓燕", "xiaoyan"),
)  # fmt: skip
_HOSTS = ("example.org", "example.com", "mail.example.net", "post.example.org")


def rarer_and_rarer(count: int) -> list[float]:
    """Weights that add up (`cum_weights`) for so many things, of which each is rarer than the last."""
    return list(accumulate(1 / (place + 3) for place in range(count)))


def _in_ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("Ł", "L"))
    return "".join(c for c in plain.lower() if c.isascii() and c.isalpha())


Name = tuple[str, str]  # as it is written, and as an e-mail address has it
_NAMES: tuple[Sequence[Name], Sequence[Name]] = (
    [(name, _in_ascii(name)) for name in _FIRST.split()],
    [(name, _in_ascii(name)) for name in _LAST.split()],
)
_WEIGHTS = {len(names): rarer_and_rarer(len(names)) for names in (*_NAMES, _GIVEN, _FAMILY)}


@dataclass(frozen=True)
class Person:
    """Somebody."""

    name: str
    email: str
    family: Name
    is_chinese: bool


def somebody(random: Random, relative: Person | None = None) -> Person:
    """A person: by chance, or one with the family name of another."""
    is_chinese = relative.is_chinese if relative else random.random() < 0.3
    first, last = (_GIVEN, _FAMILY) if is_chinese else _NAMES
    given, family = _one(random, first), relative.family if relative else _one(random, last)
    name = family[0] + given[0] if is_chinese else f"{given[0]} {family[0]}"
    number, host = random.randrange(1000), random.choice(_HOSTS)
    return Person(name, f"{given[1]}.{family[1]}{number}@{host}", family, is_chinese)


def _one(random: Random, names: Sequence[Name]) -> Name:
    return random.choices(names, cum_weights=_WEIGHTS[len(names)])[0]
