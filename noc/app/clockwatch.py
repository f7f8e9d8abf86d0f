"""Watches the wall clock: results that seem to be older than known ones are no evidence, so that one must be told."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from noc.availability.times import format_time
from noc.clock import Clock, Timer

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
TOLERATED: Final = timedelta(seconds=2)
"""What NTP takes back bit by bit is no step."""


class ClockWatch:
    """A service. failing: one sentence while the clock is behind where it has been; None while it isn't."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._latest = clock.now()
        self._timer: Timer | None = None
        self.failing: str | None = None

    async def start(self) -> None:
        """Begin to watch."""
        self._latest = self._clock.now()
        self._look()

    async def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        now = self._clock.now()
        if self._latest - now > TOLERATED:
            if self.failing is None:
                until = format_time(round(self._latest.timestamp() * 1000))
                self.failing = (
                    f"the clock of this machine was set back by {(self._latest - now).total_seconds():.0f} s: until it "
                    f"is {until} again, results are no evidence and no device goes up or down; see to its NTP"
                )
                log.critical("%s", self.failing)
        else:
            if self.failing is not None:
                log.warning("the clock is where it was before it was set back; devices are judged again")
            self._latest, self.failing = max(self._latest, now), None
        self._timer = self._clock.call_later(LOOK_EVERY_S, self._look)
