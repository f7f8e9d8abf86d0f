"""Services start in order and stop in reverse; all that need time to end begin so at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.clock import ManualClock, settle
from noc.model.errors import UsageError
from noc.service import Rounds, running


class Part:
    """Notes what is asked of it. fails: it can't start."""

    def __init__(self, name: str, notes: list[str], fails: bool = False) -> None:
        self.name = name
        self.notes = notes
        self.fails = fails

    async def start(self) -> None:
        if self.fails:
            raise UsageError("no")
        self.notes.append(f"start {self.name}")

    async def stop(self) -> None:
        self.notes.append(f"stop {self.name}")


class Slow(Part):
    """One that winds down."""

    def wind_down(self) -> None:
        self.notes.append(f"wind down {self.name}")


async def test_all_wind_down_before_the_first_is_stopped() -> None:
    notes: list[str] = []
    async with running([Slow("a", notes), Part("b", notes), Slow("c", notes)]):
        notes.append("runs")
    begun, ended = notes[: notes.index("runs")], notes[notes.index("runs") + 1 :]
    assert begun == ["start a", "start b", "start c"]
    assert sorted(ended[:2]) == ["wind down a", "wind down c"]
    assert ended[2:] == ["stop c", "stop b", "stop a"]


async def test_what_started_is_stopped_where_another_can_not_start() -> None:
    notes: list[str] = []
    with pytest.raises(UsageError):
        async with running([Slow("a", notes), Part("b", notes, fails=True)]):
            notes.append("runs")
    assert notes == ["start a", "stop a"]


class Work:
    """Counts rounds, ten seconds apart."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.rounds = Rounds(self.clock, "work", self.one)
        self.at_s: list[float] = []

    async def one(self) -> float:
        self.at_s.append(self.clock.monotonic())
        return 10.0


async def test_rounds_come_at_once_in_time_and_when_woken() -> None:
    work = Work()
    work.rounds.start()
    await work.clock.advance(25)
    work.rounds.wake()
    await work.clock.advance(11)
    assert work.at_s == [0, 10, 20, 25, 35]
    await work.rounds.stop()
    await work.clock.advance(100)
    assert len(work.at_s) == 5


async def test_a_wake_during_a_round_is_not_lost() -> None:
    work = Work()

    async def one() -> float:
        work.at_s.append(work.clock.monotonic())
        if len(work.at_s) == 1:
            rounds.wake()
        return 10.0

    rounds = Rounds(work.clock, "work", one)
    rounds.start()
    await settle()
    assert work.at_s == [0, 0]
    await rounds.stop()


async def test_end_begins_no_further_round_and_start_begins_anew() -> None:
    work = Work()
    work.rounds.start()
    await settle()
    work.rounds.end()
    work.rounds.wake()
    await work.clock.advance(100)
    assert work.at_s == [0]
    await work.rounds.stop()
    work.rounds.start()
    await settle()
    assert work.at_s == [0, 100]
    await work.rounds.stop()
