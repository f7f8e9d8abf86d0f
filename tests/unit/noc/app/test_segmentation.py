"""Walls are asked on a rhythm; what is reached, and what nobody proves, are incidents, also over a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from noc.app.segmentation import BROKEN, UNPROVEN, Asking, Segmentation
from noc.model.event import Event
from noc.model.incident import RuleTransition
from noc.model.samples import Samples
from noc.pipeline.segmentation import Excepted, Wall
from noc.state import proofs
from noc.wire.icmp import Burst
from noc.wire.knock import Answer, Knock
from tests.things import device
from tests.unit.alerts.alerting import START_MS, House

HOUR_S = 3600.0
WALL = Wall(
    name="field-management",
    origin_name="field",
    target_name="management",
    origin=(ip_network("10.1.0.0/16"),),
    target=(ip_network("10.9.0.0/24"),),
    ports=(22,),
    icmp=True,
    pairs=(("10.9.0.1", 22), ("10.9.0.1", None)),
    every_ms=int(HOUR_S * 1000),
    owner="achieng",
)


class World:
    """What answers: the same at every port, and to echo requests."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.answer: Answer = "prohibited"
        self.echoes = False
        self.up = False
        self.source = "10.1.0.5"
        self.walls: Sequence[Wall] = (WALL,)
        self.changes: list[RuleTransition] = []
        self.told: list[Samples] = []
        self.knocks: list[float] = []
        self.watch = self.begin()

    def begin(self) -> Segmentation:
        house = self.house
        asking = Asking(self.knock, self.burst, lambda _: self.up, lambda _: self.source)
        given = (self.walls, house.database, house.clock, lambda: house.inventory, "here", asking)
        return Segmentation(*given, self.changes.extend, self.told.extend)

    async def knock(self, address: str, port: int, timeout_s: float) -> Knock:
        assert timeout_s > 0
        self.knocks.append(self.house.clock.monotonic())
        return Knock(self.answer, self.source, "10.1.0.254" if self.answer == "prohibited" else address)

    async def burst(self, burst: Burst) -> tuple[float | None, ...]:
        return (0.01 if self.echoes else None,) * burst.count

    async def lives(self, hours: float) -> list[tuple[str, str]]:
        """Let rounds go on for so long; return the state and rule of all incidents."""
        await self.watch.start()
        for _ in range(round(hours * 60)):
            self.house.clock.stall(60)
            await self.watch.work()
        await self.watch.stop()
        changes, self.changes[:] = list(self.changes), []
        await self.house.handle(*changes)
        return [(one.state, one.rule) for one in await self.house.incidents()]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    house = House(tmp_path)
    house.inventory = replace(
        house.inventory, devices={"fw": replace(device("fw", "192.0.2.7"), device_class="firewall")}
    )
    await house.database.start()
    yield World(house)
    await house.database.stop()


async def test_a_wall_that_refuses_is_no_incident_and_is_asked_on_its_rhythm(world: World) -> None:
    assert await world.lives(4.5) == []
    assert len(world.knocks) == 5
    numbers = dict(zip(world.told[-1].field_keys, world.told[-1].values[0], strict=True))
    assert (numbers["verdict"], numbers["reached"]) == (1.0, 0.0)


async def test_what_is_reached_is_an_incident_with_its_proof_until_it_is_not(world: World) -> None:
    world.answer = "reset"
    assert await world.lives(0.1) == [("new", BROKEN)]
    found = (await world.house.incidents())[0]
    assert found.severity == "critical"
    assert found.entity == "segment/field-management"
    facts = {name: found.facts[name] for name in ("from_address", "to_address", "port", "answer", "owner")}
    assert list(facts.values()) == ["10.1.0.5", "10.9.0.1", "tcp 22", "reset", "achieng"]
    world.answer = "prohibited"
    world.watch = world.begin()
    assert await world.lives(1.1) == [("resolved", BROKEN)]


