"""What is drawn of a site, a device, a path, an incident; what was measured on it; what somebody may not see."""

from __future__ import annotations

from dataclasses import replace

from noc.inventory.entities import Circuit, Device, Service
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.model.present import Word
from noc.model.series import Latest
from noc.sketch import views
from noc.sketch.graph import HIDDEN, Node, health
from noc.sketch.measured import measured, of_circuits
from noc.sketch.ways import Ways
from noc.topology import Topology
from tests.flows.world import circuit, device, inventory, site


def up(_: str) -> Word:
    return "up"


def satellite(name: str, of: str, a: str) -> Circuit:
    end = {"device": a, "interface": "sat"}
    return Circuit.model_validate({"id": name, "name": name, "kind": "satellite", "site": of, "a": end})


def modem(name: str, of: str, number: int, **changes: object) -> Device:
    return device(name, of, number, device_class="satellite-modem", **changes)


def world() -> Inventory:
    """Two data centres; nairobi hangs on both by fibre, juba on nairobi by fibre and on the station of dc-2."""
    sites = [site("dc-1", "c1"), site("dc-2", "c2"), site("nairobi", "n1"), site("juba", "j1")]
    devices = [
        device("c1", "dc-1", 1),
        device("c2", "dc-2", 2),
        device("es", "dc-2", 3, upstream=("device/c2",)),
        device("n1", "nairobi", 4, upstream=("site/dc-1", "site/dc-2")),
        device("j1", "juba", 5, upstream=("site/nairobi", "device/m1")),
        modem("m1", "juba", 6, upstream=("device/es",)),
        modem("m2", "juba", 7, upstream=("device/es",)),
        *(device(f"j-sw{number}", "juba", 10 + number, upstream=("device/j1",)) for number in range(5)),
    ]
    circuits = [
        circuit("nbo", "nairobi", "n1", "c1"),
        circuit("jub", "juba", "j1", "n1"),
        satellite("sat", "juba", "j1"),
    ]
    made = inventory(sites, devices, circuits)
    served = Formula(any_of=("site/dc-1", "site/dc-2"))
    return replace(made, services={"erp": Service(id="erp", name="ERP", formula=served)})


WORLD = world()


def ways() -> Ways:
    return Ways(Topology(WORLD))


def test_a_circuit_leads_where_its_far_end_is_and_a_satellite_one_over_the_modem() -> None:
    out = {way.circuit.id: way for way in ways().out_of("site/juba") if way.circuit is not None}
    assert out["jub"].far == ("site/nairobi",)
    assert (out["sat"].inside, out["jub"].inside) == (("device/m1",), ("device/j1",))
    assert out["sat"].far == ("device/es",)


def test_there_are_ways_to_both_data_centres() -> None:
    found = {centre: [path.steps for path in ways().paths("site/juba", centre)] for centre in ways().centres}
    assert ("circuit/jub", "site/nairobi", "circuit/nbo") in found["site/dc-1"]
    assert any(steps[-1] == "device/es" for steps in found["site/dc-2"])


def test_a_site_has_its_ways_above_and_its_devices_folded() -> None:
    graph = views.site(ways(), up, "site/juba")
    assert {"site/dc-1", "site/dc-2", "site/nairobi", "circuit/jub", "circuit/nbo", "device/j1"} <= graph.nodes.keys()
    assert [node.count for node in graph.nodes.values() if node.kind == "group"] == [5]
    assert ("circuit/jub", "device/j1") in graph.edges
    assert ("site/nairobi", "circuit/jub") in graph.edges
    assert ("device/es", "device/m2") in graph.edges


def test_a_device_has_its_ways_and_what_hangs_on_it() -> None:
    graph = views.device(ways(), up, "device/j-sw1")
    assert graph.nodes["device/j-sw1"].marked
    assert "device/j-sw2" not in graph.nodes
    assert {"device/j1", "circuit/jub", "site/dc-1"} <= graph.nodes.keys()
    assert views.device(ways(), up, "device/es").nodes.keys() >= {"site/juba", "device/c2", "site/dc-2"}


def test_a_path_to_a_data_centre_leaves_out_what_leads_elsewhere() -> None:
    graph = views.path(ways(), up, ["site/juba", "site/dc-1"])
    assert graph.nodes.keys() == {"site/juba", "circuit/jub", "site/nairobi", "circuit/nbo", "site/dc-1"}
    both = views.path(ways(), up, ["site/juba", "site/nairobi"])
    assert both.nodes.keys() == {"site/juba", "circuit/jub", "site/nairobi"}


def test_an_incident_has_its_root_and_symptoms_elsewhere_by_site() -> None:
    symptoms = ["device/j1", "device/j-sw1", "interface/j1/lan", "service/erp"]
    graph = views.incident(ways(), up, "device/es", symptoms, more=7)
    assert graph.nodes["device/es"].marked
    assert ("device/es", "site/juba") in graph.edges
    assert ("device/es", "service/erp") in graph.edges
    assert graph.hidden == 7


def test_all_sites_are_folded_below_the_data_centres() -> None:
    graph = views.network(ways(), up)
    assert graph.nodes.keys() == {"site/dc-1", "site/dc-2", "site/nairobi", "site/juba"}
    assert ("site/nairobi", "site/juba") in graph.edges


def test_what_somebody_may_not_see_has_no_name() -> None:
    whole = views.site(ways(), up, "site/juba")
    seen = whole.veiled(lambda entity: entity not in ("site/dc-1", "site/dc-2", "device/es", "circuit/nbo")).settled()
    assert seen.nodes[HIDDEN].name == ""
    assert not {"site/dc-1", "site/dc-2", "device/es", "circuit/nbo"} & {end for ends in seen.edges for end in ends}
    assert (HIDDEN, "site/nairobi") in seen.edges
    assert seen.edges[HIDDEN, "site/nairobi"].status == "up"


def test_a_line_is_as_its_worse_end_but_a_circuit_that_nobody_judges_says_nothing() -> None:
    well, broken = Node("device/a", "device", "a", "up"), Node("device/b", "device", "b", "down")
    line = Node("circuit/c", "circuit", "c", "unknown")
    assert health(well, broken) == "down"
    assert health(line, well) == "up"
    assert health(replace(line, status="down"), well) == "down"


def number(measurement: str, field: str, value: float, **tags: str) -> Latest:
    return Latest(measurement, tags, field, 1_000, value)


def test_numbers_belong_to_the_circuit_of_the_probe_and_to_the_data_centre_that_it_names() -> None:
    probe = {"device": "n1", "index": "10", "tag": "to-dc-2"}
    latest = [
        number("noc_path", "rtt_ms", 640.0, **probe),
        number("noc_path", "loss_pct", 1.5, **probe),
        number("ping", "average_response_ms", 655.0, device="n1", url="10.0.0.4"),
    ]
    asked, pinged = sorted(measured(latest), key=lambda one: one.by, reverse=True)
    assert (asked.by, asked.rtt_ms, asked.loss_pct, asked.jitter_ms) == ("probe", 640.0, 1.5, None)
    assert (pinged.by, pinged.rtt_ms) == ("noc", 655.0)
    assert asked.asks("dc-2")
    assert not asked.asks("dc-1")
    assert of_circuits(WORLD, ["circuit/nbo", "circuit/jub"], [asked, pinged]) == {"circuit/nbo": asked}
