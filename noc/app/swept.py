"""What sweeps of another process spent of byte budgets: written by `noc discover`, counted by the daemon (ADR 0015).

A sweep writes its own rows anew each time, and the daemon takes all rows anew each time, so that nothing is counted
twice and a process that dies takes back nothing that was written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import Final

from noc.app.sweepcost import Line
from noc.clock import Clock
from noc.model.instants import to_ms, to_s
from noc.scheduling.budget import SLOTS
from noc.service import Rounds
from noc.state import checkpoint
from noc.state.database import Database, StateError, Transaction

log = logging.getLogger(__name__)

SWEPT: Final = "swept"
"""The checkpoint: when the sweep began, in milliseconds; holder, minute of the Unix epoch, octets."""

READ_EVERY_S: Final = 20.0

_MINUTE_S: Final = 60.0
_PARTS: Final = 4

Minutes = dict[int, int]
"""Octets by minute of the Unix epoch."""


class Spending:
    """What one sweep spends of lines with a budget, by the minute."""

    def __init__(self, lines: Sequence[Line], clock: Clock) -> None:
        self.lines = lines
        self._clock = clock
        self._began_ms = to_ms(clock.now())
        self._spent: dict[str, Minutes] = {}

    def take(self, address: str, octets: int) -> None:
        """Count what one address took, on every line that it may be behind."""
        asked, minute = ip_address(address), int(to_s(self._clock.now()) // _MINUTE_S)
        for line in self.lines:
            if octets and any(asked in network for network in line.networks):
                minutes = self._spent.setdefault(line.holder, {})
                minutes[minute] = minutes.get(minute, 0) + octets

    async def write(self, connection: Transaction) -> None:
        """Write what was spent, beside what other sweeps did in the last hour."""
        if not self._spent:
            return
        now = self._clock.now()
        oldest = int(to_s(now) // _MINUTE_S) - SLOTS + 1
        saved = await checkpoint.load(connection, SWEPT)
        others = [row for row in _sound(() if saved is None else saved[1]) if row[0] != self._began_ms]
        own = [(self._began_ms, line, *one) for line, minutes in self._spent.items() for one in minutes.items()]
        kept = [row for row in (*others, *own) if row[2] >= oldest]
        await checkpoint.save(connection, SWEPT, to_ms(now), kept)


async def spent_by_sweeps(connection: Transaction) -> dict[str, Minutes]:
    """Return what sweeps wrote down, by holder and minute."""
    saved = await checkpoint.load(connection, SWEPT)
    found: dict[str, Minutes] = {}
    for _, holder, minute, octets in _sound(() if saved is None else saved[1]):
        minutes = found.setdefault(holder, {})
        minutes[minute] = minutes.get(minute, 0) + octets
    return found


class SweptWatch:
    """A service: reads now and then what sweeps spent. take: is given it, by holder and minute, all of it each time."""

    def __init__(self, database: Database, clock: Clock, take: Callable[[Mapping[str, Minutes]], None]) -> None:
        self._database = database
        self._take = take
        self._rounds = Rounds(clock, "swept", self._round)

    async def start(self) -> None:
        """Read what is there, and go on in the background."""
        await self._round()
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def _round(self) -> float:
        try:
            async with self._database.read() as connection:
                found = await spent_by_sweeps(connection)
        except StateError as error:
            log.debug("what sweeps spent of byte budgets can't be read, it is tried again: %s", error)
            return READ_EVERY_S
        self._take(found)
        return READ_EVERY_S


def _sound(rows: Iterable[Sequence[object]]) -> list[tuple[int, str, int, int]]:
    """Return the rows that make sense."""
    found: list[tuple[int, str, int, int]] = []
    for row in rows:
        if len(row) == _PARTS:
            sweep, holder, minute, octets = row
            numbers = (sweep, minute, octets)
            if isinstance(holder, str) and all(isinstance(one, int) and one >= 0 for one in numbers):
                began_ms, at, spent = (one for one in numbers if isinstance(one, int))
                found.append((began_ms, holder, at, spent))
    return found
