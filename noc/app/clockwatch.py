"""Watches the wall clock: noc's own time doesn't go back with it, so one must be told when they disagree.

docs/adr/0010-noc-keeps-a-time-of-its-own.md says why.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from noc.availability.times import format_time
from noc.clock import SLOWER, TOLERATED, Leap, SteadyClock, Timer
from noc.model.clockstep import ClockStep
from noc.model.instants import from_ms, to_ms
from noc.state import checkpoint, clocksteps, ledger
from noc.state.committer import Committer
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0


class ClockWatch:
    """A service that starts before all that asks for the time. failing: one sentence while noc's time is another.

    Tells the ledger when the clock went back, and when noc's time and it agree again. poller: who says so. When the
    clock leaps forward, noc's time follows as soon as all that waits for a time has been moved with it: an hour in
    which no time passed lets nobody be called early.
    """

    def __init__(self, clock: SteadyClock, database: Database, committer: Committer, poller: str) -> None:
        self._clock = clock
        self._database = database
        self._committer = committer
        self._entity = f"poller/{poller}"
        self._told = timedelta()
        self._timer: Timer | None = None
        self._following: asyncio.Task[None] | None = None
        self.failing: str | None = None

    async def start(self) -> None:
        """Go on no earlier than what was written before a restart, then watch."""
        async with self._database.read() as connection:
            known = (await checkpoint.newest_ms(connection), await ledger.latest_ms(connection))
            self._clock.steps = await clocksteps.steps(connection)
        latest_ms = max((known_ms for known_ms in known if known_ms is not None), default=None)
        if latest_ms is not None:
            self._clock.no_earlier_than(_moment(latest_ms))
        self._clock.hold_leaps()
        self._look()

    async def stop(self) -> None:
        """End."""
        self._clock.hold_leaps(hold=False)
        if self._following is not None:
            await self._following
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def ahead_s(self) -> float:
        """Return by how many seconds noc's time is ahead of the machine's clock."""
        return self._clock.ahead.total_seconds()

    async def follow(self) -> None:
        """Move what waits with a clock that leapt forward, and go by it. While the state can't be written, wait."""
        leap = self._clock.leap
        if leap is None:
            return
        try:
            async with self._database.write() as connection:
                await clocksteps.move(connection, leap, self._clock.steps)
        except StateError as error:
            said = self.failing
            self.failing = _held_sentence(leap, str(error))
            if said is None:
                log.error("%s", self.failing)
            return
        self._clock.follow(leap)  # nothing else has written in between
        self.failing = None
        log.warning("the clock of this machine leapt %d s forward; all that waits has been moved", leap.by_ms // 1000)

    def _look(self) -> None:
        if self._clock.leap is not None and (self._following is None or self._following.done()):
            self._following = asyncio.create_task(self.follow(), name="clock")
            self._timer = self._clock.call_later(LOOK_EVERY_S, self._look)
            return
        now, ahead = self._clock.now(), self._clock.ahead
        if ahead - self._told > TOLERATED:
            self._record(now, now - ahead)
            log.critical("%s", _sentence(now, ahead))
        elif self._told and not ahead:
            self._record(now, now)
            log.warning("the clock of this machine has caught up with noc's time")
        # A lead that shrinks is no news; one that grows again is.
        self._told = ahead if ahead > TOLERATED or (self._told and ahead) else timedelta()
        self.failing = _sentence(now, ahead) if self._told else None
        self._timer = self._clock.call_later(LOOK_EVERY_S, self._look)

    def _record(self, now: datetime, machine: datetime) -> None:
        self._committer.put([ClockStep(self._entity, to_ms(now), to_ms(machine))])


def _moment(milliseconds: int) -> datetime:
    try:
        return from_ms(milliseconds)
    except OverflowError:  # a damaged number is no time
        return from_ms(0)


def _held_sentence(leap: Leap, error: str) -> str:
    return (
        f"the clock of this machine leapt {leap.by_ms // 1000} s forward, and noc follows when it can "
        f"write what waits for a time: {error}"
    )


def _sentence(now: datetime, ahead: timedelta) -> str:
    machine, ours = (format_time(to_ms(moment) // 1000 * 1000) for moment in (now - ahead, now))
    left = timedelta(seconds=round(ahead / SLOWER / timedelta(seconds=1)))
    return (
        f"the clock of this machine says {machine}, earlier than what noc has written already: noc judges on by a "
        f"time of its own, {ahead.total_seconds():.0f} s ahead ({ours}), and works that off in {left}; see to its NTP"
    )
