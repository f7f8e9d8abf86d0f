"""Whom noc asks what when an incident opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.diagnosis import COMMANDS, asks
from noc.inventory.entities import Circuit, Site
from noc.inventory.inventory import Inventory
from noc.model.command import Command
from noc.model.incident import Incident
from tests.things import device

CIRCUIT = Circuit.model_validate(
    {
        "id": "line",
        "name": "Line",
        "kind": "mpls",
        "site": "field",
        "a": {"device": "field-1", "interface": "Gi0/0"},
        "z": {"device": "hub-1", "interface": "Gi0/7"},
    }
)


def site(name: str, *edges: str) -> Site:
    fields = {"id": name, "name": name, "region": "r", "class": "field", "edge_devices": edges}
    return Site.model_validate(fields)


INVENTORY = Inventory(
    sites={"hub": site("hub", "hub-1", "hub-2"), "field": site("field", "field-1")},
    devices={
        "hub-1": replace(device("hub-1", "192.0.2.1"), site="hub"),
        "hub-2": replace(device("hub-2", "192.0.2.2"), site="hub"),
        "field-1": replace(device("field-1", "192.0.2.3"), site="field", upstream=("site/hub",)),
        "field-sw": replace(device("field-sw", "192.0.2.4"), site="field", device_class="switch"),
    },
    circuits={"line": CIRCUIT},
)


def incident(entity: str, **facts: str) -> Incident:
    return Incident(1, entity, "rule", "major", "", 0, 0, facts)


def asked(one: Incident, *down: str, platform: str = "cisco-ios") -> dict[str, list[str]]:
    found = asks(one, INVENTORY, lambda device: device.id not in down, lambda _: platform)
    return {ask.device.id: [command.text for command in ask.commands] for ask in found}


TRACE = "traceroute 192.0.2.3 numeric timeout 1 probe 1 ttl 1 15"
BGP = "show ip bgp summary"


def test_who_is_down_is_looked_at_from_the_far_ends_and_from_upstream() -> None:
    found = asked(incident("device/field-1", status="down"), "field-1")
    assert found == {"hub-1": [TRACE, BGP, "show interfaces Gi0/7"], "hub-2": [TRACE, BGP, "show ip interface brief"]}
    assert list(asked(incident("device/field-1", status="down"), "field-1", "hub-1")) == ["hub-2"]
    assert asked(incident("site/field"), "field-1", "field-sw") == found
    assert asked(incident("device/field-1", status="down"), "field-1", "hub-1", "hub-2") == {}


def test_who_is_not_down_is_asked_itself() -> None:
    assert asked(incident("device/field-sw", **{"tag.ifName": "Gi0/3"})) == {"field-sw": ["show interfaces Gi0/3"]}
    assert asked(incident("interface/hub-1/Gi0/7")) == {"hub-1": [BGP, "show interfaces Gi0/7"]}
    assert asked(incident("circuit/line")) == {
        "hub-1": [BGP, "show interfaces Gi0/7"],
        "field-1": [BGP, "show interfaces Gi0/0"],
    }


def test_a_neighbour_that_is_lost_is_traced_from_its_router() -> None:
    trace = "traceroute 198.51.100.9 numeric timeout 1 probe 1 ttl 1 15"
    assert asked(incident("peer/hub-1/bgp:198.51.100.9"))["hub-1"][:2] == [trace, BGP]


@pytest.mark.parametrize("entity", ["shared/beam/c3", "poller/x", "service/mail", "device/none", "site/none"])
def test_of_what_is_no_device_nobody_is_asked(entity: str) -> None:
    assert asked(incident(entity, status="down")) == {}


def test_a_name_that_is_no_word_of_the_command_line_is_not_asked_for() -> None:
    assert asked(incident("interface/hub-1/Gi0;reload")) == {"hub-1": [BGP]}
    assert asked(incident("device/hub-1"), platform="an-unknown-one") == {}


@pytest.mark.parametrize("platform", COMMANDS)
def test_all_that_is_asked_changes_nothing(platform: str) -> None:
    for text in COMMANDS[platform].values():
        for address in ("192.0.2.1", "2001:db8::1"):
            Command(platform, text.format(address=address, interface="eth0"))


@pytest.mark.parametrize(
    "text",
    [
        "traceroute 192.0.2.1",
        "traceroute 192.0.2.1; reload numeric timeout 1 probe 1 ttl 1 15",
        "traceroute host.example.org numeric timeout 1 probe 1 ttl 1 15",
        "traceroute abc numeric timeout 1 probe 1 ttl 1 15",
    ],
)
def test_no_other_trace_is_run(text: str) -> None:
    with pytest.raises(ValueError, match="is not run on cisco-ios"):
        Command("cisco-ios", text)
