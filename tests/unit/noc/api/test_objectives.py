"""Objectives by REST: the numbers of the arithmetic, in percent and minutes."""

from __future__ import annotations

import pytest

from noc.http.scope import Scope
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import House, transition

DAY_MIN = 24 * 60
MARCH_MIN = 31 * DAY_MIN


@pytest.fixture
async def told(house: House) -> House:
    """Noon of the first of March: all sites up since midnight, Nairobi but for six minutes of this hour."""
    await house.write(
        transition("device/nbo-rtr-1", 12 * 60),
        transition("device/bgf-rtr-1", 12 * 60),
        transition("device/bds-rtr-1", 12 * 60),
        transition("device/nbo-rtr-1", 46, "down"),
        transition("device/nbo-rtr-1", 40),
    )
    return house


async def test_a_site_s_month(told: House) -> None:
    found = await get(told, "/objectives/sites/nairobi")
    assert found["period"] == {
        "name": "2026-03",
        "unit": "month",
        "zone": "UTC",
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-04-01T00:00:00Z",
        "up_to": "2026-03-01T12:00:00Z",
    }
    assert (found["target_pct"], found["said_of"]) == (99.8, "network")
    assert (found["verdict"], found["verdict_so_far"]) == ("not shown", "missed")
    assert found["possible"] == ["met", "missed", "not shown"]
    allowed = MARCH_MIN * 0.002
    assert found["budget"]["allowed_min"] == pytest.approx(allowed)
    assert found["budget"]["spent_min"] == 6.0
    assert found["budget"]["left_min"] == pytest.approx(allowed - 6)
    assert found["budget"]["left_pct"] == pytest.approx(100 * (1 - 6 / allowed))
    assert found["burn"] == {
        "1h": pytest.approx(6 / 60 / 0.002),
        "6h": pytest.approx(6 / 360 / 0.002),
        "3d": pytest.approx(6 / (3 * DAY_MIN) / 0.002),
    }
    assert found["forecast"]["history_days"] == 0
    assert found["forecast"]["low_pct"] == pytest.approx(100 * (12 * 60 - 6) / MARCH_MIN)
    assert found["forecast"]["high_pct"] == pytest.approx(100 * (MARCH_MIN - 6) / MARCH_MIN)


async def test_the_network_and_lists_of_all(told: House) -> None:
    network = await get(told, "/objectives/network")
    assert network["budget"]["allowed_min"] == pytest.approx(3 * MARCH_MIN * 0.002)
    named = {item["entity"]: item for item in await whole(told, "/objectives", limit=3)}
    assert {"network", "region/africa", "region/europe", "site/nairobi", "device/nbo-rtr-1"} <= named.keys()
    assert named["network"]["budget"] == network["budget"]
    sites = await whole(told, "/objectives?kind=site", limit=2)
    assert [item["entity"] for item in sites] == ["site/bangui", "site/brindisi", "site/nairobi"]


async def test_a_period_that_is_over_is_met_or_missed(told: House) -> None:
    found = await get(told, "/objectives?period=2026-02&verdict=met")
    assert found["items"] == []
    found = await get(told, "/objectives?period=2026-02&kind=site&limit=1")
    assert found["items"][0]["possible"] == ["not shown"]
    assert found["period"]["up_to"] == "2026-03-01T00:00:00Z"


async def test_a_month_of_another_zone(told: House) -> None:
    found = await get(told, "/objectives/sites/nairobi?zone=Africa/Nairobi")
    assert (found["period"]["from"], found["period"]["to"]) == ("2026-02-28T21:00:00Z", "2026-03-31T21:00:00Z")


async def test_who_sees_one_region_sees_its_objectives_alone(told: House) -> None:
    await told.log_in_as(Scope(frozenset({"africa"})))
    found = await get(told, "/objectives?kind=site&kind=region&kind=network", bearer=False)
    assert [item["entity"] for item in found["items"]] == ["region/africa", "site/bangui", "site/nairobi"]
    await told.asks("/api/v1/objectives/network", bearer=False, status=403)
    await told.asks("/api/v1/objectives/sites/brindisi", bearer=False, status=404)


async def test_what_is_no_period_or_no_zone_is_refused(told: House) -> None:
    assert "is still to come" in await refused(told, "/objectives?period=2026-04", "/query/period")
    assert "is no period" in await refused(told, "/objectives?period=soon", "/query/period")
    assert "is no time zone" in await refused(told, "/objectives?zone=Mars", "/query/zone")
    await told.asks("/api/v1/objectives/sites/nowhere", status=404)
