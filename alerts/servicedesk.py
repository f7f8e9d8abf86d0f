"""The desk of the daemon: what people do with incidents, one transaction each, of which all who listen hear after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from noc.clock import Clock
from noc.model.instants import to_ms
from noc.state.database import Database, Transaction

_Result = TypeVar("_Result")


class ServiceDesk:
    """changed: is given the incident that changed, after the commit. wake: lets the engine tell whoever hears of it."""

    def __init__(
        self, database: Database, clock: Clock, changed: Callable[[int], None], wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed
        self._wake = wake

    async def do(self, incident: int | None, act: Callable[[Transaction, int], Awaitable[_Result]]) -> _Result:
        """Do something with an incident in one transaction; `act` is given it, and the time in milliseconds.

        Raises what `act` raises, and then nothing is done; StateError where it can't be written.
        """
        now_ms = to_ms(self._clock.now())
        async with self._database.write() as connection:
            result = await act(connection, now_ms)
        if incident is not None:
            self._changed(incident)
        self._wake()
        return result
