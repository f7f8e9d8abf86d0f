"""Reports that people asked for, made beside everything else, with progress: who asked need not wait for an answer."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from noc.clock import Clock
from noc.model.errors import ConflictError, NocError
from noc.model.instants import to_ms
from noc.reports.frame.asked import Asked, Issue
from noc.reports.frame.run import ReportRun

log = logging.getLogger(__name__)

SLOWEST_S: Final = 900.0
KEPT: Final = 50
"""So many of the newest are kept, in memory."""

AT_ONCE: Final = 8
"""Reports that are being made or wait for that."""

Making = Callable[[Asked, Callable[[float], None]], Awaitable[Issue]]
"""Makes a report; is given what to tell how far it is, 0 to 1."""


class ReportRuns:
    """What runs when noc ends is ended with it: its tasks are cancelled as all others are."""

    def __init__(self, make: Making, clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._known: OrderedDict[int, ReportRun] = OrderedDict()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._last = 0

    def begin(self, asked: Asked) -> ReportRun:
        """Begin to make a report; where the same is being made, return that one. Raises ConflictError: too many."""
        for number in self._tasks:
            if self._known[number].asked == asked:
                return self._known[number]
        if len(self._tasks) >= AT_ONCE:
            raise ConflictError(f"{AT_ONCE} reports are being made or wait for that; ask again when one is done")
        self._last += 1
        one = ReportRun(self._last, asked, to_ms(self._clock.now()))
        self._keep(one)
        task = asyncio.create_task(self._run(one), name=f"report {one.id}")
        self._tasks[one.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(one.id, None))
        return one

    def get(self, number: int) -> ReportRun | None:
        """Return one of the newest; None where there is none of this number any more."""
        return self._known.get(number)

    async def ended(self, number: int, within_s: float) -> ReportRun | None:
        """Return one as it is when it is over, or after a while."""
        task = self._tasks.get(number)
        if task is not None:
            await asyncio.wait([task], timeout=within_s)
        return self.get(number)

    def _keep(self, one: ReportRun) -> None:
        self._known[one.id] = one
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    def _change(self, number: int, **changes: object) -> None:
        self._keep(replace(self._known[number], **changes))  # type: ignore[arg-type]  # fields of ReportRun

    async def _run(self, one: ReportRun) -> None:
        def tell(done: float) -> None:
            self._change(one.id, state="running", done=max(self._known[one.id].done, min(done, 1.0)))

        try:
            issue = await asyncio.wait_for(self._make(one.asked, tell), SLOWEST_S)
            self._change(one.id, state="done", done=1.0, issue=issue.id)
        except TimeoutError:
            said = f"it took longer than {SLOWEST_S / 60:g} minutes; ask for a shorter period, or run noc report"
            self._change(one.id, state="failed", said=said)
        except (NocError, ValueError) as error:
            log.warning("report %s of %s was not made: %s", one.asked.report, one.asked.of, error)
            self._change(one.id, state="failed", said=str(error))
