"""How objectives stand becomes series of all that is told of, and numbers for the rules of devices and services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from noc.app.figures import Figures
from noc.app.objectives import Objectives, Promised
from noc.app.objectivewatch import FIRST_AFTER_S, TELL_EVERY_S, ObjectiveWatch
from noc.app.settings import RootSettings
from noc.clock import ManualClock
from noc.inventory.entities import Service
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.restatement import Restatement
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingested
from noc.state import ledger
from noc.state.database import Database
from tests.database import empty_database
from tests.unit.noc.http.house import INVENTORY, NOW, transition

FORMULA = {"any_of": ("device/bds-rtr-1",)}
SERVICE = Service.model_validate({"id": "mail", "name": "Mail", "formula": FORMULA, "availability_target": 99.9})
HOUSE = replace(INVENTORY, services={"mail": SERVICE})
SETTINGS = RootSettings.model_validate({"objectives": {"devices": {"nbo-ups-1": 95}}})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        seen = [transition(name, 60) for name in ("device/nbo-rtr-1", "device/nbo-ups-1", "service/mail")]
        await ledger.append(connection, [*seen, transition("device/nbo-ups-1", 10, "down")])
    yield database
    await database.stop()


async def test_what_is_told(database: Database) -> None:
    clock, given, charts = ManualClock(NOW), Given(), list[Samples]()
    promised = Promised(SETTINGS, HOUSE)
    objectives = Objectives(Figures(database, lambda: HOUSE, clock), database, lambda: HOUSE, promised, clock)
    watch = ObjectiveWatch(objectives, promised, lambda: HOUSE, clock, charts.extend, given)
    await watch.start()
    await clock.advance(FIRST_AFTER_S - 1)
    assert given.all == []
    await clock.advance(1)
    await given.until(3)
    rows = {}
    for check, ingested in given.all:
        (table,) = ingested.samples
        for tags, values in zip(table.tags, table.values, strict=True):
            entity = None if check is None else check.entity
            rows[tags] = (entity, dict(zip(table.field_keys, values, strict=True)))
    assert {tags: entity for tags, (entity, _) in rows.items()} == {
        ("network", "", ""): "network",
        ("region/africa", "", "africa"): "region/africa",
        ("region/europe", "", "europe"): "region/europe",
        ("site/bangui", "bangui", "africa"): "site/bangui",
        ("site/brindisi", "brindisi", "europe"): "site/brindisi",
        ("site/nairobi", "nairobi", "africa"): "site/nairobi",
        ("circuit/nbo-sat", "nairobi", "africa"): "circuit/nbo-sat",
        ("service/mail", "", ""): "service/mail",
        ("nbo-ups-1", "nairobi", "africa"): "device/nbo-ups-1",
    }
    _, numbers = rows["nbo-ups-1", "nairobi", "africa"]
    # 11 of the last 60 minutes, for a minute has passed since; a twentieth may fail.
    assert numbers["burn_1h"] == pytest.approx(11 / 60 * 20)
    assert numbers["budget_left_s"] == pytest.approx(31 * 86_400 / 20 - 11 * 60)
    assert rows["service/mail", "", ""][1]["target_pct"] == 99.9
    assert charts == [table for _, ingested in given.all for table in ingested.samples]
    given.all.clear()
    watch.replace(RootSettings.model_validate({"objectives": {"network": 99}}))
    await clock.advance(TELL_EVERY_S)
    await given.until(2)
    assert given.all[0][1].samples[0].values[0][0] == 99.0
    assert promised().network.percent == Fraction(99)
    await watch.stop()


async def test_rules_hear_of_burn_rates_as_they_were_told_in_time(database: Database) -> None:
    """A poller that was cut off says now that the router was down for 40 minutes: the pager stays silent about it."""
    now_ms = to_ms(NOW)
    since_ms, end_ms = now_ms - 50 * 60_000, now_ms - 10 * 60_000
    late = Restatement(
        *("device/nbo-rtr-1", since_ms, end_ms, ((since_ms, "down"),), now_ms, "icmp", "nairobi", 40, "ab")
    )
    async with database.write() as connection:
        await ledger.append(connection, [late])
    clock, given, charts = ManualClock(NOW), Given(), list[Samples]()
    settings = RootSettings.model_validate({"objectives": {"devices": {"nbo-rtr-1": 99.99, "nbo-ups-1": 95}}})
    promised = Promised(settings, HOUSE)
    objectives = Objectives(Figures(database, lambda: HOUSE, clock), database, lambda: HOUSE, promised, clock)
    watch = ObjectiveWatch(objectives, promised, lambda: HOUSE, clock, charts.extend, given)
    await watch.start()
    await clock.advance(FIRST_AFTER_S)
    await given.until(3)
    await watch.stop()
    for_charts, for_rules = numbers_of(charts), numbers_of([one for _, told in given.all for one in told.samples])
    for name in ("nbo-rtr-1", "site/nairobi", "region/africa", "network"):
        assert for_charts[name]["burn_1h"], name
        assert for_rules[name]["burn_1h"] == for_rules[name]["burn_6h"] == for_rules[name]["burn_3d"] == 0, name
    # What was told in time still burns, and a budget that is gone is gone now.
    assert for_rules["nbo-ups-1"] == for_charts["nbo-ups-1"]
    assert for_rules["nbo-ups-1"]["burn_1h"]
    left = for_rules["nbo-rtr-1"]["budget_left_pct"]
    assert left == for_charts["nbo-rtr-1"]["budget_left_pct"]
    assert left is not None
    assert left < 0


def numbers_of(tables: Sequence[Samples]) -> dict[str, dict[str, float | None]]:
    """Return the numbers of each that is told of, by its name."""
    return {
        tags[0]: dict(zip(table.field_keys, values, strict=True))
        for table in tables
        for tags, values in zip(table.tags, table.values, strict=True)
    }


class Given:
    """What was given, and a wait for it: the sums are worked out in a thread."""

    def __init__(self) -> None:
        self.all: list[tuple[Check | None, Ingested]] = []
        self._more = asyncio.Event()

    def __call__(self, check: Check | None, ingested: Ingested) -> None:
        self.all.append((check, ingested))
        self._more.set()

    async def until(self, count: int) -> None:
        while len(self.all) < count:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 30)
