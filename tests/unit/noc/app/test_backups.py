"""Which copies are due: when the last good one is old, when a device told of a change, when the last try failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors._ports import Target
from noc.app.backups import Backups
from noc.clock import ManualClock
from noc.inventory.ssh import Backup
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.reading import Failure, FailureKind, Reading, SshAnswer
from noc.state import configurations
from noc.state.database import Database
from tests.database import empty_database
from tests.things import device, watch

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WANTED = Backup(every=timedelta(hours=24), keep=2)
DEVICE = device(watched=watch(backup=WANTED))
CHECK = Check(DEVICE.entity, "backup", 3600.0, 300.0)
TARGET = Target(CHECK, DEVICE)
TEXT = "hostname a\nenable secret 5 S3cr3t\ninterface x\nend"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def make(database: Database, clock: ManualClock) -> Backups:
    return Backups(database, clock, lambda name: WANTED if name == DEVICE.id else None)


def reading(at: datetime, text: str | None = TEXT) -> Reading:
    answers = None if text is None else (SshAnswer("cisco-ios", "show running-config", text, 0.1),)
    return Reading("backup", "192.0.2.1", "here", at, 0.1, ssh=answers)


def failed(at: datetime) -> Reading:
    return replace(reading(at, None), failure=Failure(FailureKind.AUTH, "the log-in was refused"))


async def test_a_copy_is_due_by_age_after_a_failure_and_after_a_change(database: Database, clock: ManualClock) -> None:
    backups = make(database, clock)
    assert backups.due(TARGET, NOW)
    backups.take(CHECK, failed(NOW), {})
    assert backups.due(TARGET, NOW + timedelta(hours=1))
    backups.take(CHECK, reading(NOW + timedelta(hours=1)), {})
    assert not backups.due(TARGET, NOW + timedelta(hours=2))
    assert not backups.due(TARGET, NOW + timedelta(hours=24))
    assert backups.due(TARGET, NOW + timedelta(hours=25))
    assert backups.changed("device/nobody") is None
    assert backups.changed(DEVICE.entity) == 60  # it was copied a moment ago by this clock
    assert backups.due(TARGET, NOW + timedelta(hours=2))
    backups.take(CHECK, reading(NOW + timedelta(hours=2)), {})
    assert not backups.due(TARGET, NOW + timedelta(hours=3))
    await clock.advance(timedelta(hours=2, seconds=45).total_seconds())
    assert backups.changed(DEVICE.entity) == 15
    await clock.advance(15)
    assert backups.changed(DEVICE.entity) == 0


async def test_how_old_the_last_good_copy_is_is_a_number(database: Database, clock: ManualClock) -> None:
    backups = make(database, clock)
    (first,) = backups.take(CHECK, failed(NOW), {"device": "d"})
    assert first.values == ((0.0, 0.0, 0.0),)
    (later,) = backups.take(CHECK, failed(NOW + timedelta(hours=72)), {})
    assert later.values == ((72 * 3600.0, 3.0, 0.0),)  # never copied: since the first try
    (good,) = backups.take(CHECK, reading(NOW + timedelta(hours=73)), {})
    assert good.values == ((0.0, 0.0, 1.0),)
    (looked,) = backups.take(CHECK, reading(NOW + timedelta(hours=85), None), {})
    assert looked.values == ((12 * 3600.0, 0.5, 1.0),)


async def test_what_is_known_survives_a_restart_and_holds_no_secret(database: Database, clock: ManualClock) -> None:
    backups = make(database, clock)
    await backups.start()
    backups.take(CHECK, reading(NOW), {})
    backups.take(CHECK, reading(NOW + timedelta(hours=1), TEXT.replace("x", "y")), {})
    backups.take(CHECK, reading(NOW + timedelta(hours=2), "% no privilege"), {})
    await backups.stop()
    async with database.read() as connection:
        versions = await configurations.versions(connection, DEVICE.id, 10)
        texts = [await configurations.text_of(connection, DEVICE.id, one.id) or "" for one in versions]
        states = await configurations.states(connection)
    assert [one.first_ms for one in versions] == [to_ms(NOW + timedelta(hours=1)), to_ms(NOW)]
    assert not any("S3cr3t" in text for text in texts)
    assert "is no configuration" in states[DEVICE.id].error
    again = make(database, clock)
    await again.start()
    assert again.due(TARGET, NOW + timedelta(hours=3))  # the last try failed
    await again.stop()
