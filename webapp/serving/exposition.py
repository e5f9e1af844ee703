"""Figures as Prometheus reads them: its text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# The end of a name (`_bucket`, mostly none), labels with their values, and the figure
Sample = tuple[str, Sequence[tuple[str, str]], float]


@dataclass(frozen=True)
class Family:
    """A figure with its meaning, in all its samples. `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    about: str
    samples: Sequence[Sample]


def counter(name: str, about: str, value: float) -> Family:
    """One that only grows."""
    return Family(name, "counter", about, [("", (), value)])


def gauge(name: str, about: str, value: float) -> Family:
    """One that comes and goes."""
    return Family(name, "gauge", about, [("", (), value)])


def histogram(
    name: str, about: str, bounds: Sequence[float], counts: Sequence[float], total: float
) -> Family:
    """How many observations there were up to each bound and above the one before it, the last one being
    infinite; and the sum of them all."""
    samples: list[Sample] = []
    reached = 0.0
    for bound, count in zip(bounds, counts, strict=True):
        reached += count
        samples.append(("_bucket", [("le", number(bound))], reached))
    samples += [("_sum", (), total), ("_count", (), reached)]
    return Family(name, "histogram", about, samples)


def text(families: Iterable[Family]) -> str:
    """The whole text, each line ended."""
    lines = []
    for family in families:
        about = family.about.replace("\\", "\\\\").replace("\n", "\\n")
        lines += [f"# HELP {family.name} {about}", f"# TYPE {family.name} {family.kind}"]
        lines += [
            f"{family.name}{end}{_braced(labels)} {number(value)}"
            for end, labels, value in family.samples
        ]
    return "".join(line + "\n" for line in lines)


def number(value: float) -> str:
    """Whole ones without a point, and infinity as Go writes it."""
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(float(value))


def _braced(labels: Sequence[tuple[str, str]]) -> str:
    parts = [f'{name}="{_escaped(value)}"' for name, value in labels]
    return "{" + ",".join(parts) + "}" if parts else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
