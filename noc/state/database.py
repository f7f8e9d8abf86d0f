"""The state database: connections, transactions that can't lose an update, migrations at start.

SQLite's driver begins transactions late, so that read-then-write loses updates without an error; here every write
transaction begins with BEGIN IMMEDIATE, over a pool of one connection.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from noc.model.errors import NocError
from noc.state import schema
from noc.state.driver import connect

log = logging.getLogger(__name__)

Transaction = AsyncConnection
"""An open transaction, by a name for rooms that don't know SQLAlchemy."""

BUSY_TIMEOUT_MS = 10_000
READERS = 4
SQLITE_VERSION = sqlite3.sqlite_version
CLOSING_LOOKS, CLOSING_LOOK_S = 500, 0.01


_FAULTS_OF_NOC = (IntegrityError, DataError, ProgrammingError)
"""What the database says of a statement, and not of itself."""


class StateError(NocError):
    """The state database can't be used. The text names it and says what to do."""


class _Driver(sqlite3.Connection):
    """A connection that gives its locks back when it is closed.

    A transaction that was cut off (a request that took too long) leaves statements behind, and with them SQLite keeps a
    closed connection open, and locked, until Python's collector comes by.
    """

    def close(self) -> None:
        """Roll back what is not committed, and close."""
        if self.in_transaction:
            self.rollback()
        super().close()


class _Driven(Protocol):
    """A connection of the driver."""

    @property
    def in_transaction(self) -> bool:
        """Tell whether it is in a transaction. Raises ValueError once it is closed."""
        ...

    def stop(self) -> object:
        """Have its thread close it, and end."""
        ...


class Database:
    """The state of one noc: a SQLite file.

    lasting: what is committed survives a power cut, and the event loop goes on meanwhile; a rehearsal needs neither.
    """

    def __init__(self, path: Path, *, lasting: bool = True) -> None:
        self.path = path
        self._lasting = lasting
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._writing = asyncio.Lock()
        self._drivers: list[_Driven] = []
        self._users = 0

    async def start(self) -> None:
        """Open the file, make it if need be, and bring its schema up to date. Raises StateError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StateError(f"{self.path.parent}: can't make the folder of the state: {reason}") from error
        url = f"sqlite+aiosqlite:///{self.path}"
        # The driver begins no transactions of its own, the listeners below do: it would for what writes alone, and two
        # questions of one reader could see two states.
        how = {"factory": _Driver, "async_creator_fn": connect, "alone": not self._lasting, "isolation_level": None}
        self._writer = create_async_engine(url, poolclass=StaticPool, connect_args=how)
        self._reader = create_async_engine(url, pool_size=READERS, max_overflow=0, connect_args=how)
        for engine in (self._writer, self._reader):
            event.listen(engine.sync_engine, "connect", self._connected)
        event.listen(self._writer.sync_engine, "begin", _begin_immediate)
        event.listen(self._reader.sync_engine, "begin", _begin)
        try:
            async with self._writer.begin() as connection:
                await connection.run_sync(migrate)
            self.path.chmod(0o600)
        except DatabaseError as error:
            await self.stop()
            raise StateError(f"{self.path}: {_plain(error)}") from error
        except OSError as error:
            await self.stop()
            reason = (error.strerror or str(error)).lower()
            raise StateError(f"{self.path}: {reason}: noc must own the file, or run as its owner") from error
        except StateError as error:
            await self.stop()
            raise StateError(f"{self.path}: {error}") from error

    async def stop(self) -> None:
        """Close all connections, after those transactions that are open; no new one begins."""
        engines = [engine for engine in (self._reader, self._writer) if engine is not None]
        self._writer = self._reader = None
        await _until(lambda: self._users == 0)  # else one that is just connecting would stay open for ever
        for engine in engines:
            await engine.dispose()
        for driver in filter(_is_open, self._drivers):
            driver.stop()
        await _until(lambda: not any(map(_is_open, self._drivers)))
        self._drivers.clear()

    def _connected(self, connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        """Prepare a new connection, and hold it until it is closed.

        One whose transaction was cut off is closed by its thread, in its own time, after the pool has let go of it.
        """
        self._drivers[:] = filter(_is_open, self._drivers)
        driver: _Driven | None = entry.driver_connection
        if driver is not None:
            self._drivers.append(driver)
        _prepare(connection, lasting=self._lasting)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may write; committed at the end, rolled back by an exception.

        Raises StateError when the database can't take it (a full disk, a lock that isn't given back, a damaged file).
        """
        with self._used(self._writer) as engine:
            async with self._writing, engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; it sees one state of the whole database. Raises StateError."""
        with self._used(self._reader) as engine:
            async with engine.connect() as connection:
                yield connection

    @contextmanager
    def _used(self, engine: AsyncEngine | None) -> Iterator[AsyncEngine]:
        if engine is None:
            raise StateError(f"{self.path}: the state database is not open")
        self._users += 1
        try:
            yield engine
        except _FAULTS_OF_NOC:
            raise
        except DatabaseError as error:
            raise StateError(f"{self.path}: {_plain(error)}") from error
        finally:
            self._users -= 1


def migrate(connection: Connection) -> None:
    """Bring the schema up to date, in one transaction. Raises StateError where the file is of a newer noc."""
    current, known = schema.current(connection), schema.revisions()
    if current is not None and current not in known:
        raise StateError(
            f"the state database is of a newer noc (schema {current}); start that one, or restore a backup"
        )
    if current == known[-1]:
        return
    log.info("state database: schema %s to %s", current or "none", known[-1])
    from noc.state.upgrade import upgrade  # noqa: PLC0415 see there, and noc/state/schema.py

    upgrade(connection)


async def _until(met: Callable[[], bool]) -> None:
    """Wait for something while closing, and not for ever."""
    for _ in range(CLOSING_LOOKS):
        if met():
            break
        await asyncio.sleep(CLOSING_LOOK_S)


def _is_open(driver: _Driven) -> bool:
    try:
        return isinstance(driver.in_transaction, bool)
    except (ValueError, sqlite3.ProgrammingError):
        return False


def _prepare(connection: DBAPIConnection, *, lasting: bool) -> None:
    cursor = connection.cursor()
    synchronous = f"synchronous={'FULL' if lasting else 'OFF'}"
    for setting in ("journal_mode=WAL", synchronous, "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _plain(error: DatabaseError) -> str:
    reason = str(error.orig or error)
    if "disk is full" in reason:
        return f"{reason}: make room; nothing that was committed is lost"
    if any(word in reason for word in ("not a database", "malformed", "decode to UTF-8")):
        return f"{reason}: the file is damaged; move it away and restore a backup"
    if "unable to open" in reason:
        return f"{reason}: is the folder there, and may noc write to it?"
    if "readonly" in reason:
        return f"{reason}: noc must own the file and its folder, or run as their owner"
    if "locked" in reason:
        return f"{reason}: another program is writing to it for longer than {BUSY_TIMEOUT_MS // 1000} s; end that one"
    return reason
