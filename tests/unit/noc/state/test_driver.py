"""One trip to the thread for a statement, and nothing is lost on the way."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from noc.state.database import Database
from noc.state.driver import ROWS_AT_FIRST, ShortWay, connect

MANY = 3 * ROWS_AT_FIRST + 7
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 307) SELECT i FROM n"

_Result = TypeVar("_Result")


class Counting(ShortWay):
    """Counts its trips."""

    trips = 0

    async def run(self, do: Callable[[sqlite3.Connection], _Result]) -> _Result:
        self.trips += 1
        return await super().run(do)


@asynccontextmanager
async def counting() -> AsyncIterator[Counting]:
    connection = Counting(lambda: sqlite3.connect(":memory:", isolation_level=None))
    await connection
    try:
        yield connection
    finally:
        await connection.close()


async def test_statement_takes_one_trip() -> None:
    async with counting() as connection:
        rows = await connection.cursor().execute("SELECT 1, ?", ["x"])
        names = [column[0] for column in rows.description or ()]
        assert (await rows.fetchall(), names) == ([(1, "x")], ["1", "?"])
        await rows.close()
        assert connection.trips == 1


async def test_long_answer_comes_whole_and_in_order() -> None:
    async with counting() as connection:
        rows = await connection.cursor().execute(NUMBERS)
        assert await rows.fetchall() == [(number,) for number in range(1, MANY + 1)]
        assert connection.trips == 2


@pytest.mark.parametrize("size", [1, 7, ROWS_AT_FIRST, ROWS_AT_FIRST + 1, MANY, MANY + 1])
async def test_answer_in_parts_is_whole(size: int) -> None:
    async with counting() as connection:
        rows, found = await connection.cursor().execute(NUMBERS), []
        while part := await rows.fetchmany(size):
            assert len(part) == size or not await rows.fetchmany(1)
            found += part
        assert found == [(number,) for number in range(1, MANY + 1)]


async def test_rows_are_iterated_and_fetched_singly() -> None:
    async with counting() as connection:
        rows = await connection.cursor().execute(NUMBERS)
        assert await rows.fetchone() == (1,)
        assert [number async for (number,) in rows] == list(range(2, MANY + 1))
        assert await rows.fetchone() is None


async def test_written_rows_are_counted_and_numbered() -> None:
    async with counting() as connection:
        await connection.cursor().execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
        many = await connection.cursor().executemany("INSERT INTO t (n) VALUES (?)", [(1,), (2,), (3,)])
        one = await connection.cursor().execute("INSERT INTO t (n) VALUES (4) RETURNING id")
        assert (many.rowcount, await one.fetchall(), one.lastrowid) == (3, [(4,)], 4)
        assert many.description is None


async def test_error_of_a_statement_is_told() -> None:
    async with counting() as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await connection.cursor().execute("SELECT * FROM nowhere")
        rows = await connection.cursor().execute("SELECT 1")
        assert await rows.fetchone() == (1,)


async def test_rollback_undoes_what_was_cut_off_before_it_began(tmp_path: Path) -> None:
    """A statement that nobody waits for any more may still begin a transaction: the rollback must come after it."""
    other = sqlite3.connect(tmp_path / "db", isolation_level=None)
    other.execute("CREATE TABLE t (n INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    connection = await connect(str(tmp_path / "db"), sqlite3.Connection, None)
    begin = asyncio.create_task(connection.cursor().execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0)
    begin.cancel()
    back = asyncio.create_task(connection.rollback())
    await asyncio.sleep(0)
    other.execute("COMMIT")
    await back
    assert not connection.in_transaction
    other.execute("INSERT INTO t VALUES (1)")  # nobody holds the lock
    other.close()
    await connection.close()


async def test_nothing_to_roll_back_costs_no_trip() -> None:
    async with counting() as connection:
        await connection.cursor().execute("SELECT 1")
        queued = connection._tx.qsize()
        await connection.rollback()
        await connection.commit()
        assert (connection.trips, connection._tx.qsize()) == (1, queued)


async def test_stream_of_the_database_is_whole(tmp_path: Path) -> None:
    database = Database(tmp_path / "noc.db")
    await database.start()
    async with database.read() as connection:
        found = [row.i async for row in await connection.stream(text(NUMBERS))]
    await database.stop()
    assert found == list(range(1, MANY + 1))
