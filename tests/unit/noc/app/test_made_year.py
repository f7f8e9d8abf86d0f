"""A year of a fleet whose truth is known: what noc says of it, from probe results to figures, is that truth exactly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from noc.app.figures import Figures
from noc.availability.periods import named
from noc.availability.policy import Period
from noc.clock import ManualClock
from noc.model.instants import from_ms
from noc.model.transition import Transition
from noc.pipeline.policy import availability_policy
from noc.pipeline.status import Result, Statuses
from noc.state import ledger
from noc.state.database import Database
from tests.database import empty_database

from .made_year import Size, Year
from .said_year import ZONE, Said, Truth, months_of_2028

SMALL = Size(regions=2, sites=2, interval=timedelta(hours=4), slot=24)
FLEET = Size(regions=4, sites=12, interval=timedelta(minutes=6), slot=120)
"""104 devices, 52 sites, four regions."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()


async def written(database: Database, changes: Sequence[Transition]) -> None:
    async with database.write() as connection:
        await ledger.append(connection, changes)


async def live_through(year: Year, database: Database) -> None:
    """Judge all results as the daemon does, and write what it writes."""
    statuses = Statuses()
    statuses.watch(availability_policy(year.inventory()).probes)
    changes: list[Transition] = []
    last_ms = 0
    for time_ms, entity, ok in year.results():
        if time_ms != last_ms:
            changes += statuses.expire(time_ms)
            last_ms = time_ms
        changes += statuses.take(Result(entity, time_ms, ok, "icmp", "hq"))
        if len(changes) >= 5_000:
            await written(database, changes)
            changes.clear()
    assert statuses.tally.taken == statuses.tally.given
    await written(database, [*changes, *statuses.expire(year.ms(year.ticks))])


async def compare(figures: Figures, said: Said, truths: dict[str, Truth], period: Period) -> None:
    """Hold all figures of a period against the truth."""
    year = said.year
    found = await figures.statement(period)
    for word, truth in truths.items():
        answer = found.measured if word == "measured" else found.adjusted
        expected = {name: truth.figures(name, period) for name in (*year.boxes, *year.places)}
        assert {name: one.figures for name, one in answer.entities.items()} == expected, word
        for region in year.regions:
            sites = [f"site/{place.name}" for place in year.of_region(region)]
            assert answer.regions[region] == truth.summed(sites, expected), (word, region)
        assert answer.network == truth.summed(year.places, expected), word
    truth = truths["measured"]
    causes = {name: truth.causes(name, period) for name in (*year.boxes, *year.places)}
    kept = {name: one for name, one in found.causes.items() if name in causes}
    assert kept == {name: one for name, one in causes.items() if one}
    spent = found.measured.network.failed
    assert sum(found.causes.get("network", {}).values()) == spent


@pytest.mark.parametrize(
    ("size", "seed"),
    [
        (SMALL, 1),
        *(pytest.param(SMALL, seed, marks=pytest.mark.slow) for seed in range(2, 20)),
        pytest.param(FLEET, 7, marks=(pytest.mark.slow, pytest.mark.timeout(900))),
    ],
    ids=lambda value: f"{value.regions * (value.sites + 1) * 2}-devices" if isinstance(value, Size) else str(value),
)
async def test_the_figures_of_a_year_are_the_truth(database: Database, size: Size, seed: int) -> None:
    year = Year(size, seed)
    await live_through(year, database)
    said = Said(year)
    await said.tell(database, size.sites * size.regions * 3)
    inventory = year.inventory()
    clock = ManualClock(from_ms(year.ms(year.ticks)))
    figures = Figures(database, lambda: inventory, clock)
    truths = {"measured": Truth(said, adjusted=False), "adjusted": Truth(said, adjusted=True)}
    periods = months_of_2028()
    words = [*(f"2028-{month:02}" for month in range(1, 13)), *(f"2028-Q{quarter}" for quarter in range(1, 5)), "2028"]
    assert [named(word, ZONE, clock.now()).period for word in words] == periods
    for period in periods:
        await compare(figures, said, truths, period)
    whole = await figures.statement(periods[-1])
    spent = whole.measured.network
    assert all((spent.up, spent.down, spent.unreachable, spent.unknown, spent.planned)), "a year in which all happens"
    assert whole.adjusted.entities != whole.measured.entities
    assert len(whole.causes["network"]) > 3
