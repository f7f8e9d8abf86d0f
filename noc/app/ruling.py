"""Rules as the daemon has them: over samples, over events, and what nobody tells of; their memory over a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts.eventwatch import EventWatch
from alerts.rules.compiled import ExpressionRule, Rules, ThresholdRule
from alerts.rules.eventrule import EventRule
from alerts.rules.language.scene import NOTHING, Learned
from alerts.watch import Open, Watch
from alerts.windows import UnderWay, under_way
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.model.check import Check
from noc.model.event import Event
from noc.model.incident import RuleTransition
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingested
from noc.pipeline.refusals import Refusals
from noc.service import Rounds, Service
from noc.state import checkpoint, events, incidents, windows
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

CHECKPOINT: Final = "rules"
LOOK_EVERY_S: Final = 10.0
"""How often is looked at what is absent, quiet, or in a window."""

REPLAYED_AT_MOST: Final = 20_000
"""Rows of the event log that are read again at a start."""

PutRules = Callable[[Iterable[RuleTransition]], None]
Derived = Callable[[Check, Ingested], Sequence[Samples]]
"""Tables for rules alone, from what a Reading says and from what else is known."""

Own = Callable[[datetime], Samples]
"""noc's own numbers."""


def no_tables(check: Check, ingested: Ingested) -> Sequence[Samples]:
    """Return no table beside those of a Reading."""
    del check, ingested
    return ()


@dataclass(frozen=True, slots=True)
class RuleGround:
    """What rules stand on beside the samples of Readings.

    learned: what the store says of series. derived: makes tables beside those of a Reading; own: tells noc's own
    numbers. services: that stand behind these. refusals: what firewalls refuse; tell: takes it to the store. far: gives
    the names of remote pollers.
    """

    learned: Learned = NOTHING
    derived: Derived = no_tables
    own: Own | None = None
    services: tuple[Service, ...] = ()
    refusals: Refusals | None = None
    tell: Callable[[Iterable[Samples]], None] = lambda _: None
    far: Callable[[], Collection[str]] = tuple


BARE: Final = RuleGround()


class Ruling:
    """A service. put_rules: takes transitions of rules to the committer. ground: what rules stand on beside samples."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Rules,
        inventory: Callable[[], Inventory],
        poller: str,
        put_rules: PutRules,
        ground: RuleGround,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._inventory = inventory
        self._poller = poller
        self._put_rules = put_rules
        self._ground = ground
        self._windows: Mapping[str, list[UnderWay]] = {}
        self._steps = clock.steps
        self._rounds = Rounds(clock, "rules", self._round)
        self.watch = Watch(rules, inventory(), poller, ground.learned, ground.far)
        self.events = EventWatch(rules, inventory(), poller, self._in_window)

    async def start(self) -> None:
        """Take up what was raised before a restart, and the events that still count; then look. Raises StateError."""
        now_ms = self._now_ms()
        self._steps = self.watch.steps = self.events.steps = self._clock.steps
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
            known = await incidents.all_open(connection)
            self._windows = under_way(await windows.near(connection, now_ms), now_ms)
        opened = []
        for one in known:
            rule = self._rules.get(one.rule)
            if isinstance(rule, EventRule):
                self.events.adopt(one.rule, one.entity, now_ms)
            elif isinstance(rule, ThresholdRule | ExpressionRule):
                opened.append(Open(one.rule, one.entity, one.severity, one.since_ms))
        self._put(self.watch.restore(saved[1] if saved else [], now_ms))
        self._put(self.watch.adopt(opened, now_ms))
        await self._replay(now_ms if saved is None else saved[0], now_ms)
        self._rounds.start()
        for service in self._ground.services:
            await service.start()

    async def stop(self) -> None:
        """End; what is raised stays so."""
        for service in reversed(self._ground.services):
            await service.stop()
        await self._rounds.stop()

    def knows(self, rule: str) -> bool:
        """Tell whether there is such a rule."""
        return self._rules.get(rule) is not None

    def take(self, check: Check, ingested: Ingested) -> None:
        """Judge the samples of one Reading."""
        self._follow()
        if ingested.snapshot is not None:
            self._put(self.watch.learn_profile(check.entity, ingested.snapshot.device.profile, self._now_ms()))
        samples = (*ingested.samples, *self._ground.derived(check, ingested))
        self._put(self.watch.take(check.entity, samples, self._poller))

    def heard(self, group: Sequence[Event]) -> None:
        """Judge events that are on disk."""
        self._follow()
        self._put(self.events.take(group))
        if self._ground.refusals is not None:
            self._ground.refusals.take(group)

    def replace(self, rules: Rules) -> None:
        """Go on with other rules, and the inventory of now."""
        self._rules, now_ms = rules, self._now_ms()
        self._put(self.watch.replace(rules, self._inventory(), now_ms))
        self._put(self.events.replace(rules, self._inventory(), now_ms))

    def tick(self) -> None:
        """Look at what is absent or quiet by now, and at noc itself."""
        self._follow()
        now_ms = self._now_ms()
        if self._ground.own is not None:
            own = self._ground.own(self._clock.now())
            self._put(self.watch.take(f"poller/{self._poller}", [own], self._poller))
        for entity, table in () if self._ground.refusals is None else self._ground.refusals.samples(self._clock.now()):
            self._ground.tell([table])
            self._put(self.watch.take(entity, [table], self._poller))
        self._put(self.watch.tick(now_ms))
        self._put(self.events.tick(now_ms))

    async def learn_windows(self) -> None:
        """Learn which approved windows are under way. Raises StateError."""
        now_ms = self._now_ms()
        async with self._database.read() as connection:
            self._windows = under_way(await windows.near(connection, now_ms), now_ms)

    async def _round(self) -> float:
        try:
            await self.learn_windows()
        except StateError as error:
            log.warning("rules go on with the windows that were known: %s", error)
        try:
            self.tick()
        except Exception:  # the guard: a fault must not end the looking
            log.exception("looking at rules met a fault in noc, and goes on")
        return LOOK_EVERY_S

    async def _replay(self, judged_ms: int, now_ms: int) -> None:
        """Take events of before the restart that still count; those after the last checkpoint may raise a rule."""
        longest_ms = max((rule.within_ms for rule in self._rules.events), default=0)
        if not longest_ms:
            return
        async with self._database.read() as connection:
            rows = await events.page(
                connection, since_ms=self._steps.there(now_ms - longest_ms), limit=REPLAYED_AT_MOST
            )
        found = [row.event for row in reversed(rows)]
        self.events.take([event for event in found if event.last_ms <= judged_ms], quiet=True)
        self._put(self.events.take([event for event in found if event.last_ms > judged_ms]))

    def _follow(self) -> None:
        """Go by the clock, which may have leapt."""
        if self._clock.steps is not self._steps:
            self._steps = self.events.steps = self._clock.steps
            self.watch.follow(self._steps)

    def _in_window(self, entity: str, at_ms: int) -> bool:
        """Tell whether an entity, or what it is below, was in an approved window at a moment."""
        return any(
            one.span.start <= at_ms < one.span.end
            for name in (self_and_above(self._inventory(), entity) if self._windows else ())
            for one in self._windows.get(name, ())
        )

    def _put(self, found: Sequence[RuleTransition]) -> None:
        if found:
            self._put_rules(found)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())
