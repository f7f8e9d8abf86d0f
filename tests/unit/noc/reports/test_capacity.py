"""The report of capacity, over a store of known numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.reports import material_of
from noc.model.errors import UsageError
from noc.model.samples import Samples
from noc.reports import capacity
from noc.reports._use import use_of
from noc.reports.frame.asked import Asked
from noc.reports.frame.material import Material
from noc.store.memory import MemoryStore
from tests.reported import INVENTORY, NOW_MS, reported
from tests.stores import put

ASKED = Asked(report="capacity", period="2026-10")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
MEGA = 1e6


async def store_of(growth_bps: float) -> MemoryStore:
    """Return a store in which the interface of both circuits grows from 1 Mbit/s by so much a day."""
    store = MemoryStore(100_000)
    for hour in range(31 * 24):
        value = MEGA + growth_bps * (hour // 24)
        tags = ("device", "ifName")
        row = (value, value / 2)
        at = BEGIN + timedelta(hours=hour)
        await put(store, [Samples("interface", at, tags, ("in_bps", "out_bps"), (("juba", "ge0"),), (row,))])
    return store


def over(material: Material, store: MemoryStore | None) -> Material:
    return material_of(material.connection, INVENTORY, NOW_MS, material.target_of, series=store)


async def test_what_grows_has_a_date(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await capacity.gather(over(material, await store_of(20_000)), ASKED)
    small, large = answer.rows
    assert (small.entity, small.outlook, large.entity) == ("circuit/sat", "growing", "circuit/mpls")
    # 1.6 Mbit/s on the 31st of October, and 20 kbit/s more each day: 2 Mbit/s 20 days later.
    assert (small.full, small.full_earliest, small.full_latest) == ("2026-11-20", "2026-11-20", "2026-11-20")
    assert small.growth_bps == pytest.approx(600_000)
    assert small.points == 31
    assert small.in_bps == pytest.approx(MEGA + 20_000 * 29, abs=20_000)  # the highest 5 % are put aside
    assert small.out_bps == pytest.approx(small.in_bps / 2)
    assert small.used_pct == pytest.approx(100 * small.in_bps / 2e6)
    assert large.full == "2027-12-25"


async def test_what_is_steady_has_none(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await capacity.gather(over(material, await store_of(0)), ASKED)
    assert [(row.outlook, row.full) for row in answer.rows] == [("steady", None), ("steady", None)]
    assert [row.used_pct for row in answer.rows] == [50.0, 10.0]


async def test_what_is_over_its_capacity_is_full(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await capacity.gather(over(material, await store_of(60_000)), ASKED)
    assert [(row.entity, row.outlook) for row in answer.rows] == [("circuit/sat", "full"), ("circuit/mpls", "growing")]


async def test_without_numbers_nothing_is_told(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await capacity.gather(over(material, MemoryStore(10)), ASKED)
        assert [(row.outlook, row.used_pct) for row in answer.rows] == [("no numbers", None)] * 2
        with pytest.raises(UsageError, match="no store of them can be asked here"):
            await capacity.gather(over(material, None), ASKED)


async def test_days_that_are_cut_are_left_out() -> None:
    store = await store_of(1_000)
    period = ASKED.named(BEGIN).period
    half_day = type(period)(period.start + 12 * 3_600_000, period.end - 1)
    use = await use_of(INVENTORY.circuits["mpls"], store, half_day)
    assert use is not None
    assert len(use.times_ms) == 29
