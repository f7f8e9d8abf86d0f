"""A poller's end points: asks those of its share, by the centre's plan; what they answer is for others to judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from collectors._endpoints import ProbeDoors
from noc.app.probeplan import PREFIX, ProbePlan, Probers
from noc.model.check import Check
from noc.model.reading import Reading
from noc.scheduling.scheduler import Scheduler

STOP_PATIENCE_S: Final = 2.0


class PollerProbes:
    """Asks end points on their rhythm. folder: where a plan's files lie, such as certificates."""

    def __init__(
        self, doors: ProbeDoors, folder: Path, max_concurrent: int, taken: Callable[[Check, Reading], None]
    ) -> None:
        self._folder = folder
        self._plan = ProbePlan()
        self._probers = Probers(doors)
        self.scheduler = Scheduler(doors.clock, self._ask, taken, max_concurrent)

    def start(self) -> None:
        """Begin."""
        self.scheduler.start()

    def wind_down(self) -> None:
        """Ask nothing new."""
        self.scheduler.wind_down()

    async def stop(self) -> None:
        """Let what is under way end for a moment."""
        self.wind_down()
        await self.scheduler.stop(STOP_PATIENCE_S)

    def replace(self, plan: ProbePlan, mine: frozenset[str]) -> list[str]:
        """Ask those of a plan that are mine; return the keys of checks that are made no more.

        mine: of devices and end points, these as endpoint/ID. What is under way ends by itself.
        """
        before = {check.key for check in self.scheduler.checks}
        others = frozenset(key for key in plan.endpoints if f"{PREFIX}{key}" not in mine)
        self._plan = replace(plan, folder=self._folder, elsewhere=others)
        self.scheduler.replace(self._plan.here(), let_end=True)
        return sorted(before - {check.key for check in self.scheduler.checks})

    async def _ask(self, check: Check) -> Reading:
        return await self._probers.ask(self._plan.question(check))
