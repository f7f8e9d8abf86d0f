"""The store as a service: one thread in which everything happens, one call at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar, TypeVarTuple

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import (
    Latest,
    LatestQuery,
    Refusal,
    Series,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.store._answers import latest_by_reading, top_by_reading, whole_range
from noc.store._rows import ceil_ms, floor_ms
from noc.store.embedded import fleet, reading
from noc.store.embedded.engine import Engine
from noc.store.embedded.query import Query, read
from noc.store.embedded.shortlist import Shortlist, shortlist
from noc.store.embedded.tally import StoreTally
from noc.store.embedded.wanted import wanted_of
from noc.wire import columns
from noc.wire.bodies import COLUMNS

log = logging.getLogger(__name__)

TICK_S: Final = 30.0
"""How often it is looked whether something is due: a generation to be cut, files to be deleted."""

GROUP_BYTES: Final = 4 * 1024 * 1024
"""Bodies that wait are written together, up to so many bytes."""

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A body that waits to be written, and who waits for it."""

    body: bytes
    done: asyncio.Future[tuple[Refusal, ...]]

    def tell(self, refused: tuple[Refusal, ...]) -> None:
        """Tell that it is stored. In the loop's thread."""
        if not self.done.done():
            self.done.set_result(refused)

    def fail(self, error: Exception) -> None:
        """Tell that it isn't. In the loop's thread."""
        if not self.done.done():
            self.done.set_exception(error)


class EmbeddedStore:
    """A service, and the store. Reads and writes wait their turn in its thread; the event loop never waits."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._thread: ThreadPoolExecutor | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiting: deque[_Waiting] = deque()

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

    # --- writing ------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> str:
        """Return the form of its bodies."""
        return COLUMNS

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as a body. Pure."""
        return columns.encode(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        """Store a body; when this returns, it is on disk. Return what was refused for good.

        Bodies that come while another is written are written, and synced, as one. Raises StoreError, BodyError.
        """
        if self._thread is None:
            raise self._not_open()
        loop = asyncio.get_running_loop()
        entry = _Waiting(body, loop.create_future())
        self._waiting.append(entry)
        await self._blocking(self._write_waiting, loop, self._now_ms())
        return await entry.done

    def _write_waiting(self, loop: asyncio.AbstractEventLoop, now_ms: int) -> None:
        """Write what waits; nothing where another call did it."""
        entries: list[_Waiting] = []
        size = 0
        while self._waiting and size < GROUP_BYTES:
            entries.append(self._waiting.popleft())
            size += len(entries[-1].body)
        if not entries:
            return
        try:
            told = self._engine.write([entry.body for entry in entries], now_ms)
        except (StoreError, ValueError) as error:
            if len(entries) == 1:
                loop.call_soon_threadsafe(entries[0].fail, error)
                return
            for entry in entries:  # one by one: whose fault it is need not be anybody else's
                self._waiting.appendleft(entry)
                self._write_one(loop, now_ms)
            return
        for entry, refused in zip(entries, told, strict=True):
            loop.call_soon_threadsafe(entry.tell, refused)

    def _write_one(self, loop: asyncio.AbstractEventLoop, now_ms: int) -> None:
        entry = self._waiting.popleft()
        try:
            (refused,) = self._engine.write([entry.body], now_ms)
        except (StoreError, ValueError) as error:
            loop.call_soon_threadsafe(entry.fail, error)
        else:
            loop.call_soon_threadsafe(entry.tell, refused)

    # --- reading ------------------------------------------------------------------------------------------------------

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises UsageError, TooManySeriesError, StoreError when it isn't open."""
        asked = await self._blocking(self._ask, query)
        while await self._blocking(self._go_on, asked):
            pass  # writes come in between
        return asked.answer()

    def _ask(self, query: SeriesQuery) -> Query:
        return Query(query, self._engine.source, self._clock.now())

    def _go_on(self, asked: Query) -> bool:
        return asked.step(self._engine.source)

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that have these tags. Raises UsageError, StoreError."""
        return await self._blocking(lambda: reading.names(where, self._engine.source))

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises UsageError, StoreError."""
        whole_range(query)  # may refuse
        found = await self._blocking(self._top, query)
        if found is None:
            found = await self._top_of_few(query)
        return found if found is not None else await top_by_reading(self, query)

    async def _top_of_few(self, query: TopQuery) -> TopAnswer | None:
        """Read those that may be the highest; None where that can't be told, or something they need is damaged."""
        damaged = self._engine.shelves.damaged
        few = await self._blocking(self._shortlist, query)
        if few is None:
            return None
        found: list[Series] = []
        done = 0
        while some := few.after(done, query, found):  # writes come in between
            found += await self._blocking(self._read_some, query, some)
            done += len(some)
        return None if self._engine.shelves.damaged > damaged else few.answer(query, found)

    def _read_some(self, query: TopQuery, devices: Sequence[str]) -> tuple[Series, ...]:
        return read(whole_range(query), self._engine.source, self._clock.now(), devices).series

    def _shortlist(self, query: TopQuery) -> Shortlist | None:
        source = self._engine.source
        return shortlist(query, wanted_of(whole_range(query), source, self._clock.now()), source)

    def _top(self, query: TopQuery) -> TopAnswer | None:
        if not self._all_in_memory(ceil_ms(query.start)):
            return None
        return fleet.top(query, self._engine.recent)

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises UsageError, TooManySeriesError, StoreError."""
        found = await self._blocking(self._latest, query)
        return found if found is not None else await latest_by_reading(self, query)

    def _latest(self, query: LatestQuery) -> tuple[Latest, ...] | None:
        if not self._all_in_memory(ceil_ms(query.since)):
            return None
        return tuple(fleet.answer(fleet.latest(query, self._engine.recent)))

    def _all_in_memory(self, since_ms: int) -> bool:
        forgotten = self._engine.forgotten_ms
        return forgotten is None or since_ms > forgotten

    # --- in the background --------------------------------------------------------------------------------------------

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

    def _not_open(self) -> StoreError:
        return StoreError(f"{self._engine.folder}: the store of time series isn't open")

    async def _blocking(self, call: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        if self._thread is None:
            raise self._not_open()
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
