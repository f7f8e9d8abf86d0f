"""Rules ready for use: frozen, and found by what they look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal

from alerts.rules.eventrule import EventRule
from alerts.rules.language.program import Program
from alerts.rules.measurements import ASKED, Rhythm
from alerts.rules.rule import BaseRule
from alerts.rules.selection import Subject
from noc.inventory.entities import Device, Site
from noc.model.part import PartKind

DownKind = Literal["device", "circuit", "endpoint", "service", PartKind]
"""What a rule of kind `down` may be about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownRule(BaseRule):
    """An entity is down. hold_ms: for so long, counted from the beginning of the outage; 0 is at once.

    of: what may be down: a device, a part of one, or a circuit.
    """

    of: frozenset[DownKind] = frozenset({"device"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRule(BaseRule):
    """A number is beyond its limit.

    hold_ms: for so long without a break. raise_at, clear_at: in `unit`; both count themselves: `above` is raised at
    raise_at or more and cleared at clear_at or less, `below` the other way round. tags: what a series must have.
    stale_ms: a longer gap between two numbers breaks what was not yet raised; None: three intervals of the device.
    unless: a field of the same row; while it has a number, the rule doesn't hold. degraded: it works, but worse.
    left_out: series of which a tag fits a pattern. skip: numbers that say nothing.
    """

    measurement: str
    field: str
    side: Literal["above", "below"]
    raise_at: float
    clear_at: float
    unit: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    stale_ms: int | None = None
    unless: str | None = None
    degraded: bool = False
    left_out: tuple[tuple[str, re.Pattern[str]], ...] = ()
    skip: frozenset[float] = frozenset()

    def raises(self, value: float) -> bool:
        """Tell whether a number is at the limit or beyond."""
        return value >= self.raise_at if self.side == "above" else value <= self.raise_at

    def clears(self, value: float) -> bool:
        """Tell whether a number is back: at the limit for clearing, or better."""
        return value <= self.clear_at if self.side == "above" else value >= self.clear_at

    def worse(self, one: float, other: float) -> bool:
        """Tell whether the first number is farther beyond the limit than the second."""
        return one > other if self.side == "above" else one < other

    @property
    def question(self) -> str:
        """Return what is looked at. Two rules of one question may go on with each other's memory."""
        wanted = [f"{key}={value}" for key, value in self.tags]
        unwanted = [f"{key}!={pattern.pattern}" for key, pattern in self.left_out]
        where = ",".join((*wanted, *unwanted, *(f"!={number:g}" for number in sorted(self.skip))))
        return f"{self.measurement}[{where}].{self.field} {self.side}"

    @property
    def key(self) -> tuple[str, ...]:
        """Return the tags that tell one series of a subject from another."""
        return ASKED[self.measurement].key

    @property
    def rhythm(self) -> Rhythm:
        """Return how often numbers come."""
        return ASKED[self.measurement].rhythm

    @property
    def measurements(self) -> tuple[str, ...]:
        """Return what it asks for."""
        return (self.measurement,)

    @property
    def of(self) -> frozenset[str]:
        """Return the kinds of entities whose numbers these are."""
        return frozenset(ASKED[self.measurement].of)


MET: Final = 2.0
"""As the number of a row: `when` holds. 1 is neither, 0 that `clear` does."""

BETWEEN: Final = 1.0
OVER: Final = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionRule(BaseRule):
    """A condition over one or more numbers. hold_ms: for so long without a break.

    program: `when` and `clear`. of: kinds of entities whose numbers are looked at. tags, left_out, stale_ms, degraded:
    as those of a threshold. It is judged as a threshold is, by what its program makes of a row: MET, BETWEEN, OVER.
    """

    program: Program
    of: frozenset[str]
    tags: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, re.Pattern[str]], ...] = ()
    stale_ms: int | None = None
    degraded: bool = False
    kind: Literal["expression", "burn"] = "expression"

    def raises(self, value: float) -> bool:
        """Tell whether `when` holds."""
        return value >= MET

    def clears(self, value: float) -> bool:
        """Tell whether `clear` holds."""
        return value <= OVER

    def worse(self, one: float, other: float) -> bool:
        """Tell whether the first is worse than the second."""
        return one > other

    @property
    def measurement(self) -> str:
        """Return the measurement whose rows are looked at one by one; empty where the entity is, as a whole."""
        return self.program.rows_of

    @property
    def question(self) -> str:
        """Return what is looked at."""
        where = ",".join(
            (*(f"{key}={value}" for key, value in self.tags), *(f"{k}!={p.pattern}" for k, p in self.left_out))
        )
        return f"[{where}] {self.program.text}"

    @property
    def key(self) -> tuple[str, ...]:
        """Return the tags that tell one series of a subject from another."""
        return ASKED[self.program.rows_of].key if self.program.rows_of else ()

    @property
    def rhythm(self) -> Rhythm:
        """Return how often numbers come: as often as the rarest of them."""
        rare = any(ASKED[name].rhythm == "poll_interval" for name in self.program.columns)
        return "poll_interval" if rare else "interval"

    @property
    def measurements(self) -> tuple[str, ...]:
        """Return what it asks for."""
        return tuple(self.program.columns)


