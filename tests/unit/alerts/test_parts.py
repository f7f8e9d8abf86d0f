"""Incidents of parts of devices and of circuits: readable, and none where only nobody looked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.messages import words
from alerts.rules.compiled import DownKind, DownRule, Rules
from alerts.rules.load import load_rules
from alerts.rules.selection import Selection
from alerts.scene import scene_of
from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.incident import Notice
from noc.model.transition import Status, Transition
from tests.unit.alerts.alerting import DOWN, MINUTE, START_MS, House, changed, inventory

PEER = "peer/a/bgp:192.0.2.9"
BGP = DownRule(name="bgp-peer-down", summary="BGP peer down", severity="major", hold_ms=0, of=frozenset({"bgp"}))
LINE = DownRule(name="circuit-down", summary="Circuit down", severity="major", hold_ms=0, of=frozenset({"circuit"}))
CIRCUIT = Circuit.model_validate(
    {
        "id": "nbo-1",
        "name": "Nairobi to Brindisi",
        "kind": "mpls",
        "site": "s",
        "provider": "Example Carrier",
        "a": {"device": "a", "interface": "Gi0"},
    }
)
WITH_CIRCUIT = Inventory(inventory("a").regions, inventory("a").sites, inventory("a").devices, {"nbo-1": CIRCUIT})


@pytest.fixture
def watched(house: House) -> House:
    house.rules = Rules([DOWN, BGP, LINE])
    house.inventory = WITH_CIRCUIT
    house.engine = house.new_engine()
    return house


def peer(status: Status, at_ms: int = START_MS, before: Status = "up") -> Transition:
    return changed(status, at_ms, PEER, before)


def up(entity: str) -> Transition:
    return changed("up", START_MS - MINUTE, entity, "unknown")


async def test_a_peer_that_goes_down_opens_an_incident_of_its_own(watched: House) -> None:
    await watched.handle(up("device/a"), up(PEER), peer("down"))
    (one,) = await watched.incidents()
    assert (one.entity, one.rule, one.severity, one.state) == (PEER, "bgp-peer-down", "major", "new")
    await watched.send_all()
    (message,) = watched.mailbox.got
    assert message.subject == "major: a, BGP peer 192.0.2.9 is down at Nairobi, Africa [#1]"
    await watched.handle(peer("up", START_MS + MINUTE, "down"))
    assert [entry.state for entry in await watched.incidents()] == ["resolved"]


async def test_a_peer_that_never_was_up_opens_none(watched: House) -> None:
    await watched.handle(up("device/a"), peer("down", before="unknown"))
    assert await watched.incidents() == []
    assert await watched.waiting() == 0


@pytest.mark.parametrize("device", ["down", "unknown"])
async def test_parts_of_a_device_that_is_not_up_open_none(watched: House, device: Status) -> None:
    await watched.handle(up("device/a"), up(PEER), changed(device, START_MS - 1), peer("down"))
    assert PEER not in {one.entity for one in await watched.incidents()}
    assert await watched.waiting() == 1
    await watched.handle(peer("unknown", START_MS + MINUTE, "down"))
    await watched.later(2)
    assert PEER not in {one.entity for one in await watched.incidents()}
    assert await watched.waiting() == 0


async def test_a_peer_that_is_still_down_when_its_device_is_back_opens_one(watched: House) -> None:
    await watched.handle(up("device/a"), up(PEER), changed("down", START_MS - 1), peer("down"))
    await watched.handle(changed("up", START_MS + MINUTE, "device/a", "down"))
    await watched.later(2)
    assert [one.entity for one in await watched.incidents() if one.state == "new"] == [PEER]


async def test_what_people_take_out_of_the_configuration_is_no_incident_any_more(watched: House) -> None:
    await watched.handle(up("device/a"), up(PEER), peer("down"))
    gone = replace(peer("unknown", START_MS + MINUTE, "down"), reason="withdrawn")
    await watched.handle(gone)
    assert [one.state for one in await watched.incidents()] == ["resolved"]
    assert await watched.lines() == [("opened", "down"), ("resolved", "withdrawn")]


async def test_a_circuit_that_goes_down_names_itself_and_its_provider(watched: House) -> None:
    await watched.handle(changed("down", entity="circuit/nbo-1", before="unknown"))
    (one,) = await watched.incidents()
    notice = Notice(1, "k", one.id, 1, "achieng", "email", "page", START_MS)
    said = words(one, notice, scene_of(one.entity, WITH_CIRCUIT), START_MS)
    assert said.subject == "major: circuit Nairobi to Brindisi (nbo-1) is down at Nairobi, Africa [#1]"
    assert "Example Carrier" in said.text
    watched.inventory = inventory("a")
    watched.engine = watched.new_engine()
    await watched.engine.work()
    assert [entry.state for entry in await watched.incidents()] == ["resolved"]


async def test_a_part_of_a_device_that_left_ends_with_it(watched: House) -> None:
    await watched.handle(up("device/a"), up(PEER), peer("down"))
    watched.inventory = inventory("b")
    watched.engine = watched.new_engine()
    await watched.engine.work()
    assert await watched.lines() == [("opened", "down"), ("resolved", "not_watched")]


def test_rules_of_devices_are_not_rules_of_circuits() -> None:
    of: frozenset[DownKind] = frozenset({"circuit"})
    routers = replace(LINE, name="a", selection=Selection(classes=frozenset({"router"})), of=of)
    there = replace(LINE, name="b", selection=Selection(sites=frozenset({"s"})), of=of)
    site = WITH_CIRCUIT.sites["s"]
    assert Rules([routers]).down_for(None, site, "circuit") is None
    assert Rules([routers, there, DOWN]).down_for(None, site, "circuit") is there
    assert Rules([routers, there]).down_for(WITH_CIRCUIT.devices["a"], site) is None


def test_the_shipped_rules_speak_of_every_kind_of_part() -> None:
    rules, findings = load_rules([shipped("rules")])
    assert findings == []
    found = Rules(rules.values())
    device, site = WITH_CIRCUIT.devices["a"], WITH_CIRCUIT.sites["s"]
    kinds: tuple[DownKind, ...] = ("bgp", "ospf", "isis", "ldp", "vrf", "tunnel", "probe", "interface")
    names = [rule.name for kind in kinds if (rule := found.down_for(device, site, kind))]
    assert len(names) == len(kinds)
    assert found.down_for(None, site, "circuit") is not None
    assert getattr(found.down_for(device, site), "name", "") == "transport-down"
