"""Objectives from the ledger: what they say is what the figures of the same times say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from noc.app.figures import Figures
from noc.app.objectives import Objectives, asked_for
from noc.availability import standings
from noc.availability.objectives import NETWORK, Target, Targets, worst_first
from noc.availability.standings import PeriodError, Standings
from noc.availability.target import Verdict
from noc.clock import ManualClock
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.transition import Status, Transition
from noc.model.window import WindowDecision
from noc.state import ledger, windows
from noc.state.database import Database
from tests.database import empty_database
from tests.things import device

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
NOW_MS = to_ms(NOW) // 60_000 * 60_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
MONTH_MS = to_ms(datetime(2026, 11, 1, tzinfo=UTC))


def site(name: str, weight: float) -> Site:
    fields = {"id": name, "name": name, "region": "r", "class": "hub", "edge_devices": (name,), "weight": weight}
    return Site.model_validate(fields)


INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={"a": site("a", 1), "b": site("b", 2.5)},
    devices={name: replace(device(name), site=name) for name in ("a", "b")},
)
TARGETS = Targets(of_entity={"site/b": Target(Fraction(99), "site/b")})

DOWN = (
    (NOW_MS - 40 * DAY_MS, 30),
    (NOW_MS - 10 * DAY_MS, 60),
    (NOW_MS - 5 * HOUR_MS, 12),
    (NOW_MS - 30 * MINUTE_MS, 6),
)
"""When device b went down, and for how many minutes."""


def transitions() -> list[Transition]:
    """Return sixty days in which a is up throughout, and b goes down four times."""
    changes: list[tuple[str, int, Status]] = [
        ("device/a", NOW_MS - 60 * DAY_MS, "up"),
        ("device/b", NOW_MS - 60 * DAY_MS, "up"),
    ]
    for start_ms, minutes in DOWN:
        changes += [("device/b", start_ms, "down"), ("device/b", start_ms + minutes * MINUTE_MS, "up")]
    return [
        Transition(entity, status, "unknown", since, since + 1, "icmp", "here", "confirmed", ())
        for entity, since, status in sorted(changes, key=lambda change: change[1])
    ]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        await ledger.append(connection, transitions())
    yield database
    await database.stop()


def objectives_of(database: Database, targets: Targets = TARGETS) -> Objectives:
    clock = ManualClock(NOW)
    figures = Figures(database, lambda: INVENTORY, clock)
    return Objectives(figures, database, lambda: INVENTORY, lambda: targets, clock)


async def test_a_month_so_far(database: Database) -> None:
    found = await objectives_of(database).standings("month")
    assert (found.named.text, found.now) == ("2026-11", NOW_MS)
    assert found.names() == [NETWORK, "device/a", "device/b", "region/r", "site/a", "site/b"]
    one = found.of("site/b")
    assert one is not None
    assert one.target.said_of == "site/b"
    assert one.to_come == MONTH_MS + 30 * DAY_MS - NOW_MS
    assert (one.budget.allowed, one.budget.spent) == (30 * DAY_MS / 100, 78 * MINUTE_MS)
    assert one.burns == {
        "1h": Fraction(6 * 100, 60),
        "6h": Fraction(18 * 100, 360),
        "3d": Fraction(18 * 100, 3 * 24 * 60),
    }
    assert (one.verdict, one.verdict_so_far) == (Verdict.NOT_SHOWN, Verdict.MET)
    assert one.forecast.days == 59  # of the 60 that were seen, all but the one in the midst of which noc began
    whole = found.of(NETWORK)
    assert whole is not None
    assert whole.budget.spent == 78 * MINUTE_MS * Fraction(5, 2)
    assert whole.to_come == one.to_come * Fraction(7, 2)


async def test_a_forecast_takes_the_days_before_today(database: Database) -> None:
    found = (await objectives_of(database).standings("2026-11")).of("site/b")
    assert found is not None
    end = found.forecast
    assert end.low_pct is not None
    assert end.expected_pct is not None
    assert end.high_pct is not None
    # The best stretch had no outage, the worst one of an hour in ten days or more; today's are in none of them.
    assert end.high_pct == Fraction(100 * (30 * DAY_MS - 78 * MINUTE_MS), 30 * DAY_MS)
    assert end.low_pct < end.expected_pct < end.high_pct
    assert end.low_pct > 100 * Fraction(30 * DAY_MS - (78 + 60) * MINUTE_MS, 30 * DAY_MS)


async def test_planned_time_that_is_to_come_is_not_agreed(database: Database) -> None:
    start_ms, asked_ms = NOW_MS + DAY_MS, NOW_MS - DAY_MS
    end_ms = start_ms + 6 * HOUR_MS
    asked = WindowDecision(
        "site/b", asked_ms, 0, "requested", start_ms, end_ms, "", "UTC", (), "achieng", "a new antenna"
    )
    async with database.write() as connection:
        window = await windows.request(connection, asked)
        await windows.approve(connection, window.number, who="okoth", now_ms=NOW_MS - HOUR_MS)
    found = (await objectives_of(database).standings("month")).of("site/b")
    assert found is not None
    assert found.to_come == MONTH_MS + 30 * DAY_MS - NOW_MS - 6 * HOUR_MS


async def test_a_quarter_of_another_zone_reaches_up_to_the_minute(database: Database) -> None:
    found = await objectives_of(database).standings("quarter", "Africa/Nairobi")
    assert (found.named.text, found.named.zone) == ("2026-Q4", "Africa/Nairobi")
    assert found.so_far.period.start == to_ms(datetime(2026, 9, 30, 21, tzinfo=UTC))
    assert found.so_far.period.end == found.now == NOW_MS
    one = found.of("site/b")
    assert one is not None
    assert one.budget.spent == sum(minutes for _, minutes in DOWN) * MINUTE_MS


async def test_a_period_that_is_over_has_nothing_to_come(database: Database) -> None:
    found: Standings = await objectives_of(database).standings("2026-10")
    one = found.of("site/b")
    assert one is not None
    assert (one.to_come, one.forecast.days, found.history) == (0, 0, None)
    assert one.verdict is one.verdict_so_far is Verdict.MET
    assert one.possible == (Verdict.MET,)
    assert found.of("site/nowhere") is None


async def test_it_is_worked_out_once_a_minute_and_anew_for_other_targets(database: Database) -> None:
    mutable = [TARGETS]
    clock = ManualClock(NOW)
    figures = Figures(database, lambda: INVENTORY, clock)
    objectives = Objectives(figures, database, lambda: INVENTORY, lambda: mutable[0], clock)
    first = await objectives.standings("month")
    assert await objectives.standings("2026-11") is first
    mutable[0] = Targets(zone="UTC", network=Target(Fraction(95), NETWORK))
    second = await objectives.standings("month")
    assert second.targets is mutable[0]
    await clock.advance(60.0)
    assert (await objectives.standings("month")).now == NOW_MS + MINUTE_MS


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-12", "UTC", "2026-12 is still to come"),
        ("fortnight", "UTC", "is no period; write"),
        ("month", "Mars/Base", "'Mars/Base' is no time zone"),
    ],
)
def test_what_can_not_be_told_is_said(text: str, zone: str, said: str) -> None:
    with pytest.raises(PeriodError, match=said):
        asked_for(text, zone, NOW)


async def test_what_is_remembered_is_what_is_worked_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await objectives_of(database).standings("month")
    plain = await objectives_of(database).standings("month")
    monkeypatch.setattr(standings, "REMEMBERED_AT_MOST", 0)
    fresh = {
        (name, foreseen): plain.of(name, foreseen=foreseen) for name in plain.names() for foreseen in (True, False)
    }
    assert not plain._known
    monkeypatch.setattr(standings, "REMEMBERED_AT_MOST", 2)
    for _ in range(2):
        assert {(name, foreseen): found.of(name, foreseen=foreseen) for name, foreseen in fresh} == fresh
    assert found.of("site/a") is found.of("site/a")
    assert found.of("site/gone") is None


async def test_the_least_budget_comes_first(database: Database) -> None:
    found = await objectives_of(database).standings("month")
    of_sites = [(name, one) for name in found.names("site") if (one := found.of(name, foreseen=False)) is not None]
    assert found.worst_first("site") == worst_first(of_sites)
    assert [name for name, _ in found.worst_first("site")] == ["site/b", "site/a"]
    assert found.worst_first("site") is found.worst_first("site")
    assert found.worst_first("service") == []
