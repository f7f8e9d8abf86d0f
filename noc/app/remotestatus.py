"""What the ledger and people hear of remote pollers: whether each is there, and what nobody sees without it.

A poller is an entity whose evidence is its presence. Of what only it sees nobody knows anything while it is away: that
is one incident, about the poller, and none about what is behind it. Where others of its group are there it is a note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from alerts.rules.made import MADE
from noc.app.pollersettings import Reach
from noc.app.probeplan import PREFIX
from noc.app.remotepollers import Heard, Registry
from noc.app.remoteway import WaysOut
from noc.availability.policy import ProbePolicy
from noc.availability.times import format_time
from noc.inventory.inventory import Inventory
from noc.model.counting import counted
from noc.model.incident import Fact, Incident, RuleTransition, Severity
from noc.model.transition import Transition
from noc.pipeline.status import Result, Statuses

PRESENCE: Final = "presence"
EVERY_MS: Final = 10_000
"""Between two signs of life of a poller that are taken as evidence: presences, and frames."""

BLIND: Final = "poller-blind"
GONE: Final = "poller-gone"
CLONED: Final = "poller-cloned"
CUT_OFF: Final = "poller-cut-off"
UNHEARD: Final = "pollers-unheard"
RULES: Final = frozenset({BLIND, GONE, CLONED, CUT_OFF, UNHEARD})
"""Rules whose incidents begin and end here."""

HOLD_MS: Final[Mapping[str, int]] = {BLIND: 30_000, GONE: 60_000, CLONED: 0, CUT_OFF: 30_000, UNHEARD: 60_000}
"""For so long it must be so before people hear of it."""

_MADE: Final = {rule: MADE[rule] for rule in RULES}

CLEAR_AFTER_MS: Final = 30_000
"""For so long all must be well again: what comes and goes is one incident."""


ALONE: Final = "if the poller runs, it calls people by itself for what fails there, and for what was open"
NOBODY_CALLED: Final = "nobody is called for what fails there"

NAMED: Final = 5
"""Groups that are named where nobody hears any."""

SiteOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class BlindGroup:
    """A group of which nobody polls. devices, endpoints: that nobody sees, at so many sites; what others look at too is
    not among them. last: the poller that left last. unseen: devices by their ids, end points as endpoint/ID.
    """

    group: str
    since_ms: int
    devices: int
    sites: int
    last: str
    endpoints: int = 0
    unseen: frozenset[str] = frozenset()

    @property
    def said(self) -> str:
        """Return it in a sentence."""
        verb = "is" if self.devices + self.endpoints == 1 else "are"
        since = format_time(self.since_ms)
        return f"group {self.group}: {self.many} {verb} not seen since {since}, no poller of it is there"

    @property
    def many(self) -> str:
        """Return what is not seen, counted."""
        both = ((self.devices, "device"), (self.endpoints, "end point"))
        many = " and ".join(counted(count, word) for count, word in both if count)
        return f"{many} at {counted(self.sites, 'site')}"


def said_unheard(why: str, groups: Sequence[BlindGroup]) -> str:
    """Return in a sentence why no poller is heard, and what nobody sees by that: so many groups are named at most."""
    parts = [f"group {one.group}, {one.many}, since {format_time(one.since_ms)}" for one in groups[:NAMED]]
    if more := groups[NAMED:]:
        parts.append(f"{counted(len(more), 'more group')} with {counted(sum(one.devices for one in more), 'device')}")
    return f"{why}; not seen: {'; '.join(parts)}" if parts else why


@dataclass(frozen=True, slots=True)
class _Wanted:
    severity: Severity
    since_ms: int
    said: str


@dataclass(slots=True)
class _Open:
    """from_ms: since when it is so; well_ms: since when it isn't. raised: people know."""

    severity: Severity
    from_ms: int
    raised: bool = False
    well_ms: int | None = None


