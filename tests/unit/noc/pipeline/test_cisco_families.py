"""Cisco's families of which there is no recording, on answers made by their MIBs."""

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


def take(profile: str, tables: dict[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables or {})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def told(taken: Snapshot) -> dict[str, tuple[float | None, str]]:
    return {sensor.name: (sensor.value, sensor.status) for sensor in taken.sensors}


def failover(**rows: tuple[int, bytes]) -> dict[str, tuple[float | None, str]]:
    number = {"interface": (4,), "primary": (6,), "secondary": (7,)}
    columns = {
        number[name]: {"cfwHardwareStatusValue": value, "cfwHardwareStatusDetail": detail}
        for name, (value, detail) in rows.items()
    }
    return told(take("cisco-asa", {"cfwHardwareStatusTable": {at: dict(row) for at, row in columns.items()}}))


def test_a_firewall_without_failover_raises_no_alarm() -> None:
    alone = failover(interface=(3, b"not Configured"), primary=(3, b"Failover Off"), secondary=(3, b"Failover Off"))
    assert {status for _, status in alone.values()} == {"unknown"}


def test_a_firewall_whose_other_unit_is_down_does() -> None:
    pair = failover(interface=(2, b"folink"), primary=(9, b"Active unit"), secondary=(4, b"Failed"))
    assert [status for _, status in pair.values()] == ["ok", "ok", "critical"]


def stack(roles: dict[int, int], ring: int) -> dict[str, tuple[float | None, str]]:
    members: Rows = {
        (1000 + number,): {"cswSwitchNumCurrent": number, "cswSwitchRole": role, "cswSwitchState": 4}
        for number, role in roles.items()
    }
    ports: Rows = {(5179,): {"cswStackPortOperStatus": 2}}
    return told(
        take("cisco-ios", {"cswSwitchInfoTable": members, "cswStackPortInfoTable": ports}, cswRingRedundant=ring)
    )


def test_a_stack_with_a_broken_ring_is_warned_of() -> None:
    found = stack({1: 1, 2: 2}, ring=2)
    assert found["Stack member 2"] == (4, "ok")
    assert found["Stack ring"] == (2, "warning")
    assert found["Stack port"] == (2, "warning")


def test_a_switch_alone_has_no_ring_to_break() -> None:
    found = stack({1: 1}, ring=2)
    assert found["Stack ring"] == (2, "ok")
    assert found["Stack port"] == (2, "unknown")


def test_mobile_radio_is_told_in_tenths_of_a_decibel() -> None:
    row: dict[str, Raw] = {"cwceLteCurrRsrp": -97, "cwceLteCurrRsrq": -110, "cwceLteCurrSnr": 84}
    tables: dict[str, Rows] = {
        "cwceLteRadioTable": {(13,): row},
        "entPhysicalTable": {(13,): {"entPhysicalName": b"M"}},
    }
    found = told(take("cisco-iosxe", tables))
    assert (found["RSRP M"][0], found["RSRQ M"][0], found["SNR M"][0]) == (-97, -11, 8.4)


def test_a_probe_of_voice_has_its_mean_opinion_score() -> None:
    tables: dict[str, Rows] = {"rttMonLatestJitterOperTable": {(7,): {"rttMonLatestJitterOperMOS": 406}}}
    assert told(take("cisco-ios", tables))["MOS of probe 7"] == (4.06, "ok")
    tables = {"rttMonLatestJitterOperTable": {(7,): {"rttMonLatestJitterOperMOS": 0}}}
    assert told(take("cisco-ios", tables)) == {}


@pytest.mark.parametrize(("octets", "seconds"), [("00018000", 1.5), ("ffff0000", -1), ("00000000", 0)])
def test_an_offset_of_ntp_is_told_in_seconds(octets: str, seconds: float) -> None:
    row: dict[str, Raw] = {
        "cntpPeersPeerAddress": "10.0.0.1",
        "cntpPeersReach": 255,
        "cntpPeersOffset": bytes.fromhex(octets),
    }
    found = told(take("cisco-nxos", {"cntpPeersVarTable": {(1,): row}}))
    assert found == {"NTP offset from 10.0.0.1": (seconds, "ok")}


@pytest.mark.parametrize("address", [{}, {"cntpPeersPeerAddress": "0.0.0.0"}])
def test_a_peer_of_ntp_without_an_address_is_called_by_its_association(address: dict[str, Raw]) -> None:
    row: dict[str, Raw] = {"cntpPeersReach": 255, "cntpPeersOffset": b"\0\1\0\0", **address}
    assert set(told(take("cisco-nxos", {"cntpPeersVarTable": {(17,): row}}))) == {"NTP offset from association 17"}


def test_a_peer_of_ntp_that_does_not_answer_has_no_offset() -> None:
    row: dict[str, Raw] = {"cntpPeersReach": 0, "cntpPeersOffset": b"\0\1\0\0"}
    assert told(take("cisco-nxos", {"cntpPeersVarTable": {(1,): row}})) == {}


def test_a_clock_that_is_not_in_step_is_warned_of() -> None:
    assert told(take("cisco-ios", cntpSysLeap=3, cntpSysStratum=16))["NTP clock"] == (3, "warning")


def test_flash_of_more_than_four_gigabytes_is_told_by_the_wide_columns() -> None:
    partition: dict[str, Raw] = {
        "ciscoFlashPartitionSize": 4294967295,
        "ciscoFlashPartitionFreeSpace": 4294967295,
        "ciscoFlashPartitionSizeExtended": 7897796608,
        "ciscoFlashPartitionFreeSpaceExtended": 5000000000,
    }
    tables: dict[str, Rows] = {
        "ciscoFlashDeviceTable": {(1,): {"ciscoFlashDeviceName": b"bootflash"}},
        "ciscoFlashPartitionTable": {(1, 1): partition},
    }
    (row,) = take("cisco-iosxe", tables).records["storage"]
    assert (row["name"], row["total_bytes"], row["used_bytes"]) == ("bootflash:", 7897796608, 2897796608)


def test_vrfs_come_from_the_draft_where_the_standard_is_missing() -> None:
    draft: dict[str, Rows] = {"mplsVpnVrfTable": {(3, 118, 112, 110): {"mplsVpnVrfOperStatus": 1}}}
    rows = take("cisco-ios", draft).records["mpls_vrfs"]
    whole = {"name": "vpn", "oper_status": "up", "active_interfaces": None, "interfaces": None}
    assert [dict(row) for row in rows] == [whole]
    nameless: dict[str, Rows] = {"mplsL3VpnVrfTable": {(3, 118, 112, 110): {"mplsL3VpnVrfRD": b"65000:1"}}}
    rows = take("cisco-iosxr", nameless).records["mpls_vrfs"]
    assert [(row["name"], row["oper_status"]) for row in rows] == [("vpn", None)]
    cisco: dict[str, Rows] = {"cvVrfTable": {(1,): {"cvVrfName": b"management", "cvVrfOperStatus": 2}}}
    rows = take("cisco-nxos", cisco).records["mpls_vrfs"]
    assert [(row["name"], row["oper_status"]) for row in rows] == [("management", "down")]


def test_a_peer_in_a_vrf_counts() -> None:
    row: dict[str, Raw] = {"cbgpPeer3State": 6, "cbgpPeer3RemoteAs": 65001, "cbgpPeer3FsmEstablishedTime": 60}
    (peer,) = take("cisco-iosxe", {"cbgpPeer3Table": {(5, 1, 4, 10, 1, 2, 3): row}}).records["bgp_peers"]
    assert (peer["peer"], peer["state"], peer["remote_as"]) == ("10.1.2.3", "established", 65001)


def test_an_old_router_has_its_processor_by_the_old_mib() -> None:
    (processor,) = take("cisco-ios", avgBusy5=7).records["processors"]
    assert (processor["usage_pct"], processor["oid"]) == (7, "1.3.6.1.4.1.9.2.1.58.0")


def test_a_call_manager_counts_its_phones() -> None:
    tables: dict[str, Rows] = {
        "ccmTable": {(1,): {"ccmName": b"cm-pub", "ccmVersion": b"12.5.1", "ccmStatus": 2}},
        "ccmGatewayTable": {(9,): {"ccmGatewayName": b"vg-1", "ccmGatewayStatus": 3}},
    }
    taken = take("cisco-ucos", tables, ccmRegisteredPhones=412, ccmUnregisteredPhones=9)
    found = told(taken)
    assert taken.device.version == "12.5.1"
    assert (found["Call manager cm-pub"], found["Gateway vg-1"]) == ((2, "ok"), (3, "critical"))
    assert (found["Phones registered"][0], found["Phones not registered"][0]) == (412, 9)


def test_a_unity_server_says_what_is_installed() -> None:
    rows: Rows = {
        (1,): {"sysApplInstallPkgProductName": b"Cisco Tomcat", "sysApplInstallPkgVersion": b"7"},
        (2,): {"sysApplInstallPkgProductName": b"Connection System Agent", "sysApplInstallPkgVersion": b"11.5.1"},
    }
    assert take("cisco-ucos", {"sysApplInstallPkgTable": rows}).device.version == "11.5.1"


def test_a_wireless_controller_is_read_by_its_own_mib() -> None:
    taken = take(
        "cisco-wlc",
        {"bsnDot11EssTable": {(1,): {"bsnDot11EssSsid": b"staff", "bsnDot11EssNumberOfMobileStations": 31}}},
        agentInventoryMachineModel=b"AIR-CT5508-K9",
        agentCurrentCPUUtilization=4,
        agentTotalMemory=1000,
        agentFreeMemory=250,
        bsnSensorTemperature=70,
        bsnTemperatureAlarmHighLimit=65,
        agentSwitchInfoPowerSupply1Present=1,
        agentSwitchInfoPowerSupply1Operational=2,
        agentSwitchInfoPowerSupply2Present=2,
        agentSwitchInfoPowerSupply2Operational=2,
    )
    assert told(taken) == {
        "Temperature": (70, "critical"),
        "Power supply 1": (2, "critical"),
        "Clients of staff": (31, "ok"),
    }
    assert taken.device.model == "AIR-CT5508-K9"
    assert taken.records["processors"][0]["usage_pct"] == 4
    assert (taken.records["memory"][0]["used_bytes"], taken.records["memory"][0]["used_pct"]) == (768000, 75)


def test_groups_of_gateways_are_told_with_the_address_that_they_stand_in_for() -> None:
    tables: dict[str, Rows] = {
        "ifXTable": {(3,): {"ifName": b"Vlan10"}},
        "cHsrpGrpTable": {
            (3, 10): {"cHsrpGrpVirtualIpAddr": "10.0.0.1", "cHsrpGrpStandbyState": 6},
            (3, 11): {"cHsrpGrpVirtualIpAddr": "0.0.0.0", "cHsrpGrpStandbyState": 1},
        },
        "vrrpOperTable": {(3, 7): {"vrrpOperState": 3, "vrrpOperAdminState": 1}},
        "vrrpAssoIpAddrTable": {
            (3, 7, 10, 0, 1, 1): {"vrrpAssoIpAddrRowStatus": 1},
            (4, 9, 10, 0, 2, 1): {"vrrpAssoIpAddrRowStatus": 1},
        },
    }
    rows = take("cisco-ios", tables).records["gateway_groups"]
    found = {tuple(row[name] for name in ("protocol", "group", "interface", "address", "state")) for row in rows}
    assert found == {
        ("hsrp", 10, "Vlan10", "10.0.0.1", "active"),
        ("hsrp", 11, "Vlan10", None, "initial"),
        ("vrrp", 7, "Vlan10", "10.0.1.1", "active"),
    }
