"""Devices that leave the inventory: what nobody looks at is unknown, whether noc ran when they left or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.leaving import Leaving
from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.transition import Transition
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.policy import probe_policy
from noc.pipeline.restore import rows
from noc.pipeline.status import Statuses
from noc.state import checkpoint, ledger
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database
from tests.database import empty_database
from tests.things import device

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
WENT_UP = Transition("device/d", "up", "unknown", 1_000, 1_000, "icmp", "p", "confirmed", ((1_000, True),))
HERE = device("d")
NOBODY = Inventory()
NO_PARTS = PartWatch(Statuses(), NOBODY)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        await ledger.append(connection, [WENT_UP])
    yield database
    await database.stop()


def watched() -> Statuses:
    statuses = Statuses()
    statuses.watch({HERE.entity: probe_policy(HERE.watch)})
    statuses.restore([(HERE.entity, Memory(State("up"), 5_000, True, 1_000, 5))], {HERE.entity: 1_000})
    return statuses


async def told(database: Database, committer: Committer) -> list[tuple[str, str, int]]:
    await committer.start()
    await committer.stop()
    async with database.read() as connection:
        found = [ledger.transition_of(record) async for record in ledger.read(connection)]
    return [(one.status, one.before, one.since_ms) for one in found]


async def test_who_leaves_is_unknown_from_that_moment_on(database: Database) -> None:
    clock = ManualClock(NOW)
    committer, statuses = Committer(database, clock, list), watched()
    Leaving(database, clock, lambda: NOBODY, statuses, committer, "p", NO_PARTS).leave([HERE, device("never-seen")])
    assert await told(database, committer) == [("up", "unknown", 1_000), ("unknown", "up", NOW_MS)]


@pytest.mark.parametrize(("saved", "since_ms"), [(True, 5_000), (False, 1_001)])
async def test_who_left_while_noc_did_not_run_is_unknown_since_last_seen(
    database: Database, saved: bool, since_ms: int
) -> None:
    clock = ManualClock(NOW)
    if saved:
        async with database.write() as connection:
            await checkpoint.save(connection, CHECKPOINT, 6_000, rows(watched().memories()))
    for _ in range(2):  # once is enough
        committer = Committer(database, clock, list)
        async with asyncio.timeout(5):
            await Leaving(database, clock, lambda: NOBODY, Statuses(), committer, "p", NO_PARTS).start()
            found = await told(database, committer)
    assert found == [("up", "unknown", 1_000), ("unknown", "up", since_ms)]


@pytest.mark.parametrize("entity", ["peer/d/bgp:192.0.2.9", "circuit/c", "interface/d/Gi0/0"])
async def test_parts_and_circuits_that_left_are_unknown_too(database: Database, entity: str) -> None:
    change = Transition(entity, "down", "unknown", 2_000, 3_000, "snmp", "p", "confirmed", ((2_000, False),))
    async with database.write() as connection:
        await ledger.append(connection, [change])
    committer = Committer(database, ManualClock(NOW), list)
    inventory = Inventory(devices={"d": HERE})
    parts = PartWatch(Statuses(), inventory)
    leaving = Leaving(database, ManualClock(NOW), lambda: inventory, Statuses(), committer, "p", parts)
    await leaving.start()
    found = await told(database, committer)
    expected = [] if entity.startswith(("peer", "interface")) else [("unknown", "down", 3_000)]
    assert found[2:] == expected
    await Leaving(database, ManualClock(NOW), lambda: NOBODY, Statuses(), committer, "p", NO_PARTS).start()
    assert ("unknown", "down", 3_000) in await told(database, committer)
