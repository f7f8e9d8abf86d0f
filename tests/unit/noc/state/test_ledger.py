"""The ledger: append-only, chained, and any single change of the past shows."""

from __future__ import annotations

import asyncio
import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from noc.model.clockstep import ClockStep
from noc.model.transition import Status, Transition
from noc.state import checkpoint, ledger
from noc.state.database import Database, StateError
from noc.state.records import recorded_of


def transition(number: int, status: Status = "down", entity: str = "device/nbo-rtr-1") -> Transition:
    before: Status = "down" if status == "up" else "up"
    since = 1_772_323_200_000 + number * 1000
    return Transition(entity, status, before, since, since + 30_000, "icmp", "brindisi", "confirmed", ((since, False),))


async def write(database: Database, *transitions: Transition) -> list[ledger.Record]:
    async with database.write() as connection:
        return await ledger.append(connection, transitions)


async def verify(database: Database) -> ledger.Verdict:
    async with database.read() as connection:
        return await ledger.verify(connection)


def tamper(database: Database, *statements: str) -> None:
    """Change the past as somebody with the file in his hands would: without the triggers."""
    with sqlite3.connect(database.path) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER ledger_no_{verb}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


async def test_records_come_back_as_they_were_written(database: Database) -> None:
    written = [transition(1), transition(2, "up"), transition(3, entity="device/وصل")]
    await write(database, *written[:2])
    await write(database, written[2])
    async with database.read() as connection:
        records = [record async for record in ledger.read(connection)]
        assert [ledger.transition_of(record) for record in records] == written
        assert [record.seq for record in records] == [1, 2, 3]
        of_one = [record.seq async for record in ledger.read(connection, entity="device/nbo-rtr-1")]
        assert of_one == [1, 2]
        assert await ledger.latest(connection) == {"device/nbo-rtr-1": written[1], "device/وصل": written[2]}
        assert await ledger.latest(connection, ["device/وصل", "device/x"]) == {"device/وصل": written[2]}


async def test_an_untouched_chain_is_whole(database: Database) -> None:
    assert (await verify(database)).records == 0
    records = await write(database, *(transition(number) for number in range(50)))
    verdict = await verify(database)
    assert (verdict.records, verdict.last_hash, verdict.broken) == (50, records[-1].hash, None)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE ledger SET body = replace(body, 'down', 'up') WHERE seq = 7", 7),
        ("UPDATE ledger SET entity = 'device/other' WHERE seq = 7", 7),
        ("UPDATE ledger SET since_ms = since_ms + 1 WHERE seq = 7", 7),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE seq = 7", 7),
        ("UPDATE ledger SET body = 'x' WHERE seq = 7", 7),
        ("DELETE FROM ledger WHERE seq = 7", 8),
        ("DELETE FROM ledger WHERE seq = 1", 2),
        ("UPDATE ledger SET seq = 99 WHERE seq = 7", 8),
        ("INSERT INTO ledger SELECT 21, entity, kind, since_ms, body, hash FROM ledger WHERE seq = 20", 21),
    ],
)
async def test_any_change_of_the_past_is_named(database: Database, statement: str, broken_at: int) -> None:
    await write(database, *(transition(number) for number in range(20)))
    tamper(database, statement)
    verdict = await verify(database)
    assert verdict.broken is not None
    assert verdict.broken.seq == broken_at


async def test_two_records_that_change_places_are_named(database: Database) -> None:
    await write(database, *(transition(number) for number in range(20)))
    tamper(
        database,
        "UPDATE ledger SET seq = 1000 WHERE seq = 5",
        "UPDATE ledger SET seq = 5 WHERE seq = 6",
        "UPDATE ledger SET seq = 6 WHERE seq = 1000",
    )
    verdict = await verify(database)
    assert verdict.broken is not None
    assert verdict.broken.seq == 5


