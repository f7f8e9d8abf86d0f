"""Takes old records out of the audit once a day, so that it has a bound; the chain says what went."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from noc.clock import Clock
from noc.model.instants import length_ms, to_ms
from noc.service import Rounds
from noc.state import auditlog
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

DAY_S: Final = 86_400.0
SOON_S: Final = 1.0
"""Where there was more than one round takes."""

AFTER_FAILURE_S: Final = 600.0


class AuditKept:
    """A service. kept: how long records stay."""

    def __init__(self, database: Database, clock: Clock, kept: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._kept_ms = length_ms(kept)
        self._rounds = Rounds(clock, "audit", self._round)

    async def start(self) -> None:
        """Begin."""
        self._rounds.start()

    async def stop(self) -> None:
        """End, after the round that is under way."""
        await self._rounds.stop()

    async def _round(self) -> float:
        now_ms = to_ms(self._clock.now())
        try:
            async with self._database.write() as connection:
                gone = await auditlog.prune(connection, now_ms - self._kept_ms, now_ms)
        except StateError as error:
            log.warning("the audit can't be pruned now: %s", error)
            return AFTER_FAILURE_S
        if gone:
            log.info("%d records of the audit are older than it is kept, and were taken out", gone)
        return SOON_S if gone >= auditlog.PRUNED_AT_ONCE else DAY_S
