"""Availability by REST: the same figures as the replay, with what a target makes of them."""

from __future__ import annotations

import pytest

from noc.api._period import named_period
from noc.availability.times import format_time
from noc.http.problems import ProblemError
from noc.state import corrections, ledger
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


async def test_what_people_corrected_stands_beside_what_was_measured(told: House) -> None:
    start_ms, end_ms = NOW_MS - 6 * 60_000, NOW_MS - 2 * 60_000
    async with told.database.write() as connection:
        for cause, end in (("carrier", NOW_MS - 1_000), ("planned", end_ms)):
            held = await corrections.propose(
                connection, "site/nairobi", start_ms, end, cause, who="ann", why="told by mail", now_ms=NOW_MS
            )
            await corrections.decide(connection, held.number, "approved", who="bob", why="", now_ms=NOW_MS)
    site = await get(told, f"/availability/sites/nairobi?{HOUR}")
    assert (site["down_s"], site["causes"]) == (360.0, {"carrier": 119.0, "planned": 240.0, "unknown": 1.0})
    assert (site["adjusted"]["down_s"], site["adjusted"]["planned_s"]) == (120.0, 240.0)
    network = await get(told, f"/availability?{HOUR}")
    assert network["causes"] == site["causes"]
    assert network["adjusted"]["down_s"] == 120.0
    assert network["known_at"] == site["known_at"]
    assert network["known_at"]["record"] == 8
    before = await get(told, f"/availability/sites/nairobi?{HOUR}&known=6")
    assert (before["causes"], before["adjusted"]["down_s"], before["known_at"]["record"]) == (
        {"carrier": 359.0, "unknown": 1.0},
        360.0,
        6,
    )
    async with told.database.read() as connection:
        record = await ledger.record_of(connection, 6)
    assert record is not None
    assert before["known_at"]["hash"] == record.hash.hex()


async def test_a_part_of_a_device_has_figures_where_the_ledger_tells_of_it(told: House) -> None:
    part = "interface/nbo-rtr-1/Gi0/1"
    await told.write(transition(part, 30), transition(part, 15, "down"))
    found = await get(told, f"/availability/entity?entity={part}&{HOUR}")
    assert (found["entity"], found["up_s"], found["down_s"], found["unknown_s"]) == (part, 900.0, 900.0, 1800.0)
    assert found["degraded_s"] is None
    assert (await get(told, f"/availability/entity?entity=site/nairobi&{HOUR}"))["degraded_s"] == 0.0
    listed = await whole(told, f"/availability/devices?{HOUR}", 100)
    assert part not in [item["entity"] for item in listed]
    await told.asks("/api/v1/availability/entity?entity=interface/nbo-rtr-1/none", status=404)
    assert await refused(told, "/availability/entity", "/query/entity")


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
    ("known=0", "/query/known"),
    ("known=-1", "/query/known"),
]


async def test_what_is_wrong_is_named(house: House) -> None:
    for query, pointer in WRONG:
        path = "/availability/sites" if "cursor" in query else "/availability"
        assert await refused(house, f"{path}?{query}", pointer), query


async def test_what_has_no_figures_is_not_found(house: House) -> None:
    for path in ("devices/none", "sites/none", "regions/none", "devices/%00", "pollers/none"):
        await house.asks(f"/api/v1/availability/{path}", status=404)