Judged = ThresholdRule | ExpressionRule
"""Rules over numbers."""

Rule = DownRule | ThresholdRule | ExpressionRule | EventRule

ByMeasurement = Mapping[str, tuple[Judged, ...]]


class Rules:
    """All rules that hold, by name and by kind."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._by_name = {rule.name: rule for rule in rules}
        self._shared: dict[tuple[str, ...], ByMeasurement] = {}
        self._of_class: dict[str, tuple[EventRule, ...]] = {}

    def get(self, name: str) -> Rule | None:
        """Return a rule by its name."""
        return self._by_name.get(name)

    @cached_property
    def down(self) -> tuple[DownRule, ...]:
        """The rules of kind `down`, by name."""
        return tuple(rule for _, rule in sorted(self._by_name.items()) if isinstance(rule, DownRule))

    @cached_property
    def thresholds(self) -> tuple[ThresholdRule, ...]:
        """The rules of kind `threshold`, by name."""
        return tuple(rule for _, rule in sorted(self._by_name.items()) if isinstance(rule, ThresholdRule))

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """The rules over numbers, by name."""
        return tuple(
            rule for _, rule in sorted(self._by_name.items()) if isinstance(rule, ThresholdRule | ExpressionRule)
        )

    @cached_property
    def events(self) -> tuple[EventRule, ...]:
        """The rules of kind `event`, by name."""
        return tuple(rule for _, rule in sorted(self._by_name.items()) if isinstance(rule, EventRule))

    def events_of(self, event_class: str) -> tuple[EventRule, ...]:
        """Return the rules that may be about events of a class, or about what ends them."""
        if event_class not in self._of_class:
            self._of_class[event_class] = tuple(rule for rule in self.events if rule.may_be_about(event_class))
        return self._of_class[event_class]

    @property
    def all(self) -> tuple[Rule, ...]:
        """Every rule, by name."""
        return tuple(rule for _, rule in sorted(self._by_name.items()))

    def down_for(self, device: Subject | None, site: Site | None, of: DownKind = "device") -> DownRule | None:
        """Return the one rule that holds when a device is down, None where nobody wants to hear of it.

        of: what is down: the device, or a part of it; with no device, a circuit of the site; an end point, a service.

        Of several it is the one that speaks of the device most closely: devices before tags of devices, sites, classes
        of sites, regions, classes of devices. Among equals the first name in the alphabet wins.
        """
        fitting = [rule for rule in self.down if of in rule.of and rule.matches(device, site)]
        return max(fitting, key=lambda rule: rule.selection.closeness, default=None)

    def thresholds_for(self, subject: Subject, site: Site | None, profile: str | None = None) -> ByMeasurement:
        """Return all rules over numbers that hold for a subject, by measurement.

        profile: that a device was found to have. Those of equal rules share one mapping.
        """
        kind = subject.entity.partition("/")[0]
        fitting = [rule for rule in self.judged if kind in rule.of and rule.matches(subject, site, profile)]
        names = tuple(rule.name for rule in fitting)
        if names not in self._shared:
            grouped: dict[str, tuple[Judged, ...]] = {}
            for rule in fitting:
                for measurement in rule.measurements:
                    grouped[measurement] = (*grouped.get(measurement, ()), rule)
            self._shared[names] = MappingProxyType(grouped)
        return self._shared[names]

    def for_device(self, device: Device, site: Site) -> tuple[Rule, ...]:
        """Return all that holds for a device: the rule for when it is down, those over numbers, those for events."""
        down = self.down_for(device, site)
        others = (rule for rule in (*self.judged, *self.events) if rule.matches(device, site))
        return (*(() if down is None else (down,)), *others)
