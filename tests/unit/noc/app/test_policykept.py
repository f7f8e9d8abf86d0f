"""What figures are made by is kept when it changes, and only then."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.policykept import PolicyKept
from noc.availability.policyfile import parse_policy
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.seal import PolicyChange
from noc.pipeline.policy import availability_policy
from noc.state import ledger, policies
from noc.state.committer import Committer
from noc.state.database import Database
from noc.state.records import recorded_of
from tests.database import empty_database
from tests.things import device

EMPTY = Inventory()
KNOWN = Inventory(devices={"d": device("d")})


async def run(database: Database, *inventories: Inventory) -> None:
    clock, now = ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), list(inventories)
    committer = Committer(database, clock, list)
    service = PolicyKept(database, clock, lambda: now[0], lambda: committer, "hq")
    await service.start()
    await clock.advance(0)
    while len(now) > 1:
        now.pop(0)
        service.replace()
        await clock.advance(0)
    await service.stop()
    await committer.start()
    await committer.stop()


async def test_a_policy_is_written_when_it_changes(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    await run(database, KNOWN)
    await run(database, KNOWN, KNOWN)
    await run(database, EMPTY)
    await run(database, KNOWN)
    async with database.read() as connection:
        records = [recorded_of(one.kind, one.body) async for one in ledger.read(connection)]
        digests = [one.digest for one in records if isinstance(one, PolicyChange)]
        text = await policies.text_of(connection, digests[0])
        assert await policies.text_of(connection, "0" * 64) is None
    assert digests == [digests[0], digests[1], digests[0]]
    assert len(set(digests)) == 2
    assert text is not None
    kept = parse_policy(text, "p.yaml").policy
    assert kept.probe_of("device/d") == availability_policy(KNOWN).probe_of("device/d")
    await database.stop()


async def test_a_policy_that_was_changed_is_told(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    await run(database, KNOWN)
    async with database.write() as connection:
        digest = await policies.last_digest(connection, "poller/hq")
        assert digest is not None
        await connection.exec_driver_sql("UPDATE policy SET body = zeroblob(9)")
    async with database.read() as connection:
        with pytest.raises(ValueError, match="damaged"):
            await policies.text_of(connection, digest)
    await database.stop()