@pytest.mark.parametrize("statement", ["UPDATE ledger SET kind = 'x'", "DELETE FROM ledger"])
async def test_the_database_itself_refuses_to_change_the_past(database: Database, statement: str) -> None:
    await write(database, transition(1))
    with sqlite3.connect(database.path) as connection, pytest.raises(sqlite3.DatabaseError, match="append-only"):
        connection.execute(statement)
    connection.close()


async def test_writers_at_the_same_time_make_one_chain(database: Database) -> None:
    await asyncio.gather(*(write(database, transition(number)) for number in range(40)))
    verdict = await verify(database)
    assert (verdict.records, verdict.broken) == (40, None)


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await ledger.append(connection, [transition(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await verify(database)).records == 0


async def test_the_ledger_is_there_after_a_restart(tmp_path: Path) -> None:
    for number in range(3):
        database = Database(tmp_path / "state" / "noc.db")
        await database.start()
        await write(database, transition(number))
        await database.stop()
    database = Database(tmp_path / "state" / "noc.db")
    await database.start()
    assert (await verify(database)).records == 3
    assert database.path.stat().st_mode & 0o077 == 0
    await database.stop()


async def test_a_checkpoint_is_replaced_and_comes_back(database: Database) -> None:
    async with database.read() as connection:
        assert await checkpoint.load(connection, "statuses") is None
    for number in range(2):
        async with database.write() as connection:
            await checkpoint.save(connection, "statuses", number, [("device/a", number, True, None)])
    async with database.read() as connection:
        assert await checkpoint.load(connection, "statuses") == (1, [("device/a", 1, True, None)])


async def test_a_file_that_is_no_database_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "noc.db").write_text("this is no database, it is a text that is longer than a page header" * 20)
    with pytest.raises(StateError, match="damaged; move it away and restore a backup"):
        await Database(tmp_path / "noc.db").start()


async def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="can't make the folder"):
        await Database(tmp_path / "file" / "noc.db").start()


async def test_what_is_not_open_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "noc.db")
    with pytest.raises(StateError, match="not open"):
        async with database.write():
            pass
    with pytest.raises(StateError, match="not open"):
        async with database.read():
            pass


async def test_a_damaged_record_is_told_and_the_others_are_known(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await write(database, transition(1, entity="device/a"), transition(2, entity="device/b"))
    tamper(database, "UPDATE ledger SET body = '{broken' WHERE seq = 1")
    async with database.read() as connection:
        assert list(await ledger.latest(connection)) == ["device/b"]
    assert "record 1 of the ledger is damaged" in caplog.text


async def test_a_long_ledger_is_read_in_parts_with_turns_for_others_in_between(database: Database) -> None:
    whole = 2 * ledger.ROWS_AT_ONCE + 100
    await write(database, *(transition(number, entity=f"device/{number}") for number in range(whole)))
    read, seen_at_turns = 0, [0]

    async def others() -> None:
        while True:
            seen_at_turns.append(read)
            await asyncio.sleep(0)

    turns = asyncio.create_task(others())
    async with database.read() as connection:
        async for _ in ledger.read(connection):
            read += 1
        assert len(await ledger.latest(connection)) == whole
    turns.cancel()
    assert read == whole
    assert max(later - earlier for earlier, later in pairwise([*seen_at_turns, read])) <= 500
    assert (await verify(database)).records == whole


async def test_a_step_of_the_clock_is_in_the_chain_and_hides_no_transition(database: Database) -> None:
    step = ClockStep("device/a", 5_000, 1_000)
    async with database.write() as connection:
        await ledger.append(connection, [transition(1, entity="device/a"), step, transition(2, entity="device/b")])
        await ledger.append(connection, [ClockStep("poller/hq", 6_000, 6_000)])
    async with database.read() as connection:
        assert await ledger.latest(connection) == {
            "device/a": transition(1, entity="device/a"),
            "device/b": transition(2, entity="device/b"),
        }
        records = [record async for record in ledger.read(connection)]
        assert recorded_of(records[1].kind, records[1].body) == step
        assert await ledger.latest_ms(connection) == transition(2).since_ms
    assert (await verify(database)).records == 4
