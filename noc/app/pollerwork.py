"""A poller's work: asks the devices and end points of its share, by the centre's plan; the answers go into frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from collectors._ports import Doors, Target
from noc.app.gathering import Gathering, Plan
from noc.app.pollerbudgets import with_shared_budgets
from noc.app.pollerplan import PollerPlan
from noc.app.pollerprobes import PollerProbes
from noc.app.probeplan import PREFIX
from noc.app.shell import shell_of
from noc.bus.batching import Batching
from noc.bus.remembered import EMPTY, Remembered
from noc.clock import Clock
from noc.model.check import Check
from noc.model.instants import length_ms, to_ms
from noc.model.reading import Reading
from noc.wire.cliparser import CliParser
from noc.wire.icmp import Pinger

LEAST_APART_MS: Final = 60_000
"""Between two copies of one configuration that a device tells to have changed."""

Budgets = tuple[tuple[str | int, ...], ...]


class Copies:
    """When copies of configurations are due. fetched: by entity, milliseconds of the Unix epoch."""

    def __init__(self, clock: Clock) -> None:
        self.fetched: dict[str, int] = {}
        self._changed: set[str] = set()
        self._clock = clock

    def due(self, target: Target, now: datetime) -> bool:
        """Return whether a copy of a device is to be fetched."""
        wanted, entity = target.device.watch.backup, target.device.entity
        if wanted is None:
            return False
        fetched_ms = self.fetched.get(entity)
        if fetched_ms is None or entity in self._changed:
            return True
        # Half an interval early rather than half a one late: it is looked so often.
        half = timedelta(seconds=target.check.interval_s) / 2
        return to_ms(now) - fetched_ms >= length_ms(wanted.every - half)

    def changed(self, entity: str) -> float:
        """Note that a configuration has changed; return in how many seconds a copy should be fetched."""
        self._changed.add(entity)
        since_ms = to_ms(self._clock.now()) - self.fetched.get(entity, 0)
        return max(0, LEAST_APART_MS - since_ms) / 1_000

    def take(self, check: Check, reading: Reading) -> None:
        """Note a copy that was fetched."""
        if check.kind == "backup" and reading.failure is None and reading.ssh is not None:
            self.fetched[check.entity] = to_ms(reading.started_at)
            self._changed.discard(check.entity)


class PollerWork:
    """A service. known: from before a restart. seen: is given each reading beside the frames."""

    def __init__(
        self,
        clock: Clock,
        batching: Batching,
        known: Remembered = EMPTY,
        seen: Callable[[Check, Reading], None] = lambda *_: None,
    ) -> None:
        self.plan: PollerPlan | None = None
        self.copies = Copies(clock)
        self.copies.fetched |= known.copies
        self._clock = clock
        self._batching = batching
        self._seen = seen
        self._spent: Budgets = known.budgets
        self._gathering: Gathering | None = None
        self._probes: PollerProbes | None = None
        self._doors: Doors | None = None
        self._mine: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Nothing is to be done before there is a plan."""

    async def stop(self) -> None:
        """Let running checks end for a moment."""
        await self._close()

    def wind_down(self) -> None:
        """Ask nothing new."""
        for one in self._asking:
            one.wind_down()

    @property
    def overdue_s(self) -> float:
        """Return how late the oldest check is that should have been fired by now."""
        return max((one.scheduler.overdue_s for one in self._asking), default=0.0)

    @property
    def checks(self) -> int:
        """Return how many checks it makes."""
        return sum(len(one.scheduler.checks) for one in self._asking)

    def budgets(self) -> Budgets:
        """Return what byte budgets have spent, to be remembered."""
        return self._spent if self._gathering is None else tuple(self._gathering.budgets.rows())

    async def use(self, fresh: PollerPlan) -> bool:
        """Go by another plan; what stays keeps its rhythm and its memory. Return whether its folder is still needed.

        Raises PingerError where it needs ICMP and this process may not send it: then the plan before goes on.
        """
        before = self.plan
        if self._gathering is None or before is None or before.ground != fresh.ground:
            doors = await self._opened(fresh)
            await self._close()
            self._begin(fresh, doors)
            return True
        self.plan = fresh
        self._replace()
        return False

    def ask(self, mine: frozenset[str]) -> None:
        """Ask these devices and end points from now on. Checks of others that are under way end by themselves."""
        self._mine = mine
        if self._gathering is not None:
            self._replace()

    def look(self, keys: Collection[str]) -> int:
        """Run checks now; return how many there are."""
        return sum(self.expedite(key) for key in keys)

    def expedite(self, key: str) -> bool:
        """Run a check now; False: it is none of these."""
        if key.startswith(PREFIX):
            return self._probes is not None and self._probes.scheduler.expedite(key)
        return self._gathering is not None and self._gathering.expedite(key)

    @property
    def _asking(self) -> tuple[Gathering | PollerProbes, ...]:
        return tuple(one for one in (self._gathering, self._probes) if one is not None)

    def _shared(self, plan: Plan) -> Plan:
        inventory = with_shared_budgets(plan.inventory, self._mine)
        return replace(plan, inventory=inventory, elsewhere=frozenset(inventory.devices.keys() - self._mine))

    def _replace(self) -> None:
        gathering, fresh = self._gathering, self.plan
        if gathering is None or fresh is None:
            return
        before, shared = {check.key for check in gathering.scheduler.checks}, self._shared(fresh.plan)
        gathering.scheduler.replace(shared.here(), let_end=True)
        gathering.replace(shared)
        gone = before - {check.key for check in gathering.scheduler.checks}
        if self._probes is not None:
            gone.update(self._probes.replace(fresh.probes, self._mine))
        for key in gone:
            self._batching.forget(key)

    async def _opened(self, fresh: PollerPlan) -> Doors:
        """Return what collectors use, started. Raises PingerError."""
        settings = fresh.settings
        pinger = Pinger(wanted=any(check.kind == "icmp" for check in fresh.plan.checks()))
        await pinger.start()
        shell, parser = shell_of(settings, fresh.folder, self._clock), CliParser(fresh.templates)
        await shell.start()
        await parser.start()
        return Doors(self._clock, settings.polling.poller, fresh.profiles, pinger, shell, parser)

    def _begin(self, fresh: PollerPlan, doors: Doors) -> None:
        shared, at_most, copies = self._shared(fresh.plan), fresh.settings.polling.max_concurrent, self.copies
        gathering = Gathering(shared, doors, at_most, self._take, copies.due, copies.changed)
        gathering.start(self._spent)
        probes = PollerProbes(doors, fresh.folder, at_most, self._take)
        probes.replace(fresh.probes, self._mine)
        probes.start()
        self.plan, self._gathering, self._probes, self._doors = fresh, gathering, probes, doors

    async def _close(self) -> None:
        gathering, probes, doors = self._gathering, self._probes, self._doors
        self._gathering = self._probes = self._doors = None
        if gathering is not None and probes is not None and doors is not None:
            await asyncio.gather(gathering.stop(), probes.stop())
            self._spent = tuple(gathering.budgets.rows())
            await doors.parser.stop()
            await doors.shell.stop()
            await doors.pinger.stop()

    def _take(self, check: Check, reading: Reading) -> None:
        self.copies.take(check, reading)
        self._seen(check, reading)
        self._batching.take(check, reading)
