"""The book of events: names of traps and their varbinds, rules for what events mean.

It is asked thousands of times a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from noc.inventory.events.text import Look
from noc.model.event import EventClass, EventSeverity

Oid = tuple[int, ...]

MATCHED_AT_MOST = 1_000
"""Characters of a text that patterns are searched in."""

_REMEMBERED_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event means. severities: by the fact `state`. look: None: by the class."""

    event_class: EventClass
    severity: EventSeverity | None = None
    severities: Mapping[str, EventSeverity] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    look: tuple[Look, ...] | None = None

    def severity_of(self, state: object, otherwise: EventSeverity) -> EventSeverity:
        """Return how grave it is in a state; otherwise: where nothing is said."""
        word = self.severities.get(state) if isinstance(state, str) else None
        return word or self.severity or otherwise


UNKNOWN = Meaning("other")


@dataclass(frozen=True, slots=True)
class Varbind:
    """What a varbind is. name: `IF-MIB::ifOperStatus`. values: of an enumeration. fact, index: where they go."""

    name: str
    values: Mapping[int, str] = field(default_factory=dict)
    fact: str | None = None
    index: str | None = None

    @property
    def key(self) -> str:
        """Return the fact that its value is."""
        return self.fact or self.name.rpartition("::")[2]


@dataclass(frozen=True, slots=True)
class SyslogRule:
    """A rule for syslog messages; all that is there must fit. names: empty: any."""

    meaning: Meaning
    names: tuple[re.Pattern[str], ...] = ()
    apps: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    weight: tuple[int, int, int] = (0, 0, 0)

    def may_fit(self, name: str, app: str | None) -> bool:
        """Return whether it is about messages of this name and application."""
        if self.apps and app not in self.apps:
            return False
        return not self.names or any(one.match(name) for one in self.names)


class EventBook:
    """All names and rules. Lookups remember what they found; what is remembered is bounded."""

    def __init__(
        self,
        notifications: Mapping[Oid, str],
        varbinds: Mapping[Oid, Varbind],
        traps: Mapping[str, Meaning],
        trap_patterns: Sequence[tuple[re.Pattern[str], Meaning]],
        beginnings: Mapping[Oid, Meaning],
        vendors: Mapping[Oid, str],
        rules: Sequence[SyslogRule],
    ) -> None:
        self.notifications = dict(notifications)
        self.varbinds = dict(varbinds)
        self.traps = dict(traps)
        self.rules = tuple(sorted(rules, key=lambda rule: rule.weight, reverse=True))
        self._trap_patterns = tuple(trap_patterns)
        self._beginnings = dict(beginnings)
        self._vendors = dict(vendors)
        self._known: dict[Oid, tuple[str, Meaning]] = {}
        self._candidates: dict[tuple[str, str | None], tuple[SyslogRule, ...]] = {}

    def with_names(self, names: Iterable[tuple[str, str]]) -> EventBook:
        """Return a book that knows these objects too, (name, OID). What it knows already it keeps."""
        varbinds = {tuple(map(int, oid.split("."))): Varbind(name) for name, oid in names}
        return EventBook(
            self.notifications,
            {**varbinds, **self.varbinds},
            self.traps,
            self._trap_patterns,
            self._beginnings,
            self._vendors,
            self.rules,
        )

    def trap(self, oid: Oid) -> tuple[str, Meaning]:
        """Return the name of a trap and what it means."""
        found = self._known.get(oid)
        if found is None:
            name = self.name_of(oid)
            found = name, self._meaning(name, oid)
            if len(self._known) >= _REMEMBERED_AT_MOST:
                self._known.clear()
            self._known[oid] = found
        return found

    def name_of(self, oid: Oid) -> str:
        """Return a trap's name; of an unknown one its vendor and numbers."""
        for one in _spellings(oid):
            if one in self.notifications:
                return self.notifications[one]
        for length in range(len(oid) - 1, 0, -1):
            vendor = self._vendors.get(oid[:length])
            if vendor is not None:
                return f"{vendor}:{dotted(oid[length:])}"
        return dotted(oid)

    def varbind(self, oid: Oid) -> tuple[Varbind, Oid] | None:
        """Return what a varbind is, and its index; None for an object that is in no module here."""
        for length in range(len(oid), 0, -1):
            found = self.varbinds.get(oid[:length])
            if found is not None:
                return found, oid[length:]
        return None

    def object_name(self, oid: Oid) -> str:
        """Return an OID that is a value as text, by the name of the trap or object that it stands for."""
        if oid in self.notifications:
            return self.notifications[oid]
        found = self.varbind(oid)
        return dotted(oid) if found is None else ".".join((found[0].name, *map(str, found[1])))

    def syslog(self, name: str, app: str | None, text: str) -> tuple[Meaning | None, Mapping[str, str]]:
        """Return what a message means, and the facts in it; None where no rule fits."""
        key = (name, app)
        rules = self._candidates.get(key)
        if rules is None:
            rules = tuple(rule for rule in self.rules if rule.may_fit(name, app))
            if len(self._candidates) >= _REMEMBERED_AT_MOST:
                self._candidates.clear()
            self._candidates[key] = rules
        for rule in rules:
            if rule.pattern is None:
                return rule.meaning, {}
            found = rule.pattern.search(text, 0, MATCHED_AT_MOST)
            if found is not None:
                return rule.meaning, {key: value for key, value in found.groupdict().items() if value is not None}
        return None, {}

    def _meaning(self, name: str, oid: Oid) -> Meaning:
        known = self.traps.get(name)
        if known is not None:
            return known
        for pattern, meaning in self._trap_patterns:
            if pattern.match(name):
                return meaning
        for length in range(len(oid), 0, -1):
            if oid[:length] in self._beginnings:
                return self._beginnings[oid[:length]]
        return UNKNOWN


NOTHING = EventBook({}, {}, {}, (), {}, {}, ())
"""Knows no event."""


def dotted(oid: Oid) -> str:
    """Return an OID as text."""
    return ".".join(map(str, oid))


def _spellings(oid: Oid) -> Iterator[Oid]:
    """Yield an OID, and with or without the 0 before its last number: agents and modules disagree (RFC 3584, 3.1)."""
    yield oid
    if len(oid) > 2:
        yield (*oid[:-2], oid[-1]) if oid[-2] == 0 else (*oid[:-1], 0, oid[-1])
