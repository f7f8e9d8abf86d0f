"""What people change beside the settings goes to pollers that call people by themselves, and is the same there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.changes import Changes
from alerts.oncallnow import Policies
from noc.app.autonomychanges import changes_near, changes_of, with_changes
from noc.bus.tales import OpenIncidents, read_open, written
from noc.maintenance.occurrences import running
from noc.model.oncall import Override
from noc.model.window import WindowDecision
from noc.state import overrides, windows
from noc.state.database import Database
from tests.database import empty_database
from tests.unit.alerts.alerting import MINUTE, START_MS, inventory, settings

HOUR = 60 * MINUTE
KNOWN = inventory("a", "b")
SCOPE = frozenset({"a"})
AT_MS = START_MS + 90 * MINUTE


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    yield made
    await made.stop()


async def planned(database: Database, entity: str, *, is_approved: bool = True) -> None:
    span = (START_MS + HOUR, START_MS + 2 * HOUR)
    asked = WindowDecision(entity, START_MS, 0, "requested", *span, "", "UTC", (), "achieng", "firmware")
    async with database.write() as connection:
        made = await windows.request(connection, asked)
        if is_approved:
            await windows.approve(connection, made.number, who="berta", now_ms=START_MS + 1)


async def there(database: Database) -> Changes:
    """Return what a poller knows of it."""
    async with database.read() as connection:
        changes = await changes_near(connection, START_MS + 2)
    found = changes_of(read_open(written(with_changes(OpenIncidents(at_ms=1), changes, SCOPE, KNOWN))))
    assert found is not None
    return found


@pytest.mark.parametrize("entity", ["device/a", "interface/a/eth0", "site/s", "region/africa"])
async def test_a_window_over_the_scope_is_the_same_there(database: Database, entity: str) -> None:
    await planned(database, entity)
    [found] = (await there(database)).windows
    assert (found.entity, found.state) == (entity, "approved")
    assert running(found, AT_MS) is not None
    assert running(found, START_MS + 3 * HOUR) is None


async def test_what_is_elsewhere_or_not_approved_stays_here(database: Database) -> None:
    await planned(database, "device/b")
    await planned(database, "device/a", is_approved=False)
    assert (await there(database)).windows == []


async def test_a_window_that_is_taken_back_goes(database: Database) -> None:
    await planned(database, "device/a")
    async with database.write() as connection:
        await windows.cancel(connection, 1, who="berta", why="rain", now_ms=START_MS + 2)
    assert (await there(database)).windows == []


async def test_who_is_on_call_instead_is_called_there(database: Database) -> None:
    known = settings(
        schedules={"duty": {"layers": [{"people": ["achieng"], "rotation": "weekly", "start": "2026-01-05"}]}},
        policies={"standard": {"steps": [{"notify": ["schedule/duty"]}]}},
    )
    policies = Policies(known)
    async with database.write() as connection:
        before = await policies.directory(connection, AT_MS)
        assert before.people(["schedule/duty"], AT_MS) == ("achieng",)
        swap = Override(0, "duty", START_MS, START_MS + 4 * HOUR, "berta", made_ms=START_MS, who="achieng")
        await overrides.add(connection, swap)
    told = await there(database)
    other = Policies(known)
    other.told = lambda: told
    async with database.read() as connection:
        directory = await other.directory(connection, AT_MS)
    assert directory.people(["schedule/duty"], AT_MS) == ("berta",)


def test_an_older_centre_says_nothing_of_it() -> None:
    assert changes_of(OpenIncidents(at_ms=1)) is None
