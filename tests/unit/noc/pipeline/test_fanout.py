"""Samples are gathered for a moment, and no longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from noc.clock import ManualClock
from noc.model.samples import Samples
from noc.pipeline.cardinality import Cardinality
from noc.pipeline.fanout import GATHER_S, GATHER_VALUES, Fanout

START = datetime(2026, 1, 1, tzinfo=UTC)


def table(rows: int) -> Samples:
    return Samples("m", START, ("t",), ("v",), tuple((str(row),) for row in range(rows)), ((1.0,),) * rows)


async def test_what_comes_together_goes_together() -> None:
    clock, batches = ManualClock(START), list[Sequence[Samples]]()
    fanout = Fanout(clock, batches.append)
    fanout.take([table(1)])
    fanout.take([table(2)])
    assert batches == []
    await clock.advance(GATHER_S)
    assert batches == [[table(1), table(2)]]
    fanout.take([table(3)])
    await clock.advance(GATHER_S)
    assert batches[1:] == [[table(3)]]
    assert fanout.values == 6


async def test_a_large_batch_goes_at_once_and_its_timer_with_it() -> None:
    clock, batches = ManualClock(START), list[Sequence[Samples]]()
    fanout = Fanout(clock, batches.append)
    fanout.take([table(1)])
    fanout.take([table(GATHER_VALUES)])
    assert len(batches) == 1
    await clock.advance(2 * GATHER_S)
    assert len(batches) == 1


async def test_nothing_is_left_behind_at_the_end() -> None:
    batches = list[Sequence[Samples]]()
    fanout = Fanout(ManualClock(START), batches.append)
    fanout.take([table(1)])
    fanout.take([])
    await fanout.stop()
    await fanout.stop()
    assert batches == [[table(1)]]


async def test_series_beyond_the_bound_are_left_out_and_told(caplog: pytest.LogCaptureFixture) -> None:
    clock, batches = ManualClock(START), list[Sequence[Samples]]()
    fanout = Fanout(clock, batches.append, Cardinality(2))
    fanout.take([table(3)])
    await fanout.stop()
    assert batches == [[table(2)]]
    assert fanout.values == 2
    assert "m: has 2 series, and further ones are left out, 1 numbers so far; tag 't'" in caplog.text
