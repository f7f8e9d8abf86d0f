"""A program of its own that lives for an hour and more of a clock's time with garbage in it: see test_memory.py."""

from __future__ import annotations

import asyncio
import gc
import weakref
from datetime import UTC, datetime

from noc.app.memory import FREEZE_EVERY_S, LOOK_EVERY_S, Memory, Rarely
from noc.clock import ManualClock


class Thing:
    itself: Thing


async def live() -> dict[str, bool]:
    """Return what was seen of the collector, by what it shows."""
    clock, before = ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), gc.get_threshold()
    rarely, memory, seen = Rarely(), Memory(clock), dict[str, bool]()
    await rarely.start()
    full = gc.get_stats()[2]["collections"]
    made = [[one] for one in range(4 * before[0] * before[1] * before[2])]
    seen["no full collection comes while it starts"] = gc.get_stats()[2]["collections"] == full and len(made) > 0
    await memory.start()
    thing = Thing()
    thing.itself = thing
    old = weakref.ref(thing)
    await clock.advance(FREEZE_EVERY_S)
    seen["what lives is out of sight"] = gc.get_freeze_count() > 0
    seen["full collections wait to be told"] = gc.get_threshold()[2] > 100_000
    del thing
    gc.collect()
    seen["old garbage is out of sight"] = old() is not None
    await clock.advance(LOOK_EVERY_S)
    seen["old garbage is found"] = old() is None
    await memory.stop()
    await rarely.stop()
    seen["all is as it was"] = (gc.get_freeze_count(), gc.get_threshold()) == (0, before)
    return seen


if __name__ == "__main__":
    for what, is_so in asyncio.run(live()).items():
        print(what if is_so else f"not so: {what}")  # noqa: T201 - who runs it reads this
