"""Breaks a part of noc in the demo, so that people see what it says of itself then, and mends it.

store: it refuses what noc writes, as one does whose password was changed; numbers wait in the spool. collector: the
line over which noc reaches everything is cut, at the wire. poller: the process that asks a region's devices is killed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from noc.app.build import Daemon
from noc.http.tour import BREAKS, Broken
from noc.model.errors import ConflictError, StoreError
from noc.model.ports import SeriesWriter
from noc.model.samples import Samples
from noc.simulator.service import Simulator
from noc.simulator.world import VANTAGE
from noc.spool.drain import Drain


@dataclass(frozen=True, slots=True)
class Break:
    """How a part is broken, and how it is mended."""

    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]


class Breaks:
    """What can be broken, one at a time."""

    def __init__(self, known: Mapping[Broken, Break]) -> None:
        self._known = known
        self.broken: Broken | None = None

    @property
    def possible(self) -> tuple[Broken, ...]:
        """Return what can be broken here."""
        return tuple(one for one in BREAKS if one in self._known)

    async def begin(self, what: Broken) -> None:
        """Break something until `end`. Raises ConflictError, and what it takes to break it raises."""
        if what not in self._known:
            raise ConflictError(f"this demo has no {what} that can be broken; start it with --break {what}")
        if self.broken not in (None, what):
            raise ConflictError(f"the {self.broken} is broken already; mend it first")
        if self.broken is None:
            self.broken = what
            await self._known[what].begin()

    async def end(self) -> None:
        """Mend what is broken."""
        what, self.broken = self.broken, None
        if what is not None:
            await self._known[what].end()


class Refusing:
    """Stands in the place of a store, and refuses all. store: the real one, in whose form batches are."""

    def __init__(self, store: SeriesWriter) -> None:
        self._store = store

    @property
    def form(self) -> str:
        """Return the form of the store."""
        return self._store.form

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as the store takes it."""
        return self._store.encode(batch)

    async def write(self, body: bytes) -> NoReturn:
        """Raise StoreError."""
        raise StoreError("SIMULATED: the store refuses noc's password; put the right one into store:", refused=True)


def of_store(drain: Drain, store: SeriesWriter) -> Break:
    """Return how the store is broken."""

    async def begin() -> None:
        drain.deliver_to(Refusing(store))

    async def end() -> None:
        drain.deliver_to(store)

    return Break(begin, end)


def of_collector(simulator: Simulator) -> Break:
    """Return how the line of the collector is cut: nothing at all answers it any more."""

    async def begin() -> None:
        await simulator.fail(f"site/{VANTAGE}")

    async def end() -> None:
        if simulator.running:
            await simulator.restore(f"site/{VANTAGE}")

    return Break(begin, end)


def breaks_of(daemon: Daemon, simulator: Simulator, poller: Break | None = None) -> Breaks:
    """Return what of a demo can be broken. poller: how its poller is, where it has one."""
    known: dict[Broken, Break] = {
        "store": of_store(daemon.series.drain, daemon.series.store),
        "collector": of_collector(simulator),
    }
    return Breaks(known if poller is None else {**known, "poller": poller})
