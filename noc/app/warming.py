"""Reads the ledger soon after the start: the first page of availability needs not wait some seconds for that."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from noc.app.figures import Figures
from noc.clock import Clock
from noc.state.database import StateError

log = logging.getLogger(__name__)

AFTER_S: Final = 10.0
"""First all that is polled has its place, and pages are there."""


class Warming:
    """A service; its start is over at once, and what it does is cut off where noc stops."""

    def __init__(self, figures: Figures, clock: Clock) -> None:
        self._figures = figures
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to wait for the moment to read."""
        self._task = asyncio.create_task(self._read(), name="warming")

    async def stop(self) -> None:
        """End, whether all was read or not."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _read(self) -> None:
        await self._clock.sleep(AFTER_S)
        began_s = self._clock.monotonic()
        try:
            records = await self._figures.warm()
        except (StateError, ValueError) as error:  # whoever asks for figures is told why there are none
            log.warning("the ledger could not be read for figures yet: %s", error)
            return
        log.debug("read %d records for figures in %.1f s", records, self._clock.monotonic() - began_s)
