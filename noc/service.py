"""Services: things that are started in order and stopped in reverse; and the rounds in which some of them work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, runtime_checkable

from noc.clock import Clock

log = logging.getLogger(__name__)


class Service(Protocol):
    """A part of the daemon. Its constructor is inert."""

    async def start(self) -> None:
        """Begin to work. Raises NocError with a sentence for the operator when it can't."""
        ...

    async def stop(self) -> None:
        """End, and give everything back. Is called once for each start that succeeded."""
        ...


@runtime_checkable
class WindsDown(Protocol):
    """A Service that gives what is under way some time to end. They all do so at once, not one after the other."""

    def wind_down(self) -> None:
        """Begin nothing new; the time that `stop` leaves to what is under way runs from now on. Returns at once."""
        ...


@asynccontextmanager
async def running(services: Iterable[Service]) -> AsyncIterator[None]:
    """Start services in order; wind down and stop those that started in reverse, whatever happens."""
    async with AsyncExitStack() as stack:
        started: list[Service] = []
        for service in services:
            await service.start()
            stack.push_async_callback(service.stop)
            started.append(service)
            log.debug("started %s", type(service).__name__)
        try:
            yield
        finally:
            for service in started:
                if isinstance(service, WindsDown):
                    service.wind_down()


class Rounds:
    """Works in rounds: at once, when it is woken, and at the latest so many seconds after the last as that one said.

    work: does one round, and returns these seconds; what it raises ends the work. name: of the task.
    """

    def __init__(self, clock: Clock, name: str, work: Callable[[], Awaitable[float]]) -> None:
        self._clock = clock
        self._name = name
        self._work = work
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.ending = False

    def start(self) -> None:
        """Begin. Needs a running event loop."""
        self.ending = False
        self._task = asyncio.create_task(self._run(), name=self._name)

    def wake(self) -> None:
        """Say that there may be something to do; returns at once."""
        self._wake.set()

    def end(self) -> None:
        """Begin no further round; returns at once."""
        self.ending = True
        self._wake.set()

    async def stop(self) -> None:
        """End, after the round that is under way: it isn't cut off, as nobody could say what of it is done."""
        self.end()
        if self._task is not None:
            await self._task
            self._task = None

    async def _run(self) -> None:
        while not self.ending:
            self._wake.clear()
            wait_s = await self._work()
            timer = self._clock.call_later(wait_s, self._wake.set)
            await self._wake.wait()
            timer.cancel()
