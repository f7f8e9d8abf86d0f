"""Rules ready for use: frozen, and found by what they look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from alerts.rules.measurements import MEASUREMENTS
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Device, Service, Site
from noc.model.incident import Severity
from noc.model.part import PartKind

DownKind = Literal["device", "circuit", "endpoint", "service"] | PartKind
"""What a rule of kind `down` may be about."""

Subject = Device | Endpoint | Service
"""What thresholds are for: whose numbers are looked at."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which devices a rule is for. What is empty or None takes all; what is given must all fit."""

    classes: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    site_classes: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    device_tags: frozenset[str] = frozenset()
    devices: re.Pattern[str] | None = None

    def matches(self, subject: Subject | None, site: Site | None) -> bool:
        """Tell whether a device, an end point or a service is among them. None: a circuit, of which nobody is asked.

        site: where it stands; None: nowhere, as a service.
        """
        if self.device_tags and (subject is None or self.device_tags.isdisjoint(subject.tags)):
            return False
        if not isinstance(subject, Device):
            return not self.classes and self.devices is None and self._matches_site(site)
        return (
            (not self.classes or subject.device_class in self.classes)
            and (self.devices is None or self.devices.match(subject.id) is not None)
            and self._matches_site(site)
        )

    def _matches_site(self, site: Site | None) -> bool:
        if site is None:
            return not (self.sites or self.site_classes or self.regions)
        return (
            (not self.sites or site.id in self.sites)
            and (not self.site_classes or site.site_class in self.site_classes)
            and (not self.regions or site.region in self.regions)
        )

    @property
    def closeness(self) -> tuple[bool, ...]:
        """Return how closely devices are spoken of; of two, the greater speaks more closely."""
        return (
            self.devices is not None,
            bool(self.device_tags),
            bool(self.sites),
            bool(self.site_classes),
            bool(self.regions),
            bool(self.classes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    name: str
    summary: str
    severity: Severity
    hold_ms: int
    selection: Selection = Selection()
    policy: str | None = None
    runbook: str | None = None

    def matches(self, subject: Subject | None, site: Site | None) -> bool:
        """Tell whether the rule is for a device, an end point or a service; None: for circuits of this site."""
        return self.selection.matches(subject, site)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownRule(_Rule):
    """An entity is down. hold_ms: for so long, counted from the beginning of the outage; 0 is at once.

    of: what may be down: a device, a part of one, or a circuit.
    """

    of: frozenset[DownKind] = frozenset({"device"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRule(_Rule):
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


Rule = DownRule | ThresholdRule

ByMeasurement = Mapping[str, tuple[ThresholdRule, ...]]


class Rules:
    """All rules that hold, by name and by kind."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._by_name = {rule.name: rule for rule in rules}
        self._shared: dict[tuple[str, ...], ByMeasurement] = {}

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

    def down_for(self, device: Subject | None, site: Site | None, of: DownKind = "device") -> DownRule | None:
        """Return the one rule that holds when a device is down, None where nobody wants to hear of it.

        of: what is down: the device, or a part of it; with no device, a circuit of the site; an end point, a service.

        Of several it is the one that speaks of the device most closely: devices before tags of devices, sites, classes
        of sites, regions, classes of devices. Among equals the first name in the alphabet wins.
        """
        fitting = [rule for rule in self.down if of in rule.of and rule.matches(device, site)]
        return max(fitting, key=lambda rule: rule.selection.closeness, default=None)

    def thresholds_for(self, subject: Subject, site: Site | None) -> ByMeasurement:
        """Return all thresholds that hold for a device, an end point or a service, by measurement.

        Those of equal rules share one mapping.
        """
        kind = subject.entity.partition("/")[0]
        fitting = [
            rule
            for rule in self.thresholds
            if kind in MEASUREMENTS[rule.measurement].of and rule.matches(subject, site)
        ]
        names = tuple(rule.name for rule in fitting)
        if names not in self._shared:
            grouped: dict[str, tuple[ThresholdRule, ...]] = {}
            for rule in fitting:
                grouped[rule.measurement] = (*grouped.get(rule.measurement, ()), rule)
            self._shared[names] = MappingProxyType(grouped)
        return self._shared[names]

    def for_device(self, device: Device, site: Site) -> tuple[Rule, ...]:
        """Return all that holds for a device: the rule for when it is down, and the thresholds."""
        down = self.down_for(device, site)
        thresholds = (rule for rule in self.thresholds if rule.matches(device, site))
        return (*(() if down is None else (down,)), *thresholds)
