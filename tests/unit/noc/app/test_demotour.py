"""The guide of the demo: when the tour begins, what it plans, what there is to try, what it breaks and mends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from noc.app.demobreaks import Break, Breaks, Refusing
from noc.app.demotour import BREAKS_AFTER_S, MENDS_AFTER_S, Guide
from noc.clock import ManualClock
from noc.http.tour import STEPS, Broken, step_at
from noc.model.errors import ConflictError, StoreError
from noc.model.samples import Samples
from noc.model.series import Refusal
from noc.simulator.tour import ROUND_S, Tour
from noc.simulator.world import build
from noc.state import windows
from noc.state.database import Database
from tests.database import empty_database
from tests.unit.noc.http.house import NOW, NOW_MS

WORLD = build(24, 200)


@dataclass
class Stage:
    """A guide with a clock, and what it did. said: what was broken and mended, in order."""

    clock: ManualClock
    database: Database
    said: list[str] = field(default_factory=list)
    guide: Guide = field(init=False)

    def make(self, first: Broken | None = None, *, quiet: bool = False) -> Guide:
        async def begin(at_ms: int) -> Tour | None:
            return None if quiet else Tour(WORLD, 1, at_ms)

        breaks = Breaks({"store": self._breaking("store"), "collector": self._breaking("collector")})
        self.guide = Guide(self.clock, self.database, begin, breaks, Path("world/noc.yaml"), first)
        return self.guide

    def _breaking(self, name: str) -> Break:
        async def begin() -> None:
            self.said.append(f"{name} broken")

        async def end() -> None:
            self.said.append(f"{name} mended")

        return Break(begin, end)

    async def planned(self, number: int) -> list[tuple[str, str, int, int]]:
        """Return the windows, once there are so many."""
        async with asyncio.timeout(10):
            while len(found := await self._windows()) < number:
                await asyncio.sleep(0.01)
        return found

    async def _windows(self) -> list[tuple[str, str, int, int]]:
        async with self.database.read() as connection:
            found = await windows.overlapping(connection, NOW_MS, NOW_MS + 3 * ROUND_S * 1000)
        return [(one.entity, one.state, one.now.start_ms, one.now.end_ms) for one in found]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    made = Stage(ManualClock(NOW), database)
    yield made
    await made.guide.stop()
    await database.stop()


def test_steps_follow_each_other_and_the_last_one_lasts() -> None:
    assert step_at(0) == ("welcome", STEPS[1][0])
    assert [step_at(begins)[0] for begins, _ in STEPS] == [step for _, step in STEPS]
    assert step_at(STEPS[1][0] - 0.5) == ("welcome", 0.5)
    assert step_at(ROUND_S)[0] == "healed"


async def test_it_says_what_to_try_and_where(stage: Stage) -> None:
    guide = stage.make()
    assert guide.now() is None
    await guide.start()
    acts = {one.act.name: one for one in Tour(WORLD, 1, NOW_MS + 3_000).round(0)}
    seen = []
    for begins, _ in STEPS:
        now = guide.now()
        assert now is not None
        seen.append((now.step, now.entity))
        following = next((later for later, _ in STEPS if later > begins), ROUND_S)
        await stage.clock.advance(following - begins + (3 if begins == 0 else 0))
    assert [step for step, _ in seen] == [step for _, step in STEPS]
    assert dict(seen)["rain"] == acts["rain"].target
    assert dict(seen)["fibre"] == "site/valencia"
    assert dict(seen)["push"] == acts["push"].target
    again = guide.now()
    assert again is not None
    assert again.step == "welcome"


async def test_its_work_is_asked_for_and_approved_before_it_begins_in_each_round(stage: Stage) -> None:
    await stage.make().start()
    await stage.clock.advance(40)
    rounds = [Tour(WORLD, 1, NOW_MS + 3_000).round(number) for number in (0, 1)]
    first, second = (next(one for one in found if one.act.name == "planned") for found in rounds)
    ((entity, state, start_ms, end_ms),) = await stage.planned(1)
    assert (entity, state) == (first.target, "approved")
    assert start_ms < first.start_ms < first.end_ms < end_ms
    await stage.clock.advance(ROUND_S - 300)
    assert [one[0] for one in await stage.planned(2)] == [first.target, second.target]


async def test_what_it_is_told_to_break_is_broken_after_a_minute_and_mended(stage: Stage) -> None:
    guide = stage.make("store")
    await guide.start()
    await stage.clock.advance(BREAKS_AFTER_S - 1)
    assert stage.said == []
    await stage.clock.advance(2)
    now = guide.now()
    assert stage.said == ["store broken"]
    assert now is not None
    assert now.broken == "store"
    await stage.clock.advance(MENDS_AFTER_S)
    assert stage.said == ["store broken", "store mended"]


async def test_one_thing_is_broken_at_a_time_and_nothing_at_the_end(stage: Stage) -> None:
    guide = stage.make()
    await guide.start()
    await guide.break_it("collector")
    await guide.break_it("collector")
    with pytest.raises(ConflictError, match="the collector is broken already"):
        await guide.break_it("store")
    with pytest.raises(ConflictError, match="start it with --break poller"):
        await guide.break_it("poller")
    await guide.stop()
    assert stage.said == ["collector broken", "collector mended"]


async def test_in_a_quiet_world_there_is_nothing_to_try_and_no_window(stage: Stage) -> None:
    guide = stage.make(quiet=True)
    await guide.start()
    await stage.clock.advance(300)
    assert guide.now() is None
    assert await stage.planned(0) == []


class Plain:
    """A store that takes everything."""

    form = "lines"

    def encode(self, batch: Sequence[Samples]) -> bytes:
        return b"x" * len(batch)

    async def write(self, _: bytes) -> tuple[Refusal, ...]:
        return ()


async def test_a_broken_store_refuses_in_the_form_of_the_real_one() -> None:
    broken = Refusing(Plain())
    assert (broken.form, broken.encode([])) == ("lines", b"")
    with pytest.raises(StoreError, match="SIMULATED") as raised:
        await broken.write(b"")
    assert raised.value.refused
