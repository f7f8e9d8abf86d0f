"""End points that move between the centre and its pollers: who asks, from when on, and what comes of what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.probeplan import ProbePlan, check_of
from noc.app.probing import HAND_OVER_AT_MOST_S, FarProbes, Probing
from noc.clock import ManualClock
from noc.inventory.endpoints import Endpoint, TcpProbe
from noc.model.check import Check
from noc.model.reading import Reading
from noc.model.replies import TcpReply
from noc.pipeline.ingest import Ingested
from noc.pipeline.policy import probe_policy
from noc.state.committer import Committer
from noc.state.database import Database
from tests.database import empty_database
from tests.things import watch

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
WATCHED = watch(interval=timedelta(seconds=10), stale_after=timedelta(seconds=30), confirm_up=1)
WEB = Endpoint("web", "web", "s", None, "tcp", TcpProbe(host="192.0.2.9", port=1), WATCHED, (), ())
CHECK = check_of(WEB)


@dataclass
class Doors:
    clock: ManualClock
    poller: str = "centre"


@dataclass
class House:
    """Probing, whose questions are not asked by anybody. taken: whether a poller goes by the new plan."""

    clock: ManualClock
    database: Database
    taken: bool = False
    looked: list[str] = field(default_factory=list)
    told: list[Ingested] = field(default_factory=list)

    def __post_init__(self) -> None:
        committer = Committer(self.database, self.clock, rows=list)
        self.plan = ProbePlan({"web": WEB}, {"s": "r"})
        self.probing = Probing(self.plan, Doors(self.clock), self.database, committer, 4, self._tell)
        self.probing.far = FarProbes(self._look, lambda _: self.taken, {"p": "nairobi", "centre": ""}.__getitem__)
        self.probing.statuses.watch({WEB.entity: probe_policy(WATCHED)})

    def _tell(self, _: Check | None, ingested: Ingested) -> None:
        self.told.append(ingested)

    def _look(self, key: str) -> bool:
        self.looked.append(key)
        return True

    def asked(self) -> set[str]:
        return {check.key for check in self.probing.scheduler.checks}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield House(ManualClock(START), database)
    await database.stop()


async def test_one_that_moves_to_a_poller_is_asked_from_here_until_the_poller_takes_it(house: House) -> None:
    house.probing.replace(house.plan)
    assert house.asked() == {CHECK.key}
    far = replace(house.plan, elsewhere=frozenset({"web"}))
    house.probing.replace(far)
    house.probing.hand_over()
    assert house.asked() == {CHECK.key}
    house.taken = True
    house.probing.hand_over()
    assert house.asked() == set()
    assert house.probing.run(CHECK.key)
    assert house.looked == [CHECK.key]
    house.probing.replace(house.plan)
    assert house.asked() == {CHECK.key}


async def test_one_that_nobody_takes_is_not_asked_from_here_for_ever(house: House) -> None:
    house.probing.replace(house.plan)
    house.probing.replace(replace(house.plan, elsewhere=frozenset({"web"})))
    await house.clock.advance(HAND_OVER_AT_MOST_S)
    house.probing.hand_over()
    assert house.asked() == set()


async def test_one_that_a_poller_asked_from_the_beginning_is_never_asked_from_here(house: House) -> None:
    house.probing.replace(replace(house.plan, elsewhere=frozenset({"web"})))
    assert house.asked() == set()


async def test_what_a_poller_brings_is_judged_and_its_numbers_say_from_where(house: House) -> None:
    for poller, vantage in (("p", "nairobi"), ("centre", None)):
        reading = Reading("tcp", "192.0.2.9:1", poller, house.clock.now(), 0.1, reply=TcpReply(0.01))
        house.probing.take(CHECK, reading)
        [samples] = house.told[-1].samples
        assert dict(zip(samples.tag_keys, samples.tags[0], strict=True)).get("vantage") == vantage
        await house.clock.advance(10)
    assert house.probing.statuses.status_of("endpoint/web") == "up"
    other = Reading("tcp", "192.0.2.10:1", "p", house.clock.now(), 0.1, reply=TcpReply(0.01))
    known = len(house.told)
    house.probing.take(CHECK, other)
    assert len(house.told) == known
