"""The rooms of an autonomous poller with all that stands around them: made, started and left together."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from noc.app.autonomyadopt import Centres
from noc.app.autonomygate import Gate
from noc.app.autonomyline import LIST, Line
from noc.app.autonomyorders import group_of, orders_of
from noc.app.autonomyrooms import Rooms
from noc.app.autonomywork import AutonomyWork
from noc.app.pollerplan import PollerPlan
from noc.app.pollersettings import PollerGroup
from noc.bus.packing import PackingError
from noc.bus.tales import read_open
from noc.clock import Clock
from noc.model.errors import UsageError

log = logging.getLogger(__name__)

_NO_GROUP: Final = "the plan says nothing of the group of this poller"


class House:
    """folder: of the rooms' state. started_s: when this poller was started, monotonic: silence counts from there."""

    def __init__(self, folder: Path, poller: str, group: str, clock: Clock, line: Line, started_s: float) -> None:
        self._folder = folder
        self._group = group
        self._clock = clock
        self._line = line
        self._stack = AsyncExitStack()
        self.gate = Gate(0.0, started_s)
        self.work = AutonomyWork(lambda: self.rooms, self.gate, line, clock, poller, folder)
        self.rooms: Rooms

    @property
    def failing(self) -> str:
        """Return what keeps people from being called; empty where nothing does."""
        return self.work.failing or self.rooms.failing

    @property
    def silent_s(self) -> float:
        """Return how long the centre is silent."""
        return self.gate.silent_s(self._clock.monotonic())

    async def enter(self, plan: PollerPlan) -> None:
        """Make the rooms and start them. Raises NocError, OSError; then nothing is started."""
        known = self._known(plan)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        orders = await asyncio.to_thread(orders_of, plan, known, self._folder, self._clock)
        self.gate.after_s = known.autonomy_after.total_seconds()
        self.rooms = Rooms(plan, orders, self._folder, self._clock, self._look, self.work.calls)
        self.rooms.alerting.engine.go_by(lambda: None if self.work.centres is None else self.work.centres.changes)
        async with AsyncExitStack() as stack:
            await self.rooms.open()
            stack.push_async_callback(self.rooms.close)
            self._load_list()
            await self.work.load()
            for service in (*self.rooms.services, self.work):
                await service.start()
                stack.push_async_callback(service.stop)
            self._stack = stack.pop_all()

    async def leave(self) -> None:
        """Stop them."""
        await self._stack.aclose()

    async def replace(self, plan: PollerPlan) -> None:
        """Go by another plan of the same ground. Raises as `enter`; then the one before goes on."""
        known = self._known(plan)
        orders = await asyncio.to_thread(orders_of, plan, known, self._folder, self._clock)
        self.gate.after_s = known.autonomy_after.total_seconds()
        self.rooms.replace(plan, orders)

    def listed(self, octets: bytes) -> None:
        """Take the centre's list of open incidents. Raises PackingError."""
        self.work.listed(Centres(read_open(octets)), is_new=True)

    def _known(self, plan: PollerPlan) -> PollerGroup:
        known = group_of(plan, self._group)
        if known is None:
            raise UsageError(_NO_GROUP)
        return known

    def _load_list(self) -> None:
        """Take the list that was there before a restart."""
        path = self._folder / LIST
        try:
            self.work.listed(Centres(read_open(path.read_bytes())), is_new=False)
        except FileNotFoundError:
            return
        except (PackingError, OSError) as error:
            log.warning("%s: can't be read: %s", path, error)

    def _look(self, key: str) -> bool:
        """Have a check run: while the centre answers, it has them run that it needs."""
        return self.gate.state == "open" and self._line.look(key)
