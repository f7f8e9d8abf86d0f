"""Where inventory and network disagree."""

from __future__ import annotations

from noc.discovery.drift import NEIGHBOURS_AT_MOST, Look, agreed, drifts
from noc.discovery.ground import host_of
from noc.model.discovery import Baseline, Drift, Found, Neighbour
from tests.unit.noc.discovery.houses import DEVICES, found, ground, placed, watch

ROUTER = DEVICES[0]


def look(**said: object) -> Look:
    return Look(ROUTER, alive=True, found=found("10.1.0.1", **{"sys_name": "NBO-RTR-1.example.org", **said}))


def kinds(one: Look, *baselines: Baseline, ignored: tuple[str, ...] = ()) -> list[tuple[str, str | None, str | None]]:
    return [(drift.kind, drift.expected, drift.seen) for drift in drifts([one], ground(baselines=baselines), ignored)]


def test_a_device_that_is_as_it_is_written_gives_nothing() -> None:
    assert kinds(look(device_class="router", profile="cisco-ios", serial="S1", model="ISR")) == []
    assert host_of("NBO-RTR-1.example.org") == host_of("nbo-rtr-1(FDO123)") == "nbo-rtr-1"
    assert host_of("10.0.0.1") == "10.0.0.1"


def test_a_device_that_answers_no_more_is_told() -> None:
    assert kinds(Look(ROUTER, alive=False, reason="no answer")) == [("silent", "10.1.0.1", "no answer")]
    assert kinds(Look(ROUTER, alive=True, reason="refused")) == [("no-snmp", "10.1.0.1", "refused")]
    assert kinds(Look(ROUTER, alive=True)) == []  # isn't asked by SNMP


def test_a_name_is_held_against_the_inventory_and_then_against_what_was_agreed() -> None:
    renamed = look(sys_name="nairobi-edge")
    assert kinds(renamed) == [("name", "nbo-rtr-1", "nairobi-edge")]
    assert kinds(renamed, Baseline("nbo-rtr-1", 1, sys_name="nairobi-edge")) == []
    assert kinds(look(), Baseline("nbo-rtr-1", 1, sys_name="nairobi-edge")) == [
        ("name", "nairobi-edge", "NBO-RTR-1.example.org")
    ]


def test_a_replaced_device_shows_by_serial_number_and_model() -> None:
    before = Baseline("nbo-rtr-1", 1, serial="S1", model="ISR4331", profile="cisco-iosxe")
    assert kinds(look(serial="S2", model="C8300", profile="cisco-iosxe"), before) == [
        ("serial", "S1", "S2"),
        ("model", "ISR4331", "C8300"),
    ]
    assert kinds(look(profile="cisco-ios"), before) == [("profile", "cisco-iosxe", "cisco-ios")]
    assert kinds(look(profile="generic"), before) == []  # it tells nothing: that contradicts nobody


def test_profile_and_class_are_held_against_what_people_wrote() -> None:
    named = placed("x", "10.1.0.9", "nairobi", watch=watch(profile="cisco-ios"))
    seen = Look(named, alive=True, found=found("10.1.0.9", sys_name="x", profile="arista-eos", device_class="switch"))
    told = [(one.kind, one.expected, one.seen) for one in drifts([seen], ground(named))]
    assert told == [("profile", "cisco-ios", "arista-eos"), ("class", "router", "switch")]
    accepted = Baseline("x", 1, sys_name="x", profile="arista-eos", device_class="switch")
    assert drifts([seen], ground(named, baselines=(accepted,))) == []
    assert kinds(look(device_class="other")) == []


def test_an_address_that_answers_as_another_device_is_told() -> None:
    told = drifts([look(sys_name="bds-rtr-1")], ground())
    assert [(one.kind, one.subject) for one in told] == [("other-device", "bds-rtr-1")]
    serial = Baseline("bds-rtr-1", 1, sys_name="bds-rtr-1", serial="FTX1234A")
    told = drifts([look(serial="FTX1234A")], ground(baselines=(serial,)))
    assert [(one.kind, one.subject) for one in told] == [("other-device", "bds-rtr-1")]


def test_two_devices_of_the_inventory_that_are_one_are_told_once() -> None:
    one = look(serial="FTX1234A")
    other = Look(DEVICES[1], alive=True, found=found("10.1.0.2", sys_name="nbo-sw-1", serial="FTX1234A"))
    told = [drift for drift in drifts([one, other], ground()) if drift.kind == "twice"]
    assert [(drift.device, drift.subject) for drift in told] == [("nbo-sw-1", "nbo-rtr-1")]


def test_neighbours_that_nobody_knows_are_told_and_bounded() -> None:
    some = (
        Neighbour("lldp", "1", "nbo-sw-1.example.org", "1"),
        Neighbour("cdp", "2", "SEP0011223344(x)", "1"),
        Neighbour("lldp", "3", None, "1", "10.9.9.9"),
        Neighbour("lldp", "4", "renamed", "1", "10.2.0.1"),
        Neighbour("lldp", "5", None, "1"),
    )
    assert kinds(look(neighbours=some)) == [("neighbour", None, None), ("neighbour", None, "10.9.9.9")]
    assert kinds(look(neighbours=some), ignored=("sep0011223344",)) == [("neighbour", None, "10.9.9.9")]
    many = tuple(Neighbour("lldp", "1", f"phone-{number}", "1") for number in range(500))
    assert len(kinds(look(neighbours=many))) == NEIGHBOURS_AT_MOST


def test_what_is_not_disputed_holds_from_then_on() -> None:
    seen = look(sys_name="other-name", serial="S1", model="ISR", profile="cisco-ios", device_class="switch")
    told = drifts([seen], ground())
    assert {one.kind for one in told} == {"name", "class"}
    first = agreed(seen, told, None, 5, all_of_it=False)
    assert first == Baseline("nbo-rtr-1", 5, serial="S1", model="ISR", profile="cisco-ios")
    assert {one.kind for one in drifts([seen], ground(baselines=(first,)))} == {"name", "class"}  # still
    settled = agreed(seen, told, first, 9, all_of_it=True)
    assert drifts([seen], ground(baselines=(settled,))) == []


def test_a_silent_device_keeps_what_held() -> None:
    before = Baseline("nbo-rtr-1", 1, serial="S1")
    assert agreed(Look(ROUTER, alive=False), [], before, 9, all_of_it=True) == before


def test_another_device_at_the_address_is_not_taken_for_this_one() -> None:
    seen = look(sys_name="bds-rtr-1", serial="S9")
    told = drifts([seen], ground())
    assert told[0].kind == "other-device"
    assert agreed(seen, told, None, 5, all_of_it=False) == Baseline("nbo-rtr-1", 5)


def test_a_drift_is_data() -> None:
    assert Drift("d", "silent") == Drift("d", "silent", "", None, None, 0, 0)
    assert isinstance(look().found, Found)
