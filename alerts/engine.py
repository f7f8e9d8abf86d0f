"""The engine: from the queue of transitions to incidents, their timelines and the outbox.

Everything that comes of a transition, and its leaving the queue, is one transaction: a crash repeats nothing and
forgets nothing. What escalation has to do later stands in the incident's row, so a restart goes on where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from alerts import desk
from alerts.calling import Gate
from alerts.casework import Casework
from alerts.changes import ChangesTold
from alerts.joining import Told
from alerts.opening import Behind
from alerts.policies import AlertSettings
from alerts.rules.compiled import Rules
from alerts.sight import BLIND, Sight
from alerts.tales import Joined
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident, Symptom
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.state import handling, incidents, symptoms
from noc.state.database import Database, StateError, Transaction
from noc.state.handling import Task
from noc.topology import Topology

log = logging.getLogger(__name__)

AT_ONCE = 250
"""Transitions, or looks of escalation, in one transaction."""

LOOK_EVERY_S = 5.0
"""How long after it happened the engine sees at the latest what another process wrote: the command line."""

RETRY_AFTER_S = 5.0
PUT_BACK_MS = 60_000
"""How long waits what could not be done by a fault in noc."""

LOOK_SOONEST_S = 0.5

_Row = TypeVar("_Row", Task, Incident, Symptom)


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_Row]):
    """One kind of work: how to find what is due, do it, and put back what can't be done."""

    find: Callable[[Transaction, int, int], Awaitable[list[_Row]]]
    do: Callable[[Transaction, Sequence[_Row], int], Awaitable[None]]
    put_back: Callable[[Transaction, _Row, int], Awaitable[None]]
    name: Callable[[_Row], str]


