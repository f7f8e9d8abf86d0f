"""The database when it is cut off, damaged, locked, or of another noc: one error with the file and the remedy."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from noc.model.transition import Transition
from noc.state import checkpoint, handling, ledger
from noc.state import database as module
from noc.state.database import Database, StateError


def transition(number: int) -> Transition:
    return Transition(
        f"device/{number}", "down", "up", number, number + 1, "icmp", "p", "confirmed", ((number, False),)
    )


async def write(database: Database, number: int) -> None:
    async with database.write() as connection:
        records = await ledger.append(connection, [transition(number)])
        await handling.put(connection, [transition(number)], records)


async def test_a_write_that_is_cut_off_keeps_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 50)
    database = Database(tmp_path / "noc.db")
    await database.start()
    kept: list[TimeoutError] = []
    for number in range(200):  # at moments all over what a write does; about one in forty left a lock
        try:
            async with asyncio.timeout(number % 40 / 10_000):
                await write(database, number)
        except TimeoutError as cut:
            kept.append(cut)  # who holds the error holds the connection that was cut off
    assert kept
    await write(database, 1000)
    async with database.read() as connection:
        verdict = await ledger.verify(connection)
        assert verdict.broken is None
        assert verdict.records == await handling.waiting(connection)  # a group is there whole, or not at all
    await database.stop()


async def test_a_damaged_file_is_named_whenever_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "noc.db"
    database = Database(path)
    await database.start()
    async with database.write() as connection:
        await ledger.append(connection, [transition(number) for number in range(500)])
    await database.stop()
    data = bytearray(path.read_bytes())
    data[3 * 4096 :] = b"\xa5" * (len(data) - 3 * 4096)
    path.write_bytes(data)
    told = ""
    try:
        await database.start()
        async with database.read() as connection:
            await ledger.latest(connection)
    except StateError as error:
        told = str(error)
    await database.stop()
    assert told.startswith(f"{path}: ")
    assert "the file is damaged; move it away and restore a backup" in told


async def test_a_file_of_a_newer_noc_is_named(database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateError, match=r"noc\.db: .*newer noc \(schema 9999\); start that one"):
        await Database(database.path).start()


async def test_a_lock_of_another_program_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 20)
    other = Database(database.path)
    await other.start()
    async with database.write():
        with pytest.raises(StateError, match="locked: another program is writing"):
            await write(other, 1)
    await write(other, 2)
    await other.stop()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"x", id="no zlib"),
        pytest.param(zlib.compress(b"[]")[:-3], id="cut off"),
        pytest.param(zlib.compress(b'{"form": 99, "rows": []}'), id="of a newer noc"),
        pytest.param(zlib.compress(b"[1, 2]"), id="no rows"),
        pytest.param(zlib.compress(b"\xff"), id="no text"),
    ],
)
async def test_a_checkpoint_that_can_not_be_read_is_left_out(
    database: Database, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.write() as connection:
        await checkpoint.save(connection, "statuses", 5, [("device/a", "up", 1)])
    async with database.read() as connection:
        assert await checkpoint.load(connection, "statuses") == (5, [("device/a", "up", 1)])
    with closing(sqlite3.connect(database.path)) as raw, raw:
        raw.execute("UPDATE checkpoint SET body = ?", (body,))
    async with database.read() as connection:
        assert await checkpoint.load(connection, "statuses") is None
    assert "'statuses' is left out" in caplog.text


async def test_a_reader_sees_one_state_whatever_is_written_meanwhile(database: Database) -> None:
    count = text("SELECT count(*) FROM checkpoint")
    async with database.read() as reading:
        before = (await reading.execute(count)).scalar()
        async with database.write() as writing:
            await writing.execute(text("INSERT INTO checkpoint (name, at_ms, body) VALUES ('a', 1, 'x')"))
        assert (await reading.execute(count)).scalar() == before == 0
    async with database.read() as reading:
        assert (await reading.execute(count)).scalar() == 1


async def test_what_is_under_way_when_it_is_closed_is_ended_first_and_nothing_stays_open(tmp_path: Path) -> None:
    async def read() -> int:
        async with database.read() as connection:
            return int((await connection.execute(text("SELECT 1"))).scalar_one())

    for steps in range(12):  # so many steps into its first connection a reader is when all is closed
        database = Database(tmp_path / "noc.db")
        await database.start()
        reading = asyncio.create_task(read())
        for _ in range(steps):
            await asyncio.sleep(0)
        if steps % 2:
            reading.cancel()
        await database.stop()
        (found,) = await asyncio.gather(reading, return_exceptions=True)
        assert found == 1 or isinstance(found, (StateError, asyncio.CancelledError))
        async with asyncio.timeout(10):  # the thread of one that was cut off ends in its own time
            while any("_connection_worker" in thread.name for thread in threading.enumerate()):
                await asyncio.sleep(0.001)
