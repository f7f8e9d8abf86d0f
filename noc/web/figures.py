"""Figures of availability as pages show them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from noc.availability.figures import Durations, Exact
from noc.availability.statement import Statement
from noc.availability.target import ErrorBudget, Verdict, error_budget, verdict
from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.model.correction import Cause
from noc.reports.frame.words import cause_word
from noc.web.periods import Asked

_BASES: Final = (Fraction("99.9"), *(Fraction(base) for base in ("99.5", "99", "98", "95", "90", "75", "50", "0")))

_CALENDAR: Final = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2]|Q[1-4]|\d{4})")
_DAYS: Final = re.compile(r"(\d{1,3})d")

ROLLING_WORDS: Final[Mapping[str, str]] = {
    "24h": say("the last 24 hours"),
    "7d": say("the last 7 days"),
    "30d": say("the last 30 days"),
}


def functions(spoken: Language) -> dict[str, Callable[..., object]]:
    """Return what templates call to say periods and causes in a language."""
    return {
        "period_in": lambda name: period(name, spoken),
        "cause_in": lambda cause: cause_word(cause, spoken).text,
    }


def period(name: str, spoken: Language) -> str:
    """Return what a period is called that an address or a report names: `2026-11`, `2026-Q4`, `2026-2027`, `24h`.

    A year is called as it is written, and so is what is no such name: two moments in ISO 8601.
    """
    if name in ROLLING_WORDS:
        return spoken.say(ROLLING_WORDS[name])
    if days := _DAYS.fullmatch(name):
        return spoken.count("the last day", "the last {n} days", int(days.group(1)))
    if (found := _CALENDAR.fullmatch(name)) is None:
        return name
    year, part = int(found.group(1)), found.group(2)
    if part.startswith("Q"):
        return spoken.quarter(date(year, 3 * int(part[1]) - 2, 1))
    return f"{year}–{part}" if len(part) > len("12") else spoken.month(date(year, int(part), 1))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of figures. url: where more is told, None where nothing is. outages: None for sums.

    name: empty for the whole network, which each language calls by a word of its own.
    outages_url: of the page that lists them.
    target: what is promised of it, in percent. verdict, budget: None where nothing is; verdict also where there are no
    figures.
    adjusted: with what people corrected. causes: of what was down, the longest first. degraded: up, with a
    redundant path gone; None for what has none. Milliseconds.
    """

    name: str
    url: str | None
    durations: Durations
    verdict: Verdict | None
    budget: ErrorBudget | None
    outages: int | None = None
    outages_url: str | None = None
    adjusted: Durations | None = None
    causes: Sequence[tuple[Cause, Exact]] = ()
    degraded: Exact | None = None
    target: Fraction | None = None

    @property
    def order(self) -> tuple[bool, Fraction, str]:
        """Return what lines are sorted by: the worst first, those never seen last."""
        figure = self.durations.availability_pct
        return (figure is None, Fraction(0) if figure is None else figure, self.name.casefold())


def beside(made: Line, said: Statement, entity: str) -> Line:
    """Return a row with what a statement says of an entity beside what was measured."""
    adjusted = said.adjusted
    if entity == "network":
        durations = adjusted.network
    else:
        durations = adjusted.regions.get(entity) or adjusted.entities[entity].figures.durations
    causes = sorted(said.causes.get(entity, {}).items(), key=lambda one: (-one[1], one[0]))
    return replace(made, adjusted=durations, causes=tuple(causes), degraded=said.degraded.get(entity, 0))


def line(
    name: str,
    url: str | None,
    durations: Durations,
    whole: Durations,
    asked: Asked,
    target_pct: Fraction | None,
    now_ms: int,
    outages: int | None = None,
    outages_url: str | None = None,
) -> Line:
    """Return a row. durations: of the period so far; whole: of all of it, which the budget is reckoned from."""
    if target_pct is None:
        return Line(name, url, durations, None, None, outages, outages_url)
    said = verdict(durations, target_pct) if durations.agreed else None
    budget = error_budget(whole, target_pct, asked.whole, now_ms)
    return Line(name, url, durations, said, budget, outages, outages_url, target=target_pct)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the drawings of floor and ceiling begin, in percent; they end at 100.

    targets: what lines are held against, the lowest first.
    """

    base: Fraction
    targets: Sequence[Fraction]

    def x(self, value: Fraction | None) -> str:
        """Return where a percentage lies on a drawing of 100 units."""
        share = (Fraction(0) if value is None else max(value, self.base)) - self.base
        return f"{float(100 * max(share, Fraction(0)) / (100 - self.base)):.2f}"

    def width(self, low: Fraction | None, high: Fraction | None) -> str:
        """Return how long it is from one percentage to another."""
        return f"{max(0.0, float(self.x(high)) - float(self.x(low))):.2f}"


def scale_for(lines: Iterable[Line]) -> Scale:
    """Return a scale on which every floor and every target is seen, as near as can be."""
    held = list(lines)
    targets = sorted({one.target for one in held if one.target is not None})
    floors = [one.durations.floor_pct for one in held]
    lowest = min((floor for floor in (*targets, *floors) if floor is not None), default=Fraction(100))
    return Scale(next(base for base in _BASES if base < lowest or not base), targets)
