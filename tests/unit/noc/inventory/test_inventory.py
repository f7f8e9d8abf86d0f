"""The inventory: looked up, and compared with the one before."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from noc.inventory.entities import Device
from noc.inventory.inventory import Change, Inventory, difference

from .conftest import Load

FILES = {
    "regions.yaml": "regions: {africa: {name: Africa}, asia: {}}",
    "sites.yaml": """
        sites:
          nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1]}
          goma: {region: africa, class: field, edge_devices: [goma-rtr-1]}
          bangkok: {region: asia, class: rtc, edge_devices: [bkk-rtr-1]}
    """,
    "devices.yaml": """
        devices:
          nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}
          goma-rtr-1: {site: goma, address: 192.0.2.2, class: router, upstream: [nairobi]}
          bkk-rtr-1: {site: bangkok, address: 192.0.2.3, class: router, upstream: [nbo-rtr-1, site/nairobi]}
          nbo-sw-1: {site: nairobi, address: 192.0.2.4, class: switch}
    """,
    "circuits.yaml": """
        circuits:
          goma-sat: {kind: satellite, site: goma, a: {device: goma-rtr-1, interface: Gi0/0}}
    """,
    "services.yaml": "services: {erp: {formula: {any_of: [site/nairobi]}}}",
}


@pytest.fixture
def inventory(load: Load) -> Inventory:
    loaded = load(FILES)
    assert loaded.findings == ()
    assert loaded.inventory is not None
    return loaded.inventory


def ids(devices: tuple[Device, ...]) -> list[str]:
    return [device.id for device in devices]


def test_look_ups(inventory: Inventory) -> None:
    assert ids(inventory.devices_of("nairobi")) == ["nbo-rtr-1", "nbo-sw-1"]
    assert inventory.devices_of("nowhere") == ()
    assert [site.id for site in inventory.sites_of("africa")] == ["nairobi", "goma"]
    assert [circuit.id for circuit in inventory.circuits_of("goma")] == ["goma-sat"]
    assert inventory.circuits_of("nairobi") == ()
    assert inventory.region_of(inventory.devices["bkk-rtr-1"]).id == "asia"


def test_entities_have_names(inventory: Inventory) -> None:
    for kind in ("regions", "sites", "devices", "circuits", "services"):
        for thing in getattr(inventory, kind).values():
            assert thing.entity == f"{kind.removesuffix('s')}/{thing.id}"
            assert inventory.entity(thing.entity) is thing
    for name in ("device/x", "nairobi", "poller/brindisi", "", "site/"):
        assert inventory.entity(name) is None


def test_upstream_is_given_by_full_names(inventory: Inventory) -> None:
    assert inventory.devices["goma-rtr-1"].upstream == ("site/nairobi",)
    assert inventory.devices["bkk-rtr-1"].upstream == ("device/nbo-rtr-1", "site/nairobi")


def test_an_inventory_is_frozen(inventory: Inventory) -> None:
    with pytest.raises(TypeError):
        inventory.devices["x"] = inventory.devices["nbo-rtr-1"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        inventory.devices = {}  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        inventory.devices["nbo-rtr-1"].site = "goma"  # type: ignore[misc]


def test_nothing_changed(inventory: Inventory, load: Load) -> None:
    again = load(FILES).inventory
    assert again is not None
    assert again is not inventory
    assert not difference(inventory, again)


def test_the_difference_is_what_a_reload_has_to_do(inventory: Inventory, load: Load) -> None:
    changed = load(
        {
            "regions.yaml": FILES["regions.yaml"].replace("Africa", "All of Africa"),
            "sites.yaml": FILES["sites.yaml"].replace("class: field", "class: field, defaults: {retries: 5}"),
            "devices.yaml": FILES["devices.yaml"].replace("nbo-sw-1", "nbo-sw-2"),
            "circuits.yaml": "",
        }
    ).inventory
    assert changed is not None
    found = difference(inventory, changed)
    assert found.regions == Change(changed=frozenset({"africa"}))
    assert found.sites == Change(changed=frozenset({"goma"}))
    assert found.devices == Change(
        added=frozenset({"nbo-sw-2"}), removed=frozenset({"nbo-sw-1"}), changed=frozenset({"goma-rtr-1"})
    )
    assert found.circuits == Change(removed=frozenset({"goma-sat"}))
    assert not found.services
    assert found


def test_from_nothing_everything_is_new(inventory: Inventory) -> None:
    assert difference(Inventory(), inventory).devices.added == set(inventory.devices)
    assert difference(inventory, Inventory()).sites.removed == set(inventory.sites)
    device = inventory.devices["nbo-rtr-1"]
    other = Inventory(devices={"nbo-rtr-1": replace(device, tags=("core",))})
    assert difference(Inventory(devices={"nbo-rtr-1": device}), other).devices.changed == {"nbo-rtr-1"}
