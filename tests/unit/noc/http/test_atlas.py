"""What the map shows of an inventory, and to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.http.atlas import Atlases, atlas_of, far_ends
from noc.http.scope import EVERYTHING, Scope
from noc.inventory.entities import Circuit, Site
from noc.inventory.inventory import Inventory
from tests.unit.noc.http.house import CIRCUIT, INVENTORY

AFRICA = Scope(frozenset({"africa"}))


def _placed(inventory: Inventory, key: str, latitude: float, longitude: float) -> Inventory:
    fields = {**inventory.sites[key].model_dump(by_alias=True), "latitude": latitude, "longitude": longitude}
    return replace(inventory, sites={**inventory.sites, key: Site.model_validate(fields)})


def _upstream(inventory: Inventory, device: str, *upstream: str) -> Inventory:
    return replace(
        inventory, devices={**inventory.devices, device: replace(inventory.devices[device], upstream=upstream)}
    )


def _circuit(**changed: object) -> Circuit:
    fields = {"id": "nbo-sat", "name": "Satellite", "kind": "satellite", "site": "nairobi"}
    return Circuit.model_validate({**fields, "a": {"device": "nbo-rtr-1", "interface": "Gi0/0"}, **changed})


def test_a_circuit_leads_to_where_its_far_end_stands() -> None:
    circuit = _circuit(z={"device": "bds-rtr-1", "interface": "Gi0/1"})
    assert far_ends(INVENTORY, circuit) == ("brindisi",)


def test_without_a_far_end_it_leads_to_where_its_router_hangs_also_behind_a_modem() -> None:
    assert far_ends(INVENTORY, CIRCUIT) == ("brindisi",)
    behind = _upstream(INVENTORY, "nbo-rtr-1", "device/nbo-ups-1")
    assert far_ends(behind, CIRCUIT) == ()
    assert far_ends(_upstream(behind, "nbo-ups-1", "device/bds-rtr-1", "site/bangui"), CIRCUIT) == (
        "brindisi",
        "bangui",
    )


def test_devices_that_hang_on_each_other_lead_nowhere() -> None:
    round_about = _upstream(INVENTORY, "nbo-rtr-1", "device/nbo-ups-1")
    assert far_ends(_upstream(round_about, "nbo-ups-1", "device/nbo-rtr-1"), CIRCUIT) == ()


def test_a_probe_tells_from_where_the_way_begins() -> None:
    circuit = _circuit(a=None, probe={"device": "nbo-rtr-1", "name": "7"})
    assert far_ends(INVENTORY, circuit) == ("brindisi",)


def test_who_sees_one_region_sees_its_sites_alone_and_no_far_end_elsewhere() -> None:
    whole, limited = atlas_of(INVENTORY, EVERYTHING), atlas_of(INVENTORY, AFRICA)
    assert [site.id for site in whole.sites] == ["bangui", "brindisi", "nairobi"]
    assert [line.ends for line in whole.lines] == [("brindisi",)]
    assert whole.hubs == {"brindisi"}
    assert [site.id for site in limited.sites] == ["bangui", "nairobi"]
    assert [line.ends for line in limited.lines] == [()]
    assert limited.hubs == frozenset()
    assert atlas_of(INVENTORY, Scope(frozenset())).sites == ()


@pytest.mark.parametrize("moved", [(-1.3, 36.8), (0.0, 0.0)])
def test_another_place_is_another_version(moved: tuple[float, float]) -> None:
    before, after = atlas_of(INVENTORY, EVERYTHING), atlas_of(_placed(INVENTORY, "nairobi", *moved), EVERYTHING)
    assert before.version == atlas_of(INVENTORY, EVERYTHING).version
    assert before.version != after.version
    assert before.version != atlas_of(INVENTORY, AFRICA).version


def test_an_atlas_is_made_once_for_an_inventory_and_what_somebody_may_see() -> None:
    atlases = Atlases()
    made = atlases.of(INVENTORY, EVERYTHING)
    assert atlases.of(INVENTORY, Scope()) is made
    assert atlases.of(INVENTORY, AFRICA) is not made
    assert atlases.of(INVENTORY, AFRICA) is atlases.of(INVENTORY, Scope(frozenset({"africa"})))
    assert atlases.of(replace(INVENTORY), EVERYTHING) is not made
