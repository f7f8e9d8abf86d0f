"""What the ledger told, kept in memory, is what it tells when it is read anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.availability.columns.gathered import Gathered
from noc.availability.timeline import Change, State
from noc.model.restatement import Restatement
from noc.model.transition import Status, Transition
from noc.state import ledger
from noc.state.chronicle import Chronicle
from noc.state.database import Database
from noc.state.statuses import known_at
from tests.database import empty_database

NAMES = ["device/a", "device/b"]


def transition(entity: str, since_ms: int, status: Status, before: Status = "unknown") -> Transition:
    # A poller's name that looks like a status: only the status counts.
    return Transition(entity, status, before, since_ms, since_ms + 5, "icmp", '"status":"up"', "confirmed", ())


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = empty_database(tmp_path / "noc.db")
    await found.start()
    yield found
    await found.stop()


async def read_anew(database: Database, chronicle: Chronicle, until: int | None = None) -> list[list[Change]]:
    async with database.read() as connection:
        last = await known_at(connection)
        assert last is not None
        await chronicle.read(connection, until or last.record)
    columns = chronicle.columns(NAMES)
    return [list(columns.timeline(name)) for name in NAMES]


async def test_it_is_read_on_from_where_it_stood(database: Database) -> None:
    chronicle = Chronicle()
    written = [
        [transition("device/a", 10, "up"), transition("interface/a/Gi0/1", 11, "down")],
        [transition("device/a", 30, "down"), transition("device/b", 31, "up")],
        [Restatement("device/a", 15, 20, ((15, "unknown"), (17, "up")), 40, "icmp", "p", 3, "ab")],
        [transition("device/a", 50, "up")],
    ]
    found = []
    for some in written:
        async with database.write() as connection:
            await ledger.append(connection, some)
        found = await read_anew(database, chronicle)
        assert found == await read_anew(database, Chronicle())
    states = [(10, State.UP), (15, State.UNKNOWN), (17, State.UP), (30, State.DOWN), (50, State.UP)]
    assert found == [[Change(*state) for state in states], [Change(31, State.UP)]]
    assert list(chronicle.names) == ["device/a", "device/b", "device/a"]
    assert (await read_anew(database, Chronicle(), until=3))[0] == [Change(10, State.UP), Change(30, State.DOWN)]


async def test_a_statement_is_of_the_time_at_which_its_last_record_was_certain(database: Database) -> None:
    async with database.read() as connection:
        assert await known_at(connection) is None
    async with database.write() as connection:
        records = await ledger.append(
            connection, [transition("device/a", 10, "up"), transition("device/a", 20, "down")]
        )
    async with database.read() as connection:
        first, last = await known_at(connection, 1), await known_at(connection, 99)
    assert first == (1, records[0].hash.hex(), 15)
    assert last == (2, records[1].hash.hex(), 25)


def test_a_record_without_a_status_is_told() -> None:
    with pytest.raises(ValueError, match="a record of device/b in the ledger has no status; run `noc ledger verify`"):
        Gathered(lambda _: True).take([("device/a", 1, "up"), ("device/b", 2, "")])
