"""Names in a query that name nothing: refused with the nearest name, all over the API; what is gone has a history."""

from __future__ import annotations

import pytest

from noc.api._endpoint import ROOT
from noc.api.routes import endpoints
from tests.unit.noc.api.answers import get, refused
from tests.unit.noc.http.house import House

NEAREST = {
    "/sites?region=afrika": ("region", "there is no region 'afrika' (did you mean 'africa'?)"),
    "/sites?region=nowhere": ("region", "there is no region 'nowhere'; known: africa, europe"),
    "/sites?region=": ("region", "is empty; name a region, or leave the parameter out"),
    "/sites?class=rtcs": ("class", "there is no class of sites 'rtcs' (did you mean 'rtc'?)"),
    "/devices?site=nairob": ("site", "there is no site 'nairob' (did you mean 'nairobi'?)"),
    "/devices?region=asia": ("region", "there is no region 'asia' (did you mean 'africa'?)"),
    "/devices?tag=cor": ("tag", "there is no tag 'cor' (did you mean 'core'?)"),
    "/circuits?site=x": ("site", "there is no site 'x'; known: bangui, brindisi, nairobi"),
    "/circuits?region=x": ("region", "there is no region 'x'; known: africa, europe"),
    "/endpoints?site=bangi": ("site", "there is no site 'bangi' (did you mean 'bangui'?)"),
    "/rooms?site=bangi": ("site", "there is no site 'bangi' (did you mean 'bangui'?)"),
    "/incidents?site=bangi": ("site", "there is no site 'bangi' (did you mean 'bangui'?)"),
    "/incidents?entity=nbo-rtr-1": ("entity", "write the kind before the id: device/nbo-rtr-1"),
    "/incidents?entity=device/nbo-rtr-2": (
        "entity",
        "there is no 'device/nbo-rtr-2' (did you mean 'device/nbo-rtr-1'?)",
    ),
    "/incidents?entity=devices/x": ("entity", "'devices/x' begins with no kind of entity (did you mean 'device'?)"),
    "/incidents?entity=device/": ("entity", "'device/' is no entity; write device/ID"),
    "/incidents?entity=interface/nbo-rtr-1": (
        "entity",
        "'interface/nbo-rtr-1' is no entity; write interface/DEVICE/NAME",
    ),
    "/ledger?entity=site/nairoby": ("entity", "there is no 'site/nairoby' (did you mean 'site/nairobi'?)"),
    "/ledger?entity=peer/nbo-rtr-9/bgp:192.0.2.1": (
        "entity",
        "'peer/nbo-rtr-9/bgp:192.0.2.1' is of a device that there is not (did you mean 'device/nbo-rtr-1'?)",
    ),
    "/events?device=nbo-rtr-2": ("device", "there is no device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)"),
    "/series?device=nbo-rtr-2&measurement=m&field=x": (
        "device",
        "there is no device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)",
    ),
    "/series?region=afrika&measurement=m&field=x": ("region", "there is no region 'afrika' (did you mean 'africa'?)"),
    "/series?entity=poller/local&measurement=m&field=x": (
        "entity",
        "a poller has no numbers of its own; ask for those of its devices",
    ),
    "/series/names?device=nbo-rtr-2": ("device", "there is no device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)"),
    "/series/top?site=bangi&measurement=m&field=x": ("site", "there is no site 'bangi' (did you mean 'bangui'?)"),
}


@pytest.mark.parametrize("path", NEAREST)
async def test_what_names_nothing_is_told_with_the_nearest_name(house: House, path: str) -> None:
    name, said = NEAREST[path]
    assert await refused(house, path, f"/query/{name}") == said


async def test_what_is_gone_has_a_history(house: House) -> None:
    await house.raises(entity="device/gone-1")
    (item,) = (await get(house, "/incidents?entity=device/gone-1"))["items"]
    assert item["entity"] == "device/gone-1"
    assert (await get(house, "/incidents?entity=device/gone-1&state=resolved"))["items"] == []
    await refused(house, "/incidents?entity=device/gone-2", "/query/entity")


async def test_parts_and_the_poller_may_be_asked_for_before_anything_happened(house: House) -> None:
    for entity in ("peer/nbo-rtr-1/bgp:192.0.2.1", "interface/nbo-rtr-1/Gi0/0", "poller/local"):
        assert (await get(house, f"/incidents?entity={entity}"))["items"] == []
        assert (await get(house, f"/ledger?entity={entity}"))["items"] == []


async def test_every_parameter_that_names_something_refuses_what_names_nothing(house: House) -> None:
    asked, number = 0, await house.raises()
    for endpoint in endpoints(house.server._sources):
        path = endpoint.path.replace("{id}", str(number) if endpoint.noun == "incidents" else "nbo-rtr-1")
        named = {one.name for one in endpoint.parameters} & {"region", "site", "class", "tag", "device", "entity"}
        needed = "".join(f"&{one.name}=x" for one in endpoint.parameters if one.required and one.place == "query")
        for name in named if endpoint.method == "GET" else ():
            problem = await house.asks(f"{ROOT}{path}?{name}=nothing{needed.replace(f'&{name}=x', '')}", status=400)
            (fault,) = problem["errors"]  # type: ignore[misc]  # JSON
            assert fault["pointer"] == f"/query/{name}", (path, name)
            asked += 1
    assert asked > 20
