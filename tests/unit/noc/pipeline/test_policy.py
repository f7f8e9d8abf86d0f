"""What the inventory says of how figures are worked out."""

from __future__ import annotations

from dataclasses import replace

from noc.availability.spans import FOREVER, Span
from noc.inventory.entities import Circuit, Region, Service, Site
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.pipeline.policy import availability_policy
from tests.things import device

EDGE = replace(device("edge"), upstream=("site/hub", "device/satellite"))
PLAIN = replace(device("plain"), upstream=("site/hub",))
CIRCUITS = {
    name: Circuit.model_validate(
        {"id": name, "name": name, "kind": "mpls", "site": "far", "probe": {"device": at, "name": "1"}, **also}
    )
    for name, at, also in (
        ("seen", "edge", {"in_service": ("2026-02-01T00:00:00Z/",)}),
        ("unseen", "of-nobody", {}),
    )
}
INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={
        "far": Site.model_validate(
            {"id": "far", "name": "Far", "region": "r", "class": "field", "edge_devices": ("edge", "plain")}
        )
    },
    devices={"edge": EDGE, "plain": PLAIN},
    circuits=CIRCUITS,
    services={
        "mail": Service.model_validate(
            {
                "id": "mail",
                "name": "Mail",
                "formula": Formula(all_of=("device/edge",)),
                "in_service": ("/2027-01-01T00:00:00Z",),
            }
        )
    },
)


def test_a_site_is_degraded_by_its_edge_devices_several_next_hops_and_watched_circuits() -> None:
    paths = availability_policy(INVENTORY).paths["site/far"]
    assert paths == ("device/edge", "device/plain", "site/hub", "device/satellite", "circuit/seen")


def test_circuits_and_services_have_dates_too() -> None:
    policy = availability_policy(INVENTORY)
    february = CIRCUITS["seen"].in_service[0].start
    assert february is not None
    assert policy.service_of("circuit/seen") == [Span(to_ms(february), FOREVER)]
    assert policy.service_of("service/mail")[0].end < FOREVER
    assert "circuit/unseen" not in policy.in_service
