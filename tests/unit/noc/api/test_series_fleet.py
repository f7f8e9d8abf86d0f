"""Series of sites and fleets: numbers with their completeness, the highest, the last; as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from noc.api import _seriesasked
from noc.api.routes import routes
from noc.http.scope import Scope
from noc.model.samples import Samples
from tests.stores import put
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import FREE_PORT, NOW, House, build

MINUTE = timedelta(minutes=1)
TAGS = ("device", "site", "region", "device_class", "ifName")
PLACES = {
    "nbo-rtr-1": ("nairobi", "africa"),
    "nbo-ups-1": ("nairobi", "africa"),
    "bgf-rtr-1": ("bangui", "africa"),
    "bds-rtr-1": ("brindisi", "europe"),
}
HOSTILE = '=HYPERLINK("http://x";1)'


@pytest.fixture
async def filled(house: House) -> House:
    await fill(house)
    return house


async def fill(house: House) -> None:
    """Write an hour of polls each five minutes, with a gap of twenty minutes half an hour ago."""
    for number, (device, (site, region)) in enumerate(PLACES.items(), 1):
        for minute in range(0, 60, 5):
            if minute not in (25, 30, 35, 40):
                row = ((device, site, region, "router", "Gi0/0"),)
                values = ((float(minute), float(number)),)
                await put(house.store, [
                    Samples("interface", NOW - minute * MINUTE - MINUTE, TAGS, ("in_bps", "in_pct"), row, values)
                ])  # fmt: skip


SERIES = "/series?measurement=interface&from=now-1h"


async def test_a_site_a_region_a_class(filled: House) -> None:
    for where, expected in {
        "site=nairobi": ["nbo-rtr-1", "nbo-ups-1"],
        "region=africa": ["bgf-rtr-1", "nbo-rtr-1", "nbo-ups-1"],
        "class=router": sorted(PLACES),
        "class=router&region=europe": ["bds-rtr-1"],
        "entity=site/bangui": ["bgf-rtr-1"],
        "entity=region/europe": ["bds-rtr-1"],
        "entity=device/bds-rtr-1": ["bds-rtr-1"],
        "entity=interface/bds-rtr-1/Gi0/0": ["bds-rtr-1"],
        "entity=interface/bds-rtr-1/Gi0/1": [],
        "entity=circuit/nbo-sat": ["nbo-rtr-1"],
    }.items():
        answer = await get(filled, f"{SERIES}&field=in_pct&{where}")
        assert [item["tags"]["device"] for item in answer["items"]] == expected, where


async def test_an_answer_tells_how_complete_it_is(filled: House) -> None:
    answer = await get(filled, f"{SERIES}&field=in_bps&device=nbo-rtr-1&step=5m&aggregate=mean&aggregate=count")
    assert (answer["resolution"], answer["step_s"]) == ("raw", 300)
    mean, count = answer["items"]
    assert (mean["aggregate"], count["aggregate"]) == ("mean", "count")
    assert (mean["expected"], mean["complete"]) == (12, 8 / 12)
    assert len(mean["times_ms"]) == 8
    gaps = {later - before for before, later in pairwise(mean["times_ms"])}
    assert gaps == {300_000, 1_500_000}
    (raw,) = (await get(filled, f"{SERIES}&field=in_bps&device=nbo-rtr-1"))["items"]
    assert (raw["aggregate"], raw["expected"], raw["complete"]) == (None, 12, 8 / 12)


async def test_one_number_for_all_of_the_time(filled: House) -> None:
    answer = await get(filled, f"{SERIES}&field=in_bps&device=nbo-rtr-1&step=all&aggregate=max&aggregate=p95")
    assert answer["step_s"] == 3600
    assert [(item["aggregate"], item["values"]) for item in answer["items"]] == [("max", [55.0]), ("p95", [55.0])]


async def test_too_many_series_are_refused(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_seriesasked, "POINTS_AT_MOST", 42)
    assert "more than 3 series match" in await refused(
        filled, f"{SERIES}&field=in_bps&class=router&step=5m", "/query/measurement"
    )
    assert len((await get(filled, f"{SERIES}&field=in_bps&region=africa&step=5m"))["items"]) == 3


async def test_what_is_unknown_is_told_with_the_nearest_name(filled: House) -> None:
    said = await refused(filled, f"{SERIES}&field=in_bsp&site=nairobi", "/query/field")
    assert said == "'in_bsp' is no field of interface (did you mean 'in_bps'?)"
    path = "/series?measurement=noc_satelite&field=x&site=nairobi"
    assert "did you mean 'noc_satellite'?" in await refused(filled, path, "/query/measurement")
    assert "a site, a region" in await refused(filled, f"{SERIES}&field=in_bps", "/query/device")


async def test_the_highest_of_the_fleet(filled: House) -> None:
    top = "/series/top?measurement=interface&field=in_pct"
    answer = await get(filled, f"{top}&limit=2")
    assert [(item["rank"], item["tags"]["device"], item["value"]) for item in answer["items"]] == [
        (1, "bds-rtr-1", 4.0),
        (2, "bgf-rtr-1", 3.0),
    ]
    assert (answer["compared"], answer["resolution"], answer["aggregate"]) == (4, "raw", "mean")
    assert (answer["start"], answer["end"]) == ("2026-03-01T11:45:00Z", "2026-03-01T12:00:00Z")
    lowest = await get(filled, f"{top}&order=lowest&limit=1&region=africa")
    assert [item["tags"]["device"] for item in lowest["items"]] == ["nbo-rtr-1"]
    assert (await get(filled, f"{top}&from=now-33m&to=now-32m"))["items"] == []
    for wrong, pointer in {
        "&limit=0": "/query/limit",
        "&order=best": "/query/order",
        "&aggregate=max&aggregate=min": "/query/aggregate",
        "&from=now-32d": "/query/from",
    }.items():
        await refused(filled, top + wrong, pointer)
    assert "did you mean" in await refused(filled, "/series/top?measurement=interface&field=in_pc", "/query/field")


async def test_the_last_numbers_of_a_site(filled: House) -> None:
    for limit in (1, 100):
        items = await whole(filled, "/sites/nairobi/latest", limit)
        assert [(item["tags"]["device"], item["values"]) for item in items] == [
            ("nbo-rtr-1", {"in_bps": 0.0, "in_pct": 1.0}),
            ("nbo-ups-1", {"in_bps": 0.0, "in_pct": 2.0}),
        ]
        assert items[0]["times"] == dict.fromkeys(("in_bps", "in_pct"), "2026-03-01T11:59:00Z")
    assert len((await get(filled, "/devices/nbo-ups-1/latest?measurement=interface"))["items"]) == 1
    assert (await get(filled, "/sites/nairobi/latest?measurement=ping"))["items"] == []
    assert (await get(filled, "/sites/nairobi/latest?since=now-30s"))["items"] == []
    await refused(filled, "/sites/nairobi/latest?since=now-25h", "/query/since")
    await refused(filled, "/sites/nairobi/latest?measurement=pings", "/query/measurement")


async def as_csv(house: House, path: str, accept: str | None = None) -> tuple[list[dict[str, str]], Any]:
    headers = house.bearer if accept is None else {**house.bearer, "Accept": accept}
    async with house.http.get(f"{house.url}/api/v1{path}", headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "text/csv"
        return list(csv.DictReader(io.StringIO(await response.text()))), response.headers


async def test_numbers_as_csv(filled: House) -> None:
    path = f"{SERIES}&field=in_bps&site=nairobi&step=30m"
    rows, headers = await as_csv(filled, path, "text/csv")
    assert rows == (await as_csv(filled, f"{path}&format=csv"))[0]
    assert rows == (await as_csv(filled, path, "application/json;q=0.5, text/*"))[0]
    assert rows[0] == {
        "time": "2026-03-01T11:00:00Z",
        "measurement": "interface",
        "field": "in_bps",
        "aggregate": "mean",
        "value": "50.0",
        "resolution": "raw",
        "complete": "1.0",
        "device": "nbo-rtr-1",
        "device_class": "router",
        "ifName": "Gi0/0",
        "region": "africa",
        "site": "nairobi",
    }
    assert [float(row["value"]) for row in rows] == [50.0, 10.0, 50.0, 10.0]
    assert "Accept" in headers["Vary"].split(", ")
    for accept in ("*/*", "text/html,*/*;q=0.8", "text/csv;q=0", "application/json, text/csv;q=0.9"):
        answer = await filled.asks(f"/api/v1{path}", headers={"Accept": accept})
        assert answer["resolution"] == "raw"


async def test_no_cell_is_a_formula(filled: House) -> None:
    names = [HOSTILE, "+1", "-1", "@SUM(A1)", " =1", "＝1", 'a"b;=1+1', "plain"]
    tags = tuple((*("nbo-rtr-1", "nairobi", "africa", "router"), name) for name in names)
    await put(
        filled.store, [Samples("interface", NOW - MINUTE, TAGS, ("in_errors_ps",), tags, tuple((-2.5,) for _ in names))]
    )
    path = "/series/top?measurement=interface&field=in_errors_ps&format=csv"
    rows, _ = await as_csv(filled, path)
    shown = {row["ifName"] for row in rows}
    assert shown == {*(f"'{name}" for name in names[:6]), *names[6:]}
    assert {row["value"] for row in rows} == {"-2.5"}
    async with filled.http.get(f"{filled.url}/api/v1{path}", headers=filled.bearer) as response:
        assert '"a""b;=1+1"' in await response.text()


async def test_pages_of_csv_lead_to_the_next(filled: House) -> None:
    rows, headers = await as_csv(filled, "/sites/nairobi/latest?limit=1&format=csv")
    assert [(row["device"], row["field"], row["value"]) for row in rows] == [
        ("nbo-rtr-1", "in_bps", "0.0"),
        ("nbo-rtr-1", "in_pct", "1.0"),
    ]
    address, _, way = headers["Link"].partition("; ")
    assert way == 'rel="next"'
    more, headers = await as_csv(filled, address.strip("<>").removeprefix("/api/v1"))
    assert {row["device"] for row in more} == {"nbo-ups-1"}
    assert "Link" not in headers


@pytest.fixture
async def african(tmp_path: Path) -> AsyncIterator[House]:
    """A filled house where somebody of Africa is logged in."""
    house = await build(tmp_path, FREE_PORT, routes)
    await house.log_in_as(Scope(frozenset({"africa", "antarctica"})))
    await fill(house)
    yield house
    await house.stack.aclose()


async def test_a_fleet_ends_where_the_scope_does(african: House) -> None:
    top = "/series/top?measurement=interface&field=in_pct"
    answer = await get(african, top, bearer=False)
    assert [item["tags"]["device"] for item in answer["items"]] == ["bgf-rtr-1", "nbo-ups-1", "nbo-rtr-1"]
    assert answer["compared"] == 3
    first = await get(african, f"{top}&limit=1&class=router", bearer=False)
    assert [item["value"] for item in first["items"]] == [3.0]
    problem: Any = await african.asks(f"/api/v1{SERIES}&field=in_pct&class=router", status=400, bearer=False)
    assert problem["errors"][0]["pointer"] == "/query/region"
    answer = await get(african, f"{SERIES}&field=in_pct&class=router&region=africa", bearer=False)
    assert len(answer["items"]) == 3
    for path in (f"{SERIES}&field=in_pct&class=router", f"{SERIES}&field=in_pct&region=africa", top):
        for tag in ("tag.region=europe", "tag.site=brindisi", "tag.device=bds-rtr-1"):
            await african.asks(f"/api/v1{path}&{tag}", status=400, bearer=False)
