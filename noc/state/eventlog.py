"""The event log: writes events into the state database in groups, repetitions as a count; says when each is on disk.

Nothing waits for it. While the database can't be written events wait here, up to a bound; beyond it they are shed, and
counted: taken = written + repeated + waiting.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from noc.clock import Clock
from noc.model.event import Event, EventClass, EventKind
from noc.model.instants import length_ms, to_ms
from noc.service import Rounds
from noc.state import events, senders
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

GROUP_AT_MOST: Final = 1_000
"""Events of one transaction: they are put into words in the event loop, which nothing may hold up for long."""

WAITING_AT_MOST: Final = 50_000
REMEMBERED_AT_MOST: Final = 50_000
"""Events that a repetition is recognised of."""

RETRY_AFTER_S: Final = 5.0
PRUNE_EVERY_S: Final = 60.0
SENDERS_EVERY_S: Final = 2.0
"""How often the list of unknown senders is written, while it changes."""

FAULT: Final = "the event log met a fault in noc, see the log"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept. window: what comes again within this time of the last one is a repetition."""

    age: timedelta
    rows: int
    window: timedelta


@dataclass(slots=True)
class Tally:
    """What the log did. taken = written + repeated + waiting. shed: were refused for want of room."""

    taken: int = 0
    written: int = 0
    repeated: int = 0
    shed: int = 0
    pruned: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: Event
    kept: Callable[[], None] | None
    quiet: bool


