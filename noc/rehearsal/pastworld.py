"""A past played again under one set of rules: watches, engine, escalation and dispatch of the daemon, nothing sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from alerts.notifiers._ports import Message
from alerts.policies import AlertSettings
from alerts.rules.compiled import ExpressionRule, Rules
from alerts.rules.language.scene import Learned
from alerts.watch import Watch
from noc.app.alerting import Alerting, Orders
from noc.app.settings import RootSettings
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.errors import ConflictError
from noc.model.event import Event
from noc.model.incident import Notice, RuleTransition
from noc.model.instants import from_ms, to_ms
from noc.model.transition import Transition
from noc.rehearsal.compared import Case, cases_of
from noc.rehearsal.past import Hindsight, History
from noc.rehearsal.pastnumbers import Given
from noc.rehearsal.settling import settle
from noc.state import explained, incidents, ledger, outbox, past
from noc.state.committer import Committer
from noc.state.database import Database
from noc.state.past import Deed, Plans
from noc.topology import Topology, Vantage

TICK_MS: Final = 60_000
"""How often it is looked at what is absent or quiet."""

PAGE: Final = 500

Happening = RuleTransition | Transition | Event | Deed


class Silent:
    """A notifier that sends nothing and keeps nothing."""

    async def send(self, message: Message) -> None:
        """Take a message, and forget it."""
        del message


class World:
    """One set of rules in the past. folder: for its state, which is thrown away. learned: what the store says."""

    def __init__(
        self,
        settings: RootSettings,
        inventory: Inventory,
        rules: Rules,
        history: History,
        folder: Path,
        start_ms: int,
    ) -> None:
        self.rules = rules
        self.clock = ManualClock(from_ms(start_ms))
        self.database = Database(folder / "noc.db", lasting=False)
        self._inventory = inventory
        self._poller = settings.polling.poller
        self._history = history
        self._watches: dict[str, Watch] = {}
        self._looks = any(isinstance(one, ExpressionRule) and one.program.absent for one in rules.judged)
        self._found: list[RuleTransition] = []
        self._due_ms: int | None = None
        self._tick_ms = start_ms
        self._has_windows = False
        self._committer = Committer(self.database, self.clock, rows=tuple)
        topology = Topology(inventory, Vantage(self._poller, settings.polling.uplink))
        alerts: AlertSettings = settings.alerts
        orders = Orders(rules, alerts, {name: Silent() for name in alerts.notifiers})
        sight = Hindsight(history, inventory, self.clock)
        self._alerting = Alerting(
            self.database,
            self.clock,
            orders,
            lambda: inventory,
            self._poller,
            self._committer.put_rules,
            lambda _: None,
            sight,
            lambda: topology,
        )

    @property
    def now_ms(self) -> int:
        """Return the virtual time."""
        return to_ms(self.clock.now())

    async def start(self, plans: Plans) -> None:
        """Take up how all stood at the beginning, and what was planned. Raises StateError."""
        await self.database.start()
        last = {one.entity: one for one in self._history.before}
        first = [one for one in self._history.before if one.status == "up" or last[one.entity] is not one]
        async with self.database.write() as connection:
            await past.put_plans(connection, plans)
            for at in range(0, len(first), PAGE):
                await ledger.append(connection, first[at : at + PAGE])
        self._has_windows = bool(plans.windows)
        self._committer.put(one for one in last.values() if one.status != "up")
        await self._settle()

    async def stop(self) -> None:
        """Give everything back."""
        await self.database.stop()

    def judge(self, given: Iterable[Given], stop_ms: int, learned: Learned) -> None:
        """Judge numbers of one entity up to a moment; what they raise and clear happens at its time in `play`.

        learned: the same each time.
        """
        at_ms = self._tick_ms
        entity = ""
        for time_ms, entity, tables in given:
            watch = self._watches.get(entity)
            if watch is None:
                watch = self._watches[entity] = Watch(self.rules, self._inventory, self._poller, learned)
            while self._looks and at_ms + TICK_MS <= time_ms:
                at_ms += TICK_MS
                self._found += watch.tick(at_ms)
            self._found += watch.take(entity, tables, self._poller)
        self._ticked(entity, at_ms, stop_ms)

    def unheard(self, heard: set[str], stop_ms: int) -> None:
        """Look at what is absent of entities that told nothing."""
        for entity in self._watches.keys() - heard if self._looks else ():
            self._ticked(entity, self._tick_ms, stop_ms)

    def _ticked(self, entity: str, at_ms: int, stop_ms: int) -> None:
        watch = self._watches.get(entity)
        while self._looks and watch is not None and at_ms + TICK_MS <= stop_ms:
            at_ms += TICK_MS
            self._found += watch.tick(at_ms)

    async def play(
        self, changes: Sequence[Transition], events: Sequence[Event], deeds: Sequence[Deed], to: int
    ) -> None:
        """Let happen what was judged, and all of this, up to a moment. Raises StateError."""
        found, self._found = self._found, []
        happenings: list[tuple[int, int, Happening]] = [
            *((one.decided_ms, 0, one) for one in changes),
            *((one.decided_ms, 1, one) for one in found),
            *((one.last_ms, 2, one) for one in events),
            *((one.at_ms, 3, one) for one in deeds),
        ]
        for at_ms, _, one in sorted(happenings, key=lambda entry: entry[:2]):
            await self._move(min(at_ms, to))
            if isinstance(one, Transition):
                self._committer.put([one])
            elif isinstance(one, RuleTransition):
                self._committer.put_rules([one])
            elif isinstance(one, Event):
                self._alerting.rules.heard([one])
            else:
                await self._settle()
                await self._do(one)
                await self._settle()
        await self._move(to)

    async def _move(self, at_ms: int) -> None:
        """Go to a moment, and do on the way what falls due."""
        while True:
            if self._committer.waiting and at_ms > self.now_ms:
                await self._settle()
            due = [one for one in (self._due_ms, self._tick_ms + TICK_MS) if one is not None]
            next_ms = max(min(due), self.now_ms)
            if next_ms > at_ms:
                break
            await self._to(next_ms)
            if next_ms >= self._tick_ms + TICK_MS:
                self._tick_ms = next_ms
                if self._has_windows:
                    await self._alerting.rules.learn_windows()
                self._alerting.rules.tick()
            if self._committer.waiting or (self._due_ms is not None and self._due_ms <= next_ms):
                await self._settle()
        await self._to(at_ms)

    async def _to(self, at_ms: int) -> None:
        seconds = (at_ms - self.now_ms) / 1000
        call_s = self.clock.next_call_s()
        if call_s is not None and call_s <= seconds:
            await self.clock.advance(seconds)
        elif seconds > 0:
            self.clock.stall(seconds)

    async def _settle(self) -> None:
        due_ms = await settle(self._alerting, self._committer, self.database, self.clock)
        # What stays due now is nothing that is done here.
        self._due_ms = None if due_ms is None else max(due_ms, self.now_ms + 1000)

    async def _do(self, deed: Deed) -> None:
        """Do what a person did then, where there is such an incident here."""
        async with self.database.read() as connection:
            found = await incidents.open_of(connection, deed.rule, deed.entity)
        if found is None:
            return
        try:
            if deed.kind == "acknowledged":
                await self._alerting.engine.acknowledge(found.id, deed.who)
            else:
                await self._alerting.engine.resolve(found.id, deed.who)
        except ConflictError:
            return  # it was done already here

    async def cases(self, start_ms: int, end_ms: int) -> tuple[Case, ...]:
        """Return what came of `[start_ms, end_ms)`. Raises StateError."""
        async with self.database.read() as connection:
            known = sorted(await incidents.page(connection, limit=1_000_000), key=lambda one: one.id)
            symptoms = await explained.by_incident(connection)
            notices: list[Notice] = []
            for one in known:
                notices += await outbox.of_incident(connection, one.id)
        return cases_of(known, symptoms, notices, start_ms, end_ms)
