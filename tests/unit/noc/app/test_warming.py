"""The ledger is read for figures soon after the start: the first question finds it in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from noc.app.figures import Figures
from noc.app.warming import AFTER_S, Warming
from noc.availability.policy import Period
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.transition import Transition
from noc.state import ledger
from noc.state.database import Database, Transaction
from noc.state.tables import ledger as records
from tests.database import empty_database
from tests.things import device

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = to_ms(NOON)
HOUR_MS = 3_600_000
KNOWN = Inventory(devices={"a": device("a")})


async def told(path: Path) -> Database:
    database = empty_database(path)
    await database.start()
    up = Transition("device/a", "up", "unknown", NOON_MS, NOON_MS, "icmp", "p", "confirmed", ())
    down = Transition("device/a", "down", "up", NOON_MS + HOUR_MS, NOON_MS + HOUR_MS, "icmp", "p", "confirmed", ())
    async with database.write() as connection:
        await ledger.append(connection, [up, down])
    return database


async def not_guarded(connection: Transaction) -> None:
    triggers = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for (name,) in triggers.all():
        await connection.execute(text(f"DROP TRIGGER {name}"))


async def known_up_ms(figures: Figures) -> int:
    answer = await figures.of(Period(NOON_MS, NOON_MS + 2 * HOUR_MS))
    return int(answer.entities["device/a"].figures.durations.up)


@pytest.mark.parametrize(("waited_s", "up_ms"), [(AFTER_S + 1, HOUR_MS), (AFTER_S - 1, 0)])
async def test_the_first_question_finds_the_ledger_in_memory(
    tmp_path: Path, waited_s: float, up_ms: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "noc.app.warming")
    database, clock = await told(tmp_path / "noc.db"), ManualClock(NOON + timedelta(hours=2))
    figures = Figures(database, lambda: KNOWN, clock)
    warming = Warming(figures, clock)
    await warming.start()
    await clock.advance(waited_s)
    await clock.advance(0)
    while waited_s > AFTER_S and "read 2 records" not in caplog.text:
        async with database.read():  # its thread has its turn
            await clock.advance(0)
    async with database.write() as connection:  # who reads the ledger only now doesn't find it
        await not_guarded(connection)
        await connection.execute(delete(records).where(records.c.seq == 1))
    assert await known_up_ms(figures) == up_ms
    await warming.stop()
    await database.stop()


async def test_it_is_cut_off_where_noc_stops(tmp_path: Path) -> None:
    database, clock = await told(tmp_path / "noc.db"), ManualClock(NOON)
    warming = Warming(Figures(database, lambda: KNOWN, clock), clock)
    await warming.start()
    await clock.advance(AFTER_S)
    await warming.stop()
    await database.stop()


async def test_a_ledger_that_can_not_be_read_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database, clock = await told(tmp_path / "noc.db"), ManualClock(NOON)
    figures = Figures(database, lambda: KNOWN, clock)
    warming = Warming(figures, clock)
    await warming.start()
    async with database.write() as connection:
        await not_guarded(connection)
        await connection.execute(records.update().values(body="{}").where(records.c.seq == 1))
    await clock.advance(AFTER_S)
    with pytest.raises(ValueError, match="noc ledger verify"):
        await figures.warm()
    await warming.stop()
    assert "could not be read for figures yet" in caplog.text
    await database.stop()
