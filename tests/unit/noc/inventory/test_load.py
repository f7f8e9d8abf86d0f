"""The contract's own example, and the whole fleet."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import fleet
from noc.inventory.layers import Layers
from noc.inventory.load import load_inventory
from noc.inventory.watches import Known


def test_the_example_of_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("config/inventory")
    folder.mkdir(parents=True)
    head = [
        "regions: {africa: {}}",
        "sites:",
        "  nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1]}",
        "devices:",
        "  nbo-rtr-1:",
        "    site: nairobi",
        "    address: 192.0.2.1",
        "    class: router",
        "    credentials: standard",
        "    profile:",
    ]
    lines = [*head, *["      # a word about it"] * (41 - len(head)), "      cisco-iosxz"]
    (folder / "sites.yaml").write_text("\n".join(lines))
    loaded = load_inventory(folder, Layers(), Known({"cisco-iosxe"}, {"standard"}, {"standard"}), {})
    assert [str(finding) for finding in loaded.findings] == [
        (
            "config/inventory/sites.yaml:42:7: error: device 'nbo-rtr-1': unknown profile 'cisco-iosxz'"
            " (did you mean 'cisco-iosxe'?)"
        )
    ]


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
