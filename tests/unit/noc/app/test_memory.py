"""The collector of cycles: what has lived for a while is out of its sight, and garbage is found all the same."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from noc.app.memory import FREEZE_EVERY_S, LOOK_EVERY_S, Memory
from noc.clock import ManualClock


class Thing:
    itself: Thing


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """What tests/conftest.py took out of the collector's sight is in it here, and out of it afterwards."""
    gc.unfreeze()
    yield
    gc.freeze()


async def test_what_lives_is_out_of_sight_and_old_garbage_is_found_in_the_end() -> None:
    clock, before = ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), (gc.get_freeze_count(), gc.get_threshold())
    memory = Memory(clock)
    await memory.start()
    thing = Thing()
    thing.itself = thing
    seen = weakref.ref(thing)
    await clock.advance(FREEZE_EVERY_S)
    assert gc.get_freeze_count() > before[0]
    assert gc.get_threshold()[2] > 100_000
    del thing
    gc.collect()
    assert seen() is not None
    await clock.advance(LOOK_EVERY_S)
    assert seen() is None
    await memory.stop()
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before[1])
