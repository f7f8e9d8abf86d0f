"""A caller who may see one region alone finds no trace of another, at any address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.api.routes import routes
from noc.http.scope import Scope
from tests.unit.noc.api.answers import get, whole
from tests.unit.noc.http.house import FREE_PORT, House, build, transition


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house where somebody of Africa is logged in."""
    house = await build(tmp_path, FREE_PORT, routes)
    await house.log_in_as(Scope(frozenset({"africa"})))
    yield house
    await house.stack.aclose()


async def test_lists_hold_what_may_be_seen(house: House) -> None:
    await house.write(transition("device/nbo-rtr-1"), transition("device/bds-rtr-1"), transition("poller/centre"))
    african = await house.raises(entity="interface/nbo-rtr-1/Gi0/0")
    await house.raises(entity="device/bds-rtr-1")
    await house.raises(entity="service/mail")
    for path, expected in {
        "/regions": ["region/africa"],
        "/sites": ["site/bangui", "site/nairobi"],
        "/devices": ["device/bgf-rtr-1", "device/nbo-rtr-1", "device/nbo-ups-1"],
        "/ledger": ["device/nbo-rtr-1"],
        "/incidents": ["interface/nbo-rtr-1/Gi0/0"],
        "/availability/regions": ["region/africa"],
        "/availability/sites": ["site/bangui", "site/nairobi"],
        "/availability/devices": ["device/bgf-rtr-1", "device/nbo-rtr-1", "device/nbo-ups-1"],
    }.items():
        for limit in (1, 100):
            assert [item["entity"] for item in await whole(house, path, limit, bearer=False)] == expected, path
    assert (await get(house, f"/incidents/{african}", bearer=False))["entity"] == "interface/nbo-rtr-1/Gi0/0"


HIDDEN = {
    "/query/device": [
        "series?device=bds-rtr-1&measurement=m&field=x",
        "series/names?device=bds-rtr-1",
        "events?device=bds-rtr-1",
    ],
    "/query/site": [
        "series?site=brindisi&measurement=m&field=x",
        "series/top?site=brindisi&measurement=m&field=x",
        "incidents?site=brindisi",
        "devices?site=brindisi",
        "circuits?site=brindisi",
        "endpoints?site=brindisi",
        "rooms?site=brindisi",
    ],
    "/query/region": [
        "series?region=europe&measurement=m&field=x",
        "sites?region=europe",
        "devices?region=europe",
        "circuits?region=europe",
    ],
    "/query/entity": [
        "series?entity=device/bds-rtr-1&measurement=m&field=x",
        "series?entity=interface/bds-rtr-1/Gi0/0&measurement=m&field=x",
        "incidents?entity=device/bds-rtr-1",
        "incidents?entity=poller/local",
        "ledger?entity=device/bds-rtr-1",
    ],
}


async def test_who_names_what_he_may_not_see_is_told_what_he_is_told_of_what_there_is_not(house: House) -> None:
    await house.raises(entity="device/bds-rtr-1")
    for pointer, paths in HIDDEN.items():
        for path in paths:
            told = await house.asks(f"/api/v1/{path}", status=400, bearer=False)
            (fault,) = told["errors"]  # type: ignore[misc]  # JSON
            assert fault["pointer"] == pointer, path
            for hidden in ("europe", "brindisi", "bds-rtr-1"):
                assert fault["detail"].count(hidden) <= 1, path  # as it was asked


async def test_what_may_not_be_seen_is_not_found(house: House) -> None:
    number = await house.raises(entity="device/bds-rtr-1")
    for path in (
        "regions/europe",
        "sites/brindisi",
        "devices/bds-rtr-1",
        "devices/bds-rtr-1/interfaces",
        "sites/brindisi/latest",
        "devices/bds-rtr-1/latest",
        f"incidents/{number}",
        "availability/devices/bds-rtr-1",
        "availability/sites/brindisi",
        "availability/regions/europe",
    ):
        await house.asks(f"/api/v1/{path}", status=404, bearer=False)
    own = {"Origin": house.url}
    for verb in ("acknowledge", "notes", "resolve"):
        path = f"/api/v1/incidents/{number}/{verb}"
        await house.asks(path, method="POST", json={"note": "x"}, headers=own, status=404, bearer=False)
    await house.asks("/api/v1/availability", status=403, bearer=False)
    assert (await get(house, f"/incidents/{number}"))["state"] == "new"  # as the bearer, who sees all
