"""The contract's own example."""

from __future__ import annotations

from pathlib import Path

import pytest

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
