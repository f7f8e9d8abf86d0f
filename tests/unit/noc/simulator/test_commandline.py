"""The command lines of the world's routers: what they print is read as what they are."""

from __future__ import annotations

import json

import pytest

from noc.inventory.shipped import shipped
from noc.pipeline.configtext import copy_of
from noc.simulator.commandline import CHANGED_EVERY, SITES, RouterConsole, consoles, has_console
from noc.simulator.scene import Scene
from noc.wire.clitemplates import Templates, answer
from tests.unit.noc.simulator.simulated import NOW_MS, story

TEMPLATES = Templates([shipped("profiles") / "cli"])


@pytest.fixture
def scene() -> Scene:
    return Scene(story(), NOW_MS)


def routers(scene: Scene, *, everywhere: bool = False) -> list[str]:
    return [
        str(machine.device.address)
        for machine in scene.machines
        if machine.device.device_class == "router" and (everywhere or machine.place.site_class in SITES)
    ]


def test_routers_have_a_command_line_and_others_none(scene: Scene) -> None:
    at = consoles(scene, lambda: NOW_MS)
    assert routers(scene) != []
    there = routers(scene, everywhere=True)
    assert all(at(address) is not None for address in there)
    others = {str(machine.device.address) for machine in scene.machines} - set(there)
    assert [at(address) for address in (*others, "192.0.2.1")] == [None] * (len(others) + 1)


@pytest.mark.parametrize("command", ["show version", "show inventory", "show ntp status"])
def test_what_a_router_prints_can_be_read(scene: Scene, command: str) -> None:
    console = consoles(scene, lambda: NOW_MS)(routers(scene)[0])
    assert isinstance(console, RouterConsole)
    question = json.dumps(["cisco_ios", command, None, console.answer(command)]).encode()
    rows, reason = json.loads(answer(TEMPLATES, question))
    assert (len(rows), reason) == (1, None)
    if command == "show version":
        assert (rows[0]["version"], rows[0]["hardware"]) == ("17.6.5", ["ISR4331/K9"])
        assert rows[0]["serial"][0].startswith("SIM")


def test_its_configuration_changes_now_and_then_and_says_by_whom(scene: Scene) -> None:
    console = consoles(scene, lambda: NOW_MS)(routers(scene)[0])
    later = consoles(scene, lambda: NOW_MS + int(CHANGED_EVERY.total_seconds() * 1000))(routers(scene)[0])
    soon = consoles(scene, lambda: NOW_MS + 1000)(routers(scene)[0])
    assert console is not None
    assert later is not None
    assert soon is not None
    copies = [copy_of([one.answer("show running-config")]) for one in (console, soon, later)]
    digests = [copy.digest for copy in copies if copy is not None]
    assert digests[0] == digests[1] != digests[2]
    assert copies[0] is not None
    assert copies[0].author in ("achieng", "luca", "duty")
    assert console.answer("reload") == "% Invalid input detected at '^' marker."


def rows_of(console: RouterConsole, command: str) -> list[dict[str, str]]:
    question = json.dumps(["cisco_ios", command, None, console.answer(command)]).encode()
    rows, reason = json.loads(answer(TEMPLATES, question))
    assert reason is None, console.answer(command)
    return list(rows)


def test_sessions_and_interfaces_are_printed_as_they_are_told_by_snmp(scene: Scene) -> None:
    machine = next(one for one in scene.machines if has_console(one))
    device = machine.device
    scene.fail(f"interface/{device.id}/GigabitEthernet0/0/1", NOW_MS)
    scene.advance(NOW_MS + 1)
    console = consoles(scene, lambda: NOW_MS + 1)(str(device.address))
    assert isinstance(console, RouterConsole)
    printed = console.answer("show ip bgp summary")
    peers = scene.world.peers.get(device.number, ())
    assert all(str(peer.address) in printed for peer in peers)
    sessions = rows_of(console, "show ip bgp summary")
    assert len(sessions) == len(peers) + 1
    assert {row["state_or_prefixes_received"] for row in sessions} <= {"24", "Idle"}
    brief = {row["interface"]: row["status"] for row in rows_of(console, "show ip interface brief")}
    assert (brief["GigabitEthernet0/0/0"], brief["GigabitEthernet0/0/1"]) == ("up", "down")
    (one,) = rows_of(console, "show interfaces GigabitEthernet0/0/1")
    assert (one["link_status"], one["protocol_status"]) == ("down", "down")
    assert console.answer("show interfaces Gi9").startswith("% Invalid input")


def test_every_router_answers_what_an_incident_asks_of_it(scene: Scene) -> None:
    gone = scene.world.devices[-1]
    scene.fail(gone.entity, NOW_MS)
    scene.advance(NOW_MS + 1)
    at = consoles(scene, lambda: NOW_MS + 1)
    for address in set(routers(scene, everywhere=True)) - {str(gone.address)}:
        console = at(address)
        assert console is not None
        for command in ("show ip bgp summary", "show ip interface brief"):
            assert "Invalid" not in console.answer(command)
        for target, hops in ((address, 1), (str(gone.address), 15)):
            printed = console.answer(f"traceroute {target} numeric timeout 1 probe 1 ttl 1 15")
            assert len(printed.splitlines()) == 2 + hops
            assert ("*" in printed) == (hops == 15)
