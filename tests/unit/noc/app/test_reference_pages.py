"""The reference pages say what the models hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import make_reference
from noc.app.check import check
from noc.inventory.inventory import Inventory

PAGES = {path.name: path for path in make_reference.pages()}


def test_the_pages_of_settings_and_inventory_have_tables() -> None:
    assert {"inventory.md", "settings.md"} <= PAGES.keys()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_up_to_date(name: str) -> None:
    page = PAGES[name].read_text()
    assert make_reference.rendered(page) == page, "run: python docs/make_reference.py"


def test_every_model_has_its_table() -> None:
    text = "".join(path.read_text() for path in PAGES.values())
    assert [name for name in make_reference.MODELS if f"<!-- table: {name} -->" not in text] == []


def test_a_table_tells_type_default_and_meaning() -> None:
    table = make_reference.table(make_reference.MODELS["WatchText"])
    assert "| `interval` | duration | `1m` | Time between two liveness probes. |" in table
    assert "| `retries` | whole number from 0 to 10 | `2` |" in table
    site = make_reference.table(make_reference.MODELS["Site"])
    assert "| `latitude` | number from -90 to 90 |  | Degrees, north is positive. |" in site
    assert "| `region` | text | required | The region that it belongs to. |" in site
    assert "`id`" not in site


def test_the_tables_of_the_inventory_page_are_read_as_it_says(tmp_path: Path) -> None:
    examples = [block for block in PAGES["inventory.md"].read_text().split("\n\n") if block.startswith("    id,")]
    assert len(examples) == 2
    (tmp_path / "inventory").mkdir()
    (tmp_path / "noc.yaml").write_text("")
    (tmp_path / "inventory" / "all.yaml").write_text(
        "regions: {africa: {}}\n"
        "sites: {goma: {region: africa, class: field, edge_devices: [goma-rtr-1]}}\n"
        "devices:\n"
        "  goma-rtr-1: {site: goma, address: 203.0.113.66, class: router}\n"
        "  goma-sw-1: {site: goma, address: 203.0.113.67, class: switch}\n"
    )
    for name, block in zip(("devices", "circuits"), examples, strict=True):
        text = "\n".join(line.strip() for line in block.splitlines())
        (tmp_path / "inventory" / f"{name}.csv").write_text(text)
    result = check(tmp_path / "noc.yaml", {})
    assert result.findings == ()
    assert isinstance(result.inventory, Inventory)
    assert result.inventory.devices["goma-ups-1"].upstream == ("device/goma-sw-1", "device/goma-rtr-1")
    assert result.inventory.devices["goma-ups-1"].in_service[0].end is None
