"""The driver of the state database: aiosqlite, with one trip to its thread for a statement instead of four.

Each trip wakes two threads, which takes longer than most statements do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Final, Literal, Self, TypeAlias, TypeVar

from aiosqlite import Connection

Value: TypeAlias = str | bytes | int | float | None
Row: TypeAlias = tuple[Value, ...]
Description: TypeAlias = tuple[tuple[str, None, None, None, None, None, None], ...]

ROWS_AT_FIRST: Final = 100
"""Rows that come with the statement's own trip; only a longer answer needs another one."""

_Result = TypeVar("_Result")


class Rows:
    """A cursor as SQLAlchemy uses it. What it does not ask for before `execute` is not there before it."""

    def __init__(self, connection: ShortWay) -> None:
        self.arraysize = 1
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._first: list[Row] = []
        self._more = False

    @property
    def description(self) -> Description | None:
        """Return the names of the columns; None where a statement has no rows."""
        return None if self._cursor is None else self._cursor.description

    @property
    def rowcount(self) -> int:
        """Return how many rows a statement changed; -1 where it can change none."""
        return -1 if self._cursor is None else self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Return the number of the row that was written last."""
        return None if self._cursor is None else self._cursor.lastrowid

    async def __aenter__(self) -> Self:
        """Return this; it costs nothing."""
        return self

    async def execute(self, sql: str, parameters: Sequence[Value] = ()) -> Rows:
        """Run a statement and bring its first rows. Raises sqlite3.Error."""
        self._cursor, self._first, self._more = await self._connection.run(partial(_first_rows, sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Value]]) -> Rows:
        """Run a statement for each of the parameters. Raises sqlite3.Error."""
        self._cursor, self._first, self._more = await self._connection.run(partial(_many, sql, parameters))
        return self

    async def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        first, self._first = self._first, []
        if self._cursor is None or not self._more:
            return first
        self._more = False
        cursor = self._cursor
        return first + await self._connection.run(lambda _: cursor.fetchall())

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return so many rows; fewer at the end."""
        size = size or self.arraysize
        rows, self._first = self._first[:size], self._first[size:]
        if self._cursor is not None and self._more and len(rows) < size:
            cursor, missing = self._cursor, size - len(rows)
            fresh: list[Row] = await self._connection.run(lambda _: cursor.fetchmany(missing))
            self._more = len(fresh) == missing
            rows += fresh
        return rows

    async def fetchone(self) -> Row | None:
        """Return a row, None at the end."""
        return next(iter(await self.fetchmany(1)), None)

    async def __aiter__(self) -> AsyncIterator[Row]:
        """Yield all rows that are left."""
        while rows := await self.fetchmany(ROWS_AT_FIRST):
            for row in rows:
                yield row

    async def close(self) -> None:
        """Let go of rows that nobody asked for."""
        self._first = []
        if self._cursor is not None and self._more:
            self._more = False
            cursor = self._cursor
            await self._connection.run(lambda _: cursor.close())


class ShortWay(Connection):
    """A connection whose cursors make one trip, and whose commit and rollback make none where there is nothing."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, ROWS_AT_FIRST)
        self._asked = self._done = 0
        self._thread.daemon = True  # as SQLAlchemy has it: a connection that nobody closes must not keep noc alive

    def cursor(self) -> Rows:  # type: ignore[override]  # that one is made by a trip of its own
        """Return a cursor, at once."""
        return Rows(self)

    async def commit(self) -> None:
        """Commit what is open. Raises sqlite3.Error."""
        if not self._is_at_rest:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back what is open. Raises sqlite3.Error."""
        if not self._is_at_rest:
            await super().rollback()

    async def run(self, do: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do something in the connection's thread. Raises what that raises; ValueError once it is closed."""
        self._asked += 1
        found: _Result = await self._execute(self._do, do)  # type: ignore[no-untyped-call]
        return found

    def _do(self, do: Callable[[sqlite3.Connection], _Result]) -> _Result:
        try:
            return do(self._conn)
        finally:
            self._done += 1

    @property
    def _is_at_rest(self) -> bool:
        """Tell whether there is nothing to commit.

        What was cut off may still be under way in the thread, and begin a transaction: then this is not known.
        """
        return self._asked == self._done and not self.in_transaction


class NoWay(ShortWay):
    """A connection that makes no trips: each statement keeps the event loop waiting, which is faster where nothing else
    runs in it.
    """

    async def commit(self) -> None:
        """Commit what is open. Raises sqlite3.Error."""
        self._conn.commit()

    async def rollback(self) -> None:
        """Roll back what is open. Raises sqlite3.Error."""
        self._conn.rollback()

    async def run(self, do: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do something at once. Raises what that raises; ValueError once it is closed."""
        return do(self._conn)


async def connect(
    database: str,
    factory: type[sqlite3.Connection],
    isolation_level: Literal["DEFERRED"] | None = "DEFERRED",
    *,
    alone: bool = False,
    **options: bool,
) -> ShortWay:
    """Open a database. alone: nothing else runs in the event loop. options: of the driver. Raises sqlite3.Error."""

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(database, factory=factory, isolation_level=isolation_level, **options)

    connection = NoWay(opened) if alone else ShortWay(opened)
    await connection
    return connection


def _first_rows(
    sql: str, parameters: Sequence[Value], connection: sqlite3.Connection
) -> tuple[sqlite3.Cursor, list[Row], bool]:
    cursor = connection.execute(sql, parameters)
    rows = cursor.fetchmany(ROWS_AT_FIRST)
    more = len(rows) == ROWS_AT_FIRST
    if not more:
        cursor.close()  # what it says of columns and of what was written stays
    return cursor, rows, more


def _many(
    sql: str, parameters: Iterable[Sequence[Value]], connection: sqlite3.Connection
) -> tuple[sqlite3.Cursor, list[Row], bool]:
    cursor = connection.executemany(sql, parameters)
    cursor.close()
    return cursor, [], False
