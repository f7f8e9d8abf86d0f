"""Reports that are made beside everything else: how far they are, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from noc.app.reportruns import AT_ONCE, KEPT, ReportRuns
from noc.clock import ManualClock
from noc.model.errors import ConflictError, UsageError
from noc.reports.frame.asked import Asked, Issue

CLOCK = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))


def asked(number: int = 1) -> Asked:
    return Asked(report="availability", period=f"{2000 + number}")


class Maker:
    """Makes reports, each when it is let go. told: what tells how far each is, by its period."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.told: dict[str, Callable[[float], None]] = {}

    async def make(self, asked: Asked, tell: Callable[[float], None]) -> Issue:
        self.told[asked.period] = tell
        await self.go.wait()
        if asked.period == "2013":
            raise UsageError("2013 is still to come")
        return Issue(id=7, number=1, issued_ms=0, digest="0" * 64)


async def test_how_far_it_is_and_what_came_of_it() -> None:
    maker = Maker()
    runs = ReportRuns(maker.make, CLOCK)
    begun = runs.begin(asked())
    assert (begun.state, begun.done, begun.is_over) == ("waiting", 0.0, False)
    assert runs.begin(asked()) == begun  # the same is not made twice at once
    while not maker.told:
        await asyncio.sleep(0)
    maker.told["2001"](0.4)
    maker.told["2001"](0.3)
    found = runs.get(begun.id)
    assert found is not None
    assert (found.state, found.done) == ("running", 0.4)
    assert (await runs.ended(begun.id, 0.01)) == found
    maker.go.set()
    over = await runs.ended(begun.id, 10)
    assert over is not None
    assert (over.state, over.done, over.issue, over.is_over) == ("done", 1.0, 7, True)
    assert runs.begin(asked()).id != begun.id


async def test_why_it_was_not_made_is_told() -> None:
    maker = Maker()
    maker.go.set()
    runs = ReportRuns(maker.make, CLOCK)
    found = await runs.ended(runs.begin(asked(13)).id, 10)
    assert found is not None
    assert (found.state, found.said, found.issue) == ("failed", "2013 is still to come", None)


async def test_so_many_at_once_and_so_many_kept() -> None:
    maker = Maker()
    runs = ReportRuns(maker.make, CLOCK)
    for number in range(AT_ONCE):
        runs.begin(asked(number))
    with pytest.raises(ConflictError, match="ask again"):
        runs.begin(asked(99))
    maker.go.set()
    await runs.ended(AT_ONCE, 10)
    for number in range(KEPT):
        await runs.ended(runs.begin(asked(100 + number)).id, 10)
    assert runs.get(1) is None
    assert runs.get(AT_ONCE + KEPT) is not None
