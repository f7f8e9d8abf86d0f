"""Autonomy of a poller: whether it holds the alerting rooms, and what goes to and from them (docs/adr/0026).

A poller without it imports no database: the rooms are made where a plan asks for them. A fault in them is told, and
stops neither polling nor the way to the centre.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from noc.app.autonomygate import Gate
from noc.app.autonomyline import LIST, Line
from noc.app.pollerplan import PollerPlan, write_whole
from noc.bus.messages import Acknowledged
from noc.bus.packing import PackingError
from noc.clock import Clock
from noc.model.check import Check
from noc.model.errors import NocError
from noc.model.event import Event
from noc.model.reading import Reading

if TYPE_CHECKING:
    from noc.app.autonomyhouse import House

log = logging.getLogger(__name__)

FOLDER: Final = "autonomy"
_ROOMS: Final = "noc.app.autonomyhouse"
_FAULT: Final = "the rooms met a fault in noc, see the log"


class Autonomy:
    """A service. state_dir: of the poller. line: what it takes of it.

    failing: why nobody can be called from here, one sentence; empty while that isn't so, or isn't asked for.
    """

    def __init__(self, state_dir: Path, poller: str, group: str, clock: Clock, line: Line) -> None:
        self.failing = ""
        self._folder = state_dir / FOLDER
        self._poller = poller
        self._group = group
        self._clock = clock
        self._line = line
        self._started_s = clock.monotonic()
        self._house: House | None = None
        self._answered_s: float | None = None
        self._entering: Gate | None = None
        self._fault_told = False
        self._came: bytes | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Wait for a plan that asks for rooms, and for lists of the centre."""
        self._task = asyncio.create_task(self._keep_for_ever(), name="autonomy keeps")

    async def stop(self) -> None:
        """Leave the rooms; what is to be told is on disk."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._leave()

    @property
    def house(self) -> House | None:
        """Return the rooms; None where there are none."""
        return self._house

    @property
    def alone_ms(self) -> int | None:
        """Return since when people are called from here."""
        return None if self._house is None else self._house.gate.alone_ms

    @property
    def health(self) -> str:
        """Return what isn't well; empty where all is."""
        return self.failing or ("" if self._house is None else self._house.failing)

    async def use(self, plan: PollerPlan) -> None:
        """Go by a plan: with rooms, where it asks for them."""
        group = plan.settings.pollers.groups.get(self._group)
        try:
            if group is None or not group.autonomy:
                await self._leave()
            else:
                await self._enter(plan)
            self.failing = ""
        except (NocError, OSError) as error:
            self._fails(str(error))
        except Exception:  # the guard: whatever is wrong here must not end polling
            log.exception("the rooms of an autonomous poller met a fault in noc")
            self.failing = _FAULT

    def take(self, check: Check, reading: Reading) -> None:
        """Judge what a device answered."""
        if self._house is not None:
            self._guarded(lambda house: house.rooms.take(check, reading))

    def hear(self, events: Sequence[Event]) -> None:
        """Judge what devices sent by themselves."""
        if self._house is not None:
            self._guarded(lambda house: house.rooms.hear(events))

    def listed(self, octets: bytes) -> None:
        """Take the centre's list of open incidents, as it came."""
        self._came = octets
        self._wake.set()

    def answered(self, said: Acknowledged) -> None:
        """Take that the centre answered, also while there are no rooms yet: they take a while to be made."""
        self._answered_s = self._clock.monotonic()
        if self._entering is not None:
            self._entering.answered_s = self._answered_s
        if self._house is not None:
            self._house.work.answered(said.tale, said.unread)

    def linked(self, is_up: bool) -> None:
        """Take whether there is a link."""
        if self._house is not None and not is_up:
            self._house.work.unlinked()

    def ready(self) -> bool:
        """Return whether frames may go: the centre knows what was told."""
        return self._house is None or self._house.gate.state == "closed"

    async def _enter(self, plan: PollerPlan) -> None:
        if self._house is not None and self._house.rooms.ground == plan.ground:
            await self._house.replace(plan)
            return
        await self._leave()
        await asyncio.to_thread(importlib.import_module, _ROOMS)  # a poller without rooms imports no database
        from noc.app.autonomyhouse import House  # noqa: PLC0415 see above: it takes a second, beside polling

        made = House(self._folder, self._poller, self._group, self._clock, self._line, self._started_s)
        made.gate.answered_s, self._entering = self._answered_s, made.gate
        try:
            await made.enter(plan)
        finally:
            self._entering = None
        self._house = made
        self._line.speak()
        log.info("holds the alerting rooms: people are called from here while the centre is silent")

    async def _leave(self) -> None:
        left, self._house = self._house, None
        if left is not None:
            self._line.take_all(False)
            await left.leave()

    def _guarded(self, do: Callable[[House], None]) -> None:
        if self._house is None:
            return
        try:
            do(self._house)
        except Exception:  # the guard: a fault in judging must not end polling
            if not self._fault_told:
                log.exception("judging met a fault in noc; polling goes on")
            self._fault_told = True
            self.failing = _FAULT

    def _fails(self, why: str) -> None:
        log.error("nobody can be called from here: %s", why)
        self.failing = why

    async def _keep_for_ever(self) -> None:
        """Have the newest list on disk, as it came, and in use."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            octets, self._came = self._came, None
            if octets is None or self._house is None:
                continue
            try:
                self._house.listed(octets)
                await asyncio.to_thread(write_whole, self._folder / LIST, octets)
            except PackingError as error:
                log.warning("the centre's list of incidents is left aside: %s", error)
            except OSError as error:
                log.error("%s: can't be written: %s", self._folder / LIST, error.strerror or error)