class Engine:
    """A service: handles transitions, escalates, and is the desk where people acknowledge, note and resolve.

    inventory: as of the last good reload. changed: is given the number of each incident that changed, after the
    commit. told: is called when there may be something new in the outbox. sight: what is seen now. topology: what
    entities hang on; by default as the inventory says. failing: one sentence for an operator; empty while all is well.
    set_aside: damaged rows of the queue, also those from before a restart.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Rules,
        settings: AlertSettings,
        inventory: Callable[[], Inventory],
        changed: Callable[[int], None] = lambda _: None,
        told: Callable[[], None] = lambda: None,
        sight: Sight = BLIND,
        topology: Callable[[], Topology] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        known_to = rules, settings, inventory, sight, topology or drawn_from(inventory)
        self._cases = Casework(*known_to, lambda: clock.steps)
        self._changed = changed
        self._told = told
        self._rounds = Rounds(clock, "alerts", self._round)
        self._fresh = True
        self.failing = ""
        self.handled = 0
        self.rounds = 0
        self.last_ms: int | None = None
        """When the last round ended well."""
        self.set_aside = 0
        self.faults = 0

    async def start(self) -> None:
        """Begin to work; what fell due while nothing ran is done first."""
        self._fresh = True
        self._rounds.start()

    async def stop(self) -> None:
        """End after the transaction that is under way."""
        await self._rounds.stop()

    def replace(self, rules: Rules, settings: AlertSettings) -> None:
        """Go on with other rules and policies. Open incidents stay, and are looked at anew."""
        self._cases.replace(rules, settings)
        self._fresh = True
        self._rounds.wake()

    def call_through(self, gate: Gate) -> None:
        """Ask this before anybody is called."""
        self._cases.calling.gate = gate

    def go_by(self, told: ChangesTold) -> None:
        """Go by windows and changes of who is on call that another noc keeps."""
        self._cases.calling.hear(told)

    def know_behind(self, behind: Behind) -> None:
        """Rank incidents also by what nobody sees while they last."""
        self._cases.know_behind(behind)

    def wake(self) -> None:
        """Say that there may be something to do; returns at once."""
        self._rounds.wake()

    async def acknowledge(self, incident: int, who: str, note: str = "") -> None:
        """Say "I own it": escalation stops.

        Raises LookupError, ConflictError where it is resolved, and StateError where it can't be written.
        """
        async with self._database.write() as connection:
            await desk.acknowledge(connection, incident, self._now_ms(), who, note)
        self._changed(incident)

    async def note(self, incident: int, who: str, text: str) -> None:
        """Add a line to the timeline, also of one that is resolved.

        Raises LookupError, and StateError where it can't be written.
        """
        async with self._database.write() as connection:
            await desk.note(connection, incident, self._now_ms(), who, text)
        self._changed(incident)

    async def resolve(self, incident: int, who: str, note: str = "") -> None:
        """Close it by hand.

        Raises LookupError, ConflictError where it is resolved already, and StateError where it can't be written.
        """
        now_ms = self._now_ms()
        async with self._database.write() as connection:
            if await desk.resolve(connection, incident, now_ms, who, note):
                await self._cases.escalate(connection, incident, now_ms)
        self._changed(incident)
        self._told()

    async def join(self, told: Sequence[Told]) -> Joined:
        """Let what a poller told of incidents become one with what is known here; roots come before what they explain.

        Raises StateError where it can't be written; then nothing is.
        """
        try:
            async with self._database.write() as connection:
                joined = await self._cases.join(connection, told, self._now_ms())
        except Exception:
            self._cases.touched.clear()
            raise
        self._tell()
        self._rounds.wake()
        return joined

    async def work(self) -> None:
        """Do everything that is due now. Raises StateError when the database can't be written."""
        if self._fresh:
            async with self._database.write() as connection:
                await self._cases.look_around(connection, self._now_ms())
            self._fresh = False
            self._tell()
        transitions = _Kind(handling.due, self._cases.handle, handling.postpone, lambda task: task.change.entity)
        looks = _Kind(incidents.to_look_at, self._look, _look_later, lambda incident: f"incident {incident.id}")
        while not self._rounds.ending and (done := await self._do(transitions)):
            self.handled += done
        if self._cases.met_damage:
            async with self._database.read() as connection:
                self.set_aside = await handling.count_aside(connection)
            self._cases.met_damage = False
        symptomatic = _Kind(
            symptoms.to_look_at, self._cases.look_at_symptoms, _look_at_symptom_later, lambda one: f"symptom {one.id}"
        )
        while not self._rounds.ending and await self._do(symptomatic):
            pass
        while not self._rounds.ending and await self._do(looks):
            pass

    async def _next_s(self) -> float:
        """Return in how many seconds something falls due."""
        async with self._database.read() as connection:
            due = [
                await handling.next_due_ms(connection),
                await symptoms.next_look_ms(connection),
                await incidents.next_look_ms(connection),
            ]
        soonest_ms = min((one for one in due if one is not None), default=None)
        wait_s = LOOK_EVERY_S if soonest_ms is None else (soonest_ms - self._now_ms()) / 1000
        return min(max(wait_s, LOOK_SOONEST_S), LOOK_EVERY_S)

    async def _round(self) -> float:
        try:
            await self.work()
            next_s = await self._next_s()
        except StateError as error:
            self._fails(str(error))
            return RETRY_AFTER_S
        except Exception:  # the engine's guard: a fault must not end alerting
            self.faults += 1
            log.exception("alerting met a fault in noc, and goes on")
            self.failing = "alerting met a fault in noc, see the log"
            return RETRY_AFTER_S
        self._works()
        self.rounds += 1
        self.last_ms = self._now_ms()
        return next_s

    async def _do(self, kind: _Kind[_Row]) -> int:
        """Do the oldest of one kind of work, and return how many there were."""
        now_ms = self._now_ms()
        async with self._database.read() as connection:
            if not await kind.find(connection, now_ms, 1):
                return 0
        try:
            async with self._database.write() as connection:
                now_ms = self._now_ms()  # the clock leaps between two transactions
                rows = await kind.find(connection, now_ms, AT_ONCE)
                await kind.do(connection, rows, now_ms)
        except StateError:
            self._cases.touched.clear()
            raise
        except Exception:  # the guard again: nothing of the group is done
            self._cases.touched.clear()
            log.exception("what could not be done together by a fault in noc is done one by one")
            return await self._do_singly(kind, now_ms)
        self._tell()
        return len(rows)

    async def _do_singly(self, kind: _Kind[_Row], now_ms: int) -> int:
        """Do the same in a transaction each: one that can't be done must not stop the others."""
        async with self._database.read() as connection:
            rows = await kind.find(connection, now_ms, AT_ONCE)
        for row in rows:
            try:
                async with self._database.write() as connection:
                    await kind.do(connection, [row], now_ms)
            except StateError:
                self._cases.touched.clear()
                raise
            except Exception:  # the guard, for one row
                self.faults += 1
                self._cases.touched.clear()
                log.exception("%s: a fault in noc; it is tried again in %d s", kind.name(row), PUT_BACK_MS // 1000)
                async with self._database.write() as connection:
                    await kind.put_back(connection, row, now_ms + PUT_BACK_MS)
            self._tell()
        return len(rows)

    async def _look(self, connection: Transaction, rows: Sequence[Incident], now_ms: int) -> None:
        for incident in rows:
            await self._cases.escalate(connection, incident.id, now_ms)

    def _tell(self) -> None:
        """Say what has changed, after it is on disk."""
        touched = tuple(self._cases.touched)
        self._cases.touched.clear()
        for number in touched:
            self._changed(number)
        if touched:
            self._told()

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())

    def _fails(self, error: str) -> None:
        if not self.failing:
            log.error("alerting waits, transitions stay in the queue: %s", error)
        self.failing = error

    def _works(self) -> None:
        if self.failing:
            log.warning("alerting goes on; nothing was lost")
        self.failing = ""


async def _look_later(connection: Transaction, incident: Incident, at_ms: int) -> None:
    await incidents.look_at(connection, incident.id, at_ms)


async def _look_at_symptom_later(connection: Transaction, one: Symptom, at_ms: int) -> None:
    await symptoms.look_at(connection, [one.id], at_ms)


def drawn_from(inventory: Callable[[], Inventory]) -> Callable[[], Topology]:
    """Return what gives the topology of the inventory of now."""
    known: list[Topology] = []

    def drawn() -> Topology:
        if not known or known[0].inventory is not inventory():
            known[:] = [Topology(inventory())]
        return known[0]

    return drawn
