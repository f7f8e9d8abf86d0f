"""The whole daemon, killed again and again: each batch that was on its disk is in its store at the end."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc import crashpoints
from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.series import SeriesQuery
from noc.service import running
from noc.spool.payload import unpack
from noc.spool.record import Record, scan
from noc.spool.report import report, wrong
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store._rows import cells
from tests.live.house import House, noc

pytestmark = pytest.mark.live

Cell = tuple[str, tuple[tuple[str, str], ...], str, int]
DAEMONS_POINTS = [name for name in crashpoints.POINTS if name.startswith(("spool.append", "spool.cursor", "drain.st"))]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.patience_s = 300.0  # hundreds of starts, on a machine that does other things beside
    with closing(made):
        made.agent_on()
        yield made


def on_disk(house: House) -> dict[Cell, float]:
    """Return all numbers in records of the spool, those that are held back too."""
    found: dict[Cell, float] = {}
    for path in sorted((house.folder / "state" / "spool").glob("*.seg")):
        for record in scan(path.read_bytes()):
            if isinstance(record, Record):
                for samples in unpack(record.payload).samples():
                    at_ms = to_ms(samples.time)
                    found |= {(samples.measurement, tags, field, at_ms): value for tags, field, value in cells(samples)}
    return found


async def in_store(house: House, wanted: dict[Cell, float]) -> dict[Cell, float]:
    state = house.folder / "state"
    store = embedded.build(embedded.Settings(), Surroundings(state, state, SystemClock()))
    fields: dict[str, set[str]] = {}
    for measurement, _, field, _ in wanted:
        fields.setdefault(measurement, set()).add(field)
    found: dict[Cell, float] = {}
    async with running([store]):
        for measurement, names in fields.items():
            begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
            query = SeriesQuery(measurement, tuple(sorted(names)), {"device": "agent"}, begin, end)
            for series in (await store.read(query)).series:
                tags = tuple(sorted(series.tags.items()))
                for at, value in zip(series.times_ms, series.values, strict=True):
                    found[measurement, tags, series.field, at] = value
    return found


def of_the_spool(house: House) -> dict[str, float]:
    """Return the figures of spool and store."""
    lines = (line.rsplit(" ", 1) for line in house.metrics().splitlines() if line.startswith(("noc_sp", "noc_st")))
    return {name: float(value) for name, value in lines}


def settled(house: House) -> bool:
    """Return whether nothing waits, by what the daemon tells Prometheus."""
    return of_the_spool(house)["noc_spool_queued_batches"] <= 1


def adds_up(house: House) -> None:
    """Assert that what the daemon tells of its spool adds up."""
    figures = of_the_spool(house)
    shed = sum(value for name, value in figures.items() if name.startswith("noc_spool_shed_values_total"))
    into = figures["noc_spool_found_values"] + figures["noc_spool_values_total"]
    stored, dead = figures["noc_store_values_total"], figures["noc_store_refused_values_total"]
    assert into == stored + shed + dead + figures["noc_spool_queued_values"]


@pytest.mark.parametrize(("kills", "seed"), [(2, 1), pytest.param(200, 2, marks=pytest.mark.timeout(7200))])
@pytest.mark.slow
def test_at_random_moments(house: House, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 the same chances each time, no secret
    wanted: dict[Cell, float] = {}
    for number in range(kills):
        starting = number % 4 == 3  # while it takes up what the one before it left
        house.start(wait=not starting)
        if number == 0:  # else two kills on a busy machine may come before the first poll
            house.until(lambda: len(on_disk(house)) > 20, "numbers on its disk")
        assert house.daemon is not None
        with suppress(subprocess.TimeoutExpired):
            house.daemon.wait(chance.uniform(0.0, 4.0 if starting else 2.0))
        if number % 10 == 0:
            adds_up(house)
        house.stop(signal.SIGKILL)
        wanted |= on_disk(house)
    proved(house, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("point", DAEMONS_POINTS)
def test_at_a_named_point(house: House, point: str) -> None:
    house.start({crashpoints.VARIABLE: f"{point}:3"})
    assert house.daemon is not None
    assert house.daemon.wait(60) == -signal.SIGKILL
    house.stop(signal.SIGKILL)
    proved(house, on_disk(house))


def proved(house: House, wanted: dict[Cell, float]) -> None:
    """Start it once more, let it drain, and hold its store against what was on its disk."""
    house.start()
    house.until(lambda: settled(house), "the spool to be drained")
    adds_up(house)
    assert house.stop(signal.SIGTERM) == 0
    assert "Traceback" not in house.log.read_text()
    found = asyncio.run(in_store(house, wanted))
    assert {cell: value for cell, value in wanted.items() if found.get(cell) != value} == {}
    assert len(wanted) > 20
    told = report(house.folder / "state" / "spool", bodies=True)
    assert list(wrong(told)) == []
    assert (told.batches["lost"], told.batches["shed"], told.batches["dead"]) == (0, 0, 0)
    assert noc(house, "spool", "verify").returncode == 0