async def test_an_echo_reply_reaches_too(world: World) -> None:
    world.echoes = True
    assert await world.lives(0.1) == [("new", BROKEN)]


async def test_what_nobody_proves_for_three_rhythms_is_an_incident_also_with_restarts(world: World) -> None:
    world.answer = "silent"
    for _ in range(4):
        assert await world.lives(0.74) == []
        world.watch = world.begin()
    assert await world.lives(1) == [("new", UNPROVEN)]
    world.up = True
    world.watch = world.begin()
    assert await world.lives(1.1) == [("resolved", UNPROVEN)]


async def test_who_does_not_stand_there_does_not_ask(world: World) -> None:
    world.source = "192.0.2.50"
    await world.lives(0.1)
    async with world.house.database.read() as connection:
        kept = await proofs.all_kept(connection)
    assert {one.kind for one in kept[WALL.name]} == {"unasked"}
    assert "not in 'field'" in kept[WALL.name][0].said
    assert world.knocks == []


async def test_a_named_poller_asks_wherever_it_stands_and_others_leave_it(world: World) -> None:
    world.source = "192.0.2.50"
    world.walls = (replace(WALL, pollers=("here",)), replace(WALL, name="other", pollers=("there",)))
    world.watch = world.begin()
    await world.lives(0.1)
    async with world.house.database.read() as connection:
        kept = await proofs.all_kept(connection)
    assert list(kept) == [WALL.name]
    assert len(world.knocks) == 1


def denied(text: str, at_ms: int, entity: str = "device/fw") -> Event:
    return Event("192.0.2.7", entity, "syslog", "%ASA-4-106023", "other", "warning", at_ms, at_ms, text=text)


LINE = "Deny tcp src field:10.1.2.3/40000 dst mgmt:10.9.0.4/22"


async def test_what_a_firewall_refuses_is_a_proof_and_a_flood_of_it_is_one(world: World) -> None:
    world.source = ""
    world.watch.heard([denied(LINE, START_MS + n) for n in range(500)])
    world.watch.heard([denied(LINE, START_MS, "device/other")])
    assert await world.lives(3) == []
    async with world.house.database.read() as connection:
        kept = (await proofs.all_kept(connection))[WALL.name]
    (denial,) = [one for one in kept if one.kind == "denial"]
    assert (denial.who, denial.source, denial.to, denial.port, denial.at_ms) == (
        *("device/fw", "10.1.2.3", "10.9.0.4", 22),
        START_MS,
    )
    assert denial.said == LINE
    world.watch = world.begin()
    assert await world.lives(1) == [("new", UNPROVEN)]


async def test_a_statement_that_is_taken_out_ends_its_incident_and_its_proofs_go(world: World) -> None:
    world.answer = "open"
    await world.lives(0.1)
    world.walls = ()
    world.watch = world.begin()
    assert await world.lives(0.1) == [("resolved", BROKEN)]
    async with world.house.database.read() as connection:
        assert await proofs.all_kept(connection) == {}


async def test_an_exception_that_ends_is_an_incident(world: World) -> None:
    world.answer = "open"
    until_ms = START_MS + 30 * 60_000
    excepted = Excepted(ip_network("10.9.0.0/24"), frozenset(), until_ms, "achieng")
    world.walls = (replace(WALL, exceptions=(excepted,)),)
    world.watch = world.begin()
    assert await world.lives(0.4) == []
    assert await world.lives(0.2) == [("new", BROKEN)]


async def test_only_the_newest_proofs_are_kept(world: World) -> None:
    text = [world.watch._unasked(WALL, "", str(number)) for number in range(proofs.KEPT + 10)]
    async with world.house.database.write() as connection:
        await proofs.add(connection, text[:-1])
        await proofs.add(connection, text[-1:])
    async with world.house.database.read() as connection:
        kept = (await proofs.all_kept(connection))[WALL.name]
    assert [one.said for one in kept] == [str(number) for number in range(10, proofs.KEPT + 10)]
