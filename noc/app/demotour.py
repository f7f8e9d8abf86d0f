"""Leads through the demo: begins the tour when pages are there, plans its planned work, says what to try now."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.app.demobreaks import Breaks
from noc.app.demodecisions import APPROVES, ASKS
from noc.clock import Clock, Timer
from noc.http.tour import STEPS, Broken, Step, TourNow, step_at
from noc.model.errors import NocError
from noc.model.instants import to_ms
from noc.model.window import WindowDecision
from noc.simulator.tour import ROUND_S, SECOND_MS, WINDOW_AFTER_S, WINDOW_BEFORE_S, ActName, Scheduled, Tour
from noc.state import windows
from noc.state.database import Database

log = logging.getLogger(__name__)

BEGINS_AFTER_MS: Final = 3_000
BREAKS_AFTER_S: Final = 60.0
MENDS_AFTER_S: Final = 420.0
LOOK_EVERY_S: Final = 30.0
"""What `--break` breaks is broken after a minute in which all was well, and for seven."""

_ACT_OF: Final[dict[Step, ActName]] = {
    "welcome": "rain",
    "rain": "rain",
    "told": "rain",
    "fibre": "fibre",
    "planned": "planned",
    "push": "push",
    "flapping": "flapping",
}
WORK: Final = "SIMULATED: a new release for {entity}"


@dataclass(frozen=True, slots=True)
class DemoParts:
    """What only the demo has. mailbox: the folder of messages."""

    mailbox: Path
    guide: Guide


class Guide:
    """A service, the last to start. begin: lets the tour of the world begin, and returns it; None: a quiet world.

    breaks: what of noc can be broken; first: what is, after a minute. config: for commands in a second terminal.
    """

    def __init__(
        self,
        clock: Clock,
        database: Database,
        begin: Callable[[int], Awaitable[Tour | None]],
        breaks: Breaks,
        config: Path,
        first: Broken | None = None,
    ) -> None:
        self._clock = clock
        self._database = database
        self._begin = begin
        self._breaks = breaks
        self._config = config
        self._first = first
        self._tour: Tour | None = None
        self._planned_round = -1
        self._timers: list[Timer] = []
        self._next: Timer | None = None
        self._work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Let the tour begin."""
        self._tour = await self._begin(to_ms(self._clock.now()) + BEGINS_AFTER_MS)
        self._look()
        if self._first is not None:
            first = self._first
            self._timers.append(
                self._clock.call_later(BREAKS_AFTER_S, lambda: self._do(lambda: self._breaks.begin(first)))
            )
            mended_s = BREAKS_AFTER_S + MENDS_AFTER_S
            self._timers.append(self._clock.call_later(mended_s, lambda: self._do(self._breaks.end)))

    async def stop(self) -> None:
        """End, with nothing broken."""
        for timer in (*self._timers, *(() if self._next is None else (self._next,))):
            timer.cancel()
        for task in tuple(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._breaks.end()

    def now(self) -> TourNow | None:
        """Return what to try now."""
        if self._tour is None:
            return None
        second = (to_ms(self._clock.now()) - self._tour.begins_ms) / SECOND_MS
        number, inside = divmod(max(0.0, second), ROUND_S)
        step, left_s = step_at(inside)
        acts = {one.act.name: one for one in self._tour.round(int(number))}
        act = acts.get(_ACT_OF.get(step, "rain")) if step in _ACT_OF else None
        next_s = left_s if math.isfinite(left_s) else ROUND_S - inside
        command = f"noc incident list -c {self._config}" if step == "shell" else ""
        entity = "" if act is None else act.target
        return TourNow(step, entity, next_s, self._breaks.broken, self._breaks.possible, command)

    async def break_it(self, what: Broken) -> None:
        """Break a part of noc. Raises ConflictError."""
        await self._breaks.begin(what)

    async def mend(self) -> None:
        """Mend it."""
        await self._breaks.end()

    def _look(self) -> None:
        """Plan the work of the round that is, or comes next, once."""
        if self._tour is not None:
            number = max(0, self._tour.round_at(to_ms(self._clock.now()) + STEPS[-1][0] * SECOND_MS))
            if number > self._planned_round:
                self._planned_round = number
                work = [one for one in self._tour.round(number) if one.act.name == "planned"]
                self._do(lambda: self._plan(work))
        self._next = self._clock.call_later(LOOK_EVERY_S, self._look)

    async def _plan(self, work: list[Scheduled]) -> None:
        """Ask for windows, and approve them, as two people do."""
        now_ms = to_ms(self._clock.now())
        for one in work:
            begins, ends = one.start_ms - WINDOW_BEFORE_S * SECOND_MS, one.end_ms + WINDOW_AFTER_S * SECOND_MS
            why = WORK.format(entity=one.target.partition("/")[2])
            asked = WindowDecision(one.target, now_ms, 0, "requested", begins, ends, "", "UTC", (), ASKS, why)
            async with self._database.write() as connection:
                held = await windows.request(connection, asked)
                await windows.approve(connection, held.number, who=APPROVES, now_ms=now_ms)

    def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        async def done() -> None:
            try:
                await work()
            except NocError as error:
                log.warning("the tour could not go on: %s", error)

        task = asyncio.create_task(done(), name="tour")
        self._work.add(task)
        task.add_done_callback(self._work.discard)
