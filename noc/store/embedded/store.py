"""The store as a service: one thread in which everything happens, one call at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar, TypeVarTuple

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import (
    Latest,
    LatestQuery,
    Refusal,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.store._answers import latest_by_reading, top_by_reading
from noc.store._rows import floor_ms
from noc.store.embedded.engine import Engine
from noc.store.embedded.tally import StoreTally
from noc.wire import columns
from noc.wire.bodies import COLUMNS

log = logging.getLogger(__name__)

TICK_S: Final = 30.0
"""How often it is looked whether something is due: a generation to be cut, files to be deleted."""

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class EmbeddedStore:
    """A service, and the store. Reads and writes wait their turn in its thread; the event loop never waits."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._thread: ThreadPoolExecutor | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def tally(self) -> StoreTally:
        """Return what was counted since the start."""
        return self._engine.tally

    async def start(self) -> None:
        """Open the folder and take up where the last process ended. Raises StoreError when it can't be used."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="series")
        try:
            await self._blocking(self._engine.open)
        except StoreError:
            self._thread.shutdown()
            self._thread = None
            raise
        self._task = asyncio.create_task(self._tick_for_ever(), name="series")
        self._task.add_done_callback(self._tell_of_an_end)

    async def stop(self) -> None:
        """Close all files."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._thread is not None:
            await self._blocking(self._engine.close)
            self._thread.shutdown()
            self._thread = None

    @property
    def form(self) -> str:
        """Return the form of its bodies."""
        return COLUMNS

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as a body. Pure."""
        return columns.encode(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        """Store a body; when this returns, it is on disk. Return what was refused for good.

        Raises StoreError, BodyError.
        """
        return await self._blocking(self._write, body, self._now_ms())

    def _write(self, body: bytes, now_ms: int) -> tuple[Refusal, ...]:
        return self._engine.write(columns.decode(body), now_ms)

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises UsageError, StoreError when it isn't open."""
        return await self._blocking(self._engine.read, query)

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that have these tags. Raises UsageError, StoreError."""
        return await self._blocking(self._engine.names, where)

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises UsageError, StoreError."""
        return await top_by_reading(self, query)

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises UsageError, StoreError."""
        return await latest_by_reading(self, query)

    async def caught_up(self) -> None:
        """Do all that is due, without the pauses that it has when it happens by itself."""
        while await self._blocking(self._engine.tick, self._now_ms()) is not None:
            pass  # piece by piece: reads and writes come in between

    async def _tick_for_ever(self) -> None:
        while True:
            pause = await self._blocking(self._engine.tick, self._now_ms())
            await self._clock.sleep(TICK_S if pause is None else pause)

    def _tell_of_an_end(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("%s: chunks are no longer cut in the background", self._engine.folder, exc_info=error)

    def _now_ms(self) -> int:
        return floor_ms(self._clock.now())

    async def _blocking(self, call: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        if self._thread is None:
            raise StoreError(f"{self._engine.folder}: the store of time series isn't open")
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
