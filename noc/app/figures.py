"""Figures of availability from the ledger, for pages and API."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from noc.availability.corrections import Correction
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer
from noc.availability.statement import Statement, statement
from noc.availability.timeline import known_until
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.maintenance.occurrences import occurrences
from noc.model.instants import to_ms
from noc.model.part import owner_of
from noc.model.restatement import Restatement
from noc.pipeline.policy import availability_policy
from noc.state.corrections import approved
from noc.state.database import Database, Transaction
from noc.state.timelines import Row, changes, restated, restatements, timelines
from noc.state.windows import approved as planned

FRESH_FOR_S: Final = 30.0
KEPT: Final = 8
"""Answers that are kept for a moment: many pages ask for the same period."""

MARGIN_MS: Final = 24 * 3_600_000
"""Read before a period: an upstream's failure that ended within `skew` before it tells on its first moments."""


class Figures:
    """Works out figures, one period at a time. inventory: as it is now."""

    def __init__(self, database: Database, inventory: Callable[[], Inventory], clock: Clock) -> None:
        self._database = database
        self._inventory = inventory
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[Period, tuple[float, Answer]] = OrderedDict()

    async def of(self, period: Period) -> Answer:
        """Return all figures of a period; of the part of it that is still to come, everything is unknown.

        At most half a minute old. Raises StateError.
        """
        async with self._lock:  # a second caller waits for the first one's answer instead of working it out again
            kept = self._kept.get(period)
            if kept is not None and self._clock.monotonic() - kept[0] < FRESH_FOR_S:
                return kept[1]
            answer = await self._worked_out(period)
            self._kept[period] = (self._clock.monotonic(), answer)
            self._kept.move_to_end(period)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return answer

    async def statement(self, period: Period, known: int | None = None) -> Statement:
        """Return all figures of a period, as measured and as corrected, with the causes of what was down.

        known: from records of the ledger up to this number alone, with the inventory of now. Raises StateError.
        """
        now_ms = to_ms(self._clock.now())
        async with self._database.read() as connection:
            return await statement_from(connection, self._inventory(), period, now_ms, known)

    async def _worked_out(self, period: Period) -> Answer:
        return (await self.statement(period)).measured


async def statement_from(
    connection: Transaction, inventory: Inventory, period: Period, now_ms: int, known: int | None = None
) -> Statement:
    """Return the statement of a period from a state database; now_ms: until when evidence was gathered."""
    start_ms = period.start - MARGIN_MS
    rows = await changes(connection, start_ms, known)
    late = await restatements(connection, start_ms, known)
    held = await approved(connection, known)
    # An outage that began long before the period has its length from what was planned then.
    first_ms = min((since_ms for _, since_ms, _ in rows), default=start_ms)
    plans = await planned(connection, known)
    planned_times = [one for plan in plans for one in occurrences(plan, first_ms, max(period.end, now_ms))]
    policy = replace(availability_policy(inventory), windows=planned_times)
    return await asyncio.to_thread(_statement, rows, late, held, policy, period, now_ms)


def _statement(
    rows: Iterable[Row],
    late: Iterable[Restatement],
    corrections: Iterable[Correction],
    policy: Policy,
    period: Period,
    now_ms: int,
) -> Statement:
    # Parts of devices have no figures that pages show, and are many.
    counted = (row for row in rows if owner_of(row[0]) is None)
    states = restated(timelines(counted), (one for one in late if owner_of(one.entity) is None))
    raw = {entity: known_until(timeline, now_ms) for entity, timeline in states.items()}
    return statement(raw, policy, corrections, period, now_ms)


def answer_of(rows: Iterable[Row], inventory: Inventory, period: Period, now_ms: int) -> Answer:
    """Return all measured figures of a period from the ledger's transitions alone. Pure. now_ms: as above."""
    return _statement(rows, (), (), availability_policy(inventory), period, now_ms).measured
