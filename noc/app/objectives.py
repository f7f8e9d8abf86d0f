"""How objectives stand, from the ledger: for pages, API, series and `noc status`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from noc.app.figures import Figures
from noc.app.settings import RootSettings
from noc.availability.objectives import BURN_MS, Targets
from noc.availability.periods import Named, Unit, days_of, holding, midnight, named
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer
from noc.availability.standings import History, PeriodError, Standings
from noc.availability.statement import Statement
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.maintenance.occurrences import occurrences
from noc.model.instants import from_ms, to_ms
from noc.pipeline.objectives import targets_of
from noc.pipeline.policy import availability_policy
from noc.settings.schema import known_zone
from noc.state.database import Database, Transaction
from noc.state.windows import approved as planned

HISTORY_DAYS: Final = 90
MINUTE_MS: Final = 60_000
KEPT: Final = 8

_RUNNING: Final[Mapping[str, Unit]] = {"month": "month", "quarter": "quarter", "year": "year", "biennium": "biennium"}

Ask = Callable[[Period], Awaitable[Statement]]


@dataclass(frozen=True)
class Past:
    """The days up to midnight, in milliseconds, with the inventory that they were worked out by."""

    until: int
    inventory: Inventory
    history: History


def asked_for(text: str, zone: str, now: datetime) -> Named:
    """Return the period of `2026-11`, `30d` and all other names, or of `month`, `quarter`, `year`, `biennium`, now.

    Raises PeriodError, with a sentence, where there is no such period or zone, or it is still to come.
    """
    if not known_zone(zone):
        raise PeriodError(f"'{zone[:60]}' is no time zone; write one such as Africa/Nairobi", "zone")
    unit = _RUNNING.get(text)
    try:
        found = named(text[:60], zone, now) if unit is None else holding(unit, now, zone)
    except ValueError as error:
        raise PeriodError(str(error)) from error
    if found.period.start >= to_ms(now):
        raise PeriodError(f"{found.text} is still to come")
    return found


class Promised:
    """What is promised, as of the last good reload."""

    def __init__(self, settings: RootSettings, inventory: Inventory) -> None:
        self.replace(settings, inventory)

    def __call__(self) -> Targets:
        """Return it; the same object until it is replaced."""
        return self._targets

    def replace(self, settings: RootSettings, inventory: Inventory) -> None:
        """Go on with other settings, or another inventory."""
        self._targets = targets_of(inventory, settings.objectives, settings.availability_target)


class Objectives:
    """Works out how objectives stand; what it worked out is good for the minute.

    grain_ms: figures reach up to a multiple of it.
    """

    def __init__(
        self,
        figures: Figures,
        database: Database,
        inventory: Callable[[], Inventory],
        targets: Callable[[], Targets],
        clock: Clock,
        grain_ms: int = MINUTE_MS,
    ) -> None:
        self._grain_ms = grain_ms
        self._figures = figures
        self._database = database
        self._inventory = inventory
        self._targets = targets
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, str], Standings] = OrderedDict()
        self._burns: tuple[int, Mapping[str, Answer]] | None = None
        self._past: dict[str, Past] = {}

    @property
    def targets(self) -> Targets:
        """Return what is promised now."""
        return self._targets()

    async def standings(self, text: str, zone: str | None = None) -> Standings:
        """Return how all objectives stand in a period (`asked_for`). zone: default, that of the settings.

        Raises PeriodError as `asked_for`, StateError.
        """
        targets = self._targets()
        now_ms = to_ms(self._clock.now()) // self._grain_ms * self._grain_ms
        one = asked_for(text, zone or targets.zone, from_ms(now_ms))
        key = (one.text, one.zone)
        async with self._lock:  # a second caller waits for the first one's answer instead of working it out again
            kept = self._kept.get(key)
            if kept is not None and kept.now == now_ms and kept.targets is targets:
                return kept
            found = await self._worked_out(one, now_ms, targets)
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found

    async def burns_in_time(self, now_ms: int) -> Mapping[str, Answer] | None:
        """Return the figures of the times of burn rates as they were told in time; None: as they are now.

        What came late is no news to anybody who is called: it is over. Raises StateError.
        """
        found = {}
        for name, length_ms in BURN_MS.items():
            told = await self._figures.told_in_time(Period(now_ms - length_ms, now_ms))
            if told is not None:
                found[name] = told
        return found or None

    async def _worked_out(self, one: Named, now_ms: int, targets: Targets) -> Standings:
        inventory = self._inventory()
        async with self._database.read() as connection:
            policy = await policy_with_windows(connection, inventory, now_ms, one.period.end)
        if self._burns is None or self._burns[0] != now_ms:
            self._burns = (now_ms, await burns_at(self._figures.statement, now_ms))
        past = None
        if one.period.end > now_ms:
            past = self._past.get(one.zone)
            if past is None or past.until != midnight_before(now_ms, one.zone) or past.inventory is not inventory:
                history = await history_at(self._figures.statement, policy, one.zone, now_ms)
                past = self._past[one.zone] = Past(midnight_before(now_ms, one.zone), inventory, history)
        so_far = await self._figures.statement(Period(one.period.start, min(one.period.end, now_ms)))
        return Standings(one, now_ms, targets, policy, so_far, self._burns[1], None if past is None else past.history)


async def policy_with_windows(connection: Transaction, inventory: Inventory, now_ms: int, end_ms: int) -> Policy:
    """Return how figures are worked out, with the windows of the history and up to the end of a period."""
    first_ms = now_ms - (HISTORY_DAYS + 2) * 86_400_000
    plans = await planned(connection)
    times = [one for plan in plans for one in occurrences(plan, first_ms, max(end_ms, now_ms))]
    return replace(availability_policy(inventory), windows=times)


async def burns_at(ask: Ask, now_ms: int) -> dict[str, Answer]:
    """Return the figures of the times over which burn rates are told."""
    return {name: (await ask(Period(now_ms - length_ms, now_ms))).measured for name, length_ms in BURN_MS.items()}


async def history_at(ask: Ask, policy: Policy, zone: str, now_ms: int) -> History:
    """Return the whole days before today in a time zone."""
    until = midnight_before(now_ms, zone)
    period = Period(until - HISTORY_DAYS * 86_400_000, until)
    days = [day for _, day in days_of(Named(f"{HISTORY_DAYS}d", "rolling", zone, period))]
    return History((await ask(period)).measured, policy, days)


def midnight_before(now_ms: int, zone: str) -> int:
    """Return when today began in a time zone, in milliseconds."""
    where = ZoneInfo(zone)
    return midnight(from_ms(now_ms).astimezone(where).date(), where)
