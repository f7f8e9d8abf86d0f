"""Which device alone keeps which sites in touch: as the impact of each device says, of all at once."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.entities import Circuit, Region, Site
from noc.inventory.inventory import Inventory
from noc.maintenance.impact import impact
from noc.maintenance.singlepoints import endangered
from tests.examples import at_least
from tests.things import device

SITES = ("a", "b", "c")
DEVICES = ("d0", "d1", "d2", "d3", "d4")


@st.composite
def networks(draw: st.DrawFn) -> Inventory:
    """Draw a small network: upstreams go to devices that are drawn before, and to sites whose devices all are."""
    devices = {}
    for number, key in enumerate(DEVICES):
        names = [f"device/{name}" for name in DEVICES[:number]]
        upstream = tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True))) if names else ()
        devices[key] = replace(device(key), site=draw(st.sampled_from(SITES)), upstream=upstream)
    sites = {}
    for key in SITES:
        own = [name for name, one in devices.items() if one.site == key]
        edges = draw(st.lists(st.sampled_from(own), unique=True)) if own else []
        written = {"id": key, "name": key, "region": "r", "class": "field", "edge_devices": edges}
        sites[key] = Site.model_validate_json(json.dumps(written))
    circuits = {}
    for key in draw(st.lists(st.sampled_from(("x", "y", "z")), unique=True)):
        ends = draw(st.lists(st.sampled_from(DEVICES), min_size=1, max_size=2))
        named = {name: {"device": end, "interface": "ge0"} for name, end in zip("az", ends, strict=False)}
        written = {"id": key, "name": key, "kind": "mpls", "site": draw(st.sampled_from(SITES)), **named}
        circuits[key] = Circuit.model_validate_json(json.dumps(written))
    return Inventory({"r": Region(id="r", name="r")}, sites, devices, circuits)


@given(networks())
@at_least(40)
def test_it_is_what_the_impact_of_each_device_says(network: Inventory) -> None:
    found = endangered(network)
    assert {one.entity: found.get(one.entity, ()) for one in network.devices.values()} == {
        one.entity: impact(network, one.entity).cut for one in network.devices.values()
    }
