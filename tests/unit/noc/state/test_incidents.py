"""Incidents and timelines: one open at a time, pages without gaps, nothing acknowledged or resolved twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from noc.model.incident import Entry, Incident
from noc.state import incidents
from noc.state.database import Database
from noc.state.incidents import Opening

OPENING = Opening("device/a", "device-down", "status", "critical", "standard", 1, 2, {"check": "icmp"}, 2)


async def opened(database: Database, *entities: str) -> list[Incident]:
    async with database.write() as connection:
        return [await incidents.insert(connection, replace(OPENING, entity=entity)) for entity in entities]


async def test_an_incident_comes_back_as_it_was_opened(database: Database) -> None:
    (one,) = await opened(database, "device/a")
    assert (one.id, one.entity, one.rule, one.severity, one.policy) == (
        1,
        "device/a",
        "device-down",
        "critical",
        "standard",
    )
    assert (one.since_ms, one.opened_ms, one.facts, one.state) == (1, 2, {"check": "icmp"}, "new")
    async with database.read() as connection:
        assert await incidents.get(connection, 1) == one
        assert await incidents.get(connection, 2) is None
        assert await incidents.open_of(connection, "device-down", "device/a") == one
        assert await incidents.open_of(connection, "device-down", "device/b") is None


async def test_the_database_refuses_a_second_open_incident_of_a_rule_and_an_entity(database: Database) -> None:
    await opened(database, "device/a", "device/b")
    with pytest.raises(IntegrityError):
        await opened(database, "device/a")
    async with database.write() as connection:
        assert await incidents.resolve(connection, 1, 5, None)
    (again,) = await opened(database, "device/a")
    assert again.id > 2


async def test_open_incidents_among_many_entities_and_of_one_origin(database: Database) -> None:
    await opened(database, "device/a", "device/b", "device/c")
    async with database.write() as connection:
        await incidents.insert(connection, replace(OPENING, rule="cpu-high", origin="rule"))
        await incidents.resolve(connection, 2, 5, None)
        many = [f"device/{number}" for number in range(1200)]
        assert [one.id for one in await incidents.open_among(connection, [*many, "device/a", "device/b"])] == [1, 4]
        assert [one.id for one in await incidents.open_among(connection, ["device/a"], "status")] == [1]
        assert [one.id for one in await incidents.all_open(connection)] == [1, 3, 4]


async def test_acknowledge_and_resolve_happen_once(database: Database) -> None:
    await opened(database, "device/a")
    async with database.write() as connection:
        assert await incidents.acknowledge(connection, 1, 10, "achieng")
        assert not await incidents.acknowledge(connection, 1, 11, "berta")
        assert await incidents.next_look_ms(connection) is None
        assert await incidents.resolve(connection, 1, 12, "achieng")
        assert not await incidents.resolve(connection, 1, 13, "berta")
        assert not await incidents.acknowledge(connection, 99, 1, "berta")
        assert not await incidents.resolve(connection, 99, 1, "berta")
        one = await incidents.get(connection, 1)
        assert one is not None
        assert (one.acknowledged_ms, one.acknowledged_by, one.resolved_ms, one.resolved_by) == (
            10,
            "achieng",
            12,
            "achieng",
        )
        # Those who were told still have to hear that it is over.
        assert await incidents.next_look_ms(connection) == 12


async def test_a_resolved_incident_can_not_be_acknowledged(database: Database) -> None:
    await opened(database, "device/a")
    async with database.write() as connection:
        await incidents.resolve(connection, 1, 12, None)
        assert not await incidents.acknowledge(connection, 1, 13, "berta")


async def test_escalation_finds_what_it_has_to_look_at(database: Database) -> None:
    await opened(database, "device/a", "device/b", "device/c")
    async with database.write() as connection:
        await incidents.look_at(connection, 1, 50)
        await incidents.look_at(connection, 2, 40)
        await incidents.look_at(connection, 3, None)
        assert [one.id for one in await incidents.to_look_at(connection, 49, 10)] == [2]
        assert [one.id for one in await incidents.to_look_at(connection, 50, 10)] == [2, 1]
        assert [one.id for one in await incidents.to_look_at(connection, 50, 1)] == [2]
        assert await incidents.next_look_ms(connection) == 40


async def test_pages_in_both_directions_leave_no_gap(database: Database) -> None:
    await opened(database, *(f"device/{number}" for number in range(1, 8)))
    async with database.write() as connection:

        async def numbers(**filters: object) -> list[int]:
            found = await incidents.page(connection, **filters)  # type: ignore[arg-type]
            return [one.id for one in found]

        assert await numbers(limit=3) == [7, 6, 5]
        assert await numbers(limit=3, before=5) == [4, 3, 2]
        assert await numbers(limit=3, after=1) == [4, 3, 2]
        assert await numbers(limit=9, after=2, before=5) == [4, 3]
        await incidents.acknowledge(connection, 2, 10, "a")
        await incidents.resolve(connection, 3, 10, "a")
        assert await numbers(state="new") == [7, 6, 5, 4, 1]
        assert await numbers(state="acknowledged") == [2]
        assert await numbers(state="resolved") == [3]
        assert await numbers(state="unresolved") == [7, 6, 5, 4, 2, 1]
        assert await numbers(entity="device/3") == [3]
        assert await numbers(entities={"device/3", "device/1", "device/x"}) == [3, 1]
        assert await numbers(entities=()) == []


async def test_a_timeline_keeps_its_order_and_its_facts(database: Database) -> None:
    await opened(database, "device/a", "device/b")
    lines = [
        Entry(1, 9, "note", "achieng", {"text": "on my way"}),
        Entry(1, 10, "opened", None, {"value": 1.5, "what": "وصل", "none": None}),
        Entry(1, 10, "escalated"),
    ]
    async with database.write() as connection:
        # A line that a poller told of later stands where it happened.
        await incidents.record(connection, [*lines[1:], Entry(2, 10, "opened"), lines[0]])
        await incidents.record(connection, [])
        assert await incidents.timeline_of(connection, 1) == lines
        assert await incidents.timeline_of(connection, 3) == []
