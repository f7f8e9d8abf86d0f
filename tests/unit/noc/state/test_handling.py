"""The queue of transitions to handle: it stands and falls with the ledger's transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from noc.clock import ManualClock
from noc.model.incident import RuleTransition
from noc.model.transition import Transition
from noc.state import handling, ledger
from noc.state.committer import Committer
from noc.state.database import Database
from noc.state.pollertables import tale_part
from noc.state.tables import metadata

START = datetime(2026, 3, 1, tzinfo=UTC)
LATER = 10**15


def transition(number: int, entity: str = "device/a") -> Transition:
    return Transition(entity, "down", "up", number, number + 1, "icmp", "p", "confirmed", ((number, False),))


def raised(number: int) -> RuleTransition:
    facts = MappingProxyType({"metric": "usage_pct", "value": 97.5, "limit": 90, "name": "وصل", "none": None})
    return RuleTransition("cpu-high", "device/a", "raised", "minor", number, number + 1, "p", facts)


async def queued(database: Database) -> list[handling.Task]:
    async with database.read() as connection:
        return await handling.due(connection, LATER, 1000)


async def test_what_the_committer_writes_is_in_the_ledger_and_in_the_queue_in_one_order(database: Database) -> None:
    committer = Committer(database, ManualClock(START), list)
    committer.put([transition(1)])
    committer.put_rules([raised(2)])
    committer.put([transition(3, "device/b")])
    await committer.start()
    await committer.stop()
    tasks = await queued(database)
    assert [task.change for task in tasks] == [transition(1), raised(2), transition(3, "device/b")]
    assert [task.seq for task in tasks] == [1, None, 2]
    async with database.read() as connection:
        assert [record.seq async for record in ledger.read(connection)] == [1, 2]
        assert (await ledger.verify(connection)).broken is None


async def test_a_ledger_that_fails_leaves_nothing_in_the_queue(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await handling.put(connection, [transition(1)], await ledger.append(connection, [transition(1)]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await queued(database) == []


async def test_a_row_that_is_postponed_waits_for_its_time(database: Database) -> None:
    async with database.write() as connection:
        await handling.put(connection, [transition(1), transition(2, "device/b")])
        first, second = await handling.due(connection, 0, 10)
        await handling.postpone(connection, first, 5_000)
        await handling.done(connection, [second])
    async with database.read() as connection:
        assert await handling.waiting(connection) == 1
        assert await handling.next_due_ms(connection) == 5_000
        assert await handling.due(connection, 4_999, 10) == []
        (held,) = await handling.due(connection, 5_000, 10)
    assert (held.change, held.due_ms) == (transition(1), 5_000)


async def test_new_rows_are_due_at_once_whatever_the_clock_says(database: Database) -> None:
    async with database.write() as connection:
        assert await handling.next_due_ms(connection) is None
        await handling.put(connection, [transition(LATER)])
        assert len(await handling.due(connection, 0, 10)) == 1


async def test_the_oldest_come_first_and_no_more_than_asked_for(database: Database) -> None:
    async with database.write() as connection:
        await handling.put(connection, [transition(number) for number in (5, 3, 4)])
        assert [task.change.since_ms for task in await handling.due(connection, 10, 2)] == [5, 3]


async def test_the_ledger_tells_what_followed_a_record(database: Database) -> None:
    async with database.write() as connection:
        await ledger.append(connection, [transition(1), transition(2, "device/b"), transition(3), transition(4)])
        assert await ledger.following(connection, "device/a", 1) == transition(3)
        assert await ledger.following(connection, "device/b", 2) is None


async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        assert tale_part.metadata is metadata
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.write() as connection:
        assert await connection.run_sync(differences) == []
