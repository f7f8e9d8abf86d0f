"""What a sweep takes of lines with a byte budget."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

from noc.app.sweepcost import Cost, costs, lines_of, networks_of
from noc.discovery.ranges import targets
from noc.discovery.settings import DiscoverySettings
from noc.inventory.entities import Circuit, Region, Site
from noc.inventory.inventory import Inventory
from tests.things import device

PLACES: dict[str, dict[str, object]] = {
    "nbo": {},
    "juba": {"budget": "64KiB/h", "subnets": ("10.7.0.0/24",)},
    "bangui": {},
}
ADDRESSES = {"nbo-1": "10.1.0.1", "juba-1": "10.7.0.1", "juba-2": "10.9.0.1", "bangui-1": "10.8.0.1"}
VSAT = {"id": "vsat", "name": "VSAT", "kind": "satellite", "site": "bangui", "budget": "1MiB/h"}


def house() -> Inventory:
    return Inventory(
        regions={"r": Region(id="r", name="R")},
        sites={
            key: Site.model_validate({"id": key, "name": key, "region": "r", "class": "field", **more})
            for key, more in PLACES.items()
        },
        devices={
            key: replace(device(key), site=key.split("-", maxsplit=1)[0], address=ip_address(address))
            for key, address in ADDRESSES.items()
        },
        circuits={"vsat": Circuit.model_validate({**VSAT, "probe": {"device": "bangui-1", "name": "1"}})},
    )


def told(*texts: str, settings: DiscoverySettings | None = None) -> dict[str, Cost]:
    found = costs(lines_of(house()), targets(texts, (), 1 << 24, force=True), settings or DiscoverySettings())
    return {one.line.holder: one for one in found}


def test_networks_of_a_site_with_a_budget_are_reckoned() -> None:
    cost = told("10.7.0.0/25")["site/juba"]
    assert cost.addresses == 126
    assert cost.known == 336 + 900 + 8000 + 125 * 168
    assert cost.all == 126 * (336 + 900 + 8000)


def test_without_a_ping_every_address_is_asked_with_all_credentials() -> None:
    never = DiscoverySettings(ping="never")
    assert told("10.7.0.9", settings=never)["site/juba"].known == 900


def test_a_device_elsewhere_and_the_surroundings_behind_a_circuit_count() -> None:
    assert told("10.9.0.0/24")["site/juba"].addresses == 1
    assert told("10.0.0.0/8")["circuit/vsat"].addresses == 256


def test_what_is_behind_no_budget_takes_nothing_of_any() -> None:
    assert told("10.200.0.0/16") == {}


def test_the_surroundings_of_a_device_are_not_those_of_another_site() -> None:
    assert networks_of(house(), "bangui") == [ip_network("10.8.0.0/24"), ip_network("10.8.0.1/32")]
