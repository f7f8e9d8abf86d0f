"""Keeps Python's collector of cycles from stopping the daemon.

A full collection looks at every object: a quarter of a second with 3,000 devices, two with 20,000, again and again,
while nothing else runs. Nearly all of them are no part of any cycle and are freed without it. So what has lived for a
minute is taken out of its sight, and all is looked at once an hour.
"""

from __future__ import annotations

import gc
import logging
from typing import Final

from noc.clock import Clock, Timer

log = logging.getLogger(__name__)

FREEZE_EVERY_S: Final = 60.0
LOOK_EVERY_S: Final = 3_600.0
NEVER: Final = 1_000_000
"""Of the threshold of full collections: they happen when it is said here, and not by themselves."""

_YOUNG: Final = 1
"""The generation up to which garbage is looked for before the rest is taken out of sight."""

_OLD: Final = 2
"""The last generation, which a full collection looks at."""


class Rarely:
    """A service, the first to start: from here on no full collection comes by itself.

    All that a start makes is young, and on a busy machine a start takes minutes in which each collection takes seconds.
    """

    def __init__(self) -> None:
        self._thresholds = gc.get_threshold()

    async def start(self) -> None:
        """Let full collections wait for `Memory`."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*self._thresholds[:_OLD], NEVER)

    async def stop(self) -> None:
        """Leave the collector as it was."""
        gc.set_threshold(*self._thresholds)


class Memory:
    """A service, the last to start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timer: Timer | None = None
        self._looked_s = 0.0
        self._thresholds = gc.get_threshold()

    async def start(self) -> None:
        """Collect what the start left behind, and take the rest out of sight."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*self._thresholds[:_OLD], NEVER)
        self._look()

    async def stop(self) -> None:
        """Leave the collector as it was."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    def _look(self) -> None:
        gc.unfreeze()
        self._looked_s = self._clock.monotonic()
        log.debug("%d objects were garbage", gc.collect())
        self._freeze()

    def _freeze(self) -> None:
        gc.freeze()
        self._timer = self._clock.call_later(FREEZE_EVERY_S, self._again)

    def _again(self) -> None:
        if self._clock.monotonic() - self._looked_s >= LOOK_EVERY_S:
            self._look()
        else:
            gc.collect(_YOUNG)
            self._freeze()
