"""Rows of the ledger as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from noc.http.scope import EVERYTHING, Scope
from noc.model.transition import Status, Transition
from noc.state import ledger
from noc.state.database import Database
from noc.web.ledgerrows import ROWS_AT_MOST, ledger_rows
from tests.database import empty_database
from tests.unit.noc.http.house import INVENTORY

NAIROBI = "device/nbo-rtr-1"
BOTH = (NAIROBI, "device/bds-rtr-1")


def went(entity: str, status: Status, since_ms: int) -> Transition:
    before: Status = "up" if status == "down" else "down"
    seen = ((since_ms, False), (since_ms + 15, status == "up"))
    return Transition(entity, status, before, since_ms, since_ms + 15, "uptime", "centre", "confirmed", seen)


@pytest.fixture
async def database(tmp_path: Path) -> Iterator[Database]:  # type: ignore[misc]  # a fixture
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    yield made
    await made.stop()


async def test_the_newest_come_first_with_their_evidence_and_what_others_may_see_is_left_out(
    database: Database,
) -> None:
    changes = [went(BOTH[1], "down", 1_000), went(NAIROBI, "down", 2_000), went(NAIROBI, "up", 9_000)]
    async with database.write() as connection:
        records = await ledger.append(connection, changes)
    async with database.read() as connection:
        all_of = await ledger_rows(connection, INVENTORY, EVERYTHING, BOTH, 0, 9_000)
        africa = await ledger_rows(connection, INVENTORY, Scope(frozenset({"africa"})), BOTH, 0, 9_000)
    assert [row.seq for row in all_of] == [2, 1]
    assert all_of[0].change == changes[1]
    assert all_of[0].hash == records[1].hash.hex()
    assert [row.where.entity for row in africa] == [NAIROBI]


async def test_a_damaged_row_is_shown_as_such_and_there_are_not_too_many(database: Database) -> None:
    async with database.write() as connection:
        await ledger.append(connection, [went(NAIROBI, "down", 1_000 + at) for at in range(ROWS_AT_MOST + 1)])
        await connection.execute(text("DROP TRIGGER ledger_no_update"))
        await connection.execute(text("UPDATE ledger SET body = '{' WHERE seq = (SELECT max(seq) FROM ledger)"))
    async with database.read() as connection:
        rows = await ledger_rows(connection, INVENTORY, EVERYTHING, BOTH, 0, 9_000)
    assert len(rows) == ROWS_AT_MOST
    assert rows[0].change is None
    assert rows[1].change is not None
