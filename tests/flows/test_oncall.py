"""From a failure to whoever is on call: through hand-offs, stand-ins, hand-overs, a restart and a night."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from alerts import desk as incident_desk
from alerts.oncalldesk import accept_handover, override, write_handover
from alerts.oncalltargets import Directory
from noc.model.oncall import Override
from noc.state import outbox
from tests.flows.world import START_MS, World, device, inventory, site

MINUTE = 60
HOUR = 60 * MINUTE
PEOPLE = {name: {"email": f"{name}@example.org"} for name in ("achieng", "berta", "chen", "boss")}
DAILY = {"rotation": "daily", "hand_off": "00:10", "people": ["achieng", "berta"], "start": "2026-02-28"}
"""The world begins on 1 March 2026, 0:00 UTC: achieng's turn ends at 0:10, then it is berta's."""

STEPS = [{"notify": ["schedule/day"]}, {"after": "4m", "notify": ["schedule/day"]}]
SETTINGS = {
    "people": PEOPLE,
    "notifiers": {"email": {}},
    "schedules": {"day": {"layers": [DAILY]}},
    "policies": {"standard": {"steps": STEPS}},
    "catch_all": {"notify": ["boss"], "after": "3m"},
}


class Make(Protocol):
    async def __call__(self, **changes: object) -> World: ...


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        async def made(**changes: object) -> World:
            settings: Mapping[str, object] = {**SETTINGS, **changes}
            world = World(tmp_path, inventory([site("s", "rtr")], [device("rtr", "s", 1)]), settings=settings)
            await world.begin()
            stack.push_async_callback(world.database.stop)
            return world

        yield made


async def called(world: World) -> list[tuple[str, int]]:
    """Return who was called, and in which minute of the day."""
    async with world.database.read() as connection:
        found = [
            one for incident in await world.incidents() for one in await outbox.of_incident(connection, incident.id)
        ]
    return [(one.person, ((one.sent_ms or 0) - START_MS) // 60_000) for one in found if one.state == "sent"]


def directory(world: World) -> Directory:
    return Directory.of(world.settings)


def now_ms(world: World) -> int:
    return START_MS + int(world.clock.at_s * 1000)


async def test_a_page_goes_to_who_is_on_call_and_the_next_step_to_who_took_over(make: Make) -> None:
    world = await make()
    await world.go(6 * MINUTE - world.clock.at_s)
    world.fail("device/rtr")
    await world.go(11 * MINUTE)
    people = await called(world)
    assert [person for person, _ in people] == ["achieng", "berta", "boss"]
    assert [minute - people[0][1] for _, minute in people] == [0, 4, 7]


async def test_a_restart_at_the_hand_off_calls_the_same_people(make: Make) -> None:
    world = await make()
    await world.go(6 * MINUTE - world.clock.at_s)
    world.fail("device/rtr")
    await world.go(3 * MINUTE)
    # Nothing works for an hour: both steps and the catch-all fell due meanwhile.
    world.clock.at_s += HOUR
    world.engine = world.new_engine()
    await world.go(MINUTE)
    assert [person for person, _ in await called(world)] == ["achieng", "berta", "boss"]


async def test_who_stands_in_is_called_as_soon_as_the_override_is_written(make: Make) -> None:
    world = await make()
    world.fail("device/rtr")
    await world.go(3 * MINUTE)
    async with world.database.write() as connection:
        asked = Override(0, "day", now_ms(world), now_ms(world) + HOUR * 1000, "chen", who="achieng")
        await override(connection, directory(world), asked, now_ms(world))
    await world.go(3 * MINUTE)
    assert [person for person, _ in await called(world)] == ["achieng", "chen"]


async def test_no_incident_is_without_an_owner_over_a_hand_over(make: Make) -> None:
    world = await make(schedules={"day": {"layers": [DAILY], "hand_over": True}})
    world.fail("device/rtr")
    await world.go(3 * MINUTE)
    (incident,) = await world.incidents()
    async with world.database.write() as connection:
        await incident_desk.acknowledge(connection, incident.id, now_ms(world), "achieng")
        record = await write_handover(connection, directory(world), "day", "achieng", "rtr is down", now_ms(world))
    assert dict(record.incidents) == {incident.id: "achieng"}
    await world.go(5 * MINUTE)  # past 0:10: berta has not accepted
    async with world.database.read() as connection:
        assert (await world.incidents())[0].acknowledged_by == "achieng"
    async with world.database.write() as connection:
        await accept_handover(connection, directory(world), record.id, "berta", now_ms(world))
    (owned,) = await world.incidents()
    assert owned.acknowledged_by == "berta"
    assert [one.kind for one in await world.timeline(incident.id)][-1] == "handed_over"


async def test_until_the_incoming_accept_the_outgoing_are_called(make: Make) -> None:
    world = await make(schedules={"day": {"layers": [DAILY], "hand_over": True}})
    await world.go(8 * MINUTE)  # 0:11
    world.fail("device/rtr")
    await world.go(3 * MINUTE)
    assert [person for person, _ in await called(world)] == ["achieng"]
    async with world.database.write() as connection:
        record = await write_handover(connection, directory(world), "day", "achieng", "rtr is down", now_ms(world))
        await accept_handover(connection, directory(world), record.id, "berta", now_ms(world))
    await world.go(3 * MINUTE)
    assert [person for person, _ in await called(world)] == ["achieng", "berta"]


async def test_a_minor_fault_at_night_waits_until_quiet_hours_are_over(make: Make) -> None:
    quiet = {"email": "a@example.org", "quiet_hours": {"from": "22:00", "to": "00:06", "below": "critical"}}
    steps = [{"notify": ["achieng"]}]
    world = await make(people={**PEOPLE, "achieng": quiet}, policies={"standard": {"steps": steps}}, catch_all=None)
    world.raise_rule("fan-failed", "device/rtr")
    await world.go(2 * MINUTE)
    assert await called(world) == []
    (incident,) = await world.incidents()
    (held,) = [one for one in await world.timeline(incident.id) if one.kind == "held"]
    assert held.facts["until"] == "2026-03-01T00:06:00Z"
    await world.go(2 * MINUTE)
    assert await called(world) == [("achieng", 6)]
    world.raise_rule("fan-failed", "device/rtr", "cleared")
    await world.go(10)
    assert [person for person, _ in await called(world)] == ["achieng", "achieng"]


async def test_a_forgotten_hand_over_calls_the_outgoing_first_and_the_incoming_where_they_do_not_answer(
    make: Make,
) -> None:
    schedules = {"day": {"layers": [DAILY], "hand_over": True, "accept_within": "1m"}}
    world = await make(schedules=schedules)
    await world.go(10 * MINUTE)  # 0:13: berta has had a minute to accept, and more
    world.fail("device/rtr")
    await world.go(3 * MINUTE)
    assert [person for person, _ in await called(world)] == ["achieng"]
    await world.go(4 * MINUTE)
    assert [person for person, _ in await called(world)] == ["achieng", "berta", "achieng"]
