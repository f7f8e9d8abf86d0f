"""A condition ready to run: what it asks for, and two closures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from alerts.rules.language.scene import Question, Scene

Truth = bool | None
"""None: nobody can say, for a number is missing."""

Test = Callable[[Scene], Truth]
Figure = Callable[[Scene], "float | None"]


@dataclass(frozen=True, slots=True)
class Headline:
    """The number that an incident shows: the left side of the first comparison of `when`, and its limit.

    unit: of both; divided by factor they are in it. outof: how many rows there were, where it counts.
    """

    metric: str
    unit: str
    value: Figure
    limit: Figure
    factor: float = 1.0
    outof: Figure | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """`when` and `clear` of one rule.

    columns: fields and tags that are asked for, by measurement, in the order of a Row. rows_of: the measurement whose
    rows are looked at one by one; empty: the entity is, as a whole. absent: fields of which it matters when they were
    told last. keeps: needs more than the newest table: other measurements, or numbers of before. learns: what must be
    learned from the store.
    """

    text: str
    columns: Mapping[str, tuple[str, ...]]
    rows_of: str
    when: Test
    clear: Test
    headline: Headline | None
    absent: frozenset[Question]
    keeps: bool
    learns: frozenset[tuple[Literal["baseline", "slope"], Question]]
