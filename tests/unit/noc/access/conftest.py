"""A state database, and those who look after accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.access.callers import Callers
from noc.access.people import People
from noc.access.settings import AccountSettings
from noc.clock import ManualClock
from noc.state.database import Database
from tests.database import empty_database
from tests.hashing import cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def people(database: Database, clock: ManualClock, tmp_path: Path) -> People:
    return People(database, clock, tmp_path, AccountSettings())


@pytest.fixture
def callers(database: Database, clock: ManualClock) -> Callers:
    return Callers(database, clock, timedelta(hours=12), timedelta(days=7))
