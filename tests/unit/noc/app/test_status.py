"""How the network stands, from the state database alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from noc.app.objectives import Promised, asked_for
from noc.app.settings import RootSettings
from noc.app.status import Overall, overall
from noc.availability.timeline import State
from noc.cli.status import document
from noc.model.errors import UsageError
from noc.state import incidents, ledger
from noc.state.claim import Claim, is_held
from noc.state.database import Database
from tests.database import empty_database
from tests.unit.noc.http.house import INVENTORY, NOW, NOW_MS, OPENING, transition

TARGETS = Promised(RootSettings(), INVENTORY)()
HOUR_MIN = 60


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Twelve hours: Nairobi down for two of them, Brindisi up, Bangui never seen."""
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        began = [transition(f"device/{name}", 12 * HOUR_MIN) for name in ("nbo-rtr-1", "bds-rtr-1")]
        await ledger.append(connection, [*began, transition("device/nbo-rtr-1", 2 * HOUR_MIN, "down")])
        await incidents.insert(connection, OPENING)
    yield database
    await database.stop()


async def stands(database: Database, period: str = "month", *, is_running: bool = True) -> Overall:
    one = asked_for(period, "UTC", NOW)
    return await overall(database, INVENTORY, TARGETS, NOW, period=one, is_running=is_running)


async def test_what_is_down_and_what_is_promised(database: Database) -> None:
    found = await stands(database)
    assert not found.is_well
    assert dict(found.states["site"]) == {State.DOWN: 1, State.UP: 1, State.UNKNOWN: 1}
    assert dict(found.states["device"]) == {State.DOWN: 1, State.UP: 1, State.UNKNOWN: 2}
    assert [name for name, _ in found.sums] == ["network", "region/africa", "region/europe"]
    assert [name for name, _ in found.missed] == ["site/nairobi"]  # two hours, and the month allows 89 minutes
    assert [name for name, _ in found.worst] == ["site/nairobi"]
    told = document(found)
    assert told["incidents"] == {
        "open": 1,
        "acknowledged": 0,
        "by_severity": {"critical": 1, "major": 0, "minor": 0, "warning": 0},
    }
    assert told["known_until"] == "2026-03-01T12:00:00.000Z"
    assert told["states"] == {
        "site": {"up": 1, "down": 1, "unreachable": 0, "unknown": 1},
        "device": {"up": 1, "down": 1, "unreachable": 0, "unknown": 2},
        "circuit": {"up": 0, "down": 0, "unreachable": 0, "unknown": 1},
        "endpoint": {"up": 0, "down": 0, "unreachable": 0, "unknown": 0},
        "service": {"up": 0, "down": 0, "unreachable": 0, "unknown": 0},
    }


async def test_states_are_those_of_now_also_beside_a_period_that_is_over(database: Database) -> None:
    found = await stands(database, "2026-02")
    assert dict(found.states["site"]) == {State.DOWN: 1, State.UP: 1, State.UNKNOWN: 1}
    assert found.worst == ()


async def test_without_the_daemon_things_are_told_as_they_stood_at_the_end(database: Database) -> None:
    found = await stands(database, is_running=False)
    assert found.known_ms == NOW_MS - 2 * HOUR_MIN * 60_000 + 1_000  # the last record was decided then
    assert dict(found.states["site"]) == {State.DOWN: 1, State.UP: 1, State.UNKNOWN: 1}
    assert document(found)["running"] is False
    assert not found.is_well


async def test_of_a_month_in_which_the_daemon_never_ran_nothing_is_told(database: Database) -> None:
    later = NOW + timedelta(days=40)
    one = asked_for("2026-04", "UTC", later)
    with pytest.raises(UsageError, match="nothing is known of 2026-04"):
        await overall(database, INVENTORY, TARGETS, later, period=one, is_running=False)


async def test_whether_a_daemon_runs_is_seen_by_its_claim(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    assert not is_held(tmp_path)
    await claim.start()
    assert is_held(tmp_path)
    await claim.stop()
    assert not is_held(tmp_path)
