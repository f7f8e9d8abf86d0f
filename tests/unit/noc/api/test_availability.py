"""Availability by REST: the same figures as the replay, with what a target makes of them."""

from __future__ import annotations

import pytest

from noc.api._period import named_period
from noc.availability.times import format_time
from noc.http.problems import ProblemError
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import NOW_MS, House, transition

HOUR = "from=2026-03-01T11:00:00Z&to=2026-03-01T12:00:00Z"


@pytest.fixture
async def told(house: House) -> House:
    """An hour: Nairobi down for its last six minutes, Brindisi up, Bangui seen for the last half."""
    await house.write(
        transition("device/nbo-rtr-1", 60),
        transition("device/bds-rtr-1", 60),
        transition("device/bgf-rtr-1", 30),
        transition("device/nbo-rtr-1", 6, "down"),
    )
    return house


async def test_the_figures_of_a_device_with_its_states(told: House) -> None:
    figures = await get(told, f"/availability/devices/nbo-rtr-1?{HOUR}")
    assert {key: figures[key] for key in ("availability_pct", "floor_pct", "ceiling_pct", "coverage_pct")} == {
        "availability_pct": 90.0,
        "floor_pct": 90.0,
        "ceiling_pct": 90.0,
        "coverage_pct": 100.0,
    }
    assert (figures["up_s"], figures["down_s"]) == (3240.0, 360.0)
    assert figures["outages"] == {"outages": 1, "longest_outage_s": 360.0, "mttr_s": None, "mtbf_s": 3240.0}
    assert figures["intervals"] == [
        {"from": "2026-03-01T11:00:00Z", "to": "2026-03-01T11:54:00Z", "state": "up"},
        {"from": "2026-03-01T11:54:00Z", "to": "2026-03-01T12:00:00Z", "state": "down"},
    ]
    assert figures["target"] == {
        "target_pct": 99.8,
        "verdict": "missed",
        "allowed_s": 7.2,
        "spent_s": 360.0,
        "left_s": -352.8,
        "burn_rate": 50.0,
    }


async def test_unknown_time_leaves_a_target_open(told: House) -> None:
    site = await get(told, f"/availability/sites/bangui?{HOUR}")
    assert (site["floor_pct"], site["ceiling_pct"], site["coverage_pct"]) == (50.0, 100.0, 50.0)
    assert site["target"]["verdict"] == "not shown"
    assert (await get(told, f"/availability/sites/bangui?{HOUR}&target=50"))["target"]["verdict"] == "met"
    assert (await get(told, f"/availability/sites/brindisi?{HOUR}"))["target"]["verdict"] == "met"


async def test_the_network_and_its_regions(told: House) -> None:
    network = await get(told, f"/availability?{HOUR}")
    assert network["up_s"] == 3240 + 3600 + 1800
    assert [(region["entity"], region["outages"], region["down_s"]) for region in network["regions"]] == [
        ("region/africa", None, 360.0),
        ("region/europe", None, 0.0),
    ]
    region = await get(told, f"/availability/regions/africa?{HOUR}")
    assert region["intervals"] == []
    assert {key: region[key] for key in network["regions"][0]} == network["regions"][0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("regions", ["region/africa", "region/europe"]),
        ("sites", ["site/bangui", "site/brindisi", "site/nairobi"]),
        ("devices", ["device/bds-rtr-1", "device/bgf-rtr-1", "device/nbo-rtr-1", "device/nbo-ups-1"]),
    ],
)
async def test_all_of_a_kind(told: House, kind: str, expected: list[str]) -> None:
    for limit in (1, 2, 100):
        found = await whole(told, f"/availability/{kind}?{HOUR}", limit)
        assert [item["entity"] for item in found] == expected


async def test_nothing_seen_is_no_figure(house: House) -> None:
    network = await get(house, "/availability?period=24h")
    assert (network["availability_pct"], network["floor_pct"], network["coverage_pct"]) == (None, 0.0, 0.0)


async def test_a_period_that_ends_now_is_the_same_for_all_pages(told: House) -> None:
    first = await get(told, "/availability?period=7d")
    await told.clock.advance(9)
    assert await get(told, "/availability?period=7d") == first
    assert (first["from"], first["to"]) == ("2026-02-22T12:00:00Z", "2026-03-01T12:00:00Z")


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2028-02", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("24h", "2026-02-28T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("30d", "2026-01-30T12:00:00Z", "2026-03-01T12:00:00Z"),
    ],
)
def test_periods_have_names(word: str, start: str, end: str) -> None:
    period = named_period(word, NOW_MS)
    assert (format_time(period.start), format_time(period.end)) == (start, end)


@pytest.mark.parametrize(
    "word", ["", "x", "2026-13", "2026-00", "0000", "9999-12", "9999", "0d", "3661d", "1.5h", "24H"]
)
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(ProblemError, match="write 2026-11"):
        named_period(word, NOW_MS)


WRONG = [
    ("period=24h&from=now-1h", "/query/period"),
    ("to=now", "/query/from"),
    ("from=now", "/query/from"),
    ("from=0001-01-01T00:00:00Z", "/query/from"),
    ("period=nonsense", "/query/period"),
    ("target=0", "/query/target"),
    ("target=100.1", "/query/target"),
    ("target=1/3", "/query/target"),
    ("target=%D9%A3", "/query/target"),
    ("cursor=x", "/query/cursor"),
]


async def test_what_is_wrong_is_named(house: House) -> None:
    for query, pointer in WRONG:
        path = "/availability/sites" if "cursor" in query else "/availability"
        assert await refused(house, f"{path}?{query}", pointer), query


async def test_what_has_no_figures_is_not_found(house: House) -> None:
    for path in ("devices/none", "sites/none", "regions/none", "devices/%00", "circuits/nbo-sat"):
        await house.asks(f"/api/v1/availability/{path}", status=404)
