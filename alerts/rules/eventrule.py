"""Rules over events: which ones count, how many of them, and what ends it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, time
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, Literal
from zoneinfo import ZoneInfo

from alerts.rules.patterns import Pattern
from alerts.rules.rule import BaseRule
from noc.model.event import Event
from noc.model.instants import from_ms

Per = Literal["device", "about", "site", "region", "network"]
"""Whose events are counted together, and what the rule is raised for."""

Distinct = Literal["device", "source", "user", "from", "interface"]
"""What is counted instead of events: different ones of these."""

ASKED_FROM: Final = ("from", "srcip", "address", "peer")
"""Facts that may tell where somebody asked from, the first that is an address."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day, by the clock of the site. days: 0 is Monday. begin after end: over midnight."""

    begin: time
    end: time
    days: frozenset[int] = frozenset(range(7))

    def holds(self, at_ms: int, zone: ZoneInfo | None) -> bool:
        """Tell whether a moment lies in them."""
        local = from_ms(at_ms).astimezone(zone or UTC)
        now = local.time()
        if self.begin <= self.end:
            return local.weekday() in self.days and self.begin <= now < self.end
        if now >= self.begin:
            return local.weekday() in self.days
        return now < self.end and (local.weekday() - 1) % 7 in self.days


@dataclass(frozen=True, slots=True)
class Match:
    """Which events are meant. What is empty or None fits all; what is given must all fit.

    facts: patterns of globs by fact. text: is looked for in the event's text. outside: where it was asked from is none
    of these networks; an event that doesn't tell from where fits not. hours: it came outside of these.
    """

    classes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    names: re.Pattern[str] | None = None
    facts: tuple[tuple[str, re.Pattern[str]], ...] = ()
    text: Pattern | None = None
    outside: tuple[Network, ...] = ()
    odd_hours: Hours | None = None

    def fits(self, event: Event, zone: ZoneInfo | None) -> bool:
        """Tell whether an event is meant. zone: of the site that it came from."""
        return (
            (not self.classes or event.event_class in self.classes)
            and (not self.kinds or event.kind in self.kinds)
            and (not self.severities or event.severity in self.severities)
            and (self.names is None or self.names.match(event.name) is not None)
            and all(_fact_fits(event.facts, name, wanted) for name, wanted in self.facts)
            and (not self.outside or self._is_outside(event))
            and (self.odd_hours is None or not self.odd_hours.holds(event.last_ms, zone))
            and (self.text is None or self.text.search(event.text) is not None)
        )

    def _is_outside(self, event: Event) -> bool:
        asked = asked_from(event)
        if asked is None:
            return False
        address = ip_address(asked)
        mapped = getattr(address, "ipv4_mapped", None) or address
        return not any(mapped.version == network.version and mapped in network for network in self.outside)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule(BaseRule):
    """Events came. hold_ms is 0: an event is a moment.

    count: so many within within_ms, or so many different ones of `distinct`. outside_windows: what comes in an approved
    window counts not. ends: an event for the same entity that ends it. clear_after_ms: without a further event.
    """

    match: Match
    per: Per = "device"
    count: int = 1
    within_ms: int = 600_000
    distinct: Distinct | None = None
    outside_windows: bool = False
    ends: Match | None = None
    clear_after_ms: int = 3_600_000

    def may_be_about(self, event_class: str) -> bool:
        """Tell whether events of a class may count, or end it."""
        meant = (self.match, *(() if self.ends is None else (self.ends,)))
        return any(not one.classes or event_class in one.classes for one in meant)


def asked_from(event: Event) -> str | None:
    """Return the address that an event tells somebody asked from."""
    for name in ASKED_FROM:
        told = event.facts.get(name)
        if told is None:
            continue
        try:
            return str(ip_address(str(told).partition("%")[0].strip("[]")))
        except ValueError:
            continue
    return None


def _fact_fits(facts: Mapping[str, object], name: str, wanted: re.Pattern[str]) -> bool:
    told = facts.get(name)
    return told is not None and wanted.match(str(told)) is not None