class Standing:
    """Judges pollers. centre: the name of this noc. calls_alone: whether a group's pollers call people by themselves.

    reach: who asks what.
    """

    def __init__(
        self,
        registry: Registry,
        ways: WaysOut,
        centre: str,
        lost_after_ms: int,
        calls_alone: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._calls_alone = calls_alone
        self._registry = registry
        self._ways = ways
        self._centre = centre
        self._policy = ProbePolicy(lost_after_ms, EVERY_MS, confirm_down=1, confirm_up=1)
        self._open: dict[tuple[str, str], _Open] = {}
        self.statuses = Statuses()

    def watch(self, now_ms: int) -> list[Transition]:
        """Go on with those that are enrolled; return what becomes of who isn't any more."""
        names = {known.row.entity for known in self._registry}
        left = [entity for entity, _ in self.statuses.memories() if entity not in names]
        gone = [change for one in left for change in self.statuses.withdraw(one, now_ms, PRESENCE, self._centre)]
        self.statuses.watch(dict.fromkeys(sorted(names), self._policy))
        return gone

    def hear(self, known: Heard, now_ms: int) -> list[Transition]:
        """Take it as evidence that a poller is there, or isn't. Of one in quarantine nobody knows which it is."""
        if known.row.quarantine:
            return []
        return self.statuses.take(Result(known.row.entity, now_ms, known.is_there, PRESENCE, self._centre))

    def sign(self, known: Heard, now_ms: int) -> list[Transition]:
        """Take a frame for a sign of life, as a presence is one, where there was none for a while."""
        seen_ms = self.statuses.seen_ms(known.row.entity)
        if not known.is_there or (seen_ms is not None and now_ms - seen_ms < EVERY_MS):
            return []
        return self.hear(known, now_ms)

    def expire(self, now_ms: int, *, hears: bool) -> list[Transition]:
        """Return what time alone changes. hears: whether the centre would hear pollers: who is gone then still is."""
        found: list[Transition] = []
        for known in self._registry if hears else ():
            seen_ms = self.statuses.seen_ms(known.row.entity)
            if known.row.state == "gone" and (seen_ms is None or now_ms - seen_ms >= EVERY_MS):
                found += self.hear(known, now_ms)
        return [*found, *self.statuses.expire(now_ms)]

    def take_up(self, incidents: Iterable[Incident]) -> None:
        """Take up incidents that are open from before a restart."""
        for one in incidents:
            if one.rule in RULES:
                self._open[one.rule, one.entity] = _Open(one.severity, one.since_ms, raised=True)

    def judge(self, reach: Reach, site_of: SiteOf, now_ms: int, *, unheard: str | None) -> list[RuleTransition]:
        """Return what people are to hear. unheard: why no poller is heard; None while they are.

        Of what nobody hears nothing begins, and nothing ends. site_of: tells the site of a device, or of endpoint/ID.
        """
        ours = UNHEARD, f"poller/{self._centre}"
        if unheard is None:
            wanted = dict(self._wanted(reach, site_of))
        else:
            since_ms = self._open_ms(ours, now_ms)
            said = said_unheard(unheard, self.unheard(reach, site_of, since_ms))
            wanted = {ours: _Wanted("critical", since_ms, said)}
        found: list[RuleTransition] = []
        for key, one in wanted.items():
            known = self._open.setdefault(key, _Open(one.severity, now_ms))
            known.well_ms = None
            if not known.raised and now_ms - known.from_ms >= HOLD_MS[key[0]]:
                known.raised, known.severity = True, one.severity
                facts: dict[str, Fact] = {**_MADE[key[0]].said, "said": one.said}
                found.append(self._change(key, "raised", one.severity, one.since_ms, now_ms, facts))
        over = [key for key in self._open if key not in wanted] if unheard is None else []
        return [*found, *(change for key in over for change in self._end(key, now_ms))]

    def _open_ms(self, key: tuple[str, str], now_ms: int) -> int:
        known = self._open.get(key)
        return now_ms if known is None else known.from_ms

    def _end(self, key: tuple[str, str], now_ms: int) -> Iterator[RuleTransition]:
        """Yield the end of what is no more so: at once where nobody heard of it, else when it has been well a while."""
        known = self._open[key]
        known.well_ms = now_ms if known.well_ms is None else known.well_ms
        if not known.raised:
            del self._open[key]
        elif now_ms - known.well_ms >= CLEAR_AFTER_MS:
            del self._open[key]
            yield self._change(key, "cleared", known.severity, known.well_ms, now_ms, {"reason": "back"})

    def blind(self, reach: Reach, site_of: SiteOf) -> list[BlindGroup]:
        """Return the groups that nobody polls, though somebody once did, and of which nobody else sees all, by name."""
        away = [group for group in sorted(reach.scopes) if self._is_away(group)]
        seen = reach.here.union(*(scope for group, scope in reach.scopes.items() if group not in away))
        found = (self._without(group, reach.scopes[group] - seen, site_of) for group in away)
        return [one for one in found if one is not None]

    def unheard(self, reach: Reach, site_of: SiteOf, now_ms: int) -> list[BlindGroup]:
        """Return the groups of which this centre sees nothing while it hears no poller, by name."""
        since_ms = self._open_ms((UNHEARD, f"poller/{self._centre}"), now_ms)
        groups = sorted(reach.scopes)
        found = (self._without(group, reach.scopes[group] - reach.here, site_of) for group in groups)
        known = (one for one in found if one is not None)
        return [one if self._is_away(one.group) else replace(one, since_ms=since_ms) for one in known]

    def _without(self, group: str, unseen: frozenset[str], site_of: SiteOf) -> BlindGroup | None:
        """Return a group of which so much is not seen; None where nothing is, or nobody ever polled it."""
        ever = [one for one in self._registry.of_group(group) if one.row.state != "never"]
        if not unseen or not ever:
            return None
        last = max(ever, key=lambda one: (one.row.since_ms, one.row.name)).row
        there = {site for name in unseen if (site := site_of(name)) is not None}
        endpoints = sum(name.startswith(PREFIX) for name in unseen)
        counts = len(unseen) - endpoints, len(there), last.name, endpoints
        return BlindGroup(group, last.since_ms, *counts, unseen)

    def _is_away(self, group: str) -> bool:
        return not any(one.serves for one in self._registry.of_group(group))

    def _wanted(self, reach: Reach, site_of: SiteOf) -> Iterator[tuple[tuple[str, str], _Wanted]]:
        blind = {one.last: one for one in self.blind(reach, site_of)}
        for known in self._registry:
            row, lost_ms = known.row, self._ways.lost_ms(known)
            if row.quarantine:
                yield (
                    (CLONED, row.entity),
                    _Wanted("major", row.since_ms, row.quarantine),
                )
            if row.name in blind:
                calls = ALONE if self._calls_alone(row.group) else NOBODY_CALLED
                said = f"{blind[row.name].said}: see to poller {row.name} and its line; {calls}"
                yield (BLIND, row.entity), _Wanted("critical", row.since_ms, said)
            elif row.state == "gone":
                others = f"what was its share is polled by others of group {row.group}, as long as there are any"
                if self._is_away(row.group):
                    others = f"nobody of group {row.group} is there; what it looks at is seen from elsewhere"
                said = f"since {format_time(row.since_ms)}; {others}"
                yield (GONE, row.entity), _Wanted("minor", row.since_ms, said)
            elif known.is_there and lost_ms is not None:
                said = f"since {format_time(lost_ms)} nothing answers poller {row.name}, the way out of it neither"
                yield (CUT_OFF, row.entity), _Wanted("critical", lost_ms, said)

    def _change(
        self,
        key: tuple[str, str],
        word: Literal["raised", "cleared"],
        severity: Severity,
        since_ms: int,
        now_ms: int,
        facts: dict[str, Fact],
    ) -> RuleTransition:
        return RuleTransition(key[0], key[1], word, severity, min(since_ms, now_ms), now_ms, self._centre, facts)


def behind(groups: Iterable[BlindGroup], rule: str, entity: str, inventory: Inventory) -> Iterator[str]:
    """Yield what nobody sees while people hear of a poller that a group is blind: devices, end points, whole sites."""
    for one in groups:
        if rule != BLIND or entity != f"poller/{one.last}":
            continue
        yield from (name if name.startswith(PREFIX) else f"device/{name}" for name in one.unseen)
        for site in inventory.sites.values():
            devices = inventory.devices_of(site.id)
            if devices and all(device.id in one.unseen for device in devices):
                yield site.entity
