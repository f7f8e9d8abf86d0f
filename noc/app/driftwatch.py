"""The rhythm of drift: the daemon looks at each site once in a while, one after the other, and never in a hurry.

It asks only devices that are up. One that is down for longer than the rhythm is told as silent, without a question;
of one that is unreachable, or down for a while, nothing is said: an outage is no drift. Where a line has a byte
budget nothing is asked either: what the polls told last is held against the inventory.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from noc.app.check import CheckResult
from noc.app.discovery import House, house_of
from noc.app.drifting import Round, look_at
from noc.clock import Clock
from noc.discovery.drift import Look
from noc.discovery.identify import identify, told_by
from noc.discovery.pace import Pace
from noc.discovery.settings import NEVER
from noc.inventory.entities import Device
from noc.model.discovery import Found, SiteLook
from noc.model.errors import NocError
from noc.model.instants import length_ms, to_ms
from noc.model.present import Present
from noc.scheduling.plan import offset_s
from noc.service import Rounds
from noc.state import drifts
from noc.state.database import Database

log = logging.getLogger(__name__)

FIRST_AFTER_S: Final = 60.0
"""After a start devices are polled first."""

SHARE: Final = 4
"""All sites together take at most so many parts of the rhythm: one quarter."""

AT_ONCE: Final = 8
IDLE_S: Final = 3_600.0
RETRY_AFTER_S: Final = 60.0
FAULT: Final = "looking for drift met a fault in noc, see the log"


def due_ms(key: str, last_ms: int | None, now_ms: int, every: timedelta) -> int:
    """Return when a site is to be looked at next: at its own moment of the rhythm, or now where it never was. Pure."""
    if last_ms is None:
        return now_ms
    every_ms = length_ms(every)
    offset = int(offset_s(f"{key}:drift", every_ms / 1000) * 1000)
    return (min(last_ms, now_ms) - offset) // every_ms * every_ms + every_ms + offset


class DriftWatch:
    """A service; starts after polling. bounded: whether a byte budget holds for a device, by entity.

    looked_at: devices since the start. kinds: how many disagreements there are of each kind. failing: one sentence for
    an operator; None while all is well.
    """

    def __init__(
        self, checked: CheckResult, database: Database, clock: Clock, present: Present, bounded: Callable[[str], bool]
    ) -> None:
        self._checked = checked
        self._house: House | None = None
        self._database = database
        self._clock = clock
        self._present = present
        self._bounded = bounded
        self._looks: dict[str, SiteLook] = {}
        self._tried_ms: dict[str, int] = {}
        self._tidy = True
        self._first_at_s = 0.0
        self._looking: asyncio.Task[Round] | None = None
        self._rounds = Rounds(clock, "drift", self.turn)
        self.looked_at = 0
        self.kinds: dict[str, int] = {}
        self.failing: str | None = None

    @property
    def every(self) -> timedelta | None:
        """Return how often each site is looked at; None where none is."""
        settings = self._checked.settings
        every = NEVER if settings is None else settings.discovery.drift_every
        return every if isinstance(every, timedelta) else None

    @property
    def oldest_s(self) -> float:
        """Return how long ago the site was looked at that waits longest; NaN while one never was, or there is none."""
        last = [self._looks.get(site) for site in self._sites()]
        times = [one.at_ms for one in last if one is not None]
        whole = times and len(times) == len(last)
        return max(0, to_ms(self._clock.now()) - min(times)) / 1000 if whole else math.nan

    async def start(self) -> None:
        """Learn when each site was looked at last; begin a moment later."""
        async with self._database.read() as connection:
            self._looks = await drifts.looks(connection)
            self.kinds = await drifts.by_kind(connection)
        every = self.every
        wait_s = FIRST_AFTER_S if every is None else min(FIRST_AFTER_S, every / timedelta(seconds=10))
        self._first_at_s = self._clock.monotonic() + wait_s
        self._rounds.start()

    def wind_down(self) -> None:
        """Break off the look that is under way: what it found is written."""
        self._rounds.end()
        if self._looking is not None:
            self._looking.cancel()

    async def stop(self) -> None:
        """End."""
        self.wind_down()
        await self._rounds.stop()

    def replace(self, checked: CheckResult) -> None:
        """Go on with other settings and another inventory; a look that is under way goes to its end with the old."""
        self._checked, self._house, self._tidy = checked, None, True
        self._rounds.wake()

    async def turn(self) -> float:
        """Look at the site that is due, if one is; return after how many seconds there is something to do."""
        every, wait_s = self.every, self._first_at_s - self._clock.monotonic()
        if every is None:
            return IDLE_S
        if wait_s > 0:
            return wait_s
        now_ms = to_ms(self._clock.now())
        due = [(due_ms(site, self._last_ms(site), now_ms, every), site) for site in self._sites()]
        if not due:
            return IDLE_S
        next_ms, site = min(due)
        if next_ms > now_ms:
            return min(IDLE_S, (next_ms - now_ms) / 1000)
        self._tried_ms[site] = now_ms  # whatever comes of it, the others have their turn
        try:
            await self._look_at(site, every)
        except NocError as error:
            self._fails(str(error))
            return RETRY_AFTER_S
        except Exception:  # the guard: a fault must not end the rhythm
            log.exception("looking at site/%s for drift met a fault in noc", site)
            self._fails(FAULT)
            return RETRY_AFTER_S
        self.failing = None
        return 0.0

    def _last_ms(self, site: str) -> int | None:
        look, tried_ms = self._looks.get(site), self._tried_ms.get(site)
        return tried_ms if look is None else max(look.at_ms, tried_ms or 0)

    def _sites(self) -> list[str]:
        inventory = self._checked.inventory
        return [] if inventory is None else [site for site in inventory.sites if inventory.devices_of(site)]

    async def _look_at(self, site: str, every: timedelta) -> None:
        """Look at one site. Raises StateError, SecretError."""
        if self._house is None:
            self._house = house_of(self._checked, self._clock)
        house = self._house
        if self._tidy:
            async with self._database.write() as connection:
                await drifts.forget_all_but(connection, house.inventory.devices)
            self._tidy = False

        async def eye(device: Device) -> Look | None:
            return await self._seen(house, device, every)

        devices = house.inventory.devices_of(site)
        pace = pace_of(len(house.inventory.devices), every, house.pace)
        self._looking = asyncio.create_task(look_at(house, self._database, devices, eye, pace), name=f"drift {site}")
        await asyncio.wait([self._looking])
        looking, self._looking = self._looking, None
        if looking.cancelled():
            return
        self._take(site, looking.result())
        async with self._database.read() as connection:
            self.kinds = await drifts.by_kind(connection)

    def _take(self, site: str, seen: Round) -> None:
        self._looks[site] = SiteLook(site, to_ms(self._clock.now()), seen.looked_at, seen.of)
        self.looked_at += seen.looked_at
        if seen.fresh or seen.gone:
            message = "site/%s: inventory and network disagree in %d things, %d of them new, %d are settled"
            log.info(message, site, len(seen.drifts), seen.fresh, seen.gone)

    async def _seen(self, house: House, device: Device, every: timedelta) -> Look | None:
        now = self._present.status(device.entity)
        if now.status == "down" and now.since_ms is not None:
            down_ms = to_ms(self._clock.now()) - now.since_ms
            return Look(device, alive=False) if down_ms >= length_ms(every) else None
        if now.status != "up":
            return None
        if self._bounded(device.entity):
            snapshot = self._present.snapshot(device.entity)
            return None if snapshot is None else Look(device, alive=True, found=told_by(snapshot))
        log_in = house.log_in(device)
        if log_in is None:
            return Look(device, alive=True)
        who = await identify(log_in, house.profiles, house.clock)
        if isinstance(who, Found):
            return Look(device, alive=True, found=who)
        # Where SNMP is what tells whether it is up, its silence is an outage that has just begun.
        return None if device.watch.liveness.check == "snmp" else Look(device, alive=True, reason=who.reason)

    def _fails(self, why: str) -> None:
        if self.failing != why:
            log.error("drift is not looked for: %s", why)
        self.failing = why


def pace_of(devices: int, every: timedelta, at_most: Pace) -> Pace:
    """Return how fast is asked: as slowly as lets all devices be looked at in a quarter of the rhythm. Pure."""
    wanted = math.ceil(SHARE * devices / (every / timedelta(seconds=1)))
    return Pace(max(1, min(wanted, at_most.per_second)), min(AT_ONCE, at_most.at_once))