class EventLog:
    """A service: takes events at any time, writes them as soon as it can.

    told: is given each group after it is on disk. failing: one sentence for an operator; None while all is well.
    """

    def __init__(
        self, database: Database, clock: Clock, bounds: Bounds, told: Callable[[Sequence[Event]], None]
    ) -> None:
        self.bounds = bounds
        self.tally = Tally()
        self.classes: Counter[EventClass] = Counter()
        self.unknown = senders.UnknownSenders()
        self.failing: str | None = None
        self._database = database
        self._clock = clock
        self._told = told
        self._waiting: deque[_Waiting] = deque()
        self._rounds = Rounds(clock, "event log", self._round)
        self._known: OrderedDict[bytes, events.Place] = OrderedDict()
        self._last_id = 0
        self._prune_due_s = 0.0
        self._senders_due_s = 0.0

    @property
    def waiting(self) -> int:
        """Return how many events are not on disk yet."""
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Return whether one more would be taken."""
        return len(self._waiting) < WAITING_AT_MOST

    def put(self, event: Event, kept: Callable[[], None] | None = None, *, quiet: bool = False) -> bool:
        """Take an event; returns at once. False: there is no room, it is shed.

        kept: is called when it is on disk. quiet: it came long after it happened, and nobody is told of it.
        """
        if not self.has_room:
            self.tally.shed += 1
            return False
        self.tally.taken += 1
        self.classes[event.event_class] += 1
        self._waiting.append(_Waiting(event, kept, quiet))
        self._rounds.wake()
        return True

    def unknown_sender(self, address: str, kind: EventKind, sample: str, at_ms: int) -> bool:
        """Count a message of somebody who is no device; True: it is the first one of this address."""
        was_written = not self.unknown.changed
        first = self.unknown.take(address, kind, sample, at_ms)
        if was_written:
            self._rounds.wake()
        return first

    async def start(self) -> None:
        """Take up what can be repeated, and begin to write. Raises StateError."""
        since_ms = to_ms(self._clock.now()) - length_ms(self.bounds.window)
        async with self._database.read() as connection:
            self._last_id = await events.last_id(connection)
            for key, number, last_ms in await events.keys_since(connection, since_ms, REMEMBERED_AT_MOST):
                self._known[key] = events.Place(last_ms, number)
            await self.unknown.load(connection)
        self._rounds.start()

    async def stop(self) -> None:
        """Write what is waiting; what can't be written is told."""
        await self._rounds.stop()
        self._senders_due_s = 0.0
        await self._works_on()
        if self._waiting:
            log.error("%d events could not be written and are lost", len(self._waiting))

    async def _round(self) -> float:
        if not await self._works_on():
            return RETRY_AFTER_S
        due_s = min(self._prune_due_s, self._senders_due_s) if self.unknown.changed else self._prune_due_s
        return max(0.0, due_s - self._clock.monotonic())

    async def _works_on(self) -> bool:
        """Write what is to be written; False: it can't be, `failing` says why."""
        try:
            while self._waiting:
                await self._write_group()
            if self._clock.monotonic() >= self._prune_due_s:
                await self._prune()
            if self.unknown.changed and self._clock.monotonic() >= self._senders_due_s:
                await self._write_senders()
        except StateError as error:
            self._fails(str(error))
            return False
        except Exception:  # the guard: a fault must not end the log
            if self.failing != FAULT:
                log.exception("the event log met a fault in noc; what is waiting is tried again")
            self._fails(FAULT)
            return False
        if self.failing is not None:
            log.warning("events are written again")
        self.failing = None
        return True

    async def _write_group(self) -> None:
        group = [self._waiting[place] for place in range(min(GROUP_AT_MOST, len(self._waiting)))]
        fresh, repeated, places = self._sorted(group)
        async with self._database.write() as connection:
            await events.insert(connection, fresh)
            await events.repeat(connection, repeated)
        self._remember(places)
        self._last_id += len(fresh)
        self.tally.written += len(fresh)
        self.tally.repeated += len(group) - len(fresh)
        for one in group:
            self._waiting.popleft()
            if one.kept is not None:
                one.kept()
        loud = [one.event for one in group if not one.quiet]
        if loud:
            self._told(loud)

    def _sorted(
        self, group: Sequence[_Waiting]
    ) -> tuple[list[events.Kept], list[events.Repetition], dict[bytes, events.Place]]:
        """Return what is new, what is a repetition, and where each stands after that; nothing is changed."""
        window_ms = length_ms(self.bounds.window)
        fresh: dict[int, events.Kept] = {}
        repeated: dict[int, events.Repetition] = {}
        places: dict[bytes, events.Place] = {}
        number = self._last_id
        for one in group:
            event, key = one.event, one.event.key
            place = places.get(key) or self._known.get(key)
            if place is None or event.last_ms - place.last_ms > window_ms:
                number += 1
                fresh[number] = events.Kept(number, event)
                places[key] = events.Place(event.last_ms, number)
                continue
            places[key] = events.Place(max(event.last_ms, place.last_ms), place.id)
            before = repeated.get(place.id)
            repeated[place.id] = events.Repetition(place.id, (before.more if before else 0) + event.count, event)
        return list(fresh.values()), list(repeated.values()), places

    def _remember(self, places: dict[bytes, events.Place]) -> None:
        for key, place in places.items():
            self._known[key] = place
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED_AT_MOST:
            self._known.popitem(last=False)

    async def _prune(self) -> None:
        """Remove what is too old or too much."""
        before_ms = to_ms(self._clock.now()) - length_ms(self.bounds.age)
        gone = events.PRUNED_AT_ONCE
        while gone >= events.PRUNED_AT_ONCE:
            async with self._database.write() as connection:
                gone = await events.prune(connection, before_ms, self.bounds.rows)
            self.tally.pruned += gone
            if gone:
                self._known.clear()  # a repetition of what is gone is a new event
        self._prune_due_s = self._clock.monotonic() + PRUNE_EVERY_S

    async def _write_senders(self) -> None:
        changes = self.unknown.changes()
        async with self._database.write() as connection:
            await senders.write(connection, changes)
        self.unknown.written(changes)
        self._senders_due_s = self._clock.monotonic() + SENDERS_EVERY_S

    def _fails(self, why: str) -> None:
        if self.failing is None:
            log.error("events can't be written, %d wait in memory: %s", len(self._waiting), why)
        self.failing = why
