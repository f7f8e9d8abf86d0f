"""Tables of a device as they were last read; and what roles may."""

from __future__ import annotations

from dataclasses import replace

from noc.http.scope import Scope
from noc.model.account import RIGHTS, ROLES
from tests.unit.noc.api.answers import get, refused
from tests.unit.noc.api.test_parts import NEIGHBOUR, STOPPED, TAKEN, UP
from tests.unit.noc.http.house import House

LLDP = {"protocol": "lldp", "local_port": "Gi0/0", "remote_name": "bds-rtr-1", "remote_port": "Gi0/1"}


async def test_tables_are_told_as_they_were_read(house: House) -> None:
    assert await get(house, "/devices/nbo-rtr-1/records") == {"records": {}, "satellite": {}}
    records = {**TAKEN.records, "neighbors": (LLDP,), "memory": ()}
    house.read("nbo-rtr-1", replace(TAKEN, records=records, satellite={"es_n0_db": 8.25, "rx_lock": True}))
    answer = await get(house, "/devices/nbo-rtr-1/records")
    assert answer["records"] == {"bgp_peers": [UP, STOPPED], "ospf_neighbors": [NEIGHBOUR], "neighbors": [LLDP]}
    assert answer["satellite"] == {"es_n0_db": 8.25, "rx_lock": True}
    chosen = await get(house, "/devices/nbo-rtr-1/records?kind=neighbors&kind=memory")
    assert chosen["records"] == {"neighbors": [LLDP]}
    assert "did you mean 'neighbors'" in await refused(
        house, "/devices/nbo-rtr-1/records?kind=neighbour", "/query/kind"
    )


async def test_tables_of_another_region_are_not_there(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"europe"})))
    await house.asks("/api/v1/devices/nbo-rtr-1/records", bearer=False, status=404)


async def test_roles_are_told_with_what_they_may(house: House) -> None:
    items = (await get(house, "/roles"))["items"]
    assert [one["role"] for one in items] == list(ROLES)
    assert {one["role"]: set(one["rights"]) for one in items} == RIGHTS
