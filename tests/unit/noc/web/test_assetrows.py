"""Assets: who is old, what hangs on it, in which order, and how many of a class."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from noc.availability.policy import Period
from noc.availability.statement import Statement
from noc.clock import Clock, ManualClock
from noc.http.assetbook import Asset, AssetBook
from noc.http.scope import EVERYTHING, Scope
from noc.http.tables import written
from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.present import Made
from noc.web.assetrows import ORDERS, Wanted, matrix, table
from tests.things import device, watch

TODAY = date(2026, 6, 29)


def site(key: str, region: str, *edges: str) -> Site:
    written = {"id": key, "name": key, "region": region, "class": "field", "edge_devices": list(edges)}
    return Site.model_validate_json(json.dumps(written))


def router(key: str, at: str, installed: str | None, *upstream: str) -> Device:
    made = device(key, watched=watch(useful_life=7))
    day = None if installed is None else date.fromisoformat(installed)
    return replace(made, site=at, installed=day, upstream=upstream)


INVENTORY = Inventory(
    {key: Region(id=key, name=key) for key in ("africa", "europe")},
    {
        "nairobi": site("nairobi", "africa", "nbo"),
        "goma": site("goma", "africa", "gom"),
        "rome": site("rome", "europe", "rom"),
    },
    {
        "nbo": router("nbo", "nairobi", "2010-01-01"),
        "gom": router("gom", "goma", "2025-01-01", "device/nbo"),
        "rom": router("rom", "rome", None, "device/nbo"),
        "spare": replace(router("spare", "goma", "2018-01-01"), device_class="switch"),
    },
)
SAID = {"device/nbo": Made("Cisco", "ISR4331", "16.9", "=1+1"), "device/spare": Made("Juniper", "EX2300")}


@dataclass
class Booked:
    """What a book reads. asked: how often for figures."""

    inventory: Callable[[], Inventory] = lambda: INVENTORY
    made: Callable[[str], Made | None] = SAID.get
    clock: Clock = field(default_factory=lambda: ManualClock(datetime(2026, 6, 29, tzinfo=UTC)))
    asked: list[Period] = field(default_factory=list)

    async def stated(self, entity: str, period: Period, known: int | None = None) -> Statement | None:
        self.asked.append(period)
        return None


def read(seen: Scope = EVERYTHING) -> list[Asset]:
    return list(asyncio.run(AssetBook().read(Booked(), seen, Period(0, 1))).items)


def test_old_ones_that_most_hangs_on_come_first() -> None:
    ranked = sorted(read(), key=ORDERS["risk"][1])
    assert [(one.device.id, one.band, [place.id for place in one.sites]) for one in ranked] == [
        ("nbo", "long-past", ["nairobi", "goma", "rome"]),
        ("spare", "past", []),
        ("gom", "more", ["goma"]),
        ("rom", "unknown", ["rome"]),
    ]


def test_downtime_and_age_are_orders_too() -> None:
    found = {one.device.id: one for one in read()}
    found["rom"] = replace(found["rom"], down_s=60.0)
    assert min(found.values(), key=ORDERS["down"][1]).device.id == "rom"
    assert [one.device.id for one in sorted(found.values(), key=ORDERS["left"][1])] == ["nbo", "spare", "gom", "rom"]
    assert [one.device.id for one in sorted(found.values(), key=ORDERS["name"][1])] == ["gom", "nbo", "rom", "spare"]


def test_who_sees_one_region_learns_of_no_site_elsewhere() -> None:
    found = {one.device.id: one for one in read(Scope(frozenset({"africa"})))}
    assert set(found) == {"nbo", "gom", "spare"}
    assert [one.id for one in found["nbo"].sites] == ["nairobi", "goma"]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), {"nbo", "gom", "rom", "spare"}),
        (Wanted(region="europe"), {"rom"}),
        (Wanted(site="goma"), {"gom", "spare"}),
        (Wanted(device_class="switch"), {"spare"}),
        (Wanted(maker="Cisco"), {"nbo"}),
        (Wanted(band="unknown"), {"rom"}),
        (Wanted(is_alone=True), {"nbo", "gom", "rom"}),
        (Wanted(text="isr43"), {"nbo"}),
        (Wanted(text="SPARE"), {"spare"}),
    ],
)
def test_filters(wanted: Wanted, ids: set[str]) -> None:
    assert {one.device.id for one in read() if wanted.holds(one) and wanted.picks(one)} == ids


def test_the_matrix_counts_a_site_once_and_unknown_is_one_of_the_ages() -> None:
    rows = matrix(read())
    assert [(row.device_class, row.devices, row.past, row.sites) for row in rows] == [
        ("", 4, 2, 3),
        ("switch", 1, 1, 0),
        ("router", 3, 1, 3),
    ]
    assert rows[0].numbers["unknown"] == 1
    assert rows[0].past_pct == Fraction(50)
    assert matrix([])[0].past_pct == 0


def test_a_spreadsheet_takes_no_serial_number_for_a_formula() -> None:
    (nbo,) = (one for one in read() if one.device.id == "nbo")
    assert '"\'=1+1"' in written(table([nbo]))
    assert '"nairobi goma rome"' in written(table([nbo]))


def test_what_takes_long_is_worked_out_once_a_day() -> None:
    async def twice() -> tuple[object, object, object]:
        book, sources = AssetBook(), Booked()
        first = (await book.read(sources, EVERYTHING, Period(0, 1))).items[0].life
        again = (await book.read(sources, EVERYTHING, Period(0, 2))).items[0].life
        assert isinstance(sources.clock, ManualClock)
        await sources.clock.advance(86_400)
        return first, again, (await book.read(sources, EVERYTHING, Period(0, 1))).items[0].life

    first, again, tomorrow = asyncio.run(twice())
    assert first is again
    assert tomorrow is not first


def test_a_list_is_kept_for_its_minute_for_who_sees_the_same() -> None:
    async def lists() -> list[int]:
        book, sources = AssetBook(), Booked()
        assert isinstance(sources.clock, ManualClock)
        there, minute, day = Scope(frozenset({"africa"})), Period(0, 60_000), Period(0, 86_400_000)
        first = await book.read(sources, EVERYTHING, minute)
        assert await book.read(sources, EVERYTHING, Period(0, 60_001)) is first
        assert {one.site.region for one in (await book.read(sources, there, minute)).items} == {"africa"}
        counts = [len(sources.asked)]
        for period in (minute, *(Period(0, day.end + number * 60_000) for number in range(4)), minute):
            await book.read(sources, EVERYTHING, period)
        counts.append(len(sources.asked))
        await sources.clock.advance(60)
        sources.made = {"device/nbo": Made("Juniper")}.get
        later = await book.read(sources, EVERYTHING, minute)
        assert [one.made.vendor for one in later.items if one.device.id == "nbo"] == ["Juniper"]
        return counts

    assert asyncio.run(lists()) == [2, 7]  # four are kept: the first one was forgotten meanwhile
