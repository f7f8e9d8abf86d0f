"""Event watch: rules over what devices send. Pure, and in memory.

Of each rule and entity it remembers the events of its time only, and at most a thousand. An event clears nothing by its
absence but after the rule's `clear_after`; `tick` says when that is over.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from alerts.rules.compiled import Rules
from alerts.rules.eventrule import Distinct, EventRule, asked_from
from alerts.rules.selection import NETWORK, Subject, subject_of
from noc.clock import NO_STEPS, Steps
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.model.incident import Fact, RuleTransition

REMEMBERED: Final = 1_000
ENTITIES_AT_MOST: Final = 20_000
"""Entities of one rule that are remembered; the one that was quiet for longest makes room."""

TEXT_SHOWN: Final = 200
SHOWN: Final = 5
_FACTS: Final = ("user", "from", "interface", "peer", "reason", "state")


@dataclass(slots=True)
class _Case:
    """Events of one rule for one entity. came: (time, what is counted). since_ms: raised since; None while it isn't.

    words: how often each of what is counted came.
    """

    came: deque[tuple[int, str]] = field(default_factory=deque)
    words: Counter[str] = field(default_factory=Counter)
    since_ms: int | None = None
    last_ms: int = 0

    def add(self, event: Event, word: str, within_ms: int, steps: Steps) -> None:
        """Take an event; a row of the log stands for all of its time. Forget what is too old, or too much."""
        again = min(event.count, REMEMBERED)
        step_ms = (event.last_ms - event.first_ms) / max(again - 1, 1)
        self.last_ms = max(self.last_ms, event.last_ms)
        for n in reversed(range(again)):
            self.came.append((event.last_ms - round(step_ms * n), word))
        self.words[word] += again
        since_ms = steps.here(self.last_ms) - within_ms
        while self.came and (len(self.came) > REMEMBERED or steps.here(self.came[0][0]) < since_ms):
            _, gone = self.came.popleft()
            self.words[gone] -= 1
            if not self.words[gone]:
                del self.words[gone]

    def number(self, distinct: Distinct | None) -> int:
        """Return how many there are."""
        return len(self.came) if distinct is None else len(self.words) - ("" in self.words)


class EventWatch:
    """Watches events by rules of kind `event`.

    in_window: tells whether an entity is in an approved window at a time. poller: who decides. steps: of the clock; in
    a leap no time passed, for quiet as for events that count together.
    """

    def __init__(
        self,
        rules: Rules,
        inventory: Inventory,
        poller: str,
        in_window: Callable[[str, int], bool] = lambda _, __: False,
    ) -> None:
        self._rules = rules
        self._inventory = inventory
        self._poller = poller
        self._in_window = in_window
        self._cases: dict[str, dict[str, _Case]] = {}
        self.steps = NO_STEPS

    def replace(self, rules: Rules, inventory: Inventory, now_ms: int) -> tuple[RuleTransition, ...]:
        """Go on with other rules, or another inventory; return what is cleared because its rule is no more."""
        before, self._rules, self._inventory = self._rules, rules, inventory
        gone = [rule for rule in before.events if not isinstance(rules.get(rule.name), EventRule)]
        found = []
        for rule in gone:
            for entity, case in self._cases.pop(rule.name, {}).items():
                if case.since_ms is not None:
                    found.append(self._cleared(rule, entity, now_ms, "rule"))
        return tuple(found)

    def adopt(self, rule: str, entity: str, now_ms: int) -> None:
        """Take up an incident that is open from before a restart."""
        case = self._cases.setdefault(rule, {}).setdefault(entity, _Case())
        case.since_ms, case.last_ms = now_ms, max(case.last_ms, now_ms)

    def take(self, events: Iterable[Event], *, quiet: bool = False) -> tuple[RuleTransition, ...]:
        """Take events that are on disk; return what they raise and clear.

        quiet: they were judged before a restart; they are remembered, and nothing comes of them.
        """
        found = [change for event in events for change in self._take(event)]
        return () if quiet else tuple(found)

    def tick(self, now_ms: int) -> tuple[RuleTransition, ...]:
        """Clear what was quiet for long enough, and forget what is too old."""
        found = []
        for rule in self._rules.events:
            cases = self._cases.get(rule.name, {})
            for entity, case in list(cases.items()):
                quiet_ms = now_ms - self.steps.here(case.last_ms)
                if case.since_ms is not None and quiet_ms < rule.clear_after_ms:
                    continue
                if case.since_ms is not None:
                    found.append(self._cleared(rule, entity, now_ms, "quiet"))
                    case.since_ms = None
                if quiet_ms > rule.within_ms:
                    del cases[entity]
        return tuple(found)

    def _pollers(self) -> tuple[str]:
        return (self._poller,)

    def _take(self, event: Event) -> Iterator[RuleTransition]:
        rules = self._rules.events_of(event.event_class)
        known = None if event.device is None or not rules else subject_of(self._inventory, event.device, self._pollers)
        if known is None:
            return
        subject, site = known
        zone = None if site is None else site.time_zone or self._inventory.regions[site.region].time_zone
        for rule in rules:
            if rule.matches(subject, site):
                yield from self._judge(rule, event, subject, site, zone)

    def _judge(
        self, rule: EventRule, event: Event, subject: Subject, site: Site | None, zone: ZoneInfo | None
    ) -> Iterator[RuleTransition]:
        entity = _entity(rule, event, site)
        cases = self._cases.setdefault(rule.name, {})
        if rule.ends is not None and entity in cases and rule.ends.fits(event, zone):
            if cases.pop(entity).since_ms is not None:
                yield self._cleared(rule, entity, event.last_ms, "ended", event)
            return
        if not rule.match.fits(event, zone):
            return
        if rule.outside_windows and self._in_window(subject.entity, event.last_ms):
            return
        case = cases.get(entity)
        if case is None:
            if len(cases) >= ENTITIES_AT_MOST:
                del cases[min(cases, key=lambda name: cases[name].last_ms)]
            case = cases[entity] = _Case()
        case.add(event, _counted(rule.distinct, event), rule.within_ms, self.steps)
        if case.since_ms is None and case.number(rule.distinct) >= rule.count:
            case.since_ms = case.came[0][0]
            yield self._raised(rule, entity, case, event)

    def _raised(self, rule: EventRule, entity: str, case: _Case, event: Event) -> RuleTransition:
        told = {name: event.facts[name] for name in _FACTS if name in event.facts}
        asked = asked_from(event)
        facts: dict[str, Fact] = {
            **told,
            **({} if asked is None else {"from": asked}),
            "event": event.name,
            "source": event.source,
            "text": event.text[:TEXT_SHOWN],
            "events": case.number(rule.distinct),
            **({} if rule.count == 1 else {"within_s": rule.within_ms // 1000}),
            **({} if rule.distinct is None else {rule.distinct + "s": _listed(sorted(case.words.keys() - {""}))}),
            **({} if rule.owner is None else {"owner": rule.owner}),
        }
        since_ms = case.came[0][0]
        return RuleTransition(rule.name, entity, "raised", rule.severity, since_ms, event.last_ms, self._poller, facts)

    def _cleared(
        self, rule: EventRule, entity: str, at_ms: int, reason: str, event: Event | None = None
    ) -> RuleTransition:
        facts: dict[str, Fact] = {"reason": reason, **({} if event is None else {"event": event.name})}
        return RuleTransition(rule.name, entity, "cleared", rule.severity, at_ms, at_ms, self._poller, facts)


def _entity(rule: EventRule, event: Event, site: Site | None) -> str:
    """Return what a rule is raised for by an event of a device."""
    device = event.device or NETWORK
    if rule.per == "about":
        return event.about or device
    if rule.per == "site":
        return device if site is None else site.entity
    if rule.per == "region":
        return NETWORK if site is None else f"region/{site.region}"
    return NETWORK if rule.per == "network" else device


def _counted(distinct: Distinct | None, event: Event) -> str:
    if distinct is None:
        return ""
    if distinct == "device":
        return event.device or ""
    if distinct == "source":
        return event.source
    if distinct == "from":
        return asked_from(event) or ""
    return str(event.facts.get(distinct) or "")


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(word.removeprefix("device/") for word in words[:SHOWN]) + more
