"""Tells how remote pollers stand, again and again: series for charts, and numbers for rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from noc.clock import Clock
from noc.model.check import Check
from noc.model.poller import RemotePoller
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingested
from noc.pipeline.pollerseries import poller_samples
from noc.service import Rounds

TELL_EVERY_S: Final = 60.0
CHECK: Final = "poller"


class PollerNumbers:
    """A service. rows: gives what is known of all pollers. series, rules: take what is told of those that are there.

    Of one that is gone nothing is told: how far its clock was off when it was last heard stays so until it is back.
    """

    def __init__(
        self,
        clock: Clock,
        rows: Callable[[], Iterable[RemotePoller]],
        series: Callable[[Iterable[Samples]], None],
        rules: Callable[[Check, Ingested], None],
    ) -> None:
        self._clock = clock
        self._rows = rows
        self._series = series
        self._rules = rules
        self._rounds = Rounds(clock, "numbers of pollers", self._round)

    async def start(self) -> None:
        """Begin."""
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def _round(self) -> float:
        at = self._clock.now()
        for one in self._rows():
            if one.state in ("here", "draining"):
                table = poller_samples(one, at)
                self._series((table,))
                self._rules(Check(one.entity, CHECK, TELL_EVERY_S, TELL_EVERY_S), Ingested((), (table,)))
        return TELL_EVERY_S
