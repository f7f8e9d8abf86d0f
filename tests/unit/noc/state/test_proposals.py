"""What is kept of discovery: proposals, sweeps, drift, and what devices said of themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.model.discovery import Baseline, Drift, Found, Neighbour, SweepRecord
from noc.state import drifts, proposals
from noc.state.database import Database
from tests.database import empty_database

FOUND = Found(
    "10.0.0.1",
    ("10.0.0.1", "2001:db8::1"),
    ("icmp", "snmp"),
    credentials="standard",
    sys_name="r\u00fc\ud83dter",
    own=("10.9.9.9",),
    neighbours=(Neighbour("lldp", "eth0", "sw", "1", "10.0.0.2"),),
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = empty_database(tmp_path / "noc.db")
    await found.start()
    yield found
    await found.stop()


async def test_a_proposal_comes_back_as_it_was(database: Database) -> None:
    async with database.write() as connection:
        await proposals.add(connection, [FOUND], 1_000)
        await proposals.decide(connection, 1, "accepted", "achieng", 2_000, "r-1")
    async with database.read() as connection:
        (one,) = await proposals.everything(connection)
        assert await proposals.page(connection, states=("new",)) == []
    assert one.found == FOUND
    assert (one.state, one.who, one.device, one.first_ms, one.decided_ms) == (
        "accepted",
        "achieng",
        "r-1",
        1_000,
        2_000,
    )


async def test_what_is_decided_stays_when_it_is_seen_again(database: Database) -> None:
    async with database.write() as connection:
        await proposals.add(connection, [FOUND], 1_000)
        await proposals.decide(connection, 1, "ignored", "achieng", 2_000)
        (one,) = await proposals.everything(connection)
        await proposals.seen_again(connection, [one], 3_000)
        (again,) = await proposals.everything(connection)
    assert (again.state, again.first_ms, again.last_ms) == ("ignored", 1_000, 3_000)


async def test_proposals_have_a_bound_that_decisions_outlive(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "PROPOSALS_AT_MOST", 2)
    async with database.write() as connection:
        await proposals.add(connection, [Found("10.0.0.1")], 1)
        await proposals.decide(connection, 1, "ignored", "achieng", 2)
        await proposals.add(connection, [Found(f"10.0.0.{number}") for number in (2, 3, 4)], 3)
        kept = await proposals.everything(connection)
    assert [one.found.address for one in kept] == ["10.0.0.1", "10.0.0.3", "10.0.0.4"]


async def test_a_sweep_is_gone_on_with_until_it_ended_or_another_began(database: Database) -> None:
    record = SweepRecord(0, ("10.0.0.0/24",), ("10.0.0.9/32",), 254, 0, 1_000)
    async with database.write() as connection:
        first = await proposals.begin_sweep(connection, record)
        await proposals.go_on(connection, first, 17)
        left = await proposals.unfinished(connection)
        assert left is not None
        assert (left.id, left.position, left.targets, left.excluded) == (first, 17, record.targets, record.excluded)
        second = await proposals.begin_sweep(connection, record)
        await proposals.go_on(connection, second, 254, 2_000)
        assert await proposals.unfinished(connection) is None
        last = await proposals.last_sweep(connection)
        assert last is not None
        assert (last.id, last.ended_ms) == (second, 2_000)


async def test_drift_keeps_since_when_and_goes_when_it_is_gone(database: Database) -> None:
    silent, renamed = Drift("r-1", "silent"), Drift("r-1", "name", "", "r-1", "r-2")
    other = Drift("s-1", "silent")
    async with database.write() as connection:
        await drifts.write(connection, ["r-1", "s-1"], [silent, other], 1_000)
        await drifts.write(connection, ["r-1"], [silent, renamed], 2_000)
        found = {(one.device, one.kind): one for one in await drifts.everything(connection)}
    assert (found["r-1", "silent"].since_ms, found["r-1", "silent"].last_ms) == (1_000, 2_000)
    assert (found["r-1", "name"].since_ms, found["r-1", "name"].seen) == (2_000, "r-2")
    assert found["s-1", "silent"].last_ms == 1_000  # wasn't looked at
    async with database.write() as connection:
        await drifts.write(connection, ["r-1"], [], 3_000)
        assert [one.device for one in await drifts.everything(connection)] == ["s-1"]


async def test_drift_is_paged_by_its_whole_key(database: Database) -> None:
    found = [Drift("r-1", "neighbour", name) for name in "abc"] + [Drift("r-2", "silent")]
    async with database.write() as connection:
        await drifts.write(connection, ["r-1", "r-2"], found, 1)
        first = await drifts.page(connection, limit=2)
        last = first[-1]
        rest = await drifts.page(connection, after=(last.device, last.kind, last.subject))
    assert [one.subject for one in first] == ["a", "b"]
    assert [(one.device, one.subject) for one in rest] == [("r-1", "c"), ("r-2", "")]


async def test_what_people_took_for_right_is_replaced(database: Database) -> None:
    async with database.write() as connection:
        await drifts.take_as_right(connection, [Baseline("r-1", 1, sys_name="old", serial="S1")])
        await drifts.take_as_right(connection, [Baseline("r-1", 2, sys_name="new")])
        assert await drifts.baselines(connection) == {"r-1": Baseline("r-1", 2, sys_name="new")}


async def test_two_devices_that_are_one_stay_so_while_one_of_them_is_looked_at_alone(database: Database) -> None:
    twice = Drift("b", "twice", "a", "b", "S1")
    async with database.write() as connection:
        assert await drifts.write(connection, ["a", "b"], [twice, Drift("b", "silent")], 1000) == (2, 0)
        assert await drifts.write(connection, ["b"], [Drift("b", "name", "", "b", "c")], 2000) == (1, 1)
        found = await drifts.everything(connection)
        assert [(one.kind, one.since_ms, one.last_ms) for one in found] == [("name", 2000, 2000), ("twice", 1000, 1000)]
        assert await drifts.write(connection, ["a", "b"], [], 3000) == (0, 2)
        await drifts.write(connection, ["a", "b"], [twice, Drift("a", "silent")], 4000)
        await drifts.forget_all_but(connection, {"a"})
        assert await drifts.by_kind(connection) == {"silent": 1}
