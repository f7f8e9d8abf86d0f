"""Sealing: once a day, after midnight UTC, and told until it was heard."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.sealing import AFTER_MIDNIGHT_S, Sealing, seal_json, seal_text, tellers
from noc.app.settings import SealSettings
from noc.clock import ManualClock
from noc.model.clockstep import ClockStep
from noc.model.errors import ReachError
from noc.model.instants import to_ms
from noc.model.seal import Seal
from noc.state import ledger, sealing
from noc.state.database import Database
from noc.state.records import recorded_of
from tests.database import empty_database

EVENING = datetime(2026, 11, 20, 22, tzinfo=UTC)
MIDNIGHT_MS = to_ms(datetime(2026, 11, 21, tzinfo=UTC))


class Listener:
    """Somebody outside: hears nothing the first `deaf` times."""

    def __init__(self, deaf: int = 0) -> None:
        self.deaf = deaf
        self.heard: list[Seal] = []

    async def __call__(self, seal: Seal) -> None:
        if self.deaf:
            self.deaf -= 1
            raise ReachError("nobody is at home")
        self.heard.append(seal)


async def opened(tmp_path: Path, records: int = 1) -> Database:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        await ledger.append(connection, [ClockStep("poller/hq", number, number) for number in range(records)])
    return database


async def passed(database: Database, clock: ManualClock, *steps_s: float) -> None:
    """Let time pass; after each step, what fell due has written, as writers go one after the other."""
    for step_s in steps_s:
        await clock.advance(step_s)
        async with database.write():
            pass
        await clock.advance(0)


async def seals(database: Database) -> list[Seal]:
    async with database.read() as connection:
        found = [recorded_of(one.kind, one.body) async for one in ledger.read(connection) if one.kind == "seal"]
    return [one for one in found if isinstance(one, Seal)]


async def test_a_day_is_sealed_once_when_it_is_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    database, clock, listener = await opened(tmp_path, 7), ManualClock(EVENING), Listener()
    service = Sealing(database, clock, "hq", {"listener": listener})
    await service.start()
    await passed(database, clock, 0)
    await service.stop()
    [before] = await seals(database)  # of the day before, as nothing was sealed yet
    assert (before.day, before.records) == ("2026-11-19", 7)
    service = Sealing(database, clock, "hq", {"listener": listener})
    await service.start()
    await passed(database, clock, 0, timedelta(hours=2).total_seconds() + AFTER_MIDNIGHT_S)
    await service.stop()
    _, made = await seals(database)
    async with database.read() as connection:
        sealed = await ledger.record_of(connection, 8)
        assert (await ledger.verify(connection)).records == 9
    assert sealed is not None
    assert made == Seal("poller/hq", MIDNIGHT_MS, "2026-11-20", 8, sealed.hash.hex())
    assert listener.heard[-1] == made
    assert f"seal 2026-11-20:8:{made.hash}" in caplog.text
    async with database.write() as connection:
        assert await sealing.seal(connection, "poller/hq", MIDNIGHT_MS) is None
    await database.stop()


async def test_a_day_without_a_ledger_is_not_sealed(tmp_path: Path) -> None:
    database = await opened(tmp_path, 0)
    async with database.write() as connection:
        assert await sealing.seal(connection, "poller/hq", MIDNIGHT_MS) is None
        await ledger.append(connection, [ClockStep("poller/hq", MIDNIGHT_MS, MIDNIGHT_MS)])
        assert await sealing.seal(connection, "poller/hq", MIDNIGHT_MS) is None
        made = await sealing.seal(connection, "poller/hq", MIDNIGHT_MS + sealing.DAY_MS)
    assert made is not None
    assert (made.day, made.records) == ("2026-11-21", 1)
    await database.stop()


async def test_a_seal_is_told_until_it_is_heard(tmp_path: Path) -> None:
    database, clock = await opened(tmp_path), ManualClock(EVENING)
    deaf, good = Listener(deaf=3), Listener()
    service = Sealing(database, clock, "hq", {"deaf": deaf, "good": good})
    await service.start()
    await passed(database, clock, 0, *[30] * 12)
    await service.stop()
    assert [len(deaf.heard), len(good.heard)] == [1, 1]
    await database.stop()


async def test_a_file_has_each_seal_on_one_line(tmp_path: Path) -> None:
    told = tellers(SealSettings(file=Path("seals/noc.txt")), tmp_path, "hq")
    [tell] = told.values()
    one = Seal("poller/hq", MIDNIGHT_MS, "2026-11-20", 8, "ab" * 32)
    for seal in (one, one, Seal("poller/hq", MIDNIGHT_MS, "2026-11-21", 9, "cd" * 32)):
        await tell(seal)
    lines = (tmp_path / "seals" / "noc.txt").read_text().splitlines()
    assert lines == [f"2026-11-20:8:{'ab' * 32}", f"2026-11-21:9:{'cd' * 32}"]
    assert lines[0] == seal_text(one)
    assert json.loads(seal_json(one)) == {
        "day": "2026-11-20",
        "record": 8,
        "hash": "ab" * 32,
        "poller": "poller/hq",
    }
