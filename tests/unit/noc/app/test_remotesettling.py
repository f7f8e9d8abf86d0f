"""A frame is acknowledged when all that came of it survives, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.remotesettling import EVERY_S, FRAMES_AT_MOST, Disks, Settling, Taken
from noc.clock import ManualClock
from noc.state import pollers
from noc.state.database import Database
from tests.database import empty_database

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class House:
    """Settling over a disk that can be held up."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START)
        self.database: Database = empty_database(folder / "noc.db")
        self.numbers: list[int] = []
        self.writable = asyncio.Event()
        self.writable.set()
        disks = Disks(self.database, (self._survives,), self._stored, self._ranges, lambda: None)
        self.settling = Settling(self.clock, disks)

    async def _survives(self) -> None:
        await self.writable.wait()

    def _stored(self, frame: Taken) -> None:
        self.numbers.append(frame.number)

    def _ranges(self, poller: str, boot: str) -> tuple[tuple[int, int], ...]:
        return ((min(self.numbers), max(self.numbers)),)

    async def while_time_passes(self, met: Callable[[], bool] = lambda: False, rounds: int = 500) -> None:
        """Let rounds pass until something is so; without, ten of them."""
        for _ in range(rounds):
            await self.clock.advance(EVERY_S)
            async with self.database.write():  # what was written before is written
                pass
            if met():
                return

    async def written(self) -> pollers.Stored:
        async with self.database.read() as connection:
            return await pollers.stored(connection)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.database.start()
    await house.settling.start()
    yield house
    await house.settling.stop()
    await house.database.stop()


async def test_what_survives_is_written_and_then_said(house: House) -> None:
    house.writable.clear()
    for number in (1, 2):
        house.settling.put(Taken("p", "ab", number, 100))
    await house.while_time_passes(rounds=10)
    assert (house.numbers, house.settling.waiting, await house.written()) == ([], 2, {})
    house.writable.set()
    await house.while_time_passes(lambda: not house.settling.waiting)
    assert (house.numbers, house.settling.waiting) == ([1, 2], 0)
    assert await house.written() == {("p", "ab"): ((1, 2),)}


async def test_a_frame_waits_for_its_events(house: House) -> None:
    frame = Taken("p", "ab", 1, 100, events=2)
    house.settling.put(frame)
    await house.while_time_passes(rounds=10)
    house.settling.kept(frame)
    await house.while_time_passes(rounds=10)
    assert house.numbers == []
    house.settling.kept(frame)
    await house.while_time_passes(lambda: not house.settling.waiting)
    assert house.numbers == [1]


async def test_nothing_more_is_taken_than_there_is_room_for(house: House) -> None:
    house.writable.clear()
    for number in range(FRAMES_AT_MOST):
        await house.settling.room()
        house.settling.put(Taken("p", "ab", number, 100))
    waiting = asyncio.create_task(house.settling.room())
    await house.while_time_passes(rounds=10)
    assert not waiting.done()
    house.writable.set()
    await house.while_time_passes(lambda: not house.settling.waiting)
    await asyncio.wait_for(waiting, 5)
    assert house.settling.stored == FRAMES_AT_MOST
