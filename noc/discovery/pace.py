"""Many questions at a bounded rate, and so many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from noc.clock import Clock


@dataclass(frozen=True, slots=True)
class Pace:
    """So many are begun in a second, and so many may be under way."""

    per_second: int
    at_once: int


async def paced(
    count: int, do: Callable[[int], Awaitable[None]], pace: Pace, clock: Clock, begun: Callable[[int], Awaitable[None]]
) -> None:
    """Do something for each index from 0; return when all are done. begun: is awaited after each was begun.

    When it is cancelled, or one of them raises, those under way are cancelled, and it ends with that.
    """
    slots, tasks, faults = asyncio.Semaphore(pace.at_once), set[asyncio.Task[None]](), list[BaseException]()

    async def one(index: int) -> None:
        await do(index)

    def over(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        slots.release()
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            faults.append(fault)

    began = clock.monotonic()
    try:
        for index in range(count):
            await clock.sleep(began + index / pace.per_second - clock.monotonic())
            await slots.acquire()
            if faults:
                break
            task = asyncio.create_task(one(index), name=f"discovery {index}")
            tasks.add(task)
            task.add_done_callback(over)
            await begun(index)
        while tasks and not faults:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        left = tuple(tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
    if faults:
        raise faults[0]
