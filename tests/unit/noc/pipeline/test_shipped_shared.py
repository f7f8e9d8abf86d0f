"""What any device may tell by standard MIBs that no recording has, on answers made by hand from their texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])
Rows = dict[Index, dict[str, Raw]]

PORTS: Rows = {(10,): {"ifName": b"Gi0/1"}, (11,): {"ifName": b"Gi0/2"}, (12,): {"ifName": b"Gi0/3"}}


def take(tables: dict[str, Rows], profile: str = "generic", **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def states(taken: Snapshot) -> list[tuple[str, str | None, str]]:
    return [(sensor.name, sensor.text, sensor.status) for sensor in taken.sensors]


def test_fans_and_power_supplies_tell_their_state_and_locked_ones_none() -> None:
    kinds = {1: 7, 2: 6, 3: 9, 4: 10, 5: 6}  # fan, powerSupply, module, port, powerSupply
    parts: Rows = {
        (one,): {"entPhysicalClass": kind, "entPhysicalName": b"part %d" % one} for one, kind in kinds.items()
    }
    told: Rows = {(one,): {"entStateAdmin": 4, "entStateOper": 2} for one in kinds}
    told[2,] = {"entStateOper": 3}
    told[5,] = {"entStateAdmin": 2, "entStateOper": 2}
    assert states(take({"entPhysicalTable": parts, "entStateTable": told})) == [
        ("part 1", "disabled", "critical"),
        ("part 2", "enabled", "ok"),
        ("part 3", "disabled", "unknown"),
    ]


def test_a_port_that_was_taken_out_of_its_bundle_is_told_and_a_lone_one_is_not() -> None:
    members: Rows = {
        (10,): {"dot3adAggPortSelectedAggID": 99, "dot3adAggPortAttachedAggID": 99},
        (11,): {"dot3adAggPortSelectedAggID": 99, "dot3adAggPortAttachedAggID": 0},
        (12,): {"dot3adAggPortSelectedAggID": 12, "dot3adAggPortAttachedAggID": 12},
        (13,): {"dot3adAggPortSelectedAggID": 0, "dot3adAggPortAttachedAggID": 0},
    }
    assert states(take({"dot3adAggPortTable": members, "ifXTable": PORTS})) == [
        ("Gi0/1 in its bundle", "attached", "ok"),
        ("Gi0/2 in its bundle", "detached", "critical"),
    ]


def test_a_port_of_the_spanning_tree_has_the_name_of_its_interface() -> None:
    tree: Rows = {(1,): {"dot1dStpPortState": 5}, (2,): {"dot1dStpPortState": 6}}
    numbers: Rows = {(1,): {"dot1dBasePortIfIndex": 10}}
    taken = take({"dot1dStpPortTable": tree, "dot1dBasePortTable": numbers, "ifXTable": PORTS}, dot1dStpTopChanges=7)
    assert states(taken) == [
        ("Topology changes of the spanning tree", None, "ok"),
        ("Spanning tree on Gi0/1", "forwarding", "ok"),
        ("Spanning tree on port 2", "broken", "critical"),
    ]


def test_a_port_at_half_duplex_is_told() -> None:
    duplex: Rows = {(one,): {"dot3StatsDuplexStatus": mode} for one, mode in {10: 2, 11: 3, 12: 2}.items()}
    up: Rows = {(10,): {"ifOperStatus": 1}, (11,): {"ifOperStatus": 1}, (12,): {"ifOperStatus": 2}}
    assert states(take({"dot3StatsTable": duplex, "ifTable": up, "ifXTable": PORTS})) == [
        ("Duplex of Gi0/1", "halfDuplex", "warning")
    ]


def test_an_e3_line_tells_all_its_alarms() -> None:
    lines: Rows = {(11,): {"dsx3CircuitIdentifier": b"", "dsx3LineStatus": 32 + 64}, (12,): {"dsx3LineStatus": 1}}
    assert states(take({"dsx3ConfigTable": lines, "ifXTable": PORTS})) == [
        ("Gi0/2", "dsx3LOF, dsx3LOS", "critical"),
        ("Gi0/3", "dsx3NoAlarm", "ok"),
    ]


def test_a_port_with_power_tells_a_fault_and_one_that_is_switched_off_nothing() -> None:
    ports: Rows = {
        (1, 1): {"pethPsePortAdminEnable": 1, "pethPsePortDetectionStatus": 3},
        (1, 2): {"pethPsePortAdminEnable": 1, "pethPsePortDetectionStatus": 4},
        (1, 3): {"pethPsePortAdminEnable": 2, "pethPsePortDetectionStatus": 1},
    }
    assert states(take({"pethPsePortTable": ports}, "ethernet-switch")) == [
        ("PoE of port 1/1", "deliveringPower", "ok"),
        ("PoE of port 1/2", "fault", "critical"),
    ]


MAC = bytes.fromhex("aabbccddeef1")  # no octet of it is a control character


@pytest.mark.parametrize(
    ("row", "name", "port"),
    [
        ({"lldpRemSysName": b"nbo-sw-1", "lldpRemPortIdSubtype": 5, "lldpRemPortId": b"Gi0/1"}, "nbo-sw-1", "Gi0/1"),
        (
            {"lldpRemChassisIdSubtype": 4, "lldpRemChassisId": MAC} | {"lldpRemPortIdSubtype": 3, "lldpRemPortId": MAC},
            "aa:bb:cc:dd:ee:f1",
            "aa:bb:cc:dd:ee:f1",
        ),
        (
            {"lldpRemSysName": b"", "lldpRemChassisIdSubtype": 7, "lldpRemChassisId": b"phone-7"}
            | {"lldpRemPortIdSubtype": 3, "lldpRemPortId": MAC, "lldpRemPortDesc": b"SW PORT"},
            "phone-7",
            "SW PORT",
        ),
    ],
)
def test_a_neighbour_without_a_name_has_its_address(row: dict[str, Raw], name: str, port: str) -> None:
    (found,) = take({"lldpRemTable": {(0, 10, 1): row}, "ifXTable": PORTS}).records["neighbors"]
    assert (found["local_port"], found["remote_name"], found["remote_port"]) == ("Gi0/1", name, port)


def test_a_host_without_processors_tells_how_busy_it_is_and_disks_as_df_does() -> None:
    disks: Rows = {(1,): {"dskPath": b"/", "dskTotal": 1000, "dskUsed": 500, "dskPercent": 53}}
    taken = take({"dskTable": disks}, "net-snmp-linux", ssCpuIdle=88)
    assert [(row["name"], row["usage_pct"], row["oid"]) for row in taken.records["processors"]] == [
        ("All processors", 12, "1.3.6.1.4.1.2021.11.11.0")
    ]
    assert [row["used_pct"] for row in taken.records["storage"]] == [53]


def test_a_probe_whose_life_is_over_is_told() -> None:
    probes: Rows = {(7,): {"rttMonCtrlOperState": 6}, (8,): {"rttMonCtrlOperState": 5}}
    assert states(take({"rttMonCtrlOperTable": probes}, "cisco-ios")) == [
        ("Probe 7", "active", "ok"),
        ("Probe 8", "inactive", "warning"),
    ]
