"""What devices of the world say by themselves: when, who, and that noc reads it as what it is."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.receivers import _syslogevent, _trapevent
from noc.model.event import Event
from noc.simulator.commandline import CHANGED_EVERY, has_console
from noc.simulator.scene import Scene
from noc.simulator.telling import Line, Saying, Teller, Trap
from noc.simulator.voice import line_of, trap_of
from noc.wire.ber import Pdu, decode
from noc.wire.syslog import parse
from tests.books import book
from tests.unit.noc.simulator.simulated import NOW_MS, scene, story, world

STEP_MS = 5_000
HOUR_MS = 3_600_000


def event(saying: Saying) -> Event:
    """Return what the receivers make of it."""
    address, device = str(saying.now.machine.device.address), saying.now.machine.device.entity
    if isinstance(saying.what, Trap):
        message = decode(trap_of(saying, saying.what, 7, b"public"))
        assert isinstance(message.pdu, Pdu)
        said = _trapevent.notification_of(message.pdu)
        return _trapevent.event_of(said, book(), address, device, NOW_MS, lambda *_: None)[0]
    line = parse(line_of(saying, saying.what, 7), NOW_MS)
    assert line.host == saying.now.machine.device.id
    return _syslogevent.event_of(line, book(), address, device, NOW_MS)[0]


def lived(of: Scene, until_ms: int) -> Iterator[Saying]:
    teller = Teller(of)
    for now_ms in range(NOW_MS, until_ms, STEP_MS):
        of.advance(now_ms)
        yield from teller.look(now_ms)


def test_the_first_look_only_learns_and_a_quiet_moment_says_nothing() -> None:
    of = scene()
    of.fail(f"device/{of.world.devices[5].id}", NOW_MS)
    teller = Teller(of)
    assert teller.look(NOW_MS) == teller.look(NOW_MS + 1) == ()


def test_a_port_that_fails_is_told_by_trap_and_line() -> None:
    of = scene()
    router = next(one for one in of.world.devices if one.device_class == "router")
    teller = Teller(of)
    teller.look(NOW_MS)
    of.fail(f"interface/{router.id}/GigabitEthernet0/0/1", NOW_MS)
    down = [event(one) for one in teller.look(NOW_MS + 1)]
    assert [(one.name, one.event_class, one.facts["state"]) for one in down] == [
        ("IF-MIB::linkDown", "link", "down"),
        ("%LINEPROTO-5-UPDOWN", "link", "down"),
    ]
    assert (down[0].facts["if_index"], down[1].facts["interface"]) == (2, "GigabitEthernet0/0/1")
    of.restore(f"interface/{router.id}/GigabitEthernet0/0/1", NOW_MS + 2)
    assert [event(one).facts["state"] for one in teller.look(NOW_MS + 2)] == ["up", "up"]


def test_a_router_tells_of_the_far_end_that_it_no_longer_hears_and_the_silent_one_says_nothing() -> None:
    of = scene()
    number, peers = next((number, peers) for number, peers in of.world.peers.items() if peers)
    teller = Teller(of)
    teller.look(NOW_MS)
    of.fail(peers[0].entity, NOW_MS)
    said = teller.look(NOW_MS + 1)
    assert {one.now.machine.device.number for one in said} >= {number}
    assert peers[0].number not in {one.now.machine.device.number for one in said}
    about = [event(one) for one in said if one.now.machine.device.number == number]
    mine = [one for one in about if one.facts.get("peer") == str(peers[0].address)]
    assert {(one.name, one.facts["state"]) for one in mine} == {
        ("BGP4-MIB::bgpBackwardTransNotification", "idle"),
        ("%BGP-5-ADJCHANGE", "down"),
    }
    of.restore(peers[0].entity, NOW_MS + 2)
    back = [event(one) for one in teller.look(NOW_MS + 2)]
    assert {one.facts["state"] for one in back if one.facts.get("peer") == str(peers[0].address)} == {
        "established",
        "up",
    }


def test_somebody_who_configures_a_router_is_told_with_his_name() -> None:
    of = scene(world(12, 80))
    every_ms = int(CHANGED_EVERY.total_seconds() * 1000)
    said = [one for one in lived(of, NOW_MS + every_ms) if one.now.machine.device.device_class != "firewall"]
    routers = sum(map(has_console, of.machines))
    assert 0 < len(said) == 2 * routers
    found = [event(one) for one in said]
    assert {one.event_class for one in found} == {"configuration"}
    assert {one.facts.get("user") for one in found if one.kind == "syslog"} <= {"achieng", "luca", "duty"}


def test_a_story_is_told_in_all_its_classes_always_the_same() -> None:
    told = list(lived(Scene(story(), NOW_MS), NOW_MS + HOUR_MS))
    said, sooner_ms = [one.what for one in told], NOW_MS + HOUR_MS // 4
    again = [one.what for one in lived(Scene(story(), NOW_MS), sooner_ms)]
    assert said[: len(again)] == again
    assert again != [one.what for one in lived(Scene(story(seed=2), NOW_MS), sooner_ms)]
    found = [event(one) for one in told]
    assert {one.event_class for one in found} >= {"link", "routing", "power", "satellite", "configuration", "other"}
    assert {one.name for one in found} >= {
        "SNMPv2-MIB::coldStart",
        "%SYS-5-RESTART",
        "UPS-MIB::upsTrapOnBattery",
        "UPS-MIB::upsTrapAlarmEntryRemoved",
        "CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent",
    }
    carriers = [one for one in found if one.event_class == "satellite"]
    assert {(one.facts["state"], one.severity) for one in carriers} <= {("lost", "critical"), ("locked", "info")}
    assert any(isinstance(one, Line) for one in said)
