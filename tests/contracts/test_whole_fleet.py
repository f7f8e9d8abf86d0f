"""The whole fleet of the benchmarks: always the same, and an inventory with nothing wrong."""

from __future__ import annotations

from pathlib import Path

from bench import fleet
from noc.inventory.layers import Layers
from noc.inventory.load import load_inventory
from noc.inventory.watches import Known


def test_the_fleet_of_a_seed_is_always_the_same() -> None:
    assert fleet.fleet(seed=7) == fleet.fleet(seed=7)


def test_the_whole_fleet_is_clean(tmp_path: Path) -> None:
    fleet.write(fleet.fleet(), tmp_path, "csv")
    loaded = load_inventory(tmp_path / "inventory", Layers(), Known({"auto"}, {"standard"}, {"standard"}), {})
    assert loaded.findings == ()
    inventory = loaded.inventory
    assert inventory is not None
    assert len(inventory.sites) == 594
    assert len(inventory.devices) == sum(fleet.CLASSES.values()) == 20_303
    assert {device.device_class for device in inventory.devices.values()} == set(fleet.CLASSES)
    assert all(inventory.devices_of(site) for site in inventory.sites)
    roots = {device.site for device in inventory.devices.values() if not device.upstream}
    assert roots == {"brindisi"}
